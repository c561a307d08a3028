/** Finding the three configuration files. */

import { Exit, UserError } from "../errors.ts";
import { FileError, type Files, type Platform } from "../io/deps.ts";
import { besideConfigFile, type ConfigFileName, joinPath, type Places } from "../io/paths.ts";
import { cannotRead, readFile, unlessUnreadable } from "../io/read_file.ts";
import { decodeText } from "./text_file.ts";

/** What a configuration needs of the disk. */
export type ConfigFiles = Pick<Files, "read" | "stat">;

/** The first file of a name; without `path` no folder has it. */
export interface FoundFile {
  /** Absolute. */
  readonly path?: string;
  readonly text?: string;
}

/**
 * The places with the folder that `-c` means. The Python tool's help says "Path to config file", so a file stands for its
 * folder, with a warning. A folder that does not exist is an error: the Python tool ignores it, and reads whatever is in
 * the working directory instead.
 *
 * @throws UserError exit 2
 */
export async function configPlaces(
  places: Places,
  files: ConfigFiles,
  platform: Platform,
  warn: (line: string) => void,
): Promise<Places> {
  const folder = places.configFolder;
  if (folder === undefined) return places;
  let facts;
  try {
    facts = await files.stat(folder);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    // The sandbox opens three files in this folder and not the folder itself; it lets only a missing one or a file be seen.
    if (error.kind === "blocked") return places;
    if (!/not a directory/i.test(error.message)) throw cannotRead(folder, error);
  }
  if (facts === undefined) {
    throw new UserError(`cannot use the configuration folder "${folder}": it does not exist`, {
      exit: Exit.usage,
      hint: "give the folder that holds onelogin.sdk.json with -c, or leave -c out to use ~/.onelogin",
    });
  }
  if (facts.kind === "directory") return places;
  const beside = besideConfigFile(platform, places);
  warn(`-c takes a folder and "${folder}" is a file: using its folder, "${beside.configFolder}"`);
  return beside;
}

/**
 * The text of the first file of this name: `-c` folder, working directory, `~/.onelogin`. The whole file counts, nothing
 * is merged.
 *
 * @throws UserError exit 2 when a file is there but cannot be read
 */
export async function findFile(
  name: ConfigFileName,
  places: Places,
  files: ConfigFiles,
  platform: Platform,
): Promise<FoundFile> {
  for (const folder of places.searchFolders) {
    const path = joinPath(platform, folder, name);
    const bytes = await readFile(files, path);
    if (bytes !== undefined) return { path, text: decodeText(path, bytes) };
  }
  return {};
}

/**
 * What is wrong with the permissions of onelogin.sdk.json, as a warning. Others who may change it can put an address of
 * their choice into "ip", or their own API client; others who may read it get the client secret.
 */
export async function permissionWarning(
  path: string,
  holdsSecret: boolean,
  files: ConfigFiles,
): Promise<string | undefined> {
  const mode = (await unlessUnreadable(files.stat(path), undefined))?.mode;
  if (mode === undefined) return undefined;
  const what = (mode & 0o022) !== 0
    ? "can be changed by other users of this machine"
    : holdsSecret && (mode & 0o077) !== 0
    ? "can be read by other users of this machine and holds the client secret"
    : undefined;
  return what === undefined ? undefined : `"${path}" ${what}; run: chmod 600 "${path}"`;
}

/** Whether a failure to read onelogin.sdk.json is only a lack of permission. */
export function isDenied(error: unknown): boolean {
  return error instanceof UserError && error.cause instanceof FileError && error.cause.kind === "denied";
}
