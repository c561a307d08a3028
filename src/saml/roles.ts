/** The AWS roles of a login: parsing, sorting and choosing one. */

import { closest } from "../argv/spelling.ts";
import { printable } from "../errors.ts";

/** One value of the `Role` attribute: a role and the identity provider it trusts. */
export interface RolePair {
  readonly roleArn: string;
  readonly principalArn: string;
}

/** A role with the parts of its ARN (`arn:<partition>:iam::<account>:role/<path/><name>`). */
export interface Role extends RolePair {
  readonly partition: string;
  /** 12 digits. */
  readonly accountId: string;
  /** Without the leading slash, with the trailing one: `team/dev/`; empty for none. */
  readonly path: string;
  readonly name: string;
}

export type RoleValue =
  | { readonly kind: "role"; readonly role: Role }
  /** What OneLogin sends for a user without an AWS role: `Default`, nothing, or a role without a provider. */
  | { readonly kind: "placeholder" }
  /** `reason` completes "skipping a role …: "; it is safe to print. */
  | { readonly kind: "malformed"; readonly reason: string };

/** The longest ARN that AWS accepts (AWS STS, AssumeRoleWithSAML: RoleArn). */
const ARN_MAX = 2048;
/** Two of them and a separator. A longer value is not parsed: it is not a pair, and time is bounded. */
const VALUE_MAX = 2 * ARN_MAX + 64;
/** Stops at the first slash: a pattern that can restart there takes quadratic time. */
const ROLE_START = /^arn:[^,/]*:role\/./;
/** Not a list of partitions: AWS adds new ones. */
const ARN = /^arn:([a-z0-9-]+):iam::(\d{12}):(role|saml-provider)\/([\x21-\x7e]+)$/;
/** AWS IAM API, CreateRole: RoleName. */
const ROLE_NAME = /^[A-Za-z0-9_+=,.@-]{1,64}$/;

/** The parts of a role ARN, or undefined when `arn` is not one. */
export function parseRoleArn(arn: string): Omit<Role, "principalArn"> | undefined {
  const [, partition, accountId, type, rest] = (arn.length <= ARN_MAX && ARN.exec(arn)) || [];
  if (partition === undefined || accountId === undefined || type !== "role" || rest === undefined) return undefined;
  const slash = rest.lastIndexOf("/") + 1;
  const name = rest.slice(slash);
  return ROLE_NAME.test(name) ? { roleArn: arn, partition, accountId, path: rest.slice(0, slash), name } : undefined;
}

function isProviderArn(arn: string): boolean {
  return arn.length <= ARN_MAX && ARN.exec(arn)?.[3] === "saml-provider";
}

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

/** Tells roles apart: one role may be offered by two identity providers. */
export function roleKey(role: RolePair): string {
  return `${role.roleArn},${role.principalArn}`;
}

/** The name that people see and type, with its path: `team/dev/Admin`. */
export function fullName(role: Role): string {
  return role.path + role.name;
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

/** Account id to alias (`accounts.yaml`). */
export type Aliases = ReadonlyMap<string, string>;

/** How well a role matches the request: `exact` matches account and role, `partial` one of them. */
export type Mark = "exact" | "partial";

export interface RoleRequest {
  /** An account id (dashes and missing leading zeros are accepted) or an alias. Empty counts as unset. */
  readonly accountId?: string | undefined;
  /** A name, a path and name, a role ARN, or a role ARN with the provider's ARN after a comma. Empty counts as unset. */
  readonly roleName?: string | undefined;
}

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
  const account = request.accountId?.trim() || undefined;
  const name = request.roleName?.trim() || undefined;
  const ordered = sortRoles(roles, byName);
  const inAccount = (role: Role) => account === undefined || isAccount(role, account, aliases);
  const named = (role: Role) => name === undefined || hasName(role, name);

  if (ordered.length === 0) return { kind: "none", reason: "this login has no AWS role", near: [] };
  const fitting = ordered.filter((role) => inAccount(role) && named(role));
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
  const account = request.accountId?.trim() || undefined;
  const name = request.roleName?.trim() || undefined;
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

/** An id as people write it, as 12 digits: `1234-5678-9012`, or a number without its leading zeros; undefined for an alias. */
export function twelveDigits(text: string): string | undefined {
  const digits = text.replace(/[-\s]/g, "");
  return /^\d{1,12}$/.test(digits) ? digits.padStart(12, "0") : undefined;
}

function isAccount(role: Role, account: string, aliases: Aliases): boolean {
  return role.accountId === twelveDigits(account) || aliases.get(role.accountId) === account;
}

function hasName(role: Role, name: string): boolean {
  return name === role.name || name.replace(/^\//, "") === fullName(role) || name === role.roleArn ||
    name.length <= VALUE_MAX && name.replace(/\s*,\s*/, ",") === roleKey(role);
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
