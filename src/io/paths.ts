/**
 * Paths as plain text, for the given platform. Nothing here reads the disk; the launcher uses the same
 * functions for its grants, so that what is granted and what is opened cannot differ.
 */

import { posix, win32 } from "node:path";
import { Exit, quoted, UserError } from "../errors.ts";
import type { Platform } from "./deps.ts";

type Env = Readonly<Record<string, string>>;

/** The files searched for in the `-c` folder, the working directory and `~/.onelogin`. */
export const CONFIG_FILES = ["onelogin.sdk.json", "onelogin.aws.json", "accounts.yaml"] as const;

/** What a team shares: in the `-c` folder, or without `-c` in `~/.onelogin`. Never searched for in the working directory. */
export const TEAM_FILE = "team.json";

/** Names beside a file while it is replaced: the launcher grants exactly these. */
export const LOCK_SUFFIX = ".onelogin-lock";
export const TEMP_SUFFIX = ".onelogin-tmp";

export type ConfigFileName = typeof CONFIG_FILES[number];

function apiOf(platform: Platform): typeof posix {
  return platform === "windows" ? win32 : posix;
}

export function separatorOf(platform: Platform): string {
  return apiOf(platform).sep;
}

/** Whether a path means the same in every working directory. `\dir` and `C:dir` do not. */
export function isAbsolutePath(platform: Platform, path: string): boolean {
  return platform === "windows" ? win32.parse(path).root.length > "C:".length : posix.isAbsolute(path);
}

/** `path` under the absolute `base`, normalised, without a separator at the end. Windows drives and shares included. */
export function resolvePath(platform: Platform, base: string, path: string): string {
  const drive = platform === "windows" ? /^[A-Za-z]:(?![\\/])/.exec(path)?.[0] : undefined;
  if (drive === undefined) return apiOf(platform).resolve(base, path);
  // "D:dir" is in drive D's current folder, known only if the base is on D. Node would ask the system.
  const from = win32.parse(base).root.toLowerCase().startsWith(drive.toLowerCase()) ? base : `${drive}\\`;
  return win32.resolve(from, `.\\${path.slice(drive.length)}`);
}

/** Joins names below an absolute, normalised folder. */
export function joinPath(platform: Platform, folder: string, ...parts: readonly string[]): string {
  const sep = separatorOf(platform);
  return parts.reduce((path, part) =>
    // Normalising looks at each character, and a start joins hundreds of plain names.
    PLAIN_NAME.test(part) && !path.endsWith(sep)
      ? `${path}${sep}${part}`
      : resolvePath(platform, path, `.${sep}${part}`), folder);
}

/** Not "." or "..", and no name that Windows changes. */
const PLAIN_NAME = /^\.?\w[\w-]*(?:\.\w[\w-]*)*$/;

/** The parent folder of an absolute, normalised path; the root for the root. */
export function parentFolder(platform: Platform, path: string): string {
  return apiOf(platform).dirname(path);
}

/** Whether an absolute path is a normalised folder or inside it, by its text alone. */
export function isWithin(platform: Platform, folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}${separatorOf(platform)}`);
}

/**
 * The home folder: HOME, on Windows USERPROFILE, then HOMEDRIVE and HOMEPATH (as Python's `os.path.expanduser` and the
 * AWS CLI do).
 *
 * @throws UserError exit 2, when it is not set or not absolute.
 */
export function homeFolder(platform: Platform, env: Env): string {
  const home = platform === "windows"
    ? env["USERPROFILE"] || (env["HOMEPATH"] ? `${env["HOMEDRIVE"] ?? ""}${env["HOMEPATH"]}` : "")
    : env["HOME"] ?? "";
  const name = platform === "windows" ? "USERPROFILE" : "HOME";
  if (home !== "" && isAbsolutePath(platform, home)) return resolvePath(platform, home, ".");
  throw new UserError(
    home === ""
      ? `cannot find the home folder: the environment variable "${name}" is not set`
      : `cannot use the home folder that "${name}" names: it is not an absolute path`,
    { exit: Exit.usage, hint: `set ${name} to the folder that contains .aws and .onelogin` },
  );
}

/** Resolves a path as typed: `~` is the home folder; a relative path starts in the working directory. */
export function userPath(platform: Platform, home: string, cwd: string, path: string): string {
  const inHome = platform === "windows" ? /^~(?:[\\/]|$)/ : /^~(?:\/|$)/;
  return inHome.test(path) ? joinPath(platform, home, path.slice(1)) : resolvePath(platform, cwd, path);
}

/** Whether an absolute path is a Windows path, by its start. */
function isOfWindows(path: string): boolean {
  return /^[A-Za-z]:|^\\\\/.test(path);
}

/** The folder of an absolute path, as written; the root for the root. */
export function folderOf(path: string): string {
  return apiOf(isOfWindows(path) ? "windows" : "linux").dirname(path);
}

/** The target of a link in `folder`. An absolute one stays as written: its ".." may be behind another link. */
export function linkTarget(folder: string, target: string): string {
  const { isAbsolute, resolve } = apiOf(isOfWindows(folder) ? "windows" : "linux");
  return isAbsolute(target) ? target : resolve(folder, target);
}

/** The command that shows the permissions of a file or folder, for the platform of the path. */
export function lookAt(path: string): string {
  return `${isOfWindows(path) ? "icacls" : "ls -ld"} ${quoted(path)}`;
}

/** The command that creates a folder and its parents for its owner alone. */
export function makeFolder(path: string): string {
  return `${isOfWindows(path) ? "mkdir" : "mkdir -p -m 700"} ${quoted(path)}`;
}

export function removeFile(path: string): string {
  return `${isOfWindows(path) ? "del" : "rm"} ${quoted(path)}`;
}

/** The command that shows the target of a link. */
export function lookAtLink(path: string): string {
  return `${isOfWindows(path) ? "dir" : "ls -l"} ${quoted(path)}`;
}

/** Whether a Windows path is a network or device path: `\\\\server\\share`, `\\\\?\\C:`. */
export function isNetworkPath(platform: Platform, path: string): boolean {
  return platform === "windows" && /^[\\/]{2}/.test(path);
}

/**
 * The runtime refuses network paths whatever the sandbox grants (denoland/deno#24703), and their locks are not reliable.
 *
 * @param name the option or variable that set the path.
 */
function refuseNetworkPath(platform: Platform, path: string, name: string): string {
  if (!isNetworkPath(platform, path)) return path;
  throw new UserError(`cannot use ${quoted(path)} (from ${name}): it is a network path`, {
    exit: Exit.usage,
    hint: [
      `set ${name} to a folder or file on a drive of this computer`,
      "map the share to a drive letter and use that: net use Z: \\\\server\\share",
    ],
  });
}

/** Where this run's files are. All paths are absolute. */
export interface Places {
  readonly home: string;
  readonly awsFolder: string;
  readonly oneloginFolder: string;
  /** The credentials file: `--file`, AWS_SHARED_CREDENTIALS_FILE, or ~/.aws/credentials. */
  readonly credentialsFile: string;
  /** AWS's config file: AWS_CONFIG_FILE or ~/.aws/config. */
  readonly configFile: string;
  /** Present when `--file` was given; the same as `credentialsFile`. */
  readonly file?: string;
  /** Present when `-c` was given. */
  readonly configFolder?: string;
  /** The working directory, if it is searched without `-c`. */
  readonly workingFolder?: string;
  /** Where the configuration files are searched for; each file is taken from the first folder that has it. */
  readonly searchFolders: readonly string[];
}

/** The same places if `-c` names a file: its folder is searched. */
export function besideConfigFile(platform: Platform, places: Places): Places {
  const { configFolder: file } = places;
  if (file === undefined) return places;
  const folder = parentFolder(platform, file);
  return {
    ...places,
    configFolder: folder,
    searchFolders: places.searchFolders.map((each) => each === file ? folder : each),
  };
}

export function teamPath(platform: Platform, places: Pick<Places, "oneloginFolder" | "configFolder">): string {
  return joinPath(platform, places.configFolder ?? places.oneloginFolder, TEAM_FILE);
}

export function isTeamFile(path: string): boolean {
  return path.split(/[\\/]/).at(-1) === TEAM_FILE;
}

/**
 * The places of a run, from the options `file` and `configFolder`, the command and the environment. Empty text is
 * unset.
 *
 * @throws UserError exit 2, when there is no home folder, and for a network path on Windows.
 */
export function placesFor(
  options: {
    readonly file?: string | undefined;
    readonly configFolder?: string | undefined;
    readonly command?: string | undefined;
  },
  context: { readonly env: Env; readonly cwd: string; readonly platform: Platform },
): Places {
  const { env, cwd, platform } = context;
  const home = refuseNetworkPath(platform, homeFolder(platform, env), "USERPROFILE");
  const absolute = (path: string | undefined, name: string) =>
    path ? refuseNetworkPath(platform, userPath(platform, home, cwd, path), name) : undefined;
  const awsFolder = joinPath(platform, home, ".aws");
  const oneloginFolder = joinPath(platform, home, ".onelogin");
  const file = absolute(options.file, "--file");
  const configFolder = absolute(options.configFolder, "--config-file-path");
  // SDKs start credential-process in any folder, and nobody reads its warnings.
  const leftOut = options.command === "credential-process" || isNetworkPath(platform, cwd);
  const workingFolder = leftOut ? undefined : resolvePath(platform, cwd, ".");
  return {
    home,
    awsFolder,
    oneloginFolder,
    credentialsFile: file ?? absolute(env["AWS_SHARED_CREDENTIALS_FILE"], "AWS_SHARED_CREDENTIALS_FILE") ??
      joinPath(platform, awsFolder, "credentials"),
    configFile: absolute(env["AWS_CONFIG_FILE"], "AWS_CONFIG_FILE") ?? joinPath(platform, awsFolder, "config"),
    ...(file === undefined ? {} : { file }),
    ...(configFolder === undefined ? {} : { configFolder }),
    searchFolders: [
      ...(configFolder === undefined ? [] : [configFolder]),
      ...(workingFolder === undefined ? [] : [workingFolder]),
      oneloginFolder,
    ],
    ...(workingFolder === undefined || workingFolder === configFolder || workingFolder === oneloginFolder
      ? {}
      : { workingFolder }),
  };
}
