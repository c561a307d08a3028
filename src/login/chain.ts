/** `--chain-role-arn`: assumes one role from the other, each request signed with the last credentials. */

import { assumeRole, isSessionName, sessionNameOf, stsError, type StsRefused } from "../aws/sts.ts";
import { defined } from "../defined.ts";
import { printable, type UserError, withHints } from "../errors.ts";
import { type ChainSettings, checkPartition, hopSeconds, readChain } from "./chain_options.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { stsTarget } from "../settings/sts_target.ts";
import { PROGRAM } from "../version.ts";
import type { AwsContext } from "./session.ts";

/**
 * Assumes the roles of the settings one after the other, starting with the login's credentials; without any, these
 * are returned unchanged. The result has the credentials, role and session of the last role, but the identity provider
 * and region of the login.
 *
 * @param roleSessionName of the assertion; the session name from AWS comes first.
 * @throws UserError exit 6 when AWS refuses a role, exit 7 when it cannot be reached, exit 2 for a role of another partition.
 */
export async function chainRoles(
  context: AwsContext,
  granted: RoleCredentials,
  roleSessionName: string | undefined,
): Promise<RoleCredentials> {
  const { deps, settings, reporter } = context;
  const hops = readChain(settings);
  const name = sessionNameOf(granted.assumedRoleArn) ??
    (roleSessionName !== undefined && isSessionName(roleSessionName) ? roleSessionName : PROGRAM);
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

/** Hints for a role that is assumed from another role. */
function refusedHop(
  error: UserError,
  { cause }: StsRefused,
  from: RoleCredentials,
  { chainExternalId }: ChainSettings,
): UserError {
  switch (cause) {
    case "not-authorized":
      return withHints(error, [
        `its trust policy must allow "${
          printable(from.role.roleArn, 200)
        }", and that role's permissions must allow sts:AssumeRole on it`,
        chainExternalId === undefined
          ? "if its trust policy requires an external id: --chain-external-id ID"
          : "the external id must be the one that its trust policy requires",
      ]);
    case "duration":
      return withHints(
        error,
        "a role assumed from a role gets an hour at most, and no more than its MaxSessionDuration: use --duration 3600 or less",
      );
    case "bad-role-arn":
    case "other":
      return withHints(
        error,
        "compare --chain-role-arn with the role's ARN in AWS: case matters, and the path is part of it",
      );
    default:
      return error;
  }
}
