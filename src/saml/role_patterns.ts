/** The patterns of `--roles`: globs over `account/role`, `alias/role` and role ARNs, or `/regular expressions/`. */

import { Exit, printable, UserError } from "../errors.ts";
import { type Aliases, fullName, type Role, roleKey } from "./roles.ts";

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
/** Maximum length of a regular expression: its cost can grow much faster than its length. */
const MAX_REGEX_LENGTH = 200;
/** How often the choices of a regular expression may double its cost: at worst a million steps per role. */
const MAX_DOUBLINGS = 20;
/** A repetition multiplies the cost by the length of the text; most are about 64 characters, six doublings. */
const DOUBLINGS_OF_A_REPETITION = 6;

/**
 * Reads one pattern.
 *
 * In a glob `*` is any text (including slashes), `?` one character, everything else is literal, and case counts. A glob
 * without a slash or colon is a role name. A regular expression (`/…/` or `/…/i`) matches anywhere.
 *
 * @throws {UserError} exit 2 for an empty, too long, or unusable pattern. A regular expression is unusable when it
 * could take practically forever on a long role name.
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

export interface RoleSelection {
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
  if (source.length > MAX_REGEX_LENGTH) {
    throw unusable(text, `a regular expression may have at most ${MAX_REGEX_LENGTH} characters`);
  }
  let compiled: RegExp;
  try {
    compiled = new RegExp(source, `u${flags}`);
    // Some engine limits only show on first use.
    compiled.test("");
  } catch {
    throw unusable(text, "it is not a valid regular expression");
  }
  const costly = whyCostly(source);
  if (costly !== undefined) throw unusable(text, costly);
  return compiled;
}

/**
 * Why a valid expression could take too long, or undefined: while it runs, nothing else does, and Ctrl-C is not
 * noticed. The engine tries choices one after the other, so a repeated group costs exponentially, and every repetition and
 * choice multiplies the cost. References and look-around are refused too.
 */
function whyCostly(source: string): string | undefined {
  // Replace classes and escapes with one plain character, so that only syntax is left.
  const bare = source
    .replace(/\\(?:k<[^>]*>|[1-9])/g, "\u0001")
    .replace(/\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|[\s\S])/g, "a")
    .replace(/\[[^\]]*\]/g, "a");
  if (bare.includes("\u0001")) return "back-references are not allowed in a regular expression here";
  if (/\(\?<?[=!]/.test(bare)) return "look-around is not allowed in a regular expression here";
  if (/\)(?:[*+]|\{)/.test(bare)) return "a repeated group is not allowed in a regular expression here";
  const repetitions = bare.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  const choices = bare.match(/(?<![(*+?}])\?|\|/g)?.length ?? 0;
  return repetitions * DOUBLINGS_OF_A_REPETITION + choices > MAX_DOUBLINGS
    ? "the regular expression has too many choices (*, +, ?, |); use at most three of * and +"
    : undefined;
}

function unusable(pattern: string, reason: string): UserError {
  return new UserError(`cannot use "${printable(pattern, 100)}" for --roles: ${reason}`, {
    exit: Exit.usage,
    hint: HINT,
  });
}
