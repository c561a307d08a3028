/** The lock of a file that several runs change. */

import { attempt, printable } from "../errors.ts";
import { FileError, type FileLock } from "./deps.ts";
import { removeFile } from "./paths.ts";
import { NOT_A_FILE } from "./on_path.ts";
import { isMissingInSystem, kindOf } from "./system_errors.ts";

/** Lock file to the promise of the last turn within this process. */
export type Queues = Map<string, Promise<unknown>>;

/**
 * Within this process only one task waits for a system lock at a time. Each wait takes one of Deno's few threads
 * (32 in 2.4): if all were waiting, the task that has the lock could not even read its file.
 */
export async function inTurn(
  queues: Queues,
  path: string,
  signal: AbortSignal | undefined,
  take: () => Promise<FileLock>,
): Promise<FileLock> {
  const before = queues.get(path);
  const turn = Promise.withResolvers<void>();
  const tail = Promise.all([before, turn.promise]);
  queues.set(path, tail);
  const end = () => {
    turn.resolve();
    if (queues.get(path) === tail) queues.delete(path);
  };
  try {
    await unlessAborted(before ?? Promise.resolve(), signal);
    const lock = await take();
    return { release: () => lock.release().finally(end) };
  } catch (error) {
    end();
    throw error;
  }
}

/** The result of `work`, or a rejection with the signal's reason if that comes first. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * The lock is flock(2) on the file, not its existence: the system frees it however the process dies.
 * The file is unlinked on release, so a waiter may get the lock of a file that no longer has a name;
 * it then tries again with the file of that name.
 */
export async function lock(
  path: string,
  posix: boolean,
  signal: AbortSignal | undefined,
  create: () => Promise<void>,
): Promise<FileLock> {
  let goes = 0;
  while (true) {
    signal?.throwIfAborted();
    refuseLink(path);
    const isOurs = await create().then(() => true, (error) => {
      if (kindOf(error) === "exists") return false;
      if (!posix && kindOf(error) === "denied" && goes++ < GOING_TRIES) return undefined;
      throw error;
    });
    // Never with "create": that would follow a link that another user put here meanwhile.
    const file = isOurs === undefined ? undefined : openLock(path, posix || goes++ >= GOING_TRIES);
    if (file === undefined) {
      if (goes > 0) await pause(GOING_MS, signal);
      continue;
    }
    try {
      await flock(file, signal);
    } catch (error) {
      if (!posix || !isMissingInSystem(error)) throw error;
      if (isOurs) return lockByExistence(path);
      if (isStale(path)) attempt(() => Deno.removeSync(path));
      else await pause(LOOK_AGAIN_MS, signal);
      continue;
    }
    let held = false;
    try {
      held = isSameFile(file, path);
      if (held) return { release: async () => release(file, path) };
    } finally {
      if (!held) file.close();
    }
  }
}

const LOOK_AGAIN_MS = 100;

/** Windows refuses access to a removed file until every process has closed it. */
const GOING_TRIES = 50;

const GOING_MS = 20;

/** A live run touches its lock every minute. */
const TOUCH_MS = 60_000;

const STALE_MS = 600_000;

/** Without system locks, creating the lock file takes the lock, as in git. */
function lockByExistence(path: string): FileLock {
  const timer = setInterval(() => attempt(() => Deno.utimeSync(path, new Date(), new Date())), TOUCH_MS);
  Deno.unrefTimer(timer);
  return {
    release() {
      clearInterval(timer);
      attempt(() => Deno.removeSync(path));
      return Promise.resolve();
    },
  };
}

function isStale(path: string): boolean {
  const touched = attempt(() => Deno.lstatSync(path).mtime?.getTime());
  return touched !== undefined && Date.now() - touched > STALE_MS;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await unlessAborted(end, signal).finally(() => clearTimeout(timer));
}

/** Undefined when another run has just removed it, or, unless `last`, is about to. */
function openLock(path: string, last: boolean): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { read: true, write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    if (!last) return undefined;
    const owner = attempt(() => Deno.lstatSync(path).uid);
    if (owner === undefined || owner === null) throw error;
    throw new FileError(
      "foreign",
      path,
      `the lock "${printable(path)}" belongs to another user (user id ${owner})`,
      `if that user has no run in progress, remove it: ${removeFile(path)}`,
    );
  }
}

/** A symlink in place of the lock would make us create a file elsewhere. */
function refuseLink(path: string): void {
  const info = attempt(() => Deno.lstatSync(path));
  if (info !== undefined && !info.isFile) {
    throw new FileError(info.isDirectory ? "directory" : "other", path, NOT_A_FILE);
  }
}

/**
 * Waits for the exclusive lock. A system wait cannot be cancelled: when aborted, the file is closed as soon
 * as the lock is granted. Closes the file on failure.
 */
async function flock(file: Deno.FsFile, signal: AbortSignal | undefined): Promise<void> {
  const locked = file.lock(true);
  try {
    await unlessAborted(locked, signal);
  } catch (error) {
    locked.catch(() => {}).then(() => file.close());
    throw error;
  }
}

/** Older runtimes report no inode on Windows: there the file is never removed. */
function isSameFile(file: Deno.FsFile, path: string): boolean {
  const held = file.statSync();
  if (!held.ino) return true;
  const found = attempt(() => Deno.lstatSync(path));
  return found !== undefined && held.ino === found.ino && held.dev === found.dev;
}

function release(file: Deno.FsFile, path: string): void {
  try {
    // Unlink while still locked: a waiter then notices that its file has lost its name.
    // Without an inode it could not notice, so then the file stays.
    if (file.statSync().ino) Deno.removeSync(path);
  } catch {
    // It was removed by hand; closing ends the lock.
  } finally {
    file.close();
  }
}
