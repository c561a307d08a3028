/** Renewals for `--loop` and `serve`: waits for the next one, and repeats failed ones while the old credentials live. */

import { minutesAndSeconds } from "../duration.ts";
import { Exit, UserError } from "../errors.ts";
import { chainedDuration } from "./chain_options.ts";
import type { Context } from "../settings/context.ts";
import type { AwsChoice, Repetition } from "../settings/settings.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";

/** Milliseconds between tries of a renewal without a network. */
const RETRY_MS = [15_000, 30_000, 60_000] as const;
/** How long to try a renewal even if the old credentials have expired, as after a laptop slept; milliseconds. */
const LEAST_MS = 10 * 60_000;
/** How often to repeat a push that nobody answered, or a password post without a reply. */
const MORE_PUSHES = 1;
const MORE_POSTS = 1;

/** The credentials of a login, and how to renew them. */
export interface Renewable {
  readonly granted: readonly ProfileCredentials[];
  /** Whether a renewal needs nobody: there is a password, and no second factor. */
  readonly isSilent: boolean;
  /**
   * Signs in again, and delivers as the first time.
   *
   * @param askUser whether to ask for user and password again: the known ones were refused.
   */
  renew(context: Context, askUser: boolean): Promise<Renewable>;
}

/** When the first of these credentials expire; milliseconds since the epoch. */
export function soonestEnd(granted: readonly ProfileCredentials[]): number {
  return Math.min(...granted.map(({ credentials }) => credentials.expiration));
}

/** Warns before the first login that the credentials will expire before they are renewed. */
export function warnAboutGaps(
  { settings, reporter }: Pick<Context<Repetition & AwsChoice>, "settings" | "reporter">,
): void {
  const { time, loop } = settings;
  const seconds = chainedDuration(settings, settings.duration.value);
  if (loop.value > 1 && seconds !== "max" && seconds <= time.value * 60) {
    reporter.warn(
      `the credentials are valid for ${seconds} seconds but renewed every ${time.value} minutes, so they will expire in between; ` +
        `use a ${settings.chainRoleArn.length === 0 ? "longer --duration or a " : ""}shorter --time`,
    );
  }
}

/** Waits by the wall clock in short steps, so that a laptop renews at once after sleep. */
export async function waitForRenewal(
  { deps, settings, reporter }: Pick<Context<Repetition & AwsChoice>, "deps" | "settings" | "reporter">,
  done: number,
  rounds: number,
): Promise<void> {
  const until = deps.clock.now() + settings.time.value * 60_000;
  const text = () => `Renewal ${done} of ${rounds - 1} in ${minutesAndSeconds(until - deps.clock.now())}`;
  const progress = reporter.progress(text());
  try {
    while (deps.clock.now() < until) {
      await deps.clock.sleep(Math.min(1000, until - deps.clock.now()), deps.signal);
      progress.update(text());
    }
  } finally {
    progress.end();
  }
}

/**
 * Runs a renewal. While the old credentials live, and for at least ten minutes, network failures are tried again. A push
 * that nobody answered and a password post without a reply are tried once more: each rings a phone or counts at
 * OneLogin. A refusal or an undecided reply is not tried again.
 *
 * @param expiration of the old credentials, milliseconds since the epoch.
 */
export async function renewWhileAlive<T>(
  { deps, reporter }: Pick<Context<Repetition & AwsChoice>, "deps" | "reporter">,
  expiration: number,
  renew: () => Promise<T>,
): Promise<T> {
  const until = Math.max(expiration, deps.clock.now() + LEAST_MS);
  let pushes = 0;
  let posts = 0;
  for (let tries = 0;; tries++) {
    try {
      return await renew();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const pause = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 60_000;
      if (!mayTryAgain(error) || deps.clock.now() + pause >= until) throw error;
      reporter.warn(`${error.message}; trying again in ${pause / 1000} seconds`);
      await deps.clock.sleep(pause, deps.signal);
    }
  }

  function mayTryAgain({ exit, cause }: UserError): boolean {
    if (cause === "push-timeout") return pushes++ < MORE_PUSHES;
    if (cause === "password-unanswered") return posts++ < MORE_POSTS;
    return exit === Exit.unavailable && cause !== "undecided";
  }
}
