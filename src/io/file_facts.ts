import type { FileFacts } from "./deps.ts";

/** The system's information about a file or folder. */
export function facts(info: Deno.FileInfo, posix: boolean): FileFacts {
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
