/**
 * A strict JSON reader (RFC 8259) that knows where everything stands. `JSON.parse` tells the place of an error in words
 * that differ between engines, loses repeated names and the digits of large numbers.
 */

import { fileProblem, positionAt } from "./text_file.ts";

/** A value and the offset at which it starts. */
export type Json =
  | { readonly kind: "object"; readonly members: readonly Member[]; readonly at: number }
  | { readonly kind: "array"; readonly items: readonly Json[]; readonly at: number }
  | { readonly kind: "string"; readonly value: string; readonly at: number }
  /** `source` is the number as written, so no digit is lost. */
  | { readonly kind: "number"; readonly value: number; readonly source: string; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "null"; readonly at: number };

export interface Member {
  readonly name: string;
  readonly at: number;
  readonly value: Json;
}

const DEEPEST = 64;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Reads one JSON text. Repeated names are all kept, in order.
 *
 * @param path for messages only
 * @throws UserError exit 2 with line, column and what was expected
 */
export function readJson(path: string, text: string): Json {
  let at = 0;

  function fail(offset: number, expected: string, hint?: string): never {
    throw fileProblem(
      path,
      positionAt(text, offset),
      offset >= text.length ? `${expected}, the file ends` : expected,
      hint,
    );
  }

  function blanks(): void {
    while (at < text.length && " \t\r\n".includes(text[at] ?? "")) at++;
    if (text.startsWith("//", at) || text.startsWith("/*", at) || text[at] === "#") {
      fail(at, "JSON has no comments", "remove the comment");
    }
  }

  function string(): string {
    const start = at++;
    let value = "";
    for (;;) {
      // deno-lint-ignore no-control-regex
      const plain = /[^"\\\u0000-\u001f]*/y;
      plain.lastIndex = at;
      const run = plain.exec(text)?.[0] ?? "";
      value += run;
      at += run.length;
      const char = text[at];
      if (char === '"') {
        at++;
        return value;
      }
      if (char !== "\\") {
        if (char === undefined || char === "\n" || char === "\r") {
          fail(start, "this text has no closing '\"' on its line");
        }
        fail(at, "a control character must be written as an escape", 'a tab is "\\t"');
      }
      const code = text[at + 1] ?? "";
      const simple = ESCAPES[code];
      if (simple !== undefined) {
        value += simple;
        at += 2;
      } else {
        const hex = code === "u" ? /^[0-9a-fA-F]{4}/.exec(text.slice(at + 2, at + 6))?.[0] : undefined;
        if (hex === undefined) fail(at, 'a "\\" here must start an escape', 'a backslash itself is written "\\\\"');
        value += String.fromCharCode(parseInt(hex, 16));
        at += 6;
      }
    }
  }

  function number(): Json {
    const start = at;
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = at;
    const source = pattern.exec(text)?.[0];
    if (source === undefined) fail(at, "expected a digit");
    at += source.length;
    if (/[0-9]/.test(text[at] ?? "")) fail(start, "a number may not start with 0", "put it in double quotes");
    if (/[A-Za-z0-9_.+-]/.test(text[at] ?? "")) fail(start, "this is not a number", "put text in double quotes");
    return { kind: "number", value: Number(source), source, at: start };
  }

  function word(): Json {
    const start = at;
    const found = /[A-Za-z_]*/y;
    found.lastIndex = at;
    const name = found.exec(text)?.[0] ?? "";
    at += name.length;
    if (name === "true" || name === "false") return { kind: "boolean", value: name === "true", at: start };
    if (name === "null") return { kind: "null", at: start };
    fail(start, "expected a value", "put text in double quotes");
  }

  function object(depth: number): Json {
    const start = at++;
    const members: Member[] = [];
    blanks();
    if (text[at] === "}") {
      at++;
      return { kind: "object", members, at: start };
    }
    for (;;) {
      const nameAt = at;
      if (text[at] !== '"') {
        const trailing = text[at] === "}";
        fail(
          at,
          "expected a name in double quotes",
          trailing ? 'remove the comma before this "}"' : undefined,
        );
      }
      const name = string();
      blanks();
      if (text[at] !== ":") fail(at, 'expected ":"');
      at++;
      members.push({ name, at: nameAt, value: value(depth + 1) });
      blanks();
      if (text[at] === "}") {
        at++;
        return { kind: "object", members, at: start };
      }
      if (text[at] !== ",") fail(at, 'expected "," or "}"');
      at++;
      blanks();
    }
  }

  function array(depth: number): Json {
    const start = at++;
    const items: Json[] = [];
    blanks();
    if (text[at] === "]") {
      at++;
      return { kind: "array", items, at: start };
    }
    for (;;) {
      items.push(value(depth + 1));
      blanks();
      if (text[at] === "]") {
        at++;
        return { kind: "array", items, at: start };
      }
      if (text[at] !== ",") fail(at, 'expected "," or "]"');
      at++;
    }
  }

  function value(depth: number): Json {
    blanks();
    if (depth > DEEPEST) fail(at, "the values are nested too deeply");
    const char = text[at] ?? "";
    if (char === "{") return object(depth);
    if (char === "[") return array(depth);
    if (char === '"') {
      const start = at;
      return { kind: "string", value: string(), at: start };
    }
    if (char === "-" || /[0-9]/.test(char)) return number();
    if (char === "'") fail(at, "expected a value", "JSON has double quotes only");
    return word();
  }

  const result = value(0);
  blanks();
  if (at < text.length) fail(at, "expected the end of the file");
  return result;
}
