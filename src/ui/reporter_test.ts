import assert from "node:assert/strict";
import { fakeTerminal } from "../testing.ts";
import { silentReporter, stderrReporter } from "./reporter.ts";

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

Deno.test("stderrReporter() says with --quiet only what must be known, and with --verbose the details", () => {
  assert.equal(said({ quiet: true }).err, "onelogin-aws-assume-role: warning: warn\n");
  assert.match(said({ verbose: true }).err, /^onelogin-aws-assume-role: detail$/m);
});

Deno.test("stderrReporter() redraws one line on a terminal, cut to its width, and clears it at the end", () => {
  const terminal = {
    ...fakeTerminal(),
    columns: () => 20,
    err: "",
    writeErr: (text: string) => void (terminal.err += text),
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

Deno.test("silentReporter() says nothing at all", () => {
  const reporter = silentReporter();
  assert.deepEqual([reporter.info("a"), reporter.warn("b"), reporter.detail("c")], [undefined, undefined, undefined]);
  const progress = reporter.progress("d");
  assert.deepEqual([progress.update("e"), progress.end("f")], [undefined, undefined]);
});
