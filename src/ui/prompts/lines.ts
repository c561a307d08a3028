import { Exit, Interrupted, oneLine, UserError } from "../../errors.ts";
import type { Terminal } from "../../io/deps.ts";
import type { ChooseQuestion, Prompter, Question } from "../../io/prompter.ts";
import { cannotAsk } from "./none.ts";

/**
 * For piped answers: one per line, in the order and with the words of the Python tool, which scripts rely
 * on. Questions are written to stderr. Menus are answered with a number from 0; an invalid answer is asked for again.
 *
 * A line that was meant for another question must never be posted as a password. So an empty line ends the run if the
 * Python tool would continue with its next question, and a password is read only while the questions are that tool's, and while
 * there is no terminal: that tool reads it from the terminal and menu answers from the pipe.
 */
export function linePrompter(terminal: Terminal, signal: AbortSignal): Prompter {
  const piped = !terminal.stdinIsTerminal;
  let inStep = true;

  function refusePassword(): void {
    if (!piped) return;
    const why = terminal.stderrIsTerminal || terminal.stdoutIsTerminal
      ? "the piped lines may be for other questions, since there is a terminal"
      : inStep
      ? undefined
      : "the piped lines may be for other questions that the Python tool would have asked";
    if (why === undefined) return;
    throw new UserError(`cannot read the OneLogin password from the pipe: ${why}`, {
      exit: Exit.input,
      hint: "set ONELOGIN_PASSWORD, or pipe the password as the first line with --onelogin-password-stdin",
    });
  }

  async function ask(question: Question, secret = false): Promise<string> {
    terminal.writeErr(oneLine(question.line));
    const either = question.signal ? AbortSignal.any([question.signal, signal]) : signal;
    const answer = await (secret ? terminal.readSecretLine(either) : terminal.readLine(either));
    // A terminal has echoed the line end of the answer; for a pipe the next text would follow the question directly.
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
      // Tell a user why; do not change a script's dialogue.
      if (terminal.stdinIsTerminal) terminal.writeErr(`${complaint(question, answer)}\n`);
    }
  }

  function list(question: ChooseQuestion<unknown>): void {
    for (const [index, { line, label }] of question.choices.entries()) {
      terminal.writeErr(oneLine(` ${index} | ${line ?? label}`) + "\n");
    }
  }

  return {
    kind: "lines",
    ...(piped ? { piped: { outOfStep: () => void (inStep = false) } } : {}),
    text: (question) =>
      askUntil(question, (answer) => {
        if (answer !== "") return answer;
        if (piped && question.fallback === undefined) throw cannotAsk(question, "its line is empty");
        return question.fallback;
      }),
    async secret(question) {
      if (question.password) refusePassword();
      while (true) {
        const answer = await ask(question, !question.code);
        if (answer === "" && piped && question.password) throw cannotAsk(question, "its line is empty");
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
        // The Python tool waits for one of the two letters.
        if (piped && question.line.includes("(y/n)")) {
          return /^[yn]$/i.test(answer) ? answer.toLowerCase() === "y" : undefined;
        }
        if (answer === "") return question.fallback;
        return /^y(es)?$/i.test(answer) ? true : /^no?$/i.test(answer) ? false : undefined;
      }),
  };
}

/** Why the question is repeated. Never quotes the answer, which may be a password that was typed too early. */
function complaint(question: Question, answer: string): string {
  if (answer === "") return "Please enter an answer";
  if (!("choices" in question)) return "Please answer y or n";
  return `Please enter a number from 0 to ${(question as ChooseQuestion<unknown>).choices.length - 1}`;
}

function pick<T>(question: ChooseQuestion<T>, answer: string): T | undefined {
  return /^\d{1,6}$/.test(answer) ? question.choices[Number(answer)]?.value : undefined;
}
