/** Profile names for many roles: a template such as `{alias|account}-{role}`, filled in for each of them. */

import { checkProfileName } from "../aws/files/profile_name.ts";
import { Exit, orUserError, printable, UserError, withHints } from "../errors.ts";
import type { Role } from "../saml/role_arn.ts";
import type { Aliases } from "../saml/role_request.ts";

/** What is allowed between braces; alternatives separated by `|` are tried in turn. */
const PLACEHOLDERS = ["account", "alias", "role"] as const;
type Placeholder = typeof PLACEHOLDERS[number];

export interface ProfileTemplate {
  /** As typed. */
  readonly text: string;
  readonly parts: readonly (string | readonly Placeholder[])[];
}

export interface NamedRole {
  readonly role: Role;
  readonly profile: string;
}

/** Suggested when names collide, best first. */
const SUGGESTIONS = ["{alias|account}-{role}", "{account}-{role}", "{alias|account}-{account}-{role}"] as const;

/** Characters that every AWS SDK reads in a profile name without quotes. */
const UNFIT = "[^A-Za-z0-9_.@:/+%-]+";

/**
 * Parses a template, before any login, so that a wrong one costs no request.
 *
 * @throws UserError exit 2 for an unknown placeholder, an unmatched brace, or a template without placeholders.
 */
export function compileTemplate(text: string): ProfileTemplate {
  const pieces = Array.from(text.matchAll(/\{[^{}]*\}|[^{}]+|[{}]/g), ([piece]) => piece);
  const parts = pieces.map((piece) => {
    if (piece === "{" || piece === "}") throw unusable(text, `the "${piece}" is unmatched`);
    if (/[#;]/.test(piece)) throw unusable(text, "some AWS SDKs read what follows # or ; as a comment");
    return piece.startsWith("{") ? readPlaceholder(text, piece) : piece;
  });
  if (!parts.some((part) => typeof part !== "string")) {
    throw unusable(text, "it has no placeholder, so every role would get the same profile");
  }
  return { text, parts };
}

function readPlaceholder(template: string, piece: string): readonly Placeholder[] {
  return piece.slice(1, -1).split("|").map((name) => {
    const known = PLACEHOLDERS.find((each) => each === name.trim());
    if (known === undefined) throw unusable(template, `there is no placeholder "${printable(name, 40)}"`);
    return known;
  });
}

function unusable(template: string, reason: string): UserError {
  return new UserError(`cannot use the profile template "${printable(template, 100)}": ${reason}`, {
    exit: Exit.usage,
    hint: `the placeholders are {account}, {alias}, {role} and {alias|account}, such as "${SUGGESTIONS[0]}"`,
  });
}

/**
 * The profile of each role, in the order of `roles`. Invalid characters become `-`, accents are dropped.
 *
 * @throws UserError exit 2 when a role gets no valid profile name, or two roles get the same one.
 */
export function nameProfiles(
  template: ProfileTemplate,
  roles: readonly Role[],
  aliases: Aliases,
): readonly NamedRole[] {
  const named = roles.map((role) => ({ role, profile: nameOf(template, role, aliases) }));
  const seen = new Map<string, Role>();
  for (const { role, profile } of named) {
    const other = seen.get(profile);
    if (other !== undefined) throw collision(template, roles, aliases, profile, [other, role]);
    seen.set(profile, role);
  }
  return named;
}

function nameOf(template: ProfileTemplate, role: Role, aliases: Aliases): string {
  const profile = template.parts.map((part) => {
    if (typeof part === "string") return part.replace(new RegExp(UNFIT, "g"), "-");
    const value = part.map((name) => fitting(valueOf(name, role, aliases))).find((each) => each !== "");
    if (value !== undefined) return value;
    throw new UserError(
      `cannot name a profile for "${printable(role.roleArn, 200)}" by "${printable(template.text, 100)}": ${
        aliases.has(role.accountId) ? "the alias of" : "there is no alias for"
      } account ${role.accountId}${
        aliases.has(role.accountId) ? " has no letter or digit that a profile name allows" : ""
      }`,
      {
        exit: Exit.usage,
        hint: [`use --profile-template "${SUGGESTIONS[0]}"`, "or give the account an alias in accounts.yaml"],
      },
    );
  }).join("");
  const found = orUserError(() => checkProfileName(profile));
  if (!(found instanceof UserError)) return profile;
  throw withHints(found, `use another template: --profile-template "${SUGGESTIONS[1]}"`);
}

function valueOf(name: Placeholder, role: Role, aliases: Aliases): string {
  switch (name) {
    case "account":
      return role.accountId;
    case "alias":
      return aliases.get(role.accountId) ?? "";
    case "role":
      return role.name;
  }
}

function fitting(value: string): string {
  const plain = value.normalize("NFKD").replace(/\p{M}+/gu, "");
  return plain.replace(new RegExp(`^${UNFIT}|${UNFIT}$`, "g"), "").replace(new RegExp(UNFIT, "g"), "-");
}

function collision(
  template: ProfileTemplate,
  roles: readonly Role[],
  aliases: Aliases,
  profile: string,
  [first, second]: readonly [Role, Role],
): UserError {
  const better = SUGGESTIONS.find((text) => text !== template.text && tellsApart(text, roles, aliases));
  return new UserError(
    `cannot save two roles as one profile "${printable(profile, 100)}": "${first.roleArn}" and "${second.roleArn}"`,
    {
      exit: Exit.usage,
      hint: better === undefined
        ? "exclude one of them: select the others with --roles"
        : `use --profile-template "${better}"`,
    },
  );
}

function tellsApart(text: string, roles: readonly Role[], aliases: Aliases): boolean {
  const template = compileTemplate(text);
  const names = orUserError(() => roles.map((role) => nameOf(template, role, aliases)));
  return !(names instanceof UserError) && new Set(names).size === roles.length;
}
