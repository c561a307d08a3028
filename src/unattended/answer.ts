/** Credentials without prompts: from the cache while they live, else by a login that needs no answer. */

import { serviceNow } from "../io/clock.ts";
import type { AwsChoice, OneLoginSettings } from "../settings/settings.ts";
import { Exit, UserError, withHints } from "../errors.ts";
import { PROGRAM } from "../version.ts";
import type { Context } from "../settings/context.ts";
import { type CachedCredentials, findCached, type Found } from "../store/credentials_cache.ts";
import { type Subject, subjectOf } from "../store/subject.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";

/**
 * Credentials with less time left are renewed before they are returned: botocore asks again when fewer than 15 minutes
 * are left, and would do so at once. Milliseconds.
 */
const MARGIN_MS = 15 * 60_000;
/** With less time left, credentials are useless. Milliseconds. */
export const LAST_MS = 60_000;

/** Whether to renew credentials: in their last 15 minutes, or the last third of a short lifetime. */
export function isDue({ granted, obtained }: CachedCredentials, now: number): boolean {
  return now >= dueAt(granted.credentials.expiration, obtained, MARGIN_MS);
}

/** When to renew: this long before the end, or in the last third of a short lifetime. All in milliseconds. */
export function dueAt(expiration: number, obtained: number, marginMs: number): number {
  return expiration - Math.min(marginMs, (expiration - obtained) / 3);
}

/** Whether credentials can still be returned if there are no others. */
export function isUsable({ granted }: CachedCredentials, now: number): boolean {
  return granted.credentials.expiration - now > LAST_MS;
}

/** The login that needs no answer; `before` is the cached entry. */
type Renew = (context: Context, subject: Subject, before: Found) => Promise<RoleCredentials>;

/**
 * Credentials of a profile, without a question and, while the cached ones live, without a request. Credentials close to
 * their end are returned if they cannot be renewed.
 *
 * @throws UserError exit 8 when a user is needed; else with the exit code of the failed step. The command that
 * helps is the last hint.
 */
export async function unattendedCredentials(context: Context, profile: string, renew: Renew): Promise<RoleCredentials> {
  const { deps, settings, reporter } = context;
  const subject = subjectOf(settings, profile);
  const found = await findCached(context, subject);
  const cached = found.kind === "found" ? found.cached : undefined;
  if (cached && !settings.force && !isDue(cached, serviceNow(deps))) {
    reporter.detail(`serving cached credentials of ${cached.granted.assumedRoleArn}`);
    return cached.granted;
  }
  try {
    return await renew(context, subject, found);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const now = serviceNow(deps);
    if (!cached || settings.force || !isUsable(cached, now)) throw await withCommand(error, settings, profile);
    const seconds = Math.round((cached.granted.credentials.expiration - now) / 1000);
    reporter.detail(`${error.message}; serving the cached credentials, which expire in ${seconds} s`);
    return cached.granted;
  }
}

async function withCommand(
  error: UserError,
  settings: OneLoginSettings & AwsChoice,
  profile: string,
): Promise<UserError> {
  // A login does not fix a wrong file or option.
  if (error.exit === Exit.usage) return error;
  const { sameChoices } = await import("./same_choices.ts");
  return withHints(error, [...error.hints, `run: ${PROGRAM} ${sameChoices(settings, profile)}`]);
}
