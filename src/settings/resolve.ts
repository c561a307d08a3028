/** The settings of a run: command line, environment and files merged, each value with its source. */

import { clamp, type Parsed } from "../argv/parse.ts";
import { defined } from "../defined.ts";
import { Exit, UserError } from "../errors.ts";
import type { Platform } from "../io/deps.ts";
import { browserFile, browserPort, READS_PROFILE } from "./browser.ts";
import { type AwsFile, readAwsFile } from "./aws_file.ts";
import { endpointsFrom, usesDualStack, usesFips } from "./endpoints.ts";
import {
  type ConfigFiles,
  configPlaces,
  findFile,
  findTeamFile,
  type FoundFile,
  isAdministrators,
  isDenied,
  permissionWarning,
  takenOver,
} from "./find_files.ts";
import { type Places, placesFor, userPath } from "../io/paths.ts";
import {
  conflicts,
  first,
  fromEnvironment,
  fromFiles,
  fromOption,
  given,
  type Levels,
  type Loaded,
  optionSource,
  rowOf,
  strongest,
} from "./precedence.ts";
import { readSdkFile } from "./sdk_file.ts";
import { type Duration, type OutputFormat, type Settings, type Source, sourceName, type Valued } from "./settings.ts";
import {
  readApiCredential,
  readAppId,
  readAwsRegion,
  readOneloginRegion,
  readPosted,
  readSubdomain,
  readSwitch,
  type ReadValue,
  withoutHyphens,
} from "./values.ts";
import type { Warn } from "./text_file.ts";

type ReadTeamFile = typeof import("./team.ts").readTeamFile;
type ReadAccountNames = typeof import("./accounts.ts").readAccountNames;

/** Seconds that `credential-process` waits for a user: tools that call it give up after a minute. */
const UNATTENDED_BROWSER_S = 50;
const USUAL = { kind: "default" } as const;
const DEFAULT_PROFILE: Valued<string> = { value: "default", source: USUAL };

/** What is needed from outside; a part of Deps. */
interface ResolveDeps {
  readonly env: Readonly<Record<string, string>>;
  readonly files: ConfigFiles;
  readonly cwd: string;
  readonly platform: Platform;
}

interface Resolved {
  readonly settings: Settings;
  /** For stderr, one line each: something is probably not what the user wants. */
  readonly warnings: readonly string[];
  /** For stderr, one line each: how an ambiguity was decided. */
  readonly notices: readonly string[];
}

/**
 * Merges the settings. Reads only the configuration files; asks nothing.
 *
 * @throws UserError exit 2 for a file, a value or an address that cannot be used
 */
export async function resolveSettings(parsed: Parsed, deps: ResolveDeps): Promise<Resolved> {
  const { env, files, platform } = deps;
  const warnings: string[] = [...parsed.warnings];
  const warn = (line: string) => warnings.push(line);
  const option = (key: string) => {
    const value = parsed.values[key];
    return typeof value === "string" ? value : undefined;
  };
  const { command } = parsed;
  const named = placesFor({ file: option("file"), configFolder: option("configFolder"), command }, deps);
  const endpoints = endpointsFrom(env);

  // `configure` creates the folder.
  const places = parsed.command === "configure" ? named : await configPlaces(named, files, platform, warn);
  const { sdk, aws, accounts, team, taken } = await loadFiles(parsed, places, deps, warn);
  const profile = profileOf({ parsed, env, sdk, aws, team });
  const levels: Levels = { parsed, env, sdk, aws, team, profile: profile?.value };

  const values = oneloginValues(levels);
  const { region } = values;
  const apiUrl = sdk.content?.api_url;
  const policyOption = fromOption(parsed, "policyFile")?.value;
  const policyFile = policyOption && userPath(platform, places.home, deps.cwd, policyOption);
  const { file, credentialsFile, configFile, oneloginFolder, awsFolder, configFolder } = places;
  const plain = plainValues(levels);
  const hasPolicy = plain.policyArn.length > 0 || policyFile !== undefined ||
    [...fromFiles(levels, "policyArn"), ...fromFiles(levels, "policyFile")].some((each) => each !== undefined);
  const sessionPolicy = hasPolicy
    ? await (await import("./session_policy.ts")).sessionPolicyOf(
      levels,
      { arns: plain.policyArn, file: policyFile },
      files,
    )
    : undefined;
  const settings: Settings = {
    ...values,
    ...awsValues(levels),
    duration: durationOf(levels, warn),
    ...plain,
    ...defined({ policyFile, sessionPolicy }),
    browser: browserOf(levels),
    browserTimeout: typeof parsed.values["browserTimeout"] === "number"
      ? parsed.values["browserTimeout"]
      : parsed.command === "credential-process"
      ? UNATTENDED_BROWSER_S
      : Number(rowOf("browserTimeout")?.default),
    accounts: new Map([...team.content?.accounts ?? [], ...accounts]),
    credentialsFile,
    configFile,
    oneloginFolder,
    awsFolder,
    fips: usesFips(env),
    dualStack: usesDualStack(env),
    oneloginUrl: first([
      endpointValue(endpoints.onelogin),
      apiUrl === undefined ? undefined : inFile(sdk.path, "api_url", apiUrl),
    ]) ??
      { value: `https://api.${region.value}.onelogin.com`, source: region.source },
    ...defined({
      profile,
      file: file === undefined ? undefined : { value: file, source: optionSource(parsed, "file") },
      configFolder,
      stsUrl: endpointValue(endpoints.sts),
      signinUrl: endpointValue(endpoints.signin),
    }),
  };
  return { settings, warnings, notices: [...folderNotice(taken, places), ...conflicts(levels)] };
}

/** The content of the configuration files. */
export interface LoadedFiles extends Pick<Levels, "sdk" | "aws" | "team"> {
  /** accounts.yaml */
  readonly accounts: ReadonlyMap<string, string>;
  /** The files taken from the working directory although `~/.onelogin` has them too. */
  readonly taken: readonly string[];
}

/**
 * Reads the configuration files.
 *
 * @throws UserError exit 2 for a file that cannot be used
 */
export async function loadFiles(parsed: Parsed, places: Places, deps: ResolveDeps, warn: Warn): Promise<LoadedFiles> {
  const { files, platform } = deps;
  const sdkFile = await findSdkFile(parsed, places, deps, warn);
  const sdk = await load(sdkFile, readSdkFile, warn);
  const awsFile = await findFile("onelogin.aws.json", places, files, platform);
  const aws = await load(awsFile, readAwsFile, warn);
  if (sdk.path !== undefined && sdk.content !== undefined) {
    const line = await permissionWarning(sdk.path, sdk.content.client_secret !== undefined, files);
    if (line !== undefined) warn(line);
  }
  const accountsFile = await findFile("accounts.yaml", places, files, platform);
  const accounts = (await load(accountsFile, readAccounts, warn)).content ?? new Map();
  // An import replaces the file, which may be broken.
  const team = parsed.values["importTeam"] === true
    ? {}
    : await load(await findTeamFile(places, files, platform), readTeam, warn);
  return {
    sdk,
    aws,
    accounts,
    team,
    taken: await takenOver([sdkFile, awsFile, accountsFile], places, files, platform),
  };
}

function folderNotice(names: readonly string[], { workingFolder, oneloginFolder }: Places): readonly string[] {
  if (names.length === 0) return [];
  return [`Using ${names.join(" and ")} from the working directory "${workingFolder}", not from "${oneloginFolder}"`];
}

function profileOf(levels: Levels): Valued<string> | undefined {
  const { parsed, env } = levels;
  const reads = READS_PROFILE.includes(parsed.command);
  return first([
    fromOption(parsed, "profile"),
    // Variables set for other work must not redirect a login that saves; these two commands only read.
    ...(reads ? [fromEnvironment(env, "profile", "AWS_PROFILE")] : []),
    ...fromFiles(levels, "profile"),
    ...(reads ? [DEFAULT_PROFILE] : []),
  ]);
}

/**
 * onelogin.sdk.json, which on a shared machine only root may be able to read. It is not needed if the API client is set otherwise.
 */
async function findSdkFile(parsed: Parsed, places: Places, deps: ResolveDeps, warn: Warn): Promise<FoundFile> {
  try {
    const { files, platform } = deps;
    const final = await isAdministrators(places, files, platform);
    const counting = final ? { ...places, searchFolders: [places.oneloginFolder] } : places;
    return await findFile("onelogin.sdk.json", counting, files, platform);
  } catch (error) {
    const brought = ["clientId", "clientSecret"].every((key) => given({ parsed, env: deps.env }, key));
    if (!isDenied(error) || !brought) throw error;
    if (error instanceof UserError) warn(`${error.message}; it is ignored, because the API client is set elsewhere`);
    return {};
  }
}

async function load<T>(
  found: FoundFile,
  read: (path: string, text: string, warn: Warn) => T | Promise<T>,
  warn: Warn,
): Promise<Loaded<T>> {
  const { path, text } = found;
  return path === undefined || text === undefined ? {} : { path, content: await read(path, text, warn) };
}

async function readTeam(...input: Parameters<ReadTeamFile>): ReturnType<ReadTeamFile> {
  return await (await import("./team.ts")).readTeamFile(...input);
}

async function readAccounts(...input: Parameters<ReadAccountNames>): ReturnType<ReadAccountNames> {
  return await (await import("./accounts.ts")).readAccountNames(...input);
}

/** The normalised value. An error names its source, never a secret. */
function checked<T>(what: string, valued: Valued<string> | undefined, read: ReadValue<T>): Valued<T> | undefined {
  if (valued === undefined) return undefined;
  const found = read(valued.value);
  if ("value" in found) return { ...valued, value: found.value };
  throw new UserError(`cannot use the ${what} from ${sourceName(valued.source)}: ${found.problem}`, {
    exit: Exit.usage,
    hint: found.hint,
  });
}

function oneloginValues(levels: Levels) {
  const { parsed, sdk } = levels;
  const { ip } = sdk.content ?? {};
  const region = checked("OneLogin region", strongest(levels, "region"), readOneloginRegion);
  const password = parsed.values["passwordStdin"] === true
    ? undefined
    : checked("password", strongest(levels, "password"), readPosted);
  return {
    region: region ?? { value: "us" as const, source: USUAL },
    ...defined({
      clientId: checked("client id", strongest(levels, "clientId"), readApiCredential),
      clientSecret: checked("client secret", strongest(levels, "clientSecret"), readApiCredential),
      // From this file only: the user must not choose an address that skips the second factor.
      ip: ip === undefined ? undefined : inFile(sdk.path, "ip", ip),
      username: checked("username", strongest(levels, "username"), readPosted),
      password,
      otp: strongest(levels, "otp"),
      subdomain: checked("subdomain", strongest(levels, "subdomain"), readSubdomain),
      appId: checked("app id", strongest(levels, "appId"), readAppId),
      mfaDevice: strongest(levels, "mfaDevice")?.value,
    }),
  };
}

function awsValues(levels: Levels) {
  const account = strongest(levels, "awsAccountId");
  const region = strongest(levels, "awsRegion", ["AWS_REGION", "AWS_DEFAULT_REGION"]);
  return defined({
    awsAccountId: account && { ...account, value: withoutHyphens(account.value) },
    awsRoleName: strongest(levels, "awsRoleName"),
    awsRegion: checked("AWS region", region, readAwsRegion),
  });
}

function inFile<T>(path: string | undefined, key: string, value: T): Valued<T> {
  return { value, source: { kind: "file", path: path ?? "", key } };
}

/** A number of a file is clamped as on the command line. */
function durationOf(levels: Levels, warn: Warn): Valued<Duration> {
  const row = rowOf("duration");
  const found = strongest(levels, "duration");
  if (found === undefined || row === undefined) return { value: Number(row?.default), source: USUAL };
  if (found.value === "max") return { ...found, value: "max" };
  const path = found.source.kind === "file" ? found.source.path : "";
  const { value, warning } = clamp(row, `the duration ${found.value} in "${path}"`, Number(found.value));
  if (warning !== undefined) warn(warning);
  return { ...found, value };
}

/** Whether to sign in with the browser. The launcher makes the same decision. */
function browserOf({ parsed, env, aws, team }: Levels): Valued<boolean> {
  const variable = readSwitch(env["ONELOGIN_BROWSER"] ?? "");
  if ("problem" in variable) {
    throw new UserError(`cannot use ONELOGIN_BROWSER: ${variable.problem}`, { exit: Exit.usage, hint: variable.hint });
  }
  const keys = [aws, team].flatMap(({ content, path = "" }: Loaded<AwsFile>) =>
    content === undefined ? [] : [{
      path,
      browser: content.browser,
      port: content.browserPort,
      profile: content.top.profile,
      precedence: content.precedence,
      ofProfile: (profile: string) => content.profiles.get(profile)?.browser,
    }]
  );
  const value = browserPort(parsed, env, keys) !== undefined;
  if (parsed.values["browser"] === true) return { value, source: optionSource(parsed, "browser") };
  if (variable.value !== undefined) return { value, source: { kind: "environment", name: "ONELOGIN_BROWSER" } };
  const { path = "" } = browserFile(parsed, env, keys)?.file ?? {};
  return { value, source: value ? { kind: "file", path, key: "browser" } : USUAL };
}

/** An integer of the command line, or the default of its row. */
function numberValue(parsed: Parsed, key: string): Valued<number> {
  const value = parsed.values[key];
  if (typeof value === "number") return { value, source: optionSource(parsed, key) };
  return { value: Number(rowOf(key)?.default), source: USUAL };
}

const FLAGS = [
  ...["interactive", "cacheSaml", "roleOrder", "allRoles", "passwordStdin", "samlResponseStdin", "noInput"] as const,
  ...["force", "verify", "importTeam", "exportTeam", "quiet", "verbose"] as const,
] as const;
type Flag = typeof FLAGS[number];

/** Settings of the command line (and NO_COLOR) only. */
function plainValues({ parsed, env }: Levels) {
  const flags = Object.fromEntries(FLAGS.map((key) => [key, parsed.values[key] === true])) as Record<Flag, boolean>;
  const text = (key: string) => fromOption(parsed, key)?.value;
  const list = (key: string) => {
    const value = parsed.values[key];
    return Array.isArray(value) ? value as readonly string[] : [];
  };
  const version = numberValue(parsed, "samlApiVersion");
  const ifExpiring = parsed.values["ifExpiring"];
  const regionIn = fromOption(parsed, "regionIn");
  return {
    samlApiVersion: { ...version, value: version.value === 1 ? 1 as const : 2 as const },
    time: numberValue(parsed, "time"),
    loop: numberValue(parsed, "loop"),
    mfaTimeout: numberValue(parsed, "mfaTimeout").value,
    timeout: numberValue(parsed, "timeout").value,
    roles: list("roles"),
    chainRoleArn: list("chainRoleArn"),
    policyArn: list("policyArn"),
    profileTemplate: fromOption(parsed, "profileTemplate") ??
      { value: rowOf("profileTemplate")?.default ?? "", source: USUAL },
    regionIn: {
      value: regionIn?.value === "config" ? "config" as const : "credentials" as const,
      source: regionIn?.source ?? USUAL,
    },
    ...flags,
    // https://no-color.org: present and not empty, whatever its value.
    noColor: parsed.values["noColor"] === true || (env["NO_COLOR"] ?? "") !== "",
    ...defined({
      output: text("output") as OutputFormat | undefined,
      chainExternalId: text("chainExternalId"),
      destination: text("destination"),
      ifExpiring: typeof ifExpiring === "number" ? ifExpiring : undefined,
    }),
  };
}

function endpointValue(endpoint: { readonly url: string; readonly variable: string } | undefined) {
  if (endpoint === undefined) return undefined;
  const source: Source = { kind: "environment", name: endpoint.variable };
  return { value: endpoint.url, source };
}
