import assert from "node:assert/strict";
import { fakePrompter } from "../testing.ts";
import { beforeQuestions } from "./prompter.ts";

Deno.test("beforeQuestions: calls the function before every kind of question, and keeps what the prompter is", async () => {
  const inner = fakePrompter(["a", "b", "one", "one", "y"], "lines");
  const counts: number[] = [];
  const prompter = beforeQuestions(inner, () => Promise.resolve(void counts.push(inner.asked.length)));
  const question = { message: "?", line: "? ", option: "" };
  const list = { ...question, choices: [{ value: 1, label: "one" }] };
  const answers = [
    await prompter.text(question),
    await prompter.secret(question),
    await prompter.choose(list),
    await prompter.chooseMany(list),
    await prompter.confirm({ ...question, fallback: false }),
  ];
  assert.deepEqual([answers, counts], [["a", "b", 1, [1], true], [0, 1, 2, 3, 4]]);
  assert.deepEqual([prompter.kind, prompter.piped], [inner.kind, inner.piped]);
});
