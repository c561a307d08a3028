/**
 * The requests to OneLogin. Each is sent once: never repeated, redirected or sent to a host from a reply.
 * Source: OneLogin API, "Generate Tokens v2", "Generate SAML Assertion", "Verify Factor", "Get Enrolled Factors".
 */

import { defined } from "../defined.ts";
import { Exit, printable, UserError } from "../errors.ts";
import { type Deps, HttpError, type HttpReply } from "../io/deps.ts";
import { networkHints } from "../io/network_hints.ts";
import { USER_AGENT } from "../version.ts";
import {
  decodeLabels,
  decodeReply,
  decodeToken,
  decodeTrigger,
  type Label,
  type Reply,
  type Token,
} from "./replies.ts";

/** One OneLogin account's API, and how to talk to it. */
export interface Api {
  /** Such as `https://api.us.onelogin.com`, without a trailing slash. All requests of a login go to it. */
  readonly url: string;
  readonly clientId: string;
  /** A secret. */
  readonly clientSecret: string;
  readonly version: 1 | 2;
  /** Milliseconds for each request. */
  readonly timeoutMs: number;
}

/** The user, app and account of a login. */
export interface Identity {
  readonly username: string;
  /** A secret. */
  readonly password: string;
  readonly appId: string;
  /** The account's bare name, such as `acme`. */
  readonly subdomain: string;
  /** Sent as `ip_address`, so that an allow-listed address skips the second factor. */
  readonly ip?: string;
}

type Network = Pick<Deps, "http" | "clock" | "signal">;

/**
 * Gets an OAuth token for the API client.
 *
 * @throws UserError exit 3 when the client is refused, exit 7 when OneLogin cannot be reached.
 */
export async function requestToken(deps: Network, api: Api): Promise<Token> {
  const authorization = `client_id:${api.clientId}, client_secret:${api.clientSecret}`;
  const sent = await post(deps, api, "/auth/oauth2/v2/token", authorization, { grant_type: "client_credentials" });
  const reply = "kind" in sent ? sent : decodeToken(sent, deps.clock.now());
  if (reply.kind === "token") return reply.token;
  if (reply.kind === "unavailable") throw unavailable(reply, "get an access token from OneLogin");
  throw new UserError(
    `OneLogin refused the API client ${JSON.stringify(printable(api.clientId, 80))}: ${words(reply)}`,
    {
      exit: Exit.refused,
      hint: reply.cause === "no-route" ? noRouteHint(api) : [
        "check client_id, client_secret and region in onelogin.sdk.json (Administration > Developers > API Credentials)",
        "a client of the eu region needs region eu",
      ],
    },
  );
}

/** Posts user and password for an assertion: exactly one request, whatever the reply. */
export async function requestAssertion(deps: Network, api: Api, token: Token, identity: Identity): Promise<Reply> {
  const sent = await post(deps, api, `/api/${api.version}/saml_assertion`, `bearer ${token.bearer}`, {
    username_or_email: identity.username,
    password: identity.password,
    app_id: identity.appId,
    subdomain: identity.subdomain,
    ...defined({ ip_address: identity.ip }),
  });
  return "kind" in sent ? sent : decodeReply(sent);
}

/** One request of a second factor: send a notification, poll it, or verify a code. */
export async function verifyFactor(deps: Network, api: Api, token: Token, factor: {
  readonly appId: string;
  readonly deviceId: string;
  readonly stateToken: string;
  /** A secret. Omitted to send or to poll. */
  readonly code?: string;
  /** False asks OneLogin to send a push or a message; true only polls. */
  readonly doNotNotify: boolean;
}): Promise<Reply> {
  const sent = await post(deps, api, `/api/${api.version}/saml_assertion/verify_factor`, `bearer ${token.bearer}`, {
    app_id: factor.appId,
    device_id: factor.deviceId,
    state_token: factor.stateToken,
    ...defined({ otp_token: factor.code }),
    do_not_notify: factor.doNotNotify,
  });
  if ("kind" in sent) return sent;
  return factor.code === undefined && !factor.doNotNotify ? decodeTrigger(sent) : decodeReply(sent);
}

/**
 * Gets the users' names of their devices. Most API clients may not, so every failure means "no names"; it waits at
 * most 5 seconds.
 */
export async function requestLabels(
  deps: Network,
  api: Api,
  token: Token,
  userId: string,
): Promise<ReadonlyMap<string, Label>> {
  const sent = await exchange(deps, {
    method: "GET",
    url: `${api.url}/api/1/users/${encodeURIComponent(userId)}/otp_devices`,
    headers: headers(`bearer ${token.bearer}`),
    timeoutMs: Math.min(api.timeoutMs, 5000),
  });
  return "kind" in sent ? new Map() : decodeLabels(sent);
}

/** The error for a missing or useless reply to the attempt `what` ("get …"); `cause` for code that recovers. */
export function unavailable(
  reply: Extract<Reply, { kind: "unavailable" }>,
  what: string,
  cause?: "password-unanswered" | "undecided",
): UserError {
  return new UserError(`cannot ${what}: ${reply.message}`, { exit: Exit.unavailable, hint: reply.hints, cause });
}

/** The hint if there is no API at the address. */
export function noRouteHint({ url }: Pick<Api, "url">): string {
  return `${
    JSON.stringify(url)
  } is not OneLogin's API: check the region, "api_url" in onelogin.sdk.json and ONELOGIN_API_URL`;
}

/** OneLogin's own message of a refusal, with the status: `HTTP 401, "Insufficient Permission"`. */
export function words(reply: Extract<Reply, { kind: "refused" }>): string {
  return reply.message === "" ? `HTTP ${reply.status}` : `HTTP ${reply.status}, ${JSON.stringify(reply.message)}`;
}

function post(deps: Network, api: Api, path: string, authorization: string, body: Readonly<Record<string, unknown>>) {
  return exchange(deps, {
    method: "POST",
    url: api.url + path,
    headers: { ...headers(authorization), "content-type": "application/json" },
    body: JSON.stringify(body),
    timeoutMs: api.timeoutMs,
  });
}

function headers(authorization: string): Readonly<Record<string, string>> {
  return { authorization, accept: "application/json", "user-agent": USER_AGENT };
}

async function exchange(
  deps: Network,
  request: Parameters<Deps["http"]["send"]>[0],
): Promise<HttpReply | Extract<Reply, { kind: "unavailable" }>> {
  try {
    return await deps.http.send({ ...request, signal: deps.signal });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { kind: "unavailable", message: error.message, hints: networkHints(error), unsent: !error.sent };
  }
}
