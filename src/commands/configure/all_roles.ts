/** `configure --all-roles`: a profile with a credential_process for each role of a login, in AWS's config file. */

import { isOurProcess } from "../../aws/files/config_file.ts";
import { writeAwsFile } from "../../aws/files/aws_update.ts";
import { readProfiles } from "../../aws/files/credentials_file.ts";
import {
  type ManagedPlan,
  type ManagedProfile,
  managedRegion,
  managedUpdate,
} from "../../aws/files/managed_profiles.ts";
import { Exit, printable, UserError } from "../../errors.ts";
import { unlessUnreadable } from "../../io/read_file.ts";
import { checkLastNames, loginMany, type Target } from "../../login/many_roles.ts";
import { readManyRolesOptions } from "../../login/many_roles_options.ts";
import { fullName } from "../../saml/role_arn.ts";
import type { Context } from "../../settings/context.ts";
import { optionValue, type Settings } from "../../settings/settings.ts";
import { digest } from "../../store/names.ts";
import { type KnownOwner, subjectOf } from "../../store/subject.ts";
import { sameWords } from "../../unattended/same_choices.ts";
import { PROGRAM } from "../../version.ts";
import { announceWait, saveProfiles } from "../save_profiles.ts";
import { processLine } from "./profiles.ts";

/** Names listed in one message. */
const MOST_NAMES = 5;

/**
 * Signs in once, writes a profile for each role, and fills the cache of `credential-process` for all of them. Profiles of
 * an earlier run whose role is gone are removed; sections that it did not write are not changed. The config file is
 * planned, proven and written whole before AWS is asked for credentials.
 *
 * @returns the profiles that get their credentials from this program now.
 * @throws UserError exit 2 if the file cannot be edited or a line cannot be written; exit 8 if a question is not allowed;
 * else as `loginMany` does.
 */
export async function configureAllRoles(given: Context): Promise<readonly string[]> {
  const context = { ...given, settings: await settingsFor(given) };
  const { deps, settings, reporter } = context;
  if (settings.file !== undefined) {
    throw new UserError('cannot use "--file" with "configure --all-roles": it writes no keys', {
      exit: Exit.usage,
      hint: "to write another config file, set AWS_CONFIG_FILE",
    });
  }
  const program = programOf(context);
  const plan = readManyRolesOptions(settings);
  await checkLastNames(context, plan);
  // Before the password is asked for: can the file be written?
  await writeAwsFile(
    deps,
    managedUpdate(deps, settings.configFile, [{ ...SAMPLE, credentialProcess: program }], { owner: "check" }),
    { rehearse: true, onWait: announceWait(reporter) },
  );
  let served: readonly string[] = [];
  try {
    await loginMany(context, plan, {
      async check(targets, owner) {
        const written = await writeConfigFile(context, targets, owner);
        served = written.map(({ profile }) => profile ?? "");
        return written;
      },
      deliver: async (granted) =>
        await saveProfiles(
          context,
          granted.flatMap((each) => each.profile === undefined ? [] : [{ ...each, profile: each.profile }]),
        ),
    });
  } finally {
    if (!deps.signal.aborted) await warnAboutKeys(context, served);
  }
  const [first] = served;
  if (first !== undefined) reporter.info(`Done. Try it: aws sts get-caller-identity --profile ${shown(first)}`);
  return served;
}

/** A profile that nobody has. */
const SAMPLE = { profile: `${PROGRAM}-check`, region: "us-west-2" };

/** The longest sessions unless a duration is set, and the region of the last run if none is set: no question twice. */
async function settingsFor({ deps, settings }: Context): Promise<Settings> {
  const { awsRegion, configFile } = settings;
  const config = await unlessUnreadable(deps.files.read(configFile));
  const last = config && (awsRegion === undefined || awsRegion.source.kind === "environment")
    ? managedRegion(config)
    : undefined;
  return {
    ...settings,
    allRoles: true,
    duration: settings.duration.source.kind === "default" ? { ...settings.duration, value: "max" } : settings.duration,
    ...(last === undefined
      ? {}
      : { awsRegion: { value: last, source: { kind: "file", path: configFile, key: "region" } } }),
  };
}

/** The command line with the path of this program, as a proof that it can be written. */
function programOf({ deps, settings }: Context): string {
  const { programPath, platform } = deps;
  if (programPath === undefined) {
    throw new UserError('cannot use "configure --all-roles" from a checkout: AWS\'s tools need a program to run', {
      exit: Exit.usage,
      hint: "run the released binary",
    });
  }
  const line = processLine(
    programPath,
    platform,
    settings.configFolder === undefined ? [] : ["-c", settings.configFolder],
  );
  if (line !== undefined) return line;
  throw new UserError(
    `cannot write credential_process lines with ${JSON.stringify(programPath)}${
      settings.configFolder === undefined ? "" : ` and the folder ${JSON.stringify(settings.configFolder)}`
    }: AWS's tools read its characters in different ways`,
    { exit: Exit.usage, hint: "move it to a path of letters, digits, spaces and . _ - @ : / +" },
  );
}

/** Writes the profiles, reports what changed, and returns the roles whose profile gets its credentials from here. */
async function writeConfigFile(
  context: Context,
  targets: readonly Target[],
  owner: KnownOwner,
): Promise<readonly Target[]> {
  const { deps, settings, reporter } = context;
  const { configFile, credentialsFile, awsRegion, force } = settings;
  const bytes = await unlessUnreadable(deps.files.read(credentialsFile));
  const others = new Set(
    bytes && readProfiles(bytes).filter(({ keys, writtenByUs }) => keys !== "none" && !writtenByUs)
      .map(({ name }) => name),
  );
  const free = targets.filter(({ profile = "" }) => !others.has(profile));
  const whose = { ...subjectOf(settings, "").owner, ...owner };
  const update = managedUpdate(deps, configFile, free.map((each) => profileFor(context, each)), {
    owner: await digest([whose.subdomain, whose.appId, whose.username]),
    replaceRegion: optionValue(awsRegion) !== undefined,
    force,
  });
  const written = await writeAwsFile(deps, update, { onWait: announceWait(reporter) });
  for (const warning of written.warnings) reporter.warn(warning);
  const plan = update.plan();
  report(context, written.path, plan);
  const config = await unlessUnreadable(deps.files.read(configFile));
  const foreign = new Set(plan.foreign);
  // A section that somebody else wrote with a line of this program is served too.
  const isServed = (profile: string) => !foreign.has(profile) || config !== undefined && isOurProcess(config, profile);
  warnAboutOthers(
    context,
    plan.foreign.filter((profile) => !isServed(profile)),
    [...others].filter((name) => targets.some(({ profile }) => profile === name)),
  );
  return free.filter(({ profile = "" }) => isServed(profile));
}

function profileFor({ deps, settings }: Context, { role, region, profile = "" }: Target): ManagedProfile {
  const { configFolder, duration } = settings;
  const asOption = <T>(value: T) => ({ value, source: { kind: "option", name: "" } as const });
  const one = { ...settings, awsAccountId: asOption(role.accountId), awsRoleName: asOption(fullName(role)) };
  // A file is read again at each call; typed values and defaults would be lost.
  const seconds = duration.source.kind === "file" ? [] : ["--duration", String(duration.value)];
  const line = processLine(deps.programPath ?? "", deps.platform, [
    ...(configFolder === undefined ? [] : ["-c", configFolder]),
    ...sameWords(one, profile),
    ...seconds,
  ]);
  if (line !== undefined) return { profile, region, credentialProcess: line };
  throw new UserError(`cannot write the credential_process line of profile "${printable(profile)}"`, {
    exit: Exit.usage,
    hint: 'AWS\'s tools read some characters in different ways; use --profile-template "{account}-{role}"',
  });
}

function report({ reporter }: Context, path: string, plan: ManagedPlan): void {
  const { added, changed, unchanged, removed } = plan;
  const parts = ([[added, "added"], [changed, "updated"], [removed, "removed"], [unchanged, "unchanged"]] as const)
    .flatMap(([list, word]) => list.length === 0 ? [] : [`${list.length} ${word}`]);
  reporter.info(`Profiles in ${printable(path)}: ${parts.length === 0 ? "none" : parts.join(", ")}`);
  if (removed.length > 0) reporter.info(`This login no longer has the roles of: ${listed(removed)}`);
  for (const profile of [...added, ...changed]) reporter.detail(`wrote profile ${JSON.stringify(profile)}`);
}

function warnAboutOthers({ settings, reporter }: Context, sections: readonly string[], keys: readonly string[]): void {
  const wayOut = "choose other names with --profile-template, or rename the section and run this again";
  if (sections.length > 0) {
    reporter.warn(
      `${printable(settings.configFile)} already has sections that "configure --all-roles" did not write for this ` +
        `login; they were not changed: ${listed(sections)}; ${wayOut}`,
    );
  }
  if (keys.length > 0) {
    reporter.warn(
      `${printable(settings.credentialsFile)} already has keys of other tools under these names; no profile was ` +
        `written: ${listed(keys)}; ${wayOut}`,
    );
  }
}

/** Keys of an earlier login that the cache could not replace. */
async function warnAboutKeys({ deps, settings, reporter }: Context, served: readonly string[]): Promise<void> {
  const bytes = await unlessUnreadable(deps.files.read(settings.credentialsFile));
  const saved = new Set(bytes && readProfiles(bytes).flatMap(({ name, keys }) => keys === "none" ? [] : [name]));
  const overridden = served.filter((profile) => saved.has(profile));
  const [first] = overridden;
  if (first === undefined) return;
  reporter.warn(
    `keys in ${printable(settings.credentialsFile)} override the credential_process of: ${listed(overridden)}; ` +
      `remove them with: ${PROGRAM} logout --profile ${shown(first)}`,
  );
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).map((name) => printable(name)).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function shown(profile: string): string {
  return /^[\w.@:/+-]+$/.test(profile) ? profile : `"${printable(profile)}"`;
}
