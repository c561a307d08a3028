/** Saves credentials as profiles: checks what must not be overwritten, and writes each file once. */

import { localTime } from "../duration.ts";
import { writeAwsFiles, type Written } from "../aws/files/aws_update.ts";
import { configRegion, configUpdate, refuseConfigured } from "../aws/files/config_file.ts";
import { profilesUpdate, refuseOverwrites, removeProfiles } from "../aws/files/credentials_file.ts";
import { OTHER_NAME, OTHER_TEMPLATE } from "../aws/files/overwrite_refusals.ts";
import { checkProfileName } from "../aws/files/profile_name.ts";
import { Exit, printable, UserError } from "../errors.ts";
import type { Reporter } from "../io/prompter.ts";
import { lookAt } from "../io/paths.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import type { Context } from "../settings/context.ts";
import type { AwsChoice, Delivery, OneLoginSettings } from "../settings/settings.ts";
import { cachedOf, cacheSaved } from "../store/save_credentials.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { sameChoices } from "../unattended/same_choices.ts";
import { PROGRAM } from "../version.ts";
import { divideBySource, warnAboutOverrides } from "./profile_source.ts";

/**
 * Refuses, before a password or second factor, what would prevent saving these profiles: a
 * profile that must not be lost, a file that cannot be edited, a disk that cannot be written. The write itself is
 * rehearsed with dummy keys. If names are only known after the login, a dummy profile is used
 * instead.
 *
 * @throws UserError exit 2, and exit 9 when the lock of a file stays taken.
 */
export async function checkTargets(context: Saving, profiles: readonly string[]): Promise<void> {
  const { deps, settings, reporter } = context;
  for (const profile of profiles) checkProfileName(profile);
  const { credentialsFile } = settings;
  const found = await unlessUnreadable(deps.files.stat(credentialsFile));
  if (found !== undefined && found.kind !== "file") {
    throw new UserError(`cannot save credentials in "${printable(credentialsFile)}": it is not a regular file`, {
      exit: Exit.usage,
      hint: ["choose a file: --file PATH", `check what it is: ${lookAt(credentialsFile)}`],
    });
  }
  if (!settings.force) {
    const bytes = await unlessUnreadable(deps.files.read(credentialsFile));
    if (bytes !== undefined) refuseOverwrites(credentialsFile, bytes, profiles, waysOut(settings));
    await checkConfig(context, profiles);
  }
  const sample = (profile: string) => ({ ...SAMPLE, region: settings.awsRegion?.value ?? SAMPLE.region, profile });
  const silent = { ...context, reporter: { ...reporter, warn() {} } };
  const { byFile } = await divideBySource(silent, profiles.map(sample));
  const rehearsed = profiles.length === 0 ? [sample(NO_ROLE)] : byFile;
  if (rehearsed.length > 0) await writeFiles(context, rehearsed, { rehearse: true });
}

/** Profiles that get a line each; more share one. */
const MOST_LINES = 10;

/** A profile name that nobody uses. */
const NO_ROLE = `${PROGRAM}-check`;

/** As long as AWS's values. */
const SAMPLE = {
  credentials: {
    accessKeyId: "ASIAXXXXXXXXXXXXXXXX",
    secretAccessKey: "x".repeat(40),
    sessionToken: "x".repeat(1000),
    expiration: 0,
  },
  region: "us-west-2",
  assumedRoleArn: "arn:aws:sts::000000000000:assumed-role/none/nobody",
};

/** The config file does not concern a `--file`. */
async function checkConfig(
  { deps, settings }: Pick<Context, "deps" | "settings">,
  profiles: readonly string[],
): Promise<void> {
  if (settings.force || settings.file !== undefined) return;
  const bytes = await unlessUnreadable(deps.files.read(settings.configFile));
  if (bytes !== undefined) refuseConfigured(settings.configFile, bytes, profiles, waysOut(settings));
}

function waysOut({ allRoles, roles }: AwsChoice): readonly string[] {
  return allRoles || roles.length > 0 ? OTHER_TEMPLATE : OTHER_NAME;
}

/**
 * Saves several deliveries, each file in one locked write, and reports where. The cache of `credential-process`
 * is filled first, so that a login that cannot be saved is not lost.
 *
 * @throws UserError as writing the files does, with a hint how to get the credentials anyway.
 */
export async function saveProfiles(
  context: Context,
  delivered: readonly (RoleCredentials & { readonly profile: string })[],
): Promise<void> {
  const { settings, reporter } = context;
  const { byProcess, byFile, oldKeys } = await divideBySource(context, delivered);
  const kept = await cacheSaved(context, delivered);
  try {
    await checkConfig(context, delivered.map(({ profile }) => profile));
    await saveInFiles(context, byFile);
  } catch (error) {
    throw error instanceof UserError ? notLost(error, settings, kept ? delivered : []) : error;
  }
  if (!kept) {
    reporter.warn("the credentials could not be cached for credential-process, which will need another login");
    return await saveInFiles(context, byProcess);
  }
  if (oldKeys.length > 0) await removeOldKeys(context, oldKeys);
  const [first] = byProcess;
  if (first !== undefined && byProcess.length > MOST_LINES) {
    const soonest = Math.min(...byProcess.map(({ credentials }) => credentials.expiration));
    return reporter.info(
      `Success! ${byProcess.length} AWS profiles get their credentials through credential_process, the first until ${
        localTime(soonest)
      }; ${settings.credentialsFile} was not changed, because keys there would override them`,
    );
  }
  for (const { profile, assumedRoleArn, credentials } of byProcess) {
    reporter.info(
      `Success! The credential_process of AWS profile '${profile}' has credentials (${assumedRoleArn}, until ${
        localTime(credentials.expiration)
      }); ${settings.credentialsFile} is left alone, since keys there would win over it`,
    );
  }
}

function notLost(
  error: UserError,
  settings: OneLoginSettings & AwsChoice & Delivery,
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

/** The cache is filled: keys of an earlier login would only keep AWS's tools from using it. */
async function removeOldKeys({ deps, settings, reporter }: Context, profiles: readonly string[]): Promise<void> {
  const { path, removed, skipped, warnings } = await removeProfiles(deps, settings.credentialsFile, profiles, {
    onWait: announceWait(reporter),
  });
  for (const warning of warnings) reporter.warn(warning);
  for (const { profile, reason } of skipped) {
    reporter.warn(`profile "${printable(profile)}" was not changed in "${printable(path)}": ${reason}`);
  }
  for (const profile of removed) {
    reporter.info(
      `Removed the keys of an earlier login from profile '${printable(profile)}' in ${printable(path)}: they would ` +
        "override its credential_process",
    );
  }
}

async function saveInFiles(
  context: Context,
  delivered: readonly (RoleCredentials & { readonly profile: string })[],
): Promise<void> {
  if (delivered.length === 0) return;
  const { settings, reporter } = context;
  const written = await writeFiles(context, delivered);
  for (const warning of new Set(written.flatMap(({ warnings }) => warnings))) reporter.warn(warning);
  if (settings.force && settings.file === undefined) await warnAboutOverrides(context, delivered);
  const path = written[0]?.path ?? settings.credentialsFile;
  for (const { profile, assumedRoleArn, credentials } of delivered) {
    reporter.info(
      `Success! Updated AWS profile '${profile}' located at ${path} (${assumedRoleArn}, until ${
        localTime(credentials.expiration)
      })`,
    );
  }
}

/** Writes the credentials file, and the config file if the region goes there: both or neither. */
async function writeFiles(
  { deps, settings, reporter }: Saving,
  delivered: readonly Deliverable[],
  { rehearse = false }: { readonly rehearse?: boolean } = {},
): Promise<readonly Written[]> {
  const inCredentials = settings.regionIn.value === "credentials";
  const config = inCredentials ? await unlessUnreadable(deps.files.read(settings.configFile)) : undefined;
  const requested = settings.awsRegion !== undefined && settings.awsRegion.source.kind !== "environment";
  const profiles = delivered.map(({ profile, credentials, region, assumedRoleArn }) => {
    // AWS's tools prefer the credentials file: a region there must not contradict the config file.
    const configured = config && configRegion(config, profile);
    if (requested && configured !== undefined && configured !== region && !rehearse) {
      reporter.warn(
        `profile ${JSON.stringify(profile)} keeps the region ${configured}, which ${
          printable(settings.configFile)
        } sets; ` +
          "to change it there: --region-in config",
      );
    }
    const isWritten = inCredentials && (configured === undefined || requested && configured === region);
    return { profile, credentials, principalArn: assumedRoleArn, ...(isWritten ? { region } : {}) };
  });
  const regions = delivered.map(({ profile, region }) => ({ profile, region }));
  const { force, credentialsFile, configFile } = settings;
  return await writeAwsFiles(deps, [
    profilesUpdate(deps, credentialsFile, profiles, { force, instead: waysOut(settings) }),
    ...(inCredentials ? [] : [configUpdate(deps, configFile, regions)]),
  ], { rehearse, onWait: announceWait(reporter) });
}

type Saving = Pick<Context, "deps" | "settings" | "reporter">;
type Deliverable = Pick<RoleCredentials, "credentials" | "region" | "assumedRoleArn"> & { readonly profile: string };

/** Reports once that another program has locked a file. */
export function announceWait(reporter: Pick<Reporter, "info">): (lock: string) => void {
  return (lock) => reporter.info(`Waiting for another program that has locked ${lock}…`);
}
