/**
 * Edits an AWS file: only the lines of the given keys of the given profiles change, and afterwards the AWS CLI and the
 * AWS SDKs read the new values there and the old ones everywhere else. Every edit is checked
 * with both readers (`ini_readers.ts`) before it is returned, and refused if one of them disagrees.
 *
 * A file that botocore rejects as a whole is repaired if that loses nothing (byte order mark, sections and keys
 * repeated without contradiction); otherwise it is not changed, and the error names the line.
 */

import { Exit, printable, UserError } from "../../errors.ts";
import {
  firstLineNotUtf8,
  leadingBlanks,
  type Line,
  lineEnd,
  parsingIni,
  printIni,
  pyStrip,
  type RawLine,
  reclassified,
} from "./ini.ts";
import {
  isRejected,
  javaScriptEntry,
  javaScriptHeader,
  readAsJavaScript,
  readAsPython,
  type Rejected,
  type Sections,
  whyPythonRejects,
} from "./ini_readers.ts";
import { atOnce, type Pieces } from "../../io/pieces.ts";
import { type AwsFileKind, javaScriptCanRead, plainSpelling, profileOf, sectionName } from "./profile_name.ts";

/** The file: decides the meaning of headers, and is named in messages. */
export interface AwsFile {
  readonly kind: AwsFileKind;
  readonly path: string;
}

/** The changes to one profile. Keys are in lower case. */
export interface ProfileEdit {
  readonly profile: string;
  /** Replaced in place; missing ones are added after the last key, in this order. */
  readonly set?: readonly (readonly [key: string, value: string])[];
  readonly unset?: readonly string[];
  /** Removes the section if no key and no comment is left in it. */
  readonly dropEmpty?: boolean;
}

export interface EditedIni {
  readonly text: string;
  /** What was repaired, or what another reader may misread; one sentence each. */
  readonly warnings: readonly string[];
}

/** {@linkcode editingIni} without interruption. */
export function editIni(file: AwsFile, text: string, edits: readonly ProfileEdit[]): EditedIni {
  return atOnce(editingIni(file, text, edits));
}

/** Throws {@linkcode UserError} (exit 2) with file and line when the text cannot be edited without loss. */
export function* editingIni(
  file: AwsFile,
  text: string,
  edits: readonly ProfileEdit[],
): Pieces<EditedIni> {
  for (const edit of edits) edit.set?.forEach(([key, value]) => checkValue(file, key, value));
  const { lines, rejected, warnings } = yield* repair(file, text, edits);
  // First the plain edit. If indentation makes the readers disagree, remove it from the profile's lines.
  for (const flush of [false, true]) {
    const state = startOf(file, lines, flush);
    for (const edit of edits) {
      applyEdit(state, edit);
      yield;
    }
    yield;
    const before = yield* readBefore(text, lines);
    const edited = printIni(state.lines);
    yield;
    if (yield* isRight(file, before, edited, edits, state)) {
      return { text: edited, warnings: [...warnings, ...state.warnings] };
    }
  }
  if (rejected !== undefined) throw refusal(file, rejected.line, rejected.reason);
  throw new UserError(
    `cannot edit "${printable(file.path)}" safely: the AWS CLI and the AWS SDKs read its lines differently around ${
      edits.map((edit) => `[${printable(edit.profile)}]`).join(", ")
    }`,
    { exit: Exit.usage, hint: "write each of its lines as key = value without indentation, then run this again" },
  );
}

/** Refuses a value that some reader would cut or split. The value is not shown: it may be a secret. */
function checkValue(file: AwsFile, key: string, value: string): void {
  const odd = value === "" || value.trim() !== value || pyStrip(value) !== value || /(^|\s)[#;]|\p{Cc}/u.test(value);
  if (odd) {
    throw new UserError(
      `cannot save "${printable(key)}" to "${
        printable(file.path)
      }": its value is empty or contains characters that are not allowed in an AWS file`,
      { exit: Exit.usage },
    );
  }
}

/** The state of one edit. */
interface State {
  readonly file: AwsFile;
  /** Changed only by {@linkcode change}. */
  lines: Line[];
  /** The line end of new lines. */
  readonly end: string;
  /** The headers of each profile, in any order. */
  readonly headers: Map<string, readonly Line[]>;
  /** Other sections whose headers had to be rewritten. */
  readonly touched: Set<string>;
  /** Headers of edited profiles with a new spelling, old to new. */
  readonly renamed: Map<string, string>;
  readonly warnings: string[];
  /** Remove the indentation of the edited profiles. */
  readonly flush: boolean;
  /** Whether that changed a line. */
  dedented: boolean;
}

function startOf(file: AwsFile, lines: readonly Line[], flush: boolean): State {
  const headers = new Map<string, readonly Line[]>();
  addHeaders(headers, file.kind, lines);
  const end = lineEnd(lines);
  const [touched, renamed] = [new Set<string>(), new Map<string, string>()];
  return { file, lines: [...lines], end, headers, touched, renamed, warnings: [], flush, dedented: false };
}

function addHeaders(headers: State["headers"], kind: AwsFileKind, lines: readonly Line[]): void {
  for (const line of lines) {
    for (const profile of profilesOf(kind, line)) headers.set(profile, [...headers.get(profile) ?? [], line]);
  }
}

/** The profiles whose section starts at a line, for either reader. */
function profilesOf(kind: AwsFileKind, line: Line): ReadonlySet<string> {
  if (line.kind !== "header") return NOBODY;
  const names = [line.name, javaScriptHeader(line.text) ?? line.name];
  return new Set(names.map((name) => profileOf(kind, name)).filter((profile) => profile !== undefined));
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Replaces `count` lines from `at`; a changed line can change the meaning of the lines below it. `fresh`
 * replaces `gone`, which begins at `from`.
 */
function splice(
  lines: readonly Line[],
  at: number,
  count: number,
  added: readonly RawLine[],
  end: string,
): ReturnType<typeof reclassified> & { readonly from: number } {
  // Only the last line may lack a line feed.
  const before = lines[at - 1];
  const isOpen = before !== undefined && !before.end.endsWith("\n");
  const fresh = isOpen ? [before, ...added] : added;
  const atEnd = at + count === lines.length;
  const ended = fresh.map((line, i) =>
    line.end.endsWith("\n") || (atEnd && i === fresh.length - 1) ? line : { text: line.text, end: line.end + end }
  );
  const from = isOpen ? at - 1 : at;
  return { from, ...reclassified(lines, from, at + count - from, ended) };
}

function spliced(lines: readonly Line[], at: number, count: number, added: readonly RawLine[]): readonly Line[] {
  const { from, fresh, gone } = splice(lines, at, count, added, lineEnd(lines));
  return lines.slice(0, from).concat(fresh, lines.slice(from + gone.length));
}

function change(state: State, at: number, count: number, added: readonly RawLine[]): void {
  const { headers, lines, file: { kind } } = state;
  const { from, fresh, gone } = splice(lines, at, count, added, state.end);
  for (const line of gone) {
    for (const profile of profilesOf(kind, line)) {
      headers.set(profile, (headers.get(profile) ?? []).filter((each) => each !== line));
    }
  }
  addHeaders(headers, kind, fresh);
  // A new array for each of thousands of keys would dominate the time.
  if (fresh.length === gone.length) fresh.forEach((line, i) => lines[from + i] = line);
  else state.lines = lines.slice(0, from).concat(fresh, lines.slice(from + gone.length));
}

// ---- repair ---------------------------------------------------------------------------------------------------------

/** Each repair parses the whole file again: thousands would take minutes, while the file is locked. */
const MOST_REPAIRS = 200;

function* repair(
  file: AwsFile,
  text: string,
  edits: readonly ProfileEdit[],
): Pieces<{
  readonly lines: readonly Line[];
  /** Why Python rejects even these lines. */
  readonly rejected: Rejected | undefined;
  readonly warnings: readonly string[];
}> {
  const warnings: string[] = [];
  const path = `"${printable(file.path)}"`;
  if (text.startsWith("\ufeff")) {
    warnings.push(`removed the byte order mark of ${path}: the AWS CLI rejects a file that begins with one`);
  }
  const whole = text.replace(/^\ufeff+/, "");
  if (isUtf16(text)) {
    throw new UserError(`cannot edit ${path}: it is UTF-16 text, which AWS tools cannot read`, {
      exit: Exit.usage,
      hint: "save it as UTF-8, then run this again",
    });
  }
  // Matches a carriage return before anything but a line feed. The search is linear.
  const loneReturn = /\r(?=[^\r\n])/.exec(whole);
  if (loneReturn !== null) {
    throw refusal(
      file,
      whole.slice(0, loneReturn.index).split("\n").length,
      "it contains a carriage return without a line feed, which AWS's tools read differently",
      "save the file with LF or CRLF line ends, then run this again",
    );
  }
  const notUtf8 = firstLineNotUtf8(whole);
  if (notUtf8 !== undefined) {
    warnings.push(`line ${notUtf8} of ${path} is not UTF-8: the AWS CLI may reject the file`);
  }
  yield;
  let lines = yield* parsingIni(whole);
  lines.forEach((line, i) => {
    if (line.kind === "stray") throw refusal(file, i + 1, line.reason);
  });
  const checkCount = (line: number, what = "sections or keys are repeated") => {
    if (warnings.length >= MOST_REPAIRS) {
      throw refusal(file, line + 1, `more than ${MOST_REPAIRS} ${what}`);
    }
  };
  for (let second = secondSection(lines); second !== undefined; second = secondSection(lines)) {
    checkCount(second);
    const name = headerName(lines[second]);
    warnings.push(`merged two sections [${printable(name)}] of ${path}: the AWS CLI rejects a file with both`);
    lines = mergeSection(lines, lines.findIndex((line) => headerName(line) === name), second);
    yield;
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
        `"${printable(key)}" is repeated in [${printable(section)}] with another value`,
      );
    }
    warnings.push(`removed the second "${printable(key)}" in [${printable(section)}] from ${path}`);
    lines = withoutEntry(lines, javaScriptReads(lines[first]) ? second : first, new Set([key]));
    yield;
  }
  yield;
  let rejected = whyPythonRejects(lines);
  for (let at = swallowedHeader(lines, rejected); at !== undefined; at = swallowedHeader(lines, rejected)) {
    checkCount(at, "headers are indented below a value");
    warnings.push(
      `moved the header in line ${at + 1} of ${path} to the left margin: the AWS CLI rejects the file otherwise`,
    );
    lines = atMargin(lines, at);
    yield;
    rejected = whyPythonRejects(lines);
  }
  return { lines, rejected, warnings };
}

/** The line for which botocore rejects the file, if it is an indented header within a nested value. */
function swallowedHeader(lines: readonly Line[], rejected: Rejected | undefined): number | undefined {
  const at = (rejected?.line ?? 0) - 1;
  const line = lines[at];
  return line?.kind === "continuation" && javaScriptHeader(line.text) !== undefined ? at : undefined;
}

function atMargin(lines: readonly Line[], at: number): readonly Line[] {
  const line = lines[at];
  return line === undefined ? lines : spliced(lines, at, 1, [atMarginOf(line)]);
}

function atMarginOf({ text, end }: Line): RawLine {
  return { text: pyStrip(text), end };
}

/** UTF-16, as PowerShell 5 writes with `>`: a byte order mark, or a NUL in every letter. */
function isUtf16(text: string): boolean {
  return /^(?:\udcff\udcfe|\udcfe\udcff)|\0/.test(text);
}

function refusal(
  file: AwsFile,
  line: number,
  reason: string,
  hint = "the AWS CLI rejects this file too; correct the line, then run this again",
): UserError {
  return new UserError(`cannot edit "${printable(file.path)}": line ${line}: ${reason}`, { exit: Exit.usage, hint });
}

/** The name of a header line; "" for other lines. */
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

/** Moves the keys of the section at `second` after those of the one at `first`, and removes its header. */
function mergeSection(lines: readonly Line[], first: number, second: number): readonly Line[] {
  const to = lastEntryLine(lines, first) + 1;
  const last = lastEntryLine(lines, second);
  const moved = [...headerComment(lines[second]), ...dedented(lines.slice(second + 1, last + 1))];
  return spliced(lines, to, last + 1 - to, [...moved, ...lines.slice(to, second)]);
}

function keyTwice(
  lines: readonly Line[],
): { readonly first: number; readonly second: number; readonly key: string; readonly section: string } | undefined {
  // Only [DEFAULT] may occur twice in a file; its keys are counted over all sections of that name.
  const ofDefault = new Map<string, number>();
  let seen = new Map<string, number>();
  let section = "";
  for (const [i, line] of lines.entries()) {
    if (line.kind === "header") {
      section = line.name;
      seen = section === "DEFAULT" ? ofDefault : new Map();
    }
    if (line.kind !== "entry") continue;
    const first = seen.get(line.key);
    if (first !== undefined) return { first, second: i, key: line.key, section };
    seen.set(line.key, i);
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

/** The index of the next header after `header`, or the number of lines. */
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

/** A header line's text after the bracket, as a separate comment line. */
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
  // From the last one up, so that the positions of the others do not change.
  for (const header of headers().reverse()) editSection(state, edit, header);
}

/** Several only in the config file, where a profile's header has several spellings. */
function targetHeaders({ headers, lines }: State, profile: string): number[] {
  return (headers.get(profile) ?? []).map((line) => lines.indexOf(line)).sort((a, b) => a - b);
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
  change(state, at, 1, [atMarginOf(line)]);
}

function appendSection(state: State, profile: string, set: readonly (readonly [string, string])[]): void {
  const { end } = state;
  const last = state.lines.at(-1);
  const gap = last === undefined || (last.kind === "blank" && last.end !== "") ? [] : [{ text: "", end }];
  const header = { text: `[${sectionName(state.file.kind, profile)}]`, end };
  const entries = set.map(([key, value]) => ({ text: `${key} = ${value}`, end }));
  change(state, state.lines.length, 0, [...gap, header, ...entries]);
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
 * Rewrites a header that only one reader accepts, such as `[a]; note`: the rest of the line becomes a
 * comment above it. `profile` is given for a header that is being edited. Returns how many lines were added.
 */
function plainHeader(state: State, at: number, profile: string | undefined): number {
  const line = state.lines[at];
  if (line?.kind !== "header") return 0;
  const inJavaScript = javaScriptHeader(line.text);
  const { kind } = state.file;
  const isProfile = profile === undefined || profileOf(kind, line.name) === profile;
  const raw = isProfile ? line.name : inJavaScript ?? line.name;
  const name = profile === undefined ? raw : headerFor(state, line, raw, profile);
  if ((inJavaScript === line.name && name === line.name) || (profile === undefined && name.includes("]"))) return 0;
  // What one reader read as part of another section is now separate.
  if (profile === undefined || raw !== line.name) state.touched.add(line.name);
  else if (name !== line.name) state.renamed.set(line.name, name);
  const above = state.lines.slice(0, at).findLast((before) => before.kind === "header");
  if (inJavaScript === undefined && profile !== undefined) state.touched.add(headerName(above));
  state.warnings.push(`rewrote the header [${printable(raw)}] so that all AWS SDKs read it`);
  const comment = headerComment(line, raw);
  change(state, at, 1, [...comment, { text: `[${name}]`, end: line.end }]);
  return comment.length;
}

/** The plain spelling of a header, unless another one in the file has it. */
function headerFor({ file: { kind }, headers }: State, line: Line, raw: string, profile: string): string {
  if (!javaScriptFinds(kind, raw, profile)) return sectionName(kind, profile);
  const plain = plainSpelling(kind, raw, profile);
  const isTaken = headers.get(profile)?.some((other) => other !== line && headerName(other) === plain) === true;
  return plain === undefined || isTaken ? raw : plain;
}

/** Whether the JavaScript SDK finds the profile under this header, or under no header at all. */
function javaScriptFinds(kind: AwsFileKind, header: string, profile: string): boolean {
  if (!javaScriptCanRead(kind, profile)) return true;
  const section = kind === "credentials" || header === "default" ? profile : `profile.${profile}`;
  return javaScriptSection(header) === section;
}

/** The JavaScript SDK's name of the section; empty if it drops the section. */
function javaScriptSection(header: string): string {
  return readAsJavaScript(`[${header}]\nk = v`)?.keys().next().value ?? "";
}

function dedentSection(state: State, header: number): void {
  const next = sectionEnd(state.lines, header);
  // The next header too: after a key at the margin, an indented header would become part of its value.
  const lines = state.lines.slice(header, next + 1);
  if (lines.every((line) => leadingBlanks(line.text) === "" || line.kind === "continuation")) return;
  state.dedented = true;
  state.warnings.push(`removed the indentation of [${printable(headerName(state.lines[header]))}]`);
  change(state, header, lines.length, dedented(lines));
}

function findEntry(lines: readonly Line[], header: number, key: string): number | undefined {
  const at = lines.slice(header + 1, sectionEnd(lines, header))
    .findIndex((line) => line.kind === "entry" && line.key === key);
  return at < 0 ? undefined : header + 1 + at;
}

function setEntry(state: State, header: number, key: string, value: string, ours: ReadonlySet<string>): void {
  const at = findEntry(state.lines, header, key);
  const line = at === undefined ? undefined : state.lines[at];
  if (at === undefined || line === undefined) {
    const last = lastEntryLine(state.lines, header);
    const indent = siblingIndent(state.lines, header);
    // A missing final line end is kept only if that line stays the last one.
    change(state, last + 1, 0, [{ text: `${indent}${key} = ${value}`, end: state.end }]);
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
      `moved lines below line ${at + 1} to the left margin: the AWS CLI reads indented lines as part of a value`,
    );
  }
  change(state, at, whole.length, [...fresh, ...kept]);
}

/** The indentation of the section's entries; a new one must not be deeper (a continuation) or end a nested map early. */
function siblingIndent(lines: readonly Line[], header: number): string {
  const last = lines.slice(header, sectionEnd(lines, header)).findLast((line) => line.kind === "entry");
  return last === undefined ? "" : leadingBlanks(last.text);
}

function withoutEntry(lines: readonly Line[], at: number, ours: ReadonlySet<string>): readonly Line[] {
  const whole = continuationOf(lines, at);
  return spliced(lines, at, whole.length, rescued(whole, ours));
}

/**
 * The remaining lines of a replaced value. For botocore they were part of it, but keys and headers
 * for the JavaScript SDK: these are moved to the left margin, except keys that are replaced too.
 * Below an empty first line they are a nested value for both, and are removed with it.
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

/** A comment directly above the next header belongs to that header. */
function dropEmpty(state: State, header: number): void {
  const { lines } = state;
  const next = sectionEnd(lines, header);
  if (lastEntryLine(lines, header) !== header || headerComment(lines[header]).length > 0) return;
  let end = next;
  while (next < lines.length && end > header + 1 && lines[end - 1]?.kind === "comment") end--;
  const body = lines.slice(header + 1, end);
  if (body.some((line) => line.kind === "comment")) return;
  // Keep one blank line between the neighbours: the one above the section, or else the one below.
  const above = lines[header - 1];
  const keepGap = body.some((line) => line.kind === "blank") && above !== undefined && above.kind !== "blank";
  const atEnd = end === lines.length;
  const start = atEnd && above?.kind === "blank" ? header - 1 : header;
  const gap = keepGap && !atEnd ? body.filter((line) => line.kind === "blank").slice(0, 1) : [];
  change(state, start, end - start, gap);
}

// ---- the proof --------------------------------------------------------------------------------------------------------

/** The content of the file before. Undefined: that reader rejects the file. */
interface Before {
  readonly text: string;
  readonly python: Sections | undefined;
  readonly javaScript: Sections | undefined;
}

/** If Python rejects the original file, what it reads from the repaired `lines` is used. */
function* readBefore(text: string, lines: readonly Line[]): Pieces<Before> {
  const isRepaired = printIni(lines) !== text;
  const first = readAsPython(isRepaired ? yield* parsingIni(text) : lines);
  yield;
  const python = isRepaired && isRejected(first) ? readAsPython(lines) : first;
  yield;
  return { text, python: isRejected(python) ? undefined : python, javaScript: readAsJavaScript(text) };
}

/** Whether both readers find the new values in the edited profiles and the old ones everywhere else. */
function* isRight(
  file: AwsFile,
  before: Before,
  after: string,
  edits: readonly ProfileEdit[],
  { touched, renamed, dedented }: Pick<State, "touched" | "renamed" | "dedented">,
): Pieces<boolean> {
  const values = new Set(edits.flatMap((edit) => edit.set?.map(([, value]) => value) ?? []));
  const known = new Map<string, boolean>();
  const isFresh = (value: string) => {
    if (!values.has(value)) return false;
    const found = known.get(value) ?? before.text.includes(value);
    known.set(value, found);
    return !found;
  };

  const python = readAsPython(yield* parsingIni(after));
  yield;
  if (isRejected(python)) return false;
  const named = (section: string) => profileOf(file.kind, section);
  const moved = touched.size > 0;
  if (!isRightFor(python, before.python, { edits, readable: edits, touched, renamed, isFresh, named, moved })) {
    return false;
  }

  yield;
  const javaScript = readAsJavaScript(after);
  yield;
  if (javaScript === undefined) return before.javaScript === undefined;
  const readable = edits.filter((edit) => javaScriptCanRead(file.kind, edit.profile));
  return isRightFor(javaScript, before.javaScript, {
    edits,
    readable,
    touched,
    renamed: new Map([...renamed].map((headers) => headers.map(javaScriptSection) as [string, string])),
    isFresh,
    named: (section) => file.kind === "config" ? /^profile\.(.*)$/s.exec(section)?.[1] ?? named(section) : section,
    // Without indentation, what only this reader saw as nested becomes a plain key, as for botocore.
    moved: moved || dedented,
  });
}

interface Claim {
  readonly edits: readonly ProfileEdit[];
  /** The profiles that this reader can find. */
  readonly readable: readonly ProfileEdit[];
  readonly touched: ReadonlySet<string>;
  readonly renamed: ReadonlyMap<string, string>;
  /** A repair has changed which keys this reader assigns to the edited profiles; the new ones are still checked. */
  readonly moved: boolean;
  /** Whether it is a new value that was nowhere in the file before. */
  readonly isFresh: (value: string) => boolean;
  /** The profile of a section. */
  readonly named: (section: string) => string | undefined;
}

function isRightFor(after: Sections, before: Sections | undefined, claim: Claim): boolean {
  const sections = Map.groupBy(after, ([section]) => claim.named(section));
  // Use the first edit of a profile.
  const edits = new Map(claim.edits.toReversed().map((edit) => [edit.profile, edit]));
  const editOf = (section: string) => {
    const profile = claim.named(section);
    return profile === undefined ? undefined : edits.get(profile);
  };
  for (const edit of claim.readable) {
    const found = sections.get(edit.profile) ?? [];
    if ((edit.set ?? []).length > 0 && found.length === 0) return false;
    for (const [, values] of found) {
      if (edit.set?.some(([key, value]) => values.get(key) !== value)) return false;
      if (edit.unset?.some((key) => values.has(key))) return false;
    }
  }
  for (const [section, values] of before ?? []) {
    if (claim.touched.has(section)) continue;
    const edit = editOf(section);
    if (edit !== undefined && claim.moved) continue;
    const now = after.get(claim.renamed.get(section) ?? section);
    for (const [key, value] of values) {
      if (edit !== undefined && isNamed(edit, key)) continue;
      if (now?.get(key) !== value) return false;
    }
  }
  // The worst case: credentials end up in another profile.
  for (const [section, values] of after) {
    if (editOf(section) !== undefined) continue;
    for (const value of values.values()) if (claim.isFresh(value)) return false;
  }
  return true;
}

/** Whether a key is one of the edited ones in any spelling: other case, nested below it, or with `:` in it. */
function isNamed(edit: ProfileEdit, key: string): boolean {
  const first = key.toLowerCase().split(/[.:]/)[0]?.trim();
  return edit.set?.some(([name]) => name === first) === true || edit.unset?.includes(first ?? "") === true;
}
