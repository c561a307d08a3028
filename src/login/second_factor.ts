/** The second factor: which device, and its answer. */

import { defined } from "../defined.ts";
import { Exit, UserError } from "../errors.ts";
import { type Api, type Identity, requestLabels } from "../onelogin/client.ts";
import { describeFactors, type Factor, findFactor } from "../onelogin/devices.ts";
import { completeFactor } from "../onelogin/mfa.ts";
import type { Challenge, Reply } from "../onelogin/replies.ts";
import { type Assertion, assertionReader } from "../saml/assertion.ts";
import { readLastFactor, rememberFactor } from "../store/last_choices.ts";
import type { Session, SignedIn, SignInContext } from "./session.ts";
import { signInError } from "./sign_in_error.ts";

/**
 * Completes a sign-in with a second factor. When the time for it runs out, the sign-in starts once more.
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
  for (let fresh = 0;; fresh++) {
    const factor = await selectFactor(context, api, session, challenge, factorId);
    factorId = factor.id;
    reporter.detail(`second factor: ${factor.label}`);
    const outcome = await completeFactor({
      deps,
      prompter,
      reporter,
      api,
      token: session.token,
      appId: session.identity.appId,
      stateToken: challenge.stateToken,
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
      return { session: { identity, token, factorId, ...defined({ otp }) }, assertion: await read(outcome.assertion) };
    }
    if (fresh === 1) {
      throw new UserError("cannot complete the second factor: OneLogin's time for it ran out twice", {
        exit: Exit.mfa,
        hint: "run again and answer within two minutes",
      });
    }
    reporter.warn("the time for the second factor ran out; starting the sign-in once more");
    const reply = await again();
    if (reply.kind === "success") return { session, assertion: await read(reply.assertion) };
    if (reply.kind !== "mfa") throw signInError(reply, session.identity);
    challenge = reply.challenge;
  }
}

async function selectFactor(
  context: SignInContext,
  api: Api,
  session: SignedIn["session"],
  challenge: Challenge,
  known: string | undefined,
): Promise<Factor> {
  const { deps, prompter, reporter, settings } = context;
  const many = challenge.devices.length > 1;
  const labels = many && challenge.userId !== undefined
    ? await requestLabels(deps, api, session.token, challenge.userId)
    : new Map();
  const factors = describeFactors(challenge.devices, labels);
  const usable = factors.filter((factor) => factor.kind !== "unsupported");
  const names = (list: readonly Factor[]) => list.map((factor) => JSON.stringify(factor.label)).join(", ");
  const fail = (message: string, hint: string) =>
    new UserError(`cannot complete the second factor: ${message}`, { exit: Exit.mfa, hint });

  const [only] = usable;
  if (!only) {
    throw factors.length === 0
      ? fail("OneLogin asks for one, but the user has none enrolled", "sign in to OneLogin in a browser and enrol one")
      : fail(
        `OneLogin's API does not support ${names(factors)}`,
        "enrol OneLogin Protect, an authenticator app or SMS in OneLogin (Profile > Security Factors)",
      );
  }
  const again = factors.find((factor) => factor.id === known);
  if (again) return again;
  if (settings.mfaDevice !== undefined) {
    const wanted = findFactor(factors, settings.mfaDevice);
    if (!wanted) {
      throw fail(
        `no device, or more than one, is ${JSON.stringify(settings.mfaDevice)}`,
        `the devices are ${names(factors)}`,
      );
    }
    if (wanted.kind === "unsupported") {
      throw fail(`OneLogin's API does not support ${JSON.stringify(wanted.label)}`, `use ${names(usable)}`);
    }
    return wanted;
  }
  if (usable.length < factors.length && prompter.kind === "terminal") {
    const others = factors.filter((factor) => factor.kind === "unsupported");
    reporter.info(`${names(others)} cannot be used here: OneLogin's API does not support it.`);
  }
  if (usable.length === 1) return only;
  const silent = session.unattended && silentFactor(usable, session, session.unattended.lastFactorId);
  if (silent) return silent;
  return await chooseFactor(context, session.identity, factors, usable, names(usable));
}

/** A push needs no answer here; with `--otp` every device has its answer. */
function silentFactor(usable: readonly Factor[], { otp }: Session, last: string | undefined): Factor | undefined {
  const silent = usable.filter((factor) => factor.kind === "push" || otp !== undefined);
  return silent.find((factor) => factor.id === last) ?? (silent.length === 1 ? silent[0] : undefined);
}

/** A menu with the device chosen last on top; piped answers get the list as OneLogin sent it, since scripts count in it. */
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
      choices: offered.map((factor) => ({ value: factor, label: factor.label })),
      listing: offered.map((factor, index) => ` ${index} | ${factor.label}`),
    });
    if (chosen.kind !== "unsupported") return chosen;
    reporter.warn(`${JSON.stringify(chosen.label)} is not supported by OneLogin's API; choose another: ${names}`);
  }
}

async function read(assertion: string): Promise<Assertion> {
  return (await assertionReader())(assertion);
}
