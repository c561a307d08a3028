import type { Assertion } from "../saml/assertion.ts";
import { Exit, type ExitCode, printable } from "../errors.ts";
import { jsonLines } from "../json_object.ts";
import type { Context } from "../settings/context.ts";
import { getLogin } from "../login/assertion.ts";
import { rememberRoles } from "../store/last_choices.ts";
import { narrowRoles } from "../login/role.ts";
import { fullName, type Role } from "../saml/role_arn.ts";
import type { Aliases } from "../saml/role_request.ts";
import { sortRoles } from "../saml/roles.ts";
import { renderTable } from "../ui/table.ts";
import { newSession } from "../login/session.ts";

/**
 * `roles`: the roles that this login may assume, without a request to AWS. A table has its header in a pipe too, so that a
 * script sees the same as a user.
 */
export async function rolesCommand(context: Context): Promise<ExitCode> {
  const { deps: { terminal }, settings, reporter } = context;
  const { output, accounts, roleOrder } = settings;
  const { assertion } = await getLogin(context, { ...newSession(context), rolesOnly: true });
  await rememberRoles(context, assertion.roles);
  const facts = factsOf(assertion);
  const roles = sortRoles(narrowRoles(settings, assertion.roles), roleOrder);
  if (output === "json") {
    terminal.writeOut(jsonLines(roles.map((role) => ({ ...jsonOf(role, accounts), Assertion: facts }))));
    return Exit.done;
  }
  for (const [name, value] of Object.entries(facts)) {
    if (value !== null) reporter.detail(`assertion: ${name} ${printable(wordsOf(value), 300)}`);
  }
  const table = tableOf(roles, accounts, terminal.stdoutIsTerminal ? terminal.columns() : undefined);
  terminal.writeOut(table.text);
  if (table.cut) {
    reporter.info("Some values are cut to fit the terminal; use --output json or a pipe to see them in full.");
  }
  return Exit.done;
}

type Fact = string | number | readonly string[] | Readonly<Record<string, string>>;

function wordsOf(fact: Fact): string {
  if (typeof fact !== "object") return String(fact);
  const words = Array.isArray(fact) ? fact : Object.entries(fact).map(([key, value]) => `${key}=${value}`);
  return words.join(", ");
}

/** What the assertion determines about its sessions: their lifetime and their user. */
function factsOf(assertion: Assertion): Readonly<Record<string, Fact | null>> {
  const time = (ms: number | undefined) => ms === undefined ? null : new Date(ms).toISOString();
  return {
    Issuer: assertion.issuer ?? null,
    SessionName: assertion.roleSessionName ?? null,
    SourceIdentity: assertion.sourceIdentity ?? null,
    Tags: assertion.sessionTags ?? null,
    TransitiveTagKeys: assertion.transitiveTagKeys ?? null,
    SessionDuration: assertion.sessionDuration ?? null,
    SessionNotOnOrAfter: time(assertion.sessionNotOnOrAfter),
    NotBefore: time(assertion.notBefore),
    NotOnOrAfter: time(assertion.notOnOrAfter),
  };
}

function jsonOf(role: Role, aliases: Aliases): Readonly<Record<string, unknown>> {
  return {
    AccountId: role.accountId,
    Alias: aliases.get(role.accountId) ?? null,
    Role: role.name,
    // As in IAM: "/" for none.
    Path: `/${role.path}`,
    RoleArn: role.roleArn,
    PrincipalArn: role.principalArn,
    Partition: role.partition,
  };
}

/** The alias column is shown only if an account has one; `-` means none, so that columns can be counted. */
function tableOf(roles: readonly Role[], aliases: Aliases, width: number | undefined) {
  const named = roles.some(({ accountId }) => aliases.has(accountId));
  const row = (account: string, alias: string, role: string, arn: string) =>
    named ? [account, alias, role, arn] : [account, role, arn];
  return renderTable(
    row("ACCOUNT", "ALIAS", "ROLE", "ARN").map((title) => ({ title })),
    roles.map((role) => row(role.accountId, aliases.get(role.accountId) ?? "-", fullName(role), role.roleArn)),
    width,
  );
}
