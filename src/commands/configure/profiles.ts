/** Profiles from the roles of a login, and the line in AWS's config file that lets the AWS CLI fetch their keys. */

import type { ConfigWrite } from "../../aws/files/config_file.ts";
import type { JsonChange } from "../../settings/json_values.ts";
import type { Platform } from "../../io/deps.ts";
import type { Context } from "../../settings/context.ts";
import type { AwsChoice } from "../../settings/settings.ts";
import { describeRole } from "../../login/role.ts";
import { compileTemplate, type NamedRole, nameProfiles } from "../../login/profile_names.ts";
import { fullName } from "../../saml/role_arn.ts";
import type { Login } from "../../login/session.ts";
import { checkProfileName } from "../../aws/files/profile_name.ts";
import { orUserError, printable, UserError } from "../../errors.ts";
import { askValue } from "../../settings/values.ts";
import { AT_TERMINAL } from "./answers.ts";

/** What becomes of the roles of a login: profiles, and names for their accounts. */
export interface Names {
  readonly named: readonly NamedRole[];
  /** New names only, by account id. */
  readonly accounts: ReadonlyMap<string, string>;
}

/** More accounts or profiles than these are not asked about one by one. */
const MAX_ACCOUNTS = 5;
const MAX_PROFILES = 3;

/**
 * Lets the person choose the roles that become profiles, and name them and their accounts.
 *
 * @throws UserError exit 2 when a role gets no usable profile name.
 */
export async function nameRoles(context: Context, { assertion: { roles } }: Login): Promise<Names> {
  const { settings, prompter } = context;
  const template = compileTemplate(settings.profileTemplate.value);
  const named = nameProfiles(template, roles, settings.accounts);
  const chosen = await chooseRoles(context, named);
  // A script answers the questions that it knows.
  if (prompter.piped) return { named: chosen, accounts: new Map() };
  const accounts = await nameAccounts(context, chosen);
  const renamed = nameProfiles(
    template,
    chosen.map(({ role }) => role),
    new Map([...settings.accounts, ...accounts]),
  );
  return { named: renamed.length > MAX_PROFILES ? renamed : await nameEach(context, renamed), accounts };
}

async function chooseRoles(context: Context, named: readonly NamedRole[]): Promise<readonly NamedRole[]> {
  const { prompter } = context;
  const choose = {
    message: "Which roles should become AWS profiles?",
    line: `Select the roles that become profiles [0-${named.length - 1}, several with spaces between]: `,
    option: AT_TERMINAL,
  };
  if (!prompter.piped) {
    if (named.length === 1) return named;
    const all = await prompter.choose({
      ...choose,
      line: "Select the roles that become profiles [0-1]: ",
      choices: [{ value: false, label: "Choose from the list" }, { value: true, label: `All ${named.length} roles` }],
    });
    if (all) return named;
  }
  return await prompter.chooseMany({
    ...choose,
    search: true,
    choices: named.map((one) => ({ value: one, label: labelOf(context, one), hint: one.role.roleArn })),
  });
}

async function nameAccounts(
  { prompter, settings }: Context,
  chosen: readonly NamedRole[],
): Promise<ReadonlyMap<string, string>> {
  const unnamed = [...new Set(chosen.map(({ role }) => role.accountId))].filter((id) => !settings.accounts.has(id));
  const names = new Map<string, string>();
  for (const id of unnamed.slice(0, MAX_ACCOUNTS)) {
    const name = await prompter.text({
      message: `A name for account ${id}, such as prod (empty: none)`,
      line: `Name for account ${id} (empty: none): `,
      option: "name accounts in accounts.yaml",
      fallback: "",
    });
    if (printable(name, 100).trim() !== "") names.set(id, printable(name, 100).trim());
  }
  return names;
}

async function nameEach(context: Context, named: readonly NamedRole[]): Promise<readonly NamedRole[]> {
  const done: NamedRole[] = [];
  for (const { role, profile } of named) {
    const shown = describeRole(role, context.settings.accounts);
    const name = await askValue(context, {
      message: `Profile for ${shown}`,
      line: `Profile for ${shown} (${profile}): `,
      option: "--profile-template",
      fallback: profile,
    }, (text) => {
      if (done.some((each) => each.profile === text)) {
        return { problem: "another role has it", hint: "use another name" };
      }
      const found = orUserError(() => checkProfileName(text));
      return found instanceof UserError ? { problem: found.message, hint: found.hints.join("; ") } : { value: text };
    });
    done.push({ role, profile: name });
  }
  return done;
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
  const folder = configFolder === undefined ? [] : ["-c", configFolder];
  const entries = named.flatMap(({ profile }) => {
    const credentialProcess = processLine(programPath, platform, [...folder, "--profile", profile]);
    return credentialProcess === undefined ? [] : [{ profile, region, credentialProcess }];
  });
  return entries.length === named.length ? entries : undefined;
}

/** The command line of `credential-process` with these options; undefined when a word of it cannot be written. */
export function processLine(programPath: string, platform: Platform, options: readonly string[]): string | undefined {
  const words = [programPath, "credential-process", ...options].map((text) => word(text, platform));
  return words.every((each) => each !== undefined) ? words.join(" ") : undefined;
}

/** A word as POSIX shells, Python's shlex and Windows all read it. */
function word(text: string, platform: Platform): string | undefined {
  // deno-lint-ignore no-control-regex
  if (/["$`!\u0000-\u001f\u007f]/.test(text) || text.includes(platform === "windows" ? "%" : "\\")) return undefined;
  return /^[A-Za-z0-9_.@:/+\\-]+$/.test(text) ? text : `"${text}"`;
}
