/** The bytes of a configuration file as text. */

import { Exit, UserError } from "../errors.ts";
import { isTeamFile } from "../io/paths.ts";
import { utf8 } from "../utf8.ts";
import { PROGRAM } from "../version.ts";

/** Gets one line about something that is probably not what the user wants. */
export type Warn = (line: string) => void;

/** Line and column, both from 1; a column is one character (code point). */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** An error at a position in a file. The message never quotes the file, which may contain a secret. */
export function fileProblem(
  path: string,
  at: Position | undefined,
  problem: string,
  hint: string | readonly string[] = wayOut(path),
): UserError {
  const place = at === undefined ? "" : `line ${at.line}, column ${at.column}: `;
  return new UserError(`cannot read "${path}": ${place}${problem}`, {
    exit: Exit.usage,
    hint,
  });
}

/** The name of the text that is piped in, in messages. */
export const STDIN = "standard input";

function wayOut(path: string): string {
  if (path === STDIN) return "correct it and import it again";
  return isTeamFile(path)
    ? `correct it, or import it again: ${PROGRAM} configure --import < FILE`
    : `correct it, or recreate it: ${PROGRAM} configure --force`;
}

/** The line and column of an offset (in UTF-16 units). CR LF, LF and CR each end a line. */
export function positionAt(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length, column: [...lines.at(-1) ?? ""].length + 1 };
}

/**
 * The bytes of a file after an edit of its text; a byte order mark stays. A missing file has an empty text.
 *
 * @throws UserError exit 2 as {@linkcode decodeText}, and what `edit` throws.
 */
export function editBytes(
  path: string,
  bytes: Uint8Array<ArrayBuffer> | undefined,
  edit: (text: string) => string,
): Uint8Array<ArrayBuffer> {
  const bom = bytes?.[0] === 0xef ? "\ufeff" : "";
  return utf8(bom + edit(bytes === undefined ? "" : decodeText(path, bytes)));
}

/**
 * Decodes UTF-8 with or without a byte order mark.
 *
 * @throws UserError exit 2 for anything else; UTF-16 (what ">" writes in Windows PowerShell) is named.
 */
export function decodeText(path: string, bytes: Uint8Array<ArrayBuffer>): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw fileProblem(path, undefined, "it is UTF-16 text", "save it as UTF-8");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fileProblem(path, undefined, "it is not UTF-8 text", "save it as UTF-8");
  }
}
