/** `status`: which credentials exist, what they are for and when they expire. */

import { expireCached } from "../store/save_credentials.ts";
import { serviceNow } from "../io/clock.ts";
import { getCallerIdentity, sessionNameOf, stsError } from "../aws/sts.ts";
import { localTime, roughly } from "../duration.ts";
import { Exit, type ExitCode, printable, UserError } from "../errors.ts";
import { jsonLines } from "../json_object.ts";
import { stsTarget } from "../settings/sts_target.ts";
import { type AwsChoice, optionValue } from "../settings/settings.ts";
import { mapAtMost } from "../io/concurrency.ts";
import type { Context } from "../settings/context.ts";
import { assumedRole, regionFor, type SavedCredentials, savedCredentials } from "../store/saved.ts";
import { rfc3339 } from "../ui/process_json.ts";
import { PROGRAM } from "../version.ts";
import { type Column, renderTable } from "../ui/table.ts";
import { type Colour, coloursOf, drawable, paint } from "../ui/voice.ts";

/** How many profiles to verify at a time. */
const AT_ONCE = 8;

/** AWS's verdict on the credentials of a profile. */
type Verdict =
  | { readonly kind: "works"; readonly arn: string }
  | { readonly kind: "fails"; readonly error: UserError }
  /** Expired, incomplete or from another tool: not verified. */
  | { readonly kind: "not-asked" };

/**
 * Lists the saved credentials: a table, or JSON. With `--verify`, asks AWS about the live ones.
 *
 * @throws UserError exit 2 for a file that cannot be read; exit 6 or 7, after the list, when AWS refused
 * credentials or could not be reached.
 */
export async function statusCommand(context: Context): Promise<ExitCode> {
  const { deps, settings, reporter } = context;
  // A profile in the settings file is the default for logins, not a filter.
  const only = optionValue(settings.profile);
  const saved = await savedCredentials(context, only, true);
  const now = serviceNow(deps);
  if (saved.length === 0) {
    reporter.info(
      only === undefined
        ? "This program has saved no credentials."
        : `This program has saved no credentials as profile ${JSON.stringify(only)}.`,
    );
    reporter.info(`To get some: ${PROGRAM} --profile ${only === undefined ? "NAME" : JSON.stringify(only)}`);
    if (settings.output === "json") deps.terminal.writeOut("[]\n");
    return Exit.done;
  }
  const verdicts = settings.verify ? await verify(context, saved, now) : undefined;
  deps.terminal.writeOut(
    settings.output === "json"
      ? jsonLines(saved.map((each, index) => jsonOf(each, now, verdicts?.[index])))
      : tableOf(context, saved, now, verdicts),
  );
  if (verdicts) throwFailures(saved, verdicts);
  return Exit.done;
}

function isLive({ expiration }: SavedCredentials, now: number): boolean {
  return expiration !== undefined && expiration > now;
}

// ---- --verify ------------------------------------------------------------------------------------------------------

async function verify(context: Context, saved: readonly SavedCredentials[], now: number): Promise<readonly Verdict[]> {
  const progress = context.reporter.progress("Asking AWS…");
  try {
    return await mapAtMost(AT_ONCE, saved, (each) => verifyOne(context, each, now));
  } finally {
    progress.end();
  }
}

/** Refusals that a second request would not change. */
const DEAD: ReadonlySet<string> = new Set(["invalid-credentials", "expired-credentials", "not-authorized"]);

async function verifyOne({ deps, settings }: Context, saved: SavedCredentials, now: number): Promise<Verdict> {
  const credentials = saved.credentials();
  if (!credentials || saved.byOthers || !isLive(saved, now)) return { kind: "not-asked" };
  const target = stsTarget(settings, regionFor(saved));
  try {
    const outcome = await getCallerIdentity(deps, { ...target, credentials });
    if (outcome.kind === "identity") return { kind: "works", arn: outcome.arn };
    // A revoked session: credential-process would continue to serve it.
    if (outcome.kind === "refused" && DEAD.has(outcome.cause)) {
      await expireCached({ deps, settings }, credentials.accessKeyId);
    }
    return { kind: "fails", error: stsError(outcome, target) };
  } catch (error) {
    // Keys that are invalid in a header: damaged in the file.
    if (error instanceof UserError) return { kind: "fails", error };
    throw error;
  }
}

/** All failures in one error; a refusal comes before a network failure, which may be temporary. */
function throwFailures(saved: readonly SavedCredentials[], verdicts: readonly Verdict[]): void {
  const failures = verdicts.flatMap((verdict, index) =>
    verdict.kind === "fails" ? [{ error: verdict.error, profile: saved[index]?.profile ?? "" }] : []
  );
  const [first] = failures;
  if (!first) return;
  const worst = failures.find(({ error }) => error.exit === Exit.sts) ?? first;
  const others = failures.length > 1 ? ` (${failures.length} profiles failed)` : "";
  throw new UserError(`profile "${printable(worst.profile)}": ${worst.error.message}${others}`, {
    exit: worst.error.exit,
    hint: worst.error.hints,
  });
}

// ---- Output --------------------------------------------------------------------------------------------------------

function jsonOf(saved: SavedCredentials, now: number, verdict: Verdict | undefined): Readonly<Record<string, unknown>> {
  const { profile, assumedRoleArn, roleArn, region, expiration, savedIn } = saved;
  const role = assumedRole(assumedRoleArn ?? "");
  return {
    Profile: profile,
    Username: saved.owner?.username ?? null,
    Subdomain: saved.owner?.subdomain ?? null,
    RoleArn: roleArn ?? null,
    AssumedRoleArn: assumedRoleArn ?? null,
    RoleName: role?.name ?? null,
    AccountId: role?.accountId ?? null,
    Region: region ?? null,
    Expiration: expiration === undefined ? null : rfc3339(expiration),
    SecondsLeft: expiration === undefined ? null : Math.max(0, Math.floor((expiration - now) / 1000)),
    Live: isLive(saved, now),
    SavedIn: savedIn,
    ...(saved.byOthers ? { SavedBy: "another tool" } : {}),
    ...(verdict === undefined ? {} : {
      Verified: verdict.kind === "not-asked" ? null : verdict.kind === "works",
      ...(verdict.kind === "works" ? { CallerArn: verdict.arn } : {}),
      ...(verdict.kind === "fails" ? { Problem: verdict.error.message } : {}),
    }),
  };
}

/**
 * For people: short times, the columns that fit, and colours by the time left. For programs: all columns, with the date and
 * offset of each time.
 */
function tableOf(
  { deps, settings }: Context,
  saved: readonly SavedCredentials[],
  now: number,
  verdicts: readonly Verdict[] | undefined,
): string {
  const { terminal } = deps;
  const person = terminal.stdoutIsTerminal;
  // With one user and one tenant, every row would have the same value.
  const users = new Set(saved.map((each) => each.owner && userOf(each)).filter((user) => user !== undefined)).size > 1;
  const columns: readonly Column[] = [
    { title: "PROFILE" },
    { title: "ROLE" },
    { title: "ACCOUNT", leaveOut: 1 },
    ...(users ? [{ title: "USER" }] : []),
    { title: "REGION", leaveOut: 3 },
    { title: "EXPIRES", whole: true },
    { title: "LEFT", whole: true, leaveOut: 2 },
    // Only if AWS was asked.
    ...(verdicts === undefined ? [] : [{ title: "AWS", whole: true }]),
    { title: "SAVED IN", leaveOut: 4 },
  ];
  const rows = saved.map((each, index) => rowOf(settings, each, { now, verdict: verdicts?.[index], person, users }));
  const colours = person && !settings.noColor && drawable(deps) && coloursOf(deps);
  const colourOf = ({ expiration }: SavedCredentials): Colour | undefined => {
    if (expiration === undefined) return undefined;
    if (expiration <= now) return "red";
    return expiration - now <= SOON_MS ? "yellow" : "green";
  };
  return renderTable(columns, rows, person ? terminal.columns() : undefined, (text, row, { title }) => {
    const each = saved[row];
    return each !== undefined && ["EXPIRES", "LEFT"].includes(title) ? paint(text, colourOf(each), colours) : text;
  }).text;
}

/** With less time left, a long command may not finish. Milliseconds. */
const SOON_MS = 15 * 60_000;

function rowOf(
  { accounts }: Pick<AwsChoice, "accounts">,
  saved: SavedCredentials,
  { now, verdict, person, users }: {
    readonly now: number;
    readonly verdict: Verdict | undefined;
    readonly person: boolean;
    readonly users: boolean;
  },
): readonly string[] {
  const role = assumedRole(saved.assumedRoleArn ?? "");
  const alias = role && accounts.get(role.accountId);
  const { expiration } = saved;
  const left = () => expiration === undefined ? "?" : `${person ? "in " : ""}${roughly(expiration - now)}`;
  return [
    saved.profile,
    role?.name ?? "?",
    role ? `${role.accountId}${alias === undefined ? "" : ` ${alias}`}` : "?",
    ...(users ? [userOf(saved) ?? "?"] : []),
    saved.region ?? "-",
    expiration === undefined ? "?" : person ? shortTime(expiration, now) : localTime(expiration),
    expiration !== undefined && expiration <= now ? "expired" : left(),
    ...(verdict === undefined ? [] : [{ works: "works", fails: "refused", "not-asked": "not asked" }[verdict.kind]]),
    saved.savedIn.map((place) => place === "cache" ? "cache" : "credentials file").join(", ") +
    (saved.byOthers ? ", by another tool" : ""),
  ];
}

/** `ada@example.com (acme)`: the user and the tenant, as far as known. */
function userOf({ owner, assumedRoleArn }: SavedCredentials): string | undefined {
  const user = owner?.username ?? sessionNameOf(assumedRoleArn ?? "");
  return user && (owner?.subdomain === undefined ? user : `${user} (${owner.subdomain})`);
}

/** `12:27` on the day of `now`, else with the date; on this computer's clock. Takes milliseconds since the epoch. */
export function shortTime(ms: number, now: number): string {
  const [day = "", time = ""] = localTime(ms).split(" ");
  return localTime(now).startsWith(`${day} `) ? time : `${day} ${time}`;
}
