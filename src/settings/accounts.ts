/** accounts.yaml: names for account ids. */

import type { LineCounter, Node } from "yaml";
import { lowerFirst, printable } from "../errors.ts";
import { fileProblem, type Position, type Warn } from "./text_file.ts";
import { withoutHyphens } from "./values.ts";

const SHAPE = 'write one indented line per account below "accounts:", such as "123456789012": Name of the account';

/**
 * Parses accounts.yaml into account id -> name. Every scalar is kept as written: an unquoted id is a number
 * in YAML and would lose its leading zeros. Names are made safe to print on a terminal.
 *
 * @param warn gets one line for each key that is unknown, repeated or not an account id
 * @throws UserError exit 2 with the file and position
 */
type ReadAccounts = (path: string, text: string, warn: Warn) => ReadonlyMap<string, string>;

type Yaml = typeof import("./yaml.ts");

/** Longer names are cut. UTF-16 units. */
const NAME_LENGTH = 100;

/**
 * Size limits. The parser's time grows with the square of the line length, of the number of aliases and of carriage
 * returns without a line feed. About 3,000 accounts fit.
 */
const ACCOUNTS_LIMITS = { characters: 128 * 1024, lines: 10_000, line: 200, aliases: 100 } as const;

/** Parses accounts.yaml as {@linkcode accountsReader} does; loads the YAML parser only if the file needs it. */
export async function readAccountNames(path: string, text: string, warn: Warn): Promise<ReadonlyMap<string, string>> {
  return plainAccounts(text) ?? (await accountsReader())(path, text, warn);
}

/** Lines that need no rules of YAML: the names have letters, digits and a few signs, with or without quotes. */
const FIRST_LINE = /^accounts: *$/;
const ACCOUNT_LINE =
  /^( +)(["']?)(\d{12}|\d{4}-\d{4}-\d{4})\2: +(["']?)([\p{L}\p{N}](?:[\p{L}\p{N} ._/()&+-]*[\p{L}\p{N}.)])?)\4 *$/u;
const EMPTY_LINE = /^ *(?:#[ -~]*)?$/;

/**
 * The accounts of a file with one account per line. Undefined if the file contains anything else. Most files need no more,
 * and loading the YAML parser would take 20 ms of each `credential-process` call.
 */
export function plainAccounts(text: string): ReadonlyMap<string, string> | undefined {
  if (text.length > ACCOUNTS_LIMITS.characters) return undefined;
  const all = text.split(/\r?\n/);
  if (all.length > ACCOUNTS_LIMITS.lines || all.some((line) => line.length > ACCOUNTS_LIMITS.line)) return undefined;
  const lines = all.filter((line) => !EMPTY_LINE.test(line));
  if (!FIRST_LINE.test(lines.shift() ?? "")) return undefined;
  const found = new Map<string, string>();
  let indent: string | undefined;
  for (const line of lines) {
    const [, spaces, , id = "", , name = ""] = ACCOUNT_LINE.exec(line) ?? [];
    indent ??= spaces;
    if (spaces === undefined || spaces !== indent || name.length > NAME_LENGTH) return undefined;
    found.set(withoutHyphens(id), name);
  }
  return found.size === lines.length ? found : undefined;
}

/** Loads the YAML parser, which is large. */
export async function accountsReader(): Promise<ReadAccounts> {
  const yaml = await import("./yaml.ts");
  return (...input) => readAccounts(yaml, ...input);
}

function readAccounts(yaml: Yaml, ...[path, text, warn]: Parameters<ReadAccounts>): ReadonlyMap<string, string> {
  const { isAlias, isMap, isScalar, LineCounter } = yaml;
  const lines = new LineCounter();
  const at = (node: Node | null | undefined): Position | undefined => {
    const offset = node?.range?.[0];
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const document = parse(yaml, path, bounded(path, text), lines);
  let aliases = 0;
  const follow = (node: unknown): Node | null => {
    if (isAlias(node) && ++aliases > ACCOUNTS_LIMITS.aliases) {
      throw fileProblem(path, at(node), `there are more than ${ACCOUNTS_LIMITS.aliases} aliases`, SHAPE);
    }
    const target = isAlias(node) ? node.resolve(document) : node;
    return (target ?? null) as Node | null;
  };
  const wrong = (node: Node | null, problem: string) => fileProblem(path, at(node), problem, SHAPE);

  const root = document.contents;
  if (root === null || isEmpty(yaml, root)) return new Map();
  if (!isMap(root)) throw wrong(root, 'expected "accounts:"');
  let accounts: Node | null = null;
  for (const { key, value } of root.items) {
    if (isScalar(key) && key.value === "accounts") accounts = follow(value);
    else if (isScalar(key) && /^[\d-]+$/.test(String(key.value))) {
      throw wrong(key, 'an account id belongs under "accounts:", indented with spaces');
    } else warn(`"${path}": the key "${printable(String(key), 60)}" is unknown and ignored`);
  }
  const found = new Map<string, string>();
  if (accounts === null || isEmpty(yaml, accounts)) return found;
  if (!isMap(accounts)) throw wrong(accounts, '"accounts" must be a list of "account id: name" lines');
  for (const { key, value } of accounts.items) {
    const name = follow(value);
    if (!isScalar(key)) throw wrong(key as Node | null, "expected an account id");
    if (name !== null && !isScalar(name)) throw wrong(name, "expected the name of an account");
    const id = withoutHyphens(String(key.value).trim());
    const where = `"${path}", line ${at(key)?.line ?? 1}`;
    if (!/^\d{12}$/.test(id)) warn(`${where}: "${printable(id, 40)}" is not an account id of 12 digits`);
    if (found.has(id)) warn(`${where}: "${printable(id, 40)}" is repeated; the last one counts`);
    const shown = name === null ? "" : printable(String(name.value), NAME_LENGTH);
    if (shown !== "") found.set(id, shown);
  }
  return found;
}

function isEmpty({ isScalar }: Yaml, node: Node): boolean {
  return isScalar(node) && node.value === "";
}

/** The text with all line ends as line feeds; positions do not change. */
function bounded(path: string, text: string): string {
  if (text.length > ACCOUNTS_LIMITS.characters) {
    throw fileProblem(path, undefined, `it has more than ${ACCOUNTS_LIMITS.characters} characters`, SHAPE);
  }
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.length > ACCOUNTS_LIMITS.lines) {
    throw fileProblem(path, undefined, `it has more than ${ACCOUNTS_LIMITS.lines} lines`, SHAPE);
  }
  const long = lines.findIndex((line) => line.length > ACCOUNTS_LIMITS.line);
  if (long < 0) return lines.join("\n");
  const at = { line: long + 1, column: ACCOUNTS_LIMITS.line + 1 };
  throw fileProblem(path, at, `the line has more than ${ACCOUNTS_LIMITS.line} characters`, SHAPE);
}

function parse({ parseDocument }: Yaml, path: string, text: string, lineCounter: LineCounter) {
  let document;
  try {
    // The failsafe schema makes every scalar text.
    document = parseDocument(text, { schema: "failsafe", uniqueKeys: false, lineCounter });
  } catch {
    // The parser is recursive: deep nesting ends in a RangeError.
    throw fileProblem(path, undefined, "it is not valid YAML", SHAPE);
  }
  const [error] = document.errors;
  if (error === undefined) return document;
  const [place] = error.linePos ?? [];
  const problem = printable((error.message.split("\n")[0] ?? "").replace(/ at line \d.*$/, ""), 200);
  throw fileProblem(path, place && { line: place.line, column: place.col }, lowerFirst(problem), SHAPE);
}
