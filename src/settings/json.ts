/** JSON files. */

import { attempt, UserError } from "../errors.ts";
import type { Json, JsonChange, JsonProblem } from "./json_values.ts";
import { fileProblem, positionAt, type Warn } from "./text_file.ts";

/** The text of a JSON file, for messages. */
export interface JsonFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Parses a JSON file. A correct one costs no more than `JSON.parse`; the parser with positions
 * is loaded only if there is something to report.
 *
 * @param read gets the values; it may be called a second time, with positions
 * @throws UserError exit 2 for invalid JSON, with line and column; and what `read` throws
 */
export async function readJson<T>(file: JsonFile, warn: Warn, read: (root: Json, warn: Warn) => T): Promise<T> {
  const plain = plainJson(file.text);
  if (plain !== undefined) {
    let quiet = true;
    try {
      const result = read(plain, () => quiet = false);
      if (quiet) return result;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  const { parseJson } = await import("./json_positions.ts");
  return read(orThrow(file, parseJson(file.text)), warn);
}

/**
 * Applies all changes to the text of a JSON file and touches nothing else; an empty text is an empty object. Missing parent
 * objects are created. If a name is repeated, the last one is changed, because it is the one that counts.
 *
 * @throws UserError exit 2 when the text is not JSON, or a parent is not an object
 */
type EditJson = (file: JsonFile, changes: readonly JsonChange[]) => string;

/** Loads the editor, and with it the parser with positions. */
export async function jsonEditor(): Promise<EditJson> {
  const { setInJson } = await import("./edit_json.ts");
  return ({ path, text }, changes) =>
    changes.reduce(
      (edited, change) => orThrow({ path, text: edited }, setInJson(edited, change)),
      text.trim() === "" ? "{}\n" : text,
    );
}

function orThrow<T>({ path, text }: JsonFile, result: T | JsonProblem): T {
  if (typeof result !== "object" || result === null || !("problem" in result)) return result as T;
  const { at, problem, hint, found } = result;
  const words = found === undefined ? problem : `${problem}, not ${article(found)}`;
  throw fileProblem(path, at === undefined ? undefined : positionAt(text, at), words, hint);
}

/** "an object", "a boolean": the type of a value in words. */
export function article(value: Json): string {
  return value.kind === "null" ? "null" : /^[ao]/.test(value.kind) ? `an ${value.kind}` : `a ${value.kind}`;
}

/**
 * The values without positions; undefined if `JSON.parse` would lose something: a repeated name, the digits of a large
 * number.
 */
export function plainJson(text: string): Json | undefined {
  // It fails for what is not JSON, or nested too deeply.
  return attempt(() => {
    const value: unknown = JSON.parse(text);
    const withoutSpaces = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
    return JSON.stringify(value) === withoutSpaces ? placeless(value) : undefined;
  });
}

function placeless(value: unknown): Json {
  const nowhere = { at: 0, end: 0 };
  if (typeof value === "string") return { ...nowhere, kind: "string", value };
  if (typeof value === "number") return { ...nowhere, kind: "number", value, source: String(value) };
  if (typeof value === "boolean") return { ...nowhere, kind: "boolean", value };
  if (value === null || typeof value !== "object") return { ...nowhere, kind: "null" };
  if (Array.isArray(value)) return { ...nowhere, kind: "array", items: value.map(placeless) };
  const members = Object.entries(value).map(([name, each]) => ({ name, at: 0, value: placeless(each) }));
  return { ...nowhere, kind: "object", members };
}
