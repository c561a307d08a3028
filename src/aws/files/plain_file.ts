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

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A line and its end: a header, a key with or without a value, a part of the value above, a comment or nothing. */
const LINE =
  /(?:\[([^\]\r\n]+)\][ \t]*|([\w./-]+)[ \t]*=[ \t]*(?:([!-~])[^\r\n]*)?|[ \t]+([!"$-:<-Z\\-~][\t -~]*)|[ \t]*(?:[#;][^\r\n]*)?)(\r?\n|$)/y;

/**
 * It never takes for plain what is not, but may miss what is: it knows no header that is indented or followed by text, no
 * indented key below a header, no `key: value` and no mix of line ends.
 */
function takeApart(kind: AwsFileKind, bytes: Uint8Array): PlainFile | undefined {
  const text = bytes.includes(0) ? undefined : decoded(bytes);
  if (text === undefined) return undefined;
  const isAscii = text.length === bytes.length;
  const starts = [0];
  const sections = new Map<string, number>();
  const keys = new Set<string>();
  /** The value that an indented line would continue. */
  let value: "none" | "empty" | "text" = "none";
  let lineEnd: string | undefined;
  let [start, lines] = [0, 0];
  for (LINE.lastIndex = 0; LINE.lastIndex < text.length; lines++) {
    const match = LINE.exec(text);
    if (match === null || lines >= MAX_LINES) return undefined;
    const { 1: name, 2: key, 3: first, 4: nested, 5: end = "" } = match;
    if (end !== "" && end !== (lineEnd ??= end)) return undefined;
    if (name !== undefined) {
      if (!isPlainHeader(kind, name) || sections.has(name)) return undefined;
      sections.set(name, starts.length);
      starts.push(start);
      keys.clear();
      value = "none";
    } else if (key !== undefined) {
      const lower = key.toLowerCase();
      if (sections.size === 0 || keys.has(lower)) return undefined;
      keys.add(lower);
      value = first === undefined ? "empty" : "text";
    } else if (nested !== undefined && (value === "none" || (value === "empty" && !nested.includes("=")))) {
      return undefined;
    }
    start = isAscii ? LINE.lastIndex : bytes.indexOf(LF, start) + 1;
  }
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
