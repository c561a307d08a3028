import assert from "node:assert/strict";
import { UserError } from "../../errors.ts";
import { cannotAsk, noPrompter } from "./none.ts";

const QUESTION = { message: "What?", line: "Name: ", option: "--what" };

Deno.test("noPrompter() refuses every question with exit 8 and names what would have answered it", async () => {
  const ask = noPrompter();
  const menu = { ...QUESTION, choices: [{ value: 1, label: "one" }] };
  for (
    const asked of [
      ask.text({ ...QUESTION, fallback: "x" }),
      ask.secret({ ...QUESTION, emptyAllowed: true }),
      ask.choose(menu),
      ask.chooseMany(menu),
      ask.confirm({ ...QUESTION, fallback: true }),
    ]
  ) {
    await assert.rejects(
      asked,
      (error) => error instanceof UserError && error.exit === 8 && error.hints.join() === "use --what",
    );
  }
});

Deno.test("cannotAsk() quotes the question without its space", () => {
  assert.equal(cannotAsk(QUESTION, "why").message, 'cannot continue without an answer to "Name:": why');
});
