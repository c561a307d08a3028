import { Interrupted, oneLine } from "../../errors.ts";
import type { Terminal } from "../../io/deps.ts";
import type { ChooseQuestion, Prompter, Question } from "../../io/prompter.ts";
import { cannotAsk } from "./none.ts";

/**
 * For answers that come from a pipe: one a line, in the order and with the words of the Python tool, which scripts rely
 * on. Questions are written to stderr. A menu is answered by its number from 0; what is no number of it is asked again.
 */
export function linePrompter(terminal: Terminal, signal: AbortSignal): Prompter {
  async function ask(question: Question, secret = false): Promise<string> {
    terminal.writeErr(oneLine(question.line));
    const either = question.signal ? AbortSignal.any([question.signal, signal]) : signal;
    const answer = await (secret ? terminal.readSecretLine(either) : terminal.readLine(either));
    // A terminal has echoed the line end of the answer; for a pipe the next text would stand behind the question.
    if (!terminal.stdinIsTerminal) terminal.writeErr("\n");
    if (answer === undefined) throw cannotAsk(question, "the input has ended");
    if (answer.includes("\u0003")) throw new Interrupted();
    return answer;
  }

  async function askUntil<T>(question: Question, read: (answer: string) => T | undefined): Promise<T> {
    while (true) {
      const answer = (await ask(question)).trim();
      const value = read(answer);
      if (value !== undefined) return value;
      // A person has to hear why; a script's dialogue stays as it is.
      if (terminal.stdinIsTerminal) terminal.writeErr(`${oneLine(complaint(question, answer))}\n`);
    }
  }

  function list(question: ChooseQuestion<unknown>): void {
    for (const line of question.listing) terminal.writeErr(`${oneLine(line)}\n`);
  }

  return {
    kind: "lines",
    text: (question) => askUntil(question, (answer) => answer === "" ? question.fallback : answer),
    async secret(question) {
      while (true) {
        const answer = await ask(question, true);
        if (answer !== "" || question.emptyAllowed) return answer;
      }
    },
    choose(question) {
      list(question);
      return askUntil(question, (answer) => pick(question, answer));
    },
    chooseMany(question) {
      list(question);
      return askUntil(question, (answer) => {
        const picked = answer.split(/[\s,]+/).filter((part) => part !== "").map((part) => pick(question, part));
        return picked.length > 0 && picked.every((each) => each !== undefined) ? [...new Set(picked)] : undefined;
      });
    },
    confirm: (question) =>
      askUntil(question, (answer) => {
        if (answer === "") return question.fallback;
        return /^y(es)?$/i.test(answer) ? true : /^no?$/i.test(answer) ? false : undefined;
      }),
  };
}

/** Why an answer is asked for again. */
function complaint(question: Question, answer: string): string {
  if (answer === "") return "Please type an answer";
  if (!("choices" in question)) return `${JSON.stringify(answer)} is neither y nor n`;
  return `${JSON.stringify(answer)} is not one of 0 to ${(question as ChooseQuestion<unknown>).choices.length - 1}`;
}

function pick<T>(question: ChooseQuestion<T>, answer: string): T | undefined {
  return /^\d{1,6}$/.test(answer) ? question.choices[Number(answer)]?.value : undefined;
}
