/**
 * The second factor: which device, and how it is completed.
 *
 * OneLogin Protect gets exactly one notification. Then the program polls whether it was approved: every second for
 * 20 seconds, then every 3 seconds. Meanwhile a user at a terminal may type the code instead; after a failed push
 * so may any other input. Each code is posted once; it is asked for again at most three times.
 * Source: OneLogin API, "Verify Factor"; the lifetime of a state token (2 minutes) is OneLogin's, not ours.
 */

import { defined } from "../defined.ts";
import { answerOr, Exit, type ExitCode, UserError } from "../errors.ts";
import type { Deps } from "../io/deps.ts";
import type { LiveQuestion, Prompter, Reporter } from "../io/prompter.ts";
import { type Api, unavailable, verifyFactor, words } from "./client.ts";
import type { Factor } from "./devices.ts";
import type { Refusal, Reply, Token } from "./replies.ts";

/** Most people approve within seconds; OneLogin allows 5,000 requests an hour for the whole account. */
const QUICK_POLL_MS = 1000;
const QUICK_POLLS_MS = 20_000;
const SLOW_POLL_MS = 3000;
/** How often the seconds that are left are drawn. */
const SECOND_MS = 1000;
/** How often to ask again after a wrong code. */
const MORE_CODES = 3;
/** Tolerate this many failed polls in a row, minus one. */
const LOST_POLLS = 3;
/** Refusals that another code would not change. */
const FINAL: ReadonlySet<Refusal> = new Set<Refusal>([
  "state-expired",
  "bearer",
  "scope",
  "locked",
  "user-state",
  "ip-address",
  "no-route",
]);

/** What a user can do whose devices OneLogin's API does not support. */
export const UNSUPPORTED_HINT =
  "sign in with --browser, or enrol OneLogin Protect, an authenticator app or SMS in OneLogin (Profile > Security Factors)";

interface MfaContext {
  readonly deps: Pick<Deps, "http" | "clock" | "signal">;
  readonly prompter: Prompter;
  readonly reporter: Reporter;
  readonly api: Api;
  readonly token: Token;
  readonly appId: string;
  readonly stateToken: string;
  /** Who is signing in, for the question. */
  readonly username: string;
  /** Milliseconds to wait for a push to be approved. */
  readonly timeoutMs: number;
  /** The code from `--otp`, once; undefined after that. */
  readonly takeCode: () => string | undefined;
}

export type MfaOutcome =
  | { readonly kind: "success"; readonly assertion: string }
  /** The state token is dead and the login must start again. */
  | { readonly kind: "expired" }
  /** No code was accepted; another device can be tried with the same state token. */
  | { readonly kind: "wrong-codes"; readonly error: UserError };

/** The push was rejected, not answered in time or not sent; its code can be typed. */
interface NoApproval {
  readonly kind: "no-approval";
  readonly error: UserError;
}

/**
 * Completes the second factor on one device.
 *
 * @throws UserError exit 4 when it is not completed, 7 when OneLogin cannot be reached, 8 when a code is needed and
 * prompts are forbidden.
 */
export async function completeFactor(context: MfaContext, factor: Factor): Promise<MfaOutcome> {
  if (factor.kind === "unsupported") {
    throw new UserError(`cannot use ${JSON.stringify(factor.label)}: OneLogin's API does not support it`, {
      exit: Exit.mfa,
      hint: UNSUPPORTED_HINT,
    });
  }
  const given = context.takeCode();
  if (given !== undefined || factor.kind === "code") return await codes(context, factor, given);
  // An email may contain a link instead of a code: a user at a terminal may use either.
  const mayApprove = factor.kind === "push" || (/mail/i.test(factor.type) && context.prompter.kind === "terminal");
  return mayApprove ? await pushOrCode(context, factor) : await messageThenCode(context, factor);
}

/** One notification; if that fails, asks for the code once, if possible. */
async function pushOrCode(context: MfaContext, factor: Factor): Promise<MfaOutcome> {
  const sent = await verify(context, factor, { doNotNotify: false });
  if (sent.kind === "pending") context.reporter.ring();
  const end = sent.kind === "pending" ? await waitForApproval(context, factor) : settlePush(factor, sent, "trigger");
  if (end.kind !== "no-approval") return end;
  if (context.prompter.kind === "none") throw end.error;
  context.reporter.warn(`${end.error.message}; you can type its code instead`);
  return await answerOr(end.error, codes(context, factor, undefined));
}

/** Polls until the push is answered; at a terminal, the code can be typed meanwhile. */
async function waitForApproval(context: MfaContext, factor: Factor): Promise<MfaOutcome | NoApproval> {
  const { deps, prompter, reporter } = context;
  const start = deps.clock.now();
  const deadline = start + context.timeoutMs;
  const asks = prompter.kind === "terminal";
  const waiting = `Waiting for ${context.username} to approve the sign-in in ${factor.label}…`;
  const progress = asks ? undefined : reporter.progress(waiting);
  const question = new AbortController();
  let redraw = () => {};
  const secondsLeft = () => Math.max(0, Math.ceil((deadline - deps.clock.now()) / 1000));
  const ask = () => askWhilePending(context, factor, question.signal, secondsLeft, (draw) => void (redraw = draw));
  let answer = asks ? ask() : undefined;
  let wrong = 0;
  let lost = 0;
  let pause = QUICK_POLL_MS;
  let nextPoll = start + pause;
  let last: Reply | undefined;
  try {
    while (deps.clock.now() < deadline) {
      const tick = new AbortController();
      const event = await Promise.race([
        deps.clock.sleep(
          Math.min(SECOND_MS, nextPoll - deps.clock.now(), deadline - deps.clock.now()),
          AbortSignal.any([tick.signal, deps.signal]),
        ).then(() => undefined),
        ...(answer ? [answer] : []),
      ]).finally(() => tick.abort());
      if (event !== undefined) {
        const reply = await verify(context, factor, { doNotNotify: true, code: event });
        if (!isWrongCode(reply)) return settle(factor, reply, "code");
        if (++wrong > MORE_CODES) return { kind: "wrong-codes", error: wrongCode(factor, reply) };
        reporter.warn(`the code was not accepted (${reasonOf(reply)}); approve the sign-in or type the next code`);
        answer = ask();
        continue;
      }
      redraw();
      progress?.update(`${waiting} ${secondsLeft()} seconds left`);
      if (deps.clock.now() < Math.min(nextPoll, deadline)) continue;
      const reply = last = await verify(context, factor, { doNotNotify: true });
      pause = deps.clock.now() - start < QUICK_POLLS_MS ? QUICK_POLL_MS : SLOW_POLL_MS;
      if (reply.kind === "success") {
        question.abort(new Error("answered elsewhere"));
        await answer?.catch(() => {});
        reporter.info(`Approved in ${factor.label}.`);
        return settle(factor, reply, "poll");
      }
      if (reply.kind === "pending") lost = 0;
      else if (reply.kind === "unavailable" && reply.status === 429) pause = reply.retryAfterMs ?? SLOW_POLL_MS;
      else if (reply.kind !== "unavailable" || ++lost >= LOST_POLLS) return settlePush(factor, reply, "poll");
      nextPoll = deps.clock.now() + pause;
    }
    const error = last?.kind === "unavailable" ? failure(factor, last, "poll") : notApproved(context, factor);
    return { kind: "no-approval", error };
  } finally {
    question.abort(new Error("answered elsewhere"));
    await answer?.catch(() => {});
    progress?.end();
  }
}

/** The typed code: a failing question (Ctrl-C) must end the wait, an aborted one must not. */
function askWhilePending(
  context: MfaContext,
  factor: Factor,
  signal: AbortSignal,
  secondsLeft: () => number,
  whenDrawn: NonNullable<LiveQuestion["whenDrawn"]>,
): Promise<string> {
  const answer = context.prompter.secret({
    code: true,
    whenDrawn,
    get message() {
      const left = secondsLeft();
      return `Approve the sign-in of ${context.username} in ${factor.label} within ${left} second${
        left === 1 ? "" : "s"
      }, or type its code`;
    },
    line: `Enter the OTP Token for ${factor.type}: `,
    option: "--otp CODE",
    signal,
  }).then((code) => code.trim());
  // Nothing awaits it between two polls.
  answer.catch(() => {});
  return answer;
}

/** Sends a message with a code, then asks for it; an empty answer sends another message. */
async function messageThenCode(context: MfaContext, factor: Factor): Promise<MfaOutcome> {
  if (context.prompter.kind === "none") throw codeNeeded(factor);
  const reply = await verify(context, factor, { doNotNotify: false });
  if (reply.kind !== "pending") return settle(factor, reply, "trigger");
  context.reporter.info(`Sent a code by ${factor.label}.`);
  return await codes(context, factor, undefined, true);
}

/** Posts codes until one is accepted: first the one from `--otp`, then typed ones. */
async function codes(
  context: MfaContext,
  factor: Factor,
  given: string | undefined,
  canResend = false,
): Promise<MfaOutcome> {
  let next = given;
  let resent = 0;
  for (let wrong = 0;;) {
    const code = next ?? await askCode(context, factor, canResend);
    next = undefined;
    if (code === "") {
      if (++resent > MORE_CODES) throw wrongCode(factor);
      const again = await verify(context, factor, { doNotNotify: false });
      if (again.kind !== "pending") return settle(factor, again, "trigger");
      context.reporter.info(`Sent another code by ${factor.label}.`);
      continue;
    }
    const reply = await verify(context, factor, { doNotNotify: true, code });
    if (!isWrongCode(reply)) return settle(factor, reply, "code");
    const error = wrongCode(factor, reply);
    if (context.prompter.kind === "none") throw error;
    if (++wrong > MORE_CODES) return { kind: "wrong-codes", error };
    context.reporter.warn(`the code was not accepted (${reasonOf(reply)})`);
  }
}

async function askCode(context: MfaContext, factor: Factor, canResend: boolean): Promise<string> {
  if (context.prompter.kind === "none") throw codeNeeded(factor);
  const code = await context.prompter.secret({
    code: true,
    message: canResend ? `Code from ${factor.label} (empty: send another one)` : `Code from ${factor.label}`,
    line: `Enter the OTP Token for ${factor.type}: `,
    option: "--otp CODE",
    emptyAllowed: canResend,
  });
  return code.trim();
}

function verify(
  { deps, api, token, appId, stateToken }: MfaContext,
  factor: Factor,
  { doNotNotify, code: entered }: { readonly doNotNotify: boolean; readonly code?: string },
): Promise<Reply> {
  // Apps show "123 456", and people type and paste it like that.
  const code = entered?.replace(/\s+/g, "");
  return verifyFactor(deps, api, token, { appId, stateToken, deviceId: factor.id, doNotNotify, ...defined({ code }) });
}

type CodeRefused = Extract<Reply, { kind: "refused" | "pending" }>;

/** Whether another code may help. OneLogin's wording varies, and some accounts answer "pending". */
function isWrongCode(reply: Reply): reply is CodeRefused {
  return reply.kind === "pending" || (reply.kind === "refused" && !FINAL.has(reply.cause));
}

function reasonOf(reply: CodeRefused): string {
  return reply.kind === "refused" ? words(reply) : JSON.stringify(reply.message);
}

/** The meaning of an answer that ends the wait. */
function settle(factor: Factor, reply: Reply, after: "trigger" | "poll" | "code"): MfaOutcome {
  if (reply.kind === "success") return { kind: "success", assertion: reply.assertion };
  if (reply.kind === "refused" && reply.cause === "state-expired") return { kind: "expired" };
  throw failure(factor, reply, after);
}

/** The same for a push: unless the network or the login is lost, the code can be typed. */
function settlePush(factor: Factor, reply: Reply, after: "trigger" | "poll"): MfaOutcome | NoApproval {
  const ends = reply.kind === "success" || (reply.kind === "unavailable" && reply.status === undefined) ||
    (reply.kind === "refused" && FINAL.has(reply.cause));
  return ends ? settle(factor, reply, after) : { kind: "no-approval", error: failure(factor, reply, after) };
}

function failure(
  factor: Factor,
  reply: Exclude<Reply, { kind: "success" }>,
  after: "trigger" | "poll" | "code",
): UserError {
  const device = JSON.stringify(factor.label);
  switch (reply.kind) {
    case "unavailable":
      return unavailable(reply, "complete the second factor");
    case "pending":
    case "mfa":
      // The Python tool treated "MFA is required" after a code as a success and ended without an assertion.
      return incomplete(
        `OneLogin still asks for it after the ${after === "code" ? "code" : "request"}`,
        `choose another device with --mfa-device, or check ${device} in OneLogin`,
      );
    case "refused":
      if (reply.cause === "wrong-code" && after === "poll") {
        return incomplete(
          `the sign-in was rejected in ${device}`,
          "if that was not you, change your OneLogin password; otherwise run again and approve it",
        );
      }
      return new UserError(`cannot complete the second factor with ${device}: ${words(reply)}`, {
        exit: FINAL.has(reply.cause) ? Exit.refused : Exit.mfa,
        hint: REFUSED_HINTS[reply.cause] ?? "choose another device with --mfa-device, or run again",
      });
  }
}

const REFUSED_HINTS: Partial<Record<Refusal, string>> = {
  "locked": "ask your administrator to unlock the user",
  "user-state": "sign in to OneLogin in a browser",
  "enrolment": "sign in to OneLogin in a browser and enrol a second factor",
};

function notApproved({ timeoutMs }: MfaContext, factor: Factor): UserError {
  const seconds = Math.round(timeoutMs / 1000);
  return incomplete(`${JSON.stringify(factor.label)} was not approved within ${seconds} seconds`, [
    "run again and approve the notification, or use a code: --otp CODE",
    "to wait longer: --mfa-timeout SECONDS",
  ], { cause: "push-timeout" });
}

function wrongCode(factor: Factor, reply?: CodeRefused): UserError {
  const reason = reply ? ` (${reasonOf(reply)})` : "";
  return incomplete(
    `the code for ${JSON.stringify(factor.label)} was not accepted${reason}`,
    "wait for the next code and run again; check the clock of the device that shows the code",
  );
}

function codeNeeded(factor: Factor): UserError {
  return incomplete(
    `${JSON.stringify(factor.label)} needs a code, and prompts are forbidden here`,
    "use --otp CODE, or choose a push device with --mfa-device",
    { exit: Exit.input },
  );
}

/** The error for a second factor that is not completed. */
export function incomplete(
  why: string,
  hint: string | readonly string[],
  more: { readonly exit?: ExitCode; readonly cause?: string } = {},
): UserError {
  return new UserError(`cannot complete the second factor: ${why}`, { exit: Exit.mfa, hint, ...more });
}
