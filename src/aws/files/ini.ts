/**
 * An AWS file (`~/.aws/credentials`, `~/.aws/config`) as lines with their exact text.
 *
 * Printing a parsed file gives the same bytes. The meaning of a line follows the strictest reader: the
 * AWS CLI and botocore (Python's `configparser.RawConfigParser`); how the AWS SDK for JavaScript reads the
 * same text is in `ini_readers.ts`.
 */

import { Exit, UserError } from "../../errors.ts";
import { atOnce, type Pieces } from "../../io/pieces.ts";

export type Line =
  & {
    /** Without its line end. */
    readonly text: string;
    /** `\n`, `\r\n`, or empty on a last line without one. */
    readonly end: string;
  }
  & (
    | { readonly kind: "blank" | "comment" }
    /** `name` is everything between the first `[` and the last `]`. */
    | { readonly kind: "header"; readonly name: string; readonly indent: number }
    /** `key` is in lower case, as in botocore; `value` is the value on this line only. */
    | { readonly kind: "entry"; readonly key: string; readonly value: string; readonly indent: number }
    /** Part of the value of the entry above: indented deeper than it. */
    | { readonly kind: "continuation"; readonly value: string }
    /** No reader understands it, and botocore refuses the whole file. */
    | { readonly kind: "stray"; readonly reason: string }
  );

/** What Python's str.strip() removes; more than JavaScript's trim() (U+001C..U+001F, U+0085), less (U+FEFF). */
// deno-lint-ignore no-control-regex
const PY_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const PY_LEADING = new RegExp(`^${PY_SPACE.source}*`);

/** Python's str.strip(). */
export function pyStrip(text: string): string {
  return text.slice(leadingBlanks(text).length, pyEnd(text));
}

/** The length of a text without what Python strips at its end. Not a pattern: it would be tried at every character of a token. */
export function pyEnd(text: string): number {
  let end = text.length;
  while (end > 0 && !isVisible(text, end - 1) && PY_SPACE.test(text.charAt(end - 1))) end--;
  return end;
}

/** Whether a character is visible ASCII, as most are: these need no pattern. */
function isVisible(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code > 0x20 && code < 0x7f;
}

/** The indentation of a line, as Python sees it. */
export function leadingBlanks(text: string): string {
  return isVisible(text, 0) ? "" : PY_LEADING.exec(text)?.[0] ?? "";
}

/** {@linkcode parsingIni} without interruption. */
export function parseIni(text: string): readonly Line[] {
  return atOnce(parsingIni(text));
}

/** How many lines are parsed between two yields. */
const LINES_AT_ONCE = 4000;

/** All lines of a file. Never fails; a line without a meaning is `stray`. */
export function* parsingIni(text: string): Pieces<readonly Line[]> {
  const lines: Line[] = [];
  let place = START;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length : newline + 1;
    let end = newline < 0 ? next : newline;
    while (end > start && text[end - 1] === "\r") end--;
    const line = classify({ text: text.slice(start, end), end: text.slice(end, next) }, place);
    place = placeBehind(line, place);
    lines.push(line);
    if (lines.length % LINES_AT_ONCE === 0) yield;
    start = next;
  }
  return lines;
}

/** A line before its meaning is known. */
export type RawLine = Pick<Line, "text" | "end">;

/** The context that a line's meaning depends on. */
interface Place {
  readonly inSection: boolean;
  /** Undefined: no entry whose value could continue. */
  readonly entryIndent?: number | undefined;
}

const START: Place = { inSection: false };

function placeBehind(line: Line, before: Place): Place {
  if (line.kind === "header") return { inSection: true };
  if (line.kind === "entry") return { inSection: before.inSection, entryIndent: line.indent };
  if (line.kind !== "stray" || before.entryIndent === undefined) return before;
  return { inSection: before.inSection, entryIndent: leadingBlanks(line.text).length };
}

/**
 * The same result as {@linkcode parseIni} after replacing `count` lines from `at`. Only lines whose
 * meaning can have changed are parsed again, which are those up to the next header: a file may have thousands of lines, and
 * many changed keys. A line contains a line feed only at its end, and only the last one may lack it. `fresh`
 * replaces `gone`, which begins at `at`.
 */
export function reclassified(
  lines: readonly Line[],
  at: number,
  count: number,
  added: readonly (RawLine | Line)[],
): { readonly fresh: readonly Line[]; readonly gone: readonly Line[] } {
  let start = at - 1;
  while (start > 0 && lines[start]?.kind !== "header") start--;
  let place = lines.slice(Math.max(start, 0), at).reduce((before, line) => placeBehind(line, before), START);
  const fresh: Line[] = [];
  const take = (each: RawLine | Line) => {
    const line = stillFits(each, place) ? each : classify(each, place);
    place = placeBehind(line, place);
    fresh.push(line);
  };
  for (const each of added) if (each.text !== "" || each.end !== "") take(each);
  let next = at + count;
  for (let old = lines[next]; old !== undefined; old = lines[++next]) {
    // After a header that stays one, nothing changes.
    if (old.kind === "header" && stillFits(old, place)) break;
    take(old);
  }
  return { fresh, gone: lines.slice(at, next) };
}

/** Whether {@linkcode classify} would return the same again for a line. */
function stillFits(line: RawLine | Line, { inSection, entryIndent }: Place): line is Line {
  if (!("kind" in line)) return false;
  switch (line.kind) {
    case "blank":
    case "comment":
      return true;
    case "header":
      return entryIndent === undefined || line.indent <= entryIndent;
    case "entry":
      return inSection && (entryIndent === undefined || line.indent <= entryIndent);
    default:
      return false;
  }
}

function classify({ text, end }: RawLine, { inSection, entryIndent }: Place): Line {
  const indent = leadingBlanks(text).length;
  const value = text.slice(indent, pyEnd(text));
  if (value === "") return { kind: "blank", text, end };
  if (value.startsWith("#") || value.startsWith(";")) return { kind: "comment", text, end };
  if (entryIndent !== undefined && indent > entryIndent) return { kind: "continuation", value, text, end };
  const name = value.startsWith("[") ? /^\[(.+)\]/s.exec(value)?.[1] : undefined;
  if (name !== undefined) return { kind: "header", name, indent, text, end };
  if (!inSection) return { kind: "stray", reason: "it is before the first [section]", text, end };
  const sign = value.search(/[=:]/);
  const key = pyStrip(value.slice(0, Math.max(sign, 0))).toLowerCase();
  if (key === "") return { kind: "stray", reason: "it is neither a [section] nor a key = value", text, end };
  return { kind: "entry", key, value: pyStrip(value.slice(sign + 1)), indent, text, end };
}

/** The text of the lines: the parsed text, byte for byte. */
export function printIni(lines: readonly Line[]): string {
  return lines.map((line) => line.text + line.end).join("");
}

/** The line end most lines have; `\n` in a file without any. */
export function lineEnd(lines: readonly Line[]): "\n" | "\r\n" {
  let [plain, other] = [0, 0];
  for (const { end } of lines) {
    if (end === "\n") plain++;
    else if (end.endsWith("\n")) other++;
  }
  return other > plain ? "\r\n" : "\n";
}

/**
 * Decodes bytes without loss: UTF-8, and in a line that is not UTF-8 each byte from 0x80 becomes U+DC80..U+DCFF (the
 * "surrogateescape" of PEP 383). A byte order mark stays, as U+FEFF.
 *
 * @throws UserError exit 2, when there are more lines than can be read within a second.
 */
export function decodeIni(bytes: Uint8Array): string {
  if (hasMoreLines(bytes, MAX_LINES)) {
    throw new UserError(`cannot read an AWS file of more than ${MAX_LINES} lines`, {
      exit: Exit.usage,
      hint: "check the size of both files: wc -l ~/.aws/*",
    });
  }
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return strict.decode(bytes);
  } catch {
    let text = "";
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline < 0 ? bytes.length : newline + 1;
      const line = bytes.subarray(start, end);
      try {
        text += strict.decode(line);
      } catch {
        text += Array.from(line, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join("");
      }
      start = end;
    }
    return text;
  }
}

/** Enough for 20,000 profiles. */
export const MAX_LINES = 200_000;

function hasMoreLines(bytes: Uint8Array, most: number): boolean {
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) if (++lines > most) return true;
  return false;
}

/** A byte that is not part of UTF-8 text. A low surrogate after a high one is half of an ordinary character. */
const ESCAPED_BYTE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

/** The bytes that {@linkcode decodeIni} decoded. */
export function encodeIni(text: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  if (!ESCAPED_BYTE.test(text)) return new Uint8Array(encoder.encode(text));
  const bytes: number[] = [];
  for (const part of text.split(new RegExp(`(${ESCAPED_BYTE.source})`))) {
    if (part.length === 1 && ESCAPED_BYTE.test(part)) bytes.push(part.charCodeAt(0) - 0xdc00);
    else for (const byte of encoder.encode(part)) bytes.push(byte);
  }
  return new Uint8Array(bytes);
}

/** The number (from 1) of the first line that is not UTF-8, or undefined. */
export function firstLineNotUtf8(text: string): number | undefined {
  const at = text.search(ESCAPED_BYTE);
  return at < 0 ? undefined : text.slice(0, at).split("\n").length;
}
