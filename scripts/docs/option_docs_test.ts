import assert from "node:assert/strict";
import { optionDocs } from "./option_docs.ts";
import { COMMANDS, OPTIONS, REFUSED } from "../../src/argv/options.ts";

Deno.test("optionDocs: every option, command, variable and refused name is in it once", () => {
  const lines = optionDocs().split("\n");
  for (const row of OPTIONS) {
    const own = lines.filter((line) => line.startsWith("- `-") && line.includes(`\`${row.long[0]}\``));
    assert.equal(own.length, 1, row.key);
    for (const name of [...row.long, row.short, row.env].filter((one) => one !== undefined)) {
      assert.ok(own[0]?.includes(`\`${name}\``), `${row.key}: ${name}`);
    }
  }
  for (const command of COMMANDS.filter((one) => one !== "login")) {
    assert.equal(lines.filter((line) => line.startsWith(`- \`${command}`)).length, 1, command);
  }
  const refused = lines.slice(lines.indexOf("## Refused"), lines.indexOf("## Environment"));
  for (const { long } of REFUSED) {
    assert.equal(refused.filter((line) => line.split(": ")[0]?.includes(`\`${long}\``)).length, 1, long);
  }
});
