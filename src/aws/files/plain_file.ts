/**
 * Most AWS files are plain: both readers accept every line, and find the same headers, one for each section. A header ends
 * whatever came before it, so a section means the same with or without the others. It is read and edited alone, and no
 * line of the others is parsed: a file may have thousands of profiles.
 */

import { sameBytes } from "../../io/safe_file.ts";
import { decodeIni, MAX_LINES, parseIni } from "./ini.ts";
import { javaScriptHeader, whyPythonRejects } from "./ini_readers.ts";
import { type AwsFileKind, profileOf, sectionName, whyUnusable } from "./profile_name.ts";

export interface PlainFile {
  /** Where the sections begin: first what precedes the first header, last the end of the file. */
  readonly starts: readonly number[];
  /** The text between the brackets of each header, and its index in `starts`. */
  readonly sections: ReadonlyMap<string, number>;
}

/** The files taken apart last: a login looks at the same bytes several times. */
const LAST = new Map<AwsFileKind, { readonly bytes: Uint8Array; readonly plain: PlainFile | undefined }>();

/** Undefined: the file is not plain, or a reader may reject it. */
export function plainFile(kind: AwsFileKind, bytes: Uint8Array): PlainFile | undefined {
  const last = LAST.get(kind);
  if (last !== undefined && sameBytes(last.bytes, bytes)) return last.plain;
  const plain = takeApart(kind, bytes);
  LAST.set(kind, { bytes, plain });
  return plain;
}

/** The text in which to look for these profiles: their sections, or all of a file that is not plain. */
export function textAbout(kind: AwsFileKind, bytes: Uint8Array, profiles: readonly string[]): string {
  const plain = plainFile(kind, bytes);
  if (plain === undefined) return decodeIni(bytes);
  const { starts, sections } = plain;
  const found = profiles.flatMap((profile) => sections.get(sectionName(kind, profile)) ?? []);
  return found.map((section) => decodeIni(bytes.subarray(starts[section], starts[section + 1]))).join("\n");
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A header, `key = value`, a comment or nothing, at the left margin: what needs no further check. */
const LINE =
  /(?:\[([^[\]\r\n]+)\](?:[ \t]+[#;][^[\]\r\n]*)?|([\w./-]+)[ \t]*=[^\r\n]*|(?:[#;][^\r\n]*)?)[ \t]*(?:\r?\n|$)/y;

/**
 * It never takes for plain what is not. A section with any other line, or with a key twice, is read by both readers; a
 * header that is not plain ends the search.
 */
function takeApart(kind: AwsFileKind, bytes: Uint8Array): PlainFile | undefined {
  const text = decoded(bytes);
  if (text === undefined || text.includes("\0") || hasOddLineEnd(text)) return undefined;
  const isAscii = text.length === bytes.length;
  const starts = [0];
  const sections = new Map<string, number>();
  const keys = new Set<string>();
  let [at, start, header, isOdd] = [0, 0, 0, false];
  const isSection = () => !isOdd || (sections.size > 0 && isOneSection(text.slice(header, at)));
  for (let lines = 0; at < text.length; lines++) {
    if (lines === MAX_LINES) return undefined;
    LINE.lastIndex = at;
    const match = LINE.exec(text);
    const { 1: name, 2: key } = match ?? [];
    if (name !== undefined) {
      if (!isSection() || !isPlainHeader(kind, name) || sections.has(name)) return undefined;
      sections.set(name, starts.length);
      starts.push(start);
      keys.clear();
      [header, isOdd] = [at, false];
    } else if (key !== undefined) {
      isOdd ||= sections.size === 0 || keys.has(key.toLowerCase());
      keys.add(key.toLowerCase());
    }
    isOdd ||= match === null;
    at = match === null ? text.indexOf("\n", at) + 1 || text.length : LINE.lastIndex;
    start = isAscii ? at : bytes.indexOf(LF, start) + 1;
  }
  if (!isSection()) return undefined;
  starts.push(bytes.length);
  return { starts, sections };
}

const LF = 0x0a;

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A carriage return alone, or line ends of both kinds. */
function hasOddLineEnd(text: string): boolean {
  return text.includes("\r") && /\r(?!\n)|(?<!\r)\n/.test(text);
}

/** Whether both readers accept these lines, and find no header in them but the first line. */
function isOneSection(text: string): boolean {
  const [first, ...lines] = parseIni(text);
  return first?.kind === "header" && whyPythonRejects([first, ...lines]) === undefined &&
    lines.every((line) => line.kind !== "header" && javaScriptHeader(line.text) === undefined);
}

/** Whether both readers find one section of this name, which no other plain header names. */
function isPlainHeader(kind: AwsFileKind, name: string): boolean {
  const profile = profileOf(kind, name);
  if (name.includes("__proto__")) return false;
  // Without a dot: "profile.a" is the SDK for JavaScript's own name for another header.
  if (profile === undefined) return /^(?:(?:sso-session|services) [\w.@:/+%-]+|(?!DEFAULT$)[\w-]+)$/.test(name);
  return whyUnusable(profile) === undefined && sectionName(kind, profile) === name;
}

/** The header of the profile; undefined if the file may have others. */
export function headerOf(kind: AwsFileKind, profile: string): string | undefined {
  const name = sectionName(kind, profile);
  return isPlainHeader(kind, name) ? name : undefined;
}
