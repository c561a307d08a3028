import { Exit, UserError } from "../../errors.ts";
import type { Prompter, Question } from "../../io/prompter.ts";

/** For `--no-input` and `credential-process`: every question is an error that names the option. */
export function noPrompter(): Prompter {
  const refuse = (question: Question) => Promise.reject(cannotAsk(question, "prompts are forbidden here"));
  return { kind: "none", text: refuse, secret: refuse, choose: refuse, chooseMany: refuse, confirm: refuse };
}

/** The error for a question without an answer. */
export function cannotAsk(question: Question, why: string): UserError {
  return new UserError(`cannot continue without an answer to ${JSON.stringify(question.line.trim())}: ${why}`, {
    exit: Exit.input,
    hint: question.option.startsWith("--") ? `use ${question.option}` : question.option,
  });
}
