/**
 * The disk, through Deno. System errors become a {@linkcode FileError}; no other error leaves this file.
 *
 * Most calls are synchronous: an asynchronous one wakes another thread, which takes longer than the call itself
 * for such small files. Calls that may wait, for a lock or a flush, are asynchronous.
 */

import { attempt, printable } from "../errors.ts";
import {
  FileError,
  type FileFacts,
  type FileLock,
  type Files,
  MAX_FILE_BYTES,
  type Platform,
  type SeenFolders,
} from "./deps.ts";
import { parentFolder, removeFile } from "./paths.ts";

/**
 * The real disk. `platform` decides about permission bits, folder flushes and lock files: Windows lacks them.
 *
 * @param seen folders that the sandbox hides.
 */
export function realFiles(platform: Platform, seen: SeenFolders = {}): Files {
  const posix = platform !== "windows";
  const queues: Queues = new Map();
  const look = (path: string, read: (path: string) => Deno.FileInfo) => {
    try {
      return facts(read(path), posix);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable && seen[path] !== undefined) return seen[path];
      throw error;
    }
  };
  const folderOf = (path: string) => attempt(() => look(parentFolder(platform, path), Deno.statSync));
  const create = (path: string, bytes: Uint8Array<ArrayBuffer>, mode: number, flush: boolean) =>
    createNew(path, bytes, { posix, mode, flush, folder: folderOf(path) });
  let user: number | undefined;
  return {
    read: (path) => orUndefined(path, () => readFile(path)),
    stat: (path) => orUndefined(path, () => look(path, Deno.statSync)),
    lstat: (path) => orUndefined(path, () => look(path, Deno.lstatSync)),
    realPath: (path) => orUndefined(path, () => Deno.realPathSync(path)),
    readLink: (path) => named(path, () => Deno.readLinkSync(path)),
    list: async (path) => (await orUndefined(path, () => names(path))) ?? [],
    makeDir: (path, mode) =>
      named(path, () => {
        if (posix) refuseRootsFolder(path, mode, folderOf);
        Deno.mkdirSync(path, posix ? { recursive: true, mode } : { recursive: true });
      }),
    createNew: (path, bytes, mode) => named(path, () => create(path, bytes, mode, true)),
    user: async (probe) => {
      if (!posix || user !== undefined) return user;
      return await named(probe, async () => {
        const made = await createNew(probe, new Uint8Array(), { posix, mode: 0o600, flush: false, folder: undefined });
        Deno.removeSync(probe);
        return user = made.owner;
      });
    },
    rename: (from, to) => named(to, () => Deno.renameSync(from, to)),
    isMounted: (path, probe) => Promise.resolve(posix && isMounted(path, probe)),
    overwrite: (path, bytes) => named(path, () => overwrite(path, bytes, posix)),
    remove: async (path) => {
      await orUndefined(path, () => Deno.removeSync(path));
    },
    syncDir: (path) => posix ? syncDir(path) : Promise.resolve(),
    lock: (path, signal) =>
      named(path, () =>
        inTurn(queues, path, signal, () =>
          lock(path, posix, signal, async () => {
            await create(path, new Uint8Array(), 0o600, false);
          }))),
  };
}

/**
 * Only regular files: reading a pipe or a terminal could block forever, and no signal ends that. The null device
 * means "no file".
 */
function readFile(path: string): Uint8Array<ArrayBuffer> {
  const { isFile, isDirectory, size } = Deno.statSync(path);
  if (isFile && size > MAX_FILE_BYTES) throw new FileError("other", path, TOO_LARGE);
  // For a folder, let the system report the error.
  if (isFile || isDirectory) return Deno.readFileSync(path);
  if (Deno.realPathSync(path) === "/dev/null") return new Uint8Array();
  throw new FileError("other", path, NOT_A_FILE);
}

const TOO_LARGE = `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`;
const NOT_A_FILE = "not a regular file";

function names(path: string): readonly string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
}

/** The system's information about a file or folder. */
function facts(info: Deno.FileInfo, posix: boolean): FileFacts {
  return {
    kind: info.isSymlink ? "symlink" : info.isFile ? "file" : info.isDirectory ? "directory" : "other",
    mode: posix && info.mode !== null ? info.mode & 0o777 : undefined,
    size: info.size,
    modified: info.mtime?.getTime(),
    ...(posix && info.uid !== null && info.gid !== null
      ? { owner: info.uid, group: info.gid, sticky: ((info.mode ?? 0) & 0o1000) !== 0, id: `${info.dev}:${info.ino}` }
      : {}),
  };
}

/** The disk as the launcher sees it before it narrows the permissions. What cannot be read is undefined. */
export function launchFiles(platform: Platform) {
  return {
    read: (path: string) => attempt(() => Deno.statSync(path).isFile ? Deno.readFileSync(path) : undefined),
    realPath: (path: string) => attempt(() => Deno.realPathSync(path)),
    readLink: (path: string) => attempt(() => Deno.readLinkSync(path)),
    stat: (path: string) => attempt(() => facts(Deno.statSync(path), platform !== "windows")),
  };
}

interface NewFile {
  readonly posix: boolean;
  readonly mode: number;
  readonly flush: boolean;
  /** The folder that contains it, if visible. */
  readonly folder: FileFacts | undefined;
}

/**
 * Never set mode or owner by name: anyone who can write the folder could put a link in its place, and have
 * another file opened or its owner changed.
 */
async function createNew(path: string, bytes: Uint8Array<ArrayBuffer>, options: NewFile): Promise<FileFacts> {
  const { posix, mode, folder } = options;
  const file = Deno.openSync(path, { write: true, createNew: true, ...(posix ? { mode } : {}) });
  try {
    try {
      const made = facts(file.statSync(), posix);
      if (made.owner === 0 && folder?.owner !== undefined && folder.owner !== 0) {
        return await handOver(path, bytes, mode, folder);
      }
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      if (options.flush) await flushed(() => file.sync());
      return made;
    } finally {
      file.close();
    }
  } catch (error) {
    attempt(() => Deno.removeSync(path));
    throw error;
  }
}

/**
 * Makes another user the owner of root's new file in that user's folder: a run with sudo, or in a container with a
 * mounted home folder, must not lock anyone out. Only Node's functions change the owner of an open file.
 */
async function handOver(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  mode: number,
  folder: FileFacts,
): Promise<FileFacts> {
  const { closeSync, fchownSync, fstatSync, fsyncSync, openSync, writeSync } = await import("node:fs");
  Deno.removeSync(path);
  const file = openSync(path, "wx", mode);
  try {
    fchownSync(file, folder.owner ?? 0, folder.group ?? 0);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    await flushed(() => fsyncSync(file));
    const { uid, gid, size, dev, ino } = fstatSync(file);
    return { kind: "file", mode, size, modified: undefined, owner: uid, group: gid, id: `${dev}:${ino}` };
  } finally {
    closeSync(file);
  }
}

/**
 * Creating a folder for another user would follow names that this user can change meanwhile. So root does not
 * create one in the folder of another user.
 */
function refuseRootsFolder(path: string, mode: number, folderOf: (path: string) => FileFacts | undefined): void {
  let missing = path;
  let above = folderOf(missing);
  while (above === undefined && missing.lastIndexOf("/") > 0) {
    missing = missing.slice(0, missing.lastIndexOf("/"));
    above = folderOf(missing);
  }
  if (above?.owner === undefined || above.owner === 0 || !isMissing(missing)) return;
  Deno.mkdirSync(missing, { mode });
  if (Deno.lstatSync(missing).uid !== 0) return;
  Deno.removeSync(missing);
  throw new FileError(
    "foreign",
    missing,
    "root does not create a folder in another user's folder: that user could not use it",
    `create it as that user: sudo -u "#${above.owner}" mkdir -m 700 "${missing}"`,
  );
}

/** A hard link cannot cross mounts, even on one disk. */
function isMounted(path: string, probe: string): boolean {
  try {
    Deno.linkSync(path, probe);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EXDEV";
  }
  Deno.removeSync(probe);
  return false;
}

async function overwrite(path: string, bytes: Uint8Array<ArrayBuffer> | undefined, posix: boolean): Promise<void> {
  const { closeSync, fchmodSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } = await import("node:fs");
  const file = openSync(path, "r+");
  try {
    if (bytes === undefined) return;
    if (posix) {
      const { dev, ino, mode } = fstatSync(file);
      // Opening follows a link, which another user may have put here.
      const named = Deno.lstatSync(path);
      if (!named.isFile || named.dev !== dev || named.ino !== ino) throw new FileError("other", path, NOT_A_FILE);
      // Through the open file, and before it contains the first byte of a key.
      if ((mode & 0o077) !== 0) fchmodSync(file, mode & 0o700);
    }
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, done);
    ftruncateSync(file, bytes.length);
    await flushed(() => fsyncSync(file));
  } finally {
    closeSync(file);
  }
}

function isMissing(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

/** Flushing a folder makes a rename survive a power cut. Not every system or sandbox allows it. */
async function syncDir(path: string): Promise<void> {
  try {
    const folder = Deno.openSync(path);
    try {
      await folder.sync();
    } finally {
      folder.close();
    }
  } catch {
    // The file itself is flushed, so do not fail if the folder cannot be opened.
  }
}

/** Lock file to the promise of the last turn within this process. */
type Queues = Map<string, Promise<unknown>>;

/**
 * Within this process only one task waits for a system lock at a time. Each wait takes one of Deno's few threads
 * (32 in 2.4): if all were waiting, the task that has the lock could not even read its file.
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
async function lock(
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

/** Network folders may lack locks (ENOLCK, ENOSYS) and flush (EINVAL). Numbers of Linux, then of macOS. */
function isMissingInSystem(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return /^(?:ENOLCK|ENOSYS|EINVAL|ENOTSUP|EOPNOTSUPP)$/.test(code) ||
    /\(os error (?:37|38|22|95|77|78|45|102)\)|^(?:ENOLCK|ENOSYS|EINVAL|ENOTSUP|EOPNOTSUPP):/.test(error.message);
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

/** Flushes to the disk, if the system can. */
async function flushed(flush: () => void | Promise<void>): Promise<void> {
  try {
    await flush();
  } catch (error) {
    if (!isMissingInSystem(error)) throw error;
  }
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

/** Maps Deno's error classes and the system's error codes to the kinds that the program uses. */
function fileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof FileError) return error;
  const kind = kindOf(error);
  if (kind === undefined) return error;
  // "No space left on device (os error 28): write '/path'": the caller adds the path itself.
  return new FileError(kind, path, error.message.replace(/(\(os error \d+\)):.*$/s, "$1"));
}

function kindOf(error: Error): FileError["kind"] | undefined {
  // Node's functions put the code into the message.
  const code = "code" in error && typeof error.code === "string"
    ? error.code
    : /^(E[A-Z]+): /.exec(error.message)?.[1] ?? "";
  const windowsCode = /\(os error (\d+)\)/.exec(error.message)?.[1];
  if (error instanceof Deno.errors.NotCapable) return "blocked";
  if (code === "ENOSPC" || code === "EDQUOT" || /\(os error (122|69)\)/.test(error.message) && code === "") {
    return "full";
  }
  if (code === "EROFS") return "read-only";
  if (code === "EBUSY" || code === "ETXTBSY" || error instanceof Deno.errors.Busy) return "busy";
  // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: another process has the file open for now.
  if (Deno.build.os === "windows" && (windowsCode === "32" || windowsCode === "33")) return "busy";
  if (error instanceof Deno.errors.NotFound || code === "ENOENT") return "missing";
  if (error instanceof Deno.errors.PermissionDenied || code === "EACCES" || code === "EPERM") return "denied";
  if (error instanceof Deno.errors.AlreadyExists || code === "EEXIST") return "exists";
  if (error instanceof Deno.errors.IsADirectory || code === "EISDIR") return "directory";
  if (code !== "" || windowsCode !== undefined || isSystemError(error)) return "other";
  // The runtime's message when even the root is missing: a Windows drive.
  if (error.message.startsWith("failed to create whole tree")) return "missing";
  // The runtime appends what it did: "…: mkdir 'Q:\x'".
  return /: [a-z]+ '.*'$/s.test(error.message) ? "other" : undefined;
}

function isSystemError(error: Error): boolean {
  return Object.values(Deno.errors).some((kind) => error instanceof kind);
}
