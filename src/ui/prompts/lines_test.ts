import assert from "node:assert/strict";
import { Interrupted, UserError } from "../../errors.ts";
import type { Terminal } from "../../io/deps.ts";
import { fakeTerminal } from "../../testing.ts";
import { linePrompter } from "./lines.ts";

const QUESTION = { message: "What?", line: "Name: ", option: "--what" };
const MENU = {
  ...QUESTION,
  choices: ["a", "b", "c"].map((value) => ({ value, label: value.toUpperCase() })),
};

function prompter(lines: readonly string[], more: Partial<Terminal> = {}) {
  const terminal = { ...fakeTerminal(lines), ...more, err: "", out: "" };
  terminal.writeErr = (text: string) => void (terminal.err += text);
  terminal.writeOut = (text: string) => void (terminal.out += text);
  return { terminal, prompter: linePrompter(terminal, new AbortController().signal) };
}

function ended(error: unknown): boolean {
  return error instanceof UserError && error.exit === 8 && /the input has ended/.test(error.message) &&
    error.hints.join() === "use --what";
}

Deno.test("linePrompter() writes its questions to stderr and takes one line for each", async () => {
  const { prompter: ask, terminal } = prompter(["  ada ", "s3cret"]);
  assert.equal(await ask.text(QUESTION), "ada");
  assert.equal(await ask.secret({ ...QUESTION, line: "Password: " }), "s3cret");
  assert.deepEqual([terminal.out, terminal.err], ["", "Name: \nPassword: \n"]);
});

Deno.test("linePrompter() keeps the spaces of a secret, and asks again for an empty one unless it may be empty", async () => {
  assert.equal(await prompter([" two  words "]).prompter.secret(QUESTION), " two  words ");
  assert.equal(await prompter(["", "", "x"]).prompter.secret(QUESTION), "x");
  assert.equal(await prompter([""]).prompter.secret({ ...QUESTION, emptyAllowed: true }), "");
});

Deno.test("linePrompter() takes an empty answer for the default; without one it asks a person again and ends a script", async () => {
  assert.equal(await prompter([""]).prompter.text({ ...QUESTION, fallback: "us-west-2" }), "us-west-2");
  assert.equal(await prompter(["", " ", "x"], { stdinIsTerminal: true }).prompter.text(QUESTION), "x");
  await assert.rejects(prompter(["", "x"]).prompter.text(QUESTION), /its line is empty/);
  await assert.rejects(prompter(["", "x"]).prompter.secret({ ...QUESTION, password: true }), /its line is empty/);
});

Deno.test("linePrompter() takes no line for a password while there is a terminal, or once it is out of step", async () => {
  const password = { ...QUESTION, password: true };
  assert.equal(await prompter(["x"]).prompter.secret(password), "x");
  for (const terminal of [{ stderrIsTerminal: true }, { stdoutIsTerminal: true }]) {
    const { prompter: ask } = prompter(["1", "code"], terminal);
    await assert.rejects(ask.secret(password), (error) => {
      assert.ok(error instanceof UserError && error.exit === 8 && /--onelogin-password-stdin/.test(error.hints.join()));
      return true;
    });
    assert.equal(await ask.secret(QUESTION), "1", "the pipe stays for the other questions");
  }
  const { prompter: ask } = prompter(["x"]);
  ask.piped?.outOfStep();
  await assert.rejects(ask.secret(password), UserError);
});

Deno.test("linePrompter() lists a menu and takes a number of it, zero-based; anything else is asked again", async () => {
  const { prompter: ask, terminal } = prompter(["", "B", "-1", "3", "1.0", "99999999", "1"]);
  assert.equal(await ask.choose(MENU), "b");
  assert.equal(terminal.err.split(" 0 | A").length, 2, "the list is written once");
  assert.equal(terminal.err.split("Name: ").length, 8);
});

Deno.test("linePrompter() takes several numbers, and a repeated one once", async () => {
  assert.deepEqual(await prompter(["", "0 7", "2, 0 2"]).prompter.chooseMany(MENU), ["c", "a"]);
});

Deno.test("linePrompter() takes y and n; from a person also words, and the default for an empty answer", async () => {
  const ask = (line: string) =>
    prompter(["perhaps", line], { stdinIsTerminal: true }).prompter.confirm({ ...QUESTION, fallback: false });
  assert.deepEqual(await Promise.all(["y", "YES", "n", "No", ""].map(ask)), [true, true, false, false, false]);
  const piped = (lines: readonly string[]) =>
    prompter(lines).prompter.confirm({ ...QUESTION, line: "Name (y/n) ", fallback: true });
  assert.deepEqual(await Promise.all([["", "yes", "N"], ["3", "y"]].map(piped)), [false, true]);
  const own = prompter([""]).prompter.confirm({ ...QUESTION, line: "Write this? (Y/n) ", fallback: true });
  assert.equal(await own, true);
});

Deno.test("linePrompter() ends with exit 8 and the option when the input ends: no loop without end", async () => {
  const { prompter: ask } = prompter([]);
  for (
    const asked of [
      ask.text(QUESTION),
      ask.secret(QUESTION),
      ask.choose(MENU),
      ask.chooseMany(MENU),
      ask.confirm({ ...QUESTION, fallback: true }),
    ]
  ) {
    await assert.rejects(asked, ended);
  }
  await assert.rejects(prompter(["", "nonsense"]).prompter.choose(MENU), ended);
});

Deno.test("linePrompter() takes a Ctrl-C in the input for an interruption", async () => {
  await assert.rejects(prompter(["\u0003"]).prompter.text(QUESTION), Interrupted);
});

Deno.test("linePrompter() tells a person at a terminal what is wrong with an answer, and a script nothing", async () => {
  // Typed too early: stderr may be a file.
  const password = "correct horse";
  const person = prompter(["9", password, "1"], { stdinIsTerminal: true });
  assert.equal(await person.prompter.choose(MENU), "b");
  assert.match(person.terminal.err, /(?:Please enter a number from 0 to 2\n[^]*){2}/);
  const asked = prompter([password, "y"], { stdinIsTerminal: true });
  assert.equal(await asked.prompter.confirm({ ...QUESTION, fallback: false }), true);
  assert.match(asked.terminal.err, /Please answer y or n\n/);
  assert.ok(![person, asked].some(({ terminal }) => terminal.err.includes(password)));
  const script = prompter(["9", "1"]);
  assert.equal(await script.prompter.choose(MENU), "b");
  assert.doesNotMatch(script.terminal.err, /Please/);
});
