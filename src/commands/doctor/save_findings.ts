/** Whether a login could be saved now, with the same write, and what is misleading in the AWS files. */

import { configUpdate } from "../../aws/files/config_file.ts";
import { writeAwsFiles } from "../../aws/files/aws_update.ts";
import { decodeIni, parseIni } from "../../aws/files/ini.ts";
import { type AwsFileKind, checkProfileName, plainSpelling, profileOf } from "../../aws/files/profile_name.ts";
import { roughly } from "../../duration.ts";
import { orUserError, printable, quoted, UserError, userError } from "../../errors.ts";
import type { Deps } from "../../io/deps.ts";
import { TEMP_SUFFIX } from "../../io/paths.ts";
import { unlessUnreadable } from "../../io/read_file.ts";
import { resolveTarget } from "../../io/safe_file.ts";
import type { Settings } from "../../settings/settings.ts";
import { readAwsRegion } from "../../settings/values.ts";
import { savedCredentials } from "../../store/saved.ts";
import { silentReporter } from "../../ui/silent_reporter.ts";
import { savedProfile } from "../deliver.ts";
import { checkTargets } from "../save_profiles.ts";
import { failure, type Finding, finding } from "./finding.ts";

interface Place {
  readonly deps: Deps;
  readonly settings: Settings;
}

export async function saveFindings(place: Place): Promise<readonly Finding[]> {
  const { settings } = place;
  return [
    await saving(place),
    await configEdit(place),
    ...await mounted(place, settings.credentialsFile),
    ...await mounted(place, settings.configFile),
    ...await misleading(place, "credentials", settings.credentialsFile),
    ...await misleading(place, "config", settings.configFile),
    ...regions(place),
    ...await saved(place),
  ];
}

const ok = (text: string) => finding("files", "ok", text);

/** A login that only prints its credentials does not need the file. */
async function saving({ deps, settings }: Place): Promise<Finding> {
  const profile = savedProfile(settings);
  const names = profile === undefined ? [] : [profile];
  const checked = await checkTargets({ deps, settings, reporter: silentReporter() }, names).catch(userError);
  if (checked instanceof UserError) {
    return { ...failure("files", checked), ...(profile === undefined ? { level: "warn" } : {}) };
  }
  return ok(`a login could be saved${profile === undefined ? "" : ` as profile ${quoted(profile)}`} now`);
}

/** Only `--region-in config` and `configure` write it. */
async function configEdit({ deps, settings: { configFile } }: Place): Promise<Finding> {
  const update = configUpdate(deps, configFile, [{ profile: "onelogin-aws-assume-role-check", region: "us-west-2" }]);
  const written = await writeAwsFiles(deps, [update], { rehearse: true }).catch(userError);
  if (written instanceof UserError) return { ...failure("files", written), level: "warn" };
  return ok(`config file: ${quoted(configFile)} can be edited`);
}

async function mounted({ deps: { files } }: Place, path: string): Promise<readonly Finding[]> {
  const target = await unlessUnreadable(resolveTarget(files, path));
  if (target === undefined || await unlessUnreadable(files.stat(target)) === undefined) return [];
  if (!await unlessUnreadable(files.isMounted(target, `${target}${TEMP_SUFFIX}`))) return [];
  const what = `${quoted(path)} is a mount point: it is written in place, so readers may see half of it`;
  return [finding("files", "warn", what, "mount its folder instead")];
}

/** Profiles that some SDKs misread or cannot read, and invalid regions. */
async function misleading({ deps: { files } }: Place, kind: AwsFileKind, path: string): Promise<readonly Finding[]> {
  const bytes = await unlessUnreadable(files.read(path)) ?? new Uint8Array();
  const findings: Finding[] = [];
  const warn = (text: string, fix: string) => findings.push(finding("files", "warn", text, fix));
  let header = "";
  for (const line of parseIni(decodeIni(bytes).replace(/^\ufeff+/, ""))) {
    if (line.kind === "header") {
      header = line.name;
      const profile = profileOf(kind, header);
      if (profile === undefined) continue;
      const plain = plainSpelling(kind, header, profile);
      const trouble = nameTrouble(profile);
      const section = `[${printable(header, 100)}] in ${quoted(path)}`;
      if (trouble !== undefined) warn(`${section}: ${trouble}`, "rename the profile");
      else if (plain !== undefined) warn(`${section}: some AWS SDKs do not find the profile`, `use [${plain}]`);
    }
    if (line.kind === "entry" && line.key === "region") {
      const read = readAwsRegion(line.value);
      if ("problem" in read) warn(`[${printable(header, 100)}] in ${quoted(path)}: ${read.problem}`, read.hint);
    }
  }
  return findings;
}

function nameTrouble(profile: string): string | undefined {
  const found = orUserError(() => checkProfileName(profile));
  return found instanceof UserError ? found.message : found;
}

/** The settings ignore an overridden value, but other tools use it. */
function regions({ deps: { env } }: Place): readonly Finding[] {
  return ["AWS_REGION", "AWS_DEFAULT_REGION"].flatMap((name): readonly Finding[] => {
    const value = env[name]?.trim() ?? "";
    const read = readAwsRegion(value);
    if (value === "" || "value" in read) return [];
    return [finding("settings", "warn", `${name}: ${read.problem}`, read.hint)];
  });
}

/** Credentials of earlier logins, in the file and in the cache of `credential-process`. */
async function saved(place: Place): Promise<readonly Finding[]> {
  const { deps } = place;
  const all = await savedCredentials(place).catch(userError);
  if (all instanceof UserError) return [failure("files", all)];
  // `status` reports an unreadable expiration.
  return all.map(({ profile, expiration, savedIn }) => {
    const left = (expiration ?? 0) - deps.clock.now();
    const where = savedIn.map((each) => each === "cache" ? "cache" : "credentials file").join(" and ");
    return ok(`profile ${quoted(profile)} in the ${where}: ${left > 0 ? `${roughly(left)} left` : "expired"}`);
  });
}
