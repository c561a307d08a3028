/**
 * Most AWS files are plain: both readers accept every line, and find the same headers, one for each section. A header ends
 * whatever came before it, so a section means the same with or without the others. It is read and edited alone, and no
 * line of the others is parsed: a file may have thousands of profiles.
 */

import { sameBytes } from "../../io/safe_file.ts";
import { decodeIni, MAX_LINES } from "./ini.ts";
import { type AwsFileKind, sectionName } from "./profile_name.ts";

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

const [TAB, LF, CR, SPACE, HASH, SEMICOLON, EQUALS, BRACKET] = [9, 10, 13, 32, 35, 59, 61, 91];

/**
 * It never takes for plain what is not, but may miss what is: it knows no header that is indented or followed by text, no
 * indented key below a header, no `key: value`, no mix of line ends, and compares hashes of keys.
 */
function takeApart(kind: AwsFileKind, bytes: Uint8Array): PlainFile | undefined {
  const starts = [0];
  const sections = new Map<string, number>();
  /** Hashes of the keys of this section. */
  const keys = new Set<number>();
  /** The value that an indented line would continue. */
  let value: "none" | "empty" | "text" = "none";
  let returns: boolean | undefined;
  let carriage = bytes.indexOf(CR);
  if (bytes.includes(0) || !isUtf8(bytes)) return undefined;
  for (let start = 0, lines = 0; start < bytes.length; lines++) {
    const newline = bytes.indexOf(LF, start);
    const next = newline < 0 ? bytes.length : newline + 1;
    const hasReturn = carriage >= 0 && carriage < next;
    if (hasReturn && carriage !== newline - 1) return undefined;
    if (lines >= MAX_LINES || (newline >= 0 && hasReturn !== (returns ??= hasReturn))) return undefined;
    const end = hasReturn ? carriage : newline < 0 ? next : newline;
    if (hasReturn) carriage = bytes.indexOf(CR, next);
    const at = behindBlanks(bytes, start, end);
    const first = bytes[at];
    if (at === end || first === HASH || first === SEMICOLON) {
      // No reader sees anything here.
    } else if (first === BRACKET) {
      const name = at === start ? headerIn(kind, bytes.subarray(start, end)) : undefined;
      if (name === undefined || sections.has(name)) return undefined;
      sections.set(name, starts.length);
      starts.push(start);
      keys.clear();
      value = "none";
    } else if (at > start) {
      const isNested = value === "text" || (value === "empty" && bytes.subarray(at, end).includes(EQUALS));
      if (!isNested || !bytes.subarray(at, end).every(isPrintable)) return undefined;
    } else {
      let sign = start;
      let hash = 0;
      for (; isOfKey(bytes[sign] ?? 0); sign++) hash = (Math.imul(hash, 31) + lowerCase(bytes[sign] ?? 0)) & 0x3fffffff;
      const isKey = sign > start && sections.size > 0 && !keys.has(hash);
      sign = behindBlanks(bytes, sign, end);
      if (!isKey || bytes[sign] !== EQUALS) return undefined;
      keys.add(hash);
      const from = behindBlanks(bytes, sign + 1, end);
      if (from < end && !isPrintable(bytes[from] ?? 0)) return undefined;
      value = from === end ? "empty" : "text";
    }
    start = next;
  }
  starts.push(bytes.length);
  return { starts, sections };
}

function behindBlanks(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}

function isPrintable(byte: number): boolean {
  return (byte >= SPACE && byte < 0x7f) || byte === TAB;
}

/** Letters, digits and `_-./`. */
function isOfKey(byte: number): boolean {
  return (lowerCase(byte) > 0x60 && lowerCase(byte) < 0x7b) || (byte > 0x2c && byte < 0x3a) || byte === 0x5f;
}

function lowerCase(byte: number): number {
  return byte | 0x20;
}

/** In pieces: the text of all of it would be thrown away. */
function isUtf8(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for (let at = 0; at < bytes.length; at += PIECE) decoder.decode(bytes.subarray(at, at + PIECE), { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

const PIECE = 65_536;

function headerIn(kind: AwsFileKind, line: Uint8Array): string | undefined {
  if (line.length > LONGEST_HEADER) return undefined;
  const name = /^\[([^\]]+)\][ \t]*$/.exec(String.fromCharCode(...line))?.[1];
  return name !== undefined && isPlainHeader(kind, name) ? name : undefined;
}

const LONGEST_HEADER = 1000;

/** In the config file, a name with a dot could be the SDK for JavaScript's own for another header: `profile.a`. */
const PLAIN_HEADER = {
  credentials: /^[\w.@:/+%-]+$/,
  config: /^(?:(?:profile|sso-session|services) [\w.@:/+%-]+|[\w-]+)$/,
};

/** Whether both readers find one section of this name, which no other plain header names. */
function isPlainHeader(kind: AwsFileKind, name: string): boolean {
  return PLAIN_HEADER[kind].test(name) && !/^(?:DEFAULT|profile default)$|__proto__/.test(name);
}

/** The header of the profile; undefined if the file may have others. */
export function headerOf(kind: AwsFileKind, profile: string): string | undefined {
  const name = sectionName(kind, profile);
  return isPlainHeader(kind, name) ? name : undefined;
}
