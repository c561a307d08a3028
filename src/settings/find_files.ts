/** Finding the three configuration files. */

import { Exit, UserError } from "../errors.ts";
import { FileError, type Files, type Platform } from "../io/deps.ts";
import { besideConfigFile, CONFIG_FILES, type ConfigFileName, joinPath, type Places } from "../io/paths.ts";
import { cannotRead, readFile, unlessUnreadable } from "../io/read_file.ts";
import { othersCanWrite } from "../io/safe_file.ts";
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
    if (bytes === undefined) continue;
    if (folder === places.workingFolder) await refuseForeign(path, folder, places, files);
    return { path, text: decodeText(path, bytes) };
  }
  return {};
}

/**
 * A folder that one happens to be in is not a person: what another user put there must not choose where a password goes.
 * The person is who owns the home folder; root is trusted.
 *
 * @throws UserError exit 2
 */
async function refuseForeign(path: string, folder: string, places: Places, files: ConfigFiles): Promise<void> {
  const person = (await unlessUnreadable(files.stat(places.home), undefined))?.owner;
  if (person === undefined) return;
  for (const [what, at] of [["folder", folder], ["file", path]] as const) {
    const facts = await unlessUnreadable(files.stat(at), undefined);
    if (facts?.owner === undefined) continue;
    const reason = facts.owner !== person && facts.owner !== 0
      ? `the ${what} belongs to another user (number ${facts.owner})`
      : othersCanWrite(facts)
      ? `other users can change the ${what}`
      : undefined;
    if (reason === undefined) continue;
    throw new UserError(`will not use "${path}" of the working folder: ${reason}`, {
      exit: Exit.usage,
      hint: ["if you trust it, name the folder: -c .", `look at it: ls -ld "${folder}" "${path}"`],
    });
  }
}

/** The names of the files that were taken from the working folder although `~/.onelogin` has them too. */
export async function takenOver(
  found: readonly FoundFile[],
  places: Places,
  files: ConfigFiles,
  platform: Platform,
): Promise<readonly string[]> {
  const { workingFolder } = places;
  if (workingFolder === undefined) return [];
  const names = CONFIG_FILES.filter((name) =>
    found.some(({ path }) => path === joinPath(platform, workingFolder, name))
  );
  const both = await Promise.all(names.map(async (name) => {
    const own = await unlessUnreadable(files.stat(joinPath(platform, places.oneloginFolder, name)), undefined);
    return own === undefined ? [] : [name];
  }));
  return both.flat();
}

/**
 * Whether `~/.onelogin/onelogin.sdk.json` is an administrator's: root owns it, the person does not and cannot write it.
 * No other file's client or "ip" counts over it.
 */
export async function isAdministrators(places: Places, files: ConfigFiles, platform: Platform): Promise<boolean> {
  const look = (path: string) => unlessUnreadable(files.stat(path), undefined);
  const file = await look(joinPath(platform, places.oneloginFolder, "onelogin.sdk.json"));
  const person = (await look(places.home))?.owner;
  return file?.owner === 0 && person !== undefined && person !== 0 && !othersCanWrite(file);
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
