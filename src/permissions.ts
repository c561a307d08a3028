/**
 * The sandbox policy as one pure function: which paths and hosts this run may touch.
 *
 * A compiled binary cannot name `~` in its permissions, so the outer wall (the flags of the `start` task, baked in by
 * `deno compile`) allows reading and writing anywhere. `main.ts` narrows its permissions to exactly what is returned here
 * before it loads the program. SECURITY.md lists what that stops and what it does not.
 */

import { allStsHosts, PARTITIONS, signinHosts, stsHost } from "./aws/partitions.ts";
import type { CommandLine, Parsed } from "./argv/parse.ts";
import { defined } from "./defined.ts";
import { attempt, UserError } from "./errors.ts";
import { checkApiUrl, endpointsFrom, usesDualStack, usesFips } from "./settings/endpoints.ts";
import { browserKeys, browserPort } from "./settings/browser.ts";
import { readAwsRegion } from "./settings/values.ts";
import {
  besideConfigFile,
  CONFIG_FILES,
  isNetworkPath,
  joinPath,
  LOCK_SUFFIX,
  parentFolder,
  type Places,
  placesFor,
  resolvePath,
  TEAM_FILE,
  teamPath,
  TEMP_SUFFIX,
  userPath,
} from "./io/paths.ts";
import type { FileFacts, Platform, SeenFolders } from "./io/deps.ts";
import { CA_NAMES, proxyEnv } from "./io/network_env.ts";
import { ENV_NAMES } from "./outer_wall.ts";
import { RELEASES_HOST } from "./repository.ts";
import { storePaths } from "./store/names.ts";

/**
 * The set variables, as the program sees them; requests to this machine never go to a proxy. If none of them
 * names certificates for AWS tools, `ca_bundle` of the config file is added under that name.
 */
export async function readEnv(
  get: (name: string) => string | undefined,
  place?: Pick<World, "cwd" | "platform"> & { readonly read: (path: string) => Uint8Array | undefined },
): Promise<Readonly<Record<string, string>>> {
  const env = Object.fromEntries(ENV_NAMES.flatMap((name) => {
    const value = get(name);
    return value === undefined ? [] : [[name, value]];
  }));
  const config = place && !env["AWS_CA_BUNDLE"]
    ? attempt(() => placesFor({}, { env, ...place }).configFile)
    : undefined;
  const bytes = config === undefined ? undefined : place?.read(config);
  // Most files have none, and some have thousands of profiles.
  const bundle = bytes && new TextDecoder().decode(bytes).includes("ca_bundle")
    ? (await import("./aws/files/ca_bundle.ts")).caBundle(bytes, env["AWS_PROFILE"] || "default")
    : undefined;
  return { ...proxyEnv(env), ...defined({ ca_bundle: bundle }) };
}

/** OneLogin's API hosts (OneLogin API, "API Resource URLs"). */
const ONELOGIN_HOSTS = ["api.us.onelogin.com", "api.eu.onelogin.com"] as const;

/** What the launcher knows before it narrows anything. */
export interface World {
  readonly commandLine: CommandLine;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly platform: Platform;
  /** Resolves all symlinks of a path; undefined when it does not exist. */
  readonly realPath: (path: string) => string | undefined;
  /** The target of a symlink, as written in the link; undefined when the path is not a symlink. */
  readonly readLink: (path: string) => string | undefined;
  readonly stat: (path: string) => Pick<FileFacts, "kind"> | undefined;
  /** The bytes of a regular file; undefined when it is missing or unreadable. */
  readonly read: (path: string) => Uint8Array | undefined;
}

/** The paths and exact hosts (`host:port`) of a run. It gets no other permission. */
export interface Grants {
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly net: readonly string[];
}

/** The lock and the temporary file that replacing a file safely needs. */
export function besideNames(path: string): readonly string[] {
  return [path, path + LOCK_SUFFIX, path + TEMP_SUFFIX];
}

/**
 * What a run with these arguments and this environment may touch. Never throws and never guesses: if the command line
 * or an address is wrong, it grants nothing for it, and the program reports the error.
 */
export function grantsFor(world: World): Grants {
  const parsed = world.commandLine instanceof UserError ? undefined : world.commandLine;
  const run = placesOf(world, parsed);
  const { read, write } = run ? paths(world, run) : { read: [], write: [] };
  return { read, write, net: hosts(world, parsed, run?.places.searchFolders ?? []) };
}

/** The files of a run; `named` has the `-c` value as typed, `places` has the folder of a file named by `-c`. */
interface RunPlaces {
  readonly places: Places;
  readonly named: Places;
}

function placesOf(world: World, parsed: Parsed | undefined): RunPlaces | undefined {
  const { env, cwd, platform } = world;
  const text = (key: string) => textOf(parsed, key);
  const options = { file: text("file"), configFolder: text("configFolder"), command: parsed?.command };
  const named = attempt(() => placesFor(options, { env, cwd, platform }));
  const isFile = named?.configFolder !== undefined && world.realPath(named.configFolder) !== undefined &&
    world.stat(named.configFolder)?.kind !== "directory";
  return named && { named, places: isFile ? besideConfigFile(platform, named) : named };
}

/**
 * The `api_url` of onelogin.sdk.json, if it is an allowed address. The program reads the same
 * file and reports what is wrong with it.
 */
function apiUrlHosts({ read, platform }: World, searchFolders: readonly string[]): readonly string[] {
  const paths = searchFolders.map((folder) => joinPath(platform, folder, "onelogin.sdk.json"));
  const bytes = first(paths, read);
  const text = bytes === undefined ? "" : new TextDecoder().decode(bytes);
  if (!text.includes('"api_url"')) return [];
  return [...text.matchAll(/"api_url"\s*:\s*("(?:[^"\\]|\\.)*")/g)].flatMap(([, literal = ""]) =>
    attempt(() => checkApiUrl(String(JSON.parse(literal)).trim()).grant) ?? []
  );
}

/** The value of the first path that has one. */
function first<T>(paths: readonly string[], look: (path: string) => T | undefined): T | undefined {
  for (const path of paths) {
    const found = look(path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The parent folders of what is granted, or their nearest existing ancestors: who owns them and who can change them. The
 * sandbox hides the folder of a named file.
 */
export function foldersOf(
  { read }: Pick<Grants, "read">,
  platform: Platform,
  look: (path: string) => FileFacts | undefined,
): SeenFolders {
  const seen = new Map<string, FileFacts | undefined>();
  for (const path of read) {
    for (let folder = parentFolder(platform, path); !seen.has(folder); folder = parentFolder(platform, folder)) {
      const facts = look(folder);
      seen.set(folder, facts);
      if (facts !== undefined) break;
    }
  }
  return Object.fromEntries([...seen].flatMap(([path, facts]) => facts === undefined ? [] : [[path, facts]]));
}

function paths(world: World, { places, named }: RunPlaces): { read: readonly string[]; write: readonly string[] } {
  const { commandLine, env, cwd, platform } = world;
  const policyFile = commandLine instanceof UserError ? undefined : textOf(commandLine, "policyFile");
  const join = (folder: string, ...names: string[]) => joinPath(platform, folder, ...names);

  const folders = [places.awsFolder, places.oneloginFolder];
  const own = storePaths(platform, places);
  const files = [
    places.credentialsFile,
    places.configFile,
    // A dotfile manager may have replaced any of these with a link; the grant of the folder does not cover the target.
    ...["credentials", "config"].map((name) => join(places.awsFolder, name)),
    ...[...CONFIG_FILES, TEAM_FILE].map((name) => join(places.oneloginFolder, name)),
    ...[own.samlCache, own.lastFactors, own.refusals],
  ];
  const readOnly = [
    ...places.searchFolders.flatMap((folder) => CONFIG_FILES.map((name) => join(folder, name))),
    teamPath(platform, places),
    ...CA_NAMES.flatMap((name) => env[name] ? [userPath(platform, places.home, cwd, env[name])] : []),
    ...(policyFile === undefined ? [] : [userPath(platform, places.home, cwd, policyFile)]),
    // To tell a file from a folder when -c names a file by mistake; only the three names inside a folder are readable.
    ...(named.configFolder && world.stat(named.configFolder)?.kind !== "directory" ? [named.configFolder] : []),
  ];
  const write = [
    ...folders.flatMap((folder) => withTargets(world, folder)),
    ...files.flatMap((file) => withTargets(world, file)).flatMap(besideNames),
    ...missingParents(world, places.credentialsFile),
    ...missingParents(world, places.configFile),
  ];
  const read = [...write, ...readOnly.flatMap((file) => withTargets(world, file))];
  // The runtime never opens a network path, and a request for one would fail the check after narrowing.
  const local = (found: readonly string[]) => unique(found).filter((path) => !isNetworkPath(platform, path));
  return { read: local(read), write: local(write) };
}

/** A path, every target in its chain of symlinks, and the path with its folders' links resolved. */
function withTargets(world: World, path: string): readonly string[] {
  const found = [path];
  let current = path;
  for (let hops = 0; hops < 40; hops++) {
    const target = world.readLink(current);
    if (target === undefined) break;
    current = resolvePath(world.platform, parentFolder(world.platform, current), target);
    found.push(current);
  }
  // Only the last of them can still be a link, and it ends the chain.
  const inRealFolder = (each: string) => {
    const folder = parentFolder(world.platform, each);
    return joinPath(world.platform, resolved(world, folder), each.slice(folder.length).replace(/^[\\/]+/, ""));
  };
  return unique([...found, ...found.map(inRealFolder)]);
}

/** The path with every symlink resolved, even when its last parts do not exist yet. */
function resolved(world: World, path: string): string {
  const real = world.realPath(path);
  if (real !== undefined) return real;
  const parent = parentFolder(world.platform, path);
  if (parent === path) return path;
  const name = path.slice(parent.length).replace(/^[\\/]+/, "");
  return joinPath(world.platform, resolved(world, parent), name);
}

/** The topmost folder that must be created for the file: granted whole, since it is new and empty. */
function missingParents(world: World, file: string): readonly string[] {
  let missing: string | undefined;
  let folder = parentFolder(world.platform, file);
  while (world.realPath(folder) === undefined && parentFolder(world.platform, folder) !== folder) {
    missing = folder;
    folder = parentFolder(world.platform, folder);
  }
  return missing === undefined ? [] : unique([missing, resolved(world, missing)]);
}

function hosts(world: World, parsed: Parsed | undefined, searchFolders: readonly string[]): readonly string[] {
  const endpoints = attempt(() => endpointsFrom(world.env)) ?? {};
  const requested = [textOf(parsed, "awsRegion"), world.env["AWS_REGION"], world.env["AWS_DEFAULT_REGION"]]
    .flatMap((text) => {
      const region = text ? readAwsRegion(text.trim()) : undefined;
      return region && "value" in region ? [region.value] : [];
    });
  const https = (hosts: readonly string[]) => hosts.map((host) => `${host}:443`);
  const inFile = endpoints.onelogin ? [] : apiUrlHosts(world, searchFolders);
  const onelogin = endpoints.onelogin ? [endpoints.onelogin.grant] : inFile;
  const [fips, dualStack] = [usesFips(world.env), usesDualStack(world.env)];
  return unique([
    ...(parsed?.values["samlResponseStdin"] === true || browserPortFor(world) !== undefined
      ? []
      : onelogin.length > 0
      ? onelogin
      : https(ONELOGIN_HOSTS)),
    ...(endpoints.sts ? [endpoints.sts.grant] : https([
      ...allStsHosts(fips, dualStack),
      ...requested.map((region) => stsHost(region, fips, dualStack)),
    ])),
    ...(parsed?.command !== "console"
      ? []
      : endpoints.signin
      ? [endpoints.signin.grant]
      : https([...PARTITIONS.flatMap((partition) => partition.regions), ...requested].flatMap(signinHost))),
    // No login needs this host: only a run with --check-release gets it.
    ...(asksForRelease(parsed) ? [RELEASES_HOST] : []),
  ]);
}

/**
 * The port of the browser that this run signs in with, if requested: by the option, the variable, or the key in
 * `~/.onelogin/onelogin.aws.json` or the team.json next to it. A file in the working folder or behind `-c` cannot
 * request it.
 */
export function browserPortFor(world: World): number | undefined {
  const { commandLine, env, platform, read } = world;
  if (commandLine instanceof UserError) return undefined;
  const folder = attempt(() => placesFor({ command: commandLine.command }, world).oneloginFolder);
  // With -c, the team file of that folder is in use.
  const names = ["onelogin.aws.json", ...(textOf(commandLine, "configFolder") ? [] : [TEAM_FILE])];
  const files = names.flatMap((name) => {
    const bytes = folder === undefined ? undefined : read(joinPath(platform, folder, name));
    return bytes === undefined ? [] : [browserKeys(new TextDecoder().decode(bytes))];
  });
  return browserPort(commandLine, env, files);
}

/** The port that the launcher opens on 127.0.0.1, for `serve` alone; 0 is any free one. */
export function servePortFor({ commandLine }: Pick<World, "commandLine">): number | undefined {
  if (commandLine instanceof UserError || commandLine.command !== "serve") return undefined;
  const port = commandLine.values["port"];
  return typeof port === "number" ? port : 0;
}

function asksForRelease(parsed: Parsed | undefined): boolean {
  return parsed?.command === "doctor" && parsed.values["checkRelease"] === true;
}

function signinHost(region: string): readonly string[] {
  const host = attempt(() => signinHosts(region).signin);
  return host === undefined ? [] : [host];
}

/** The value of a text option, as far as the command line can be parsed. */
function textOf(parsed: Parsed | undefined, key: string): string | undefined {
  const value = parsed?.values[key];
  return typeof value === "string" ? value : undefined;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
