/**
 * The settings of a run: command line, environment and files put together, each value with the place it came from.
 * Order: command line, environment, onelogin.aws.json (its top level, then its profile; or the other way round with
 * `"precedence": "profile"`), default. Each value is decided by itself.
 */

import { clamp, type Parsed } from "../argv/parse.ts";
import { type Command, type OptionRow, OPTIONS } from "../argv/options.ts";
import { Exit, printable, UserError } from "../errors.ts";
import type { Platform } from "../io/deps.ts";
import { normalAccountId } from "./account_id.ts";
import { accountsReader } from "./accounts.ts";
import { type AwsFile, PROFILE_KEYS, type ProfileKey, readAwsFile } from "./aws_file.ts";
import { endpointsFrom } from "./endpoints.ts";
import {
  checkConfigFolder,
  type ConfigFiles,
  findFile,
  type FoundText,
  isDenied,
  type Lookup,
  permissionWarning,
} from "./lookup.ts";
import { type Places, placesFor } from "../io/paths.ts";
import { readSdkFile, type SdkFile } from "./sdk_file.ts";
import type { OutputFormat, Settings, Source, Valued } from "./settings.ts";

/** Commands that give the credentials of a profile which is there, so they always have one, as the AWS CLI does. */
const READS_PROFILE: readonly Command[] = ["credential-process", "console"];
const DEFAULT_PROFILE: Valued<string> = { value: "default", source: { kind: "default" } };

/** What is needed from outside; a part of Deps. */
export interface ResolveDeps {
  readonly env: Readonly<Record<string, string>>;
  readonly files: ConfigFiles;
  readonly cwd: string;
  readonly platform: Platform;
}

export interface Resolved {
  readonly settings: Settings;
  /** One line each, for stderr: something is probably not as the person wants it. */
  readonly warnings: readonly string[];
  /** One line each, for stderr: how an ambiguity was decided. */
  readonly notices: readonly string[];
  /** Where each configuration file was looked for, for `doctor` and `configure`. */
  readonly lookups: readonly Lookup[];
  readonly places: Places;
}

/** A file that was read, or nothing. */
interface Loaded<T> {
  readonly path?: string;
  readonly content?: T;
}

/** The texts of all levels for one setting, the strongest first. Blank ones are unset. */
type Levels = readonly (Valued<string> | undefined)[];

/**
 * Puts the settings together. Reads the three files and nothing else; asks nothing.
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
  const places = placesFor({ file: option("file"), configFolder: option("configFolder") }, deps);
  const endpoints = endpointsFrom(env);

  // `configure` is what makes the folder.
  if (parsed.command !== "configure") await checkConfigFolder(places, files, platform);
  const sdkText = await findSdkFile(parsed, places, deps, warn);
  const awsText = await findFile("onelogin.aws.json", places, files, platform);
  const accountsText = await findFile("accounts.yaml", places, files, platform);

  const sdk = load(sdkText, readSdkFile, warn);
  const aws = load(awsText, readAwsFile, warn);
  if (sdk.path !== undefined && sdk.content !== undefined) {
    const line = await permissionWarning(sdk.path, sdk.content.clientSecret !== undefined, files);
    if (line !== undefined) warn(line);
  }
  const accounts = await readAccountNames(accountsText, warn);
  const profile = pick([
    fromOption(parsed, "profile"),
    // A login that saves must not be sent elsewhere by what is set for other work; these two only read.
    ...(READS_PROFILE.includes(parsed.command) ? [fromEnvironment(env, "profile", ["AWS_PROFILE"])] : []),
    fromTop(aws, "profile"),
    ...(READS_PROFILE.includes(parsed.command) ? [DEFAULT_PROFILE] : []),
  ]);

  const values = oneloginValues(parsed, env, sdk, aws);
  const region = values.region;
  const settings: Settings = {
    ...values,
    ...awsValues(parsed, env, aws, profile?.value),
    ...durationValues(parsed, aws, warn),
    ...plainValues(parsed, env),
    ...optional("profile", profile),
    ...optional(
      "file",
      places.file === undefined ? undefined : { value: places.file, source: optionSource(parsed, "file") },
    ),
    accounts,
    credentialsFile: places.credentialsFile,
    configFile: places.configFile,
    oneloginFolder: places.oneloginFolder,
    awsFolder: places.awsFolder,
    oneloginUrl: endpoints.onelogin === undefined
      ? { value: `https://api.${region.value}.onelogin.com`, source: region.source }
      : { value: endpoints.onelogin.url, source: { kind: "environment", name: endpoints.onelogin.variable } },
    ...optional("stsUrl", endpointValue(endpoints.sts)),
    ...optional("signinUrl", endpointValue(endpoints.signin)),
  };
  return {
    settings,
    warnings,
    notices: conflicts(aws, profile?.value),
    places,
    lookups: [sdkText, awsText, accountsText].map(({ name, path, tried }) => ({
      name,
      tried,
      ...(path === undefined ? {} : { path }),
    })),
  };
}

/**
 * onelogin.sdk.json, which on a shared machine only root may read. One who brings the API client along does not need it.
 */
async function findSdkFile(
  parsed: Parsed,
  places: Places,
  deps: ResolveDeps,
  warn: (line: string) => void,
): Promise<FoundText> {
  try {
    return await findFile("onelogin.sdk.json", places, deps.files, deps.platform);
  } catch (error) {
    const given = (key: string) => fromOption(parsed, key) ?? fromEnvironment(deps.env, key);
    if (!isDenied(error) || given("clientId") === undefined || given("clientSecret") === undefined) throw error;
    if (error instanceof UserError) warn(`${error.message}; it is left out, since the API client was given otherwise`);
    return { name: "onelogin.sdk.json", tried: [] };
  }
}

function load<T>(
  found: FoundText,
  read: (path: string, text: string, warn: (line: string) => void) => T,
  warn: (line: string) => void,
): Loaded<T> {
  const { path, text } = found;
  return path === undefined || text === undefined ? {} : { path, content: read(path, text, warn) };
}

/** The YAML parser is loaded for those who have the file. */
async function readAccountNames(found: FoundText, warn: (line: string) => void): Promise<ReadonlyMap<string, string>> {
  if (found.text === undefined) return new Map();
  return load(found, await accountsReader(), warn).content ?? new Map();
}

/** A property, or none when there is no value (for `exactOptionalPropertyTypes`). */
function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : { [key]: value } as { readonly [P in K]?: T };
}

function rowOf(key: string): OptionRow | undefined {
  return OPTIONS.find((row) => row.key === key);
}

function optionSource(parsed: Parsed, key: string): Source {
  return { kind: "option", name: rowOf(key)?.long[0] ?? parsed.given[key] ?? key };
}

/** What a source is called in a message. */
export function sourceName(source: Source): string {
  switch (source.kind) {
    case "option":
      return source.name;
    case "environment":
      return source.name;
    case "file":
      return `"${source.key}" in "${source.path}"`;
    case "asked":
      return "the answer";
    case "default":
      return "the default";
  }
}

/** Text without blanks around it; a password keeps its own. */
function cleaned(key: string, text: string | undefined): string | undefined {
  return (key === "password" ? text : text?.trim()) || undefined;
}

function fromOption(parsed: Parsed, key: string): Valued<string> | undefined {
  const value = parsed.values[key];
  const text = cleaned(key, typeof value === "string" ? value : undefined);
  return text === undefined ? undefined : { value: text, source: optionSource(parsed, key) };
}

function fromEnvironment(env: ResolveDeps["env"], key: string, names?: readonly string[]): Valued<string> | undefined {
  const row = rowOf(key);
  for (const name of names ?? (row?.env === undefined ? [] : [row.env])) {
    const text = cleaned(key, env[name]);
    if (text !== undefined) return { value: text, source: { kind: "environment", name } };
  }
  return undefined;
}

function fromSdk(sdk: Loaded<SdkFile>, field: keyof SdkFile, key: string): Valued<string> | undefined {
  const value = sdk.content?.[field];
  if (value === undefined || sdk.path === undefined) return undefined;
  return { value, source: { kind: "file", path: sdk.path, key } };
}

function fromTop(aws: Loaded<AwsFile>, key: keyof AwsFile["top"]): Valued<string> | undefined {
  const value = aws.content?.top[key];
  if (value === undefined || aws.path === undefined) return undefined;
  return { value, source: { kind: "file", path: aws.path, key } };
}

function fromProfile(aws: Loaded<AwsFile>, profile: string | undefined, key: ProfileKey): Valued<string> | undefined {
  const value = profile === undefined ? undefined : aws.content?.profiles.get(profile)?.[key];
  if (value === undefined || aws.path === undefined) return undefined;
  return { value, source: { kind: "file", path: aws.path, key: `profiles.${profile}.${key}` } };
}

/** Both levels of onelogin.aws.json in the order the file asks for. */
function fromBoth(aws: Loaded<AwsFile>, profile: string | undefined, key: ProfileKey): Levels {
  const levels = [fromTop(aws, key), fromProfile(aws, profile, key)];
  return aws.content?.precedence === "profile" ? levels.reverse() : levels;
}

/** The first level that says something; the others become its shadows. */
function pick(levels: Levels): Valued<string> | undefined {
  const [first, ...others] = levels.filter((level) => level !== undefined);
  if (first === undefined || others.length === 0) return first;
  return { ...first, shadows: others.map((level) => level.source) };
}

/** Changes or checks a value where it is used; an error names its source, never a secret. */
function refuse(what: string, valued: Valued<string>, problem: string, hint: string): UserError {
  return new UserError(`cannot use the ${what} from ${sourceName(valued.source)}: ${problem}`, {
    exit: Exit.usage,
    hint,
  });
}

function oneloginValues(parsed: Parsed, env: ResolveDeps["env"], sdk: Loaded<SdkFile>, aws: Loaded<AwsFile>) {
  const levels = (key: string, ...more: Levels) => pick([fromOption(parsed, key), fromEnvironment(env, key), ...more]);
  const clientId = header("client id", levels("clientId", fromSdk(sdk, "clientId", "client_id")));
  const clientSecret = header("client secret", levels("clientSecret", fromSdk(sdk, "clientSecret", "client_secret")));
  const password = parsed.values["passwordStdin"] === true ? undefined : levels("password");
  return {
    ...optional("clientId", clientId),
    ...optional("clientSecret", clientSecret),
    region: oneloginRegion(levels("region", fromSdk(sdk, "region", "region"))),
    // From this file only: an address that switches the second factor off is not for the user to choose.
    ...optional("ip", pick([fromSdk(sdk, "ip", "ip")])),
    ...optional("username", levels("username", fromTop(aws, "username"))),
    ...optional("password", password),
    ...optional("otp", levels("otp")),
    ...optional("subdomain", subdomain(levels("subdomain", fromTop(aws, "subdomain")))),
  };
}

/** The client id and secret travel in a header, which takes printable ASCII only (RFC 9110, 5.5). */
function header(what: string, valued: Valued<string> | undefined): Valued<string> | undefined {
  if (valued !== undefined && !/^[\x20-\x7e]+$/.test(valued.value)) {
    throw refuse(what, valued, "it holds a character that no client id or secret has", "copy it again from OneLogin");
  }
  return valued;
}

function oneloginRegion(valued: Valued<string> | undefined): Valued<"us" | "eu"> {
  if (valued === undefined) return { value: "us", source: { kind: "default" } };
  const value = valued.value.toLowerCase();
  if (value === "us" || value === "eu") return { ...valued, value };
  throw refuse("OneLogin region", valued, `"${printable(value, 40)}" is not "us" or "eu"`, 'set it to "us" or "eu"');
}

/** People paste the address of the account where its name is asked for. */
function subdomain(valued: Valued<string> | undefined): Valued<string> | undefined {
  if (valued === undefined) return undefined;
  const host = /^(?:https:\/\/)?([^/.]+)\.onelogin\.com\/?$/i.exec(valued.value);
  return host?.[1] === undefined ? valued : { ...valued, value: host[1] };
}

function awsValues(
  parsed: Parsed,
  env: ResolveDeps["env"],
  aws: Loaded<AwsFile>,
  profile: string | undefined,
) {
  const inFile = (key: ProfileKey) => fromBoth(aws, profile, key);
  const appId = pick([fromOption(parsed, "appId"), fromEnvironment(env, "appId"), ...inFile("app_id")]);
  const account = pick([fromOption(parsed, "awsAccountId"), ...inFile("aws_account_id")]);
  const role = pick([fromOption(parsed, "awsRoleName"), ...inFile("aws_role_name")]);
  const region = pick([
    fromOption(parsed, "awsRegion"),
    ...inFile("aws_region"),
    // Set for other work, so the weakest.
    fromEnvironment(env, "awsRegion", ["AWS_REGION", "AWS_DEFAULT_REGION"]),
  ]);
  if (appId !== undefined && !/^\d+$/.test(appId.value)) {
    throw refuse(
      "app id",
      appId,
      `"${printable(appId.value, 40)}" is not a number`,
      "the app id is the number in the address of the app's page in OneLogin",
    );
  }
  return {
    ...optional("appId", appId),
    ...optional("awsAccountId", account && { ...account, value: normalAccountId(account.value) }),
    ...optional("awsRoleName", role),
    ...optional("awsRegion", region && awsRegion(region)),
  };
}

/** The region becomes part of a host name, so it may be a plain label only. */
function awsRegion(valued: Valued<string>): Valued<string> {
  const value = valued.value.toLowerCase();
  if (/^[a-z]+(?:-[a-z0-9]+)+$/.test(value) && value.length <= 40) return { ...valued, value };
  throw refuse(
    "AWS region",
    valued,
    `"${printable(valued.value, 40)}" is not the name of a region`,
    "a region is written like us-west-2",
  );
}

function durationValues(parsed: Parsed, aws: Loaded<AwsFile>, warn: (line: string) => void) {
  const row = rowOf("duration");
  const inFile = aws.content?.duration;
  const fileSource: Source | undefined = inFile === undefined || aws.path === undefined
    ? undefined
    : { kind: "file", path: aws.path, key: "duration" };
  const typed = parsed.values["duration"];
  if (typeof typed === "number") {
    const source = optionSource(parsed, "duration");
    return { duration: { value: typed, source, ...optional("shadows", fileSource && [fileSource]) } };
  }
  if (inFile !== undefined && fileSource !== undefined && row !== undefined) {
    const moved = clamp(row, `the duration ${inFile} in "${aws.path}"`, inFile);
    if (moved.warning !== undefined) warn(moved.warning);
    return { duration: { value: moved.value, source: fileSource } };
  }
  return { duration: numberValue(parsed, "duration") };
}

/** An integer of the command line, or the default of its row. */
function numberValue(parsed: Parsed, key: string): Valued<number> {
  const value = parsed.values[key];
  if (typeof value === "number") return { value, source: optionSource(parsed, key) };
  return { value: Number(rowOf(key)?.default), source: { kind: "default" } };
}

/** What only the command line (and NO_COLOR) says. */
function plainValues(parsed: Parsed, env: ResolveDeps["env"]) {
  const flag = (key: string) => parsed.values[key] === true;
  const text = (key: string) => fromOption(parsed, key)?.value;
  const list = (key: string) => {
    const value = parsed.values[key];
    return Array.isArray(value) ? value as readonly string[] : [];
  };
  const version = numberValue(parsed, "samlApiVersion");
  const ifExpiring = parsed.values["ifExpiring"];
  return {
    samlApiVersion: { ...version, value: version.value === 1 ? 1 as const : 2 as const },
    time: numberValue(parsed, "time"),
    loop: numberValue(parsed, "loop"),
    interactive: flag("interactive"),
    cacheSaml: flag("cacheSaml"),
    roleOrder: flag("roleOrder"),
    ...optional("output", text("output") as OutputFormat | undefined),
    roles: list("roles"),
    allRoles: flag("allRoles"),
    profileTemplate: text("profileTemplate") ?? rowOf("profileTemplate")?.default ?? "",
    chainRoleArn: list("chainRoleArn"),
    ...optional("chainExternalId", text("chainExternalId")),
    ...optional("mfaDevice", text("mfaDevice")),
    mfaTimeout: numberValue(parsed, "mfaTimeout").value,
    timeout: numberValue(parsed, "timeout").value,
    passwordStdin: flag("passwordStdin"),
    noInput: flag("noInput"),
    ...optional("ifExpiring", typeof ifExpiring === "number" ? ifExpiring : undefined),
    force: flag("force"),
    regionIn: text("regionIn") === "config" ? "config" as const : "credentials" as const,
    verify: flag("verify"),
    ...optional("destination", text("destination")),
    quiet: flag("quiet"),
    verbose: flag("verbose"),
    // https://no-color.org: present and not empty, whatever its value.
    noColor: flag("noColor") || (env["NO_COLOR"] ?? "") !== "",
    typed: new Set(Object.keys(parsed.given)),
  };
}

function endpointValue(endpoint: { readonly url: string; readonly variable: string } | undefined) {
  if (endpoint === undefined) return undefined;
  const source: Source = { kind: "environment", name: endpoint.variable };
  return { value: endpoint.url, source };
}

/** One line that names the keys which have different values at the top of onelogin.aws.json and in the profile in use. */
function conflicts(aws: Loaded<AwsFile>, profile: string | undefined): readonly string[] {
  const { content, path } = aws;
  const inProfile = profile === undefined ? undefined : content?.profiles.get(profile);
  if (content === undefined || inProfile === undefined) return [];
  const normal = (key: ProfileKey, text: string | undefined) =>
    text !== undefined && key === "aws_account_id" ? normalAccountId(text) : text;
  const keys = PROFILE_KEYS.filter((key) => {
    const [top, own] = [normal(key, content.top[key]), normal(key, inProfile[key])];
    return top !== undefined && own !== undefined && top !== own;
  });
  if (keys.length === 0) return [];
  const names = keys.map((key) => `"${key}"`).join(", ");
  const differ = keys.length === 1 ? "differs" : "differ";
  const rule = content.precedence === "profile"
    ? 'the profile\'s value comes first, as "precedence" asks'
    : 'the top-level value comes first; "precedence": "profile" turns that round';
  return [
    `${names} in "${path}" ${differ} between the top level and profile "${printable(profile ?? "", 60)}": ${rule}`,
  ];
}
