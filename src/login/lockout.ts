/**
 * The lockout guard across runs: what OneLogin refused is remembered for 15 minutes, so that a loop or a scheduled run
 * with a stale password stops before it locks the account. A person may go on; a run without a person may not.
 *
 * `~/.onelogin/refusals.json` holds no password and no user name: a random key, and keyed hashes of both (HMAC-SHA-256;
 * PBKDF2 for the password, since a refused password is often nearly the right one). The guard never fails a login: where
 * the file cannot be used it says so with --verbose and lets the login go on.
 */

import { joinPath } from "../io/paths.ts";
import type { Source } from "../settings/settings.ts";
import { Exit, printable, UserError } from "../errors.ts";
import { FileError, type FileLock } from "../io/deps.ts";
import { updateFile } from "../io/safe_file.ts";
import type { Identity } from "../onelogin/client.ts";
import type { Reply } from "../onelogin/replies.ts";
import { PROGRAM } from "../version.ts";
import type { Context } from "../settings/context.ts";
import { PASSWORD, USERNAME } from "./identity.ts";
import { orElse } from "./end_of_input.ts";
import { utf8 } from "../utf8.ts";

/** How long a refusal counts; milliseconds. */
const WINDOW_MS = 15 * 60_000;
/** After so many different refused passwords a run without a person posts none any more. OneLogin locks after a few. */
const MANY = 3;
/** How often a person is asked for another password. */
const MORE_TRIES = 3;
/** Some 25 ms on a laptop of 2024, spent only where there is a refusal to compare with or to write down. */
const ROUNDS = 200_000;
const MOST_RECORDS = 100;

/** Why a password should not be posted. `minutes` until that is over, `ago` since the last refusal. */
type Verdict =
  | { readonly kind: "free" }
  | { readonly kind: "same" | "locked" | "many"; readonly minutes: number; readonly ago: number };

interface Refusal {
  /** Keyed hash of account and user. */
  readonly user: string;
  /** Slow keyed hash of the password. */
  readonly password: string;
  readonly cause: "credentials" | "locked";
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Memory {
  /** Base64 of 32 random bytes; a secret. */
  readonly key: string;
  readonly refusals: readonly Refusal[];
}

/** What the guard is to look at. */
export interface GuardOptions {
  /** `all` before the first post of a run; `same` after a refusal in it, whose count the run keeps itself. */
  readonly rules: "all" | "same";
  /** Passwords that this run has posted in vain: nothing lets them through. */
  readonly spent?: (identity: Identity) => boolean;
}

/**
 * The identity to post: the given one where nothing speaks against it, else one with a password that a person typed.
 *
 * A person at a terminal may type the remembered password once more and so send it; lines from a pipe cannot, since a
 * script in a loop would.
 *
 * @throws UserError exit 9 when nobody can be asked, or the person declines.
 */
export async function guardPassword(context: Context, first: Identity, options: GuardOptions): Promise<Identity> {
  const { prompter, reporter } = context;
  let identity = first;
  for (let asked = 0;; asked++) {
    const verdict = await judge(context, identity);
    if (verdict.kind === "free" || (options.rules === "same" && verdict.kind !== "same")) return identity;
    const error = guardError(context, identity, verdict);
    if (prompter.kind === "none" || asked === MORE_TRIES) throw error;
    reporter.warn(`${error.message}; too many refused passwords lock the account`);
    if (verdict.kind !== "same") {
      if (await orElse(error, askWhether(context))) return identity;
      throw error;
    }
    const next = await orElse(error, askOther(context, identity));
    const insists = next.password === identity.password && next.username === identity.username;
    if (insists && prompter.kind === "terminal" && !options.spent?.(next)) return next;
    identity = next;
  }
}

function askWhether({ prompter }: Context): Promise<boolean> {
  return prompter.confirm({
    message: "Send the password anyway?",
    line: "Send the password anyway? (y/n) ",
    option: "running at a terminal",
    fallback: false,
  });
}

async function askOther({ prompter }: Context, identity: Identity): Promise<Identity> {
  const sends = prompter.kind === "terminal" ? "the same once more: send it anyway; " : "";
  const password = await prompter.secret({
    ...PASSWORD,
    message: `OneLogin password of ${printable(identity.username, 80)} (${sends}empty: another user)`,
    emptyAllowed: true,
  });
  if (password !== "") return { ...identity, password };
  const username = await prompter.text(USERNAME);
  return { ...identity, username, password: await prompter.secret(PASSWORD) };
}

function guardError({ settings }: Context, identity: Identity, verdict: Exclude<Verdict, { kind: "free" }>): UserError {
  const user = JSON.stringify(printable(identity.username, 80));
  const ago = verdict.ago < 1 ? "less than a minute" : minutes(verdict.ago);
  const wait = `or wait ${minutes(verdict.minutes)}, or type the password at a terminal: ${PROGRAM}`;
  const protective = (message: string, ...hint: string[]) => new UserError(message, { exit: Exit.protective, hint });
  switch (verdict.kind) {
    case "same":
      return protective(
        `will not send the password of ${user} again: OneLogin refused it ${ago} ago`,
        `${whereFrom(settings.password?.source)} before you run this again`,
        wait,
      );
    case "many":
      return protective(
        `will not send another password of ${user}: OneLogin refused at least ${MANY} different ones within ${
          minutes(WINDOW_MS / 60_000)
        }, the last ${ago} ago`,
        "make sure of the password by signing in to OneLogin in a browser",
        wait,
      );
    case "locked":
      return protective(
        `will not send a password of ${user}: OneLogin said ${ago} ago that the user is locked`,
        "ask your administrator to unlock the user",
        wait,
      );
  }
}

function minutes(count: number): string {
  const whole = Math.max(1, Math.round(count));
  return whole === 1 ? "1 minute" : `${whole} minutes`;
}

function whereFrom(source: Source | undefined): string {
  switch (source?.kind) {
    case "option":
    case "environment":
      return `correct the password in ${source.name}`;
    case "file":
      return `correct the password in ${JSON.stringify(printable(source.path))}`;
    default:
      return "correct the password";
  }
}

// --- One post at a time ---------------------------------------------------------------------------------------------

/**
 * Runs `work`, which asks the guard and posts a password, while no other run without a person does: of ten runs that
 * start at once with a stale password one posts it, and nine find it refused.
 */
export async function oneAtATime<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const lock = context.prompter.kind === "none" ? await takeTurn(context) : undefined;
  try {
    return await work();
  } finally {
    await lock?.release();
  }
}

async function takeTurn(context: Context): Promise<FileLock | undefined> {
  const { deps, settings } = context;
  const stop = new AbortController();
  const waiting = new AbortController();
  const late = new FileError("busy", settings.oneloginFolder, "another run is signing in");
  deps.clock.sleep((settings.timeout + 5) * 1000, waiting.signal).then(() => stop.abort(late), () => {});
  try {
    await deps.files.makeDir(settings.oneloginFolder, 0o700);
    const path = joinPath(deps.platform, settings.oneloginFolder, "sign_in.lock");
    return await deps.files.lock(path, AbortSignal.any([stop.signal, deps.signal]));
  } catch (error) {
    tolerate(context, error);
    return undefined;
  } finally {
    waiting.abort();
  }
}

// --- Remembering ----------------------------------------------------------------------------------------------------

/** Takes note of what OneLogin said to user and password: a refusal is remembered, an acceptance clears the user's. */
export async function noteReply(context: Context, identity: Identity, reply: Reply): Promise<void> {
  try {
    if (reply.kind === "success" || reply.kind === "mfa") await clear(context, identity);
    else if (reply.kind === "refused" && (reply.cause === "credentials" || reply.cause === "locked")) {
      await remember(context, identity, reply.cause);
    }
  } catch (error) {
    tolerate(context, error);
  }
}

async function judge(context: Context, identity: Identity): Promise<Verdict> {
  try {
    const memory = await read(context);
    const now = context.deps.clock.now();
    if (!memory?.refusals.some((each) => isLive(each, now))) return { kind: "free" };
    const user = await hashUser(memory.key, context, identity);
    const mine = memory.refusals.filter((each) => each.user === user && isLive(each, now));
    if (mine.length === 0) return { kind: "free" };
    const password = await hashPassword(memory.key, user, identity.password);
    return decide(mine, password, now);
  } catch (error) {
    tolerate(context, error);
    return { kind: "free" };
  }
}

function decide(mine: readonly Refusal[], password: string, now: number): Verdict {
  const verdict = (kind: "same" | "locked" | "many", refusals: readonly Refusal[]): Verdict => {
    const last = Math.max(...refusals.map((each) => each.at));
    const clamped = Math.min(Math.max(last + WINDOW_MS - now, 0), WINDOW_MS);
    return { kind, minutes: Math.ceil(clamped / 60_000), ago: Math.max(0, now - last) / 60_000 };
  };
  const locked = mine.filter((each) => each.cause === "locked");
  if (locked.length > 0) return verdict("locked", locked);
  const same = mine.filter((each) => each.password === password);
  if (same.length > 0) return verdict("same", same);
  return new Set(mine.map((each) => each.password)).size >= MANY ? verdict("many", mine) : { kind: "free" };
}

/**
 * Within 15 minutes to either side: a clock that was set back a little must not make a refusal count for ever, nor for
 * nothing, and one that was far ahead when the refusal came must not keep a person out for years.
 */
function isLive({ at }: Refusal, now: number): boolean {
  return Math.abs(now - at) < WINDOW_MS;
}

async function remember(context: Context, identity: Identity, cause: Refusal["cause"]): Promise<void> {
  await update(context, async ({ key }) => {
    const user = await hashUser(key, context, identity);
    const password = await hashPassword(key, user, identity.password);
    const at = context.deps.clock.now();
    return (refusals) => [
      ...refusals.filter((each) => each.user !== user || each.password !== password).slice(1 - MOST_RECORDS),
      { user, password, cause, at },
    ];
  });
}

async function clear(context: Context, identity: Identity): Promise<void> {
  if (!(await read(context))?.refusals.length) return;
  await update(context, async ({ key }) => {
    const user = await hashUser(key, context, identity);
    return (refusals) => refusals.filter((each) => each.user !== user);
  });
}

/** Hashing takes time and cannot be done under the lock, so the key is read first; a file with another key starts anew. */
async function update(
  context: Context,
  prepare: (memory: Memory) => Promise<(refusals: readonly Refusal[]) => readonly Refusal[]>,
): Promise<void> {
  const now = context.deps.clock.now();
  for (let attempt = 0; attempt < 3; attempt++) {
    const found = await read(context);
    const memory = found ?? { key: base64(crypto.getRandomValues(new Uint8Array(32))), refusals: [] };
    const change = await prepare(memory);
    let current: Memory | undefined;
    await updateFile(context.deps, pathOf(context), (old) => {
      current = decode(old);
      if (current !== undefined && current.key !== memory.key) return undefined;
      const refusals = change((current?.refusals ?? []).filter((each) => isLive(each, now)));
      return utf8(`${JSON.stringify({ key: memory.key, refusals }, null, 2)}\n`);
    });
    if (current === undefined || current.key === memory.key) return;
  }
}

async function read(context: Context): Promise<Memory | undefined> {
  return decode(await context.deps.files.read(pathOf(context)));
}

function pathOf({ deps, settings }: Context): string {
  return joinPath(deps.platform, settings.oneloginFolder, "refusals.json");
}

/** Undefined for what is not this program's: it is then written anew. */
function decode(bytes: Uint8Array | undefined): Memory | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { key, refusals } = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof key !== "string" || !/^[\w+/]{43}=$/.test(key) || !Array.isArray(refusals)) return undefined;
    return { key, refusals: refusals.flatMap(decodeRefusal) };
  } catch {
    return undefined;
  }
}

function decodeRefusal(value: unknown): readonly Refusal[] {
  if (typeof value !== "object" || value === null) return [];
  const { user, password, cause, at } = value as Readonly<Record<string, unknown>>;
  return typeof user === "string" && typeof password === "string" && typeof at === "number" && Number.isFinite(at) &&
      (cause === "credentials" || cause === "locked")
    ? [{ user, password, cause, at }]
    : [];
}

/** The guard is a help: a disk that fails must not keep a person out. Anything else is a bug, or the end of the run. */
function tolerate({ reporter }: Context, error: unknown): void {
  if (!(error instanceof UserError || error instanceof FileError)) throw error;
  reporter.detail(`refused passwords are not remembered now: ${printable(error.message)}`);
}

// --- Hashes ---------------------------------------------------------------------------------------------------------

/** OneLogin does not tell upper from lower case in user names and hosts. */
async function hashUser(key: string, { settings }: Context, { username, subdomain }: Identity): Promise<string> {
  const name = JSON.stringify([settings.oneloginUrl.value, subdomain, username.trim()]).toLowerCase();
  const hmac = await crypto.subtle.importKey("raw", unbase64(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return base64(new Uint8Array(await crypto.subtle.sign("HMAC", hmac, utf8(name))));
}

/** PBKDF2 (RFC 8018) with HMAC-SHA-256, salted with the key and the user. */
async function hashPassword(key: string, user: string, password: string): Promise<string> {
  const material = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, [
    "deriveBits",
  ]);
  const salt = utf8(`${key}:${user}`);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS },
    material,
    256,
  );
  return base64(new Uint8Array(bits));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function unbase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
