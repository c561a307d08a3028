/** Finding the three configuration files. */

import { Exit, UserError } from "../errors.ts";
import { FileError, type Files, type Platform } from "../io/deps.ts";
import { besideConfigFile, CONFIG_FILES, type ConfigFileName, joinPath, type Places } from "../io/paths.ts";
import { cannotRead, readFile, unlessUnreadable } from "../io/read_file.ts";
import { othersCanWrite } from "../io/safe_file.ts";
import { decodeText } from "./text_file.ts";

/** What reading a configuration needs from Deps. */
export type ConfigFiles = Pick<Files, "read" | "stat">;

/** The first file of a name; no `path` if no folder has it. */
export interface FoundFile {
  /** Absolute. */
  readonly path?: string;
  readonly text?: string;
}

/**
 * The places with the folder that `-c` means. The Python tool's help says "Path to config file", so a file means its
 * folder, with a warning. A missing folder is an error: the Python tool ignores it, and reads whatever is in
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
    // The sandbox grants three files in this folder but not the folder itself; only a missing folder or a file is visible.
    if (error.kind === "blocked") return places;
    if (!/not a directory/i.test(error.message)) throw cannotRead(folder, error);
  }
  if (facts === undefined) {
    throw new UserError(`cannot use the configuration folder "${folder}": it does not exist`, {
      exit: Exit.usage,
      hint: "use -c with the folder that contains onelogin.sdk.json, or omit -c to use ~/.onelogin",
    });
  }
  if (facts.kind === "directory") return places;
  const beside = besideConfigFile(platform, places);
  warn(`-c expects a folder, but "${folder}" is a file: using its folder, "${beside.configFolder}"`);
  return beside;
}

/**
 * The text of the first file of this name: `-c` folder, working directory, `~/.onelogin`. Files are not
 * merged.
 *
 * @throws UserError exit 2 when a file exists but cannot be read
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
 * The working directory is not trusted: what another user put there must not choose where a password goes.
 * The user is the owner of the home folder; root is trusted.
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
      ? `the ${what} belongs to another user (user id ${facts.owner})`
      : othersCanWrite(facts)
      ? `other users can change the ${what}`
      : undefined;
    if (reason === undefined) continue;
    throw new UserError(`will not use "${path}" in the working directory: ${reason}`, {
      exit: Exit.usage,
      hint: ["if you trust it, add: -c .", `check it: ls -ld "${folder}" "${path}"`],
    });
  }
}

/** The names of files taken from the working directory although `~/.onelogin` has them too. */
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
 * Whether an administrator placed `~/.onelogin/onelogin.sdk.json`: root owns it and the user cannot write it.
 * Then no other file's client or "ip" overrides it.
 */
export async function isAdministrators(places: Places, files: ConfigFiles, platform: Platform): Promise<boolean> {
  const look = (path: string) => unlessUnreadable(files.stat(path), undefined);
  const file = await look(joinPath(platform, places.oneloginFolder, "onelogin.sdk.json"));
  const person = (await look(places.home))?.owner;
  return file?.owner === 0 && person !== undefined && person !== 0 && !othersCanWrite(file);
}

/**
 * A warning about the permissions of onelogin.sdk.json. Other users who can change it can put an address of
 * their choice into "ip", or their own API client; other users who can read it get the client secret.
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
    ? "can be read by other users of this machine and contains the client secret"
    : undefined;
  return what === undefined ? undefined : `"${path}" ${what}; run: chmod 600 "${path}"`;
}

/** Whether onelogin.sdk.json could not be read for lack of permission. */
export function isDenied(error: unknown): boolean {
  return error instanceof UserError && error.cause instanceof FileError && error.cause.kind === "denied";
}
