/** Where AWS's tools get a profile's credentials: the credentials file, or this program as credential_process. */

import { configHides, ourProcess } from "../aws/files/config_file.ts";
import { type ProfileFacts, readProfiles } from "../aws/files/credentials_file.ts";
import { printable } from "../errors.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import type { Context } from "../settings/context.ts";

interface BySource<T> {
  readonly byProcess: readonly T[];
  readonly byFile: readonly T[];
  /** Profiles of `byProcess` with keys from an earlier login in the credentials file. */
  readonly oldKeys: readonly string[];
}

/**
 * AWS's tools call a profile's credential_process only if the credentials file has no keys for it, expired or not. So
 * if that process is this program, a login fills its cache and writes no keys; those of an earlier login are removed. Keys
 * that this program did not write stay, unless overwriting is allowed.
 */
export async function divideBySource<T extends { readonly profile: string }>(
  { deps, settings, reporter }: Pick<Context, "deps" | "settings" | "reporter">,
  delivered: readonly T[],
): Promise<BySource<T>> {
  if (settings.file !== undefined) return { byProcess: [], byFile: delivered, oldKeys: [] };
  const read = (path: string) => deps.files.read(path).catch(() => undefined);
  const config = await read(settings.configFile);
  // A policy of the command line is not asked for by a process that names none: it would never be served these.
  const hasTypedPolicy = settings.policyArn.length > 0 || settings.policyFile !== undefined;
  const hasOurProcess = ({ profile }: T) => {
    const command = config && ourProcess(config, profile);
    return command !== undefined && (!hasTypedPolicy || /\s--policy-/.test(command));
  };
  const overridden = hasTypedPolicy ? delivered.filter(({ profile }) => config && ourProcess(config, profile)) : [];
  for (const each of overridden.filter((each) => !hasOurProcess(each))) {
    reporter.warn(
      `the keys with a session policy override the credential_process of profile "${printable(each.profile)}", which ` +
        "asks for none",
    );
  }
  if (!delivered.some(hasOurProcess)) return { byProcess: [], byFile: delivered, oldKeys: [] };
  const saved = readProfiles(await read(settings.credentialsFile) ?? new Uint8Array());
  const inFile = new Map(saved.map((facts) => [facts.name, facts]));
  // A section without keys overrides nothing; with --force it may get its credentials in another way.
  const isForeign = (facts: ProfileFacts | undefined) =>
    facts !== undefined && !facts.writtenByUs && (facts.keys !== "none" || settings.force);
  for (const { profile } of delivered.filter((each) => hasOurProcess(each) && isForeign(inFile.get(each.profile)))) {
    reporter.warn(
      `the credential_process of profile "${printable(profile)}" is not used while the credentials file has the ` +
        `profile: remove it from "${printable(settings.credentialsFile)}" manually, or give the credential_process ` +
        "another profile name",
    );
  }
  const byProcess = delivered.filter((each) => hasOurProcess(each) && !isForeign(inFile.get(each.profile)));
  return {
    byProcess,
    byFile: delivered.filter((each) => !byProcess.includes(each)),
    oldKeys: byProcess.map(({ profile }) => profile).filter((profile) => inFile.get(profile)?.writtenByUs),
  };
}

/** `--force` saves keys despite the config file, which is not changed. */
export async function warnAboutOverrides(
  { deps, settings, reporter }: Context,
  delivered: readonly { readonly profile: string }[],
): Promise<void> {
  const config = await unlessUnreadable(deps.files.read(settings.configFile));
  for (const { profile } of delivered) {
    const key = config && configHides(config, profile);
    if (key === undefined) continue;
    reporter.warn(
      `"${key}" of profile "${printable(profile)}" in "${printable(settings.configFile)}" overrides the keys that ` +
        "were saved: AWS's tools will not use them",
    );
  }
}
