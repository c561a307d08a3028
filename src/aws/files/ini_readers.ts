/**
 * How the two families of AWS SDKs read the same text. They differ in a dozen cases (indented lines, headers
 * followed by text, `:`, comments after values, the case of keys), so an edit is correct only if both
 * agree.
 */

import { type Line, pyEnd, pyStrip } from "./ini.ts";

/** Section name to key to value, in file order. */
export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Why a reader rejects the whole file. `line` counts from 1. */
export interface Rejected {
  readonly line: number;
  readonly reason: string;
}

/** Line ends of Python's str.splitlines(). */
// deno-lint-ignore no-control-regex
const PY_LINES = /[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/**
 * Botocore and the AWS CLI (Python's RawConfigParser, strict), without the inheritance of `[DEFAULT]`. A value that
 * begins on the next line is a nested map, here as one text; botocore rejects the file when a line of it has no `=`.
 */
export function readAsPython(lines: readonly Line[]): Sections | Rejected {
  const found = collectAsPython(lines);
  return isRejected(found) ? found : mapValues(found, (section) => mapValues(section, valueOf));
}

/** Why Python rejects the file; undefined if it does not. */
export function whyPythonRejects(lines: readonly Line[]): Rejected | undefined {
  const found = collectAsPython(lines);
  return isRejected(found) ? found : undefined;
}

/** Each value in its lines. */
function collectAsPython(
  lines: readonly Line[],
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> | Rejected {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  let badNested: Rejected | undefined;
  for (const [index, line] of lines.entries()) {
    const at = index + 1;
    switch (line.kind) {
      case "stray":
        return { line: at, reason: line.reason };
      case "header":
        if (sections.has(line.name) && line.name !== "DEFAULT") {
          return { line: at, reason: `a second section [${line.name}]` };
        }
        section = sections.get(line.name) ?? new Map();
        sections.set(line.name, section);
        value = undefined;
        break;
      case "entry":
        if (section?.has(line.key)) return { line: at, reason: `"${line.key}" a second time in the same section` };
        value = [line.value];
        section?.set(line.key, value);
        break;
      case "continuation":
        value?.push(line.value);
        if (
          value?.[0] === "" && line.value.split(PY_LINES).some((part) => pyStrip(part) !== "" && !part.includes("="))
        ) {
          badNested ??= { line: at, reason: "it is indented like a nested setting, but is not key = value" };
        }
        break;
      case "blank":
        value?.push("");
        break;
      case "comment":
        break;
    }
  }
  return badNested ?? sections;
}

/** Python's `"\n".join(parts).rstrip()`. */
function valueOf(parts: readonly string[]): string {
  const text = parts.length === 1 ? parts[0] ?? "" : parts.join("\n");
  return text.slice(0, pyEnd(text));
}

/** Whether Python accepts the file. */
export function isRejected(read: ReadonlyMap<string, unknown> | Rejected): read is Rejected {
  return "reason" in read;
}

/** The name of the section that a line starts for the AWS SDK for JavaScript, or undefined. */
export function javaScriptHeader(text: string): string | undefined {
  return headerIn(withoutComment(text));
}

function headerIn(trimmed: string): string | undefined {
  return trimmed.startsWith("[") && trimmed.endsWith("]") ? trimmed.slice(1, -1) : undefined;
}

/** The key and value of a line for the AWS SDK for JavaScript; an empty value starts a nested map. */
export function javaScriptEntry(text: string): { readonly key: string; readonly value: string } | undefined {
  return entryIn(withoutComment(text));
}

function entryIn(trimmed: string): { readonly key: string; readonly value: string } | undefined {
  const sign = trimmed.indexOf("=");
  return sign < 1 ? undefined : { key: trimmed.slice(0, sign).trim(), value: trimmed.slice(sign + 1).trim() };
}

/** A `#` or `;` at the start or after a space begins a comment. */
function withoutComment(text: string): string {
  // Most lines have none, and long tokens are scanned only once.
  return (/[;#]/.test(text) ? text.split(/(?:^|\s)[;#]/)[0] ?? "" : text).trim();
}

/** `[profile NAME]`, `[sso-session NAME]`, `[services NAME]` become `profile.NAME` and so on. */
const PREFIXED = /^([\w-]+)\s(["'])?([\w\-@+.%:/]+)\2$/;
const PREFIXES = ["profile", "sso-session", "services"];

/** AWS SDK for JavaScript v3 (`parseIni` of @smithy/shared-ini-file-loader). Undefined: it rejects the file. */
export function readAsJavaScript(text: string, only?: ReadonlySet<string>): Sections | undefined {
  const sections = new Map<string, Map<string, string>>();
  let section: string | undefined;
  let nested: string | undefined;
  const isWanted = () => only === undefined || (section !== undefined && only.has(section));
  for (const line of text.split(/\r?\n/)) {
    // Without a bracket it is no header.
    if (!isWanted() && !line.includes("[")) continue;
    const trimmed = withoutComment(line);
    const header = headerIn(trimmed);
    if (header !== undefined) {
      if (header === "__proto__" || header === "profile __proto__") return undefined;
      section = javaScriptSection(header);
      nested = undefined;
      continue;
    }
    const entry = entryIn(trimmed);
    if (section === undefined || section === "" || entry === undefined || !isWanted()) continue;
    if (entry.value === "") {
      nested = entry.key;
      continue;
    }
    if (line.trimStart() === line) nested = undefined;
    const values = sections.get(section) ?? new Map<string, string>();
    values.set(nested === undefined ? entry.key : `${nested}.${entry.key}`, entry.value);
    sections.set(section, values);
  }
  return sections;
}

/** Two words without a known prefix are dropped. */
export function javaScriptSection(header: string): string | undefined {
  const match = PREFIXED.exec(header);
  if (match === null) return header;
  const [, prefix = "", , name = ""] = match;
  return PREFIXES.includes(prefix) ? `${prefix}.${name}` : undefined;
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): ReadonlyMap<string, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
