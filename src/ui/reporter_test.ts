import assert from "node:assert/strict";
import { fakeTerminal } from "../testing.ts";
import { stderrReporter } from "./reporter.ts";
import { silentReporter } from "./silent_reporter.ts";

const VOLUME = { quiet: false, verbose: false, redraws: false } as const;

function said(volume: Partial<typeof VOLUME | { quiet: boolean; verbose: boolean; redraws: boolean }>) {
  const terminal = fakeTerminal();
  const reporter = stderrReporter(terminal, { ...VOLUME, ...volume });
  reporter.info("info");
  reporter.warn("warn");
  reporter.detail("detail");
  const progress = reporter.progress("working");
  progress.update("half");
  progress.end("done");
  return terminal;
}

Deno.test("stderrReporter() writes to stderr only: remarks, warnings with the program's name, and progress as lines", () => {
  const { out, err } = said({});
  assert.equal(out, "");
  assert.equal(err, "info\nonelogin-aws-assume-role: warning: warn\nworking\ndone\n");
});

Deno.test("stderrReporter() reports with --quiet only what must be known, and with --verbose the details", () => {
  assert.equal(said({ quiet: true }).err, "onelogin-aws-assume-role: warning: warn\n");
  assert.match(said({ verbose: true }).err, /^onelogin-aws-assume-role: detail$/m);
});

Deno.test("stderrReporter() redraws one line on a terminal, cut to its width, and clears it at the end", () => {
  const terminal = {
    ...fakeTerminal(),
    columns: () => 20,
    err: "",
    draw: (text: string) => void (terminal.err += text),
  };
  const progress = stderrReporter(terminal, { ...VOLUME, redraws: true }).progress(
    "a text that is longer than the line",
  );
  progress.update("short");
  progress.end();
  assert.ok(!terminal.err.includes("\n"));
  for (const line of terminal.err.split("\r\x1b[K")) assert.ok([...line].length < 20, line);
  assert.ok(terminal.err.endsWith("\r\x1b[K"));
});

Deno.test("silentReporter() prints nothing at all", () => {
  const reporter = silentReporter();
  assert.deepEqual([reporter.info("a"), reporter.warn("b"), reporter.detail("c")], [undefined, undefined, undefined]);
  const progress = reporter.progress("d");
  assert.deepEqual([progress.update("e"), progress.end("f")], [undefined, undefined]);
});

Deno.test("stderrReporter() shows foreign text on one line without what cannot be seen (attacker: who writes it)", () => {
  const evil = "a\u001b[2Jb\u009bc\u202ed\u200be\nonelogin-aws-assume-role: error: f\r\u{e0041}g";
  const shown = "a [2Jb c d e onelogin-aws-assume-role: error: f g";
  for (const redraws of [false, true]) {
    const terminal = fakeTerminal();
    terminal.columns = () => 200;
    const reporter = stderrReporter(terminal, { quiet: false, verbose: true, redraws });
    reporter.info(evil);
    reporter.warn(evil);
    reporter.detail(evil);
    const progress = reporter.progress(evil);
    progress.update(evil);
    progress.end(evil);
    // deno-lint-ignore no-control-regex
    const lines = terminal.err.replace(/\r\u001b\[K/g, "\n").split("\n").filter((line) => line !== "");
    assert.ok(lines.length >= 5);
    for (const line of lines) assert.ok(line.endsWith(shown), JSON.stringify(line));
  }
});
