/** Failed calls to AWS STS in words, each with what to do next. */

import { Exit, printable, UserError } from "../errors.ts";
import { parseRoleArn } from "../saml/roles.ts";
import { partitionOfRegion } from "./partitions.ts";
import type { StsCause, StsRefused, StsUnavailable } from "./sts_outcome.ts";

/** What a failed call was about, for its message. */
export interface StsContext {
  /** The role asked for; absent for GetCallerIdentity. */
  readonly roleArn?: string;
  readonly principalArn?: string;
  readonly region: string;
  /** The environment variable that names another address than the region's. */
  readonly variable?: string;
  readonly durationSeconds?: number;
}

/** A difference AWS would refuse signatures and assertions for, less a minute. Milliseconds. */
const SKEW_LIMIT_MS = 4 * 60_000;

/** "this computer's clock is 7 minutes behind AWS's" when it is off by more than four minutes, else undefined. */
export function describeSkew(dateSkewMs: number | undefined): string | undefined {
  if (dateSkewMs === undefined || Math.abs(dateSkewMs) <= SKEW_LIMIT_MS) return undefined;
  const minutes = Math.round(Math.abs(dateSkewMs) / 60_000);
  const much = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return `this computer's clock is ${much} ${dateSkewMs > 0 ? "behind" : "ahead of"} AWS's`;
}

/** The error for a call that brought nothing: exit 6 when STS refused, 7 when it could not be asked. */
export function stsError(outcome: StsRefused | StsUnavailable, context: StsContext): UserError {
  const attempt = context.roleArn === undefined
    ? "cannot ask AWS who the credentials belong to"
    : `cannot assume role "${printable(context.roleArn, 200)}"`;
  if (outcome.kind === "unavailable") {
    return new UserError(`${attempt}: ${outcome.message}`, {
      exit: Exit.unavailable,
      hint: unavailableHint(outcome, context),
    });
  }
  const skew = TIMED.has(outcome.cause) ? describeSkew(outcome.dateSkewMs) : undefined;
  const said = `AWS says "${sentence(outcome.message)}" (${outcome.code})`;
  return new UserError(`${attempt}: ${skew === undefined ? said : `${skew}, and ${said}`}`, {
    exit: Exit.sts,
    hint: skew === undefined ? refusedHints(outcome, context) : "set the clock and try again",
    cause: outcome.cause,
  });
}

/** Refusals a wrong clock explains. */
const TIMED: ReadonlySet<StsCause> = new Set([
  "expired-assertion",
  "invalid-identity",
  "expired-credentials",
  "signature",
]);

/** Without the full stop AWS writes, since it is quoted inside a line. */
function sentence(text: string): string {
  return text.replace(/\.$/, "");
}

/** What an address that serves nobody comes to. */
const UNREACHED: ReadonlySet<StsUnavailable["network"]> = new Set([
  "dns",
  "refused",
  "connect-timeout",
  "timeout",
  "reset",
]);

function unavailableHint({ network, status, code }: StsUnavailable, { region, variable }: StsContext): string {
  const down = network === undefined ? code === undefined : UNREACHED.has(network);
  if (variable !== undefined && down) return `check the address in ${variable}, or unset it to ask AWS itself`;
  switch (network) {
    case "dns":
    case "refused":
    case "connect-timeout":
      return `check the network, the proxy (HTTPS_PROXY) and that "${printable(region, 60)}" is the right --aws-region`;
    case "timeout":
      return "try again, or allow more time with --timeout";
    case "tls":
      return "behind a proxy that opens TLS, name its certificates in AWS_CA_BUNDLE or SSL_CERT_FILE";
    case "proxy":
      return "put user and password into the proxy's variable: HTTPS_PROXY=http://user:password@host:port";
    case "blocked":
      return "this program may reach AWS's own hosts only; check AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL and --aws-region";
    default:
      return code === undefined && status !== undefined && status < 500 && status !== 429
        ? "something between this computer and AWS may have answered: check the proxy and AWS_ENDPOINT_URL_STS"
        : "try again in a minute";
  }
}

function refusedHints(outcome: StsRefused, context: StsContext): string | readonly string[] {
  const { region, durationSeconds, roleArn, principalArn } = context;
  switch (outcome.cause) {
    case "expired-assertion":
      return "an assertion is good for five minutes: log in again and choose the role at once";
    case "duration":
      return durationHints(durationSeconds);
    case "not-authorized":
      return [
        "the role's trust policy must let this identity in, and the role must exist with exactly this name",
        'see which roles this login has with "onelogin-aws-assume-role roles"',
      ];
    case "bad-role-arn":
      return 'the role in OneLogin is not one AWS knows: compare it with "onelogin-aws-assume-role roles"';
    case "bad-principal-arn":
      return `the identity provider${
        principalArn === undefined ? "" : ` "${printable(principalArn, 200)}"`
      } in OneLogin's role mapping must be the ARN of a SAML provider`;
    case "invalid-identity":
      return "the AWS app in OneLogin and the SAML provider in AWS do not fit: have the provider's metadata renewed in AWS";
    case "wrong-partition-or-provider":
      return providerHint(roleArn, region);
    case "region-disabled":
      return `STS is switched off in "${
        printable(region, 60)
      }" for this account: choose another region with --aws-region, or have it activated in IAM's account settings`;
    case "assertion-too-long":
      return "have fewer roles mapped to this user in OneLogin's AWS app: AWS takes 100,000 characters, some 400 roles";
    case "packed-policy":
      return "session tags or policies are too large: give a shorter --policy-file or fewer --policy-arn, or have fewer attributes sent by OneLogin's AWS app";
    case "bad-policy":
      return "check --policy-file as an IAM policy, and that each --policy-arn exists in the role's account";
    case "expired-credentials":
    case "invalid-credentials":
      return "get new credentials with onelogin-aws-assume-role";
    case "signature":
      return "check the clock of this computer, then get new credentials";
    case "other":
      return 'check the set-up with "onelogin-aws-assume-role doctor"';
  }
}

/** AWS IAM User Guide: MaxSessionDuration is 1 to 12 hours, and a session from a session lives one hour at most. */
function durationHints(seconds: number | undefined): readonly string[] {
  const raise = "or have the role's maximum session duration (MaxSessionDuration) raised in AWS: it is the limit";
  if (seconds === undefined) return ["ask for less: --duration 3600 is always granted", raise];
  if (seconds > 3600) {
    return [
      `ask for less than ${seconds} seconds: --duration 3600 is always granted`,
      "--duration max gets the longest session that the role allows",
      raise,
    ];
  }
  const limits = "--duration takes 900 to 43200 seconds, and at most 3600 for a role assumed from a role";
  return seconds > 900 ? [`ask for less than ${seconds} seconds: --duration 900`, raise, limits] : [limits, raise];
}

function providerHint(roleArn: string | undefined, region: string): string {
  const partition = roleArn === undefined ? undefined : parseRoleArn(roleArn)?.partition;
  const asked = partitionOfRegion(region).id;
  return partition !== undefined && partition !== asked
    ? `the role is in partition "${partition}" but region "${printable(region, 60)}" is in "${asked}": ` +
      "give a region of the role's partition with --aws-region"
    : "the SAML provider is missing in the role's AWS account, or it was renamed: compare it with OneLogin's role mapping";
}
