/**
 * Edits an AWS file: only the lines of the named keys of the named profiles change, and afterwards the AWS CLI and the
 * AWS SDKs read the new values there and the old ones everywhere else. That is not hoped for: every edit is read back
 * by both readers (`ini_readers.ts`) before it is returned, and refused when one of them would disagree.
 *
 * A file that botocore rejects as a whole is repaired where nothing is lost by it (byte order mark, sections and keys
 * that stand twice without contradiction); otherwise it is left alone, with the line to look at.
 */

import { Exit, printable, UserError } from "../errors.ts";
import {
  classified,
  firstLineNotUtf8,
  leadingBlanks,
  type Line,
  lineEnd,
  parseIni,
  printIni,
  pyStrip,
  type RawLine,
} from "./ini.ts";
import {
  isRejected,
  javaScriptEntry,
  javaScriptHeader,
  readAsJavaScript,
  readAsPython,
  type Sections,
} from "./ini_readers.ts";
import { type AwsFileKind, javaScriptCanRead, profileOf, sectionName } from "./profile_name.ts";

/** Which file, for what its headers mean and for messages. */
export interface AwsFile {
  readonly kind: AwsFileKind;
  readonly path: string;
}

/** What becomes of one profile. Keys are in lower case. */
export interface ProfileEdit {
  readonly profile: string;
  /** Replaced where they stand; missing ones are added behind the last key, in this order. */
  readonly set?: readonly (readonly [key: string, value: string])[];
  readonly unset?: readonly string[];
  /** Removes the section when no key and no comment is left in it. */
  readonly dropEmpty?: boolean;
}

export interface EditedIni {
  readonly text: string;
  /** What was repaired, or may trouble another reader; one sentence each. */
  readonly warnings: readonly string[];
}

/** Throws {@linkcode UserError} (exit 2) with file and line when the text cannot be edited without loss. */
export function editIni(file: AwsFile, text: string, edits: readonly ProfileEdit[]): EditedIni {
  for (const edit of edits) edit.set?.forEach(([key, value]) => checkValue(file, key, value));
  const { text: repaired, warnings } = repair(file, text, edits);
  // The plain edit first. Where indentation makes the readers differ, the profile's lines lose it.
  for (const flush of [false, true]) {
    const state: State = { file, lines: parseIni(repaired), touched: new Set(), warnings: [], flush, dedented: false };
    for (const edit of edits) applyEdit(state, edit);
    const edited = printIni(state.lines);
    if (isRight(file, { before: text, repaired, after: edited }, edits, state)) {
      return { text: edited, warnings: [...warnings, ...state.warnings] };
    }
  }
  const python = readAsPython(parseIni(repaired));
  if (isRejected(python)) throw refusal(file, python.line, python.reason);
  throw new UserError(
    `cannot edit "${printable(file.path)}" safely: the AWS CLI and the AWS SDKs read its lines differently around ${
      edits.map((edit) => `[${printable(edit.profile)}]`).join(", ")
    }`,
    { exit: Exit.usage, hint: "write each of its lines as key = value without indentation, then run this again" },
  );
}

/** A value that some reader would cut or split must not be written. The value is not shown: it may be a secret. */
function checkValue(file: AwsFile, key: string, value: string): void {
  const odd = value === "" || value.trim() !== value || pyStrip(value) !== value || /(^|\s)[#;]|\p{Cc}/u.test(value);
  if (odd) {
    throw new UserError(
      `cannot save "${printable(key)}" to "${
        printable(file.path)
      }": its value is empty or holds characters that an AWS file cannot hold`,
      { exit: Exit.usage },
    );
  }
}

/** One edit at work. */
interface State {
  readonly file: AwsFile;
  lines: readonly Line[];
  /** Sections other than the edited ones whose headers had to be rewritten. */
  readonly touched: Set<string>;
  readonly warnings: string[];
  /** Remove the indentation of the edited profiles. */
  readonly flush: boolean;
  /** That has changed a line. */
  dedented: boolean;
}

/** Parses again, because a changed line can change what the lines below it mean. */
function reparsed(lines: readonly (RawLine | Line)[], end: string): readonly Line[] {
  const last = lines.length - 1;
  // Only a last line may go without a line feed.
  const isEnded = (line: RawLine, i: number) => i === last || line.end.endsWith("\n");
  return classified(lines.map((line, i) => isEnded(line, i) ? line : { text: line.text, end: line.end + end }));
}

function spliced(lines: readonly Line[], at: number, count: number, added: readonly RawLine[]): readonly Line[] {
  return reparsed([...lines.slice(0, at), ...added, ...lines.slice(at + count)], lineEnd(lines));
}

// ---- repair ---------------------------------------------------------------------------------------------------------

/** Each repair reads the whole file anew: thousands would take minutes, with the file's lock held. */
const MOST_REPAIRS = 200;

function repair(file: AwsFile, text: string, edits: readonly ProfileEdit[]): EditedIni {
  const warnings: string[] = [];
  const path = `"${printable(file.path)}"`;
  if (text.startsWith("\ufeff")) {
    warnings.push(`removed the byte order mark of ${path}: the AWS CLI rejects a file that begins with one`);
  }
  const whole = text.replace(/^\ufeff+/, "");
  const loneReturn = /\r(?!\r*(?:\n|$))/.exec(whole);
  if (loneReturn !== null) {
    throw refusal(
      file,
      whole.slice(0, loneReturn.index).split("\n").length,
      "it holds a carriage return within the line",
    );
  }
  const notUtf8 = firstLineNotUtf8(whole);
  if (notUtf8 !== undefined) {
    warnings.push(`line ${notUtf8} of ${path} is not UTF-8: the AWS CLI may reject the file`);
  }
  let lines = parseIni(whole);
  lines.forEach((line, i) => {
    if (line.kind === "stray") throw refusal(file, i + 1, line.reason);
  });
  const checkCount = (line: number) => {
    if (warnings.length >= MOST_REPAIRS) {
      throw refusal(file, line + 1, `more than ${MOST_REPAIRS} sections or keys are given a second time`);
    }
  };
  for (let second = secondSection(lines); second !== undefined; second = secondSection(lines)) {
    checkCount(second);
    const name = headerName(lines[second]);
    warnings.push(`merged two sections [${printable(name)}] of ${path}: the AWS CLI rejects a file with both`);
    lines = mergeSection(lines, lines.findIndex((line) => headerName(line) === name), second);
  }
  for (let twice = keyTwice(lines); twice !== undefined; twice = keyTwice(lines)) {
    const { first, second, key, section } = twice;
    checkCount(second);
    const given = edits.find((edit) => edit.profile === profileOf(file.kind, section));
    const replaced = given?.set?.some(([name]) => name === key) || given?.unset?.includes(key);
    if (!replaced && fullValue(lines, first) !== fullValue(lines, second)) {
      throw refusal(
        file,
        second + 1,
        `"${printable(key)}" stands in [${printable(section)}] a second time, with another value`,
      );
    }
    warnings.push(`removed the second "${printable(key)}" of [${printable(section)}] from ${path}`);
    lines = withoutEntry(lines, javaScriptReads(lines[first]) ? second : first, new Set([key]));
  }
  for (let at = swallowedHeader(lines); at !== undefined; at = swallowedHeader(lines)) {
    warnings.push(
      `moved the header in line ${at + 1} of ${path} to the left margin: the AWS CLI rejects the file otherwise`,
    );
    lines = atMargin(lines, at);
  }
  return { text: printIni(lines), warnings };
}

/** The line botocore rejects the file for, when that is an indented header within a nested value. */
function swallowedHeader(lines: readonly Line[]): number | undefined {
  const python = readAsPython(lines);
  const at = isRejected(python) ? python.line - 1 : -1;
  const line = lines[at];
  return line?.kind === "continuation" && javaScriptHeader(line.text) !== undefined ? at : undefined;
}

function atMargin(lines: readonly Line[], at: number): readonly Line[] {
  const line = lines[at];
  return line === undefined ? lines : spliced(lines, at, 1, [{ text: pyStrip(line.text), end: line.end }]);
}

function refusal(file: AwsFile, line: number, reason: string): UserError {
  return new UserError(`cannot edit "${printable(file.path)}": line ${line}: ${reason}`, {
    exit: Exit.usage,
    hint: "the AWS CLI rejects this file too; correct the line, then run this again",
  });
}

/** The name of a header line; the empty name, which no header has, for all others. */
function headerName(line: Line | undefined): string {
  return line?.kind === "header" ? line.name : "";
}

function secondSection(lines: readonly Line[]): number | undefined {
  const seen = new Set<string>();
  for (const [i, line] of lines.entries()) {
    if (line.kind !== "header" || line.name === "DEFAULT") continue;
    if (seen.has(line.name)) return i;
    seen.add(line.name);
  }
  return undefined;
}

/** Moves the keys of the section at `second` behind those of the one at `first`, and drops its header. */
function mergeSection(lines: readonly Line[], first: number, second: number): readonly Line[] {
  const to = lastEntryLine(lines, first) + 1;
  const last = lastEntryLine(lines, second);
  const moved = [...headerComment(lines[second]), ...dedented(lines.slice(second + 1, last + 1))];
  return reparsed(
    [...lines.slice(0, to), ...moved, ...lines.slice(to, second), ...lines.slice(last + 1)],
    lineEnd(lines),
  );
}

function keyTwice(
  lines: readonly Line[],
): { readonly first: number; readonly second: number; readonly key: string; readonly section: string } | undefined {
  // Keys of [DEFAULT] are counted over all sections of that name.
  const seen = new Map<string, number>();
  let section = "";
  for (const [i, line] of lines.entries()) {
    if (line.kind === "header") section = line.name;
    if (line.kind !== "entry") continue;
    const place = `${section}\n${line.key}`;
    const first = seen.get(place);
    if (first !== undefined) return { first, second: i, key: line.key, section };
    seen.set(place, i);
  }
  return undefined;
}

function javaScriptReads(line: Line | undefined): boolean {
  return line?.kind === "entry" && javaScriptEntry(line.text)?.key === line.key;
}

function fullValue(lines: readonly Line[], entry: number): string {
  return continuationOf(lines, entry).map((line) => "value" in line ? line.value : "").join("\n");
}

// ---- places in a document ---------------------------------------------------------------------------------------------

/** The index of the next header behind `header`, or the number of lines. */
function sectionEnd(lines: readonly Line[], header: number): number {
  let end = header + 1;
  while (end < lines.length && lines[end]?.kind !== "header") end++;
  return end;
}

/** The last line of the last value of a section; its header when it has none. */
function lastEntryLine(lines: readonly Line[], header: number): number {
  for (let i = sectionEnd(lines, header) - 1; i > header; i--) {
    const kind = lines[i]?.kind;
    if (kind === "entry" || kind === "continuation") return i;
  }
  return header;
}

/** The entry and all lines up to the last line of its value, comments and blank lines between them included. */
function continuationOf(lines: readonly Line[], entry: number): readonly Line[] {
  let last = entry;
  for (let i = entry + 1; i < lines.length; i++) {
    const kind = lines[i]?.kind;
    if (kind === "entry" || kind === "header" || kind === "stray") break;
    if (kind === "continuation") last = i;
  }
  return lines.slice(entry, last + 1);
}

/** A header line's text behind the bracket, as a comment line of its own. */
function headerComment(line: Line | undefined, name = headerName(line)): readonly RawLine[] {
  if (line === undefined) return [];
  const rest = pyStrip(pyStrip(line.text).slice(name.length + 2));
  if (rest === "") return [];
  return [{ text: /^[#;]/.test(rest) ? rest : `# ${rest}`, end: line.end }];
}

/** The lines of a section, each value moved to the left margin together with its nested lines. */
function dedented(lines: readonly Line[]): readonly RawLine[] {
  let indent = 0;
  return lines.map((line) => {
    if (line.kind === "entry" || line.kind === "header") indent = line.indent;
    return { text: line.text.slice(Math.min(indent, leadingBlanks(line.text).length)), end: line.end };
  });
}

// ---- the edit ---------------------------------------------------------------------------------------------------------

function applyEdit(state: State, edit: ProfileEdit): void {
  const headers = () => targetHeaders(state, edit.profile);
  if (headers().length === 0) unswallow(state, edit.profile);
  if (headers().length === 0) {
    if (edit.set !== undefined && edit.set.length > 0) appendSection(state, edit.profile, edit.set);
    return;
  }
  // From the last one up, so that the places of the others stay what they are.
  for (const header of headers().reverse()) editSection(state, edit, header);
}

/** More than one only in the config file, where a profile's header has several spellings. */
function targetHeaders(state: State, profile: string): number[] {
  const found: number[] = [];
  for (const [i, line] of state.lines.entries()) {
    if (line.kind !== "header") continue;
    const names = [line.name, javaScriptHeader(line.text) ?? line.name];
    if (names.some((name) => profileOf(state.file.kind, name) === profile)) found.push(i);
  }
  return found;
}

/** An indented header below a key is part of that key's value for botocore, and a header for the JavaScript SDK. */
function unswallow(state: State, profile: string): void {
  const at = state.lines.findIndex((line) => {
    const name = line.kind === "continuation" ? javaScriptHeader(line.text) : undefined;
    return name !== undefined && profileOf(state.file.kind, name) === profile;
  });
  const line = state.lines[at];
  if (line === undefined) return;
  const owner = state.lines.slice(0, at).findLast((before) => before.kind === "header");
  state.touched.add(headerName(owner));
  state.warnings.push(`moved the header [${printable(profile)}] to the left margin, where the AWS CLI finds it`);
  state.lines = atMargin(state.lines, at);
}

function appendSection(state: State, profile: string, set: readonly (readonly [string, string])[]): void {
  const end = lineEnd(state.lines);
  const last = state.lines.at(-1);
  const gap = last === undefined || (last.kind === "blank" && last.end !== "") ? [] : [{ text: "", end }];
  const header = { text: `[${sectionName(state.file.kind, profile)}]`, end };
  const entries = set.map(([key, value]) => ({ text: `${key} = ${value}`, end }));
  state.lines = reparsed([...state.lines, ...gap, header, ...entries], end);
}

function editSection(state: State, edit: ProfileEdit, header: number): void {
  plainHeader(state, sectionEnd(state.lines, header), undefined);
  header += plainHeader(state, header, edit.profile);
  if (state.flush) dedentSection(state, header);
  const ours = new Set([...edit.set?.map(([key]) => key) ?? [], ...edit.unset ?? []]);
  for (const key of edit.unset ?? []) {
    const at = findEntry(state.lines, header, key);
    if (at !== undefined) replaceEntry(state, at, [], ours);
  }
  for (const [key, value] of edit.set ?? []) setEntry(state, header, key, value, ours);
  if (edit.dropEmpty === true) dropEmpty(state, header);
}

/**
 * Rewrites a header that only one of the readers takes for one, such as `[a]; note`: the rest of the line becomes a
 * comment above it. `profile` is given for a header that is being edited. Returns how many lines were added.
 */
function plainHeader(state: State, at: number, profile: string | undefined): number {
  const line = state.lines[at];
  if (line?.kind !== "header") return 0;
  const inJavaScript = javaScriptHeader(line.text);
  const { kind } = state.file;
  const isProfile = profile === undefined || profileOf(kind, line.name) === profile;
  const raw = isProfile ? line.name : inJavaScript ?? line.name;
  const name = profile === undefined || javaScriptFinds(kind, raw, profile) ? raw : sectionName(kind, profile);
  if ((inJavaScript === line.name && name === line.name) || (profile === undefined && name.includes("]"))) return 0;
  // What one reader took for keys of another section, or for another section, has its own place now.
  if (profile === undefined || raw !== line.name) state.touched.add(line.name);
  const above = state.lines.slice(0, at).findLast((before) => before.kind === "header");
  if (inJavaScript === undefined && profile !== undefined) state.touched.add(headerName(above));
  state.warnings.push(`rewrote the header [${printable(raw)}] so that all AWS SDKs read it`);
  const comment = headerComment(line, raw);
  state.lines = spliced(state.lines, at, 1, [...comment, { text: `[${name}]`, end: line.end }]);
  return comment.length;
}

/** Whether the JavaScript SDK finds the profile under this header, or would under none. */
function javaScriptFinds(kind: AwsFileKind, header: string, profile: string): boolean {
  if (!javaScriptCanRead(kind, profile)) return true;
  const section = kind === "credentials" || header === "default" ? profile : `profile.${profile}`;
  return readAsJavaScript(`[${header}]\nk = v`)?.has(section) === true;
}

function dedentSection(state: State, header: number): void {
  const next = sectionEnd(state.lines, header);
  // The next header too: behind a key at the margin an indented header would be swallowed.
  const lines = state.lines.slice(header, next + 1);
  if (lines.every((line) => leadingBlanks(line.text) === "" || line.kind === "continuation")) return;
  state.dedented = true;
  state.warnings.push(`removed the indentation of [${printable(headerName(state.lines[header]))}]`);
  state.lines = spliced(state.lines, header, lines.length, dedented(lines));
}

function findEntry(lines: readonly Line[], header: number, key: string): number | undefined {
  const at = lines.slice(header + 1, sectionEnd(lines, header))
    .findIndex((line) => line.kind === "entry" && line.key === key);
  return at < 0 ? undefined : header + 1 + at;
}

function setEntry(state: State, header: number, key: string, value: string, ours: ReadonlySet<string>): void {
  const end = lineEnd(state.lines);
  const at = findEntry(state.lines, header, key);
  const line = at === undefined ? undefined : state.lines[at];
  if (at === undefined || line === undefined) {
    const last = lastEntryLine(state.lines, header);
    const indent = siblingIndent(state.lines, header);
    const before = state.lines.slice(0, last + 1);
    const lines = [...before, { text: `${indent}${key} = ${value}`, end }, ...state.lines.slice(last + 1)];
    // A file whose last line had no line end keeps it that way only when that line stays the last one.
    state.lines = reparsed(lines, end);
    return;
  }
  const entry = javaScriptEntry(line.text);
  const whole = continuationOf(state.lines, at);
  const same = whole.length === 1 && fullValue(state.lines, at) === value && entry?.key === key &&
    entry.value === value;
  if (same) return;
  replaceEntry(state, at, [{ text: `${leadingBlanks(line.text)}${key} = ${value}`, end: line.end }], ours);
}

function replaceEntry(state: State, at: number, fresh: readonly RawLine[], ours: ReadonlySet<string>): void {
  const whole = continuationOf(state.lines, at);
  const kept = rescued(whole, ours);
  if (kept.some((line) => whole.every((old) => old.text !== line.text))) {
    state.warnings.push(
      `moved lines below line ${at + 1} to the left margin: indented, they are part of a value for the AWS CLI`,
    );
  }
  state.lines = spliced(state.lines, at, whole.length, [...fresh, ...kept]);
}

/** The indentation of the section's entries; a new one must not be deeper (a continuation) nor end a nested map early. */
function siblingIndent(lines: readonly Line[], header: number): string {
  const last = lines.slice(header, sectionEnd(lines, header)).findLast((line) => line.kind === "entry");
  return last === undefined ? "" : leadingBlanks(last.text);
}

function withoutEntry(lines: readonly Line[], at: number, ours: ReadonlySet<string>): readonly Line[] {
  const whole = continuationOf(lines, at);
  return spliced(lines, at, whole.length, rescued(whole, ours));
}

/**
 * What stays of the further lines of a value that is replaced. They were part of it for botocore, but keys and headers
 * of their own for the JavaScript SDK: those are moved to the left margin, except keys that are being replaced as well.
 * Below an empty first line they are a nested value for both, and go with it.
 */
function rescued([first, ...further]: readonly Line[], ours: ReadonlySet<string>): readonly RawLine[] {
  const kept: RawLine[] = [];
  const nested = first !== undefined && javaScriptEntry(first.text)?.value === "";
  const depths = further.map((line) => line.kind === "continuation" ? leadingBlanks(line.text).length : undefined);
  const margin = depths.find((depth) => depth !== undefined) ?? 0;
  let foreign = false;
  for (const [i, line] of further.entries()) {
    const depth = depths[i];
    if (depth === undefined) {
      kept.push(line);
      continue;
    }
    foreign ||= javaScriptHeader(line.text) !== undefined;
    const entry = javaScriptEntry(line.text);
    const opensMap = (depths.slice(i + 1).find((next) => next !== undefined) ?? 0) > depth;
    const isKey = entry !== undefined && (entry.value !== "" || opensMap) && !ours.has(entry.key.toLowerCase());
    if (foreign || (isKey && !nested)) kept.push({ text: line.text.slice(Math.min(depth, margin)), end: line.end });
  }
  return kept;
}

/** A comment directly above the next header speaks of that one. */
function dropEmpty(state: State, header: number): void {
  const { lines } = state;
  const next = sectionEnd(lines, header);
  if (lastEntryLine(lines, header) !== header || headerComment(lines[header]).length > 0) return;
  let end = next;
  while (next < lines.length && end > header + 1 && lines[end - 1]?.kind === "comment") end--;
  const body = lines.slice(header + 1, end);
  if (body.some((line) => line.kind === "comment")) return;
  // One blank line between the neighbours is enough: the one above the section, or else the one below.
  const above = lines[header - 1];
  const keepGap = body.some((line) => line.kind === "blank") && above !== undefined && above.kind !== "blank";
  const atEnd = end === lines.length;
  const start = atEnd && above?.kind === "blank" ? header - 1 : header;
  const gap = keepGap && !atEnd ? body.filter((line) => line.kind === "blank").slice(0, 1) : [];
  state.lines = spliced(lines, start, end - start, gap);
}

// ---- the proof --------------------------------------------------------------------------------------------------------

/** Whether both readers find the new values in the edited profiles and the old ones everywhere else. */
function isRight(
  file: AwsFile,
  { before, repaired, after }: { readonly before: string; readonly repaired: string; readonly after: string },
  edits: readonly ProfileEdit[],
  { touched, dedented }: Pick<State, "touched" | "dedented">,
): boolean {
  const values = edits.flatMap((edit) => edit.set?.map(([, value]) => value) ?? []);
  const fresh = new Set(values.filter((value) => !before.includes(value)));

  const python = readAsPython(parseIni(after));
  if (isRejected(python)) return false;
  const first = readAsPython(parseIni(before));
  const second = isRejected(first) ? readAsPython(parseIni(repaired)) : first;
  const old = isRejected(second) ? undefined : second;
  const named = (section: string) => profileOf(file.kind, section);
  const moved = touched.size > 0;
  if (!isRightFor(python, old, { edits, readable: edits, touched, fresh, named, moved })) return false;

  const javaScriptBefore = readAsJavaScript(before);
  const javaScript = readAsJavaScript(after);
  if (javaScript === undefined) return javaScriptBefore === undefined;
  const readable = edits.filter((edit) => javaScriptCanRead(file.kind, edit.profile));
  return isRightFor(javaScript, javaScriptBefore, {
    edits,
    readable,
    touched,
    fresh,
    named: (section) => file.kind === "config" ? /^profile\.(.*)$/s.exec(section)?.[1] ?? named(section) : section,
    // Indentation that is gone makes what was nested for this reader alone a plain key, as it is for botocore.
    moved: moved || dedented,
  });
}

interface Claim {
  readonly edits: readonly ProfileEdit[];
  /** Those of them this reader can find. */
  readonly readable: readonly ProfileEdit[];
  readonly touched: ReadonlySet<string>;
  /** A repair has changed which keys this reader takes for the edited profiles' own; the new ones are checked still. */
  readonly moved: boolean;
  /** New values that stood nowhere in the file before. */
  readonly fresh: ReadonlySet<string>;
  /** The profile a section stands for. */
  readonly named: (section: string) => string | undefined;
}

function isRightFor(after: Sections, before: Sections | undefined, claim: Claim): boolean {
  for (const edit of claim.readable) {
    const found = [...after].filter(([section]) => claim.named(section) === edit.profile);
    if ((edit.set ?? []).length > 0 && found.length === 0) return false;
    for (const [, values] of found) {
      if (edit.set?.some(([key, value]) => values.get(key) !== value)) return false;
      if (edit.unset?.some((key) => values.has(key))) return false;
    }
  }
  for (const [section, values] of before ?? []) {
    if (claim.touched.has(section)) continue;
    const profile = claim.named(section);
    const edit = claim.edits.find((edit) => edit.profile === profile);
    if (edit !== undefined && claim.moved) continue;
    for (const [key, value] of values) {
      if (edit !== undefined && isNamed(edit, key)) continue;
      if (after.get(section)?.get(key) !== value) return false;
    }
  }
  // The worst that could happen: credentials that end up in somebody else's profile.
  for (const [section, values] of after) {
    const profile = claim.named(section);
    if (claim.edits.some((edit) => edit.profile === profile)) continue;
    for (const value of values.values()) if (claim.fresh.has(value)) return false;
  }
  return true;
}

/** Whether a key is one of the edited ones in any spelling: other case, nested below it, or with `:` in it. */
function isNamed(edit: ProfileEdit, key: string): boolean {
  const first = key.toLowerCase().split(/[.:]/)[0]?.trim();
  return edit.set?.some(([name]) => name === first) === true || edit.unset?.includes(first ?? "") === true;
}
