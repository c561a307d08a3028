/** JSON files. */

import { UserError } from "../errors.ts";
import type { Json, JsonChange, JsonProblem } from "./json_values.ts";
import { fileProblem, positionAt } from "./text_file.ts";

/** A JSON file that was read, for messages. */
export interface JsonFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads a JSON file. One that is in order costs no more than `JSON.parse`; the parser that knows where everything stands
 * is loaded where there is something to say.
 *
 * @param read takes the values; it may be called a second time, with the places
 * @throws UserError exit 2 for what is no JSON, with line and column; and what `read` throws
 */
export async function readJson<T>(
  file: JsonFile,
  warn: (line: string) => void,
  read: (root: Json, warn: (line: string) => void) => T,
): Promise<T> {
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
 * Sets all changes in the text of a JSON file and touches nothing else; a blank text is an empty object. Objects on the
 * way are made. Of a name that stands twice the last one is changed, which is the one that counts.
 *
 * @throws UserError exit 2 when the text is no JSON, or something on the way is no object
 */
export type EditJson = (file: JsonFile, changes: readonly JsonChange[]) => string;

/** Loads the editor, and with it the parser that knows where everything stands. */
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
 * The values without their places; undefined where `JSON.parse` loses something: a repeated name, the digits of a large
 * number.
 */
export function plainJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const withoutBlanks = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
    return JSON.stringify(value) === withoutBlanks ? placeless(value) : undefined;
  } catch {
    // No JSON, or nested too deeply.
    return undefined;
  }
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
