/**
 * The lockout guard: a loop or a scheduled run with a stale password stops before it locks the account. A user may
 * continue, an unattended run may not. Refused passwords are remembered in store/refusals.ts.
 */

import { storePaths } from "../store/names.ts";
import type { Source } from "../settings/settings.ts";
import { answerOr, Exit, printable, quoted, UserError } from "../errors.ts";
import { withTimeLimit } from "../io/concurrency.ts";
import { FileError, type FileLock, type Files } from "../io/deps.ts";
import { lookAt, TEMP_SUFFIX } from "../io/paths.ts";
import { beforeQuestions, yesNo } from "../io/prompter.ts";
import { checkWritable } from "../io/safe_file.ts";
import type { Identity } from "../onelogin/client.ts";
import { PROGRAM } from "../version.ts";
import { PASSWORD, USERNAME } from "./identity.ts";
import { judgePassword, MOST_REFUSED, REFUSAL_WINDOW_MS, type Verdict } from "../store/refusals.ts";
import type { SignInContext } from "./session.ts";

/** How often the user is asked for another password. */
const MORE_TRIES = 3;

/** What the guard checks. */
interface GuardOptions {
  /** `all` before the first post of a run; `same` after a refusal in it, since the run counts its own. */
  readonly rules: "all" | "same";
  /** Passwords that were refused in this run: they are never sent again. */
  readonly isRefused?: (identity: Identity) => boolean;
}

/**
 * The identity to post: the given one if nothing forbids it, else one with a password that the user typed.
 *
 * A user at a terminal may type the remembered password again and so send it. A run with piped answers ends.
 *
 * @throws UserError exit 9 when nobody can be asked, or the user declines.
 */
export async function guardPassword(context: SignInContext, first: Identity, options: GuardOptions): Promise<Identity> {
  const { prompter, reporter } = context;
  let identity = first;
  for (let tries = 0;; tries++) {
    const verdict = await judgePassword(context, identity);
    if (verdict.kind === "free" || (options.rules === "same" && verdict.kind !== "same")) return identity;
    const error = guardError(context, identity, verdict);
    // The Python tool has no such question: the next line of a script answers another one.
    if (prompter.kind === "none" || prompter.piped || tries === MORE_TRIES) throw error;
    reporter.warn(`${error.message}; too many refused passwords lock the account`);
    if (verdict.kind !== "same") {
      if (await answerOr(error, askWhether(context))) return identity;
      throw error;
    }
    const next = await answerOr(error, askOther(context, identity));
    const insists = next.password === identity.password && next.username === identity.username;
    if (insists && prompter.kind === "terminal" && !options.isRefused?.(next)) return next;
    identity = next;
  }
}

function askWhether({ prompter }: SignInContext): Promise<boolean> {
  return prompter.confirm(yesNo("Send the password anyway?", "y/n", "run this at a terminal"));
}

async function askOther({ prompter }: SignInContext, identity: Identity): Promise<Identity> {
  const sends = prompter.kind === "terminal" ? "the same again: send it anyway; " : "";
  const password = await prompter.secret({
    ...PASSWORD,
    message: `OneLogin password of ${printable(identity.username, 80)} (${sends}empty: another user)`,
    emptyAllowed: true,
  });
  if (password !== "") return { ...identity, password };
  const username = await prompter.text(USERNAME);
  return { ...identity, username, password: await prompter.secret(PASSWORD) };
}

function guardError(
  { settings }: SignInContext,
  identity: Identity,
  verdict: Exclude<Verdict, { kind: "free" }>,
): UserError {
  const user = JSON.stringify(printable(identity.username, 80));
  const ago = verdict.ago < 1 ? "less than a minute" : minutes(verdict.ago);
  const wait = `or wait ${minutes(verdict.minutes)}, or type the password at a terminal: ${PROGRAM}`;
  const protective = (message: string, ...hint: string[]) => new UserError(message, { exit: Exit.protective, hint });
  switch (verdict.kind) {
    case "same":
      return protective(
        `will not send the password of ${user} again: OneLogin refused it ${ago} ago`,
        `${whereFrom(settings.password?.source)} before you run this again`,
        wait,
      );
    case "many":
      return protective(
        `will not send another password of ${user}: OneLogin refused at least ${MOST_REFUSED} different ones within ${
          minutes(REFUSAL_WINDOW_MS / 60_000)
        }, the last ${ago} ago`,
        "check the password by signing in to OneLogin in a browser",
        wait,
      );
    case "locked":
      return protective(
        `will not send a password of ${user}: OneLogin reported ${ago} ago that the user is locked`,
        "ask your administrator to unlock the user",
        wait,
      );
  }
}

function minutes(count: number): string {
  const whole = Math.max(1, Math.round(count));
  return whole === 1 ? "1 minute" : `${whole} minutes`;
}

function whereFrom(source: Source | undefined): string {
  switch (source?.kind) {
    case "option":
    case "environment":
      return `correct the password in ${source.name}`;
    case "file":
      return `correct the password in ${quoted(source.path)}`;
    default:
      return "correct the password";
  }
}

// --- One post at a time ---------------------------------------------------------------------------------------------

/**
 * Runs `work`, which asks the guard and posts a password, while no other run with a stored password does: of ten
 * runs that start at once with a stale password, one posts it and nine find it refused. The first question at a terminal
 * ends the turn: a person may take minutes.
 *
 * @param password what `work` posts first. What a person types takes no turn: each entry is meant.
 * @throws UserError exit 9 when the run gets no turn, or, without a person, when it could not remember a refusal.
 */
export async function oneAtATime<C extends SignInContext, T>(
  context: C,
  password: string,
  work: (context: C) => Promise<T>,
): Promise<T> {
  const { prompter, settings } = context;
  const isAtTerminal = prompter.kind === "terminal";
  if (isAtTerminal && password !== settings.password?.value) return await work(context);
  let lock = await takeTurn(context, isAtTerminal);
  const endTurn = async () => {
    const held = lock;
    lock = undefined;
    await held?.release();
  };
  try {
    return await work(isAtTerminal ? { ...context, prompter: beforeQuestions(prompter, endTurn) } : context);
  } finally {
    await endTurn();
  }
}

/** How long a run waits for its turn before it reports that; milliseconds. */
const ANNOUNCE_MS = 2000;

/** Undefined at a terminal if a file fails, or if the user continues without a turn. */
async function takeTurn(context: SignInContext, isAtTerminal: boolean): Promise<FileLock | undefined> {
  const { deps, settings, reporter } = context;
  const { files } = deps;
  const { signInLock: path, refusals } = storePaths(deps.platform, settings);
  const late = new UserError("will not send the password now: another run is still signing in", {
    exit: Exit.protective,
    hint: `end the other ${PROGRAM}, then run this again`,
  });
  const waiting = new AbortController();
  const announce = () => reporter.info("Waiting for another run that is signing in…");
  deps.clock.sleep(ANNOUNCE_MS, waiting.signal).then(announce, () => {});
  try {
    await files.makeDir(settings.oneloginFolder, 0o700);
    const lock = await withTimeLimit(deps, (settings.timeout + 5) * 1000, late, (signal) => files.lock(path, signal));
    try {
      await files.read(refusals);
      await checkWritable(files, refusals);
      await proveRoom(files, `${path}${TEMP_SUFFIX}`);
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    const cause = error instanceof UserError && error.cause instanceof FileError ? error.cause : error;
    if (isAtTerminal && (cause instanceof FileError || error === late && await answerOr(late, askWhether(context)))) {
      return undefined;
    }
    throw cause instanceof FileError ? cannotGuard(settings.oneloginFolder, cause) : error;
  } finally {
    waiting.abort();
  }
}

/** If a refusal cannot be saved, the next run would post the password again. */
async function proveRoom(files: Files, path: string): Promise<void> {
  await files.remove(path);
  await files.createNew(path, new Uint8Array(4096), 0o600);
  await files.remove(path);
}

function cannotGuard(folder: string, error: FileError): UserError {
  return new UserError(
    `will not send the password without a user at a terminal: a refusal could not be remembered in "${
      printable(folder)
    }" (${printable(error.message)})`,
    {
      exit: Exit.protective,
      hint: [
        error.hint ?? `make the folder writable, or free some space: ${lookAt(folder)}`,
        "a refused password that is sent again and again locks the account",
      ],
      cause: error,
    },
  );
}
