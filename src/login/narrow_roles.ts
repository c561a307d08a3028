/** Which of several roles count when a run is about many of them. */

import { type Settings, typedValue } from "../settings/settings.ts";
import { Exit, UserError } from "../errors.ts";
import { chooseRole, type Role } from "../saml/roles.ts";
import { describeRole } from "./role.ts";

/**
 * The roles that fit `--aws-account-id` and `--aws-role-name` where these were typed, in the order of the settings. What a
 * file says of account and role is meant for the one role of a plain login, and does not count here.
 *
 * @throws UserError exit 5 when none fits.
 */
export function narrowRoles(
  settings: Pick<Settings, "awsAccountId" | "awsRoleName" | "accounts" | "roleOrder">,
  roles: readonly Role[],
): readonly Role[] {
  const { awsAccountId, awsRoleName, accounts, roleOrder } = settings;
  const request = { accountId: typedValue(awsAccountId), roleName: typedValue(awsRoleName) };
  const choice = chooseRole(roles, request, { aliases: accounts, byName: roleOrder });
  switch (choice.kind) {
    case "chosen":
      return [choice.role];
    case "ask":
      return choice.candidates;
    case "none":
      throw new UserError(`cannot find a role: ${choice.reason}`, {
        exit: Exit.role,
        hint: choice.near.length > 0
          ? `did you mean ${
            choice.near.slice(0, 5).map((role) => JSON.stringify(describeRole(role, accounts))).join(", ")
          }`
          : 'see what this login may assume with "onelogin-aws-assume-role roles"',
      });
  }
}
