/**
 * Every exit code of this program, and its two kinds of error.
 *
 * Nothing below `run()` exits or prints: a room throws, `src/commands/run.ts` prints and maps to the code.
 */

/** Exit codes. The table is part of the public interface (README, docs/exit-codes). */
export const Exit = {
  /** The command did what it was asked to do. */
  done: 0,
  /** A bug in this program. The only case in which a stack may be shown. */
  bug: 1,
  /** The command line or a configuration file is wrong. */
  usage: 2,
  /** OneLogin refused the API client, the user, the password or the app, or the user is locked. */
  refused: 3,
  /** The second factor was not completed: wrong code, rejected, timed out. */
  mfa: 4,
  /** The login has no AWS role, or none that matches what was asked for. */
  role: 5,
  /** AWS STS refused. */
  sts: 6,
  /** A network or service is unavailable, or did not answer in time. */
  unavailable: 7,
  /** An answer is needed, and prompts are forbidden. */
  input: 8,
  /** Stopped to protect the account or a file: lockout guard, lock busy. */
  protective: 9,
  /** SIGHUP. */
  hangup: 129,
  /** Ctrl-C (SIGINT), or a question cancelled. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = typeof Exit[keyof typeof Exit];

/** What else a {@linkcode UserError} knows besides its message. */
interface UserErrorOptions {
  readonly exit: ExitCode;
  /** What to do next, one line each: a command to run, or a question. */
  readonly hint?: string | readonly string[];
  /** A short name of the cause for code that recovers, such as `credentials` or `state-expired`. */
  readonly cause?: unknown;
}

/**
 * An expected failure that the user can do something about.
 *
 * The message completes "error: ": lower case, no full stop, names what was attempted, values quoted:
 * `cannot read "/home/ada/.onelogin/onelogin.sdk.json": line 3, column 9: expected ","`.
 * It never contains a secret. Text from a server goes through `printable()` first.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly exit: ExitCode;
  readonly hints: readonly string[];

  constructor(message: string, options: UserErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exit = options.exit;
    this.hints = options.hint === undefined ? [] : typeof options.hint === "string" ? [options.hint] : options.hint;
  }
}

/** The user cancelled (Ctrl-C or a cancelled question, 130), or the system asked the program to end (129, 143). */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exit: typeof Exit.interrupted | typeof Exit.hangup | typeof Exit.terminated;

  constructor(exit: Interrupted["exit"] = Exit.interrupted) {
    super("interrupted");
    this.exit = exit;
  }
}

/**
 * Characters that move the cursor, reorder text, or are invisible: C0, DEL, C1, the soft hyphen, bidirectional
 * marks and overrides, separators, zero-width characters, tags.
 */
const UNSEEN =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;

/** One line of text, safe to show on a terminal: invisible characters and line ends become spaces. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, " ");
}

/** The same for several lines; line ends are kept. */
export function visibleLines(text: string): string {
  return text.split("\n").map(oneLine).join("\n");
}

/** Text from a server, a file or the command line within a message: one line, trimmed, with a capped length. */
export function printable(text: string, maxLength = 500): string {
  const clean = oneLine(text).trim();
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean;
}

/** A sentence of another program within one of ours. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A path or name in quotes, as a shell accepts it: Windows backslashes stay single. */
export function quoted(text: string, maxLength = 500): string {
  return `"${printable(text, maxLength)}"`;
}

/** The result of `work`; undefined when it fails. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** For the `catch` of a promise: a UserError is the result, any other error is thrown. */
export function userError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

/** The result of `work`, or the UserError that it throws. */
export function orUserError<T>(work: () => T): T | UserError {
  try {
    return work();
  } catch (error) {
    return userError(error);
  }
}

/** The same error with these hints. */
export function withHints(error: UserError, hint: string | readonly string[]): UserError {
  return new UserError(error.message, { exit: error.exit, hint, cause: error.cause });
}

/** The answer to a question, or the result of `atEnd` if the input has ended. */
export async function answerOrElse<T, O>(answer: Promise<T>, atEnd: () => O): Promise<T | O> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UserError && error.exit === Exit.input) return atEnd();
    throw error;
  }
}

/** The answer to a question. At the end of the input it throws `error`, which is more precise than "no answer". */
export function answerOr<T>(error: UserError, answer: Promise<T>): Promise<T> {
  return answerOrElse(answer, () => {
    throw error;
  });
}
