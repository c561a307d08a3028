/** The credentials behind `serve`: renewed before they expire, by one login at a time, whoever asks. */

import { roughly } from "../duration.ts";
import { answerOr, Exit, UserError } from "../errors.ts";
import { serviceNow } from "../io/clock.ts";
import { beforeQuestions, yesNo } from "../io/prompter.ts";
import { type Renewable, renewWhileAlive, soonestEnd } from "../login/renewal.ts";
import type { Context } from "../settings/context.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";
import { dueAt, LAST_MS } from "./answer.ts";

/** AWS SDKs ask again when 5 to 15 minutes are left; by then there should be new credentials. Milliseconds. */
const MARGIN_MS = 17 * 60_000;
/** How often the time is checked. A timer would stand still while the computer sleeps. Milliseconds. */
const CHECK_MS = 5000;
/** How long a request waits when there are no live credentials; milliseconds. */
const WAIT_MS = 30_000;
/** Before the next attempt after the network failed, and after a phone rang for nothing; milliseconds. */
const NETWORK_PAUSE_MS = 60_000;
const CALM_PAUSE_MS = 5 * 60_000;

export type Answer =
  | { readonly kind: "live"; readonly granted: ProfileCredentials }
  | { readonly kind: "unknown" }
  /** There are none now; a later request may get some. `why` is printable. */
  | { readonly kind: "none"; readonly why: string };

export interface Keeper {
  /** The credentials of that name. Waits for a renewal only if there are no live ones. */
  get(name: string): Promise<Answer>;
  /**
   * Renews until the run ends. Rejects when the user or the system ends it, and with the error of a renewal that
   * nobody can complete, once no live credentials are left.
   */
  run(): Promise<never>;
}

/**
 * Keeps the credentials of a login fresh. A renewal that needs a person takes place only if somebody has asked for
 * the credentials since the last one: no phone rings at night for nothing. Questions are asked in the terminal.
 *
 * @param nameOf the name under which credentials are requested.
 */
export function keepFresh(
  context: Context,
  first: Renewable,
  nameOf: (granted: ProfileCredentials) => string,
): Keeper {
  const { deps, reporter, prompter } = context;
  const { clock, signal } = deps;
  const now = () => serviceNow(deps);
  const ended = Promise.withResolvers<never>();
  // Whoever calls run() sees it.
  ended.promise.catch(() => {});

  let round = { credentials: first, obtained: now() };
  const known = new Map(first.granted.map((granted) => [nameOf(granted), granted]));
  let isUsed = false;
  let flight: Promise<void> | undefined;
  let notBefore = -Infinity;
  let failure: UserError | undefined;
  /** No renewal is possible: nobody can answer. */
  let isOver = false;

  const end = () => soonestEnd(round.credentials.granted);
  const isDue = () => now() >= dueAt(end(), round.obtained, MARGIN_MS);
  const live = (name: string) => {
    const granted = known.get(name);
    return granted !== undefined && granted.credentials.expiration - now() > LAST_MS ? granted : undefined;
  };
  const asking = { ...context, prompter: beforeQuestions(prompter, announce) };

  function announce(): void {
    const left = end() - now();
    reporter.ring();
    reporter.info(
      left > 0
        ? `The credentials expire in ${roughly(left)}. Renewing them needs an answer:`
        : "The credentials have expired. Renewing them needs an answer:",
    );
  }

  function start(): void {
    if (flight !== undefined || isOver || clock.now() < notBefore) return;
    flight = renewal().catch((error: unknown) => {
      if (error instanceof UserError) failure = error;
      else ended.reject(error);
    }).finally(() => flight = undefined);
  }

  async function renewal(): Promise<void> {
    for (let askUser = false;;) {
      try {
        // A paste is no question of the prompter.
        if (context.settings.samlResponseStdin && deps.terminal.stdinIsTerminal) announce();
        const credentials = await renewWhileAlive(asking, end(), () => round.credentials.renew(asking, askUser));
        round = { credentials, obtained: now() };
        for (const granted of credentials.granted) known.set(nameOf(granted), granted);
        isUsed = false;
        failure = undefined;
        return reporter.info(renewed(credentials.granted));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        for (const line of [error.message, ...error.hints]) reporter.warn(line);
        const pause = pauseAfter(error);
        if (pause !== undefined) {
          // With the next request, not before.
          isUsed = false;
          notBefore = clock.now() + pause;
          throw error;
        }
        if (prompter.kind !== "terminal" || !await wantsAgain(error)) {
          isOver = true;
          throw error;
        }
        askUser = error.cause === "credentials";
      }
    }
  }

  function renewed(granted: readonly ProfileCredentials[]): string {
    const [one] = granted;
    const what = one && granted.length === 1 ? `${nameOf(one)} (${one.assumedRoleArn})` : `${granted.length} roles`;
    return `Renewed the credentials of ${what}, for ${roughly(soonestEnd(granted) - now())}`;
  }

  async function wantsAgain(error: UserError): Promise<boolean> {
    try {
      return await answerOr(
        error,
        asking.prompter.confirm({ ...yesNo("Sign in again?", "y/n", "run serve at a terminal"), fallback: true }),
      );
    } catch (refused) {
      if (refused instanceof UserError) return false;
      throw refused;
    }
  }

  async function watch(): Promise<never> {
    while (true) {
      await clock.sleep(CHECK_MS, signal);
      if ((isUsed || round.credentials.isSilent) && isDue()) start();
      if (isOver && failure !== undefined && ![...known.keys()].some(live)) throw failure;
    }
  }

  return {
    async get(name) {
      if (!known.has(name)) return { kind: "unknown" };
      isUsed = true;
      if (isDue() || live(name) === undefined) start();
      if (live(name) === undefined && flight !== undefined) {
        const waiting = new AbortController();
        await Promise.race([flight, clock.sleep(WAIT_MS, waiting.signal).catch(() => {})]);
        waiting.abort();
      }
      const granted = live(name);
      if (granted !== undefined) return { kind: "live", granted };
      return { kind: "none", why: failure?.message ?? "the credentials have expired and are being renewed" };
    },
    run: () => Promise.race([watch(), ended.promise]),
  };
}

/** How long to wait after a failure that may pass without a person; undefined if a person is needed. */
function pauseAfter({ exit, cause }: UserError): number | undefined {
  if (cause === "push-timeout" || cause === "password-unanswered") return CALM_PAUSE_MS;
  return exit === Exit.unavailable && cause !== "undecided" ? NETWORK_PAUSE_MS : undefined;
}
