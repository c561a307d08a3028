import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { Interrupted, oneLine, printable } from "../../errors.ts";
import type { Choice, ChooseQuestion, LiveQuestion, Prompter } from "../../io/prompter.ts";
import { inAscii } from "../ascii.ts";
import { type Colours, repaint } from "../voice.ts";
import { stdinKeyboard } from "./keyboard.ts";
import { cannotAsk } from "./none.ts";
import { ranked } from "./search.ts";

/** For a user at a terminal: everything is drawn on stderr, so stdout stays data. Loads the prompt library. */
export async function terminalPrompter(
  signal: AbortSignal,
  { colours, unicode }: { readonly colours: Colours; readonly unicode: boolean },
): Promise<Prompter> {
  chooseColours(colours);
  const clack = await import("@clack/prompts");
  const keyboard = stdinKeyboard();

  /**
   * Runs one question. When its signal aborts, the question is erased. Ctrl-C and Escape
   * cancel the run; Ctrl-D is the end of the input.
   */
  async function ask<T>(
    question: LiveQuestion,
    draw: (common: { input: Readable; output: Writable; signal: AbortSignal }) => Promise<T>,
  ): Promise<Exclude<T, symbol>> {
    const ends = question.signal;
    const inputEnds = new AbortController();
    const either = AbortSignal.any([...(ends ? [ends] : []), inputEnds.signal, signal]);
    if (either.aborted) throw either.reason;
    const ended = () => cannotAsk(question, "the input has ended");
    if (keyboard.ended()) throw ended();
    const screen = countingOutput(colours, unicode);
    const keys = keyboard.open(either, (error = ended()) => inputEnds.abort(error));
    const drawn = draw({ input: keys.input, output: screen.output, signal: either }).finally(keys.close);
    question.whenDrawn?.(screen.redraw);
    const answer = await drawn;
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
          message: oneLine(question.message),
          ...(question.fallback === undefined
            ? {}
            : { placeholder: oneLine(question.fallback), defaultValue: question.fallback }),
          validate: (value) => !value?.trim() && question.fallback === undefined ? "Please enter an answer" : undefined,
        }));
      return answer.trim();
    },
    secret: (question) =>
      ask(question, (common) =>
        (question.code ? clack.text : clack.password)({
          ...common,
          // Read for each drawing.
          get message() {
            return oneLine(question.message);
          },
          validate: (value: string | undefined) =>
            !value && !question.emptyAllowed ? "Please enter an answer" : undefined,
        })).then((answer) => answer ?? ""),
    choose: (question) =>
      ask(question, (common) => {
        const shared = { ...common, message: oneLine(question.message), maxItems: rows() };
        return question.search || question.choices.length > 8
          ? clack.autocomplete<number>({
            ...shared,
            output: countingMatches(common.output, question.choices.length),
            ...searched(question.choices, common.input),
            // Enter without a match would otherwise be an empty answer.
            validate: (value) => value === undefined ? "Nothing matches" : undefined,
          })
          : clack.select<number>({ ...shared, options: options(question.choices) });
      }).then((index) => valueAt(question, index)),
    chooseMany: (question) =>
      ask(question, (common) =>
        clack.autocompleteMultiselect<number>({
          ...common,
          output: countingMatches(common.output, question.choices.length),
          message: oneLine(question.message),
          ...searched(question.choices, common.input),
          maxItems: rows(),
          required: true,
        })).then((indexes) => indexes.map((index) => valueAt(question, index))),
    confirm: (question) =>
      ask(
        question,
        (common) => clack.confirm({ ...common, message: oneLine(question.message), initialValue: question.fallback }),
      ),
  };
}

/** The library checks stdout to decide on colours, but draws on stderr: often only one of them is a pipe. */
function chooseColours(colours: Colours): void {
  if (!colours) process.env["NO_COLOR"] = "1";
  else if (process.env["NO_COLOR"] === undefined) process.env["FORCE_COLOR"] ??= "1";
}

/** The library gets choices by index: it compares values, and a label may be anything that a server sent. */
function options(choices: readonly Choice<unknown>[]): { value: number; label: string; hint?: string }[] {
  return choices.map(({ label, hint }, value) => ({
    value,
    label: printable(label, 300),
    ...(hint === undefined ? {} : { hint: printable(hint, 300) }),
  }));
}

/** The used part of the library's open menu. */
interface Menu {
  readonly userInput: string;
  focusedValue: number | undefined;
  readonly filteredOptions: readonly { readonly value: number }[];
  emit(event: "key", character: undefined, key: { readonly name: string }): void;
}

/**
 * A menu with a search: the best match is on top and selected. Page Up and Down move by a screen, Home and End
 * to the ends.
 */
function searched(choices: readonly Choice<unknown>[], input: Readable) {
  const all = options(choices);
  const placeholder = `${choices.length} choices`;
  let menu: Menu | undefined;
  let search = "";
  let found = ranked("", choices);
  input.prependListener("keypress", (_: unknown, key?: { readonly name?: string }) => {
    if (menu === undefined) return;
    const at = menu.filteredOptions.findIndex(({ value }) => value === menu?.focusedValue);
    const last = menu.filteredOptions.length - 1;
    const target = { pageup: Math.max(0, at - rows()), pagedown: Math.min(last, at + rows()), home: 0, end: last };
    const to = Object.entries(target).find(([name]) => name === key?.name)?.[1];
    if (to === undefined) return;
    for (let step = 0; step < Math.abs(to - at); step++) menu.emit("key", undefined, { name: to < at ? "up" : "down" });
  });
  return {
    options(this: unknown) {
      menu = this as Menu;
      if (menu.userInput !== search) {
        search = menu.userInput;
        found = ranked(search, choices);
        menu.focusedValue = found.order[0];
      }
      return found.order.flatMap((place) => all[place] ?? []);
    },
    // The library types the placeholder on Tab if it matches a choice. Tab selects here.
    filter: (text: string, { value }: { value: number }) => text !== placeholder && found.matches.has(value),
    placeholder,
  };
}

/** The library shows how many choices match; add how many there are. */
function countingMatches(output: Writable, total: number): Writable {
  const more = ` of ${total}`;
  const write = (text: string) => output.write(text.replace(/(\(\d+ match(?:es)?)\)/g, `$1${more})`));
  // The library breaks lines before that is added.
  const columns = Math.max(10, (output as unknown as { columns: number }).columns - more.length);
  return Object.create(output, { write: { value: write }, columns: { value: columns } });
}

function valueAt<T>(question: ChooseQuestion<T>, index: number): T {
  const choice = question.choices[index];
  if (!choice) throw new Error(`the menu answered with ${index}`);
  return choice.value;
}

function rows(): number {
  return Math.max(5, Math.min(15, (process.stderr.rows || 24) - 6));
}

/** stderr, counting the drawn lines so that they can be erased. */
function countingOutput(colours: Colours, unicode: boolean): { output: Writable; erase(): void; redraw(): void } {
  const { stderr } = process;
  let height = 0;
  const draws = new Set<() => void>();
  const output = {
    write(text: string) {
      // deno-lint-ignore no-control-regex
      const lines = text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").split("\n").length;
      // The last write is the line end after the question; measure frames only.
      if (text !== "\n") height = Math.max(height, lines);
      const painted = repaint(text, colours);
      return stderr.write(unicode ? painted : inAscii(painted));
    },
    // Container and serial terminals may report 0 by 0, which would wrap after each letter.
    get columns() {
      return stderr.columns || 80;
    },
    get rows() {
      return stderr.rows || 24;
    },
    isTTY: true,
    // The library draws again when the size changes. It listens for nothing else.
    on(event: string, draw: () => void) {
      draws.add(draw);
      stderr.on(event, draw);
    },
    off(event: string, draw: () => void) {
      draws.delete(draw);
      stderr.off(event, draw);
    },
  };
  return {
    output: output as unknown as Writable,
    redraw: () => draws.forEach((draw) => draw()),
    erase: () => void stderr.write(`\u001b[${height}A\u001b[0J\u001b[?25h`),
  };
}
