/** How the program talks to its user: questions and remarks. `src/ui` implements them. */

export interface Question {
  /** The question on a terminal: `OneLogin password`. */
  readonly message: string;
  /** The same as a line, for piped answers: `OneLogin Password: `. */
  readonly line: string;
  /** How to answer it without a prompt: an option such as `--onelogin-password-stdin`, or a hint such as `run this at a terminal`. */
  readonly option: string;
  /** Withdraws the question. */
  readonly signal?: AbortSignal;
}

/** A question whose `message` changes while it is open. */
export interface LiveQuestion extends Question {
  /** Called once the question is open, with a function that draws it again with the `message` of that moment. */
  readonly whenDrawn?: (redraw: () => void) => void;
}

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Shown next to the current choice, and searched. */
  readonly hint?: string;
  /** The label in a list for piped answers, if it differs. */
  readonly line?: string;
}

export interface ChooseQuestion<T> extends Question {
  readonly choices: readonly Choice<T>[];
  /** Always offer the search, even for a short list. */
  readonly search?: boolean;
}

/**
 * Asks questions. Every method throws UserError exit 8 when prompts are forbidden or the input has ended, Interrupted when the user
 * cancels, and the signal's reason when aborted.
 */
export interface Prompter {
  readonly kind: "terminal" | "lines" | "none";
  /** Present for piped lines, which may come from a script written for the Python tool's questions. */
  readonly piped?: {
    /**
     * The next questions differ from that tool's. From here on no line is taken as a password, since it may
     * answer another question.
     */
    outOfStep(): void;
  };
  /** An empty answer means `fallback`; without one, the question is repeated. */
  text(question: Question & { readonly fallback?: string }): Promise<string>;
  /** Never echoed, except a `code`: it is used once and easier to type when visible. May be empty when `emptyAllowed`. */
  secret(
    question: LiveQuestion & { readonly emptyAllowed?: boolean; readonly password?: boolean; readonly code?: boolean },
  ): Promise<string>;
  choose<T>(question: ChooseQuestion<T>): Promise<T>;
  /** At least one. */
  chooseMany<T>(question: ChooseQuestion<T>): Promise<readonly T[]>;
  confirm(question: Question & { readonly fallback: boolean }): Promise<boolean>;
}

/**
 * A question for `confirm()`. The capital letter is the answer of an empty line; a script answers `(y/n)` by one of the
 * two letters, as it does the Python tool.
 */
export function yesNo(message: string, letters: "Y/n" | "y/N" | "y/n", option: string) {
  return { message, line: `${message} (${letters}) `, option, fallback: letters === "Y/n" };
}

/** The same prompter, which calls `act` before each question. */
export function beforeQuestions(prompter: Prompter, act: () => Promise<void> | void): Prompter {
  return {
    ...prompter,
    text: async (question) => (await act(), await prompter.text(question)),
    secret: async (question) => (await act(), await prompter.secret(question)),
    choose: async (question) => (await act(), await prompter.choose(question)),
    chooseMany: async (question) => (await act(), await prompter.chooseMany(question)),
    confirm: async (question) => (await act(), await prompter.confirm(question)),
  };
}

/** Progress of something that takes a while. */
export interface Progress {
  update(text: string): void;
  /** Ends it; `text` stays on the screen. */
  end(text?: string): void;
}

/** Remarks on stderr. Only the program's name is added to a text, if needed. */
export interface Reporter {
  /** Progress; not with --quiet. */
  info(text: string): void;
  /** Something that the user should know; also with --quiet. */
  warn(text: string): void;
  /** Only with --verbose. */
  detail(text: string): void;
  /** The terminal's bell; not with --quiet. */
  ring(): void;
  /** A spinner on a terminal, a line otherwise, nothing with --quiet. */
  progress(text: string): Progress;
}
