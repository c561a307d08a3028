/**
 * AWS console sign-in: exchanges credentials for a token, and builds the URL that opens the console with it. Token and URL are
 * secrets while they work, for 15 minutes. Source: AWS IAM User Guide, Enable custom identity broker access to the
 * AWS console.
 */

import { defined } from "../defined.ts";
import { Exit, printable, UserError } from "../errors.ts";
import { type Deps, HttpError, type HttpReply } from "../io/deps.ts";
import { networkHints } from "../io/network_hints.ts";
import { parseObject } from "../json_object.ts";
import type { Credentials } from "./credentials.ts";
import { signinHosts } from "./partitions.ts";
import { USER_AGENT } from "../version.ts";

/** Where to sign in. */
interface SigninTarget {
  /** Replaces the partition's host; without a trailing slash. */
  readonly endpoint?: string | undefined;
  readonly region: string;
}

export type SigninOutcome =
  | { readonly kind: "token"; readonly token: string }
  /** AWS refused the credentials, without a reliable reason. */
  | { readonly kind: "refused"; readonly status: number }
  /** `message` completes "cannot …: " and is printable. */
  | { readonly kind: "unavailable"; readonly message: string; readonly hints: readonly string[] };

/**
 * Requests a sign-in token. Uses POST, which the page documents besides GET, so that the keys are not in a URL, which
 * proxies log. Sent once: the user is waiting and can repeat the command.
 *
 * @param input.sessionSeconds 900 to 43 200: how long the console session lasts. Not for a chained role, for which AWS
 * refuses it; without it the session ends when the credentials expire.
 * @throws the reason of `deps.signal` when aborted; {@linkcode UserError} exit 2 as {@linkcode signinHosts}.
 */
export async function getSigninToken(
  deps: Pick<Deps, "http" | "signal">,
  input: SigninTarget & {
    readonly credentials: Credentials;
    readonly sessionSeconds?: number;
    /** Milliseconds. */
    readonly timeoutMs: number;
  },
): Promise<SigninOutcome> {
  const { accessKeyId, secretAccessKey, sessionToken } = input.credentials;
  const body = new URLSearchParams({
    Action: "getSigninToken",
    ...(input.sessionSeconds === undefined ? {} : { SessionDuration: String(input.sessionSeconds) }),
    Session: JSON.stringify({ sessionId: accessKeyId, sessionKey: secretAccessKey, sessionToken }),
  });
  try {
    return decode(
      await deps.http.send({
        method: "POST",
        url: federationUrl(input),
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "accept": "application/json",
          "user-agent": USER_AGENT,
        },
        body: body.toString(),
        timeoutMs: input.timeoutMs,
        maxBytes: 64 * 1024,
        signal: deps.signal,
      }),
    );
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { kind: "unavailable", message: printable(error.message), hints: networkHints(error) };
  }
}

/**
 * The URL that opens the console. Anyone who opens it within 15 minutes is signed in.
 *
 * @param input.destination an https URL of the AWS console; default the console's start page in `region`.
 * @param input.issuer the page for logging in again after the session.
 * @throws {UserError} exit 2 when the destination is not a page of this partition's console.
 */
export function consoleUrl(
  input: SigninTarget & { readonly token: string; readonly destination?: string; readonly issuer?: string },
): string {
  const { console } = signinHosts(input.region);
  const destination = input.destination === undefined
    ? `https://${console}/console/home?region=${input.region}`
    : checkDestination(input.destination, console);
  const query = new URLSearchParams({
    Action: "login",
    ...defined({ Issuer: input.issuer }),
    Destination: destination,
    SigninToken: input.token,
  });
  return `${federationUrl(input)}?${query}`;
}

/**
 * The checked destination. Call it before any question or request, so that a typing error costs no login.
 *
 * @param consoleHost as of {@linkcode signinHosts}.
 * @throws {UserError} exit 2.
 */
export function checkDestination(destination: string, consoleHost: string): string {
  const url = URL.canParse(destination) ? new URL(destination) : undefined;
  // "console.aws.amazon.com" to "aws.amazon.com": services have their own hosts next to the console's.
  const domain = consoleHost.replace(/^console\./, "");
  const inside = url?.hostname === domain || url?.hostname.endsWith(`.${domain}`);
  if (!url || url.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "" || !inside) {
    throw new UserError(`cannot open "${printable(destination, 200)}": it is not a page of the AWS console`, {
      exit: Exit.usage,
      hint: `use a --destination that starts with https://${consoleHost}/`,
    });
  }
  return url.href;
}

/** The error for a reply without a token: exit 6 when AWS refused, 7 when it could not be reached. */
export function signinError(outcome: Exclude<SigninOutcome, { kind: "token" }>): UserError {
  const attempt = "cannot get a console sign-in token";
  return outcome.kind === "refused"
    ? new UserError(`${attempt}: AWS refused the credentials (HTTP status ${outcome.status})`, {
      exit: Exit.sts,
      hint: "they may have expired: run onelogin-aws-assume-role to get new ones, then try again",
    })
    : new UserError(`${attempt}: ${outcome.message}`, {
      exit: Exit.unavailable,
      hint: outcome.hints,
    });
}

function federationUrl({ endpoint, region }: SigninTarget): string {
  return `${endpoint ?? `https://${signinHosts(region).signin}`}/federation`;
}

function decode({ status, body }: HttpReply): SigninOutcome {
  if (status >= 400 && status < 500 && status !== 404 && status !== 407 && status !== 408 && status !== 429) {
    return { kind: "refused", status };
  }
  const token = status === 200 ? tokenIn(body) : undefined;
  if (token !== undefined) return { kind: "token", token };
  return {
    kind: "unavailable",
    message: `unexpected reply from AWS sign-in: ${status === 200 ? "no usable token in it" : `HTTP status ${status}`}`,
    hints: ["check the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL_SIGNIN, and try again"],
  };
}

function tokenIn(body: string): string | undefined {
  const { SigninToken: token } = parseObject(body);
  return typeof token === "string" && /^[\x21-\x7e]{1,32768}$/.test(token) ? token : undefined;
}
