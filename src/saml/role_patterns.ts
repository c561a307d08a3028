/** The patterns of `--roles`: globs over `account/role`, `alias/role` and role ARNs, or `/regular expressions/`. */

import { Exit, printable, UserError } from "../errors.ts";
import { fullName, type Role, roleKey } from "./role_arn.ts";
import type { Aliases } from "./role_request.ts";

export interface RolePattern {
  /** As typed. */
  readonly text: string;
  matches(subject: string): boolean;
}

const HINT = [
  'a glob is matched against account/role, alias/role and the role\'s ARN, such as "123456789012/*" or "*/ReadOnly"',
  'write a regular expression between slashes, such as "/^prod-.*\\/Admin$/"; add i to ignore case',
];

/** Maximum length of a pattern, far above any useful one. */
const MAX_LENGTH = 500;

/**
 * Reads one pattern.
 *
 * In a glob `*` is any text (including slashes), `?` one character, everything else is literal, and case counts. A glob
 * without a slash or colon is a role name. A regular expression (`/…/` or `/…/i`) matches anywhere.
 *
 * @throws {UserError} exit 2 for an empty, too long, or unusable pattern.
 */
export function compileRolePattern(text: string): RolePattern {
  if (text.trim() === "") throw unusable(text, "it is empty");
  if (text.length > MAX_LENGTH) throw unusable(text, `it is longer than ${MAX_LENGTH} characters`);
  const regex = /^\/(.+)\/(i?)$/s.exec(text);
  if (regex) {
    const compiled = compileRegex(text, regex[1] ?? "", regex[2] ?? "");
    return { text, matches: (subject) => compiled.test(subject) };
  }
  return { text, matches: (subject) => matchesGlob(text, subject) };
}

interface RoleSelection {
  /** In the order of `roles`, each once. */
  readonly selected: readonly Role[];
  /** Patterns that match no role. */
  readonly unmatched: readonly string[];
}

/** The roles that match at least one pattern. */
export function selectRoles(
  roles: readonly Role[],
  patterns: readonly RolePattern[],
  aliases: Aliases = new Map(),
): RoleSelection {
  const selected = new Set<string>();
  const matched = new Set<RolePattern>();
  for (const role of roles) {
    for (const pattern of patterns) {
      if (subjectsOf(role, pattern.text, aliases).some(pattern.matches)) {
        selected.add(roleKey(role));
        matched.add(pattern);
      }
    }
  }
  return {
    selected: roles.filter((role) => selected.has(roleKey(role))),
    unmatched: patterns.filter((pattern) => !matched.has(pattern)).map(({ text }) => text),
  };
}

/** The texts that a pattern may match. If the role has a path, both forms of its name. */
function subjectsOf(role: Role, pattern: string, aliases: Aliases): readonly string[] {
  const alias = aliases.get(role.accountId);
  const names = [...new Set([role.name, fullName(role)])];
  return [
    ...names.map((name) => `${role.accountId}/${name}`),
    ...(alias === undefined ? [] : names.map((name) => `${alias}/${name}`)),
    role.roleArn,
    ...(/[/:]/.test(pattern) ? [] : names),
  ];
}

/** Backtracks only to the last `*`, so that no glob is slow. */
function matchesGlob(glob: string, subject: string): boolean {
  let at = 0;
  let here = 0;
  let star = -1;
  let resume = 0;
  while (here < subject.length) {
    if (glob[at] === "*") {
      star = at++;
      resume = here;
    } else if (at < glob.length && (glob[at] === "?" || glob[at] === subject[here])) {
      at++;
      here++;
    } else if (star >= 0) {
      at = star + 1;
      here = ++resume;
    } else return false;
  }
  while (glob[at] === "*") at++;
  return at === glob.length;
}

function compileRegex(text: string, source: string, flags: string): RegExp {
  try {
    const compiled = new RegExp(source, `u${flags}`);
    // Some engine limits only show on first use.
    compiled.test("");
    return compiled;
  } catch {
    throw unusable(text, "it is not a valid regular expression");
  }
}

function unusable(pattern: string, reason: string): UserError {
  return new UserError(`cannot use "${printable(pattern, 100)}" for --roles: ${reason}`, {
    exit: Exit.usage,
    hint: HINT,
  });
}
