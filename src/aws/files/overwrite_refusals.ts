/** Which profiles must not be saved over without `--force`, and how that is said. */

import { Exit, printable, UserError } from "../../errors.ts";

/** What a section says: key to value. */
export type Values = ReadonlyMap<string, string>;

/** Settings that make the SDKs ignore the keys beside them ("Credential provider chain", AWS SDKs and Tools guide). */
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

/** What a person set up by hand: long-term keys, or another way to credentials, by the setting that names it. */
export type Setup = { readonly kind: "long-term-keys" } | { readonly kind: "other-way"; readonly key: string };

export function setupOf(values: Values | undefined): Setup | undefined {
  if (keysOf(values) === "long-term") return { kind: "long-term-keys" };
  const key = hidingKeys(values)[0] ?? (values?.has("credential_process") ? "credential_process" : undefined);
  return key === undefined ? undefined : { kind: "other-way", key };
}

/** Ways out for who saves one profile. */
export const OTHER_NAME: readonly string[] = ["save under another name: --profile NAME"];
/** Ways out for who saves many, whose names come from a template. */
export const OTHER_TEMPLATE: readonly string[] = [
  'save under other names: --profile-template "onelogin-{alias|account}-{role}"',
  "leave this role out: name the others with --roles",
];

/**
 * The error for a profile of the credentials file that must not be saved over.
 *
 * @param instead the ways out besides `--force`.
 */
export function cannotOverwrite(profile: string, path: string, setup: Setup, instead: readonly string[]): UserError {
  const reason = setup.kind === "long-term-keys"
    ? "it holds long-term keys, which cannot be got back"
    : `it gets its credentials in another way ("${printable(setup.key)}")`;
  return new UserError(`cannot overwrite profile "${printable(profile)}" in "${printable(path)}": ${reason}`, {
    exit: Exit.usage,
    hint: [...instead, "overwrite it: --force"],
  });
}

/** The error for a profile that the config file sets up: nothing is written there, but one of the two would be ignored. */
export function cannotShadow(profile: string, path: string, setup: Setup, instead: readonly string[]): UserError {
  const reason = setup.kind === "long-term-keys"
    ? "it has long-term keys there, which nothing would use any more"
    : `it gets its credentials in another way there ("${printable(setup.key)}")`;
  return new UserError(
    `cannot save credentials as profile "${printable(profile)}", which "${printable(path)}" sets up: ${reason}`,
    { exit: Exit.usage, hint: [...instead, "save them nevertheless: --force"] },
  );
}
