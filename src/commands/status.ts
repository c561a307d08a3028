/** `status`: which credentials are there, what they are for and how long they live. */

import { getCallerIdentity, stsError } from "../aws/sts.ts";
import { roughly } from "../duration.ts";
import { Exit, type ExitCode, printable, UserError } from "../errors.ts";
import { stsTarget } from "../settings/sts_target.ts";
import { typedValue } from "../settings/settings.ts";
import { mapAtMost } from "../io/concurrency.ts";
import type { Context } from "../settings/context.ts";
import { assumedRole, regionFor, type SavedCredentials, savedCredentials } from "../store/saved.ts";
import { rfc3339 } from "../ui/formats.ts";
import { renderTable } from "../ui/table.ts";

/** How many profiles AWS is asked about at a time. */
const AT_ONCE = 8;

/** What AWS said about the credentials of a profile. */
type Verdict =
  | { readonly kind: "works"; readonly arn: string }
  | { readonly kind: "fails"; readonly error: UserError }
  /** Expired or incomplete: AWS was not asked. */
  | { readonly kind: "not-asked" };

/**
 * Lists the saved credentials: a table, or JSON. With `--verify` AWS is asked about those that live.
 *
 * @throws UserError exit 2 for another format or a file that cannot be read; exit 6 or 7, after the list, when AWS refused
 * credentials or could not be asked.
 */
export async function statusCommand(context: Context): Promise<ExitCode> {
  const { deps, settings, reporter } = context;
  if (settings.output !== undefined && settings.output !== "json") {
    throw new UserError(`cannot print the status as "${settings.output}"`, {
      exit: Exit.usage,
      hint: "leave --output out for a table, or use --output json",
    });
  }
  // A profile that the settings file names is where logins go, and no wish to see only that one.
  const only = typedValue(settings.profile);
  const saved = await savedCredentials(context, only);
  const now = deps.clock.now();
  if (saved.length === 0) {
    reporter.info(
      only === undefined
        ? "There are no credentials that this program saved."
        : `There are no credentials that this program saved as profile ${JSON.stringify(only)}.`,
    );
    if (settings.output === "json") deps.terminal.writeOut("[]\n");
    return Exit.done;
  }
  const verdicts = settings.verify ? await verify(context, saved, now) : undefined;
  deps.terminal.writeOut(
    settings.output === "json"
      ? `${JSON.stringify(saved.map((each, index) => jsonOf(each, now, verdicts?.[index])), null, 2)}\n`
      : renderTable(
        header(settings.verify),
        saved.map((each, index) => rowOf(context, each, now, verdicts?.[index])),
        deps.terminal.stdoutIsTerminal ? deps.terminal.columns() : undefined,
      ).text,
  );
  if (verdicts) throwFailures(saved, verdicts);
  return Exit.done;
}

function isLive({ expiration }: SavedCredentials, now: number): boolean {
  return expiration !== undefined && expiration > now;
}

// ---- --verify ------------------------------------------------------------------------------------------------------

async function verify(
  context: Context,
  saved: readonly SavedCredentials[],
  now: number,
): Promise<readonly Verdict[]> {
  const progress = context.reporter.progress("Asking AWS…");
  try {
    return await mapAtMost(AT_ONCE, saved, (each) => verifyOne(context, each, now));
  } finally {
    progress.end();
  }
}

async function verifyOne({ deps, settings }: Context, saved: SavedCredentials, now: number): Promise<Verdict> {
  const credentials = saved.credentials();
  if (!credentials || !isLive(saved, now)) return { kind: "not-asked" };
  const target = stsTarget(settings, regionFor(saved));
  try {
    const outcome = await getCallerIdentity(deps, { ...target, credentials });
    return outcome.kind === "identity"
      ? { kind: "works", arn: outcome.arn }
      : { kind: "fails", error: stsError(outcome, target) };
  } catch (error) {
    // Keys that no header can carry: damaged in the file.
    if (error instanceof UserError) return { kind: "fails", error };
    throw error;
  }
}

/** All failures in one error, a refusal before a network that failed: the network may be back in a minute. */
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
    RoleArn: roleArn ?? null,
    AssumedRoleArn: assumedRoleArn ?? null,
    RoleName: role?.name ?? null,
    AccountId: role?.accountId ?? null,
    Region: region ?? null,
    Expiration: expiration === undefined ? null : rfc3339(expiration),
    SecondsLeft: expiration === undefined ? null : Math.max(0, Math.floor((expiration - now) / 1000)),
    Live: isLive(saved, now),
    SavedIn: savedIn,
    ...(verdict === undefined ? {} : {
      Verified: verdict.kind === "not-asked" ? null : verdict.kind === "works",
      ...(verdict.kind === "works" ? { CallerArn: verdict.arn } : {}),
      ...(verdict.kind === "fails" ? { Problem: verdict.error.message } : {}),
    }),
  };
}

/** AWS's word only when it was asked. */
function header(verified: boolean): readonly string[] {
  return ["PROFILE", "ROLE", "ACCOUNT", "REGION", "EXPIRES", "LEFT", ...(verified ? ["AWS"] : []), "SAVED IN"];
}

function rowOf(
  { settings }: Context,
  saved: SavedCredentials,
  now: number,
  verdict: Verdict | undefined,
): readonly string[] {
  const role = assumedRole(saved.assumedRoleArn ?? "");
  const alias = role && settings.accounts.get(role.accountId);
  const { expiration } = saved;
  return [
    saved.profile,
    role?.name ?? "?",
    role ? `${role.accountId}${alias === undefined ? "" : ` ${alias}`}` : "?",
    saved.region ?? "-",
    expiration === undefined ? "?" : localTime(expiration),
    expiration === undefined ? "?" : expiration > now ? roughly(expiration - now) : "expired",
    ...(verdict === undefined ? [] : [{ works: "works", fails: "refused", "not-asked": "not asked" }[verdict.kind]]),
    saved.savedIn.map((place) => place === "cache" ? "cache" : "credentials file").join(", "),
  ];
}

/** `2027-01-15 10:30 +01:00` on this computer's clock. Takes milliseconds since the epoch. */
export function localTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())} ${zone}`;
}
