/**
 * One login at a time, also across processes: the others wait for it and share what it came to, a failure too. Ten
 * programs that need credentials at once ring a phone once.
 */

import { joinPath } from "../io/paths.ts";
import { roughly } from "../duration.ts";
import { Exit, type ExitCode, printable, UserError } from "../errors.ts";
import { FileError } from "../io/deps.ts";
import { updateFile } from "../io/safe_file.ts";
import type { Context } from "../settings/context.ts";
import { CACHE_NAMES, cachePath, storePaths } from "../store/names.ts";
import { utf8 } from "../utf8.ts";

type Place = Pick<Context, "deps" | "settings">;

/**
 * Runs `work` while no other process runs one of the same `key`. The system frees the lock of a process that died.
 *
 * @param waitMs how long to wait for another process, in milliseconds.
 * @throws UserError exit 9 when another process is not done by then, exit 2 when the lock cannot be made.
 */
export async function inTurn<T>(
  place: Place,
  key: readonly unknown[],
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const { deps } = place;
  const path = await cachePath(deps.platform, place.settings, key, ".lock");
  const stop = new AbortController();
  const waiting = new AbortController();
  const busy = new UserError(
    `cannot wait any longer: another run has been signing in for ${Math.round(waitMs / 1000)} seconds`,
    { exit: Exit.protective, hint: "end the other onelogin-aws-assume-role, then run this again" },
  );
  deps.clock.sleep(waitMs, waiting.signal).then(() => stop.abort(busy), () => {});
  try {
    await deps.files.makeDir(folderOf(place), 0o700);
    const lock = await deps.files.lock(path, AbortSignal.any([stop.signal, deps.signal]));
    waiting.abort();
    try {
      return await work();
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`cannot lock "${printable(path)}": ${printable(error.message)}`, {
      exit: Exit.usage,
      hint: `the folder "${printable(folderOf(place))}" must be writable: logins are kept and shared there`,
    });
  } finally {
    waiting.abort();
  }
}

/** How a login ended that is not to be tried again for a while. */
interface Failure {
  readonly exit: ExitCode;
  readonly message: string;
  readonly hints: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Writes down that the login of `key` failed. Never throws: the failure itself is what has to be told. */
export async function noteFailure(place: Place, key: readonly unknown[], error: UserError): Promise<void> {
  const at = place.deps.clock.now();
  const failure: Failure = { exit: error.exit, message: error.message, hints: error.hints, at };
  try {
    const text = `${JSON.stringify(failure, null, 2)}\n`;
    await updateFile(place.deps, await failurePath(place, key), () => utf8(text));
  } catch { /* the next run tries again */ }
}

/**
 * The last failure of a login of `key`, as an error, while it is too recent to try again; undefined otherwise.
 *
 * @param pauseMs for how long nobody tries again, in milliseconds.
 */
export async function recentFailure(
  place: Place,
  key: readonly unknown[],
  pauseMs: number,
): Promise<UserError | undefined> {
  // What cannot be read says nothing; the login decides.
  const bytes = await place.deps.files.read(await failurePath(place, key)).catch(() => undefined);
  const failure = bytes && decode(new TextDecoder().decode(bytes));
  const now = place.deps.clock.now();
  // A mark from the future was made by a clock that has been set back since.
  if (!failure || now >= failure.at + pauseMs || now < failure.at) return undefined;
  return new UserError(`${failure.message} (${roughly(now - failure.at)} ago; not tried again yet)`, {
    exit: failure.exit,
    hint: failure.hints,
  });
}

export async function forgetFailure(place: Place, key: readonly unknown[]): Promise<void> {
  await place.deps.files.remove(await failurePath(place, key)).catch(() => {});
}

/** Lock files that dead runs have left behind. One that is held stays. */
export async function sweepLocks(place: Place): Promise<void> {
  const { files, platform, clock } = place.deps;
  for (const name of await files.list(folderOf(place))) {
    if (!CACHE_NAMES.lock.test(name)) continue;
    const stop = new AbortController();
    const waiting = new AbortController();
    clock.sleep(200, waiting.signal).then(() => stop.abort(new Error("held")), () => {});
    try {
      await (await files.lock(joinPath(platform, folderOf(place), name), stop.signal)).release();
    } catch {
      /* held */
    } finally {
      waiting.abort();
    }
  }
}

function folderOf({ deps, settings }: Place): string {
  return storePaths(deps.platform, settings).cacheFolder;
}

function failurePath(place: Place, key: readonly unknown[]): Promise<string> {
  return cachePath(place.deps.platform, place.settings, key, ".failure.json");
}

function decode(text: string): Failure | undefined {
  try {
    const { exit, message, hints, at } = JSON.parse(text);
    const known = Object.values(Exit).includes(exit) && typeof message === "string" && Number.isFinite(at) &&
      Array.isArray(hints) && hints.every((hint) => typeof hint === "string");
    if (!known) return undefined;
    return { exit, message: printable(message), hints: hints.map((hint) => printable(hint)), at };
  } catch {
    return undefined;
  }
}
