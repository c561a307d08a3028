/**
 * Flags words and turns that a reader has to read twice, in the documentation and in the comments and strings of the
 * code. `deno run -A scripts/docs/english.ts [PATH…]` prints `file:line: what it found -> what to write`.
 */
import { files, read } from "../../tests/sources.ts";

export interface Finding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly found: string;
  readonly better: string;
}

/** What is flagged, and what to write. */
const TURNS: readonly (readonly [turn: RegExp, better: string])[] = [
  [/\bwish(es|ed)?\b|\bwanted\b/, "request, requested, chosen"],
  [/\bblanks?\b(?! lines?\b)/, "a space"],
  [/\b(is|are|was|were|be) (said|told)\b(?! apart)|\bsays?\b|\bsaid\b/, "prints, reports, shows"],
  [/\b(is|are|was|were) over\b/, "has expired, has ended"],
  [/\b(but|except|even|only) where\b/, "if, when"],
  [/\b(a|an|the|each|every|one|last|first|next|that|further) look\b(?! like)|\blooked for\b/, "a check, a search"],
  [/\banew\b/, "again"],
  [/\bgiven? (it |them )?(by|with)\b/, "provide it with, set"],
  [/\bin vain\b/, "failed, without success"],
  [/\bby (itself|themselves)\b/, "automatically, alone"],
  [/\bat hand\b/, "available"],
  [/\bbe got\b|\bgot back\b/, "be recovered"],
  [/\bholds\b(?! (a|an|the|its|this|that) lock\b)/, "contains, has"],
  [/\bon the way to\b/, "while connecting to"],
  [/\blife of\b/, "lifetime"],
  [/\beach time (it was|you) typed?\b/, "once per entry"],
  [/\bmend(s|ed|ing)?\b/, "fix"],
  [/\bstands\b|\bstood\b|\bstand (in|beside|behind|before|after|above|below|there|at|on|for)\b/, "is"],
  [/\bspent\b/, "used"],
  [/\bis missing is asked\b/, "you are asked for anything missing"],
  [/\b(go|goes|going|went) on\b/, "continue"],
];

/** Findings that stay, with the reason. */
export const ALLOWED: readonly (readonly [path: string, found: string, why: string])[] = [
  ["simulator/onelogin.ts", "blank", "OneLogin's own message"],
  ["simulator/server_test.ts", "blank", "OneLogin's own message"],
  ["src/onelogin/replies_test.ts", "blank", "OneLogin's own message"],
  ["src/aws/files/ini", "blank", "the kind of a line, as in blank line"],
  ["src/browser_worker.ts", "blank", "the address about:blank"],
  ["src/login/browser_login.ts", "blank", "the address about:blank"],
  ["tests/chromium.ts", "blank", "the address about:blank"],
  ["src/commands/license_texts.ts", "wish", "licences of others"],
];

const MADE_ELSEWHERE = new Set([
  // The list itself and its test.
  "scripts/docs/english.ts",
  "scripts/docs/english_test.ts",
  // Made from the option table.
  "docs/options.md",
  "src/commands/help_pages.ts",
]);

/** The comments and strings of a TypeScript text, every other character turned into a space; lines stay. */
export function wordsOf(source: string): string {
  const hidden = (text: string) => text.replace(/[^\n]/g, " ");
  let text = source;
  // What a template computes is code. From the inside out: templates contain templates.
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replace(/\$\{[^${}]*\}/g, hidden);
  }
  const words = /`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  let end = 0;
  let result = "";
  for (const { 0: match, index } of text.matchAll(words)) {
    result += hidden(text.slice(end, index)) + match;
    end = index + match.length;
  }
  return result + hidden(text.slice(end));
}

/** A page without its blocks of code and `code`. */
function proseOf(page: string): string {
  return page.replace(/^```[\s\S]*?^```$|`[^`\n]*`/gm, (text) => text.replace(/[^\n]/g, " "));
}

/** What is flagged in a text, in order. */
export function findings(path: string, text: string): readonly Finding[] {
  const prose = path.endsWith(".md") ? proseOf(text) : wordsOf(text);
  return prose.split("\n").flatMap((line, index) =>
    TURNS.flatMap(([turn, better]) =>
      Array.from(line.matchAll(new RegExp(turn, "gi")), ([found]) => ({ path, line: index + 1, found, better }))
    )
  );
}

/** Everything flagged in the project that is not allowed. */
export function all(): readonly Finding[] {
  const pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", ...files("docs", ".md")];
  const code = [
    "main.ts",
    ...["src", "simulator", "scripts", "packaging", "bench", "tests"].flatMap((folder) => files(folder, ".ts")),
  ];
  return [...pages, ...code].filter((path) => !MADE_ELSEWHERE.has(path)).flatMap((path) => findings(path, read(path)));
}

export function isAllowed({ path, found }: Finding): boolean {
  return ALLOWED.some(([where, turn]) => path.startsWith(where) && found.toLowerCase() === turn);
}

if (import.meta.main) {
  const shown = all().filter((each) => !isAllowed(each)).filter(({ path }) =>
    Deno.args.length === 0 || Deno.args.some((start) => path.startsWith(start))
  );
  for (const { path, line, found, better } of shown) console.log(`${path}:${line}: ${found} -> ${better}`);
  console.error(`${shown.length} found`);
}
