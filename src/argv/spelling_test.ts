import assert from "node:assert/strict";
import { COMMANDS } from "./options.ts";
import { closest, didYouMean } from "./spelling.ts";

Deno.test("closest: knows one mistake from another word", () => {
  assert.equal(closest("staus", COMMANDS), "status");
  assert.equal(closest("hunter2", COMMANDS), undefined);
  assert.equal(closest("", COMMANDS), undefined);
});

Deno.test("didYouMean: one hint, or none", () => {
  assert.deepEqual(didYouMean("staus", COMMANDS), ['did you mean "status"?']);
  assert.deepEqual(didYouMean("hunter2", COMMANDS), []);
});
