/** JSON that this program does not control: a file that people may edit, a server's reply. Reading it never throws. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of a JSON object; none if there is no text, or it is anything else. */
export function parseObject(json: string | Uint8Array | undefined): JsonObject {
  try {
    const value: unknown = JSON.parse(typeof json === "string" ? json : new TextDecoder().decode(json));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The members of an object that are text; none if it is no object. */
export function textMembers(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isJsonObject(value) ? value : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** As it is written to files and printed: indented by two spaces, with a line end at the end. */
export function jsonLines(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
