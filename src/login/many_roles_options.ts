/** The request of `--all-roles` and `--roles`, parsed and checked before any network request. */

import { type AwsChoice, type Delivery, optionValue, type Repetition } from "../settings/settings.ts";
import { Exit, UserError } from "../errors.ts";
import { compileRolePattern, type RolePattern } from "../saml/role_patterns.ts";
import { compileTemplate, type ProfileTemplate } from "./profile_names.ts";

export interface ManyRolesOptions {
  /** Undefined: every role. */
  readonly patterns: readonly RolePattern[] | undefined;
  /** Undefined: nothing is saved. */
  readonly template: ProfileTemplate | undefined;
}

/**
 * Parses the options. Profiles are saved unless `--output` is used alone: with `--file`, `--region-in` or
 * `--profile-template`, it does both.
 *
 * @throws UserError exit 2 for conflicting options, or an invalid pattern or template. How many
 * roles will match is not known yet, so options for a single role are always refused.
 */
export function readManyRolesOptions(settings: AwsChoice & Delivery & Repetition): ManyRolesOptions {
  const { allRoles, roles, output, profile, file, regionIn, profileTemplate } = settings;
  const many = allRoles ? "--all-roles" : "--roles";
  const refuse = (option: string, why: string, hint: string) =>
    new UserError(`cannot use "${option}" with "${many}": ${why}`, { exit: Exit.usage, hint });
  if (allRoles && roles.length > 0) {
    throw refuse("--roles", "that already means every role", "use one of the two");
  }
  if (optionValue(profile) !== undefined) {
    throw refuse(
      "--profile",
      "each role gets a profile of its own",
      'set the names with --profile-template "{alias|account}-{role}", or choose one role with --aws-role-name',
    );
  }
  if (output !== undefined && output !== "json") {
    const why = output === "credential-process"
      ? "that protocol supports the credentials of one role only"
      : "shell variables can contain the credentials of one role only";
    throw refuse(`--output ${output}`, why, "use --output json, or omit --output to save profiles");
  }
  if (settings.chainRoleArn.length > 0) {
    throw refuse("--chain-role-arn", "every chain would end at the same role", "choose one role with --aws-role-name");
  }
  if (settings.ifExpiring !== undefined) {
    throw refuse("--if-expiring", "it checks one profile", `omit --if-expiring, or choose one role and --profile`);
  }
  const template = compileTemplate(profileTemplate.value);
  const patterns = allRoles ? undefined : roles.map(compileRolePattern);
  const saves = output === undefined || [file, regionIn, profileTemplate].some(optionValue);
  return { patterns, template: saves ? template : undefined };
}
