import * as clack from "@clack/prompts";
import process from "node:process";
import type { Writable } from "node:stream";
import { Interrupted, printable } from "../../errors.ts";
import type { Choice, ChooseQuestion, Prompter, Question } from "../../io/prompter.ts";
import { cannotAsk } from "./none.ts";

/** For a person at a terminal: everything is drawn on stderr, so stdout stays data. */
export function terminalPrompter(signal: AbortSignal, { colours }: { readonly colours: boolean }): Prompter {
  chooseColours(colours);

  /**
   * Runs one question. When its signal ends it, what was drawn is erased: the question disappears. Ctrl-C and Escape
   * cancel the run; Ctrl-D is the end of the input.
   */
  async function ask<T>(
    question: Question,
    draw: (common: { output: Writable; signal: AbortSignal }) => Promise<T>,
  ): Promise<Exclude<T, symbol>> {
    const ends = question.signal;
    const inputEnds = new AbortController();
    const either = AbortSignal.any([...(ends ? [ends] : []), inputEnds.signal, signal]);
    if (either.aborted) throw either.reason;
    const screen = countingOutput();
    const asking = draw({ output: screen.output, signal: either });
    const unwatch = watchKeys(() => inputEnds.abort(cannotAsk(question, "the input has ended")));
    const answer = await asking.finally(unwatch);
    if (either.aborted) {
      if (ends?.aborted) screen.erase();
      throw either.reason;
    }
    if (clack.isCancel(answer)) throw new Interrupted();
    return answer as Exclude<T, symbol>;
  }

  return {
    kind: "terminal",
    async text(question) {
      const answer = await ask(question, (common) =>
        clack.text({
          ...common,
          message: question.message,
          ...(question.fallback === undefined
            ? {}
            : { placeholder: question.fallback, defaultValue: question.fallback }),
          validate: (value) => !value?.trim() && question.fallback === undefined ? "Please type an answer" : undefined,
        }));
      return answer.trim();
    },
    secret: (question) =>
      ask(question, (common) =>
        clack.password({
          ...common,
          message: question.message,
          validate: (value) => !value && !question.emptyAllowed ? "Please type an answer" : undefined,
        })).then((answer) => answer ?? ""),
    choose: (question) =>
      ask(question, (common) => {
        const shared = { ...common, message: question.message, options: options(question.choices), maxItems: rows() };
        return question.search || question.choices.length > 8
          ? clack.autocomplete<number>({
            ...shared,
            placeholder: "type to search",
            filter: matcher(question.choices),
            // Enter while nothing matches would otherwise answer with nothing.
            validate: (value) => value === undefined ? "Nothing is chosen" : undefined,
          })
          : clack.select<number>(shared);
      }).then((index) => valueAt(question, index)),
    chooseMany: (question) =>
      ask(question, (common) =>
        clack.autocompleteMultiselect<number>({
          ...common,
          message: question.message,
          options: options(question.choices),
          maxItems: rows(),
          placeholder: "type to search",
          filter: matcher(question.choices),
          required: true,
        })).then((indexes) => indexes.map((index) => valueAt(question, index))),
    confirm: (question) =>
      ask(
        question,
        (common) => clack.confirm({ ...common, message: question.message, initialValue: question.fallback }),
      ),
  };
}

interface KeyPress {
  readonly ctrl?: boolean;
  name?: string;
}

/**
 * Two keys by which the line editor below the library gives the terminal its echo back while the question stays: a
 * password typed after them would show. On Ctrl-D it closes, which is the end of the input; on Ctrl-Z it would stop this
 * process, which the sandbox does not let it do, so that key is taken away.
 */
function watchKeys(onEnd: () => void): () => void {
  const before = (_: unknown, key?: KeyPress) => {
    if (key?.ctrl && key.name === "z") key.name = "";
  };
  const after = (_: unknown, key?: KeyPress) => {
    if (key?.ctrl && key.name === "d" && !process.stdin.isRaw) onEnd();
  };
  process.stdin.prependListener("keypress", before).on("keypress", after);
  return () => void process.stdin.off("keypress", before).off("keypress", after);
}

/** The library looks at stdout to decide on colours, but draws on stderr: often the one is a pipe and the other is not. */
function chooseColours(colours: boolean): void {
  if (!colours) process.env["NO_COLOR"] = "1";
  else if (process.env["NO_COLOR"] === undefined) process.env["FORCE_COLOR"] ??= "1";
}

/** Choices go through the library by their index: it compares values, and a label may be anything a server sent. */
function options(choices: readonly Choice<unknown>[]): { value: number; label: string; hint?: string }[] {
  return choices.map(({ label, hint }, value) => ({
    value,
    label: printable(label, 300),
    ...(hint === undefined ? {} : { hint: printable(hint, 300) }),
  }));
}

/** Every word typed must be somewhere in the label or the hint, in any order. */
function matcher(choices: readonly Choice<unknown>[]): (search: string, option: { value: number }) => boolean {
  const texts = choices.map(({ label, hint }) => `${label} ${hint ?? ""}`.toLowerCase());
  return (search, option) => {
    const text = texts[option.value] ?? "";
    return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  };
}

function valueAt<T>(question: ChooseQuestion<T>, index: number): T {
  const choice = question.choices[index];
  if (!choice) throw new Error(`the menu answered with ${index}`);
  return choice.value;
}

function rows(): number {
  return Math.max(5, Math.min(15, (process.stderr.rows ?? 20) - 6));
}

/** stderr, counting the lines of what is drawn so that it can be taken away again. */
function countingOutput(): { output: Writable; erase(): void } {
  const { stderr } = process;
  let height = 0;
  const output = {
    write(text: string) {
      // deno-lint-ignore no-control-regex
      const lines = text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").split("\n").length;
      // The last write is the line end behind the question; only frames are measured.
      if (text !== "\n") height = Math.max(height, lines);
      return stderr.write(text);
    },
    get columns() {
      return stderr.columns;
    },
    get rows() {
      return stderr.rows;
    },
    isTTY: true,
    on: stderr.on.bind(stderr),
    off: stderr.off.bind(stderr),
  };
  return {
    output: output as unknown as Writable,
    erase: () => void stderr.write(`\u001b[${height}A\u001b[0J\u001b[?25h`),
  };
}
