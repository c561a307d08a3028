/** The members of a JSON object as typed values, with messages that name the file and the key. */

import { closest } from "../argv/spelling.ts";
import { printable, type UserError } from "../errors.ts";
import { article, type JsonFile } from "./json.ts";
import type { Json, Member } from "./json_values.ts";
import { fileProblem, positionAt, type Warn } from "./text_file.ts";

/** A failure of one key. `key` is the path to it, such as `profiles.dev.app_id`. */
export function keyProblem(file: JsonFile, at: number, key: string, problem: string, hint?: string): UserError {
  return fileProblem(file.path, positionAt(file.text, at), `"${printable(key, 100)}" ${problem}`, hint);
}

/** The value of a whole file, which must be an object. */
export function objectOf({ path, text }: JsonFile, root: Json): Json & { kind: "object" } {
  if (root.kind === "object") return root;
  throw fileProblem(path, positionAt(text, root.at), "the file must be an object: { … }");
}

/** The last member of each name counts, as in Python's `json`; a repeated name is a warning. */
export function membersOf(file: JsonFile, object: Json & { kind: "object" }, warn: Warn): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  for (const member of object.members) {
    if (members.has(member.name)) {
      const { line } = positionAt(file.text, member.at);
      warn(`"${file.path}", line ${line}: "${printable(member.name, 60)}" is repeated; the last one counts`);
    }
    members.set(member.name, member);
  }
  return members;
}

/** A warning for an unknown key, with the known key that may be meant. */
export function unknownKey(file: JsonFile, member: Member, known: readonly string[]): string {
  const near = closest(member.name, known) ?? containing(member.name, known);
  const { line } = positionAt(file.text, member.at);
  return `"${file.path}", line ${line}: the key "${printable(member.name, 60)}" is unknown and ignored` +
    (near === undefined ? "" : `; did you mean "${near}"?`);
}

/** A known key that contains the word, or is contained in it: `region` for `aws_region`. */
function containing(word: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const searched = plain(word);
  if (searched.length < 2) return undefined;
  return known.find((name) => plain(name).endsWith(searched)) ?? known.find((name) => plain(name).includes(searched)) ??
    known.find((name) => searched.includes(plain(name)));
}

/**
 * A text: a string, or a whole number as written. Spaces around it are dropped; `null` and "" are unset.
 *
 * @throws UserError exit 2 for any other type.
 */
export function textOf(file: JsonFile, key: string, value: Json): string | undefined {
  switch (value.kind) {
    case "string":
      return value.value.trim() || undefined;
    case "number":
      if (/^\d+$/.test(value.source)) return value.source;
      throw keyProblem(file, value.at, key, "must be text", "put it in double quotes");
    case "null":
      return undefined;
    default:
      throw keyProblem(file, value.at, key, `must be text, not ${article(value)}`, "put text in double quotes");
  }
}

/**
 * A whole number, or a string that contains one. `null` and "" are unset.
 *
 * @param orElse what else the key takes, for the message
 * @throws UserError exit 2 for anything else.
 */
export function wholeNumberOf(file: JsonFile, key: string, value: Json, orElse = ""): number | undefined {
  if (value.kind === "null") return undefined;
  if (value.kind === "string" && value.value.trim() === "") return undefined;
  const number = value.kind === "number"
    ? value.value
    : value.kind === "string" && /^\s*[+-]?\d+\s*$/.test(value.value)
    ? Number(value.value)
    : NaN;
  if (Number.isInteger(number)) return number;
  const problem = value.kind === "string" || value.kind === "number" ? "" : `, not ${article(value)}`;
  throw keyProblem(file, value.at, key, `must be a whole number${orElse}${problem}`);
}

/**
 * `true` or `false`. `null` is unset.
 *
 * @throws UserError exit 2 for anything else.
 */
export function booleanOf(file: JsonFile, key: string, value: Json | undefined): boolean | undefined {
  if (value === undefined || value.kind === "null") return undefined;
  if (value.kind === "boolean") return value.value;
  throw keyProblem(file, value.at, key, "must be true or false, without quotes");
}
