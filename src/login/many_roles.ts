/** One login, many roles: exchanges one assertion for the credentials of each role, and delivers them together. */

import { PROGRAM } from "../version.ts";
import { describeSkew, stsError } from "../aws/sts.ts";
import { roughly } from "../duration.ts";
import { Exit, type ExitCode, orUserError, printable, UserError, withHints } from "../errors.ts";
import { serviceNow } from "../io/clock.ts";
import { mapAtMost } from "../io/concurrency.ts";
import { ASSERTION_LIFE_MS, assertionEnd } from "../saml/assertion.ts";
import { selectRoles } from "../saml/role_patterns.ts";
import { type Role, roleKey } from "../saml/role_arn.ts";
import { sortRoles } from "../saml/roles.ts";
import { describeRole, narrowRoles } from "./role.ts";
import type { Duration } from "../settings/settings.ts";
import { stsTarget } from "../settings/sts_target.ts";
import type { Context } from "../settings/context.ts";
import { askSts, cutShort } from "./credentials.ts";
import { assertionLimit, shortened, type StsAnswer } from "./lifetime.ts";
import type { ManyRolesOptions } from "./many_roles_options.ts";
import { getLogin, loginAgain, newLogin } from "./assertion.ts";
import { type NamedRole, nameProfiles } from "./profile_names.ts";
import { pickRegion } from "./region.ts";
import { type Renewable, renewWhileAlive, soonestEnd, waitForRenewal, warnAboutGaps } from "./renewal.ts";
import { readOwnLastRoles, rememberRoles } from "../store/last_choices.ts";
import { type LongestSessions, readLongestSessions, rememberLongestSessions } from "../store/longest_sessions.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";
import type { KnownOwner } from "../store/subject.ts";
import { furtherSession, isSilent, type Login, newSession, sessionOwner } from "./session.ts";

/** Calls to STS at the same time. */
const AT_ONCE = 8;
/** Maximum number of hints under the last line. */
const MAX_HINTS = 4;

/** One of the roles, with the region of its credentials and the profile they are saved as. */
export interface Target {
  readonly role: Role;
  readonly region: string;
  /** Absent: they are not saved. */
  readonly profile?: string;
  /** Absent: the duration of the settings. */
  readonly duration?: Duration;
}

/** Delivers credentials. */
export interface ManyDelivery {
  /**
   * Throws if these could not be saved, before AWS is asked. Returns the roles to get credentials of.
   *
   * @param owner whose login it is, as far as it is known.
   */
  check(targets: readonly Target[], owner: KnownOwner): Promise<readonly Target[]>;
  /** All of them at once, at least one. */
  deliver(granted: readonly ProfileCredentials[]): Promise<void>;
}

/** The result of one round, both lists in the order of the targets. */
interface Gathered {
  readonly login: Login;
  readonly granted: readonly ProfileCredentials[];
  readonly failed: readonly UserError[];
}

/** A login and its time, by this computer's clock; milliseconds since the epoch. */
interface DatedLogin {
  readonly login: Login;
  readonly gotAt: number;
}

/**
 * Logs in once and gets the credentials of all planned roles, `--loop` times. A refusal for one role does not
 * stop the delivery of the others.
 *
 * @throws UserError exit 5 when no role matches, exit 2 for names or profiles that cannot be saved, before a request to AWS; when
 * a role failed in the last round, after delivering the others, the exit code that all failures have in common,
 * else 6.
 */
export async function loginMany(context: Context, plan: ManyRolesOptions, delivery: ManyDelivery): Promise<void> {
  const { settings, reporter } = context;
  const rounds = settings.loop.value;
  if (rounds < 1) return reporter.info("Executed a total of 0 iterations");
  warnAboutGaps(context);
  const { targets, first } = await startMany(context, plan, delivery);
  let round = first;
  for (let done = 1; done < rounds; done++) {
    await waitForRenewal(context, done, rounds);
    const before = round;
    round = await renewWhileAlive(context, soonestEnd(before.granted), async () => {
      const next = await newLogin(context, furtherSession(before.login.session));
      return await deliverRound(context, { login: next, gotAt: context.deps.clock.now() }, targets, delivery);
    });
  }
  if (rounds > 1) reporter.info(`Executed a total of ${rounds} iterations`);
  if (round.failed.length > 0) throw summary(round.failed, targets.length);
}

/** The same login for `serve`, which renews automatically. */
export async function renewableMany(
  context: Context,
  plan: ManyRolesOptions,
  delivery: ManyDelivery,
): Promise<Renewable> {
  const { targets, first } = await startMany(context, plan, delivery);
  const renewable = ({ login: { session }, granted }: Gathered): Renewable => ({
    granted,
    isSilent: isSilent(session),
    async renew(context, askUser) {
      const login = await loginAgain(context, session, askUser);
      return renewable(await deliverRound(context, { login, gotAt: context.deps.clock.now() }, targets, delivery));
    },
  });
  return renewable(first);
}

/** The first round and its roles. */
async function startMany(
  context: Context,
  plan: ManyRolesOptions,
  delivery: ManyDelivery,
): Promise<{ readonly targets: readonly Target[]; readonly first: Gathered }> {
  const login = await getLogin(context, newSession(context));
  const start = { login, gotAt: context.deps.clock.now() };
  const { roles } = login.assertion;
  const chosen = await chooseMany(context, onePerArn(context, matching(context, plan, roles)));
  const { owner = {} } = sessionOwner(login.session);
  const targets = await delivery.check(await placeAll(context, plan, chosen), owner);
  const first = await deliverRound(context, start, targets, delivery);
  await rememberRoles(context, roles);
  return { targets, first };
}

/**
 * The same for roles that were chosen from this login already, while AWS still takes its assertion. Later than that nobody
 * is signed in again.
 */
export async function deliverChosen(
  context: Context,
  login: Login,
  named: readonly NamedRole[],
  delivery: ManyDelivery,
): Promise<void> {
  const end = assertionEnd(login.assertion);
  if (named.length === 0 || end !== undefined && end <= serviceNow(context.deps)) return;
  const regions = await regionsOf(context, named.map(({ role }) => role));
  const { owner = {} } = sessionOwner(login.session);
  const placed = named.map((each) => ({ ...each, region: regions(each.role.partition) }));
  const targets = await delivery.check(placed, owner);
  await deliverRound(context, { login, gotAt: context.deps.clock.now() }, targets, delivery);
}

/** Delivers what succeeded, then reports what failed. Throws when everything failed. */
async function deliverRound(
  context: Context,
  start: DatedLogin,
  targets: readonly Target[],
  delivery: ManyDelivery,
): Promise<Gathered> {
  if (targets.length === 0) return { login: start.login, granted: [], failed: [] };
  const gathered = await assumeAll(context, start, targets);
  if (gathered.granted.length > 0) await delivery.deliver(gathered.granted);
  if (targets.length > 1) { for (const { message } of gathered.failed) context.reporter.warn(message); }
  if (gathered.granted.length === 0) throw summary(gathered.failed, targets.length);
  return gathered;
}

function summary(failed: readonly UserError[], total: number): UserError {
  const [first] = failed;
  if (first !== undefined && total === 1) return first;
  const exits = new Set<ExitCode>(failed.map(({ exit }) => exit));
  const [exit = Exit.sts] = exits;
  return new UserError(`cannot get the credentials of ${failed.length} of ${total} roles`, {
    exit: exits.size === 1 ? exit : Exit.sts,
    hint: [...new Set(failed.flatMap(({ hints }) => hints))].slice(0, MAX_HINTS),
  });
}

/**
 * Refuses a template that gives two roles of this user's last login the same name, before asking for a password.
 *
 * @throws UserError exit 2
 */
export async function checkLastNames(context: Context, plan: ManyRolesOptions): Promise<void> {
  const { settings, reporter } = context;
  // A user who chooses among the roles may exclude one of the two.
  if (plan.template === undefined || settings.interactive) return;
  const last = (await readOwnLastRoles(context)).map(({ account, role }): Role => ({
    partition: "aws",
    accountId: account,
    name: role,
    path: "",
    roleArn: `arn:aws:iam::${account}:role/${role}`,
    principalArn: "",
  }));
  const { template } = plan;
  const chosen = orUserError(() => matching({ ...context, reporter: { ...reporter, warn() {} } }, plan, last));
  // The roles may have changed; the current ones are known after the login.
  if (chosen instanceof UserError) return;
  const named = orUserError(() => nameProfiles(template, chosen, settings.accounts));
  if (!(named instanceof UserError)) return;
  throw withHints(named, [
    ...named.hints,
    `if your roles have changed since the last login, update the list first: ${PROGRAM} roles`,
  ]);
}

// --- which roles ----------------------------------------------------------------------------------------------------

function matching(
  { settings, reporter }: Context,
  { patterns }: ManyRolesOptions,
  roles: readonly Role[],
): readonly Role[] {
  const open = narrowRoles(settings, roles);
  if (patterns === undefined) return open;
  const { selected, unmatched } = selectRoles(open, patterns, settings.accounts);
  const quoted = unmatched.map((text) => `"${printable(text, 100)}"`).join(", ");
  if (selected.length === 0) {
    throw new UserError(`cannot find a role: this login has none that matches ${quoted}`, {
      exit: Exit.role,
      hint: [
        "list the roles of this login: onelogin-aws-assume-role roles",
        'a pattern is compared with account/role, alias/role and the ARN, such as "123456789012/*" or "*/ReadOnly"',
      ],
    });
  }
  if (unmatched.length > 0) reporter.warn(`no role of this login matches ${quoted}`);
  return selected;
}

/** A role that two identity providers offer is one role with one profile. */
function onePerArn({ reporter }: Context, roles: readonly Role[]): readonly Role[] {
  const kept = new Map<string, Role>();
  for (const role of roles) {
    const other = kept.get(role.roleArn);
    if (other === undefined) kept.set(role.roleArn, role);
    else reporter.warn(`${role.roleArn} is offered by two identity providers; using ${other.principalArn}`);
  }
  return [...kept.values()];
}

/** With `--interactive` at a terminal, the user selects some of them. */
async function chooseMany({ settings, prompter }: Context, roles: readonly Role[]): Promise<readonly Role[]> {
  const ordered = sortRoles(roles, settings.roleOrder);
  if (!settings.interactive || prompter.kind !== "terminal" || ordered.length === 1) return ordered;
  const chosen = await prompter.chooseMany({
    message: "AWS roles",
    line: `Select the desired AWS Roles [0-${ordered.length - 1}], separated by spaces: `,
    option: "--roles",
    search: true,
    choices: ordered.map((role) => ({
      value: role,
      label: describeRole(role, settings.accounts),
      hint: role.roleArn,
    })),
  });
  const keys = new Set(chosen.map(roleKey));
  return ordered.filter((role) => keys.has(roleKey(role)));
}

async function placeAll(
  context: Context,
  { template }: ManyRolesOptions,
  roles: readonly Role[],
): Promise<readonly Target[]> {
  const { accounts } = context.settings;
  const named: readonly { readonly role: Role; readonly profile?: string }[] = template === undefined
    ? roles.map((role) => ({ role }))
    : nameProfiles(template, roles, accounts);
  const regions = await regionsOf(context, roles);
  return named.map((each) => ({ ...each, region: regions(each.role.partition) }));
}

/** Asks for a region at most once, for the partition with the most roles; the others get their default, with one warning each. */
async function regionsOf(context: Context, roles: readonly Role[]): Promise<(partition: string) => string> {
  const counts = new Map<string, number>();
  for (const { partition } of roles) counts.set(partition, (counts.get(partition) ?? 0) + 1);
  const regions = new Map<string, string>();
  let { settings } = context;
  for (const partition of [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))) {
    const role = roles.find((each) => each.partition === partition);
    if (role === undefined) continue;
    const region = await pickRegion({ ...context, settings }, role);
    regions.set(partition, region);
    settings = { ...settings, awsRegion: settings.awsRegion ?? { value: region, source: { kind: "answer" } } };
  }
  return (partition) => regions.get(partition) ?? "";
}

// --- credentials ----------------------------------------------------------------------------------------------------

type Result =
  | { readonly kind: "granted"; readonly granted: ProfileCredentials; readonly answer: StsAnswer }
  | { readonly kind: "failed"; readonly error: UserError }
  /** The assertion is too old for this role. */
  | { readonly kind: "late"; readonly error: UserError };

/**
 * Exchanges the assertion for credentials of each role. AWS accepts it for five minutes only: after that, the roles that
 * are left wait for one new login. If that fails, earlier credentials are still delivered.
 */
async function assumeAll(context: Context, start: DatedLogin, targets: readonly Target[]): Promise<Gathered> {
  const { reporter, settings } = context;
  const duration = settings.duration.value;
  const limit = assertionLimit(start.login.assertion, serviceNow(context.deps));
  const warning = shortened(named(targets), duration, limit);
  if (warning !== undefined) reporter.warn(warning);
  const known = await knownSessions(context, targets);
  const results = new Map<Target, Result>();
  const first = await assumeInWindow(context, start.login, closingTime(start), targets, 0, known);
  for (const [each, result] of first) results.set(each, result);
  const late = targets.filter((each) => results.get(each)?.kind === "late");
  let { login } = start;
  if (late.length > 0) {
    context.reporter.warn(
      `the SAML assertion has expired after five minutes; signing in again for ${late.length} of ${targets.length} roles`,
    );
    try {
      login = await newLogin(context, login.session);
      // Now AWS's clock decides: with a wrong local clock, further logins would ring the phone without end.
      const second = await assumeInWindow(context, login, Infinity, late, targets.length - late.length, known);
      for (const [each, result] of second) results.set(each, result);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      for (const each of late) results.set(each, { kind: "failed", error: forRole(each.role, error) });
    }
  }
  await noteLifetimes(context, results, warning !== undefined);
  return {
    login,
    granted: targets.flatMap((each) => {
      const result = results.get(each);
      return result?.kind === "granted" ? [result.granted] : [];
    }),
    failed: targets.flatMap((each) => {
      const result = results.get(each);
      return result === undefined || result.kind === "granted" ? [] : [result.error];
    }),
  };
}

/** When AWS stops accepting the assertion. If a new one is already expired, the clock is wrong. */
function closingTime({ login, gotAt }: DatedLogin): number {
  const end = assertionEnd(login.assertion);
  return end === undefined || end <= gotAt ? gotAt + ASSERTION_LIFE_MS : end;
}

function lostRole(role: Role): UserError {
  return new UserError(`cannot assume role "${role.roleArn}": the new login no longer has it`, {
    exit: Exit.role,
    hint: "run again",
  });
}

function tooLate(): UserError {
  return new UserError("the SAML assertion has expired after five minutes", { exit: Exit.sts, hint: "run again" });
}

/** A failure that concerns more than one role. */
function forRole(role: Role, error: UserError): UserError {
  const { exit, hints } = error;
  return new UserError(`cannot assume role "${role.roleArn}": ${error.message}`, { exit, hint: hints, cause: error });
}

/**
 * At most eight calls at a time; none starts after `closes` (milliseconds since the epoch) or once AWS found the
 * assertion too old.
 *
 * @param before how many roles are already done, for the progress.
 */
async function assumeInWindow(
  context: Context,
  login: Login,
  closes: number,
  targets: readonly Target[],
  before: number,
  known: LongestSessions,
): Promise<ReadonlyMap<Target, Result>> {
  const { deps, reporter } = context;
  const held = new Set(login.assertion.roles.map(roleKey));
  const results = new Map<Target, Result>();
  const total = before + targets.length;
  const text = (done: number) => `Getting credentials from AWS: ${done} of ${total}`;
  const progress = reporter.progress(text(before));
  let tooOld: UserError | undefined;
  const assume = async (each: Target) => {
    if (deps.clock.now() >= closes) tooOld ??= tooLate();
    const result: Result = !held.has(roleKey(each.role))
      ? { kind: "failed", error: lostRole(each.role) }
      : tooOld
      ? { kind: "late", error: forRole(each.role, tooOld) }
      : await assumeOne(context, login, each, known.get(each.role.roleArn));
    if (result.kind === "late") tooOld ??= tooLate();
    results.set(each, result);
    progress.update(text(before + [...results.values()].filter(({ kind }) => kind !== "late").length));
  };
  try {
    await mapAtMost(AT_ONCE, targets, assume);
  } finally {
    progress.end();
  }
  return results;
}

async function assumeOne(
  context: Context,
  { session, assertion }: Login,
  { role, region, profile, duration = context.settings.duration.value }: Target,
  known: number | undefined,
): Promise<Result> {
  const answer = await askSts(context, assertion, role, region, duration, { known, stepDown: true });
  const { outcome, seconds } = answer;
  if (outcome.kind === "credentials") {
    const { credentials, assumedRoleArn } = outcome;
    const own = { credentials, role, assumedRoleArn, region, ...sessionOwner(session) };
    return { kind: "granted", granted: profile === undefined ? own : { ...own, profile }, answer };
  }
  const { roleArn, principalArn } = role;
  const target = stsTarget(context.settings, region);
  const error = stsError(outcome, { ...target, roleArn, principalArn, durationSeconds: seconds });
  const expired = outcome.kind === "refused" && outcome.cause === "expired-assertion";
  return expired && describeSkew(outcome.dateSkewMs) === undefined
    ? { kind: "late", error }
    : { kind: "failed", error };
}

// --- how long -------------------------------------------------------------------------------------------------------

/** Every role allows an hour, so it takes more to need what is known of them. */
async function knownSessions(context: Context, targets: readonly Target[]): Promise<LongestSessions> {
  const { value } = context.settings.duration;
  const isMore = (duration: Duration) => duration === "max" || duration > 3600;
  return isMore(value) || targets.some(({ duration }) => duration !== undefined && isMore(duration))
    ? await readLongestSessions(context)
    : new Map();
}

/** Remembers what AWS has shown of the roles, and reports in one line that some of them allow less than was requested. */
async function noteLifetimes(context: Context, results: ReadonlyMap<Target, Result>, limited: boolean): Promise<void> {
  const { settings, reporter } = context;
  const duration = settings.duration.value;
  const granted = [...results].flatMap(([target, result]) =>
    result.kind === "granted" ? [{ target, answer: result.answer }] : []
  );
  await rememberLongestSessions(
    context,
    new Map(
      granted.flatMap(({ target, answer }) =>
        answer.longest === undefined ? [] : [[target.role.roleArn, answer.longest] as const]
      ),
    ),
  );
  if (duration === "max") return;
  const ofSettings = granted.filter(({ target }) => target.duration === undefined);
  const less = ofSettings.filter(({ answer }) => answer.seconds < duration);
  if (less.length > 0) {
    const counts = new Map<number, number>();
    for (const { answer } of less) counts.set(answer.seconds, (counts.get(answer.seconds) ?? 0) + 1);
    const lifetimes = [...counts].sort(([a], [b]) => b - a).map(([seconds, count]) =>
      `${roughly(seconds * 1000)} (${count})`
    );
    reporter.warn(
      `${less.length} of ${results.size} roles do not allow ${roughly(duration * 1000)}: their credentials expire in ${
        lifetimes.join(", ")
      }`,
    );
  }
  const cut = ofSettings.filter(({ target, answer }) => cutShort(context, answer, target.role.roleArn, duration));
  const [first] = cut;
  if (limited || first === undefined) return;
  const warning = cutShort(context, first.answer, named(cut.map(({ target }) => target)), duration);
  if (warning !== undefined) reporter.warn(warning);
}

function named(targets: readonly Target[]): string {
  const [first] = targets;
  return first !== undefined && targets.length === 1 ? first.role.roleArn : `${targets.length} roles`;
}
