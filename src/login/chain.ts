/** `--chain-role-arn`: from the role of the login to the next role, and from that to the next, each signed with the last. */

import { assumeRole, sessionNameOf, stsError, type StsRefused } from "../aws/sts.ts";
import { defined } from "../defined.ts";
import { printable, UserError } from "../errors.ts";
import { type ChainSettings, checkPartition, hopSeconds, readChain } from "./chain_options.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { stsTarget } from "../settings/sts_target.ts";
import type { AwsContext } from "./session.ts";

/** Where neither the assertion nor AWS gave a name that can be used again. */
const FALLBACK_SESSION = "onelogin-aws-assume-role";
/** AWS STS API, AssumeRole: RoleSessionName. */
const SESSION_NAME = /^[A-Za-z0-9_+=,.@-]{2,64}$/;

/**
 * Assumes the roles of the settings one after the other, starting with what the login was granted; without any, that
 * stays as it is. The result is about the last role: its credentials, role and session. The identity provider in it is
 * that of the login, the region stays.
 *
 * @param roleSessionName of the assertion; the session's name as AWS knows it comes first.
 * @throws UserError exit 6 when AWS refuses a role, exit 7 when it cannot be asked, exit 2 for a role of another partition.
 */
export async function chainRoles(
  context: AwsContext,
  granted: RoleCredentials,
  roleSessionName: string | undefined,
): Promise<RoleCredentials> {
  const { deps, settings, reporter } = context;
  const hops = readChain(settings);
  const name = sessionNameOf(granted.assumedRoleArn) ??
    (roleSessionName !== undefined && SESSION_NAME.test(roleSessionName) ? roleSessionName : FALLBACK_SESSION);
  let current = granted;
  for (const [index, hop] of hops.entries()) {
    checkPartition(current.role, hop);
    const place = hops.length === 1 ? "" : ` (${index + 1} of ${hops.length})`;
    const durationSeconds = hopSeconds(settings.duration.value);
    const target = stsTarget(settings, current.region);
    reporter.detail(`assuming ${hop.roleArn} from ${current.assumedRoleArn} as session ${name}`);
    const progress = reporter.progress(`Assuming role ${hop.name} in ${hop.accountId}${place}…`);
    try {
      const outcome = await assumeRole(deps, {
        ...target,
        credentials: current.credentials,
        roleArn: hop.roleArn,
        roleSessionName: name,
        durationSeconds,
        sessionPolicy: index === hops.length - 1 ? settings.sessionPolicy?.value : undefined,
        ...defined({ externalId: settings.chainExternalId }),
      });
      if (outcome.kind !== "credentials") {
        const error = stsError(outcome, { ...target, roleArn: hop.roleArn, durationSeconds });
        throw outcome.kind === "refused" ? refusedHop(error, outcome, current, settings) : error;
      }
      const { credentials, assumedRoleArn } = outcome;
      const { principalArn } = granted.role;
      current = { credentials, assumedRoleArn, role: { ...hop, principalArn }, region: current.region };
    } finally {
      progress.end();
    }
  }
  return current;
}

/** The hints of a login's own role do not fit one that is assumed from it. */
function refusedHop(
  error: UserError,
  { cause }: StsRefused,
  from: RoleCredentials,
  { chainExternalId }: ChainSettings,
): UserError {
  const withHint = (hint: string | readonly string[]) =>
    new UserError(error.message, { exit: error.exit, hint, cause: error.cause });
  switch (cause) {
    case "not-authorized":
      return withHint([
        `its trust policy must let "${
          printable(from.role.roleArn, 200)
        }" in, and that role's permissions must allow sts:AssumeRole on it`,
        chainExternalId === undefined
          ? "when its trust policy asks for an external id, give it with --chain-external-id"
          : "the external id must be the one its trust policy asks for",
      ]);
    case "duration":
      return withHint(
        "a role assumed from a role gets an hour at most, and no more than its MaxSessionDuration: give --duration 3600 or less",
      );
    case "bad-role-arn":
    case "other":
      return withHint("compare --chain-role-arn with the role's ARN in AWS: case counts, and the path belongs to it");
    default:
      return error;
  }
}
