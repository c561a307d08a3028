/** Finding the configuration files. */

import { Exit, UserError } from "../errors.ts";
import { FileError, type Files, type Platform } from "../io/deps.ts";
import {
  besideConfigFile,
  CONFIG_FILES,
  type ConfigFileName,
  joinPath,
  lookAt,
  type Places,
  teamPath,
} from "../io/paths.ts";
import { cannotRead, othersCanWrite, readFile, unlessUnreadable } from "../io/read_file.ts";
import { decodeText, type Warn } from "./text_file.ts";

/** What reading a configuration needs from Deps. */
export type ConfigFiles = Pick<Files, "read" | "stat">;

/** The first file of a name; no `path` if no folder has it. */
export interface FoundFile {
  /** Absolute. */
  readonly path?: string;
  readonly text?: string;
}

/**
 * The places with the folder that `-c` means. The Python tool's help calls it "Path to config file", so a file means its
 * folder, with a warning. A missing folder is an error: the Python tool ignores it, and reads whatever is in
 * the working directory instead.
 *
 * @throws UserError exit 2
 */
export async function configPlaces(
  places: Places,
  files: ConfigFiles,
  platform: Platform,
  warn: Warn,
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
 * The text of team.json. A file that another user can change is refused: it names the account that a password is for.
 *
 * @throws UserError exit 2
 */
export async function findTeamFile(places: Places, files: ConfigFiles, platform: Platform): Promise<FoundFile> {
  const path = teamPath(platform, places);
  const bytes = await readFile(files, path);
  if (bytes === undefined) return {};
  const reason = await distrust("file", path, await ownerOf(places, files), files);
  if (reason === undefined) return { path, text: decodeText(path, bytes) };
  throw new UserError(`will not use "${path}": ${reason}`, {
    exit: Exit.usage,
    hint: [`it must belong to you or root, and only its owner may write it: ${lookAt(path)}`],
  });
}

/** The user that the home folder belongs to; undefined if the platform has no owners. */
async function ownerOf(places: Places, files: ConfigFiles): Promise<number | undefined> {
  return (await unlessUnreadable(files.stat(places.home)))?.owner;
}

/** Why a file or folder is not trusted: someone other than the person and root can change it. */
async function distrust(
  what: "file" | "folder",
  path: string,
  person: number | undefined,
  files: ConfigFiles,
): Promise<string | undefined> {
  const facts = await unlessUnreadable(files.stat(path));
  if (person === undefined || facts?.owner === undefined) return undefined;
  if (facts.owner !== person && facts.owner !== 0) {
    return `the ${what} belongs to another user (user id ${facts.owner})`;
  }
  return othersCanWrite(facts) ? `other users can change the ${what}` : undefined;
}

/**
 * The working directory is not trusted: what another user put there must not choose where a password goes.
 * The user is the owner of the home folder; root is trusted.
 *
 * @throws UserError exit 2
 */
async function refuseForeign(path: string, folder: string, places: Places, files: ConfigFiles): Promise<void> {
  const person = await ownerOf(places, files);
  for (const [what, at] of [["folder", folder], ["file", path]] as const) {
    const reason = await distrust(what, at, person, files);
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
    const own = await unlessUnreadable(files.stat(joinPath(platform, places.oneloginFolder, name)));
    return own === undefined ? [] : [name];
  }));
  return both.flat();
}

/**
 * Whether an administrator placed `~/.onelogin/onelogin.sdk.json`: root owns it and the user cannot write it.
 * Then no other file's client or "ip" overrides it.
 */
export async function isAdministrators(places: Places, files: ConfigFiles, platform: Platform): Promise<boolean> {
  const path = joinPath(platform, places.oneloginFolder, "onelogin.sdk.json");
  const file = await unlessUnreadable(files.stat(path));
  const person = await ownerOf(places, files);
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
  const { mode, owner } = await unlessUnreadable(files.stat(path)) ?? {};
  if (mode === undefined) return undefined;
  // The user can read what root placed only through a group.
  const others = owner === 0 ? 0o007 : 0o077;
  const what = (mode & 0o022) !== 0
    ? "can be changed by other users of this machine"
    : holdsSecret && (mode & others) !== 0
    ? "can be read by other users of this machine and contains the client secret"
    : undefined;
  return what === undefined ? undefined : `"${path}" ${what}; run: chmod 600 "${path}"`;
}

/** Whether onelogin.sdk.json could not be read for lack of permission. */
export function isDenied(error: unknown): boolean {
  return error instanceof UserError && error.cause instanceof FileError && error.cause.kind === "denied";
}
