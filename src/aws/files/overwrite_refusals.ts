/** Which profiles must not be overwritten without `--force`, and the errors for them. */

import { Exit, printable, UserError } from "../../errors.ts";

/** The settings of a section: key to value. */
export type Values = ReadonlyMap<string, string>;

/** Settings that make the SDKs ignore keys in the same section ("Credential provider chain", AWS SDKs and Tools guide). */
const WINS_OVER_KEYS = /^(role_arn|source_profile|credential_source|web_identity_token_file|login_session|sso_.*)$/;

/** `temporary`: keys with a session token. `long-term`: keys without one. `none`: no keys. */
export function keysOf(values: Values | undefined): "temporary" | "long-term" | "none" {
  const has = (key: string) => (values?.get(key) ?? "") !== "";
  if (!has("aws_access_key_id") && !has("aws_secret_access_key")) return "none";
  return has("aws_session_token") || has("aws_security_token") ? "temporary" : "long-term";
}

/** The settings of a section that make AWS's tools ignore keys saved for its profile. */
export function hidingKeys(values: Values | undefined): readonly string[] {
  return [...values?.keys() ?? []].filter((key) => WINS_OVER_KEYS.test(key));
}

/** What the user set up by hand: long-term keys, or another source of credentials, with its setting. */
type Setup = { readonly kind: "long-term-keys" } | { readonly kind: "other-way"; readonly key: string };

export function setupOf(values: Values | undefined): Setup | undefined {
  if (keysOf(values) === "long-term") return { kind: "long-term-keys" };
  const key = hidingKeys(values)[0] ?? (values?.has("credential_process") ? "credential_process" : undefined);
  return key === undefined ? undefined : { kind: "other-way", key };
}

/** Hints for saving one profile. */
export const OTHER_NAME: readonly string[] = ["use another name: --profile NAME"];
/** Hints for saving many profiles, with names from a template. */
export const OTHER_TEMPLATE: readonly string[] = [
  'use other names: --profile-template "onelogin-{alias|account}-{role}"',
  "exclude this role: select the others with --roles",
];

/**
 * The error for a profile of the credentials file that must not be overwritten.
 *
 * @param instead hints besides `--force`.
 */
export function cannotOverwrite(profile: string, path: string, setup: Setup, instead: readonly string[]): UserError {
  const reason = setup.kind === "long-term-keys"
    ? "it contains long-term keys, which could not be recovered"
    : `it gets its credentials in another way ("${printable(setup.key)}")`;
  return new UserError(`cannot overwrite profile "${printable(profile)}" in "${printable(path)}": ${reason}`, {
    exit: Exit.usage,
    hint: [...instead, "overwrite it: --force"],
  });
}

/** The error for a profile that is set up in the config file: nothing is written there, but one of the two would be ignored. */
export function cannotShadow(profile: string, path: string, setup: Setup, instead: readonly string[]): UserError {
  const reason = setup.kind === "long-term-keys"
    ? "its long-term keys there would no longer be used"
    : `it gets its credentials in another way there ("${printable(setup.key)}")`;
  return new UserError(
    `cannot save credentials as profile "${printable(profile)}", which is set up in "${printable(path)}": ${reason}`,
    { exit: Exit.usage, hint: [...instead, "save them anyway: --force"] },
  );
}
