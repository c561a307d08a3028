/** Profile names: which ones are valid in AWS files, and their spelling in headers. */

import { Exit, printable, UserError } from "../../errors.ts";

/** `credentials` has `[name]`; `config` has `[profile name]`, and `[default]`. */
export type AwsFileKind = "credentials" | "config";

/** Names that every SDK reads in both files, without quotes. */
const PLAIN = /^[A-Za-z0-9_.@:/+%-]+$/;

/** Keys of every JavaScript object; the AWS SDK for JavaScript loses a section of such a name. */
const OBJECT_NAMES = ["__proto__", ...Object.getOwnPropertyNames(Object.prototype)];

/**
 * Refuses a name that the AWS CLI or the AWS SDKs would read as something else (exit 2). Returns a warning for a name
 * that only some of them can read (tested with the SDKs themselves).
 */
export function checkProfileName(profile: string): string | undefined {
  const reason = whyUnusable(profile);
  if (reason !== undefined) {
    throw new UserError(`cannot save a profile named "${printable(profile, 100)}": ${reason}`, {
      exit: Exit.usage,
      hint: 'use letters, digits and . _ - @ : / + %, such as "--profile dev-admin"',
    });
  }
  if (PLAIN.test(profile)) return undefined;
  const name = `"${printable(profile, 100)}"`;
  return /\s/.test(profile)
    ? `the AWS SDKs for Java and Rust do not find a profile named ${name}, with a space in it, and the one for ` +
      "JavaScript may not"
    : `the AWS SDKs for Java and Rust do not find a profile named ${name} in the credentials file, and those for ` +
      "JavaScript, Go, Java and Rust do not find it in the config file";
}

/** Why a profile cannot have this name; undefined if it can. */
export function whyUnusable(profile: string): string | undefined {
  if (profile === "") return "the name is empty";
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]/.test(profile)) return "it contains a control character";
  if (/[\ud800-\udfff]/u.test(profile)) return "it is not valid text";
  if (/^\s|\s$/.test(profile)) return "it begins or ends with a space";
  if (/[[\]]/.test(profile)) return "a bracket would end the section's header";
  // Go (terraform), Java and Rust read it as a comment: "a#b" would be profile "a", or no profile at all.
  if (/[#;]/.test(profile)) return "some AWS SDKs read what follows # or ; as a comment";
  if (/["'\\]/.test(profile)) return "quotes and backslashes mean something else to the AWS CLI";
  if (profile === "DEFAULT") return "[DEFAULT] is inherited by every other profile";
  if (OBJECT_NAMES.includes(profile)) return "the AWS SDK for JavaScript cannot read a section of that name";
  if (/^(profile|sso-session|services)\s/.test(profile)) return "it begins with a reserved word";
  return undefined;
}

/** The header of the profile, without brackets. */
export function sectionName(kind: AwsFileKind, profile: string): string {
  if (kind === "credentials" || profile === "default") return profile;
  return PLAIN.test(profile) ? `profile ${profile}` : `profile "${profile}"`;
}

/** The profile of a header (without brackets), or undefined. Botocore splits it as a shell would. */
export function profileOf(kind: AwsFileKind, header: string): string | undefined {
  if (kind === "credentials" || header === "default") return header;
  const match = /^profile\s+(?:"([^"\\]*)"|'([^']*)'|([^\s"'\\]+))\s*$/.exec(header);
  return match?.[1] ?? match?.[2] ?? match?.[3];
}

/** The header that every SDK reads as `profile`'s; undefined when it is that already. */
export function plainSpelling(kind: AwsFileKind, header: string, profile: string): string | undefined {
  if (kind === "credentials" || profile === "default" || profileOf(kind, header) !== profile) return undefined;
  const plain = sectionName(kind, profile);
  return plain === header ? undefined : plain;
}

/** Whether the AWS SDK for JavaScript can find the profile at all. */
export function javaScriptCanRead(kind: AwsFileKind, profile: string): boolean {
  if (kind === "config") return profile === "default" || /^[\w\-@+.%:/]+$/.test(profile);
  return !/^[\w-]+\s["']?[\w\-@+.%:/]+["']?$/.test(profile);
}
