/** How long credentials can live: what the assertion limits, and what the role does. */

import type { StsGranted, StsOutcome } from "../aws/sts.ts";
import { roughly } from "../duration.ts";
import type { Assertion } from "../saml/assertion.ts";
import type { Duration } from "../settings/settings.ts";

export const MIN_SECONDS = 900;
export const MAX_SECONDS = 43_200;
const HOUR = 3600;
/** What requests and rounding take off a lifetime. Seconds. */
const NOT_LESS = 90;

/**
 * The longest session that an assertion allows, in seconds; infinite when it sets no limit.
 *
 * @param now by AWS's clock; milliseconds since the epoch.
 */
export function assertionLimit({ sessionDuration, sessionNotOnOrAfter }: Assertion, now: number): number {
  const left = Math.floor(((sessionNotOnOrAfter ?? Infinity) - now) / 1000);
  // An end that has passed already shows that this computer's clock is wrong.
  return Math.min(sessionDuration ?? Infinity, left > 0 ? left : Infinity);
}

/** The warning that a lifetime is shorter than requested, or undefined when it is not. `whose` names the credentials. */
export function shortened(whose: string, requested: Duration, seconds: number): string | undefined {
  if (requested === "max" || seconds >= requested - NOT_LESS) return undefined;
  return `the credentials of ${whose} expire in ${roughly(seconds * 1000)}, not in the ${
    roughly(requested * 1000)
  } that were requested: OneLogin's AWS app limits the session`;
}

/** What asking AWS came to. */
export interface StsAnswer {
  readonly outcome: StsOutcome;
  /** The seconds of the request that the outcome is of. */
  readonly seconds: number;
  /** The longest session of the role, when this has shown it; seconds. */
  readonly longest?: number;
}

/**
 * Asks for `from` seconds. When the role does not allow that many, it finds the most whole hours that it does allow. AWS does
 * not report the limit, and every role allows one hour.
 *
 * @param ask for credentials that live so many seconds.
 */
export async function askForMost(from: number, ask: (seconds: number) => Promise<StsOutcome>): Promise<StsAnswer> {
  const first = await ask(from);
  if (!isTooLong(first) || from <= HOUR) return { outcome: first, seconds: from };
  let granted: StsGranted | undefined;
  let low = 1;
  let high = Math.ceil(from / HOUR);
  // Most roles have AWS's default of one hour: asking for two tells.
  for (let hours = 2; high - low > 1; hours = Math.floor((low + high) / 2)) {
    const outcome = await ask(hours * HOUR);
    if (outcome.kind === "credentials") [granted, low] = [outcome, hours];
    else if (isTooLong(outcome)) high = hours;
    else return { outcome: granted ?? outcome, seconds: granted === undefined ? hours * HOUR : low * HOUR };
  }
  const outcome = granted ?? await ask(HOUR);
  const seconds = low * HOUR;
  return outcome.kind === "credentials" ? { outcome, seconds, longest: seconds } : { outcome, seconds };
}

function isTooLong(outcome: StsOutcome): boolean {
  return outcome.kind === "refused" && outcome.cause === "duration";
}
