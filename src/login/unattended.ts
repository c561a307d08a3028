/**
 * Credentials where nobody can be asked: from the cache while they live, else by a login in which no question arises. The
 * login itself is loaded when it is needed; most runs serve from the cache.
 */

import { Exit, UserError } from "../errors.ts";
import { PROGRAM } from "../version.ts";
import type { Context } from "./context.ts";
import type { Granted } from "./grant.ts";
import { type CachedCredentials, findCached, subjectOf } from "./process_cache.ts";

/**
 * Credentials with less time left are renewed before they are handed out: botocore asks again when fewer than 15 minutes
 * are left, and would do so at once. Milliseconds.
 */
const MARGIN_MS = 15 * 60_000;
/** With less time left, credentials are of no use to anybody any more. Milliseconds. */
const LAST_MS = 60_000;

/** Whether credentials are to be renewed: in their last 15 minutes, or the last third of a short life. */
export function isDue({ granted, obtained }: CachedCredentials, now: number): boolean {
  const { expiration } = granted.credentials;
  return expiration - now <= Math.min(MARGIN_MS, (expiration - obtained) / 3);
}

/**
 * Credentials of a profile, without a question and, while the cached ones live, without a request. Those that are near
 * their end are handed out where they cannot be renewed.
 *
 * @throws UserError exit 8 when a person is needed; else with the exit code of the step that failed. The command that
 * helps is the last hint.
 */
export async function unattendedCredentials(context: Context, profile: string): Promise<Granted> {
  const { deps, settings, reporter } = context;
  const subject = subjectOf(settings, profile);
  const found = await findCached(context, subject);
  const cached = found.kind === "found" ? found.cached : undefined;
  const left = () => (cached?.granted.credentials.expiration ?? 0) - deps.clock.now();
  if (cached && !isDue(cached, deps.clock.now())) {
    reporter.detail(`serving cached credentials of ${cached.granted.assumedRoleArn}`);
    return cached.granted;
  }
  try {
    const { renewUnattended } = await import("./renew_unattended.ts");
    return await renewUnattended(context, subject, found);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (!cached || left() <= LAST_MS) throw withCommand(error, profile);
    reporter.detail(`${error.message}; serving the cached credentials, which live ${Math.round(left() / 1000)} s more`);
    return cached.granted;
  }
}

function withCommand(error: UserError, profile: string): UserError {
  const command = `run: ${PROGRAM} --profile ${shellWord(profile)}`;
  const hint = error.exit === Exit.usage || error.hints.includes(command) ? error.hints : [...error.hints, command];
  return new UserError(error.message, { exit: error.exit, hint, cause: error.cause });
}

function shellWord(text: string): string {
  return /^[\w.@:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
