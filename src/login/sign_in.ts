/**
 * From settings to an assertion: token, user and password, second factor.
 *
 * A password is posted once for each time it was typed or handed in. What OneLogin refused is asked again at most three
 * times; nothing is ever posted again by itself, but for one fresh start when an accepted login's state token expired.
 */

import { Exit, UserError } from "../errors.ts";
import {
  type Api,
  type Identity,
  requestAssertion,
  requestLabels,
  requestToken,
  unavailable,
  words,
} from "../onelogin/client.ts";
import { describeFactors, type Factor, findFactor } from "../onelogin/devices.ts";
import { completeFactor } from "../onelogin/mfa.ts";
import type { Challenge, Reply, Token } from "../onelogin/replies.ts";
import { type Assertion, assertionReader } from "../saml/assertion.ts";
import { warmXml } from "../saml/xml.ts";
import type { Context } from "../settings/context.ts";
import { apiFrom, askIdentity, askSubdomain, PASSWORD, USERNAME } from "./identity.ts";
import { readLastFactor, rememberFactor } from "../store/last_factor.ts";
import { noteReply } from "../store/refusals.ts";
import { guardPassword, oneAtATime } from "./lockout.ts";
import { orElse } from "./end_of_input.ts";
import type { Session, SignedIn } from "./session.ts";

/** How often a refused value is asked again. */
const MORE_TRIES = 3;
/** A token with less than this left is not used for a new login; milliseconds. */
const TOKEN_MARGIN_MS = 5 * 60_000;

/**
 * Signs in to OneLogin and gets an assertion.
 *
 * @throws UserError exit 2, 3, 4, 7, 8 or 9.
 */
export async function signIn(context: Context, session: Session): Promise<SignedIn> {
  const api = apiFrom(context);
  const early = session.token === undefined && context.prompter.kind === "terminal"
    ? requestToken(context.deps, api)
    : undefined;
  // It is waited for below; until then a failure must not end the run in the middle of a question.
  early?.catch(() => {});
  const asked = session.identity ?? await askIdentity(context, session.askUser, session.owner);
  const { token, ...accepted } = await oneAtATime(context, async () => {
    const identity = await guardPassword(context, asked, { rules: "all" });
    // The XML parser takes long to start: that is done while OneLogin answers.
    const [token] = await Promise.all([early ?? freshToken(context, api, session), warmXml()]);
    return await postUntilAccepted(context, api, { token, isOld: token === session.token }, identity);
  });
  const reached = { ...session, identity: accepted.identity, token };
  if (accepted.reply.kind === "success") {
    return { session: reached, assertion: await read(accepted.reply.assertion) };
  }
  return await withSecondFactor(context, api, reached, accepted.reply.challenge);
}

async function read(assertion: string): Promise<Assertion> {
  return (await assertionReader())(assertion);
}

function freshToken({ deps, reporter }: Context, api: Api, session: Session): Promise<Token> | Token {
  const { token } = session;
  if (token && (token.expires ?? 0) > deps.clock.now() + TOKEN_MARGIN_MS) return token;
  reporter.detail(`asking ${api.url} for an access token`);
  return requestToken(deps, api);
}

type Accepted = Extract<Reply, { kind: "success" | "mfa" }>;

async function postUntilAccepted(
  context: Context,
  api: Api,
  from: { readonly token: Token; /** Of an earlier login of this run. */ readonly isOld: boolean },
  first: Identity,
): Promise<{ readonly identity: Identity; readonly reply: Accepted; readonly token: Token }> {
  const refused = new Set<string>();
  let identity = first;
  let { token, isOld } = from;
  const spent = (each: Identity) => refused.has(fingerprint(each));
  for (let asked = 0;;) {
    let reply = await post(context, api, token, identity);
    if (isOld && reply.kind === "refused" && reply.cause === "bearer") {
      // OneLogin looks at the token first: nothing is said about the password yet.
      context.reporter.detail("the access token is not taken any more; asking for a new one");
      token = await requestToken(context.deps, api);
      reply = await post(context, api, token, identity);
    }
    isOld = false;
    if (reply.kind === "success" || reply.kind === "mfa") return { identity, reply, token };
    const error = assertionError(reply, identity);
    if (reply.kind !== "refused" || context.prompter.kind === "none") throw error;
    if (reply.cause === "credentials") refused.add(fingerprint(identity));
    let next: Identity | undefined;
    do {
      if (asked++ === MORE_TRIES) throw error;
      next = await orElse(error, askAgain(context, identity, reply, error));
      if (!next) throw error;
      if (spent(next)) context.reporter.warn("that password was refused just now and is not sent again");
    } while (spent(next));
    identity = await guardPassword(context, next, { rules: "same", spent });
  }
}

async function post(context: Context, api: Api, token: Token, identity: Identity): Promise<Reply> {
  const { deps, reporter } = context;
  reporter.detail(
    `posting user and password of ${JSON.stringify(identity.username)} to ${api.url} (API version ${api.version})`,
  );
  const progress = reporter.progress("Signing in to OneLogin…");
  try {
    const reply = await requestAssertion(deps, api, token, identity);
    await noteReply(context, identity, reply);
    return reply;
  } finally {
    progress.end();
  }
}

/** A corrected identity, or undefined when this refusal is not one that an answer can mend. */
async function askAgain(
  context: Context,
  identity: Identity,
  reply: Extract<Reply, { kind: "refused" }>,
  error: UserError,
): Promise<Identity | undefined> {
  const { prompter, reporter } = context;
  switch (reply.cause) {
    case "credentials":
    case "password-empty": {
      reporter.warn(error.message);
      let username = identity.username;
      while (true) {
        const password = await prompter.secret({
          ...PASSWORD,
          message: `OneLogin password of ${username} (empty: another user)`,
          emptyAllowed: true,
        });
        if (password !== "") return { ...identity, username, password };
        username = await prompter.text(USERNAME);
      }
    }
    case "username-empty":
      reporter.warn(error.message);
      return { ...identity, username: await prompter.text(USERNAME) };
    case "subdomain":
      reporter.warn(error.message);
      return { ...identity, subdomain: await askSubdomain(context) };
    default:
      return undefined;
  }
}

function fingerprint({ username, password }: Pick<Identity, "username" | "password">): string {
  return `${username}\n${password}`;
}

/** What a failed assertion request means, in words and exit code. */
function assertionError(reply: Exclude<Reply, Accepted>, identity: Identity): UserError {
  if (reply.kind === "unavailable") {
    const cause = reply.status === 429 ? "undecided" : "password-unanswered";
    return unavailable(reply, "sign in to OneLogin", reply.unsent ? undefined : cause);
  }
  if (reply.kind === "pending") {
    return new UserError(`cannot sign in to OneLogin: it has not decided yet (${JSON.stringify(reply.message)})`, {
      exit: Exit.unavailable,
      cause: "undecided",
      hint: "run again in a minute; the password is not sent again by itself",
    });
  }
  const user = JSON.stringify(identity.username);
  const said = words(reply);
  const refuse = (message: string, hint: string | readonly string[]) =>
    new UserError(message, { exit: Exit.refused, hint, cause: reply.cause });
  switch (reply.cause) {
    case "credentials":
      return refuse(`OneLogin refused the user ${user} or the password`, [
        "check both; too many wrong passwords lock the account",
      ]);
    case "locked":
      return refuse(
        `OneLogin says the user ${user} is locked (${said})`,
        "ask your administrator to unlock the user, or wait",
      );
    case "subdomain":
      return refuse(
        `OneLogin does not know the subdomain ${JSON.stringify(identity.subdomain)}`,
        'give the first part of your OneLogin address with --onelogin-subdomain ("acme" of acme.onelogin.com)',
      );
    case "username-empty":
    case "password-empty":
      return refuse(`OneLogin refused the sign-in: ${said}`, "give a user name and a password");
    case "app":
      return refuse(
        `OneLogin does not know the app ${JSON.stringify(identity.appId)}, or ${user} may not use it (${said})`,
        [
          "give the id of the AWS app with --onelogin-app-id: the number in its address in Administration > Applications",
          "an administrator assigns the app to users in OneLogin",
        ],
      );
    case "scope":
      return refuse(`OneLogin does not let this API client sign users in (${said})`, [
        'the API client needs the scope "Authentication Only" or more, and its IP restriction must allow this address',
      ]);
    case "bearer":
      return refuse(
        `OneLogin refused the access token it gave out (${said})`,
        "run again; check that client and region fit",
      );
    case "enrolment":
      return new UserError(`cannot sign in to OneLogin: ${said}`, {
        exit: Exit.mfa,
        hint: "sign in to OneLogin in a browser once and enrol a second factor",
      });
    default:
      return refuse(`OneLogin refused the sign-in of ${user}: ${said}`, [
        "check the app id (--onelogin-app-id) and the subdomain (--onelogin-subdomain)",
      ]);
  }
}

async function withSecondFactor(
  context: Context,
  api: Api,
  session: SignedIn["session"],
  first: Challenge,
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
      // Built anew so that a used --otp is gone.
      const next = {
        identity: session.identity,
        token: session.token,
        factorId,
        ...(otp === undefined ? {} : { otp }),
      };
      return { session: next, assertion: await read(outcome.assertion) };
    }
    if (fresh === 1) {
      throw new UserError("cannot complete the second factor: OneLogin's time for it ran out twice", {
        exit: Exit.mfa,
        hint: "run again and answer within two minutes",
      });
    }
    reporter.warn("the time for the second factor ran out; starting the sign-in once more");
    const reply = await post(context, api, session.token, session.identity);
    if (reply.kind === "success") return { session, assertion: await read(reply.assertion) };
    if (reply.kind !== "mfa") throw assertionError(reply, session.identity);
    challenge = reply.challenge;
  }
}

async function selectFactor(
  context: Context,
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
  context: Context,
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
