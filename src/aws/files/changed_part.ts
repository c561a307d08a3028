/**
 * The part of an AWS file that an edit has changed. The bytes around it are the same. Both readers read them as before if
 * the part begins and ends at a header that is the same for both, and has no section in common with the rest. Then only
 * the part has to be read again: an edit changes a few of thousands of profiles.
 */

import { type Line, printIni } from "./ini.ts";
import { javaScriptHeader, javaScriptSection } from "./ini_readers.ts";
import { type AwsFileKind, profileOf } from "./profile_name.ts";

interface ChangedPart {
  readonly before: string;
  readonly after: string;
}

/**
 * The sections around the changed lines, before and after. Undefined if more of the file has to be read: a section in the
 * part, or one of these profiles, has another header elsewhere.
 */
export function changedPart(
  kind: AwsFileKind,
  before: readonly Line[],
  after: readonly Line[],
  profiles: ReadonlySet<string>,
): ChangedPart | undefined {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && isSame(before[start], after[start])) start++;
  let kept = 0;
  while (kept < least - start && isSame(before.at(-1 - kept), after.at(-1 - kept))) kept++;
  do start--; while (start > 0 && !isPlainHeader(before[start]));
  start = Math.max(start, 0);
  while (kept > 0 && !isPlainHeader(before[before.length - kept])) kept--;

  const [oldPart, newPart] = [before, after].map((lines) => lines.slice(start, lines.length - kept));
  const inside = new Set([...oldPart ?? [], ...newPart ?? []].flatMap(namesOf));
  // This name makes the SDK for JavaScript read nothing at all.
  if ([...inside].some((name) => name.includes("__proto__"))) return undefined;
  for (let at = 0; at < before.length; at++) {
    const line = before[at];
    const isRest = at < start || at >= before.length - kept;
    if (!isRest || line === undefined) continue;
    for (const name of namesOf(line)) {
      if (inside.has(name) || name.includes("__proto__")) return undefined;
      if (profilesOf(kind, name).some((profile) => profiles.has(profile))) return undefined;
    }
  }
  return { before: printIni(oldPart ?? []), after: printIni(newPart ?? []) };
}

function isSame(one: Line | undefined, other: Line | undefined): boolean {
  return one === other || (one?.text === other?.text && one?.end === other?.end);
}

/** A header for both readers, whatever precedes it, and by the same name. */
function isPlainHeader(line: Line | undefined): boolean {
  return line?.kind === "header" && line.indent === 0 && javaScriptHeader(line.text) === line.name;
}

/** The names of the section that a line begins, for one reader or the other. */
function namesOf(line: Line): readonly string[] {
  if (!line.text.includes("[")) return [];
  const header = javaScriptHeader(line.text);
  const names = [line.kind === "header" ? line.name : undefined, header, header && javaScriptSection(header)];
  return names.filter((name) => name !== undefined);
}

function profilesOf(kind: AwsFileKind, name: string): readonly string[] {
  const names = [profileOf(kind, name), kind === "config" ? /^profile\.(.*)$/s.exec(name)?.[1] : undefined];
  return names.filter((profile) => profile !== undefined);
}
