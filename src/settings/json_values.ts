/** JSON as values that know where they stand. */

/** A value, from the offset `at` to the one behind it. */
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

/** What is wrong with a text, and where. */
export interface JsonProblem {
  readonly at?: number;
  readonly problem: string;
  readonly hint?: string | undefined;
  /** What stands there instead. */
  readonly found?: Json;
}

/** A text to set. `key` is the way to it from the top: `["profiles", "dev", "app_id"]`. */
export interface JsonChange {
  readonly key: readonly string[];
  readonly value: string | boolean;
}
