/** What `--all-roles` and `--roles` ask for, read and checked before any request. */

import { type AwsChoice, type Delivery, type Repetition, typedValue } from "../settings/settings.ts";
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
 * Reads the options. Profiles are saved unless `--output` stands alone: with `--file`, `--region-in` or
 * `--profile-template` beside it, both is done.
 *
 * @throws UserError exit 2 for options that do not go together, a pattern or a template that cannot be used. How many
 * roles will match is not known yet, so what fits one role only is refused always.
 */
export function readManyRolesOptions(settings: AwsChoice & Delivery & Repetition): ManyRolesOptions {
  const { allRoles, roles, output, profile, file, regionIn, profileTemplate } = settings;
  const many = allRoles ? "--all-roles" : "--roles";
  const refuse = (option: string, why: string, hint: string) =>
    new UserError(`cannot use "${option}" with "${many}": ${why}`, { exit: Exit.usage, hint });
  if (allRoles && roles.length > 0) {
    throw refuse("--roles", "that is every role already", "give one of the two");
  }
  if (typedValue(profile) !== undefined) {
    throw refuse(
      "--profile",
      "each role gets a profile of its own",
      'name them with --profile-template "{alias|account}-{role}", or choose one role with --aws-role-name',
    );
  }
  if (output !== undefined && output !== "json") {
    const why = output === "credential-process"
      ? "that protocol carries the credentials of one role"
      : "the variables of a shell hold the credentials of one role";
    throw refuse(`--output ${output}`, why, "use --output json, or leave --output out to save profiles");
  }
  if (settings.chainRoleArn.length > 0) {
    throw refuse("--chain-role-arn", "every chain would end at the same role", "choose one role with --aws-role-name");
  }
  if (settings.ifExpiring !== undefined) {
    throw refuse("--if-expiring", "it looks at one profile", `leave out --if-expiring, or name one role and --profile`);
  }
  const template = compileTemplate(profileTemplate.value);
  const patterns = allRoles ? undefined : roles.map(compileRolePattern);
  const saves = output === undefined || [file, regionIn, profileTemplate].some(typedValue);
  return { patterns, template: saves ? template : undefined };
}
