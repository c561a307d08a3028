/**
 * AWS STS: exchanges a SAML assertion for credentials, assumes a role from a role (chaining), and identifies credentials.
 * No AWS configuration is read; everything comes in as parameters.
 */

import { serviceNow } from "../io/clock.ts";
import { defined } from "../defined.ts";
import { printable } from "../errors.ts";
import { type Deps, HttpError, type HttpReply, type HttpRequest } from "../io/deps.ts";
import type { RolePair } from "../saml/role_arn.ts";
import type { Credentials, SessionPolicy } from "./credentials.ts";
import { stsHost } from "./partitions.ts";
import {
  type CallerIdentity,
  decodeAssumed,
  decodeIdentity,
  type StsCredentials,
  type StsFault,
  type StsUnexpected,
} from "./sts_reply.ts";
import {
  CHAIN_MAX_SECONDS,
  type Dated,
  type IdentityOutcome,
  refusal,
  type StsOutcome,
  type StsRefused,
  type StsUnavailable,
} from "./sts_outcome.ts";
import { USER_AGENT } from "../version.ts";

export { CHAIN_MAX_SECONDS } from "./sts_outcome.ts";
export { describeSkew, type StsContext, stsError } from "./sts_error.ts";
export type { IdentityOutcome, StsCause, StsGranted, StsOutcome, StsRefused, StsUnavailable } from "./sts_outcome.ts";

type StsDeps = Pick<Deps, "http" | "clock" | "random" | "signal">;

/** The endpoint and time limit of a request. */
export interface StsTarget {
  /** Replaces the region's host; without a trailing slash. */
  readonly endpoint?: string | undefined;
  /** The environment variable that sets `endpoint`. */
  readonly variable?: string;
  readonly region: string;
  /** The region's endpoint for FIPS 140. */
  readonly fips?: boolean;
  readonly dualStack?: boolean;
  /** Milliseconds, for each attempt. */
  readonly timeoutMs: number;
}

const VERSION = "2011-06-15";
const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" } as const;
/** Not signed: a proxy may change it. */
const AGENT = { "user-agent": USER_AGENT } as const;
const ATTEMPTS = 3;
/** Milliseconds; doubled for each further attempt, with full jitter. */
const BACKOFF_MS = 500;
/** Throttling codes, whatever the status (botocore, retries/standard.py). */
const THROTTLING = new Set([
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottledException",
  "RequestThrottled",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "ProvisionedThroughputExceededException",
  "LimitExceededException",
  "BandwidthLimitExceeded",
  "SlowDown",
  "TransactionInProgressException",
  "EC2ThrottledException",
]);
/**
 * Failures worth another attempt. Not a timeout (the user has waited long enough), nor what will be the
 * same again (TLS, the sandbox, a reply that is too large).
 */
const TRANSIENT: ReadonlySet<HttpError["kind"]> = new Set(["dns", "refused", "connect-timeout", "reset", "other"]);

/**
 * Exchanges a SAML assertion for credentials. The request is not signed: the assertion is the proof (AWS STS API,
 * AssumeRoleWithSAML). Repeating it is safe, so temporary failures are tried three times.
 *
 * @param input.durationSeconds 900 to 43 200; the role's MaxSessionDuration applies.
 * @throws the reason of `deps.signal` when aborted, and {@linkcode UserError} exit 2 for an invalid region. Everything that
 * AWS or the network does is an outcome.
 */
export async function assumeRoleWithSaml(
  deps: StsDeps,
  input: StsTarget & {
    readonly role: RolePair;
    readonly assertion: { readonly base64: string };
    readonly durationSeconds: number;
    readonly sessionPolicy?: SessionPolicy | undefined;
  },
): Promise<StsOutcome> {
  const body = form({
    Action: "AssumeRoleWithSAML",
    Version: VERSION,
    RoleArn: input.role.roleArn,
    PrincipalArn: input.role.principalArn,
    SAMLAssertion: input.assertion.base64,
    DurationSeconds: String(input.durationSeconds),
    ...policyFields(input.sessionPolicy),
  });
  const url = stsUrl(input);
  return await ask(deps, input, "saml", (reply) => decodeAssumed("AssumeRoleWithSAML", reply), () => ({
    url,
    headers: { ...FORM, ...AGENT },
    body,
  }));
}

/**
 * Assumes a role with the credentials of another one (role chaining). Each attempt is signed again.
 *
 * @param input.durationSeconds limited to {@linkcode CHAIN_MAX_SECONDS}: AWS refuses more.
 * @param input.roleSessionName as {@linkcode isSessionName} accepts it.
 * @throws as {@linkcode assumeRoleWithSaml}.
 */
export async function assumeRole(
  deps: StsDeps,
  input: StsTarget & {
    readonly credentials: Credentials;
    readonly roleArn: string;
    readonly roleSessionName: string;
    readonly externalId?: string;
    readonly durationSeconds: number;
    readonly sessionPolicy?: SessionPolicy | undefined;
  },
): Promise<StsOutcome> {
  const body = form({
    Action: "AssumeRole",
    Version: VERSION,
    RoleArn: input.roleArn,
    RoleSessionName: input.roleSessionName,
    DurationSeconds: String(Math.min(input.durationSeconds, CHAIN_MAX_SECONDS)),
    ...defined({ ExternalId: input.externalId }),
    ...policyFields(input.sessionPolicy),
  });
  return await ask(
    deps,
    input,
    "signed",
    (reply) => decodeAssumed("AssumeRole", reply),
    () => signed(deps, input, body),
  );
}

/** The identity of credentials (AWS STS API, GetCallerIdentity; needs no permission). Signed. Throws as {@linkcode assumeRoleWithSaml}. */
export async function getCallerIdentity(
  deps: StsDeps,
  input: StsTarget & { readonly credentials: Credentials },
): Promise<IdentityOutcome> {
  const body = form({ Action: "GetCallerIdentity", Version: VERSION });
  return await ask(deps, input, "signed", decodeIdentity, () => signed(deps, input, body));
}

/** AWS STS API, AssumeRole: RoleSessionName. */
export function isSessionName(name: string): boolean {
  return /^[A-Za-z0-9_+=,.@-]{2,64}$/.test(name);
}

/**
 * The session name in an assumed role's ARN, such as the user's email address: used again for the next role of a
 * chain, so that AWS's logs keep naming the user. Undefined when the ARN has no valid one.
 */
export function sessionNameOf(assumedRoleArn: string): string | undefined {
  const name = /^arn:[a-z0-9-]+:sts::\d{12}:assumed-role\/[^/]+\/([^/]+)$/.exec(assumedRoleArn)?.[1];
  return name !== undefined && isSessionName(name) ? name : undefined;
}

/** Opens the connection for the request that follows. STS is asked nothing: no action, no assertion, no signature. */
export function openSts({ http, signal }: Pick<StsDeps, "http" | "signal">, target: StsTarget): void {
  http.open({ url: stsUrl(target), headers: AGENT, timeoutMs: target.timeoutMs, signal });
}

type Exchange = Pick<HttpRequest, "url" | "headers"> & { readonly body: string };

function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

function policyFields(policy: SessionPolicy | undefined): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries((policy?.arns ?? []).map((arn, index) => [`PolicyArns.member.${index + 1}.arn`, arn])),
    ...defined({ Policy: policy?.document }),
  };
}

/** The URL of the endpoint, with a trailing slash. */
export function stsUrl({ endpoint, region, fips, dualStack }: StsTarget): string {
  return `${endpoint ?? `https://${stsHost(region, fips, dualStack)}`}/`;
}

async function signed(
  deps: StsDeps,
  input: StsTarget & { readonly credentials: Credentials },
  body: string,
): Promise<Exchange> {
  const { region, credentials } = input;
  const url = stsUrl(input);
  const { signPost } = await import("./sign.ts"); // Most logins sign nothing.
  const nowMs = serviceNow(deps);
  return {
    url,
    headers: { ...await signPost({ url, headers: FORM, body, service: "sts", region, credentials, nowMs }), ...AGENT },
    body,
  };
}

/** Sends, tries again if that helps, and classifies the result. */
async function ask<T extends StsCredentials | CallerIdentity>(
  deps: StsDeps,
  { timeoutMs }: StsTarget,
  proof: "saml" | "signed",
  decode: (reply: HttpReply) => Promise<T | StsFault | StsUnexpected>,
  exchange: () => Exchange | Promise<Exchange>,
): Promise<(T & Dated) | StsRefused | StsUnavailable> {
  for (let attempt = 1;; attempt++) {
    const request = { method: "POST", ...await exchange(), timeoutMs, signal: deps.signal } as const;
    const sent = await sendOnce(deps, request);
    if (sent.kind === "failed") {
      if (!TRANSIENT.has(sent.network) || attempt === ATTEMPTS) {
        return { kind: "unavailable", message: sent.message, network: sent.network };
      }
    } else {
      const { reply } = sent;
      const decoded = await decode(reply);
      const busy = reply.status >= 500 || reply.status === 429 || (isFault(decoded) && THROTTLING.has(decoded.code));
      const date = skewOf(reply, deps.clock.now());
      if (!busy) {
        if (isFault(decoded)) return refusal({ ...decoded, ...date }, proof);
        if (!isUnexpected(decoded)) return { ...decoded, ...date };
      }
      if (!busy || attempt === ATTEMPTS) {
        return {
          kind: "unavailable",
          message: describeFailure(decoded, reply.status),
          status: reply.status,
          ...(isFault(decoded) ? { code: decoded.code } : {}),
          ...date,
        };
      }
    }
    await deps.clock.sleep(deps.random() * BACKOFF_MS * 2 ** (attempt - 1), deps.signal);
  }
}

type Sent =
  | { readonly kind: "reply"; readonly reply: HttpReply }
  | { readonly kind: "failed"; readonly network: HttpError["kind"]; readonly message: string };

async function sendOnce(deps: StsDeps, request: HttpRequest): Promise<Sent> {
  try {
    return { kind: "reply", reply: await deps.http.send(request) };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { kind: "failed", network: error.kind, message: printable(error.message) };
  }
}

function describeFailure(decoded: StsCredentials | CallerIdentity | StsFault | StsUnexpected, status: number): string {
  switch (decoded.kind) {
    case "fault":
      return `AWS STS is not available now: "${decoded.message.replace(/\.$/, "")}" (${decoded.code})`;
    case "unexpected":
      return status >= 500 || status === 429
        ? `AWS STS is not available now: HTTP status ${status}`
        : `unexpected reply from AWS STS: ${decoded.message}`;
    default:
      return `unexpected reply from AWS STS: HTTP status ${status}`;
  }
}

function isFault(decoded: { readonly kind: string }): decoded is StsFault {
  return decoded.kind === "fault";
}

function isUnexpected(decoded: { readonly kind: string }): decoded is StsUnexpected {
  return decoded.kind === "unexpected";
}

/** From the `Date` header (RFC 9110, 6.6.1), which AWS sets for each reply. */
function skewOf(reply: HttpReply, nowMs: number): Dated {
  const date = reply.headers["date"];
  if (date === undefined || !/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(date)) return {};
  const server = Date.parse(date);
  return Number.isNaN(server) ? {} : { dateSkewMs: server - nowMs };
}
