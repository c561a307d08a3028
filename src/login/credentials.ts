/** Gets credentials for an assertion and a role, and asks the user to recover from refusals. */

import { assumeRoleWithSaml, describeSkew, stsError } from "../aws/sts.ts";
import { answerOr, type UserError } from "../errors.ts";
import { serviceNow } from "../io/clock.ts";
import type { Assertion } from "../saml/assertion.ts";
import { type Role, roleKey } from "../saml/role_arn.ts";
import type { Duration } from "../settings/settings.ts";
import { stsTarget } from "../settings/sts_target.ts";
import { askValue, readDuration } from "../settings/values.ts";
import { readLongestSessions, rememberLongestSessions } from "../store/longest_sessions.ts";
import { chainRoles } from "./chain.ts";
import { chainedDuration } from "./chain_options.ts";
import { askForMost, assertionLimit, MAX_SECONDS, MIN_SECONDS, shortened, type StsAnswer } from "./lifetime.ts";
import { askRole, describeRole } from "./role.ts";
import { pickRegion } from "./region.ts";
import { type AwsContext, type Login, sessionOwner } from "./session.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";

/** How often the user is asked for something else after AWS refused. */
const MORE_TRIES = 3;

/** The requested exchange, and what was asked about it so far. */
export interface Exchange {
  readonly login: Login;
  readonly role: Role;
  readonly region: string;
  readonly duration: Duration;
  /** How often the user was asked for something else. */
  readonly questions: number;
}

export type ExchangeOutcome =
  | {
    readonly kind: "credentials";
    readonly granted: RoleCredentials;
    /** The assumed role of the assertion; with `--chain-role-arn` it differs from `granted.role`. */
    readonly samlRole: Role;
    readonly login: Login;
    readonly duration: Duration;
  }
  /** AWS refused the role, and another user should sign in, or another role be chosen; `error` if nobody answers. */
  | { readonly kind: "another-user" | "another-role"; readonly login: Login; readonly error: UserError }
  /** AWS no longer accepts this assertion: a new one can serve the same exchange. */
  | { readonly kind: "expired-assertion"; readonly exchange: Exchange; readonly error: UserError };

/**
 * Exchanges the login's assertion for credentials of the role, and these for those of `--chain-role-arn`.
 *
 * A duration above the role's maximum, a role that does not let the user in and a bad ARN are put to the person, at most
 * three times in all; without a person each is an error.
 *
 * @throws UserError exit 6 when STS refuses, exit 7 when it cannot be reached.
 */
export async function exchangeAssertion(context: AwsContext, start: Exchange): Promise<ExchangeOutcome> {
  const { login } = start;
  let { role, region, questions } = start;
  let duration = chainedDuration(context.settings, start.duration);
  while (true) {
    const { outcome, seconds } = await assume(context, login.assertion, role, region, duration);
    if (outcome.kind === "credentials") {
      const { credentials, assumedRoleArn } = outcome;
      const own = { credentials, role, assumedRoleArn, region };
      const granted = {
        ...await chainRoles(context, own, login.assertion.roleSessionName),
        ...sessionOwner(login.session),
      };
      return { kind: "credentials", granted, samlRole: role, login, duration };
    }
    const error = stsError(outcome, {
      ...stsTarget(context.settings, region),
      roleArn: role.roleArn,
      principalArn: role.principalArn,
      durationSeconds: seconds,
    });
    if (outcome.kind === "unavailable") throw error;
    if (outcome.cause === "expired-assertion" && describeSkew(outcome.dateSkewMs) === undefined) {
      return { kind: "expired-assertion", exchange: { login, role, region, duration, questions }, error };
    }
    if (questions++ >= MORE_TRIES || context.prompter.kind === "none") throw error;
    switch (outcome.cause) {
      case "duration":
        context.reporter.warn(error.message);
        duration = await answerOr(error, askDuration(context));
        break;
      case "not-authorized":
      case "bad-role-arn":
      case "bad-principal-arn": {
        context.reporter.warn(error.message);
        // From a pipe, the Python tool's questions follow, starting with the profile.
        if (context.prompter.piped) {
          const kind = outcome.cause === "not-authorized" ? "another-user" : "another-role";
          if (kind === "another-role" && login.assertion.roles.length < 2) throw error;
          return { kind, login, error };
        }
        const next = await answerOr(
          error,
          askOther(context, login.assertion.roles, role, outcome.cause === "not-authorized"),
        );
        if (next === "stop") throw error;
        if (next === "user") return { kind: "another-user", login, error };
        role = next;
        region = await pickRegion(context, role);
        break;
      }
      default:
        throw error;
    }
  }
}

/** Asks AWS for the lifetime: a number as it is, and with "max" for the most that the assertion and the role allow. */
async function assume(
  context: AwsContext,
  assertion: Assertion,
  role: Role,
  region: string,
  duration: Duration,
): Promise<StsAnswer> {
  const { deps, reporter } = context;
  const limit = assertionLimit(assertion, serviceNow(deps));
  const warning = shortened(role.roleArn, duration, limit);
  if (warning !== undefined) reporter.warn(warning);
  const known = duration === "max" ? (await readLongestSessions(context)).get(role.roleArn) : undefined;
  const progress = reporter.progress("Getting credentials from AWS…");
  try {
    const answer = await askSts(context, assertion, role, region, duration, { known, stepDown: duration === "max" });
    const less = warning === undefined ? cutShort(context, answer, role.roleArn, duration) : undefined;
    if (less !== undefined) reporter.warn(less);
    if (answer.longest !== undefined) {
      await rememberLongestSessions(context, new Map([[role.roleArn, answer.longest]]));
    }
    return answer;
  } finally {
    progress.end();
  }
}

/**
 * AssumeRoleWithSAML by the settings: endpoint, time to wait, session policy.
 *
 * @param known the longest session of the role, if it is known; seconds.
 * @param stepDown whether to ask for less, with the same assertion, when the role does not allow so long a session.
 */
export async function askSts(
  { deps, settings, reporter }: Pick<AwsContext, "deps" | "settings" | "reporter">,
  assertion: Assertion,
  role: Role,
  region: string,
  duration: Duration,
  { known = MAX_SECONDS, stepDown }: { readonly known?: number | undefined; readonly stepDown: boolean },
): Promise<StsAnswer> {
  const target = stsTarget(settings, region);
  // Restrict only the last role of a chain: the others must be able to assume the next role.
  const sessionPolicy = settings.chainRoleArn.length === 0 ? settings.sessionPolicy?.value : undefined;
  const ask = (durationSeconds: number) => {
    reporter.detail(`assuming ${role.roleArn} by ${role.principalArn} in ${region} for ${durationSeconds} seconds`);
    return assumeRoleWithSaml(deps, { ...target, role, assertion, durationSeconds, sessionPolicy });
  };
  if (!stepDown && duration !== "max") return { outcome: await ask(duration), seconds: duration };
  const most = duration === "max" ? Math.max(MIN_SECONDS, assertionLimit(assertion, serviceNow(deps))) : duration;
  return await askForMost(Math.min(most, known), ask);
}

/** The warning that AWS gave less time than was asked for, if it did. */
export function cutShort(
  { deps }: Pick<AwsContext, "deps">,
  { outcome, seconds }: StsAnswer,
  whose: string,
  duration: Duration,
): string | undefined {
  if (outcome.kind !== "credentials" || duration === "max") return undefined;
  // Use AWS's clock: this computer's may be wrong.
  const lifetime = outcome.credentials.expiration - deps.clock.now() - (outcome.dateSkewMs ?? 0);
  return shortened(whose, Math.min(duration, seconds), lifetime / 1000);
}

function askDuration(context: AwsContext): Promise<Duration> {
  return askValue(context, {
    message: `Duration in seconds, ${MIN_SECONDS} to ${MAX_SECONDS}`,
    line: `Please provide a duration between ${MIN_SECONDS} and ${MAX_SECONDS} seconds: `,
    option: "--duration",
    fallback: "3600",
  }, readDuration);
}

async function askOther(
  context: AwsContext,
  roles: readonly Role[],
  refused: Role,
  offerUser: boolean,
): Promise<Role | "user" | "stop"> {
  const others = roles.filter((role) => roleKey(role) !== roleKey(refused));
  const ways = [
    ...(others.length > 0 ? [{ value: "role" as const, label: "Choose another role" }] : []),
    ...(offerUser ? [{ value: "user" as const, label: "Sign in as another user" }] : []),
    { value: "stop" as const, label: "Stop" },
  ];
  if (ways.length === 1) return "stop";
  const way = await context.prompter.choose({
    message: "What next?",
    line: `Select what to do next [0-${ways.length - 1}]: `,
    option: "--aws-account-id and --aws-role-name",
    choices: ways,
  });
  if (way !== "role") return way;
  const [only] = others;
  if (only && others.length === 1) {
    context.reporter.info(`AWS Role selected: ${describeRole(only, context.settings.accounts)}`);
    return only;
  }
  return await askRole(context, others, others);
}
