import assert from "node:assert/strict";
import { normalAccountId } from "./account_id.ts";

Deno.test("normalAccountId: only the form of the console is changed", () => {
  assert.deepEqual([" 1234-5678-9012 ", "22222222", "1234-5678", "0123"].map(normalAccountId), [
    "123456789012",
    "22222222",
    "1234-5678",
    "0123",
  ]);
});
