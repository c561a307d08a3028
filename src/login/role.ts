/** Chooses the role or roles: the requested ones, else by a menu. */

import { answerOr, Exit, UserError } from "../errors.ts";
import { fullName, type Role, roleKey } from "../saml/role_arn.ts";
import type { Aliases } from "../saml/role_request.ts";
import { chooseRole, type Mark, markRoles, sortRoles } from "../saml/roles.ts";
import { readUsedRoles } from "../store/last_choices.ts";
import { type AwsChoice, optionValue, requestedRole } from "../settings/settings.ts";
import type { AwsContext } from "./session.ts";

/**
 * Chooses one role.
 *
 * @throws UserError exit 5 when there is none or none matches, exit 8 when a question is needed and prompts are forbidden.
 */
export async function pickRole(context: AwsContext, roles: readonly Role[]): Promise<Role> {
  const { settings, prompter, reporter } = context;
  const choice = chooseRole(roles, requestedRole(settings), { aliases: settings.accounts, byName: settings.roleOrder });
  switch (choice.kind) {
    case "chosen":
      // The Python tool asks unless account and name both match.
      if (choice.how === "requested" && roles.length > 1 && !isExact(settings, choice.role)) {
        prompter.piped?.outOfStep();
      }
      reporter.info(
        `${choice.how === "only" ? "Unique AWS Role available selected" : "AWS Role selected"}: ${
          describeRole(choice.role, settings.accounts)
        }`,
      );
      return choice.role;
    case "ask":
      return await askRole(context, roles, choice.candidates);
    case "none":
      return await nothingFits(context, roles, choice.reason, choice.near);
  }
}

function isExact({ awsAccountId, awsRoleName }: AwsChoice, role: Role): boolean {
  return awsAccountId?.value === role.accountId && awsRoleName?.value === fullName(role);
}

async function nothingFits(
  context: AwsContext,
  roles: readonly Role[],
  reason: string,
  near: readonly Role[],
): Promise<Role> {
  const { settings, prompter, reporter } = context;
  const error = new UserError(`cannot choose a role: ${reason}`, {
    exit: Exit.role,
    hint: roles.length === 0
      ? "an administrator maps AWS roles to the user in the AWS app of OneLogin"
      : otherRoles(near, settings.accounts),
  });
  if (roles.length < 2 || prompter.kind === "none") throw error;
  reporter.warn(error.message);
  return await answerOr(error, askRole(context, roles, roles));
}

function otherRoles(near: readonly Role[], aliases: Aliases): string {
  if (near.length === 0) return "list the roles of this login: onelogin-aws-assume-role roles";
  return `did you mean ${near.slice(0, 5).map((role) => JSON.stringify(describeRole(role, aliases))).join(", ")}`;
}

/**
 * The roles that match typed `--aws-account-id` and `--aws-role-name` options, in the order of the settings. Values of a
 * file are for the one role of a plain login, and are ignored here.
 *
 * @throws UserError exit 5 when none matches.
 */
export function narrowRoles(
  settings: Pick<AwsChoice, "awsAccountId" | "awsRoleName" | "accounts" | "roleOrder">,
  roles: readonly Role[],
): readonly Role[] {
  const { awsAccountId, awsRoleName, accounts, roleOrder } = settings;
  const request = { accountId: optionValue(awsAccountId), roleName: optionValue(awsRoleName) };
  const choice = chooseRole(roles, request, { aliases: accounts, byName: roleOrder });
  switch (choice.kind) {
    case "chosen":
      return [choice.role];
    case "ask":
      return choice.candidates;
    case "none":
      throw new UserError(`cannot find a role: ${choice.reason}`, {
        exit: Exit.role,
        hint: otherRoles(choice.near, accounts),
      });
  }
}

/**
 * The menu. At a terminal only the roles that match the request, those used last on top; from a pipe the whole list of the Python tool, whose
 * numbers scripts use, with its marks: ` **` matches the whole request, ` *` a part.
 */
export async function askRole(context: AwsContext, roles: readonly Role[], candidates: readonly Role[]): Promise<Role> {
  const { settings, prompter } = context;
  const offered = prompter.kind === "terminal"
    ? usedFirst(sortRoles(candidates, settings.roleOrder), await readUsedRoles(context))
    : numberedRoles(roles, settings.roleOrder);
  const marks = markRoles(offered, requestedRole(settings), settings.accounts);
  const tail = (role: Role) => `${providerOf(role, offered)}${MARKS[marks.get(roleKey(role)) ?? "none"]}`;
  const ambiguous = candidates.length > 1 && candidates.every(({ roleArn }) => roleArn === candidates[0]?.roleArn);
  return await prompter.choose({
    message: "AWS role",
    line: `Select the desired AWS Role [0-${offered.length - 1}]: `,
    option: ambiguous
      ? `--aws-role-name with the provider after the role, such as "${candidates.map(roleKey)[0]}"`
      : "--aws-account-id and --aws-role-name",
    search: true,
    choices: offered.map((role) => ({
      value: role,
      label: `${describeRole(role, settings.accounts)}${tail(role)}`,
      hint: role.roleArn,
      line: `${fullName(role)} ${accountOf(role, settings.accounts)}${tail(role)}`,
    })),
  });
}

/** The roles used last on top, last one first; the others keep their order. */
function usedFirst(roles: readonly Role[], used: readonly string[]): readonly Role[] {
  const place = ({ roleArn }: Role) => used.includes(roleArn) ? used.indexOf(roleArn) : used.length;
  return roles.toSorted((a, b) => place(a) - place(b));
}

/** Numbered as in the Python tool, which lists a role once: roles from a second identity provider come at the end. */
function numberedRoles(roles: readonly Role[], byName: boolean): readonly Role[] {
  const isFirst = (role: Role, index: number) => roles.findIndex(({ roleArn }) => roleArn === role.roleArn) === index;
  const others = roles.filter((role, index) => !isFirst(role, index));
  return [...sortRoles(roles.filter(isFirst), byName), ...sortRoles(others, byName)];
}

/** ` by OneLogin` if two identity providers offer the same role, else nothing. */
function providerOf(role: Role, offered: readonly Role[]): string {
  const twice = offered.some((other) => other.roleArn === role.roleArn && other.principalArn !== role.principalArn);
  return twice ? ` by ${role.principalArn.split("/").slice(1).join("/")}` : "";
}

const MARKS: Readonly<Record<Mark | "none", string>> = { exact: " **", partial: " *", none: "" };

/** A role for people: `Admin · 123456789012 Prod account`. */
export function describeRole(role: Role, aliases: Aliases): string {
  const alias = aliases.get(role.accountId);
  return `${fullName(role)} · ${role.accountId}${alias === undefined ? "" : ` ${alias}`}`;
}

/** The account in the Python tool's form, with its alias if any. */
function accountOf(role: Role, aliases: Aliases): string {
  const alias = aliases.get(role.accountId);
  return alias === undefined ? `(Account ${role.accountId})` : `(Account: ${role.accountId} - ${alias})`;
}
