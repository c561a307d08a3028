/**
 * JSON with positions (RFC 8259). `JSON.parse` reports the position of an error in words that differ
 * between engines, and loses repeated names and the digits of large numbers.
 */

import { findNodeAtOffset, type Node, type ParseError, parseTree } from "jsonc-parser";
import type { Json, JsonProblem } from "./json_values.ts";

/** Parses a JSON text. Keeps repeated names, in order. */
export function parseJson(text: string): Json | JsonProblem {
  try {
    const errors: ParseError[] = [];
    const root = parseTree(text, errors, { disallowComments: true });
    const found = problemOf(text, root, errors);
    if (found !== undefined) {
      const [at, expected, hint] = found;
      return { at, problem: at >= text.length ? `${expected}, but the file ends` : expected, hint };
    }
    // JSON.parse decides what is valid JSON.
    JSON.parse(text);
    if (root !== undefined) return toJson(text, root);
  } catch (error) {
    if (error instanceof RangeError) return { problem: "the values are nested too deeply" };
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { problem: "it is not valid JSON" };
}

function toJson(text: string, node: Node): Json {
  const { type, value, offset: at, length, children = [] } = node;
  const place = { at, end: at + length };
  switch (type) {
    case "object": {
      const members = children.flatMap(({ children: [name, value] = [] }) =>
        name === undefined || value === undefined
          ? []
          : [{ name: String(name.value), at: name.offset, value: toJson(text, value) }]
      );
      return { ...place, kind: "object", members };
    }
    case "array":
      return { ...place, kind: "array", items: children.map((each) => toJson(text, each)) };
    case "number":
      return { ...place, kind: "number", value, source: text.slice(place.at, place.end) };
    case "null":
      return { ...place, kind: "null" };
    default:
      return { ...place, kind: type === "boolean" ? "boolean" : "string", value };
  }
}

/** The position of the first error, what was expected there, and a hint. */
function problemOf(
  text: string,
  root: Node | undefined,
  [first, second]: readonly ParseError[],
): readonly [at: number, expected: string, hint?: string | undefined] | undefined {
  if (first === undefined) return undefined;
  const { error, offset } = first;
  const name = "expected a name in double quotes";
  const comment = ["JSON has no comments", "remove the comment"] as const;
  const trailing = /[}\]]/.test(text[offset] ?? "") && /,\s*$/.test(text.slice(0, offset))
    ? `remove the comma before this "${text[offset]}"`
    : undefined;
  switch (error) {
    case Code.invalidSymbol:
      if (text[offset] === "#") return [offset, ...comment];
      if (second?.error === Code.propertyNameExpected) return [offset, name];
      if (second === undefined) return [offset, "expected the end of the file"];
      return [
        offset,
        "expected a value",
        text[offset] === "'" ? "JSON allows double quotes only" : "put text in double quotes",
      ];
    case Code.propertyNameExpected:
      return [offset, name, trailing];
    case Code.valueExpected:
      return [offset, "expected a value", trailing];
    case Code.colonExpected:
      return [offset, 'expected ":"'];
    case Code.commaExpected: {
      const zero = /\d/.test(text[offset] ?? "") ? /-?0$/.exec(text.slice(0, offset)) : null;
      if (zero !== null) return [zero.index, "a number must not start with 0", "put it in double quotes"];
      return [offset, `expected "," or "${closing(root, offset)}"`];
    }
    case Code.closeBraceExpected:
      return [offset, 'expected "," or "}"'];
    case Code.closeBracketExpected:
      return [offset, 'expected "," or "]"'];
    case Code.endOfFileExpected:
      return [offset, "expected the end of the file"];
    case Code.invalidComment:
    case Code.endOfComment:
      return [offset, ...comment];
    case Code.endOfString:
      return [offset, "this text has no closing '\"' on its line"];
    case Code.endOfNumber:
      return [offset, "this is not a number", "put text in double quotes"];
    case Code.invalidUnicode:
    case Code.invalidEscape: {
      const good = /(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
      good.lastIndex = offset;
      good.exec(text);
      return [good.lastIndex, 'a "\\" here must start an escape', 'write a backslash as "\\\\"'];
    }
    default: {
      // deno-lint-ignore no-control-regex
      const inside = text.slice(offset).search(/[\u0000-\u001f]/);
      return [offset + Math.max(0, inside), "a control character must be written as an escape", 'write a tab as "\\t"'];
    }
  }
}

function closing(root: Node | undefined, offset: number): string {
  let node = root && findNodeAtOffset(root, offset, true);
  while (node !== undefined && node.type !== "array" && node.type !== "object") node = node.parent;
  return node?.type === "array" ? "]" : "}";
}

/** The package's `ParseErrorCode`, an enumeration for the compiler only. */
const Code = {
  invalidSymbol: 1,
  propertyNameExpected: 3,
  valueExpected: 4,
  colonExpected: 5,
  commaExpected: 6,
  closeBraceExpected: 7,
  closeBracketExpected: 8,
  endOfFileExpected: 9,
  invalidComment: 10,
  endOfComment: 11,
  endOfString: 12,
  endOfNumber: 13,
  invalidUnicode: 14,
  invalidEscape: 15,
} as const;
