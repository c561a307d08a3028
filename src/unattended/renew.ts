/** The login behind `credential-process`: one at a time, and only if it needs no answer. */

import { localTime } from "../duration.ts";
import { serviceNow } from "../io/clock.ts";
import { defined } from "../defined.ts";
import { Exit, UserError, userError } from "../errors.ts";
import { withTimeLimit } from "../io/concurrency.ts";
import { type Role, roleKey } from "../saml/role_arn.ts";
import { chooseRole } from "../saml/roles.ts";
import { readCachedAssertion } from "../store/assertion_cache.ts";
import { pickRole } from "../login/role.ts";
import type { Context } from "../settings/context.ts";
import { getCredentials } from "../login/one_role.ts";
import type { Identity } from "../onelogin/client.ts";
import { apiFrom } from "../login/api_client.ts";
import { readLastFactor } from "../store/last_choices.ts";
import { browserOf } from "../login/browser_login.ts";
import { OUTSIDE } from "../login/outside_login.ts";
import { cachedOrNew } from "../login/assertion.ts";
import { type CachedCredentials, findCached, type Found } from "../store/credentials_cache.ts";
import { writeCached } from "../store/save_credentials.ts";
import { pickRegion } from "../login/region.ts";
import { forgetFailure, noteFailure, recentFailure } from "../store/failures.ts";
import { inTurn } from "./single_flight.ts";
import { isDue, isUsable } from "./answer.ts";
import { requestedRole } from "../settings/settings.ts";
import type { Subject } from "../store/subject.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { type Login, newSession, type Session } from "../login/session.ts";

/** How long not to repeat what has just failed; milliseconds. */
const PAUSE_MS = 30_000;
/** The same while the old credentials live: a phone should not ring twice a minute for new ones. */
const CALM_PAUSE_MS = 5 * 60_000;

/** How long to wait for another run's login while the old credentials live: they are served meanwhile. Milliseconds. */
const SHORT_WAIT_MS = 1000;

/**
 * While the old credentials live, they are served in the end: a push has this long to be approved, and the
 * whole renewal this long to finish. Seconds, milliseconds.
 */
const HURRIED_PUSH_S = 5;
const HURRIED_MS = 8000;
/** With less time left, no request is started. Milliseconds. */
const LEAST_MS = 1000;

/** How long to wait for a password from a pipe; milliseconds. */
const STDIN_MS = 2000;

/**
 * Signs in and gets credentials for the subject, unless another process has just done so or failed.
 *
 * @throws UserError exit 8 at once when a user is needed; what the login throws, even in another process.
 */
export async function renewUnattended(context: Context, subject: Subject, before: Found): Promise<RoleCredentials> {
  const quiet: Context = { ...context, settings: { ...context.settings, noInput: true } };
  const session = await sessionOrRefuse(quiet, subject, before);
  const keys = keysOf(context, subject);
  const usable = before.kind === "found" && isUsable(before.cached, serviceNow(context.deps));
  return await inTurn(context, keys.turn, usable ? SHORT_WAIT_MS : longestMs(context), async () => {
    const again = await findCached(context, subject);
    const cached = again.kind === "found" ? again.cached : undefined;
    // With --force, do not serve the old credentials, but do serve those that another run has just renewed.
    const isNew = before.kind === "none" || cached?.obtained !== before.cached.obtained;
    if (cached && (isNew || !context.settings.force) && !isDue(cached, serviceNow(context.deps))) return cached.granted;
    const lives = cached !== undefined && isUsable(cached, serviceNow(context.deps));
    for (const key of [keys.signIn, keys.subject]) {
      const failure = await recentFailure(context, key, lives ? CALM_PAUSE_MS : PAUSE_MS);
      if (failure) throw failure;
    }
    // They must still be valid when the time has passed.
    const canWait = cached === undefined || !isUsable(cached, serviceNow(context.deps) + HURRIED_MS);
    const work = canWait ? quiet : hurried(quiet);
    const login = await noted(context, keys.signIn, () => cachedOrNew(work, session, subject.owner));
    const granted = await noted(context, keys.subject, () => assume(work, login, subject, cached));
    await keep(context, { ...subject, granted, obtained: serviceNow(context.deps) });
    for (const key of [keys.signIn, keys.subject]) await forgetFailure(context, key);
    return granted;
  });
}

/**
 * The keys for taking turns and for recorded failures: a failed sign-in concerns all profiles of its
 * user, a later step concerns one profile. A different request has not failed yet.
 */
function keysOf({ settings }: Context, { profile, owner, chain, policy = "" }: Subject) {
  const { oneloginUrl, mfaDevice, otp, awsAccountId, awsRoleName, awsRegion, duration } = settings;
  const user = [oneloginUrl.value, owner.subdomain ?? "", owner.appId ?? "", owner.username ?? ""];
  const choices = [awsAccountId?.value ?? "", awsRoleName?.value ?? "", awsRegion?.value ?? "", duration.value];
  return {
    turn: ["turn", ...user],
    signIn: ["sign-in", ...user, mfaDevice ?? "", otp !== undefined],
    subject: ["subject", ...user, profile, chain, policy, ...choices],
  } as const;
}

/** Longer than any login takes: a token, a password, a second factor with its last poll, AWS. Milliseconds. */
function longestMs({ settings }: Context): number {
  return (2 * settings.mfaTimeout + settings.browserTimeout + 8 * settings.timeout) * 1000;
}

async function noted<T>(context: Context, key: readonly unknown[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError && isWorthNoting(error)) await noteFailure(context, key, error);
    throw error;
  }
}

/**
 * Not a wrong file or option, which can be corrected at once; nor a refused password, which the lockout guard
 * handles better: it allows another password.
 */
function isWorthNoting({ exit, cause }: UserError): boolean {
  if (cause === OUTSIDE) return true;
  return exit !== Exit.usage && exit !== Exit.protective && cause !== "credentials" && cause !== "locked";
}

async function keep(context: Context, cached: CachedCredentials): Promise<void> {
  const failure = await writeCached(context, cached).catch(userError);
  if (failure instanceof UserError) {
    context.reporter.detail(`the credentials could not be cached: ${failure.message}`);
  }
}

// ---- In a hurry ----------------------------------------------------------------------------------------------------

/**
 * The same context with a deadline: any later wait or request fails with exit 7. The context's clock is checked
 * at each step, since a timer would continue while the computer sleeps.
 */
function hurried(context: Context): Context {
  const { deps, settings } = context;
  const { clock, http } = deps;
  const end = clock.now() + HURRIED_MS;
  const stop = new AbortController();
  const outOfTime = () => {
    const error = new UserError(`cannot renew the credentials within ${HURRIED_MS / 1000} seconds`, {
      exit: Exit.unavailable,
      hint: "try again in a minute",
    });
    stop.abort(error);
    return error;
  };
  return {
    ...context,
    settings: {
      ...settings,
      mfaTimeout: Math.min(settings.mfaTimeout, HURRIED_PUSH_S),
      timeout: Math.min(settings.timeout, HURRIED_MS / 1000),
    },
    deps: {
      ...deps,
      signal: AbortSignal.any([deps.signal, stop.signal]),
      clock: {
        ...clock,
        async sleep(ms, signal) {
          const left = Math.max(end - clock.now(), 0);
          await clock.sleep(Math.min(ms, left), signal);
          if (ms > left) throw outOfTime();
        },
      },
      http: {
        ...http,
        async send(request) {
          const left = end - clock.now();
          if (left < LEAST_MS) throw outOfTime();
          return await http.send({ ...request, timeoutMs: Math.min(request.timeoutMs, left) });
        },
      },
    },
  };
}

// ---- What can be done without a person -----------------------------------------------------------------------------

/** The session to sign in with. Sends nothing. */
async function sessionOrRefuse(context: Context, subject: Subject, before: Found): Promise<Session> {
  const { settings } = context;
  if (settings.browser.value && settings.appId && settings.subdomain) {
    browserOf(context);
    return { unattended: {} };
  }
  const { username, appId, subdomain } = settings;
  if (username && appId && subdomain && (settings.password || settings.passwordStdin)) {
    apiFrom(context);
    const identity: Identity = {
      username: username.value,
      password: settings.password?.value ?? await passwordFromPipe(context),
      appId: appId.value,
      subdomain: subdomain.value,
      ...defined({ ip: settings.ip?.value }),
    };
    const last = await readLastFactor(context, identity);
    return { ...newSession(context), identity, unattended: defined({ lastFactorId: last }) };
  }
  if (await readCachedAssertion(context, subject.owner)) return {};
  const missing = settings.password || settings.passwordStdin
    ? [
      ...(username ? [] : ["--onelogin-username"]),
      ...(appId ? [] : ["--onelogin-app-id"]),
      ...(subdomain ? [] : ["--onelogin-subdomain"]),
    ].join(", ")
    : "the password";
  throw new UserError(
    `cannot get credentials for profile ${JSON.stringify(subject.profile)} without a prompt: ${
      stateOf(before, serviceNow(context.deps))
    }, and signing in needs ${missing}`,
    { exit: Exit.input },
  );
}

function stateOf(before: Found, now: number): string {
  if (before.kind === "none") return `no cached credentials (${before.reason})`;
  const { expiration } = before.cached.granted.credentials;
  return `the cached credentials ${expiration <= now ? "expired" : "expire"} at ${localTime(expiration)}`;
}

/** A credential process may inherit an input that never ends, so the password must arrive at once. */
async function passwordFromPipe({ deps }: Context): Promise<string> {
  const refuse = (why: string) =>
    new UserError(`cannot read the password from standard input: ${why}`, {
      exit: Exit.input,
      hint: "pipe it in, or set ONELOGIN_PASSWORD",
    });
  if (deps.terminal.stdinIsTerminal) throw refuse("it is a terminal, and prompts are forbidden here");
  const line = await withTimeLimit(
    deps,
    STDIN_MS,
    refuse("nothing arrived within 2 seconds"),
    (signal) => deps.terminal.readSecretLine(signal),
  );
  if (line) return line;
  throw refuse("it is empty");
}

// ---- The login -----------------------------------------------------------------------------------------------------

async function assume(
  context: Context,
  login: Login,
  subject: Subject,
  before: CachedCredentials | undefined,
): Promise<RoleCredentials> {
  const role = await roleOf(context, login.assertion.roles, subject, before?.granted.role);
  const region = context.settings.awsRegion === undefined && before
    ? before.granted.region
    : await pickRegion(context, role);
  const outcome = await getCredentials(context, login, role, region, context.settings.duration.value);
  if (outcome.kind === "credentials") return outcome.granted;
  throw new UserError(`cannot get credentials for profile ${JSON.stringify(subject.profile)}: another user is needed`, {
    exit: Exit.input,
  });
}

/** The requested role; if several match, the one the profile had. Never a different one. */
async function roleOf(
  context: Context,
  roles: readonly Role[],
  subject: Subject,
  before: Role | undefined,
): Promise<Role> {
  const { settings } = context;
  // The last role of a chain is not one of the login's roles.
  if (before === undefined || subject.chain.length > 0) return await pickRole(context, roles);
  const choice = chooseRole(roles, requestedRole(settings), { aliases: settings.accounts });
  const same = (role: Role) => roleKey(role) === roleKey(before);
  if (choice.kind === "ask") {
    const candidate = choice.candidates.find(same);
    if (candidate) return candidate;
  }
  if (choice.kind === "chosen" && choice.how === "only" && !same(choice.role)) {
    throw new UserError(
      `cannot renew the credentials: this login no longer has the role ${JSON.stringify(before.roleArn)}`,
      { exit: Exit.role, hint: "choose another role with --aws-account-id and --aws-role-name" },
    );
  }
  return await pickRole(context, roles);
}
