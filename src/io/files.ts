/**
 * The disk, through Deno. What the system says becomes a {@linkcode FileError}; nothing else leaves this file.
 *
 * Most calls are the synchronous ones: an asynchronous one wakes another thread, which takes longer than the call itself
 * does for files as small as these. What may wait, for a lock or for the disk to be flushed, does so beside the rest.
 */

import { FileError, type FileFacts, type FileLock, type Files, type Platform } from "./deps.ts";

/** The real disk. `platform` decides about permission bits, folder flushes and lock files, which Windows lacks. */
export function realFiles(platform: Platform): Files {
  const posix = platform !== "windows";
  const queues: Queues = new Map();
  return {
    read: (path) => orUndefined(path, () => readFile(path)),
    stat: (path) => orUndefined(path, () => facts(Deno.statSync(path), posix)),
    lstat: (path) => orUndefined(path, () => facts(Deno.lstatSync(path), posix)),
    realPath: (path) => orUndefined(path, () => Deno.realPathSync(path)),
    readLink: (path) => named(path, () => Deno.readLinkSync(path)),
    list: async (path) => (await orUndefined(path, () => names(path))) ?? [],
    makeDir: (path, mode) =>
      named(path, () => Deno.mkdirSync(path, posix ? { recursive: true, mode } : { recursive: true })),
    createNew: (path, bytes, mode) => named(path, () => createNew(path, bytes, posix ? { mode } : {})),
    chmod: (path, mode) => posix ? named(path, () => Deno.chmodSync(path, mode)) : Promise.resolve(),
    rename: (from, to) =>
      named(to, () => {
        if (posix) keepOwner(from, to);
        Deno.renameSync(from, to);
      }),
    remove: async (path) => {
      await orUndefined(path, () => Deno.removeSync(path));
    },
    syncDir: (path) => posix ? syncDir(path) : Promise.resolve(),
    lock: (path, signal) => named(path, () => inTurn(queues, path, signal, () => lock(path, posix, signal))),
  };
}

/**
 * Only regular files: a pipe or a terminal would be waited for without end, and no signal ends that wait. The null device
 * is how people say "no file".
 */
function readFile(path: string): Uint8Array<ArrayBuffer> {
  const { isFile, isDirectory, size } = Deno.statSync(path);
  if (size > MAX_BYTES) throw new FileError("other", path, "larger than 32 MiB");
  // What a folder is refused with is the system's to say.
  if (isFile || isDirectory) return Deno.readFileSync(path);
  if (Deno.realPathSync(path) === "/dev/null") return new Uint8Array();
  throw new FileError("other", path, NOT_A_FILE);
}

/** Nothing that is read here is as large, and nobody could interrupt the reading of what is much larger. */
const MAX_BYTES = 32 * 1024 * 1024;

const NOT_A_FILE = "not a regular file";

function names(path: string): readonly string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
}

function facts(info: Deno.FileInfo, posix: boolean): FileFacts {
  return {
    kind: info.isSymlink ? "symlink" : info.isFile ? "file" : info.isDirectory ? "directory" : "other",
    mode: posix && info.mode !== null ? info.mode & 0o777 : undefined,
    size: info.size,
    modified: info.mtime?.getTime(),
  };
}

async function createNew(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  mode: { readonly mode?: number },
): Promise<void> {
  const file = Deno.openSync(path, { write: true, createNew: true, ...mode });
  try {
    try {
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      await file.sync();
    } finally {
      file.close();
    }
  } catch (error) {
    attempt(() => Deno.removeSync(path));
    throw error;
  }
}

/** What `work` gives; undefined when it fails. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/**
 * A file that is replaced keeps its owner: a run as root (sudo, a container with the home folder mounted) must not
 * take a person's file away from them. Where the system does not allow it, the group alone is tried, then nothing.
 */
function keepOwner(from: string, to: string): void {
  const old = attempt(() => Deno.lstatSync(to));
  if (old === undefined || !old.isFile) return;
  const fresh = Deno.lstatSync(from);
  if (old.uid === fresh.uid && old.gid === fresh.gid) return;
  try {
    Deno.chownSync(from, old.uid, old.gid);
  } catch {
    attempt(() => Deno.chownSync(from, null, old.gid));
  }
}

/** Flushing a folder makes a rename last through a power cut. Not every system or sandbox allows it. */
async function syncDir(path: string): Promise<void> {
  try {
    const folder = Deno.openSync(path);
    try {
      await folder.sync();
    } finally {
      folder.close();
    }
  } catch {
    // The file itself is already flushed; a folder that cannot be opened is no reason to fail.
  }
}

/** Lock file to the end of the last turn within this process. */
type Queues = Map<string, Promise<unknown>>;

/**
 * Within this process one asks the system for a lock at a time. Each wait there takes a thread of Deno's, which has few
 * (32 in 2.4): with all of them waiting the holder could not even read its file.
 */
async function inTurn(
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

/** The end of `work`, or the signal's reason if that comes first. */
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
 * The lock is flock(2) on the file, not its existence: the system frees it when the holder dies, however it dies.
 * The file is unlinked on release, so a waiter may find itself holding the lock of a file that has no name any more;
 * it then starts again with the file that has the name now.
 */
async function lock(path: string, posix: boolean, signal: AbortSignal | undefined): Promise<FileLock> {
  while (true) {
    signal?.throwIfAborted();
    refuseLink(path);
    const file = Deno.openSync(path, { create: true, read: true, write: true, ...(posix ? { mode: 0o600 } : {}) });
    await flock(file, signal);
    let held = false;
    try {
      held = !posix || isSameFile(file, path);
      if (held) return { release: async () => release(file, path, posix) };
    } finally {
      if (!held) file.close();
    }
  }
}

/** A symlink in the lock's place would make us create a file somewhere else. */
function refuseLink(path: string): void {
  const info = attempt(() => Deno.lstatSync(path));
  if (info !== undefined && !info.isFile) {
    throw new FileError(info.isDirectory ? "directory" : "other", path, NOT_A_FILE);
  }
}

/**
 * Waits for the exclusive lock. A wait inside the system cannot be called off: when aborted, the file is closed as soon
 * as the system hands out the lock. Closes the file on failure.
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

function isSameFile(file: Deno.FsFile, path: string): boolean {
  const held = file.statSync();
  const found = attempt(() => Deno.lstatSync(path));
  return found !== undefined && held.ino === found.ino && held.dev === found.dev;
}

function release(file: Deno.FsFile, path: string, posix: boolean): void {
  try {
    // Unlinked while still held: nobody can take the lock of a file that is about to lose its name unnoticed.
    // Windows has no inode number to notice it by, so there the file stays.
    if (posix) Deno.removeSync(path);
  } catch {
    // Somebody removed it by hand; the lock ends with the close.
  } finally {
    file.close();
  }
}

async function orUndefined<T>(path: string, work: () => T): Promise<T | undefined> {
  try {
    return work();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(path, error);
  }
}

async function named<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Deno's error classes and the system's error codes, as the kinds the rest of the program decides by. */
function fileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof FileError) return error;
  const kind = kindOf(error);
  if (kind === undefined) return error;
  // "No space left on device (os error 28): write '/path'": the path is said by whoever shows this.
  return new FileError(kind, path, error.message.replace(/(\(os error \d+\)):.*$/s, "$1"));
}

function kindOf(error: Error): FileError["kind"] | undefined {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const windowsCode = /\(os error (\d+)\)/.exec(error.message)?.[1];
  if (error instanceof Deno.errors.NotCapable) return "blocked";
  if (code === "ENOSPC" || code === "EDQUOT" || /\(os error (122|69)\)/.test(error.message) && code === "") {
    return "full";
  }
  if (code === "EROFS") return "read-only";
  if (code === "EBUSY" || code === "ETXTBSY" || error instanceof Deno.errors.Busy) return "busy";
  // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: somebody has the file open; both pass.
  if (Deno.build.os === "windows" && (windowsCode === "32" || windowsCode === "33")) return "busy";
  if (error instanceof Deno.errors.NotFound) return "missing";
  if (error instanceof Deno.errors.PermissionDenied) return "denied";
  if (error instanceof Deno.errors.AlreadyExists) return "exists";
  if (error instanceof Deno.errors.IsADirectory) return "directory";
  if (code !== "" || windowsCode !== undefined || isSystemError(error)) return "other";
  return undefined;
}

function isSystemError(error: Error): boolean {
  return Object.values(Deno.errors).some((kind) => error instanceof kind);
}
