/** Creating and changing files and folders; loaded only by runs that do. */

import { attempt } from "../errors.ts";
import { FileError, type FileFacts, type Files } from "./deps.ts";
import { facts } from "./file_facts.ts";
import { inTurn, lock, type Queues } from "./file_lock.ts";
import { named, NOT_A_FILE } from "./on_path.ts";
import { isMissingInSystem } from "./system_errors.ts";

type Changes = Pick<Files, "makeDir" | "createNew" | "user" | "isMounted" | "overwrite" | "syncDir" | "lock">;

/**
 * The part of the disk's functions that creates and changes.
 *
 * @param posix whether there are permission bits and owners
 * @param folderOf what is known about the folder of a path
 */
export function changes(posix: boolean, folderOf: (path: string) => FileFacts | undefined): Changes {
  const queues: Queues = new Map();
  const create = (path: string, bytes: Uint8Array<ArrayBuffer>, mode: number, flush: boolean) =>
    createNew(path, bytes, { posix, mode, flush, folder: folderOf(path) });
  let user: number | undefined;
  return {
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
    isMounted: (path, probe) => Promise.resolve(posix && isMounted(path, probe)),
    overwrite: (path, bytes) => named(path, () => overwrite(path, bytes, posix)),
    syncDir: (path) => posix ? syncDir(path) : Promise.resolve(),
    lock: (path, signal) =>
      named(path, () =>
        inTurn(queues, path, signal, () =>
          lock(path, posix, signal, async () => {
            await create(path, new Uint8Array(), 0o600, false);
          }))),
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

/** Flushes to the disk, if the system can. */
async function flushed(flush: () => void | Promise<void>): Promise<void> {
  try {
    await flush();
  } catch (error) {
    if (!isMissingInSystem(error)) throw error;
  }
}
