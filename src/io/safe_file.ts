/**
 * Replaces a file so that every reader sees the old bytes or the new bytes, never anything else, and no two runs of
 * this program undo each other's changes: lock, read, edit, write a temporary file, flush, check again, rename.
 */

import { Exit, lowerFirst, printable, UserError } from "../errors.ts";
import { type Clock, FileError, type FileFacts, type FileLock, type Files, MAX_FILE_BYTES } from "./deps.ts";
import { folderOf, linkTarget, LOCK_SUFFIX, lookAt, lookAtLink, makeFolder, TEMP_SUFFIX } from "./paths.ts";
import { checkOwner, othersCanWrite } from "./read_file.ts";

/** What {@linkcode updateFile} needs from outside. */
export interface SafeFileDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export interface UpdateOptions {
  /** Called once when the lock is not free within a second, with the path of the lock. */
  readonly onWait?: (lockPath: string) => void;
  /** Does everything except the last step: locks, edits, writes a temporary file, and removes it again. */
  readonly rehearse?: boolean;
}

export interface Updated {
  /** The file that was written: the target if `path` is a symlink. */
  readonly path: string;
  /** False when the edit changed nothing; nothing was written then. */
  readonly changed: boolean;
  /** The old permission bits, if group or others could use the file. The new file is for its owner alone. */
  readonly looseMode?: number;
}

/** Maps the old bytes of a file to the new ones. */
type Bytes = Uint8Array<ArrayBuffer> | undefined;
type Edit = (old: Bytes) => Bytes | Promise<Bytes>;

/** The result for one file. */
export interface Update {
  readonly path: string;
  readonly edit: Edit;
}

const LOCK_ANNOUNCE_S = 1;
const LOCK_GIVE_UP_S = 15;
/** How often an edit is repeated when other programs keep rewriting the file. */
const MAX_EDITS = 8;
const SETTLE_MS = 100;
const MAX_SETTLES = 10;
const MAX_LINKS = 16;
const FOLDER_TRIES = 10;
const RENAME_TRIES = 10;
const RENAME_PAUSE_MS = 50;

/**
 * Replaces the file `path` with the result of `edit` (its argument is undefined if there is no file; returning undefined leaves
 * everything unchanged). `edit` may run several times: again whenever the file changed meanwhile.
 *
 * A symlink stays and its target is replaced; a missing folder is created 0700. The new file is private to its owner from
 * the start, whatever bits the old one had. A file that another user owns or can replace is refused. A file that is
 * a mount point cannot be replaced: it is written in place, and its old bytes are restored if that fails.
 * Throws {@linkcode UserError} with exit 2 when the file cannot be written (it is unchanged then), exit 9 when the
 * lock stays taken for 15 seconds, and whatever `edit` throws.
 */
export async function updateFile(
  deps: SafeFileDeps,
  path: string,
  edit: Edit,
  options: UpdateOptions = {},
): Promise<Updated> {
  const [updated] = await updateFiles(deps, [{ path, edit }], options);
  if (updated === undefined) throw new Error("an update came to nothing");
  return updated;
}

/**
 * The same for several files, all or none: each is locked, edited and written to a temporary file before the first one is
 * replaced. If a replacement fails after another one succeeded, the error names the file already written.
 */
export async function updateFiles(
  deps: SafeFileDeps,
  updates: readonly Update[],
  options: UpdateOptions = {},
): Promise<readonly Updated[]> {
  const opened: Opened[] = [];
  try {
    for (const update of updates) opened.push(await open(deps, update, opened, options));
    return await replace(deps, opened, options.rehearse === true);
  } finally {
    for (const { close } of opened.toReversed()) await close();
  }
}

interface Opened extends Update {
  readonly target: string;
  readonly close: () => Promise<void>;
}

/** Locks a file. */
async function open(
  deps: SafeFileDeps,
  update: Update,
  others: readonly Opened[],
  { onWait, rehearse }: UpdateOptions,
): Promise<Opened> {
  const { files } = deps;
  const { path } = update;
  let target = path;
  const undo: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    const way = await followLinks(files, path);
    target = way.target;
    if (others.some((other) => other.target === target)) {
      throw new FileError("other", target, "it is the credentials file and the config file at once");
    }
    let lock: FileLock | undefined;
    for (let tries = 1; lock === undefined; tries++) {
      const made = await makeFolderOf(files, target);
      if (rehearse === true) undo.push(() => removeFolders(files, made));
      lock = await takeLock(deps, `${target}${LOCK_SUFFIX}`, onWait).catch((error) => {
        // The rehearsal of another run has just removed the folder that it had created.
        if (error instanceof FileError && error.kind === "missing" && tries < FOLDER_TRIES) return undefined;
        throw error;
      });
    }
    const { release } = lock;
    undo.push(() => release());
    // Left by a killed run. Nobody else uses it: the lock is ours.
    await files.remove(`${target}${TEMP_SUFFIX}`);
    await refuseForeign(files, way);
    return { ...update, target, close };
  } catch (error) {
    await close();
    throw inWords(path, target, error);
  }
}

function inWords(path: string, target: string, error: unknown): unknown {
  return error instanceof FileError ? cannotWrite(path, target, error) : error;
}

/**
 * Refuses what {@linkcode updateFile} would refuse, so that the user learns it before entering a password.
 *
 * @throws UserError exit 2.
 */
export async function checkWritable(files: Files, path: string): Promise<void> {
  let target = path;
  try {
    const way = await followLinks(files, path);
    target = way.target;
    const found = await files.stat(target);
    if (found !== undefined && found.kind !== "file") throw notAFile(target, found);
    if ((found?.size ?? 0) > MAX_FILE_BYTES) throw new FileError("other", target, TOO_LARGE);
    // This program creates a missing folder.
    if (await files.stat(folderOf(target)).catch(blockedIs(undefined)) !== undefined) await refuseForeign(files, way);
  } catch (error) {
    // Another run is writing it right now; the write checks again.
    if (error instanceof FileError && error.kind === "exists") return;
    throw error instanceof FileError ? cannotWrite(path, target, error) : error;
  }
}

/** The end of a chain of symlinks. */
interface Way {
  /** The file that is really meant. */
  readonly target: string;
  readonly links: readonly { readonly path: string; readonly facts: FileFacts }[];
}

/**
 * Refuses a file, folder or symlink of another user: they could read what is written, or choose where it goes. What
 * root owns is trusted, since root can do that anyway. A run as root treats the owner of the folder as the
 * user it works for.
 */
async function refuseForeign(files: Files, { target, links }: Way): Promise<void> {
  const me = await files.user(`${target}${TEMP_SUFFIX}`);
  if (me === undefined) return;
  const folder = folderOf(target);
  const folderFacts = await files.stat(folder).catch(blockedIs(undefined));
  const trusted = [me, 0, ...(me === 0 ? [folderFacts?.owner] : [])];
  const refuse = (path: string, what: string, hint: string) => {
    throw new FileError("foreign", path, what, hint);
  };
  const refuseOwner = (path: string, what: string, { owner }: FileFacts) => {
    if (owner === undefined || trusted.includes(owner)) return;
    refuse(path, `the ${what} "${printable(path)}" belongs to another user (user id ${owner})`, otherFile(path));
  };
  for (const { path, facts } of links) {
    refuseOwner(path, "symlink", facts);
    const around = await files.stat(folderOf(path)).catch(blockedIs(undefined));
    if (around !== undefined && isOpen(around)) {
      refuse(folderOf(path), othersCanChange(folderOf(path)), close(folderOf(path)));
    }
  }
  if (folderFacts !== undefined) {
    refuseOwner(folder, "folder", folderFacts);
    if (isOpen(folderFacts)) refuse(folder, othersCanChange(folder), close(folder));
  }
  const found = await files.lstat(target);
  if (found !== undefined) refuseOwner(target, "file", found);
}

/** Whether other users can replace what is in a folder. */
function isOpen(facts: FileFacts): boolean {
  return facts.sticky !== true && othersCanWrite(facts);
}

function othersCanChange(folder: string): string {
  return `other users can change what is in "${printable(folder)}"`;
}

function close(folder: string): string {
  return `make the folder writable for you alone, or choose a file elsewhere with --file: chmod go-w "${
    printable(folder)
  }"`;
}

function otherFile(path: string): string {
  return `choose another file with --file, or check the owner: ${lookAt(path)}`;
}

/**
 * The end of the chain of symlinks of `path`, or `path` itself. A link to a file that
 * does not exist yet gives that file. Throws {@linkcode FileError} for a loop.
 */
export async function resolveTarget(files: Files, path: string): Promise<string> {
  return (await followLinks(files, path)).target;
}

async function followLinks(files: Files, path: string): Promise<Way> {
  const links: { readonly path: string; readonly facts: FileFacts }[] = [];
  let current = path;
  while (links.length <= MAX_LINKS) {
    const facts = await files.lstat(current);
    if (facts?.kind !== "symlink") {
      return { target: links.length === 0 ? current : await files.realPath(current) ?? current, links };
    }
    links.push({ path: current, facts });
    // Relative to the real folder of the link, which differs from the typed one behind a linked folder.
    const folder = await files.realPath(folderOf(current)).catch(blockedIs(undefined)) ?? folderOf(current);
    current = linkTarget(folder, await files.readLink(current));
  }
  throw new FileError("other", path, "too many levels of symbolic links");
}

/** The sandbox grants single names beside an explicitly named file; `value` replaces what it hides. */
function blockedIs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof FileError && error.kind === "blocked") return value;
    throw error;
  };
}

/** The created folders, innermost first. */
async function makeFolderOf(files: Files, target: string): Promise<readonly string[]> {
  const missing: string[] = [];
  let folder = folderOf(target);
  while (!await files.stat(folder).then((found) => found !== undefined, blockedIs(true))) {
    missing.push(folder);
    if (folderOf(folder) === folder) break;
    folder = folderOf(folder);
  }
  if (missing[0] !== undefined) await files.makeDir(missing[0], 0o700);
  return missing;
}

async function removeFolders(files: Files, folders: readonly string[]): Promise<void> {
  // Keep a folder that is not empty any more.
  for (const folder of folders) await files.remove(folder).catch(() => {});
}

/**
 * Count sleeps, not wall time: a laptop that
 * wakes up has a clock that jumped, and that must not end a wait that has just begun.
 */
async function takeLock(deps: SafeFileDeps, path: string, onWait: UpdateOptions["onWait"]): Promise<FileLock> {
  const { files, clock, signal } = deps;
  const stop = new AbortController();
  const forward = () => stop.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", forward, { once: true });
  const busy = new UserError(`cannot get the lock "${printable(path)}": another run has had it for 15 seconds`, {
    exit: Exit.protective,
    hint: "end the other onelogin-aws-assume-role, then run this again; the lock of a dead run frees itself, " +
      "on a network folder without locks after 10 minutes",
  });
  const sleeping = new AbortController();
  const wait = async (): Promise<undefined> => {
    for (let second = 1; second <= LOCK_GIVE_UP_S; second++) {
      await clock.sleep(1000, sleeping.signal);
      await files.lstat(path).catch(() => {});
      if (sleeping.signal.aborted) return;
      if (second === LOCK_ANNOUNCE_S) onWait?.(path);
    }
    if (!sleeping.signal.aborted) stop.abort(busy);
  };
  const waiting = wait().catch((error) => {
    if (!sleeping.signal.aborted) stop.abort(error);
  });
  try {
    return await files.lock(path, stop.signal);
  } finally {
    signal?.removeEventListener("abort", forward);
    sleeping.abort();
    await waiting;
  }
}

async function replace(
  deps: SafeFileDeps,
  opened: readonly Opened[],
  rehearse: boolean,
): Promise<readonly Updated[]> {
  const { files } = deps;
  const discard = async (all: readonly Opened[]) => {
    for (const { target } of all) await files.remove(`${target}${TEMP_SUFFIX}`);
  };
  for (let attempt = 0; attempt < MAX_EDITS; attempt++) {
    const prepared: Prepared[] = [];
    let isReady: boolean;
    try {
      deps.signal?.throwIfAborted();
      for (const each of opened) prepared.push(await prepare(deps, each, rehearse));
      deps.signal?.throwIfAborted();
      isReady = await areUnchanged(files, prepared);
    } catch (error) {
      await discard(opened).catch(() => {});
      throw error;
    }
    if (isReady && !rehearse) await putAll(deps, prepared);
    // Otherwise another program, which ignores our lock, wrote a file: its change must survive.
    else await discard(opened);
    if (isReady) {
      return prepared.map(({ target, next, found }) => ({
        path: target,
        changed: next !== undefined,
        ...loose(found?.mode),
      }));
    }
  }
  const names = opened.map(({ target }) => `"${printable(target)}"`).join(" and ");
  throw new UserError(`cannot write ${names}: another program keeps changing ${opened.length > 1 ? "them" : "it"}`, {
    exit: Exit.protective,
    hint: "the file contains what the other program wrote; run this again when that program has finished",
  });
}

/** A file and its replacement, written to a temporary file. */
interface Prepared {
  readonly path: string;
  readonly target: string;
  readonly old: Bytes;
  readonly found: FileFacts | undefined;
  /** Undefined: nothing is to be written. */
  readonly next: { readonly bytes: Uint8Array<ArrayBuffer>; readonly made: FileFacts } | undefined;
}

async function prepare(deps: SafeFileDeps, { path, target, edit }: Opened, rehearse: boolean): Promise<Prepared> {
  const { files } = deps;
  const temp = `${target}${TEMP_SUFFIX}`;
  try {
    const { bytes: old, found } = await readSettled(deps, target);
    const bytes = await edit(old);
    if (bytes === undefined || old !== undefined && sameBytes(old, bytes)) {
      return { path, target, old, found, next: undefined };
    }
    // A file that cannot be replaced must be writable in place.
    if (rehearse && old !== undefined && await files.isMounted(target, temp)) await files.overwrite(target, undefined);
    // Private to the owner from the start: others must not be able to read a key for an instant.
    const made = await files.createNew(temp, bytes, (found?.mode ?? 0o600) & 0o700);
    return { path, target, old, found, next: { bytes, made } };
  } catch (error) {
    throw inWords(path, target, error);
  }
}

async function areUnchanged(files: Files, prepared: readonly Prepared[]): Promise<boolean> {
  for (const { path, target, old, next } of prepared) {
    if (next === undefined) continue;
    const now = await files.read(target).catch((error) => {
      throw inWords(path, target, error);
    });
    if (!sameBytes(old, now)) return false;
  }
  return true;
}

/** Replaces the files one after the other. */
async function putAll(deps: SafeFileDeps, prepared: readonly Prepared[]): Promise<void> {
  const written: string[] = [];
  for (const [index, each] of prepared.entries()) {
    try {
      if (!await put(deps, each)) continue;
    } catch (error) {
      for (const { target } of prepared.slice(index + 1)) {
        await deps.files.remove(`${target}${TEMP_SUFFIX}`).catch(() => {});
      }
      const worded = inWords(each.path, each.target, error);
      if (written.length === 0 || !(worded instanceof UserError)) throw worded;
      throw new UserError(`${worded.message}; ${written.join(" and ")} has already been written`, {
        exit: worded.exit,
        hint: worded.hints,
        cause: worded.cause,
      });
    }
    written.push(`"${printable(each.path)}"`);
  }
}

async function put(deps: SafeFileDeps, { target, old, next }: Prepared): Promise<boolean> {
  const { files } = deps;
  if (next === undefined) return false;
  const temp = `${target}${TEMP_SUFFIX}`;
  try {
    await refuseSwapped(files, temp, next.made);
    await rename(deps, temp, target);
  } catch (error) {
    await files.remove(temp).catch(() => {});
    if (!(error instanceof FileError) || error.kind !== "busy" || old === undefined) throw error;
    if (!await files.isMounted(target, temp)) throw error;
    await writeInPlace(files, target, old, next.bytes);
    return true;
  }
  await refuseSwapped(files, target, next.made);
  await files.syncDir(folderOf(target));
  return true;
}

/** A reader may see half of it for a moment: a mount point allows no other way. */
async function writeInPlace(
  files: Files,
  target: string,
  old: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    await files.overwrite(target, bytes);
  } catch (error) {
    try {
      if (!sameBytes(old, await files.read(target))) await files.overwrite(target, old);
    } catch {
      const kept = `${target}${TEMP_SUFFIX}`;
      const isKept = await files.createNew(kept, old, 0o600).then(() => true, () => false);
      throw new UserError(
        `cannot write "${printable(target)}", and its old content could not be restored${
          isKept ? `: it is in "${printable(kept)}"` : ""
        }`,
        { exit: Exit.usage, hint: isKept ? `copy it now: cp "${kept}" "${target}"` : "restore it from a backup" },
      );
    }
    throw error;
  }
}

/**
 * The bytes of a file that is not being written. The AWS CLI rewrites in place (truncate, then write): a
 * file that is empty or ends within a line is read again until it stays the same.
 */
async function readSettled(
  deps: SafeFileDeps,
  target: string,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> | undefined; readonly found: FileFacts | undefined }> {
  const { files, clock, signal } = deps;
  let last: Uint8Array<ArrayBuffer> | undefined;
  for (let settles = 0;; settles++) {
    const found = await files.stat(target);
    if (found !== undefined && found.kind !== "file") {
      throw notAFile(target, found);
    }
    const bytes = await files.read(target);
    const whole = bytes === undefined || bytes.at(-1) === 0x0a;
    const recent = found?.modified !== undefined && deps.clock.now() - found.modified < 2000;
    if (whole || !recent || (settles > 0 && sameBytes(last, bytes)) || settles >= MAX_SETTLES) return { bytes, found };
    last = bytes;
    await clock.sleep(SETTLE_MS, signal);
  }
}

function notAFile(path: string, { kind }: FileFacts): FileError {
  return new FileError(kind === "directory" ? "directory" : "other", path, "not a regular file");
}

/** Anyone who can change the folder may have replaced the file. It is never changed by name. */
async function refuseSwapped(files: Files, path: string, made: FileFacts): Promise<void> {
  const found = await files.lstat(path);
  // A removed file's inode number is reused.
  if (made.id === undefined) return;
  if (found?.kind === "file" && found.id === made.id && found.owner === made.owner) return;
  throw new UserError(`cannot write "${printable(path)}": another user or program replaced it`, {
    exit: Exit.protective,
    hint: `check who can change the folder: ${lookAt(folderOf(path))}`,
  });
}

/** Virus scanners on Windows keep a file open for a moment after it was written. */
async function rename(deps: SafeFileDeps, from: string, to: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await deps.files.rename(from, to);
    } catch (error) {
      if (!(error instanceof FileError) || error.kind !== "busy" || attempt >= RENAME_TRIES) throw error;
      await deps.clock.sleep(RENAME_PAUSE_MS, deps.signal);
    }
  }
}

const TOO_LARGE = `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`;

function loose(mode: number | undefined): { readonly looseMode?: number } {
  return mode !== undefined && (mode & 0o077) !== 0 ? { looseMode: mode } : {};
}

export function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.length !== b.length) return false;
  const [left, right] = [wordsOf(a), wordsOf(b)];
  const words = Math.min(left.length, right.length);
  for (let at = 0; at < words; at++) if (left[at] !== right[at]) return false;
  for (let at = words * 4; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Four bytes at a time, if they lie so that this is possible: a file may have megabytes. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return byteOffset % 4 === 0 ? new Uint32Array(buffer, byteOffset, length >> 2) : new Uint32Array();
}

/** One sentence per cause; the file is always unchanged, because only a rename changes it. */
function cannotWrite(path: string, target: string, error: FileError): UserError {
  const at = `cannot write "${printable(path)}"`;
  const unchanged = "the file is unchanged";
  const beside = error.path === path ? "" : ` ("${printable(error.path)}")`;
  const say = (reason: string, hint: string) =>
    new UserError(`${at}: ${reason}; ${unchanged}`, { exit: Exit.usage, hint, cause: error });
  switch (error.kind) {
    case "full":
      return say("the disk or a quota is full", "free some space, then run this again");
    case "read-only":
      return say("the file system is read-only", "choose a file on another disk: --file PATH");
    case "denied":
      return say(
        `permission denied${beside}`,
        checkOwner(culprit(target, error)),
      );
    case "directory":
      return say(`"${printable(error.path)}" is a folder`, "choose a file: --file PATH");
    case "blocked":
      return say(
        `the sandbox of this program does not allow "${printable(error.path)}"`,
        "choose the file itself: --file PATH; only ~/.aws, ~/.onelogin and explicitly chosen files may be written",
      );
    case "busy":
      return say(`another program has it open${beside}`, "close the other program, then run this again");
    case "foreign":
      return say(error.message, error.hint ?? checkOwner(error.path));
    case "missing": {
      const folder = printable(folderOf(error.path));
      if (/^[A-Za-z]:\\$/.test(folder)) {
        return say(`there is no drive "${folder}"`, "choose a file on another drive: --file PATH");
      }
      const link = path === target ? "" : `, or correct the link: ${lookAtLink(path)}`;
      return say(`the folder "${folder}" does not exist`, `create it: ${makeFolder(folder)}${link}`);
    }
    case "exists":
    case "other":
      return say(`${printable(lowerFirst(error.message))}${beside}`, checkOwner(path));
  }
}

/** The path whose permissions are the cause: the file itself if unreadable, else its folder. */
function culprit(target: string, { path }: FileError): string {
  return path === target ? target : folderOf(path);
}
