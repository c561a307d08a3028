/**
 * Edits the bytes of an AWS file. In a plain file (`plain_file.ts`) the sections of the edited profiles are cut out with
 * their neighbours, edited and proven as a file of their own, and put back between bytes that have not changed. Any other
 * file, and one where that needs a repair or fails, is edited and proven as a whole.
 */

import { UserError } from "../../errors.ts";
import type { Pieces } from "../../io/pieces.ts";
import { utf8 } from "../../utf8.ts";
import { decodeIni, encodeIni } from "./ini.ts";
import { type AwsFile, editingIni, type ProfileEdit } from "./ini_edit.ts";
import { headerOf, plainFile } from "./plain_file.ts";

export interface EditedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What was repaired, or what another reader may misread; one sentence each. */
  readonly warnings: readonly string[];
}

/** Throws as {@linkcode editingIni}. */
export function* editingFile(
  file: AwsFile,
  bytes: Uint8Array<ArrayBuffer>,
  edits: readonly ProfileEdit[],
): Pieces<EditedFile> {
  const parts = partsToEdit(file, bytes, edits);
  yield;
  const edited = parts && (yield* editingParts(file, bytes, parts));
  if (edited !== undefined) return { bytes: edited, warnings: [] };
  const { text, warnings } = yield* editingIni(file, decodeIni(bytes), edits);
  return { bytes: encodeIni(text), warnings };
}

/** A run of sections, and the edits of the profiles in it. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly edits: readonly ProfileEdit[];
}

/** In the order of the file. Undefined: it has to be edited as a whole. */
function partsToEdit(file: AwsFile, bytes: Uint8Array, edits: readonly ProfileEdit[]): readonly Part[] | undefined {
  const plain = plainFile(file.kind, bytes);
  const headers = edits.map(({ profile }) => headerOf(file.kind, profile));
  const isOnce = new Set(headers).size === edits.length;
  if (plain === undefined || !isOnce || headers.includes(undefined)) return undefined;
  const { starts, sections } = plain;
  // A new section goes behind the last one.
  const last = starts.length - 2;
  const placed = edits.map((edit, index) => ({ edit, index, section: sections.get(headers[index] ?? "") ?? last }));
  const parts: { first: number; last: number; readonly placed: (typeof placed)[number][] }[] = [];
  for (const each of placed.toSorted((a, b) => a.section - b.section)) {
    const [from, to] = [Math.max(each.section - 1, 0), Math.min(each.section + 1, last)];
    const above = parts.at(-1);
    if (above !== undefined && from <= above.last) {
      above.last = to;
      above.placed.push(each);
    } else parts.push({ first: from, last: to, placed: [each] });
  }
  return parts.map(({ first, last, placed }) => ({
    start: starts[first] ?? 0,
    end: starts[last + 1] ?? bytes.length,
    edits: placed.toSorted((a, b) => a.index - b.index).map(({ edit }) => edit),
  }));
}

function* editingParts(
  file: AwsFile,
  bytes: Uint8Array<ArrayBuffer>,
  parts: readonly Part[],
): Pieces<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  for (const { start, end, edits } of parts) {
    let edited;
    try {
      edited = yield* editingIni(file, decodeIni(bytes.subarray(start, end)), edits);
    } catch (error) {
      // The message would name a line of the part.
      if (error instanceof UserError) return undefined;
      throw error;
    }
    if (edited.warnings.length > 0) return undefined;
    pieces.push(bytes.subarray(done, start), utf8(edited.text));
    done = end;
    yield;
  }
  return joined([...pieces, bytes.subarray(done)]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
