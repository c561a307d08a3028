/** The main use case: sign in, choose a role, get credentials, deliver; once, again and again, or as the person likes. */

import { defined } from "../defined.ts";
import { Exit, UserError } from "../errors.ts";
import { askRole, pickRole } from "./role.ts";
import type { Context } from "../settings/context.ts";
import { exchangeAssertion, type ExchangeOutcome } from "./credentials.ts";
import { getLogin, newLogin } from "./assertion.ts";
import { pickRegion } from "./region.ts";
import { renewWhileAlive, waitForRenewal, warnAboutGaps } from "./renewal.ts";
import { type Role, roleKey } from "../saml/roles.ts";
import { rememberUsedRole } from "../store/last_choices.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { anotherUser, furtherSession, type Login, newSession } from "./session.ts";

/** Hands credentials over: prints them, or saves them as `profile`, or both. */
export type Deliver = (granted: RoleCredentials, profile: string | undefined) => Promise<void>;

/** One round that succeeded, and what the next one starts from. */
interface Round {
  readonly login: Login;
  readonly granted: RoleCredentials;
  /** The role of the assertion, which a renewal asks for again. */
  readonly samlRole: Role;
  readonly profile: string | undefined;
  readonly durationSeconds: number;
}

/**
 * Runs the login of the settings: `--loop` rounds, then, with `--interactive`, whatever the person chooses.
 *
 * @returns the roles of the login that the rounds ended with.
 * @throws UserError with the exit code of the step that failed; what was delivered before stays.
 */
export async function login(context: Context, deliver: Deliver): Promise<readonly Role[]> {
  const { settings, reporter } = context;
  const rounds = settings.loop.value;
  if (rounds < 1) {
    reporter.info("Executed a total of 0 iterations");
    return [];
  }
  warnAboutGaps(context);
  let round = await firstRound(context, deliver);
  for (let done = 1; done < rounds; done++) {
    await waitForRenewal(context, done, rounds);
    round = await renew(context, round, deliver);
  }
  if (rounds > 1) reporter.info(`Executed a total of ${rounds} iterations`);
  if (settings.interactive && context.prompter.kind !== "none") await furtherRounds(context, round, deliver);
  return round.login.assertion.roles;
}

async function firstRound(context: Context, deliver: Deliver): Promise<Round> {
  const start = await getLogin(context, newSession(context));
  return await deliverRole(
    context,
    start,
    () => pickRole(context, start.assertion.roles),
    deliver,
    // With --file alone it is "default"; named here, so that a further round asks before it writes there again.
    () => context.settings.profile?.value ?? (context.settings.file ? "default" : undefined),
  );
}

async function deliverRole(
  context: Context,
  start: Login,
  choose: (login: Login) => Promise<Role>,
  deliver: Deliver,
  profileFor: () => string | undefined | Promise<string>,
  seconds = context.settings.duration.value,
): Promise<Round> {
  let login = start;
  for (let users = 0;; users++) {
    const role = await choose(login);
    const region = await pickRegion(context, role);
    const profile = await profileFor();
    const outcome = await getCredentials(context, login, role, region, seconds);
    if (outcome.kind === "credentials") {
      await deliver(outcome.granted, profile);
      if (context.prompter.kind === "terminal") await rememberUsedRole(context, outcome.samlRole.roleArn);
      return { ...outcome, profile };
    }
    if (users === 3) {
      throw new UserError("cannot get credentials: AWS refused the roles of four users", {
        exit: Exit.sts,
        hint: "ask your administrator which user may assume which role",
      });
    }
    login = await getLogin(context, anotherUser(outcome.login.session));
    const { roles } = login.assertion;
    choose = () => pickRole(context, roles);
  }
}

/**
 * Gets credentials of `role`. If AWS finds the assertion too old, it is replaced once by signing in again.
 *
 * @throws UserError exit 6 when STS refuses, exit 7 when it cannot be reached.
 */
export async function getCredentials(
  context: Context,
  login: Login,
  role: Role,
  region: string,
  durationSeconds: number,
): Promise<Exclude<ExchangeOutcome, { kind: "expired-assertion" }>> {
  const first = await exchangeAssertion(context, { login, role, region, durationSeconds, asked: 0 });
  if (first.kind !== "expired-assertion") return first;
  context.reporter.warn("AWS finds the SAML assertion too old; signing in once more");
  const next = await newLogin(context, furtherSession(first.exchange.login.session));
  const second = await exchangeAssertion(context, { ...first.exchange, login: next });
  if (second.kind === "expired-assertion") throw second.error;
  return second;
}

// --- --loop ---------------------------------------------------------------------------------------------------------

/** Gets credentials for the same role again, by a new login of the same user. */
async function renew(context: Context, round: Round, deliver: Deliver): Promise<Round> {
  const { samlRole } = round;
  return await renewWhileAlive(context, round.granted.credentials.expiration, async () => {
    const login = await newLogin(context, furtherSession(round.login.session));
    const same = login.assertion.roles.find((each) => roleKey(each) === roleKey(samlRole));
    if (!same) {
      throw new UserError(
        `cannot renew the credentials: this login has lost the role ${JSON.stringify(samlRole.roleArn)}`,
        { exit: Exit.role, hint: "run again and choose another role" },
      );
    }
    const outcome = await getCredentials(context, login, same, round.granted.region, round.durationSeconds);
    if (outcome.kind === "another-user") {
      throw new UserError("cannot renew the credentials: another user was asked for", {
        exit: Exit.sts,
        hint: "run again as that user",
      });
    }
    await deliver(outcome.granted, round.profile);
    return { ...outcome, profile: round.profile };
  });
}

// --- --interactive --------------------------------------------------------------------------------------------------

/**
 * After each delivery the person chooses how to go on. The end of the input means stop. What goes wrong in a further round
 * is said and the question asked again: what was delivered before is not lost by it.
 */
async function furtherRounds(context: Context, first: Round, deliver: Deliver): Promise<void> {
  let round = first;
  while (true) {
    const way = await askWay(context, round);
    if (way === "stop") return;
    try {
      round = await furtherRound(context, round, way, deliver);
    } catch (error) {
      if (!(error instanceof UserError) || error.exit === Exit.input) throw error;
      for (const line of [error.message, ...error.hints]) context.reporter.warn(line);
    }
  }
}

async function furtherRound(
  context: Context,
  round: Round,
  way: "role" | "user" | "profile",
  deliver: Deliver,
): Promise<Round> {
  if (way === "profile") {
    const profile = await askProfile(context, round.profile);
    await deliver(round.granted, profile);
    return { ...round, profile };
  }
  const start = way === "role" ? round.login : await getLogin(context, anotherUser(round.login.session));
  // What was asked for on the command line is done: now every role is open.
  const { roles } = start.assertion;
  return await deliverRole(
    context,
    start,
    () => way === "role" || roles.length > 1 ? askRole(context, roles, roles) : pickRole(context, roles),
    deliver,
    profileQuestion(context, round.profile),
    round.durationSeconds,
  );
}

async function askWay(context: Context, round: Round): Promise<"role" | "user" | "profile" | "stop"> {
  const ways = [
    ...(round.login.assertion.roles.length > 1
      ? [{ value: "role" as const, label: "Another role with the same login" }]
      : []),
    { value: "user" as const, label: "Another user" },
    { value: "profile" as const, label: "The same credentials under another profile name" },
    { value: "stop" as const, label: "Stop" },
  ];
  try {
    return await context.prompter.choose({
      message: "What next?",
      line: `Select what to do next [0-${ways.length - 1}]: `,
      option: "leaving out --interactive",
      choices: ways,
      listing: ways.map(({ label }, index) => ` ${index} | ${label}`),
    });
  } catch (error) {
    if (error instanceof UserError && error.exit === Exit.input) return "stop";
    throw error;
  }
}

function profileQuestion(context: Context, current: string | undefined): () => undefined | Promise<string> {
  return () => current === undefined ? undefined : askProfile(context, current);
}

async function askProfile(context: Context, current: string | undefined): Promise<string> {
  return await context.prompter.text({
    message: "Profile name",
    line: current === undefined ? "Profile name: " : `Profile name (${current}): `,
    option: "--profile",
    ...defined({ fallback: current }),
  });
}
