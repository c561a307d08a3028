/** The roles and durations of `--chain-role-arn`: what must be known before a login, or without one. */

import { CHAIN_MAX_SECONDS } from "../aws/sts_outcome.ts";
import type { AwsChoice, Duration } from "../settings/settings.ts";
import { Exit, printable, UserError } from "../errors.ts";
import { parseRoleArn } from "../saml/role_arn.ts";
import type { Context } from "../settings/context.ts";

/** A role to assume, without an identity provider, which only the login's own role has. */
type Hop = NonNullable<ReturnType<typeof parseRoleArn>>;

/** AWS STS API, AssumeRole: ExternalId. */
const EXTERNAL_ID = /^[A-Za-z0-9_+=,.@:/-]{2,1224}$/;

export type ChainSettings = Pick<AwsChoice, "chainRoleArn" | "chainExternalId">;

/**
 * The roles of the chain, in order; empty when none is requested. Call it before any request: it finds mistakes.
 *
 * @throws UserError exit 2 for an invalid role ARN, for roles of two partitions, and for an invalid external id.
 */
export function readChain({ chainRoleArn, chainExternalId }: ChainSettings): readonly Hop[] {
  if (chainExternalId !== undefined) checkExternalId(chainExternalId, chainRoleArn);
  const hops = chainRoleArn.map((text) => {
    const hop = parseRoleArn(text.trim());
    if (hop !== undefined) return hop;
    throw new UserError(`cannot use "${printable(text, 200)}" for --chain-role-arn: it is not the ARN of a role`, {
      exit: Exit.usage,
      hint: "a role ARN looks like arn:aws:iam::123456789012:role/Admin",
    });
  });
  for (const [index, hop] of hops.entries()) {
    const before = hops[index - 1];
    if (before !== undefined) checkPartition(before, hop);
  }
  return hops;
}

function checkExternalId(id: string, roles: readonly string[]): void {
  if (roles.length === 0) {
    throw new UserError('cannot use "--chain-external-id" without a role to assume', {
      exit: Exit.usage,
      hint: "add the role: --chain-role-arn ARN",
    });
  }
  if (!EXTERNAL_ID.test(id)) {
    throw new UserError(`cannot use "${printable(id, 60)}" for --chain-external-id: AWS does not accept it`, {
      exit: Exit.usage,
      hint: "an external id is 2 to 1224 letters, digits and _+=,.@:/-",
    });
  }
}

/**
 * AWS keeps partitions separate.
 *
 * @throws UserError exit 2 when the two roles are not in the same one.
 */
export function checkPartition(from: Pick<Hop, "roleArn" | "partition">, to: Hop): void {
  if (from.partition === to.partition) return;
  throw new UserError(
    `cannot assume role "${printable(to.roleArn, 200)}" from "${printable(from.roleArn, 200)}": ` +
      `one is in partition "${to.partition}", the other in "${from.partition}"`,
    { exit: Exit.usage, hint: "AWS keeps partitions separate: choose roles of the same one" },
  );
}

/**
 * The lifetime to ask for. A role assumed from a role gets an hour at most (AWS IAM User Guide, Role chaining), and
 * nothing is gained from a role that lives longer than what is made of it.
 */
export function chainedDuration({ chainRoleArn }: ChainSettings, duration: Duration): Duration {
  return chainRoleArn.length === 0 ? duration : hopSeconds(duration);
}

/** Seconds to ask for when a role is assumed from a role. */
export function hopSeconds(duration: Duration): number {
  return duration === "max" ? CHAIN_MAX_SECONDS : Math.min(duration, CHAIN_MAX_SECONDS);
}

/** Warns once, before a login, that `--duration` is longer than a chain allows. */
export function warnAboutChainedDuration(
  { settings, reporter }: Pick<Context<AwsChoice>, "settings" | "reporter">,
): void {
  const { value } = settings.duration;
  const given = chainedDuration(settings, value);
  if (value === "max" || given === value) return;
  reporter.warn(
    `AWS gives a role assumed from a role ${CHAIN_MAX_SECONDS} seconds at most: asking for ${given} instead of ${value}`,
  );
}
