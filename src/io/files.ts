/**
 * The disk, through Deno. System errors become a {@linkcode FileError}; no other error leaves this file.
 *
 * Most calls are synchronous: an asynchronous one wakes another thread, which takes longer than the call itself
 * for such small files. Calls that may wait, for a lock or a flush, are asynchronous.
 */

import { attempt } from "../errors.ts";
import { FileError, type Files, MAX_FILE_BYTES, type Platform, type SeenFolders } from "./deps.ts";
import { facts } from "./file_facts.ts";
import { parentFolder } from "./paths.ts";
import { named, NOT_A_FILE, orUndefined } from "./on_path.ts";

/**
 * The real disk. `platform` decides about permission bits, folder flushes and lock files: Windows lacks them.
 *
 * @param seen folders that the sandbox hides.
 */
export function realFiles(platform: Platform, seen: SeenFolders = {}): Files {
  const posix = platform !== "windows";
  const look = (path: string, read: (path: string) => Deno.FileInfo) => {
    try {
      return facts(read(path), posix);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable && seen[path] !== undefined) return seen[path];
      throw error;
    }
  };
  const folderOf = (path: string) => attempt(() => look(parentFolder(platform, path), Deno.statSync));
  // Most runs only read.
  let loaded: Promise<ReturnType<typeof import("./change_files.ts").changes>> | undefined;
  const change = () => loaded ??= import("./change_files.ts").then(({ changes }) => changes(posix, folderOf));
  return {
    read: (path) => orUndefined(path, () => readFile(path)),
    stat: (path) => orUndefined(path, () => look(path, Deno.statSync)),
    lstat: (path) => orUndefined(path, () => look(path, Deno.lstatSync)),
    realPath: (path) => orUndefined(path, () => Deno.realPathSync(path)),
    readLink: (path) => named(path, () => Deno.readLinkSync(path)),
    list: async (path) => (await orUndefined(path, () => names(path))) ?? [],
    rename: (from, to) => named(to, () => Deno.renameSync(from, to)),
    remove: async (path) => {
      await orUndefined(path, () => Deno.removeSync(path));
    },
    makeDir: async (...input) => (await change()).makeDir(...input),
    createNew: async (...input) => (await change()).createNew(...input),
    user: async (...input) => (await change()).user(...input),
    isMounted: async (...input) => (await change()).isMounted(...input),
    overwrite: async (...input) => (await change()).overwrite(...input),
    syncDir: async (...input) => (await change()).syncDir(...input),
    lock: async (...input) => (await change()).lock(...input),
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

function names(path: string): readonly string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
}
