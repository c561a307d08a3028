import assert from "node:assert/strict";
import { warningFinding } from "./settings_findings.ts";

Deno.test("warningFinding: the way out is a fix of its own", () => {
  for (
    const [line, text, fix] of [
      [
        '"/s.json" can be changed by other users of this machine; run: chmod 600 "/s.json"',
        '"/s.json" can be changed by other users of this machine',
        'chmod 600 "/s.json"',
      ],
      [
        '"/a.json", line 3: the key "usrname" is unknown and ignored; did you mean "username"?',
        '"/a.json", line 3: the key "usrname" is unknown and ignored',
        'use "username" instead, or remove the key',
      ],
      [
        '"/a.json", line 3: the key "x" is unknown and ignored',
        '"/a.json", line 3: the key "x" is unknown and ignored',
        "remove the key from the file",
      ],
      [
        '"/a.json", line 3: "x" is repeated; the last one counts',
        '"/a.json", line 3: "x" is repeated; the last one counts',
        "remove one of the two",
      ],
    ] as const
  ) assert.deepEqual(warningFinding(line), { area: "settings", level: "warn", text, fix });
});

Deno.test("warningFinding: what advises nothing has no fix", () => {
  assert.deepEqual(warningFinding("-z 5: using 900"), { area: "settings", level: "warn", text: "-z 5: using 900" });
});
