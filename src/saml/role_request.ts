/** Which role is requested, by its account and its name. */

import { ARN_MAX, fullName, type Role, roleKey } from "./role_arn.ts";

/** Account id to alias (`accounts.yaml`). */
export type Aliases = ReadonlyMap<string, string>;

export interface RoleRequest {
  /** An account id (dashes and missing leading zeros are accepted) or an alias. Empty counts as unset. */
  readonly accountId?: string | undefined;
  /** A name, a path and name, a role ARN, or a role ARN with the provider's ARN after a comma. Empty counts as unset. */
  readonly roleName?: string | undefined;
}

/** The longest text that names a role: two ARNs and a separator. A longer one is not parsed, so that time is bounded. */
export const VALUE_MAX = 2 * ARN_MAX + 64;

/** What is set of a request. */
export function trimmed({ accountId, roleName }: RoleRequest) {
  return { account: accountId?.trim() || undefined, name: roleName?.trim() || undefined };
}

/** Whether a role matches everything that is requested. */
export function isRequested(role: Role, request: RoleRequest, aliases: Aliases): boolean {
  const { account, name } = trimmed(request);
  return (account === undefined || isAccount(role, account, aliases)) && (name === undefined || hasName(role, name));
}

/** An id as people write it, as 12 digits: `1234-5678-9012`, or a number without its leading zeros; undefined for an alias. */
export function twelveDigits(text: string): string | undefined {
  const digits = text.replace(/[-\s]/g, "");
  return /^\d{1,12}$/.test(digits) ? digits.padStart(12, "0") : undefined;
}

export function isAccount(role: Role, account: string, aliases: Aliases): boolean {
  return role.accountId === twelveDigits(account) || aliases.get(role.accountId) === account;
}

export function hasName(role: Role, name: string): boolean {
  return name === role.name || name.replace(/^\//, "") === fullName(role) || name === role.roleArn ||
    name.length <= VALUE_MAX && name.replace(/\s*,\s*/, ",") === roleKey(role);
}
