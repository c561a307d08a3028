/**
 * The second factor: which device, and how it is completed.
 *
 * OneLogin Protect gets exactly one notification, then is asked every second whether it was approved; meanwhile a person
 * at a terminal may type the code instead. Codes are posted once each and asked again at most three times.
 * Source: OneLogin API, "Verify Factor"; the lifetime of a state token (2 minutes) is OneLogin's, not ours.
 */

import { Exit, UserError } from "../errors.ts";
import type { Deps } from "../io/deps.ts";
import type { Prompter, Reporter } from "../io/prompter.ts";
import { type Api, unavailable, verifyFactor, words } from "./client.ts";
import type { Factor } from "./devices.ts";
import type { Reply, Token } from "./replies.ts";

const POLL_MS = 1000;
/** A wrong code is asked again this often. */
const MORE_CODES = 3;
/** Looks in a row that may fail before the wait is given up: a phone is in a hand while a network blinks. */
const LOST_LOOKS = 3;

export interface MfaContext {
  readonly deps: Pick<Deps, "http" | "clock" | "signal">;
  readonly prompter: Prompter;
  readonly reporter: Reporter;
  readonly api: Api;
  readonly token: Token;
  readonly appId: string;
  readonly stateToken: string;
  /** Milliseconds to wait for a push to be approved. */
  readonly timeoutMs: number;
  /** Gives a code that was handed in beforehand (`--otp`), once; undefined after that. */
  readonly takeCode: () => string | undefined;
}

/** `expired` means the state token is dead and the login must start afresh. */
export type MfaOutcome = { readonly kind: "success"; readonly assertion: string } | { readonly kind: "expired" };

/**
 * Completes the second factor on one device.
 *
 * @throws UserError exit 4 when it is not completed, 7 when OneLogin cannot be reached, 8 when a code is needed and may not
 * be asked for.
 */
export async function completeFactor(context: MfaContext, factor: Factor): Promise<MfaOutcome> {
  const given = context.takeCode();
  switch (factor.kind) {
    case "push":
      return given === undefined ? await pushOrCode(context, factor) : await codes(context, factor, given);
    case "message":
      // A mail may hold a link instead of a code: a person at a terminal may use either.
      return given === undefined && /mail/i.test(factor.type) && context.prompter.kind === "terminal"
        ? await pushOrCode(context, factor)
        : await messageThenCode(context, factor, given);
    case "code":
      return await codes(context, factor, given);
    case "unsupported":
      throw new UserError(`cannot use ${JSON.stringify(factor.label)}: OneLogin's API does not support it`, {
        exit: Exit.mfa,
        hint: "enrol OneLogin Protect, an authenticator app or SMS in OneLogin (Profile > Security Factors)",
      });
  }
}

/** One notification, then a look every second; at a terminal the code may be typed meanwhile. */
async function pushOrCode(context: MfaContext, factor: Factor): Promise<MfaOutcome> {
  const { deps, prompter, reporter } = context;
  const deadline = deps.clock.now() + context.timeoutMs;
  const first = await verify(context, factor, { doNotNotify: false });
  if (first.kind !== "pending") return settle(factor, first, "trigger");

  const asks = prompter.kind === "terminal";
  const progress = asks ? undefined : reporter.progress(`Waiting for the sign-in to be approved in ${factor.label}…`);
  const question = new AbortController();
  let typed = asks ? askWhilePending(context, factor, question.signal) : undefined;
  let wrong = 0;
  let lost = 0;
  try {
    while (deps.clock.now() < deadline) {
      const tick = new AbortController();
      const event = await Promise.race([
        deps.clock.sleep(Math.min(POLL_MS, deadline - deps.clock.now()), either(tick.signal, deps.signal)).then(() =>
          undefined
        ),
        ...(typed ? [typed] : []),
      ]).finally(() => tick.abort());
      if (event !== undefined) {
        const reply = await verify(context, factor, { doNotNotify: true, code: event });
        if (!isWrongCode(reply)) return settle(factor, reply, "code");
        if (++wrong > MORE_CODES) throw wrongCode(factor);
        reporter.warn("the code was not accepted; approve the sign-in or type the next code");
        typed = askWhilePending(context, factor, question.signal);
        continue;
      }
      const reply = await verify(context, factor, { doNotNotify: true });
      if (reply.kind === "success") {
        question.abort(new Error("answered elsewhere"));
        await typed?.catch(() => {});
        reporter.info(`Approved in ${factor.label}.`);
        return settle(factor, reply, "poll");
      }
      if (reply.kind === "pending") lost = 0;
      else if (reply.kind !== "unavailable" || ++lost >= LOST_LOOKS) return settle(factor, reply, "poll");
    }
    throw new UserError(
      `cannot complete the second factor: ${JSON.stringify(factor.label)} was not approved within ${
        Math.round(context.timeoutMs / 1000)
      } seconds`,
      {
        exit: Exit.mfa,
        cause: "push-timeout",
        hint: [
          "run again and approve the notification, or give a code with --otp",
          "--mfa-timeout SECONDS waits longer",
        ],
      },
    );
  } finally {
    question.abort(new Error("answered elsewhere"));
    await typed?.catch(() => {});
    progress?.end();
  }
}

/** The code, or nothing any more: a failing question (Ctrl-C) must end the wait, an aborted one must not. */
function askWhilePending(context: MfaContext, factor: Factor, signal: AbortSignal): Promise<string> {
  const asked = context.prompter.secret({
    message: `Approve the sign-in in ${factor.label}, or type its code`,
    line: `Enter the OTP Token for ${factor.type}: `,
    option: "--otp CODE",
    signal,
  }).then((code) => code.trim());
  // Nobody waits for it between two looks.
  asked.catch(() => {});
  return asked;
}

/** Sends a message with a code, then asks for it; an empty answer sends another one. */
async function messageThenCode(context: MfaContext, factor: Factor, given: string | undefined): Promise<MfaOutcome> {
  if (given !== undefined) return await codes(context, factor, given);
  if (context.prompter.kind === "none") throw codeNeeded(factor);
  const reply = await verify(context, factor, { doNotNotify: false });
  if (reply.kind !== "pending") return settle(factor, reply, "trigger");
  context.reporter.info(`A code is on its way by ${factor.label}.`);
  return await codes(context, factor, undefined, true);
}

/** Posts codes until one is accepted: first the one given beforehand, then those asked for. */
async function codes(
  context: MfaContext,
  factor: Factor,
  given: string | undefined,
  canResend = false,
): Promise<MfaOutcome> {
  let next = given;
  let resent = 0;
  for (let wrong = 0; wrong <= MORE_CODES;) {
    const code = next ?? await askCode(context, factor, canResend);
    next = undefined;
    if (code === "") {
      if (++resent > MORE_CODES) break;
      const again = await verify(context, factor, { doNotNotify: false });
      if (again.kind !== "pending") return settle(factor, again, "trigger");
      context.reporter.info(`Another code is on its way by ${factor.label}.`);
      continue;
    }
    const reply = await verify(context, factor, { doNotNotify: true, code });
    if (!isWrongCode(reply)) return settle(factor, reply, "code");
    wrong++;
    if (wrong > MORE_CODES || context.prompter.kind === "none") break;
    context.reporter.warn("the code was not accepted");
  }
  throw wrongCode(factor);
}

async function askCode(context: MfaContext, factor: Factor, canResend: boolean): Promise<string> {
  if (context.prompter.kind === "none") throw codeNeeded(factor);
  const code = await context.prompter.secret({
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
  { doNotNotify, code }: { readonly doNotNotify: boolean; readonly code?: string },
): Promise<Reply> {
  // Apps show "123 456", and that is how people type and paste it.
  const typed = code === undefined ? {} : { code: code.replace(/\s+/g, "") };
  return verifyFactor(deps, api, token, { appId, stateToken, deviceId: factor.id, doNotNotify, ...typed });
}

function isWrongCode(reply: Reply): boolean {
  return reply.kind === "refused" && (reply.cause === "wrong-code" || reply.cause === "code-missing");
}

/** What an answer that ends the wait means. */
function settle(factor: Factor, reply: Reply, after: "trigger" | "poll" | "code"): MfaOutcome {
  switch (reply.kind) {
    case "success":
      return { kind: "success", assertion: reply.assertion };
    case "unavailable":
      throw unavailable(reply, "complete the second factor");
    case "pending":
    case "mfa":
      // The Python tool took "MFA is required" after a code for a success and ended without an assertion.
      throw new UserError(
        `cannot complete the second factor: OneLogin still asks for it after the ${
          after === "code" ? "code" : "request"
        }`,
        {
          exit: Exit.mfa,
          hint: `choose another device with --mfa-device, or check ${JSON.stringify(factor.label)} in OneLogin`,
        },
      );
    case "refused":
      if (reply.cause === "state-expired") return { kind: "expired" };
      if (reply.cause === "wrong-code" && after === "poll") {
        throw new UserError(
          `cannot complete the second factor: the sign-in was rejected in ${JSON.stringify(factor.label)}`,
          {
            exit: Exit.mfa,
            hint: "if that was not you, change your OneLogin password; otherwise run again and approve it",
          },
        );
      }
      throw new UserError(`cannot complete the second factor with ${JSON.stringify(factor.label)}: ${words(reply)}`, {
        exit: reply.cause === "bearer" || reply.cause === "scope" || reply.cause === "locked" ? Exit.refused : Exit.mfa,
        hint: reply.cause === "locked"
          ? "ask your administrator to unlock the user"
          : "choose another device with --mfa-device, or run again",
      });
  }
}

function wrongCode(factor: Factor): UserError {
  return new UserError(
    `cannot complete the second factor: the code for ${JSON.stringify(factor.label)} was not accepted`,
    {
      exit: Exit.mfa,
      hint: "wait for the next code and run again; check the clock of the device that shows the code",
    },
  );
}

function codeNeeded(factor: Factor): UserError {
  return new UserError(
    `cannot complete the second factor: ${JSON.stringify(factor.label)} needs a code, and asking is not allowed here`,
    {
      exit: Exit.input,
      hint: "give the code with --otp CODE, or choose a push device with --mfa-device",
    },
  );
}

function either(a: AbortSignal, b: AbortSignal): AbortSignal {
  return AbortSignal.any([a, b]);
}
