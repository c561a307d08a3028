/** The second factor: chooses the device and completes it. */

import { defined } from "../defined.ts";
import { answerOr, type UserError } from "../errors.ts";
import { type Api, type Identity, requestLabels } from "../onelogin/client.ts";
import { describeFactors, type Factor, findFactor, numberedDevices } from "../onelogin/devices.ts";
import { completeFactor, incomplete, UNSUPPORTED_HINT } from "../onelogin/mfa.ts";
import type { Challenge, Reply } from "../onelogin/replies.ts";
import { readReceived } from "../saml/assertion.ts";
import { readLastFactor, rememberFactor } from "../store/last_choices.ts";
import type { Session, SignedIn, SignInContext } from "./session.ts";
import { signInError } from "./sign_in_error.ts";

/**
 * Completes a sign-in with a second factor. If its time runs out, the sign-in starts once more.
 *
 * @param again posts user and password again.
 * @throws UserError exit 4 when it is not completed.
 */
export async function completeSecondFactor(
  context: SignInContext,
  api: Api,
  session: SignedIn["session"],
  first: Challenge,
  again: () => Promise<Reply>,
): Promise<SignedIn> {
  const { deps, prompter, reporter, settings } = context;
  let challenge = first;
  let otp = session.otp;
  let factorId = session.factorId;
  let menu = false;
  let fresh = 0;
  while (true) {
    const factor = await selectFactor(context, api, session, challenge, { id: factorId, menu });
    factorId = factor.id;
    menu = false;
    reporter.detail(`second factor: ${factor.label}`);
    const outcome = await completeFactor({
      deps,
      prompter,
      reporter,
      api,
      token: session.token,
      appId: session.identity.appId,
      stateToken: challenge.stateToken,
      username: session.identity.username,
      timeoutMs: settings.mfaTimeout * 1000,
      takeCode() {
        const code = otp;
        otp = undefined;
        return code;
      },
    }, factor);
    if (outcome.kind === "success") {
      await rememberFactor(context, session.identity, factor.id);
      // A used --otp is gone.
      const { identity, token } = session;
      return {
        session: { identity, token, factorId, factorType: factor.type, ...defined({ otp }) },
        assertion: await readReceived(outcome.assertion, context.deps),
      };
    }
    if (outcome.kind === "wrong-codes") {
      menu = await wantsAnotherDevice(context, challenge, outcome.error);
      if (!menu) throw outcome.error;
      continue;
    }
    if (fresh++ === 1) {
      throw incomplete("OneLogin's time for it ran out twice", "run again and answer within two minutes");
    }
    reporter.warn("the time for the second factor ran out; starting the sign-in again");
    const reply = await again();
    if (reply.kind === "success") return { session, assertion: await readReceived(reply.assertion, context.deps) };
    if (reply.kind !== "mfa") throw signInError(reply, session.identity, api);
    challenge = reply.challenge;
  }
}

/** No code of a device was accepted: another device can be tried with the same state token, without the password. */
async function wantsAnotherDevice(
  { prompter }: SignInContext,
  { devices }: Challenge,
  error: UserError,
): Promise<boolean> {
  if (devices.length < 2 || prompter.kind === "none") return false;
  return await answerOr(
    error,
    prompter.confirm({
      message: "No code was accepted. Use another device?",
      line: "The OTP Token was not able to be processed, Do you want to select a new MFA method? (y/n) ",
      option: "--mfa-device",
      fallback: false,
    }),
  );
}

async function selectFactor(
  context: SignInContext,
  api: Api,
  session: SignedIn["session"],
  challenge: Challenge,
  /** The device used before, unless the user chooses the menu. */
  before: { readonly id: string | undefined; readonly menu: boolean },
): Promise<Factor> {
  const { deps, prompter, reporter, settings } = context;
  const many = challenge.devices.length > 1;
  const labels = many && challenge.userId !== undefined
    ? await requestLabels(deps, api, session.token, challenge.userId)
    : new Map();
  const { piped } = prompter;
  const factors = describeFactors(piped ? numberedDevices(challenge.devices, labels) : challenge.devices, labels);
  const usable = factors.filter((factor) => factor.kind !== "unsupported");
  const names = (list: readonly Factor[]) => list.map((factor) => JSON.stringify(factor.label)).join(", ");
  const [only] = usable;
  if (!only) {
    throw factors.length === 0
      ? incomplete(
        "OneLogin requires one, but the user has none enrolled",
        "sign in to OneLogin in a browser and enrol one",
      )
      : incomplete(`OneLogin's API does not support ${names(factors)}`, UNSUPPORTED_HINT);
  }
  const again = factors.find((factor) => factor.id === before.id);
  if (again && !before.menu) return again;
  if (settings.mfaDevice !== undefined && !before.menu) {
    const named = findFactor(factors, settings.mfaDevice);
    if (!named) {
      throw incomplete(
        `${JSON.stringify(settings.mfaDevice)} matches no device, or more than one`,
        `the devices are ${names(factors)}`,
      );
    }
    if (named.kind === "unsupported") {
      throw incomplete(
        `OneLogin's API does not support ${JSON.stringify(named.label)}`,
        `use ${names(usable)}, or --browser`,
      );
    }
    return named;
  }
  if (usable.length < factors.length && prompter.kind === "terminal") {
    const others = factors.filter((factor) => factor.kind === "unsupported");
    reporter.info(`${names(others)} cannot be used here: OneLogin's API does not support it; --browser does.`);
  }
  // A script for the Python tool answers the menu whenever there are two devices, usable or not.
  if (usable.length === 1 && !(piped && factors.length > 1)) return only;
  const silent = session.unattended && silentFactor(usable, session, session.unattended.lastFactorId);
  if (silent) return silent;
  return await chooseFactor(context, session.identity, factors, usable, names(usable));
}

/** A push needs no answer here; with `--otp`, every device has its answer. */
function silentFactor(usable: readonly Factor[], { otp }: Session, last: string | undefined): Factor | undefined {
  const silent = usable.filter((factor) => factor.kind === "push" || otp !== undefined);
  return silent.find((factor) => factor.id === last) ?? (silent.length === 1 ? silent[0] : undefined);
}

/** A menu with the device chosen last on top; piped answers get the Python tool's order. */
async function chooseFactor(
  context: SignInContext,
  identity: Identity,
  factors: readonly Factor[],
  usable: readonly Factor[],
  names: string,
): Promise<Factor> {
  const { prompter, reporter } = context;
  const terminal = prompter.kind === "terminal";
  const last = terminal ? await readLastFactor(context, identity) : undefined;
  const offered = terminal ? [...usable].sort((a, b) => Number(b.id === last) - Number(a.id === last)) : factors;
  while (true) {
    const chosen = await prompter.choose({
      message: "Second factor",
      line: `Select the desired MFA Device [0-${offered.length - 1}]: `,
      option: `--mfa-device: ${names}`,
      search: true,
      choices: offered.map((factor) => ({ value: factor, label: factor.label })),
    });
    if (chosen.kind !== "unsupported") return chosen;
    reporter.warn(`${JSON.stringify(chosen.label)} is not supported by OneLogin's API; choose another: ${names}`);
  }
}
