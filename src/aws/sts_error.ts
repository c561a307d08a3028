/** Errors for failed calls to AWS STS, each with a hint. */

import { Exit, printable, UserError } from "../errors.ts";
import { networkHints } from "../io/network_hints.ts";
import { parseRoleArn } from "../saml/role_arn.ts";
import { partitionOfRegion } from "./partitions.ts";
import type { StsCause, StsRefused, StsUnavailable } from "./sts_outcome.ts";

/** The context of a failed call, for its message. */
export interface StsContext {
  /** The requested role; absent for GetCallerIdentity. */
  readonly roleArn?: string;
  readonly principalArn?: string;
  readonly region: string;
  /** The environment variable that replaces the region's endpoint. */
  readonly variable?: string;
  readonly durationSeconds?: number;
}

/** The difference at which AWS refuses signatures and assertions, minus a minute. Milliseconds. */
const SKEW_LIMIT_MS = 4 * 60_000;

/** "this computer's clock is 7 minutes behind AWS's" when it is off by more than four minutes, else undefined. */
export function describeSkew(dateSkewMs: number | undefined): string | undefined {
  if (dateSkewMs === undefined || Math.abs(dateSkewMs) <= SKEW_LIMIT_MS) return undefined;
  const minutes = Math.round(Math.abs(dateSkewMs) / 60_000);
  const much = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return `this computer's clock is ${much} ${dateSkewMs > 0 ? "behind" : "ahead of"} AWS's`;
}

/** The error for a failed call: exit 6 when STS refused, 7 when it could not be reached. */
export function stsError(outcome: StsRefused | StsUnavailable, context: StsContext): UserError {
  const attempt = context.roleArn === undefined
    ? "cannot ask AWS whose credentials these are"
    : `cannot assume role "${printable(context.roleArn, 200)}"`;
  if (outcome.kind === "unavailable") {
    return new UserError(`${attempt}: ${outcome.message}`, {
      exit: Exit.unavailable,
      hint: unavailableHints(outcome, context),
    });
  }
  const skew = TIMED.has(outcome.cause) ? describeSkew(outcome.dateSkewMs) : undefined;
  const reason = `AWS reports "${sentence(outcome.message)}" (${outcome.code})`;
  return new UserError(`${attempt}: ${skew === undefined ? reason : `${skew}, and ${reason}`}`, {
    exit: Exit.sts,
    hint: skew === undefined ? refusedHints(outcome, context) : "set the clock and try again",
    cause: outcome.cause,
  });
}

/** Refusals that a wrong clock explains. */
const TIMED: ReadonlySet<StsCause> = new Set([
  "expired-assertion",
  "invalid-identity",
  "expired-credentials",
  "signature",
]);

/** Without AWS's full stop, since it is quoted inside a line. */
function sentence(text: string): string {
  return text.replace(/\.$/, "");
}

/** Failures of an address without a server. */
const UNREACHED: ReadonlySet<StsUnavailable["network"]> = new Set([
  "dns",
  "refused",
  "connect-timeout",
  "timeout",
  "reset",
]);

function unavailableHints(
  { network, status, code, message }: StsUnavailable,
  { variable }: StsContext,
): string | readonly string[] {
  const down = network === undefined ? code === undefined : UNREACHED.has(network);
  if (variable !== undefined && down) return `check the address in ${variable}, or unset it to use AWS's own`;
  if (network !== undefined) return networkHints({ kind: network, message });
  return code === undefined && status !== undefined && status < 500 && status !== 429
    ? "something between this computer and AWS may have replied: check the proxy and AWS_ENDPOINT_URL_STS"
    : "try again in a minute";
}

function refusedHints(outcome: StsRefused, context: StsContext): string | readonly string[] {
  const { region, durationSeconds, roleArn, principalArn } = context;
  switch (outcome.cause) {
    case "expired-assertion":
      return "an assertion is valid for five minutes: log in again and choose the role at once";
    case "duration":
      return durationHints(durationSeconds);
    case "not-authorized":
      return [
        "the role's trust policy must allow this identity, and the role must exist with exactly this name",
        "list the roles of this login: onelogin-aws-assume-role roles",
      ];
    case "bad-role-arn":
      return "AWS does not know the role that OneLogin sends: compare it with the output of onelogin-aws-assume-role roles";
    case "bad-principal-arn":
      return `the identity provider${
        principalArn === undefined ? "" : ` "${printable(principalArn, 200)}"`
      } in OneLogin's role mapping must be the ARN of a SAML provider`;
    case "invalid-identity":
      return "the AWS app in OneLogin and the SAML provider in AWS do not match: ask your administrator to update the provider's metadata in AWS";
    case "wrong-partition-or-provider":
      return providerHint(roleArn, region);
    case "region-disabled":
      return `STS is disabled in "${
        printable(region, 60)
      }" for this account: choose another region with --aws-region, or ask your administrator to activate it in IAM's account settings`;
    case "assertion-too-long":
      return "ask your administrator to map fewer roles to this user in OneLogin's AWS app: AWS accepts 100,000 characters, about 400 roles";
    case "packed-policy":
      return [
        'use a shorter policy (--policy-file, or "policy" in onelogin.aws.json) or fewer managed ones',
        "session tags count too: OneLogin's AWS app can send fewer attributes",
      ];
    case "bad-policy":
      return [
        'check the IAM policy of --policy-file, or of "policy" in onelogin.aws.json',
        "each managed policy (--policy-arn, policy_arns) must exist in the role's account",
      ];
    case "expired-credentials":
    case "invalid-credentials":
      return "get new credentials: onelogin-aws-assume-role";
    case "signature":
      return "check the clock of this computer, then get new credentials";
    case "other":
      return "check the setup: onelogin-aws-assume-role doctor";
  }
}

/** AWS IAM User Guide: MaxSessionDuration is 1 to 12 hours, and a session from a session lives one hour at most. */
function durationHints(seconds: number | undefined): readonly string[] {
  const raise = "or ask your administrator to raise the role's maximum session duration (MaxSessionDuration)";
  if (seconds === undefined) return ["use a shorter one: --duration 3600 always works", raise];
  if (seconds > 3600) {
    return [
      `use less than ${seconds} seconds: --duration 3600 always works`,
      "--duration max gets the longest session that the role allows",
      raise,
    ];
  }
  const limits = "--duration accepts 900 to 43200 seconds, and at most 3600 for a role assumed from a role";
  return seconds > 900 ? [`use less than ${seconds} seconds: --duration 900`, raise, limits] : [limits, raise];
}

function providerHint(roleArn: string | undefined, region: string): string {
  const partition = roleArn === undefined ? undefined : parseRoleArn(roleArn)?.partition;
  const regionPartition = partitionOfRegion(region).id;
  return partition !== undefined && partition !== regionPartition
    ? `the role is in partition "${partition}" but region "${printable(region, 60)}" is in "${regionPartition}": ` +
      "use --aws-region with a region of the role's partition"
    : "the role's AWS account has no SAML provider of this name: compare it with OneLogin's role mapping";
}
