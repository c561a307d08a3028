/**
 * Edits a JSON file without touching anything else in it: unknown keys, their order, blanks and line ends stay as they
 * are. Text in, text out.
 */

import { article } from "./json_members.ts";
import { type Json, type Member, readJson } from "./json_text.ts";
import { fileProblem, positionAt } from "./text_file.ts";

/** A text to set. `key` is the way to it from the top: `["profiles", "dev", "app_id"]`. */
export interface JsonChange {
  readonly key: readonly string[];
  readonly value: string;
}

/**
 * Sets all changes in the text of a JSON file; a blank text is an empty object. Objects on the way are made. Of a name
 * that stands twice the last one is changed, which is the one that counts.
 *
 * @param path for messages only
 * @throws UserError exit 2 when the text is no JSON, or something on the way is no object
 */
export function editJson(path: string, text: string, changes: readonly JsonChange[]): string {
  const start = text.trim() === "" ? "{}\n" : text;
  return changes.reduce((edited, change) => setOne(path, edited, change), start);
}

function setOne(path: string, text: string, { key, value }: JsonChange): string {
  let object = readJson(path, text);
  for (const [depth, name] of key.entries()) {
    if (object.kind !== "object") {
      const where = depth === 0 ? "the file" : JSON.stringify(key.slice(0, depth).join("."));
      throw fileProblem(path, positionAt(text, object.at), `${where} must be an object, not ${article(object)}`);
    }
    const member = object.members.findLast((each) => each.name === name);
    const rest = key.slice(depth + 1);
    if (member === undefined || (member.value.kind === "null" && rest.length > 0)) {
      const made = rest.reduceRight<unknown>((inner, each) => ({ [each]: inner }), value);
      return member === undefined
        ? insert(text, object, name, made, depth + 1)
        : text.slice(0, member.value.at) + rendered(text, made, depth + 1) + text.slice(endOf(text, member.value));
    }
    if (rest.length === 0) {
      return text.slice(0, member.value.at) + JSON.stringify(value) + text.slice(endOf(text, member.value));
    }
    object = member.value;
  }
  return text;
}

/** A new member behind the last one, set apart from it as that one is from what stands before it. */
function insert(text: string, object: Json & { kind: "object" }, name: string, value: unknown, depth: number): string {
  const last = object.members.at(-1);
  if (last === undefined) {
    const newline = lineEnd(text);
    const indent = "  ".repeat(depth);
    const end = endOf(text, object);
    const inside = `{${newline}${indent}${JSON.stringify(name)}: ${rendered(text, value, depth)}${newline}${
      indent.slice(2)
    }}`;
    return text.slice(0, object.at) + inside + text.slice(end);
  }
  const end = endOf(text, last.value);
  const lead = /[ \t\r\n]*$/.exec(text.slice(0, last.at))?.[0] ?? "";
  const member = `,${lead}${JSON.stringify(name)}${colon(text, last)}${rendered(text, value, depth)}`;
  return text.slice(0, end) + member + text.slice(end);
}

/** What stands between the name and the value of a member, such as `: `. */
function colon(text: string, member: Member): string {
  return text.slice(endOfString(text, member.at), member.value.at);
}

function rendered(text: string, value: unknown, depth: number): string {
  // A file in one line stays one.
  const pretty = /[\r\n]/.test(text.trim()) || text.trim() === "{}";
  if (!pretty) return JSON.stringify(value);
  return JSON.stringify(value, null, 2).replaceAll("\n", `${lineEnd(text)}${"  ".repeat(depth)}`);
}

function lineEnd(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function endOfString(text: string, at: number): number {
  const pattern = /"(?:[^"\\]|\\.)*"/y;
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}

/** The offset behind a value. The text has been read: it is JSON. */
function endOf(text: string, value: Json): number {
  switch (value.kind) {
    case "string":
      return endOfString(text, value.at);
    case "number":
      return value.at + value.source.length;
    case "boolean":
      return value.at + String(value.value).length;
    case "null":
      return value.at + "null".length;
    case "object": {
      const last = value.members.at(-1);
      return text.indexOf("}", last === undefined ? value.at : endOf(text, last.value)) + 1;
    }
    case "array": {
      const last = value.items.at(-1);
      return text.indexOf("]", last === undefined ? value.at : endOf(text, last)) + 1;
    }
  }
}
