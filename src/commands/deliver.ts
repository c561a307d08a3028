/** Where credentials go: into the credentials file, onto stdout, or both. */

import { configHides, isOurProcess, refuseConfigured, writeConfig } from "../aws/files/config_file.ts";
import {
  type ProfileFacts,
  readProfiles,
  refuseOverwrites,
  removeProfiles,
  writeProfiles,
} from "../aws/files/credentials_file.ts";
import { OTHER_NAME, OTHER_TEMPLATE } from "../aws/files/overwrite_refusals.ts";
import { checkProfileName } from "../aws/files/profile_name.ts";
import type { Settings } from "../settings/settings.ts";
import { Exit, printable, UserError } from "../errors.ts";
import type { Platform } from "../io/deps.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import type { Context } from "../settings/context.ts";
import type { Deliver } from "../login/one_role.ts";
import type { ManyDelivery } from "../login/many_roles.ts";
import { cachedOf, cacheSaved } from "../store/credentials_cache.ts";
import { sameChoices } from "../unattended/answer.ts";
import { PROGRAM } from "../version.ts";
import { formatMany, formatOne, rfc3339 } from "../ui/formats.ts";
import type { ProfileCredentials, RoleCredentials } from "../store/role_credentials.ts";

/** The profile that the settings name a place for in the credentials file; undefined when nothing is saved. */
export function savedProfile({ profile, file }: Pick<Settings, "profile" | "file">): string | undefined {
  return profile?.value ?? (file === undefined ? undefined : "default");
}

/** The way credentials are delivered for these settings. stdout gets data and nothing else. */
export function deliverer(context: Context): Deliver {
  const { deps, settings, reporter } = context;
  return async (granted, named) => {
    const profile = named ?? savedProfile(settings);
    if (profile !== undefined) await saveProfiles(context, [{ ...granted, profile }]);
    if (profile === undefined || settings.output !== undefined) {
      const delivered: ProfileCredentials = profile === undefined ? granted : { ...granted, profile };
      const text = formatOne(settings.output ?? defaultFormat(deps.platform), delivered);
      reporter.info(`Success! Assumed role user: ${granted.assumedRoleArn}`);
      deps.terminal.writeOut(text);
    }
  };
}

/** The same for many roles: one write for all that have a profile, one array for `--output json`. */
export function manyDelivery(context: Context): ManyDelivery {
  const { deps, settings, reporter } = context;
  return {
    check: (profiles) => checkTargets(context, profiles),
    async deliver(granted) {
      const saved = granted.flatMap((each) => each.profile === undefined ? [] : [{ ...each, profile: each.profile }]);
      if (saved.length > 0) await saveProfiles(context, saved);
      else for (const { assumedRoleArn } of granted) reporter.info(`Success! Assumed role user: ${assumedRoleArn}`);
      if (settings.output !== undefined) deps.terminal.writeOut(formatMany(granted));
    },
  };
}

/**
 * Refuses, before anybody is asked for a password or a second factor, to save over a profile that must not be lost.
 *
 * @throws UserError exit 2.
 */
export async function checkTargets({ deps, settings }: Context, profiles: readonly string[]): Promise<void> {
  for (const profile of profiles) checkProfileName(profile);
  if (profiles.length === 0) return;
  const { credentialsFile } = settings;
  // What else keeps a file from being read is told when it is written, with the advice for that.
  const found = await unlessUnreadable(deps.files.stat(credentialsFile), undefined);
  if (found !== undefined && found.kind !== "file") {
    throw new UserError(`cannot save credentials in "${printable(credentialsFile)}": it is not a regular file`, {
      exit: Exit.usage,
      hint: ["name a file: --file PATH", `look at what is there: ls -ld "${printable(credentialsFile)}"`],
    });
  }
  if (settings.force) return;
  const bytes = await unlessUnreadable(deps.files.read(credentialsFile), undefined);
  if (bytes !== undefined) refuseOverwrites(credentialsFile, bytes, profiles, waysOut(settings));
  await checkConfig({ deps, settings }, profiles);
}

/** The config file says nothing about a file that was named for this run. */
async function checkConfig(
  { deps, settings }: Pick<Context, "deps" | "settings">,
  profiles: readonly string[],
): Promise<void> {
  if (settings.force || settings.file !== undefined) return;
  const bytes = await unlessUnreadable(deps.files.read(settings.configFile), undefined);
  if (bytes !== undefined) refuseConfigured(settings.configFile, bytes, profiles, waysOut(settings));
}

function waysOut({ allRoles, roles }: Settings): readonly string[] {
  return allRoles || roles.length > 0 ? OTHER_TEMPLATE : OTHER_NAME;
}

/** The Python tool prints `set` lines on Windows and `export` lines elsewhere. */
export function defaultFormat(platform: Platform): "env" | "cmd" {
  return platform === "windows" ? "cmd" : "env";
}

/**
 * Saves several deliveries, each file in one locked write, and says where they went. What `credential-process` serves
 * is kept first: a login that cannot be saved is not lost.
 *
 * @throws UserError as the writing of the files does, with how the credentials can still be had.
 */
export async function saveProfiles(
  context: Context,
  delivered: readonly (RoleCredentials & { readonly profile: string })[],
): Promise<void> {
  const { settings, reporter } = context;
  const { byProcess, byFile, hiding } = await divide(context, delivered);
  const kept = await cacheSaved(context, delivered);
  try {
    await checkConfig(context, delivered.map(({ profile }) => profile));
    await saveInFiles(context, byFile);
  } catch (error) {
    throw error instanceof UserError ? notLost(error, settings, kept ? delivered : []) : error;
  }
  if (!kept) {
    reporter.warn("the credentials could not be kept for credential-process, which will ask for a login again");
    return await saveInFiles(context, byProcess);
  }
  if (hiding.length > 0) await removeHiding(context, hiding);
  for (const { profile, assumedRoleArn, credentials } of byProcess) {
    reporter.info(
      `Success! The credential_process of AWS profile '${profile}' has credentials (${assumedRoleArn}, until ${
        rfc3339(credentials.expiration)
      }); ${settings.credentialsFile} is left alone, since keys there would win over it`,
    );
  }
}

function notLost(
  error: UserError,
  settings: Settings,
  kept: readonly { readonly profile: string }[],
): UserError {
  const [first] = cachedOf(settings, kept);
  const many = settings.allRoles || settings.roles.length > 0;
  return new UserError(error.message, {
    exit: error.exit,
    hint: [
      ...error.hints,
      ...(first === undefined ? [] : [
        `the login is not lost, this prints its credentials: ${PROGRAM} credential-process ${
          sameChoices(settings, first.profile)
        }`,
      ]),
      `print credentials instead of saving them: --output ${many ? "json" : "env"}`,
    ],
    cause: error.cause,
  });
}

interface Divided<T> {
  readonly byProcess: readonly T[];
  readonly byFile: readonly T[];
  /** Profiles of `byProcess` with keys of an earlier login in the credentials file. */
  readonly hiding: readonly string[];
}

/**
 * AWS's tools ask a profile's credential_process only while the credentials file has no keys for it, expired or not. So
 * where that process is this program, a login fills what it serves and writes no keys; those of an earlier login go. Keys
 * that this program did not write stay, and are what it always wrote over, if that is allowed.
 */
async function divide<T extends { readonly profile: string }>(
  { deps, settings, reporter }: Context,
  delivered: readonly T[],
): Promise<Divided<T>> {
  if (settings.file !== undefined) return { byProcess: [], byFile: delivered, hiding: [] };
  const read = (path: string) => deps.files.read(path).catch(() => undefined);
  const config = await read(settings.configFile);
  const hasOurProcess = ({ profile }: T) => config !== undefined && isOurProcess(config, profile);
  if (!delivered.some(hasOurProcess)) return { byProcess: [], byFile: delivered, hiding: [] };
  const saved = readProfiles(await read(settings.credentialsFile) ?? new Uint8Array());
  const inFile = new Map(saved.map((facts) => [facts.name, facts]));
  // A section without keys hides nothing; with --force it may be one that gets its credentials in another way.
  const isForeign = (facts: ProfileFacts | undefined) =>
    facts !== undefined && !facts.writtenByUs && (facts.keys !== "none" || settings.force);
  for (const { profile } of delivered.filter((each) => hasOurProcess(each) && isForeign(inFile.get(each.profile)))) {
    reporter.warn(
      `the credential_process of profile "${printable(profile)}" is not asked while the credentials file has the ` +
        `profile: remove it from "${printable(settings.credentialsFile)}" by hand, or give the credential_process ` +
        "another profile name",
    );
  }
  const byProcess = delivered.filter((each) => hasOurProcess(each) && !isForeign(inFile.get(each.profile)));
  return {
    byProcess,
    byFile: delivered.filter((each) => !byProcess.includes(each)),
    hiding: byProcess.map(({ profile }) => profile).filter((profile) => inFile.get(profile)?.writtenByUs),
  };
}

/** The cache is filled: keys of an earlier login would only keep AWS's tools from asking for what is in it. */
async function removeHiding({ deps, settings, reporter }: Context, profiles: readonly string[]): Promise<void> {
  const { path, removed, skipped, warnings } = await removeProfiles(deps, settings.credentialsFile, profiles, {
    onWait: (lock) => reporter.info(`Waiting for another program that holds ${lock}…`),
  });
  for (const warning of warnings) reporter.warn(warning);
  for (const { profile, reason } of skipped) {
    reporter.warn(`profile "${printable(profile)}" was left as it is in "${printable(path)}": ${reason}`);
  }
  for (const profile of removed) {
    reporter.info(
      `Removed the keys of an earlier login from profile '${printable(profile)}' in ${printable(path)}: they would ` +
        "win over its credential_process",
    );
  }
}

async function saveInFiles(
  context: Context,
  delivered: readonly (RoleCredentials & { readonly profile: string })[],
): Promise<void> {
  if (delivered.length === 0) return;
  const { deps, settings, reporter } = context;
  const onWait = (lock: string) => reporter.info(`Waiting for another program that holds ${lock}…`);
  const inCredentials = settings.regionIn.value === "credentials";
  const { warnings, path } = await writeProfiles(
    deps,
    settings.credentialsFile,
    delivered.map(({ profile, credentials, region, assumedRoleArn }) => ({
      profile,
      credentials,
      principalArn: assumedRoleArn,
      ...(inCredentials ? { region } : {}),
    })),
    { force: settings.force, instead: waysOut(settings), onWait },
  );
  for (const warning of warnings) reporter.warn(warning);
  if (settings.force && settings.file === undefined) await warnAboutHiding(context, delivered);
  if (!inCredentials) {
    const regions = delivered.map(({ profile, region }) => ({ profile, region }));
    const written = await writeConfig(deps, settings.configFile, regions, { onWait });
    for (const warning of written.warnings) if (!warnings.includes(warning)) reporter.warn(warning);
  }
  for (const { profile, assumedRoleArn, credentials } of delivered) {
    reporter.info(
      `Success! Updated AWS profile '${profile}' located at ${path} (${assumedRoleArn}, until ${
        rfc3339(credentials.expiration)
      })`,
    );
  }
}

/** `--force` saves beside what the config file says, and leaves that as it is. */
async function warnAboutHiding(
  { deps, settings, reporter }: Context,
  delivered: readonly { readonly profile: string }[],
): Promise<void> {
  const config = await unlessUnreadable(deps.files.read(settings.configFile), undefined);
  for (const { profile } of delivered) {
    const key = config && configHides(config, profile);
    if (key === undefined) continue;
    reporter.warn(
      `"${key}" of profile "${printable(profile)}" in "${printable(settings.configFile)}" wins over the keys that ` +
        "were saved: AWS's tools will not use them",
    );
  }
}
