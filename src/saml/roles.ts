/** The AWS roles of a login: parsing, sorting and choosing one. */

import { closest } from "../argv/spelling.ts";
import { printable } from "../errors.ts";
import { fullName, isProviderArn, parseRoleArn, type Role, roleKey } from "./role_arn.ts";
import { type Aliases, hasName, isAccount, isRequested, type RoleRequest, trimmed, VALUE_MAX } from "./role_request.ts";

export type RoleValue =
  | { readonly kind: "role"; readonly role: Role }
  /** What OneLogin sends for a user without an AWS role: `Default`, nothing, or a role without a provider. */
  | { readonly kind: "placeholder" }
  /** `reason` completes "skipping a role …: "; it is safe to print. */
  | { readonly kind: "malformed"; readonly reason: string };

/** Stops at the first slash: a pattern that can restart there takes quadratic time. */
const ROLE_START = /^arn:[^,/]*:role\/./;

/**
 * Parses one value of the attribute `https://aws.amazon.com/SAML/Attributes/Role`: two ARNs separated by a comma, told
 * apart by their type, because AWS accepts either order (AWS IAM User Guide, Configure SAML assertions).
 * A role name may contain commas, so the value is split only before an ARN.
 */
export function parseRoleValue(value: string): RoleValue {
  const text = value.trim();
  if (text.length > VALUE_MAX) return malformed(`it has more than ${VALUE_MAX} characters`, text);
  if (text === "" || /^Default\s*(?:,|$)/.test(text)) return { kind: "placeholder" };
  const parts = text.split(/,(?=\s*arn:)/).map((part) => part.trim());
  const [first = "", second] = parts;
  if (second === undefined) {
    if (first.endsWith(",") && ROLE_START.test(first)) return { kind: "placeholder" };
    return malformed("it is not a pair of a role and an identity provider", text);
  }
  if (parts.length > 2) return malformed("it has more than two ARNs", text);
  const [roleArn, principalArn] = first.includes(":saml-provider/") ? [second, first] : [first, second];
  const role = parseRoleArn(roleArn);
  if (!role) return malformed("it has no valid role ARN", text);
  if (!isProviderArn(principalArn)) return malformed("it has no valid identity provider ARN", text);
  return { kind: "role", role: { ...role, principalArn } };
}

function malformed(why: string, value: string): RoleValue {
  return { kind: "malformed", reason: `${why}: "${printable(value, 200)}"` };
}

/** The roles of a `Role` attribute without placeholders and duplicates, in their original order. */
export function readRoles(values: readonly string[]): { roles: readonly Role[]; malformed: readonly string[] } {
  const read = values.map(parseRoleValue);
  const unique = new Map(
    read.flatMap((value) => value.kind === "role" ? [[roleKey(value.role), value.role] as const] : []),
  );
  return {
    roles: [...unique.values()],
    malformed: read.flatMap((value) => value.kind === "malformed" ? [value.reason] : []),
  };
}

/**
 * Sorts by account id, then by name with its path; with `byName` (`--role_order`) by name first. Upper case before lower case:
 * the order of the Python tool, whose numbers scripts use. The result does not depend on the input's order.
 */
export function sortRoles(roles: readonly Role[], byName = false): readonly Role[] {
  const keys = (role: Role) =>
    byName
      ? [fullName(role), role.accountId, role.partition, role.principalArn]
      : [role.accountId, fullName(role), role.partition, role.principalArn];
  return [...roles].sort((a, b) => compareAll(keys(a), keys(b)));
}

function compareAll(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? "";
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** How well a role matches the request: `exact` matches account and role, `partial` one of them. */
export type Mark = "exact" | "partial";

type RoleChoice =
  | { readonly kind: "chosen"; readonly role: Role; readonly how: "only" | "requested" }
  | { readonly kind: "ask"; readonly candidates: readonly Role[] }
  /** `reason` completes "cannot choose a role: " and is safe to print; `near` is what the user may have meant. */
  | { readonly kind: "none"; readonly reason: string; readonly near: readonly Role[] };

/**
 * Chooses the requested role.
 *
 * With account and role: the one that matches both. With one of them: the only role that matches it, else a question
 * among the matches. With none: the only role, else a question. A request without a match is never
 * ignored, even when there is only one role.
 *
 * @param order whether the candidates of a question are sorted by role name (`--role_order`).
 */
export function chooseRole(
  roles: readonly Role[],
  request: RoleRequest = {},
  { aliases = new Map(), byName = false }: { readonly aliases?: Aliases; readonly byName?: boolean } = {},
): RoleChoice {
  const { account, name } = trimmed(request);
  const ordered = sortRoles(roles, byName);
  if (ordered.length === 0) return { kind: "none", reason: "this login has no AWS role", near: [] };
  const fitting = ordered.filter((role) => isRequested(role, request, aliases));
  const [only] = fitting;
  if (!only) {
    return { kind: "none", reason: describeMiss(account, name), near: nearMisses(ordered, account, name, aliases) };
  }
  if (fitting.length === 1) {
    return { kind: "chosen", role: only, how: account === undefined && name === undefined ? "only" : "requested" };
  }
  return { kind: "ask", candidates: fitting };
}

/** Marks for a list of all roles: which match account and role, which only one of them. Other roles are absent. */
export function markRoles(
  roles: readonly Role[],
  request: RoleRequest,
  aliases: Aliases = new Map(),
): ReadonlyMap<string, Mark> {
  const { account, name } = trimmed(request);
  const marks = new Map<string, Mark>();
  for (const role of roles) {
    const fits = [
      account !== undefined && isAccount(role, account, aliases),
      name !== undefined && hasName(role, name),
    ];
    if (fits.every(Boolean)) marks.set(roleKey(role), "exact");
    else if (fits.some(Boolean)) marks.set(roleKey(role), "partial");
  }
  return marks;
}

function describeMiss(account: string | undefined, name: string | undefined): string {
  const inAccount = account === undefined ? "" : ` in account "${printable(account)}"`;
  const named = name === undefined ? "" : ` named "${printable(name)}"`;
  return `this login has no AWS role${named}${inAccount}`;
}

/** The same name in other accounts or in another spelling, then the account's other roles; at most ten. */
function nearMisses(
  roles: readonly Role[],
  account: string | undefined,
  name: string | undefined,
  aliases: Aliases,
): readonly Role[] {
  const like = (role: Role) => {
    if (name === undefined) return false;
    const searched = name.toLowerCase();
    return [role.name, fullName(role), role.roleArn].some((own) => own.toLowerCase() === searched) ||
      role.name.toLowerCase().includes(searched);
  };
  const mistyped = (role: Role) => name !== undefined && closest(name, [role.name, fullName(role)]) !== undefined;
  const sameAccount = (role: Role) =>
    account !== undefined &&
    (isAccount(role, account, aliases) || aliases.get(role.accountId)?.toLowerCase().includes(account.toLowerCase()));
  const near = [
    ...roles.filter((role) => like(role) && sameAccount(role)),
    ...roles.filter(like),
    ...roles.filter((role) => mistyped(role) && (account === undefined || sameAccount(role))),
    ...roles.filter(mistyped),
    ...roles.filter(sameAccount),
  ];
  return [...new Set(near)].slice(0, 10);
}
