/**
 * One login at a time, even across processes: the others wait for it and share its result or failure. Ten programs
 * that need credentials at once ring a phone once.
 */

import { joinPath } from "../io/paths.ts";
import { Exit, printable, UserError } from "../errors.ts";
import { withTimeLimit } from "../io/concurrency.ts";
import { FileError } from "../io/deps.ts";
import type { Place } from "../settings/context.ts";
import { CACHE_NAMES, cachePath, storePaths } from "../store/names.ts";

/**
 * Runs `work` while no other process runs one of the same `key`. The system frees the lock of a process that died.
 *
 * @param waitMs how long to wait for another process, in milliseconds.
 * @throws UserError exit 9 when another process is not done by then, exit 2 when the lock cannot be created.
 */
export async function inTurn<T>(
  place: Place,
  key: readonly unknown[],
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const { deps } = place;
  const path = await cachePath(deps.platform, place.settings, key, ".lock");
  const busy = new UserError(
    `cannot wait any longer: another run has been signing in for ${Math.round(waitMs / 1000)} seconds`,
    { exit: Exit.protective, hint: "end the other onelogin-aws-assume-role, then run this again" },
  );
  try {
    await deps.files.makeDir(folderOf(place), 0o700);
    const lock = await withTimeLimit(deps, waitMs, busy, (signal) => deps.files.lock(path, signal));
    try {
      return await work();
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`cannot lock "${printable(path)}": ${printable(error.message)}`, {
      exit: Exit.usage,
      hint: `make the folder "${printable(folderOf(place))}" writable: running logins are shared there`,
    });
  }
}

/** Removes lock files of dead runs. A lock in use stays. */
export async function sweepLocks(place: Place): Promise<void> {
  const { files, platform, clock } = place.deps;
  for (const name of await files.list(folderOf(place))) {
    if (!CACHE_NAMES.lock.test(name)) continue;
    const path = joinPath(platform, folderOf(place), name);
    try {
      await (await withTimeLimit({ clock }, 200, new Error("held"), (signal) => files.lock(path, signal))).release();
    } catch { /* held */ }
  }
}

function folderOf({ deps, settings }: Place): string {
  return storePaths(deps.platform, settings).cacheFolder;
}
