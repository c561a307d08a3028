/**
 * The disk, through Deno. What the system says becomes a {@linkcode FileError}; nothing else leaves this file.
 *
 * Most calls are the synchronous ones: an asynchronous one wakes another thread, which takes longer than the call itself
 * does for files as small as these. What may wait, for a lock or for the disk to be flushed, does so beside the rest.
 */

import { printable } from "../errors.ts";
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
 * The real disk. `platform` decides about permission bits, folder flushes and lock files, which Windows lacks.
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
 * Only regular files: a pipe or a terminal would be waited for without end, and no signal ends that wait. The null device
 * is how people say "no file".
 */
function readFile(path: string): Uint8Array<ArrayBuffer> {
  const { isFile, isDirectory, size } = Deno.statSync(path);
  if (isFile && size > MAX_FILE_BYTES) throw new FileError("other", path, TOO_LARGE);
  // What a folder is refused with is the system's to say.
  if (isFile || isDirectory) return Deno.readFileSync(path);
  if (Deno.realPathSync(path) === "/dev/null") return new Uint8Array();
  throw new FileError("other", path, NOT_A_FILE);
}

const TOO_LARGE = `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`;
const NOT_A_FILE = "not a regular file";

function names(path: string): readonly string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
}

/** What the system says of a file or folder. */
export function facts(info: Deno.FileInfo, posix: boolean): FileFacts {
  return {
    kind: info.isSymlink ? "symlink" : info.isFile ? "file" : info.isDirectory ? "directory" : "other",
    mode: posix && info.mode !== null ? info.mode & 0o777 : undefined,
    size: info.size,
    modified: info.mtime?.getTime(),
    ...(posix && info.uid !== null && info.gid !== null
      ? {
        owner: info.uid,
        group: info.gid,
        sticky: ((info.mode ?? 0) & 0o1000) !== 0,
        id: `${info.dev}:${info.ino}`,
      }
      : {}),
  };
}

interface NewFile {
  readonly posix: boolean;
  readonly mode: number;
  readonly flush: boolean;
  /** The folder it is in, where that can be seen. */
  readonly folder: FileFacts | undefined;
}

/**
 * Neither mode nor owner is ever set by name: somebody who can write the folder could put a link in its place, and have
 * another file opened or given away.
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
      if (options.flush) await flush(file);
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
 * Creates root's file in the folder of another user once more, for that user: a run by sudo, or in a container with a
 * home folder mounted, must not lock a person out. Only Node's functions change the owner of an open file.
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
    flushed(() => fsyncSync(file));
    const { uid, gid, size, dev, ino } = fstatSync(file);
    return { kind: "file", mode, size, modified: undefined, owner: uid, group: gid, id: `${dev}:${ino}` };
  } finally {
    closeSync(file);
  }
}

/**
 * A folder cannot be made for another user without following names that this user can change meanwhile. So root does not
 * make any in the folder of somebody else.
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
    "root makes no folder in the folder of another user, who could not use it",
    `make it as that user: sudo -u "#${above.owner}" mkdir -m 700 "${missing}"`,
  );
}

/** A link cannot lead from one mount to another, also where both are of the same disk. */
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
      // Opening follows a link, which somebody may have put here.
      const named = Deno.lstatSync(path);
      if (!named.isFile || named.dev !== dev || named.ino !== ino) throw new FileError("other", path, NOT_A_FILE);
      // Before the first byte of a key is in it, and through the open file.
      if ((mode & 0o077) !== 0) fchmodSync(file, mode & 0o700);
    }
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, done);
    ftruncateSync(file, bytes.length);
    flushed(() => fsyncSync(file));
  } finally {
    closeSync(file);
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

function isMissing(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
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
    // Never with "create": that would follow a link which somebody has put here meanwhile.
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

/** Network folders may have no locks (ENOLCK, ENOSYS) and no flush (EINVAL). Numbers of Linux, then those of macOS. */
function isMissingInSystem(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return /^(?:ENOLCK|ENOSYS|EINVAL|ENOTSUP|EOPNOTSUPP)$/.test(code) ||
    /\(os error (?:37|38|22|95|77|78|45|102)\)|^(?:ENOLCK|ENOSYS|EINVAL|ENOTSUP|EOPNOTSUPP):/.test(error.message);
}

const LOOK_AGAIN_MS = 100;
/** Windows refuses a file that was removed until everybody has closed it. */
const GOING_TRIES = 50;
const GOING_MS = 20;
/** A run that holds a lock touches it each minute; one that died does not. */
const TOUCH_MS = 60_000;
const STALE_MS = 600_000;

/** Where the system has no locks, who creates the lock file has the lock, as git does it. */
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

/** To the disk, where the system can. */
async function flush(file: Deno.FsFile): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    if (!isMissingInSystem(error)) throw error;
  }
}

/** The same with Node's function. */
function flushed(flush: () => void): void {
  try {
    flush();
  } catch (error) {
    if (!isMissingInSystem(error)) throw error;
  }
}

/** Undefined when the run that held it has just removed it, or, unless `last`, is about to have done so. */
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
      `the lock "${printable(path)}" belongs to another user (number ${owner})`,
      `when no run of that user is going on, remove it: ${removeFile(path)}`,
    );
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

/** On Windows older runtimes know no inode: there the file is never removed. */
function isSameFile(file: Deno.FsFile, path: string): boolean {
  const held = file.statSync();
  if (!held.ino) return true;
  const found = attempt(() => Deno.lstatSync(path));
  return found !== undefined && held.ino === found.ino && held.dev === found.dev;
}

function release(file: Deno.FsFile, path: string): void {
  try {
    // Unlinked while still held: nobody can take the lock of a file that is about to lose its name unnoticed.
    // Without an inode number nobody would notice, so then the file stays.
    if (file.statSync().ino) Deno.removeSync(path);
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
  // Errors of Node's functions have the code in their message.
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
  // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: somebody has the file open; both pass.
  if (Deno.build.os === "windows" && (windowsCode === "32" || windowsCode === "33")) return "busy";
  if (error instanceof Deno.errors.NotFound || code === "ENOENT") return "missing";
  if (error instanceof Deno.errors.PermissionDenied || code === "EACCES" || code === "EPERM") return "denied";
  if (error instanceof Deno.errors.AlreadyExists || code === "EEXIST") return "exists";
  if (error instanceof Deno.errors.IsADirectory || code === "EISDIR") return "directory";
  if (code !== "" || windowsCode !== undefined || isSystemError(error)) return "other";
  // The runtime's words where not even the root is there: a drive of Windows.
  if (error.message.startsWith("failed to create whole tree")) return "missing";
  // More of its own words, which name what it did: "…: mkdir 'Q:\x'".
  return /: [a-z]+ '.*'$/s.test(error.message) ? "other" : undefined;
}

function isSystemError(error: Error): boolean {
  return Object.values(Deno.errors).some((kind) => error instanceof kind);
}
