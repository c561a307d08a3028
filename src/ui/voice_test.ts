import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { coloursOf, link, paint, repaint, sayError, sayLine, sayWarning, showsLinks, type Voice } from "./voice.ts";

function heard(voice: Partial<Voice>, columns: number, speak: (voice: Voice) => void): string {
  let text = "";
  const terminal = { draw: (more: string) => void (text += more), columns: () => columns };
  speak({ terminal, person: false, colours: false, ...voice });
  return text;
}

const ERROR = new UserError('cannot read the settings file "/home/ada/.onelogin/onelogin.aws.json"', {
  exit: 2,
  hint: ["remove the comma", "run onelogin-aws-assume-role doctor"],
});

Deno.test("sayError(): in a pipe each line has the program's name, whatever its length", () => {
  const name = "onelogin-aws-assume-role";
  assert.equal(
    heard({}, 20, (voice) => sayError(voice, ERROR)),
    `${name}: error: ${ERROR.message}\n${name}: hint: remove the comma\n${name}: hint: run ${name} doctor\n`,
  );
});

Deno.test("sayError(): on a terminal the name appears once, lines break at words, a path stays whole", () => {
  assert.equal(
    heard({ person: true }, 50, (voice) => sayError(voice, ERROR)),
    `onelogin-aws-assume-role: error: cannot read the
  settings file
  "/home/ada/.onelogin/onelogin.aws.json"
hint: remove the comma
hint: run onelogin-aws-assume-role doctor
`,
  );
});

Deno.test("sayWarning(): colours the one word, and a server's escape codes are gone", () => {
  const text = heard({ person: true, colours: true }, 80, (voice) => sayWarning(voice, "a\u001b[31mb\nerror: forged"));
  assert.equal(text, "\u001b[33mwarning\u001b[39m: a [31mb error: forged\n");
  assert.equal(heard({}, 80, (voice) => sayLine(voice, "x\u202ey")), "x y\n");
});

Deno.test("paint(): only if colours are shown", () => {
  assert.equal(paint("ok", "green", false), "ok");
  assert.equal(paint("ok", undefined, true), "ok");
  assert.equal(paint("ok", "green", true), "\u001b[32mok\u001b[39m");
});

Deno.test("sayError(): on Windows the home folder is %USERPROFILE%", () => {
  const error = new UserError("cannot log in", { exit: 2, hint: 'put "client_id" into ~/.onelogin/onelogin.sdk.json' });
  const said = (windows: boolean) => heard({ windows }, 80, (voice) => sayError(voice, error));
  assert.match(said(true), /into %USERPROFILE%\\\.onelogin\\onelogin\.sdk\.json\n$/);
  assert.match(said(false), /into ~\/\.onelogin\/onelogin\.sdk\.json\n$/);
});

/** WCAG 2, relative luminance. */
function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => value / 255).map((value) =>
    value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** One of xterm's colours from 16 to 231. */
function xtermColour(index: number): readonly number[] {
  const cube = index - 16;
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => level === 0 ? 0 : 55 + level * 40);
}

Deno.test("paint(): each fixed colour is readable on white and on black", () => {
  for (const colour of ["red", "yellow", "green", "cyan"] as const) {
    // deno-lint-ignore no-control-regex
    const [, index = ""] = /^\u001b\[38;5;(\d+)mx\u001b\[39m$/.exec(paint("x", colour, 256)) ?? [];
    const light = luminance(xtermColour(Number(index)));
    assert.ok(1.05 / (light + 0.05) > 3.9, `${colour} on white`);
    assert.ok((light + 0.05) / 0.05 > 3.9, `${colour} on black`);
  }
});

Deno.test("repaint(): no faint and no gray text, no bright colours, and none at all without colours", () => {
  const drawn = "\u001b[2mfaint\u001b[22m \u001b[90mgray\u001b[39m \u001b[33mmark\u001b[39m \u001b[7mcursor\u001b[27m";
  const plain = "faint\u001b[22m \u001b[39mgray\u001b[39m ";
  const cursor = " \u001b[7mcursor\u001b[27m";
  assert.equal(repaint(drawn, 256), `${plain}\u001b[38;5;130mmark\u001b[39m${cursor}`);
  assert.equal(repaint(drawn, true), `${plain}\u001b[33mmark\u001b[39m${cursor}`);
  assert.ok(!repaint("\u001b[33mx\u001b[39m", false).includes("\u001b"));
});

Deno.test("coloursOf(), showsLinks(): by what the terminal puts into the environment", () => {
  const on = (env: Readonly<Record<string, string>>) =>
    showsLinks({ env: { TERM: "xterm", ...env }, platform: "linux" });
  for (
    const env of [{ TERM_PROGRAM: "iTerm.app" }, { TERM: "xterm-kitty" }, { VTE_VERSION: "7600" }, { WT_SESSION: "1" }]
  ) {
    assert.ok(on(env), JSON.stringify(env));
    assert.ok(!on({ ...env, TMUX: "1" }), "tmux may not pass it on");
    assert.ok(!on({ ...env, ACCESSIBLE: "1" }) && !on({ ...env, TERM: "dumb" }));
  }
  for (const env of [{}, { TERM_PROGRAM: "Apple_Terminal" }, { VTE_VERSION: "4600" }, { TERM: "linux" }]) {
    assert.ok(!on(env), JSON.stringify(env));
  }
  assert.deepEqual(["linux", "xterm-256color"].map((TERM) => coloursOf({ env: { TERM } })), [true, 256]);
  assert.equal(link("https://x/"), "\u001b]8;;https://x/\u001b\\https://x/\u001b]8;;\u001b\\");
});
