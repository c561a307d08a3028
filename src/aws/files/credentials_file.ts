/**
 * The AWS credentials file: saves, reads and removes the profiles of this program. It never asks or prints;
 * warnings are part of the result.
 */

import { defined } from "../../defined.ts";
import { Exit, printable, UserError } from "../../errors.ts";
import type { SafeFileDeps, UpdateOptions } from "../../io/safe_file.ts";
import type { Credentials } from "../credentials.ts";
import { type AwsUpdate, awsUpdate, writeAwsFile, type Written } from "./aws_update.ts";
import { editingFile } from "./edit_file.ts";
import { decodeIni, parseIni } from "./ini.ts";
import type { ProfileEdit } from "./ini_edit.ts";
import { javaScriptHeader, readAsJavaScript } from "./ini_readers.ts";
import { cannotOverwrite, hidingKeys, keysOf, OTHER_NAME, setupOf, type Values } from "./overwrite_refusals.ts";
import { plainFile, textAbout } from "./plain_file.ts";
import { checkProfileName } from "./profile_name.ts";

/** One profile to save. */
export interface ProfileWrite {
  readonly profile: string;
  readonly credentials: Credentials;
  /**
   * Absent: no region is written. An existing `region` of the section then stays, because it is unknown
   * whether the user or this program wrote it, and a warning reports that it overrides the config file.
   */
  readonly region?: string;
  /** ARN of the assumed role, as STS returned it. */
  readonly principalArn?: string;
}

interface WriteOptions {
  /** Overwrite profiles that contain long-term keys or get their credentials in another way. */
  readonly force?: boolean;
  /** Hints for a profile that must not be overwritten, besides `--force`. */
  readonly instead?: readonly string[];
  readonly onWait?: UpdateOptions["onWait"];
}

/** A profile of the file, without secrets. */
export interface ProfileFacts {
  readonly name: string;
  /** `temporary`: keys with a session token. `long-term`: keys without one. `none`: no keys. */
  readonly keys: "temporary" | "long-term" | "none";
  readonly accessKeyId?: string;
  /** Milliseconds since the epoch. */
  readonly expiration?: number;
  readonly region?: string;
  /** ARN of the assumed role. */
  readonly principalArn?: string;
  /** It has a session token and `aws_session_expiration`, which only this program and the Python tool write. */
  readonly writtenByUs: boolean;
}

/** The keys of the Python tool in its order, then the account for SDKs, the RFC 3339 time and the role. `region` is one of them. */
const OUR_KEYS = [
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "aws_session_expiration",
  "aws_security_token",
  "region",
  "aws_account_id",
  "x_security_token_expires",
  "x_principal_arn",
] as const;

/** Saves all profiles in one locked write, or none of them. Throws as {@linkcode profilesUpdate} and its edit do. */
export async function writeProfiles(
  deps: SafeFileDeps,
  path: string,
  writes: readonly ProfileWrite[],
  options: WriteOptions = {},
): Promise<Written> {
  return await writeAwsFile(deps, profilesUpdate(deps, path, writes, options), defined({ onWait: options.onWait }));
}

/**
 * The edit that saves these profiles. Throws {@linkcode UserError} exit 2 for a name that is invalid in AWS files; the edit does
 * for a profile that must not be overwritten without `force`, and for a file that cannot be edited.
 */
export function profilesUpdate(
  deps: SafeFileDeps,
  path: string,
  writes: readonly ProfileWrite[],
  options: Omit<WriteOptions, "onWait"> = {},
): AwsUpdate {
  const names = writes.map((write) => write.profile);
  const nameWarnings = names.flatMap((name) => checkProfileName(name) ?? []);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UserError(`cannot save two roles as one profile "${printable(twice)}"`, {
      exit: Exit.usage,
      hint: 'use a different name for each: --profile-template "{account}-{role}"',
    });
  }
  return awsUpdate(deps, path, function* (bytes) {
    const found = sectionsFor(bytes, names);
    if (options.force !== true) refuseProtected(path, names, found, options.instead);
    yield;
    const edited = yield* editingFile(
      { kind: "credentials", path },
      bytes,
      writes.map((write) => editOf(write, found)),
    );
    const warnings = [
      ...edited.warnings,
      ...nameWarnings,
      ...writes.flatMap((write) => overwriteWarnings(write, found, path)),
    ];
    return { ...edited, warnings };
  });
}

function editOf(write: ProfileWrite, found: Found): ProfileEdit {
  const { credentials: { accessKeyId, secretAccessKey, sessionToken, expiration }, region, principalArn } = write;
  const expires = new Date(expiration).toISOString().slice(0, 19);
  return {
    profile: write.profile,
    set: [
      ["aws_access_key_id", accessKeyId],
      ["aws_secret_access_key", secretAccessKey],
      ["aws_session_token", sessionToken],
      ["aws_session_expiration", `${expires}+0000`],
      // The AWS CLI prefers this older name: a stale one would hide the new token.
      ["aws_security_token", sessionToken],
      ...optional("region", region),
      ...optional("aws_account_id", accountOf(principalArn)),
      ["x_security_token_expires", `${expires}Z`],
      ...optional("x_principal_arn", principalArn),
    ],
    // Without the ARN of the new role, the old ARN would be wrong.
    unset: [
      ...(principalArn === undefined ? ["aws_account_id", "x_principal_arn"] : []),
      ...hidingKeys(found.get(write.profile)),
    ],
  };
}

/** The account of an ARN; botocore and the SDKs use it for endpoints. */
function accountOf(arn: string | undefined): string | undefined {
  return /^arn:[^:]*:sts::(\d{12}):/.exec(arn ?? "")?.[1];
}

function optional(key: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[key, value]];
}

function overwriteWarnings(write: ProfileWrite, found: Found, path: string): readonly string[] {
  const warnings: string[] = [];
  const removed = hidingKeys(found.get(write.profile));
  const name = printable(write.profile);
  if (removed.length > 0) {
    warnings.push(
      `removed ${
        removed.map((key) => `"${printable(key)}"`).join(", ")
      } from [${name}]: they would override the new keys`,
    );
  }
  const region = found.get(write.profile)?.get("region");
  if (write.region === undefined && region !== undefined) {
    warnings.push(
      `[${name}] in "${printable(path)}" has region "${
        printable(region)
      }", which overrides the region in the config file`,
    );
  }
  return warnings;
}

/** Section name to key to value, as any SDK may read them. */
type Found = ReadonlyMap<string, Values>;

/**
 * Everything that any reader finds, even in files that strict readers reject: protect whatever anyone
 * could be using. If a key is repeated, the last one counts, except that an empty one never hides another.
 *
 * @param only the sections to collect; absent for all.
 */
function sectionsOf(text: string, only?: ReadonlySet<string>): Found {
  const all = new Map<string, Map<string, string>>();
  const add = (section: string, key: string, value: string) => {
    const values = all.get(section) ?? new Map<string, string>();
    if (value !== "" || !values.has(key)) values.set(key, value);
    all.set(section, values);
  };
  for (const [section, values] of readAsJavaScript(text, only) ?? []) {
    for (const [key, value] of values) add(section, key.toLowerCase(), value);
  }
  let current: readonly string[] = [];
  for (const line of parseIni(text.replace(/^\ufeff+/, ""))) {
    if (line.kind === "header") {
      const names = [...new Set([line.name, javaScriptHeader(line.text) ?? line.name])];
      current = only === undefined ? names : names.filter((name) => only.has(name));
      for (const section of current) all.set(section, all.get(section) ?? new Map());
    }
    if (line.kind === "entry") { for (const section of current) add(section, line.key, line.value); }
  }
  return all;
}

/** The same for these profiles alone: of a plain file, only their sections are read. */
function sectionsFor(bytes: Uint8Array, names: readonly string[]): Found {
  return sectionsOf(textAbout("credentials", bytes, names), new Set(names));
}

/**
 * Refuses early what {@linkcode writeProfiles} would refuse to overwrite without `force`.
 *
 * @param instead the ways out besides `--force`, as hints.
 * @throws UserError exit 2.
 */
export function refuseOverwrites(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  names: readonly string[],
  instead: readonly string[] = OTHER_NAME,
): void {
  refuseProtected(path, names, sectionsFor(bytes, names), instead);
}

function refuseProtected(path: string, names: readonly string[], found: Found, instead = OTHER_NAME): void {
  for (const name of names) {
    const setup = setupOf(found.get(name));
    if (setup !== undefined) throw cannotOverwrite(name, path, setup, instead);
  }
}

/** All profiles of a credentials file, in file order. Never fails, whatever the file contains. */
export function readProfiles(bytes: Uint8Array): readonly ProfileFacts[] {
  return [...sectionsOf(decodeIni(bytes))].map(([name, values]) => factsOf(name, values));
}

/** One of them. */
export function readProfile(bytes: Uint8Array, name: string): ProfileFacts | undefined {
  const values = sectionsFor(bytes, [name]).get(name);
  return values && factsOf(name, values);
}

function factsOf(name: string, values: Values): ProfileFacts {
  const given = (key: string) => values.get(key) || undefined;
  const expiration = parseExpiration(given("x_security_token_expires")) ??
    parseExpiration(given("aws_session_expiration"));
  return {
    name,
    keys: keysOf(values),
    writtenByUs: isOurs(values),
    ...defined({
      accessKeyId: given("aws_access_key_id"),
      expiration,
      region: given("region"),
      principalArn: given("x_principal_arn"),
    }),
  };
}

/** The names of all profiles, in file order. */
export function profileNames(bytes: Uint8Array): Iterable<string> {
  return plainFile("credentials", bytes)?.sections.keys() ?? sectionsOf(decodeIni(bytes)).keys();
}

/** The temporary credentials of a profile; undefined when there are none or their expiry is unknown. */
export function profileCredentials(bytes: Uint8Array, profile: string): Credentials | undefined {
  const values = sectionsFor(bytes, [profile]).get(profile);
  const expiration = values && factsOf(profile, values).expiration;
  const accessKeyId = values?.get("aws_access_key_id");
  const secretAccessKey = values?.get("aws_secret_access_key");
  const sessionToken = values?.get("aws_session_token") || values?.get("aws_security_token");
  if (!accessKeyId || !secretAccessKey || !sessionToken || expiration === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

function isOurs(values: ReadonlyMap<string, string>): boolean {
  const has = (key: string) => (values.get(key) ?? "") !== "";
  // Other programs write "x_security_token_expires" too: do not remove their profiles.
  return has("aws_session_token") && has("aws_session_expiration");
}

/** RFC 3339, and the Python tool's `2027-01-15T09:30:00+0000`. In milliseconds; undefined when it is neither. */
export function parseExpiration(text: string | undefined): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)$/i.exec(text ?? "");
  if (match === null) return undefined;
  const [, date, time, zone = ""] = match;
  const milliseconds = Date.parse(`${date}T${time}${zone.toUpperCase().replace(/(\d\d):?(\d\d)$/, "$1:$2")}`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

export interface Removed extends Written {
  readonly removed: readonly string[];
  /** Profiles that were not changed, and why. */
  readonly skipped: readonly { readonly profile: string; readonly reason: string }[];
}

/**
 * Removes what this program wrote to these profiles: the keys, and the section if
 * nothing else is left in it. A `region` is removed only with the whole section. Other profiles are skipped.
 */
export async function removeProfiles(
  deps: SafeFileDeps,
  path: string,
  names: readonly string[],
  options: Pick<WriteOptions, "onWait"> = {},
): Promise<Removed> {
  let removed: readonly string[] = [];
  let skipped: Removed["skipped"] = [];
  if (await deps.files.stat(path) === undefined) {
    skipped = names.map((profile) => ({ profile, reason: "there is no such profile" }));
    return { path, changed: false, warnings: [], removed, skipped };
  }
  const update = awsUpdate(deps, path, function* (bytes) {
    const found = sectionsFor(bytes, names);
    const ours = (name: string) => isOurs(found.get(name) ?? new Map());
    removed = names.filter(ours);
    skipped = names.filter((name) => !ours(name)).map((profile) => ({
      profile,
      reason: found.has(profile) ? "this program did not write it" : "there is no such profile",
    }));
    if (removed.length === 0) return undefined;
    return yield* editingFile(
      { kind: "credentials", path },
      bytes,
      removed.map((profile) => removalOf(profile, found)),
    );
  });
  const written = await writeAwsFile(deps, update, defined({ onWait: options.onWait }));
  return { ...written, removed, skipped };
}

function removalOf(profile: string, found: Found): ProfileEdit {
  const keys: readonly string[] = [...found.get(profile)?.keys() ?? []];
  const onlyOurs = keys.every((key) => OUR_KEYS.some((ours) => ours === key));
  return { profile, unset: OUR_KEYS.filter((key) => onlyOurs || key !== "region"), dropEmpty: true };
}
