import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { paint, sayError, sayLine, sayWarning, type Voice } from "./voice.ts";

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

Deno.test("sayError(): on a terminal the name stands once, lines break at words, a path stays whole", () => {
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

Deno.test("paint(): only where colours are shown", () => {
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
