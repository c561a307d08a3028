import assert from "node:assert/strict";
import { Exit } from "../errors.ts";
import { reportBug } from "./report_bug.ts";

Deno.test("reportBug() reports whose fault it is, shows the stack, and gives exit code 1", () => {
  const written: string[] = [];
  const error = new TypeError("x is not a function");
  assert.equal(reportBug(error, (text) => void written.push(text)), Exit.bug);
  const [first, second, ...stack] = written.join("").split("\n");
  assert.match(first ?? "", /^onelogin-aws-assume-role: error: this is a bug/);
  assert.match(second ?? "", /^onelogin-aws-assume-role: hint: .*secrets/);
  assert.match(stack.join("\n"), /^TypeError: x is not a function\n +at /);
});

Deno.test("reportBug() shows what was thrown when it is no error", () => {
  const written: string[] = [];
  assert.equal(reportBug("odd", (text) => void written.push(text)), Exit.bug);
  assert.match(written.join(""), /\nodd\n$/);
});
