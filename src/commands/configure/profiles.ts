/** Profiles from the roles of a real login, and the line in AWS's config file that lets the AWS CLI fetch their keys. */

import type { ConfigWrite } from "../../aws/files/config_file.ts";
import type { JsonChange } from "../../settings/json_values.ts";
import type { Platform } from "../../io/deps.ts";
import type { Context } from "../../settings/context.ts";
import type { AwsChoice } from "../../settings/settings.ts";
import { describeRole } from "../../login/role.ts";
import { getLogin } from "../../login/assertion.ts";
import { compileTemplate, type NamedRole, nameProfiles } from "../../login/profile_names.ts";
import { fullName } from "../../saml/roles.ts";
import { newSession } from "../../login/session.ts";

/**
 * Signs in, and lets the person choose the roles that become profiles.
 *
 * @throws what a login throws; UserError exit 2 when a role gets no usable profile name.
 */
export async function chooseProfiles(context: Context): Promise<readonly NamedRole[]> {
  const { assertion: { roles } } = await getLogin(context, { ...newSession(context), rolesOnly: true });
  const named = nameProfiles(compileTemplate(context.settings.profileTemplate.value), roles, context.settings.accounts);
  return await context.prompter.chooseMany({
    message: "Roles that become profiles",
    line: `Select the roles that become profiles [0-${named.length - 1}, several with blanks between]: `,
    option: "running configure with a person",
    search: true,
    choices: named.map((one) => ({ value: one, label: labelOf(context, one), hint: one.role.roleArn })),
    listing: named.map((one, index) => ` ${index} | ${labelOf(context, one)}`),
  });
}

function labelOf({ settings }: Pick<Context<AwsChoice>, "settings">, { role, profile }: NamedRole): string {
  return `${profile}: ${describeRole(role, settings.accounts)}`;
}

/** What goes into onelogin.aws.json for these profiles. */
export function profileChanges(named: readonly NamedRole[]): readonly JsonChange[] {
  return named.flatMap(({ role, profile }) => [
    { key: ["profiles", profile, "aws_account_id"], value: role.accountId },
    { key: ["profiles", profile, "aws_role_name"], value: fullName(role) },
  ]);
}

/**
 * The entries of AWS's config file; undefined when the program's path or that of the `-c` folder cannot be written so that
 * every SDK splits it in the same way.
 */
export function processEntries(
  programPath: string,
  platform: Platform,
  named: readonly NamedRole[],
  region: string,
  configFolder?: string,
): readonly ConfigWrite[] | undefined {
  const program = word(programPath, platform);
  const folder = configFolder === undefined ? "" : word(configFolder, platform);
  if (program === undefined || folder === undefined) return undefined;
  const options = folder === "" ? "" : ` -c ${folder}`;
  return named.map(({ profile }) => ({
    profile,
    region,
    credentialProcess: `${program} credential-process${options} --profile ${word(profile, platform) ?? profile}`,
  }));
}

/** A word as POSIX shells, Python's shlex and Windows all read it. */
function word(text: string, platform: Platform): string | undefined {
  // deno-lint-ignore no-control-regex
  if (/["$`%!\u0000-\u001f\u007f]/.test(text) || (platform !== "windows" && text.includes("\\"))) return undefined;
  return /^[A-Za-z0-9_.@:/+\\-]+$/.test(text) ? text : `"${text}"`;
}
