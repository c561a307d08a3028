/** The AWS config file: a profile's region and its credential_process, with the care of the credentials file. */

import { Exit, printable, UserError } from "../errors.ts";
import { type SafeFileDeps, updateFile, type UpdateOptions } from "../io/safe_file.ts";
import { decodeIni, encodeIni, parseIni } from "./ini.ts";
import { editIni } from "./ini_edit.ts";
import { checkProfileName, profileOf } from "./profile_name.ts";
import type { Written } from "./credentials_file.ts";

/** What to set for one profile; what is absent stays as it is. */
export interface ConfigWrite {
  readonly profile: string;
  readonly region?: string;
  /** A command line, as the shell of the system splits it. */
  readonly credentialProcess?: string;
}

export interface ConfigOptions {
  /** Replace a credential_process that names another command. */
  readonly force?: boolean;
  readonly onWait?: UpdateOptions["onWait"];
}

/**
 * Sets all of them in one locked write: `[profile NAME]` (in quotes when it has blanks), `[default]` for `default`.
 * Throws {@linkcode UserError}: exit 2 for a name or file that cannot be edited and for a foreign credential_process
 * without `force`, exit 9 when the lock stays taken.
 */
export async function writeConfig(
  deps: SafeFileDeps,
  path: string,
  writes: readonly ConfigWrite[],
  options: ConfigOptions = {},
): Promise<Written> {
  const nameWarnings = writes.flatMap((write) => checkProfileName(write.profile) ?? []);
  let warnings: readonly string[] = [];
  const updated = await updateFile(deps, path, (old) => {
    const text = decodeIni(old ?? new Uint8Array());
    if (options.force !== true) { for (const write of writes) refuseForeignProcess(path, text, write); }
    const edits = writes.map((write) => ({
      profile: write.profile,
      set: [
        ...(write.region === undefined ? [] : [["region", write.region] as const]),
        ...(write.credentialProcess === undefined ? [] : [["credential_process", write.credentialProcess] as const]),
      ],
    }));
    const edited = editIni({ kind: "config", path }, text, edits);
    warnings = [...edited.warnings, ...nameWarnings];
    return encodeIni(edited.text);
  }, options.onWait === undefined ? {} : { onWait: options.onWait });
  return { path: updated.path, changed: updated.changed, warnings };
}

/** The region a profile has in the config file, or undefined. */
export function configRegion(bytes: Uint8Array, profile: string): string | undefined {
  return configValue(decodeIni(bytes), profile, "region");
}

/** The command a profile gets its credentials from, or undefined. */
export function configProcess(bytes: Uint8Array, profile: string): string | undefined {
  return configValue(decodeIni(bytes), profile, "credential_process");
}

/** Whether the profile gets its credentials from this program's `credential-process`, however it was installed. */
export function isOurProcess(bytes: Uint8Array, profile: string): boolean {
  return OUR_PROCESS.test(configProcess(bytes, profile) ?? "");
}

const OUR_PROCESS = /onelogin-aws-assume-role.*credential-process/s;

function configValue(text: string, profile: string, key: string): string | undefined {
  let inProfile = false;
  let found: string | undefined;
  for (const line of parseIni(text.replace(/^\ufeff+/, ""))) {
    if (line.kind === "header") inProfile = profileOf("config", line.name) === profile;
    if (inProfile && line.kind === "entry" && line.key === key && line.value !== "") found = line.value;
  }
  return found;
}

function refuseForeignProcess(path: string, text: string, write: ConfigWrite): void {
  const present = configValue(text, write.profile, "credential_process");
  if (write.credentialProcess === undefined || present === undefined || present === write.credentialProcess) return;
  throw new UserError(
    `cannot set credential_process of profile "${printable(write.profile)}" in "${
      printable(path)
    }": it has another one`,
    { exit: Exit.usage, hint: ["use another profile: --profile NAME", "replace it: --force"] },
  );
}
