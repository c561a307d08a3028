/** The AWS config file: a profile's region and credential_process, edited as carefully as the credentials file. */

import { defined } from "../../defined.ts";
import { Exit, printable, UserError } from "../../errors.ts";
import type { SafeFileDeps, UpdateOptions } from "../../io/safe_file.ts";
import { PROGRAM } from "../../version.ts";
import { type AwsUpdate, awsUpdate, writeAwsFile, type Written } from "./aws_update.ts";
import { decodeIni, parseIni } from "./ini.ts";
import { editingFile } from "./edit_file.ts";
import { cannotShadow, hidingKeys, OTHER_NAME, setupOf, type Values } from "./overwrite_refusals.ts";
import { checkProfileName, profileOf } from "./profile_name.ts";

/** The key of a profile that `configure --all-roles` keeps. AWS's tools ignore it, and `aws configure set` leaves it. */
export const MARK = "x_managed_by";

/** What to set for one profile; absent values are not changed. */
export interface ConfigWrite {
  readonly profile: string;
  readonly region?: string;
  /** A command line, quoted for the system's shell. */
  readonly credentialProcess?: string;
}

interface ConfigOptions {
  /** Replace a credential_process with another command. */
  readonly force?: boolean;
  readonly onWait?: UpdateOptions["onWait"];
}

/**
 * Sets all of them in one locked write: `[profile NAME]` (quoted if it has spaces), `[default]` for `default`.
 * Throws {@linkcode UserError}: exit 2 for a name or file that cannot be edited and for a foreign credential_process
 * without `force`, exit 9 when the lock stays taken.
 */
export async function writeConfig(
  deps: SafeFileDeps,
  path: string,
  writes: readonly ConfigWrite[],
  options: ConfigOptions = {},
): Promise<Written> {
  return await writeAwsFile(deps, configUpdate(deps, path, writes, options), defined({ onWait: options.onWait }));
}

/** The edit that sets them. Throws as {@linkcode writeConfig}. */
export function configUpdate(
  deps: SafeFileDeps,
  path: string,
  writes: readonly ConfigWrite[],
  options: Omit<ConfigOptions, "onWait"> = {},
): AwsUpdate {
  const nameWarnings = writes.flatMap((write) => checkProfileName(write.profile) ?? []);
  const edits = writes.map(({ profile, region, credentialProcess }) => ({
    profile,
    set: [
      ...(region === undefined ? [] : [["region", region] as const]),
      ...(credentialProcess === undefined ? [] : [["credential_process", credentialProcess] as const]),
    ],
  }));
  return awsUpdate(deps, path, function* (bytes) {
    const profiles = profilesIn(bytes);
    if (options.force !== true) { for (const write of writes) refuseForeignProcess(path, profiles, write); }
    const edited = yield* editingFile({ kind: "config", path }, bytes, edits);
    return { ...edited, warnings: [...edited.warnings, ...nameWarnings] };
  });
}

/** The profile names in the config file, in its order. */
export function configProfiles(bytes: Uint8Array): readonly string[] {
  return [...profilesIn(bytes).keys()];
}

/** The region a profile has in the config file, or undefined. */
export function configRegion(bytes: Uint8Array, profile: string): string | undefined {
  return configValue(profilesIn(bytes), profile, "region");
}

/** Whether the profile gets its credentials from this program's `credential-process`, wherever it is installed. */
export function isOurProcess(bytes: Uint8Array, profile: string): boolean {
  return ourProcess(bytes, profile) !== undefined;
}

/** The command of the profile's credential_process, if it is this program. */
export function ourProcess(bytes: Uint8Array, profile: string): string | undefined {
  const command = configValue(profilesIn(bytes), profile, "credential_process");
  return isOurs(profilesIn(bytes).get(profile) ?? []) ? command : undefined;
}

/**
 * Refuses to save credentials for profiles that the user set up in the config file: AWS's tools would ignore either that
 * or the saved keys. This program's own credential_process is not refused, nor is a role assumed with the
 * saved credentials (`source_profile` names the profile itself).
 *
 * @param instead hints besides `--force`.
 * @throws UserError exit 2.
 */
export function refuseConfigured(
  path: string,
  bytes: Uint8Array,
  names: readonly string[],
  instead: readonly string[] = OTHER_NAME,
): void {
  for (const name of names) {
    const setup = setupOf(ownSettings(bytes, name));
    if (setup !== undefined) throw cannotShadow(name, path, setup, instead);
  }
}

/** The setting in the config file that makes AWS's tools ignore keys saved for the profile, if any. */
export function configHides(bytes: Uint8Array, profile: string): string | undefined {
  return hidingKeys(ownSettings(bytes, profile))[0];
}

/** The settings of the profile's sections, except those that work with credentials saved by this program. */
function ownSettings(bytes: Uint8Array, profile: string): Values {
  const values = new Map((profilesIn(bytes).get(profile) ?? []).filter(([, value]) => value !== ""));
  if (isOurs([...values])) values.delete("credential_process");
  if (values.get("source_profile") === profile) {
    values.delete("source_profile");
    values.delete("role_arn");
  }
  return values;
}

/** By its command line, or, where the program has another name, by the mark of `configure --all-roles`. */
function isOurs(entries: readonly (readonly [key: string, value: string])[]): boolean {
  const value = (key: string) => entries.findLast(([name, value]) => name === key && value !== "")?.[1] ?? "";
  return OUR_PROCESS.test(value("credential_process")) ||
    value("credential_process") !== "" && value(MARK).startsWith(`${PROGRAM} `);
}

/** The command, or the option of that name, possibly abbreviated. */
const OUR_PROCESS = /onelogin-aws-assume-role.*(?:credential-process|\s--cr[a-z-]*(?:\s|$))/s;

/** The last value of the key that is not empty. */
export function configValue(profiles: Profiles, profile: string, key: string): string | undefined {
  return (profiles.get(profile) ?? []).findLast(([name, value]) => name === key && value !== "")?.[1];
}

/** The settings of each profile, in the order of the file. */
export type Profiles = ReadonlyMap<string, readonly (readonly [key: string, value: string])[]>;

/** Cached by the bytes of the file: a login of many roles asks about each profile, and a file may have thousands. */
const PROFILES = new WeakMap<Uint8Array, Profiles>();

function profilesIn(bytes: Uint8Array): Profiles {
  const profiles = PROFILES.get(bytes) ?? readProfiles(decodeIni(bytes));
  PROFILES.set(bytes, profiles);
  return profiles;
}

export function readProfiles(text: string): Profiles {
  const found = new Map<string, (readonly [string, string])[]>();
  let current: (readonly [string, string])[] | undefined;
  for (const line of parseIni(text.replace(/^\ufeff+/, ""))) {
    if (line.kind === "header") {
      const profile = profileOf("config", line.name);
      current = profile === undefined ? undefined : found.get(profile) ?? [];
      if (profile !== undefined && current !== undefined) found.set(profile, current);
    }
    if (line.kind === "entry") current?.push([line.key, line.value]);
  }
  return found;
}

function refuseForeignProcess(path: string, profiles: Profiles, write: ConfigWrite): void {
  const present = configValue(profiles, write.profile, "credential_process");
  if (write.credentialProcess === undefined || present === undefined || present === write.credentialProcess) return;
  throw new UserError(
    `cannot set credential_process of profile "${printable(write.profile)}" in "${
      printable(path)
    }": it already has another one`,
    { exit: Exit.usage, hint: ["use another profile: --profile NAME", "replace it: --force"] },
  );
}
