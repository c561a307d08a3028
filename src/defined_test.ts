import assert from "node:assert/strict";
import { defined } from "./defined.ts";

Deno.test("defined(): keeps every value but undefined", () => {
  assert.deepEqual(defined({ a: undefined, b: 0, c: "", d: null, e: false }), { b: 0, c: "", d: null, e: false });
});
