/** `--loop`: waiting for the next renewal, and what is tried again while the old credentials live. */

import { minutesAndSeconds } from "../duration.ts";
import { Exit, UserError } from "../errors.ts";
import { chainedSeconds } from "./chain_wish.ts";
import type { Context } from "./context.ts";

/** Milliseconds between tries of a renewal that found no network. */
const RETRY_MS = [15_000, 30_000, 60_000] as const;
/** A second factor that nobody answered is tried again this often: each try rings a phone. */
const MORE_FACTORS = 1;

/** Says before the first login that the credentials will be over before they are renewed. */
export function warnAboutGaps({ settings, reporter }: Pick<Context, "settings" | "reporter">): void {
  const { time, loop } = settings;
  const seconds = chainedSeconds(settings, settings.duration.value);
  if (loop.value > 1 && seconds <= time.value * 60) {
    reporter.warn(
      `the credentials live ${seconds} seconds and are renewed every ${time.value} minutes: they will be over before; ` +
        `give a ${settings.chainRoleArn.length === 0 ? "longer --duration or a " : ""}shorter --time`,
    );
  }
}

/** Waits by the wall clock in short steps, so that a laptop that slept renews at once when it wakes. */
export async function waitForRenewal(
  { deps, settings, reporter }: Pick<Context, "deps" | "settings" | "reporter">,
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
 * Runs a renewal. While the old credentials live, a network that fails is tried again, and a second factor that nobody
 * answered once more. What OneLogin or AWS refused is not tried again.
 *
 * @param expiration of the old credentials, milliseconds since the epoch.
 */
export async function renewWhileAlive<T>(
  { deps, reporter }: Pick<Context, "deps" | "reporter">,
  expiration: number,
  renew: () => Promise<T>,
): Promise<T> {
  let factors = 0;
  for (let tries = 0;; tries++) {
    try {
      return await renew();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const pause = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 60_000;
      const again = error.exit === Exit.unavailable || (error.exit === Exit.mfa && factors++ < MORE_FACTORS);
      if (!again || deps.clock.now() + pause >= expiration) throw error;
      reporter.warn(`${error.message}; trying again in ${pause / 1000} seconds`);
      await deps.clock.sleep(pause, deps.signal);
    }
  }
}
