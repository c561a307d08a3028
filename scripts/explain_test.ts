import assert from "node:assert/strict";
import { explain } from "./explain.ts";

Deno.test("explain(): shows the code of each place, and warns when it is another commit's", () => {
  const report = [
    "TypeError: x is not a function",
    "    at a (file:///tmp/deno-compile-x/commands-1a2b.js:2:8)",
    "    at file:///tmp/deno-compile-x/other-77.js:1:1",
    "    at ext:core/01_core.js:1:1",
  ];
  const files: Readonly<Record<string, string>> = { "commands-1a2b.js": "one;\nlet y=x(),z;" };
  assert.deepEqual(explain(report.join("\n"), (name) => files[name]).split("\n"), [
    report[0],
    report[1],
    "      let y=x <<HERE>> (),z;",
    report[2],
    "      (this commit has no such file)",
    report[3],
  ]);
});
