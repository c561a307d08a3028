/**
 * Edits the text of a JSON file: unknown keys, their order, spaces and line ends do not change.
 *
 * Loaded only when needed, like the parser with positions; it imports nothing that every start would load.
 */

import type { Json, JsonChange, JsonProblem, Member } from "./json_values.ts";
import { parseJson } from "./json_positions.ts";

/** The text with one value set. */
export function setInJson(text: string, { key, value }: JsonChange): string | JsonProblem {
  const root = parseJson(text);
  if ("problem" in root) return root;
  let object = root;
  for (const [depth, name] of key.entries()) {
    if (object.kind !== "object") {
      const where = depth === 0 ? "the file" : JSON.stringify(key.slice(0, depth).join("."));
      return { at: object.at, problem: `${where} must be an object`, found: object };
    }
    const member = object.members.findLast((each) => each.name === name);
    const rest = key.slice(depth + 1);
    if (member === undefined || (member.value.kind === "null" && rest.length > 0)) {
      const made = rest.reduceRight<unknown>((inner, each) => ({ [each]: inner }), value);
      return member === undefined
        ? insert(text, object, name, made, depth + 1)
        : text.slice(0, member.value.at) + rendered(text, made, depth + 1) + text.slice(member.value.end);
    }
    if (rest.length === 0) {
      return text.slice(0, member.value.at) + JSON.stringify(value) + text.slice(member.value.end);
    }
    object = member.value;
  }
  return text;
}

/** Adds a member after the last one, separated as the last one is from the text before it. */
function insert(text: string, object: Json & { kind: "object" }, name: string, value: unknown, depth: number): string {
  const last = object.members.at(-1);
  if (last === undefined) {
    const newline = lineEnd(text);
    const indent = "  ".repeat(depth);
    const inside = `{${newline}${indent}${JSON.stringify(name)}: ${rendered(text, value, depth)}${newline}${
      indent.slice(2)
    }}`;
    return text.slice(0, object.at) + inside + text.slice(object.end);
  }
  const { end } = last.value;
  const lead = /[ \t\r\n]*$/.exec(text.slice(0, last.at))?.[0] ?? "";
  const member = `,${lead}${JSON.stringify(name)}${colon(text, last)}${rendered(text, value, depth)}`;
  return text.slice(0, end) + member + text.slice(end);
}

/** The text between the name and the value of a member, such as `: `. */
function colon(text: string, { at, value }: Member): string {
  return text.slice(at, value.at).replace(/^"(?:[^"\\]|\\.)*"/, "");
}

function rendered(text: string, value: unknown, depth: number): string {
  // A one-line file stays on one line.
  const pretty = /[\r\n]/.test(text.trim()) || text.trim() === "{}";
  if (!pretty) return JSON.stringify(value);
  return JSON.stringify(value, null, 2).replaceAll("\n", `${lineEnd(text)}${"  ".repeat(depth)}`);
}

function lineEnd(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
