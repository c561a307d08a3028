/** The main use case: sign in, choose a role, get credentials, deliver; once, in a loop, or interactively. */

import { defined } from "../defined.ts";
import { answerOr, answerOrElse, Exit, UserError } from "../errors.ts";
import { askRole, pickRole } from "./role.ts";
import type { Prompter } from "../io/prompter.ts";
import type { Context } from "../settings/context.ts";
import type { Duration } from "../settings/settings.ts";
import { exchangeAssertion, type ExchangeOutcome } from "./credentials.ts";
import { getLogin, loginAgain, newLogin } from "./assertion.ts";
import { pickRegion } from "./region.ts";
import { type Renewable, renewWhileAlive, waitForRenewal, warnAboutGaps } from "./renewal.ts";
import { type Role, roleKey } from "../saml/role_arn.ts";
import { rememberRoles, rememberUsedRole } from "../store/last_choices.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { anotherUser, furtherSession, isSilent, type Login, newSession } from "./session.ts";

/** Delivers credentials: prints them, saves them as `profile`, or both. */
export type Deliver = (granted: RoleCredentials, profile: string | undefined) => Promise<void>;

/** A successful round, and the start of the next one. */
interface Round {
  readonly login: Login;
  readonly granted: RoleCredentials;
  /** The role of the assertion, which a renewal requests again. */
  readonly samlRole: Role;
  readonly profile: string | undefined;
  readonly duration: Duration;
}

/**
 * Runs the login of the settings: `--loop` rounds, then, with `--interactive`, whatever the user chooses.
 *
 * @param beforePassword must succeed before a password is posted; a login without one does not call it.
 * @returns the roles of the login that the rounds ended with.
 * @throws UserError with the exit code of the failed step; earlier deliveries are kept.
 */
export async function login(
  context: Context,
  deliver: Deliver,
  beforePassword?: () => Promise<void>,
): Promise<readonly Role[]> {
  const { settings, reporter } = context;
  const rounds = settings.loop.value;
  if (rounds < 1) {
    reporter.info("Executed a total of 0 iterations");
    return [];
  }
  warnAboutGaps(context);
  let round = await firstRound(context, deliver, beforePassword);
  for (let done = 1; done < rounds; done++) {
    await waitForRenewal(context, done, rounds);
    round = await renew(context, round, deliver);
  }
  if (rounds > 1) reporter.info(`Executed a total of ${rounds} iterations`);
  if (settings.interactive && context.prompter.piped) round = await pipedRounds(context, round, deliver);
  else if (settings.interactive && context.prompter.kind !== "none") await furtherRounds(context, round, deliver);
  return round.login.assertion.roles;
}

/** Logs in for `serve`, which renews automatically. */
export async function renewableLogin(context: Context, deliver: Deliver): Promise<Renewable> {
  const first = await firstRound(context, deliver);
  await rememberRoles(context, first.login.assertion.roles);
  return renewable(first, deliver);
}

function renewable(round: Round, deliver: Deliver): Renewable {
  const { login: { session }, granted, profile } = round;
  return {
    granted: [{ ...granted, ...defined({ profile }) }],
    isSilent: isSilent(session),
    async renew(context, askUser) {
      return renewable(
        await renewedRound(context, round, await loginAgain(context, session, askUser), deliver),
        deliver,
      );
    },
  };
}

async function firstRound(context: Context, deliver: Deliver, beforePassword?: () => Promise<void>): Promise<Round> {
  // With --file alone it is "default"; set here, so that a further round asks before writing there again.
  const target = profileTarget(context, context.settings.profile?.value ?? (context.settings.file && "default"));
  const session = { ...newSession(context), ...defined({ beforePassword }) };
  const start = await getLogin(context, session, target.askNew);
  return await deliverRole(context, start, () => pickRole(context, start.assertion.roles), deliver, target);
}

/** The profile to save, which answers may change. */
interface ProfileTarget {
  /** The profile; a user at a terminal is asked for its name. */
  readonly get: () => string | undefined | Promise<string>;
  /** From a pipe, the Python tool's question before another user or role; else nothing. */
  readonly askNew: () => Promise<void>;
}

function profileTarget(context: Context, first: string | undefined): ProfileTarget {
  const { prompter } = context;
  let profile = first;
  return {
    get: () => profile,
    async askNew() {
      if (!prompter.piped || profile === undefined) return;
      const other = await prompter.confirm({
        message: "Another profile?",
        line: "Do you want to set a new profile name?  (y/n) ",
        option: "--profile",
        fallback: false,
      });
      if (other) profile = await askProfile(context, undefined);
    },
  };
}

async function deliverRole(
  context: Context,
  start: Login,
  choose: (login: Login) => Promise<Role>,
  deliver: Deliver,
  target: ProfileTarget,
  duration = context.settings.duration.value,
): Promise<Round> {
  let login = start;
  for (let users = 0;; users++) {
    const role = await choose(login);
    const region = await pickRegion(context, role);
    const profile = await target.get();
    const outcome = await getCredentials(context, login, role, region, duration);
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
    login = await answerOr(outcome.error, afterRefusal(context, outcome, target));
    const { roles } = login.assertion;
    choose = () => outcome.kind === "another-role" ? askRole(context, roles, roles) : pickRole(context, roles);
  }
}

async function afterRefusal(
  context: Context,
  { kind, login }: Extract<ExchangeOutcome, { kind: "another-user" | "another-role" }>,
  target: ProfileTarget,
): Promise<Login> {
  await target.askNew();
  return kind === "another-role" ? login : await getLogin(context, anotherUser(login.session), target.askNew);
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
  duration: Duration,
): Promise<Exclude<ExchangeOutcome, { kind: "expired-assertion" }>> {
  const first = await exchangeAssertion(context, { login, role, region, duration, questions: 0 });
  if (first.kind !== "expired-assertion") return first;
  context.reporter.warn("AWS no longer accepts the SAML assertion; signing in again");
  // The Python tool would not ask for the password of a cached login here.
  if (first.exchange.login.session.identity === undefined) context.prompter.piped?.outOfStep();
  const next = await newLogin(context, furtherSession(first.exchange.login.session));
  const second = await exchangeAssertion(context, { ...first.exchange, login: next });
  if (second.kind === "expired-assertion") throw second.error;
  return second;
}

// --- --loop ---------------------------------------------------------------------------------------------------------

/** Gets credentials for the same role again, with a new login of the same user. */
async function renew(context: Context, round: Round, deliver: Deliver): Promise<Round> {
  return await renewWhileAlive(
    context,
    round.granted.credentials.expiration,
    async () =>
      await renewedRound(context, round, await newLogin(context, furtherSession(round.login.session)), deliver),
  );
}

async function renewedRound(context: Context, round: Round, login: Login, deliver: Deliver): Promise<Round> {
  const { samlRole } = round;
  const same = login.assertion.roles.find((each) => roleKey(each) === roleKey(samlRole));
  if (!same) {
    throw new UserError(
      `cannot renew the credentials: this login no longer has the role ${JSON.stringify(samlRole.roleArn)}`,
      { exit: Exit.role, hint: "run again and choose another role" },
    );
  }
  const outcome = await getCredentials(context, login, same, round.granted.region, round.duration);
  if (outcome.kind !== "credentials") throw outcome.error;
  await deliver(outcome.granted, round.profile);
  return { ...outcome, profile: round.profile };
}

// --- --interactive --------------------------------------------------------------------------------------------------

/**
 * After each delivery the user chooses what to do next. The end of the input means stop. Errors of a further round
 * are reported and the menu is shown again; saved profiles are kept.
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

/**
 * The same from a pipe, with the Python tool's questions in its order. That tool ignores the answer to the second one;
 * here it counts. The end of the input means stop. A failed round ends the run: the next lines were meant for it.
 */
async function pipedRounds(context: Context, first: Round, deliver: Deliver): Promise<Round> {
  const { prompter } = context;
  let round = first;
  while (true) {
    const way = await askPipedWay(prompter);
    if (way === "stop") return round;
    const target = profileTarget(context, round.profile);
    await target.askNew();
    const { login } = round;
    const start = way === "role" ? login : await getLogin(context, anotherUser(login.session), target.askNew);
    const { roles } = start.assertion;
    const choose = () => way === "role" && roles.length > 1 ? askRole(context, roles, roles) : pickRole(context, roles);
    round = await deliverRole(context, start, choose, deliver, target, round.duration);
  }
}

async function askPipedWay(prompter: Prompter): Promise<"role" | "user" | "stop"> {
  const ask = (other: string) =>
    prompter.confirm({
      message: `Continue with another ${other}?`,
      line: `Do you want to execute now the process for ${
        other === "role" ? "the same user but with other AWS Role" : "other user"
      }?  (y/n) `,
      option: "run without --interactive",
      fallback: false,
    });
  const way = async () => await ask("role") ? "role" : await ask("user") ? "user" : "stop";
  return await answerOrElse(way(), () => "stop");
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
  // The requested role is done: now offer every role.
  const { roles } = start.assertion;
  return await deliverRole(
    context,
    start,
    () => way === "role" || roles.length > 1 ? askRole(context, roles, roles) : pickRole(context, roles),
    deliver,
    { ...profileTarget(context, undefined), get: profileQuestion(context, round.profile) },
    round.duration,
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
  const answer = context.prompter.choose({
    message: "What next?",
    line: `Select what to do next [0-${ways.length - 1}]: `,
    option: "run without --interactive",
    choices: ways,
  });
  return await answerOrElse(answer, () => "stop");
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
