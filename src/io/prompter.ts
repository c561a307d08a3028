/** How the program talks with a person: questions and remarks. `src/ui` has the three kinds of each. */

export interface Question {
  /** The question on a terminal: `OneLogin password`. */
  readonly message: string;
  /** The same as a line, for answers that come from a pipe: `OneLogin Password: `. */
  readonly line: string;
  /** What would have answered it, for the error when it may not be asked: `--onelogin-password-stdin`. */
  readonly option: string;
  /** Ends the question, which then disappears. */
  readonly signal?: AbortSignal;
}

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Shown beside the choice the cursor is on, and searched. */
  readonly hint?: string;
}

export interface ChooseQuestion<T> extends Question {
  readonly choices: readonly Choice<T>[];
  /** The list as lines, one for each choice, for answers from a pipe; they are chosen by number from 0. */
  readonly listing: readonly string[];
  /** A list that is searched by typing, however short it is. */
  readonly search?: boolean;
}

/**
 * Asks. Every method throws UserError exit 8 when it may not ask or the input has ended, Interrupted when the person
 * cancels, and the signal's reason when aborted.
 */
export interface Prompter {
  readonly kind: "terminal" | "lines" | "none";
  /** Present when the lines come from a pipe: a script may have been written for the Python tool's questions. */
  readonly piped?: {
    /**
     * What follows asks something else than that tool would. From here on no line is taken for a password, since it may
     * be meant for another question.
     */
    outOfStep(): void;
  };
  /** An empty answer is `fallback` when there is one, and asked again when not. */
  text(question: Question & { readonly fallback?: string }): Promise<string>;
  /** Never echoed but for a `code`, which is used once and easier to type when it is seen. May be empty when `emptyAllowed`. */
  secret(
    question: Question & { readonly emptyAllowed?: boolean; readonly password?: boolean; readonly code?: boolean },
  ): Promise<string>;
  choose<T>(question: ChooseQuestion<T>): Promise<T>;
  /** At least one. */
  chooseMany<T>(question: ChooseQuestion<T>): Promise<readonly T[]>;
  confirm(question: Question & { readonly fallback: boolean }): Promise<boolean>;
}

/** Something that takes a while. */
export interface Progress {
  update(text: string): void;
  /** Ends it; with a text that stays. */
  end(text?: string): void;
}

/** Remarks on stderr. Texts are complete: nothing is added but the program's name where it belongs. */
export interface Reporter {
  /** What happens next or happened; not with --quiet. */
  info(text: string): void;
  /** Something the person should know; also with --quiet. */
  warn(text: string): void;
  /** Only with --verbose. */
  detail(text: string): void;
  /** The terminal's bell, for a person who has turned away; not with --quiet. */
  ring(): void;
  /** A spinner on a terminal, a line otherwise, nothing with --quiet. */
  progress(text: string): Progress;
}
