import assert from "node:assert/strict";
import { manPage } from "./man_page.ts";
import { COMMANDS, OPTIONS, REFUSED } from "../../src/argv/options.ts";

const page = manPage();

/** The words of the page as a person reads them. */
const read = page.replaceAll("\\-", "-").replace(/\\f[BIR]/g, "").replaceAll("\\(ti", "~");

Deno.test("manPage: every option, short form, variable and command is in it", () => {
  for (const row of OPTIONS) {
    const names = [...(row.short === undefined ? [] : [row.short]), ...row.long].join(", ");
    assert.ok(read.includes(`.TP\n${names}${row.metavar === undefined ? "" : ` ${row.metavar}`}\n`), names);
    if (row.env !== undefined) assert.ok(read.includes(`.TP\n${row.env}\n`), row.env);
  }
  for (const { long } of REFUSED) assert.ok(read.includes(`.TP\n${long}\n`), long);
  for (const command of COMMANDS) {
    if (command !== "login") assert.match(read, new RegExp(`\\.TP\\n${command}[ \\n]`), command);
  }
});

Deno.test("manPage: a line starts with a macro that man(7) has, or with text", () => {
  const macros = new Set(["TH", "SH", "SS", "TP", "PP", "B", "BR", "br", "nf", "fi", "ad"]);
  for (const line of page.split("\n")) {
    const macro = /^[.'](\S*)/.exec(line)?.[1];
    assert.ok(macro === undefined || macro === '\\"' || macros.has(macro), line);
  }
});

for (
  const [tool, args] of [
    ["mandoc", ["-T", "lint"]],
    ["groff", ["-man", "-ww", "-z", "-Tutf8"]],
  ] as const
) {
  const missing = !await installed(tool);
  if (missing) console.error(`a test of the manual page is skipped: ${tool} is not installed`);
  Deno.test({
    name: `manPage: ${tool} finds nothing to warn about`,
    ignore: missing,
    async fn() {
      const child = new Deno.Command(tool, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" })
        .spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(page));
      await writer.close();
      const { stdout, stderr } = await child.output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      // A date would make the page differ from day to day.
      assert.deepEqual(said.split("\n").filter((line) => line !== "" && !line.includes("missing date")), []);
    },
  });
}

async function installed(tool: string): Promise<boolean> {
  try {
    await new Deno.Command(tool, { args: ["--version"], stdin: "null", stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
