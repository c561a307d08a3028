/** `logout`: lists and removes what this program saved. */

import { readProfiles, removeProfiles } from "../aws/files/credentials_file.ts";
import { Exit, type ExitCode, printable, UserError } from "../errors.ts";
import { yesNo } from "../io/prompter.ts";
import { FileError } from "../io/deps.ts";
import { checkOwner } from "../io/read_file.ts";
import { samlCacheFile } from "../store/assertion_cache.ts";
import { optionValue } from "../settings/settings.ts";
import type { Context } from "../settings/context.ts";
import { cacheFiles } from "../store/save_credentials.ts";
import { announceWait } from "./save_profiles.ts";
import { sweepLocks } from "../unattended/single_flight.ts";

/** What to remove. */
interface Leftovers {
  readonly profiles: readonly string[];
  /** Paths of whole files. */
  readonly files: readonly string[];
}

/**
 * Removes the profiles this program wrote, its cached credentials and assertion; with `--profile` those of one profile.
 * Settings files and the remembered second factor stay.
 *
 * @throws UserError exit 8 when prompts are forbidden without `--force`; exit 2 when something cannot be removed.
 */
export async function logoutCommand(context: Context): Promise<ExitCode> {
  const { settings, reporter } = context;
  // A profile in the settings file is the default for logins, not a request to keep the others.
  const only = optionValue(settings.profile);
  try {
    const found = await leftovers(context, only);
    if (found.profiles.length + found.files.length === 0) {
      reporter.info(
        only === undefined
          ? "There is nothing to remove."
          : `There is nothing to remove for profile ${JSON.stringify(only)}.`,
      );
      return Exit.done;
    }
    if (!await isAgreed(context, found)) {
      reporter.info("Nothing was removed.");
      return Exit.done;
    }
    await remove(context, found, only);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`cannot remove everything: "${printable(error.path)}": ${printable(error.message)}`, {
      exit: Exit.usage,
      hint: checkOwner(error.path),
      cause: error,
    });
  }
  return Exit.done;
}

async function leftovers(context: Context, only: string | undefined): Promise<Leftovers> {
  const { files } = context.deps;
  const bytes = await files.read(context.settings.credentialsFile) ?? new Uint8Array();
  const profiles = readProfiles(bytes).filter(({ name, writtenByUs }) =>
    writtenByUs && (only === undefined || name === only)
  );
  const assertion = samlCacheFile(context);
  return {
    profiles: profiles.map(({ name }) => name),
    files: [
      ...await cacheFiles(context, only),
      // It belongs to the user, not the profile.
      ...(only === undefined && await files.lstat(assertion) !== undefined ? [assertion] : []),
    ],
  };
}

async function isAgreed({ settings, prompter, reporter }: Context, { profiles, files }: Leftovers): Promise<boolean> {
  const from = `from "${printable(settings.credentialsFile)}"`;
  const removed = [
    ...profiles.map((name) => `  profile "${printable(name)}" ${from}`),
    ...files.map((path) => `  ${path}`),
  ];
  for (const line of ["Will be removed:", ...removed]) reporter.info(line);
  if (settings.force) return true;
  const parts = [
    ...(profiles.length === 0 ? [] : [count(profiles.length, "profile")]),
    ...(files.length === 0 ? [] : [count(files.length, "cached file")]),
  ];
  return await prompter.confirm(yesNo(`Remove ${parts.join(" and ")}?`, "y/n", "--force"));
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

async function remove(context: Context, { profiles, files }: Leftovers, only: string | undefined): Promise<void> {
  const { deps, settings, reporter } = context;
  // Remove the caches first, in case the credentials file cannot be changed.
  for (const path of files) await deps.files.remove(path);
  if (only === undefined) await sweepLocks(context);
  if (profiles.length > 0) {
    const { warnings, skipped } = await removeProfiles(deps, settings.credentialsFile, profiles, {
      onWait: announceWait(reporter),
    });
    for (const warning of warnings) reporter.warn(warning);
    for (const { profile, reason } of skipped) {
      reporter.warn(`profile "${printable(profile)}" was not changed: ${reason}`);
    }
  }
  reporter.info("Removed. AWS still accepts issued credentials until they expire.");
}
