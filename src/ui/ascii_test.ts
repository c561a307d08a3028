import assert from "node:assert/strict";
import { fakeTerminal } from "../testing.ts";
import { fittingTerminal, inAscii, showsUnicode } from "./ascii.ts";

Deno.test("showsUnicode: the locale on Unix, known terminals on Windows", () => {
  const on = (platform: "linux" | "windows", env: Readonly<Record<string, string>>) => showsUnicode({ platform, env });
  for (const LANG of ["en_US.UTF-8", "C.utf8", ""]) assert.ok(on("linux", { LANG }), LANG);
  assert.ok(on("linux", {}));
  for (const LANG of ["C", "POSIX", "de_DE", "de_DE.ISO-8859-1", "de_DE@euro"]) assert.ok(!on("linux", { LANG }), LANG);
  assert.ok(!on("linux", { LANG: "en_US.UTF-8", LC_CTYPE: "C" }));
  assert.ok(on("linux", { LANG: "C", LC_CTYPE: "C", LC_ALL: "en_US.UTF-8" }));
  assert.ok(!on("windows", {}));
  assert.ok(on("windows", { WT_SESSION: "1" }));
});

Deno.test("inAscii: signs become similar ones, letters lose their accents", () => {
  assert.equal(
    inAscii("Signing in… Admin · Prod → é ß 日 \u001b[31m◆│└─● ○ ⠋"),
    "Signing in... Admin - Prod -> e ? ? \u001b[31m*|+->   *",
  );
});

Deno.test("fittingTerminal: a screen gets ASCII, a pipe every text as it is", () => {
  const screen = { ...fakeTerminal(), stderrIsTerminal: true };
  const written: string[] = [];
  const terminal = fittingTerminal({
    env: { LANG: "C" },
    platform: "linux",
    terminal: { ...screen, draw: (text) => void written.push(text), writeOut: (text) => void written.push(text) },
  });
  terminal.draw("a…");
  terminal.writeOut("a…");
  assert.deepEqual(written, ["a...", "a…"]);
});
