/**
 * Passwords that OneLogin refused in the last 15 minutes, kept across runs for the lockout guard.
 *
 * `~/.onelogin/refusals.json` contains no password and no user name: a random key, and keyed hashes of both (HMAC-SHA-256;
 * PBKDF2 for the password, since a refused password is often nearly the right one). It never fails a login: if the file
 * cannot be used, --verbose reports it and the login continues.
 */

import { printable, UserError } from "../errors.ts";
import { FileError } from "../io/deps.ts";
import { updateFile } from "../io/safe_file.ts";
import { isJsonObject, jsonLines, parseObject } from "../json_object.ts";
import type { Identity } from "../onelogin/client.ts";
import type { Reply } from "../onelogin/replies.ts";
import type { Context } from "../settings/context.ts";
import type { OneLoginSettings, Places } from "../settings/settings.ts";
import { utf8 } from "../utf8.ts";
import { storePaths } from "./names.ts";

/** Whose passwords they are, and where they are kept. */
type SignIn = Context<OneLoginSettings & Places>;

/** How long a refusal counts; milliseconds. */
export const REFUSAL_WINDOW_MS = 15 * 60_000;
/** After this many different refused passwords, none is posted. OneLogin locks an account after a few. */
export const MOST_REFUSED = 3;
/** About 25 ms on a laptop of 2024, needed only if there is a refusal to compare or to record. */
const ROUNDS = 200_000;
const MOST_RECORDS = 100;

/** Whether a password may be posted. `minutes` until it may, `ago` minutes since the last refusal. */
export type Verdict =
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

/** Records OneLogin's answer to a password: a refusal is remembered, a success clears the user's refusals. */
export async function noteReply(context: SignIn, identity: Identity, reply: Reply): Promise<void> {
  try {
    if (reply.kind === "success" || reply.kind === "mfa") await clear(context, identity);
    else if (reply.kind === "refused" && (reply.cause === "credentials" || reply.cause === "locked")) {
      await remember(context, identity, reply.cause);
    }
  } catch (error) {
    tolerateFailure(context, error);
  }
}

/** What the refusals of the last 15 minutes mean for posting this password. */
export async function judgePassword(context: SignIn, identity: Identity): Promise<Verdict> {
  try {
    const memory = await read(context);
    const now = context.deps.clock.now();
    if (!memory?.refusals.some((each) => isLive(each, now))) return { kind: "free" };
    const user = await hashUser(memory.key, context, identity);
    const mine = memory.refusals.filter((each) => each.user === user && isLive(each, now));
    if (mine.length === 0) return { kind: "free" };
    const password = await hashPassword(memory.key, user, identity.password, context.deps.hashRounds);
    return decide(mine, password, now);
  } catch (error) {
    tolerateFailure(context, error);
    return { kind: "free" };
  }
}

function decide(mine: readonly Refusal[], password: string, now: number): Verdict {
  const verdict = (kind: "same" | "locked" | "many", refusals: readonly Refusal[]): Verdict => {
    const last = Math.max(...refusals.map((each) => each.at));
    const clamped = Math.min(Math.max(last + REFUSAL_WINDOW_MS - now, 0), REFUSAL_WINDOW_MS);
    return { kind, minutes: Math.ceil(clamped / 60_000), ago: Math.max(0, now - last) / 60_000 };
  };
  const locked = mine.filter((each) => each.cause === "locked");
  if (locked.length > 0) return verdict("locked", locked);
  const same = mine.filter((each) => each.password === password);
  if (same.length > 0) return verdict("same", same);
  return new Set(mine.map((each) => each.password)).size >= MOST_REFUSED ? verdict("many", mine) : { kind: "free" };
}

/**
 * Within 15 minutes to either side: a clock that was set back a little must not make a refusal count for ever, or not
 * at all, and one that was far ahead at the refusal must not lock a user out for years.
 */
function isLive({ at }: Refusal, now: number): boolean {
  return Math.abs(now - at) < REFUSAL_WINDOW_MS;
}

async function remember(context: SignIn, identity: Identity, cause: Refusal["cause"]): Promise<void> {
  await update(context, async ({ key }) => {
    const user = await hashUser(key, context, identity);
    const password = await hashPassword(key, user, identity.password, context.deps.hashRounds);
    const at = context.deps.clock.now();
    return (refusals) => [
      ...refusals.filter((each) => each.user !== user || each.password !== password).slice(1 - MOST_RECORDS),
      { user, password, cause, at },
    ];
  });
}

async function clear(context: SignIn, identity: Identity): Promise<void> {
  if (!(await read(context))?.refusals.length) return;
  await update(context, async ({ key }) => {
    const user = await hashUser(key, context, identity);
    return (refusals) => refusals.filter((each) => each.user !== user);
  });
}

/** Hashing takes time and cannot be done under the lock, so the key is read first; a file with another key starts again. */
async function update(
  context: SignIn,
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
      return utf8(jsonLines({ key: memory.key, refusals }));
    });
    if (current === undefined || current.key === memory.key) return;
  }
}

async function read(context: SignIn): Promise<Memory | undefined> {
  return decode(await context.deps.files.read(pathOf(context)));
}

function pathOf({ deps, settings }: SignIn): string {
  return storePaths(deps.platform, settings).refusals;
}

/** Undefined for another kind of file, which is then replaced. */
function decode(bytes: Uint8Array | undefined): Memory | undefined {
  const { key, refusals } = parseObject(bytes);
  if (typeof key !== "string" || !/^[\w+/]{43}=$/.test(key) || !Array.isArray(refusals)) return undefined;
  return { key, refusals: refusals.flatMap(decodeRefusal) };
}

function decodeRefusal(value: unknown): readonly Refusal[] {
  if (!isJsonObject(value)) return [];
  const { user, password, cause, at } = value;
  return typeof user === "string" && typeof password === "string" && typeof at === "number" && Number.isFinite(at) &&
      (cause === "credentials" || cause === "locked")
    ? [{ user, password, cause, at }]
    : [];
}

/** A failing disk must not lock a user out. Any other error is a bug, or the end of the run. */
function tolerateFailure({ reporter }: SignIn, error: unknown): void {
  if (!(error instanceof UserError || error instanceof FileError)) throw error;
  reporter.detail(`refused passwords cannot be remembered now: ${printable(error.message)}`);
}

// --- Hashes ---------------------------------------------------------------------------------------------------------

/** OneLogin ignores case in user names and hosts. */
async function hashUser(key: string, { settings }: SignIn, { username, subdomain }: Identity): Promise<string> {
  const name = JSON.stringify([settings.oneloginUrl.value, subdomain, username.trim()]).toLowerCase();
  const hmac = await crypto.subtle.importKey("raw", unbase64(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return base64(new Uint8Array(await crypto.subtle.sign("HMAC", hmac, utf8(name))));
}

/** PBKDF2 (RFC 8018) with HMAC-SHA-256, salted with the key and the user. */
async function hashPassword(key: string, user: string, password: string, rounds = ROUNDS): Promise<string> {
  const material = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveBits"]);
  const salt = utf8(`${key}:${user}`);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds },
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
