/** JSON values with their positions. */

/** A value, from the offset `at` up to `end`. */
export type Json =
  & { readonly at: number; readonly end: number }
  & (
    | { readonly kind: "object"; readonly members: readonly Member[] }
    | { readonly kind: "array"; readonly items: readonly Json[] }
    | { readonly kind: "string"; readonly value: string }
    /** `source` is the number as written, so no digit is lost. */
    | { readonly kind: "number"; readonly value: number; readonly source: string }
    | { readonly kind: "boolean"; readonly value: boolean }
    | { readonly kind: "null" }
  );

export interface Member {
  readonly name: string;
  readonly at: number;
  readonly value: Json;
}

/** The value as JSON, without spaces. */
export function textOfJson(value: Json): string {
  switch (value.kind) {
    case "object":
      return `{${value.members.map(({ name, value }) => `${JSON.stringify(name)}:${textOfJson(value)}`).join()}}`;
    case "array":
      return `[${value.items.map(textOfJson).join()}]`;
    case "number":
      return value.source;
    case "null":
      return "null";
    default:
      return JSON.stringify(value.value);
  }
}

/** What is wrong with a text, and where. */
export interface JsonProblem {
  readonly at?: number;
  readonly problem: string;
  readonly hint?: string | undefined;
  /** What was found instead. */
  readonly found?: Json;
}

/** A value to set. `key` is its path from the top: `["profiles", "dev", "app_id"]`. */
export interface JsonChange {
  readonly key: readonly string[];
  readonly value: string | boolean;
}
