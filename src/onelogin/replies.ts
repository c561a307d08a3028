/**
 * Decodes OneLogin's replies, of API version 1 and 2, into one union.
 *
 * Version 1 wraps everything in `status`, version 2 is flat; both may send an error with HTTP 200, and neither always
 * sends JSON. One decoder reads both shapes, so a version that replies in the other's shape works too.
 * Source: OneLogin API, "Generate SAML Assertion" and "Verify Factor", versions 1 and 2.
 */

import { defined } from "../defined.ts";
import { printable } from "../errors.ts";
import type { HttpReply } from "../io/deps.ts";
import { LOCAL_PROXY } from "../io/network_hints.ts";
import { isJsonObject, type JsonObject } from "../json_object.ts";

/** Why OneLogin refused, as far as its message tells. */
export type Refusal =
  | "credentials"
  | "locked"
  | "subdomain"
  | "username-empty"
  | "password-empty"
  | "app"
  | "scope"
  | "bearer"
  | "wrong-code"
  | "code-missing"
  | "state-expired"
  | "enrolment"
  /** The user must do something in a browser first: a new password, an activation. */
  | "user-state"
  /** This computer's address is not on OneLogin's allow list. */
  | "ip-address"
  /** No API at this address. */
  | "no-route"
  | "bad-request"
  | "other";

/** A second factor in the assertion reply. */
export interface Device {
  /** Opaque; a number on the wire, kept as text. */
  readonly id: string;
  /** The `device_type`, such as `OneLogin Protect`; printable, possibly unknown. */
  readonly type: string;
}

/** What must be completed before there is an assertion. */
export interface Challenge {
  /** A secret: anyone who has it can continue this login. */
  readonly stateToken: string;
  readonly devices: readonly Device[];
  /** Id of the user in OneLogin, if the reply contains it. */
  readonly userId?: string;
}

export type Reply =
  | { readonly kind: "success"; /** Base64, untouched. */ readonly assertion: string }
  | { readonly kind: "mfa"; readonly challenge: Challenge }
  | { readonly kind: "pending"; readonly message: string }
  | { readonly kind: "refused"; readonly cause: Refusal; readonly status: number; readonly message: string }
  | {
    readonly kind: "unavailable";
    /** HTTP status; undefined when there was no reply. */
    readonly status?: number;
    readonly message: string;
    readonly hints: readonly string[];
    /** True when the request certainly did not reach OneLogin. */
    readonly unsent?: boolean;
    /** Milliseconds to wait before the next request, if OneLogin requests that. */
    readonly retryAfterMs?: number;
  };

/** An OAuth token of the API client. */
export interface Token {
  /** A secret. */
  readonly bearer: string;
  /** Milliseconds since the epoch; undefined when the reply does not contain it. */
  readonly expires?: number;
}

/** Decodes the reply to the assertion and verify-factor requests. Never throws. */
export function decodeReply(reply: HttpReply): Reply {
  const answer = read(reply);
  if (answer.kind !== "body") return answer;
  const { body, text } = answer;
  const data = body["data"];
  if (typeof data === "string" && data !== "" && /^success$/i.test(text)) return { kind: "success", assertion: data };
  const challenge = decodeChallenge(body) ?? decodeChallenge(Array.isArray(data) ? data[0] : data);
  if (challenge) return { kind: "mfa", challenge };
  const status = isJsonObject(body["status"]) ? body["status"] : {};
  if (status["type"] === "pending" || /pending/i.test(text)) return { kind: "pending", message: text };
  if (text === "") return unreadable(reply.status, "neither an assertion nor a reason");
  if (/^success$/i.test(text)) return unreadable(reply.status, "a success without an assertion");
  return { kind: "refused", cause: causeOf(text, reply.status), status: reply.status, message: text };
}

/**
 * Decodes the reply to a request that sends a push or a code. Some accounts answer `Success` or `SMS sent` without data:
 * it was sent.
 */
export function decodeTrigger(reply: HttpReply): Reply {
  const decoded = decodeReply(reply);
  if (decoded.kind === "success" || decoded.kind === "mfa") return decoded;
  const answer = read(reply);
  const sent = answer.kind === "body" && answer.text !== "" && causeOf(answer.text, reply.status) === "other";
  return sent ? { kind: "pending", message: answer.text } : decoded;
}

/** Decodes the reply to the token request: flat (version 2) or wrapped in `data` (legacy). Never throws. */
export function decodeToken(
  reply: HttpReply,
  now: number,
): { readonly kind: "token"; readonly token: Token } | Extract<Reply, { kind: "refused" | "unavailable" }> {
  const answer = read(reply);
  if (answer.kind !== "body") return answer;
  const data = answer.body["data"];
  const wrapped = Array.isArray(data) ? data[0] : data;
  const fields = isJsonObject(wrapped) ? wrapped : answer.body;
  const bearer = fields["access_token"];
  // It goes into a header: spaces and line ends would let a server add headers.
  if (typeof bearer !== "string" || !/^[\x21-\x7e]{1,4096}$/.test(bearer)) {
    return unreadable(reply.status, "no access token");
  }
  const seconds = numberOf(fields["expires_in"]);
  const known = seconds !== undefined && seconds > 0;
  return { kind: "token", token: { bearer, ...(known ? { expires: now + seconds * 1000 } : {}) } };
}

/** An entry of the list of device names. */
export interface Label {
  /** For people, such as `OneLogin Protect (Ada's phone)`. */
  readonly text: string;
  /** OneLogin's own name of the factor type, even if an administrator renamed it. */
  readonly factor: string;
  /** False when the user may not use it, although it is on the list. */
  readonly active: boolean;
}

/**
 * Decodes the optional list of device names (API version 1, `otp_devices`), in the order of that list; empty when it
 * contains nothing useful.
 */
export function decodeLabels(reply: HttpReply): ReadonlyMap<string, Label> {
  const labels = new Map<string, Label>();
  const answer = read(reply);
  if (answer.kind !== "body") return labels;
  const data = answer.body["data"];
  const devices = isJsonObject(data) ? data["otp_devices"] : undefined;
  for (const device of Array.isArray(devices) ? devices : []) {
    if (!isJsonObject(device)) continue;
    const id = opaque(device["device_id"]) ?? opaque(device["id"]);
    const factor = text(device["auth_factor_name"]) || text(device["type_display_name"]);
    if (id === undefined || factor === "") continue;
    const name = text(device["user_display_name"]);
    labels.set(id, {
      text: name === "" || name === factor ? factor : `${factor} (${name})`,
      factor,
      active: device["active"] !== false,
    });
  }
  return labels;
}

/** Common to all replies: status, JSON, and errors with the same form everywhere. */
function read(reply: HttpReply):
  | { readonly kind: "body"; readonly body: JsonObject; readonly text: string }
  | Extract<Reply, { kind: "refused" | "unavailable" }> {
  let body: unknown;
  try {
    body = JSON.parse(reply.body, keepDigits);
  } catch {
    body = undefined;
  }
  const object = isJsonObject(body) ? body : undefined;
  const message = object ? textOf(object) : "";
  const status = errorStatus(reply.status, object);
  if (status === undefined) {
    return object ? { kind: "body", body: object, text: message } : unreadable(reply.status, "no JSON object");
  }
  if (status >= 400 && status < 500 && ![407, 408, 429].includes(status)) {
    return { kind: "refused", cause: causeOf(message, status), status, message };
  }
  return { kind: "unavailable", status, ...explain(status, message, reply.headers) };
}

/** Ids may exceed 2^53: such a number is kept as the text on the wire. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const exact = typeof value !== "number" || Number.isSafeInteger(value);
  return exact || !/^\d{16,}$/.test(context?.source ?? "") ? value : context?.source;
}

/** The status of an error, from HTTP or from an error body with HTTP 200. */
function errorStatus(http: number, body: JsonObject | undefined): number | undefined {
  if (http < 200 || http >= 300) return http;
  const status = isJsonObject(body?.["status"]) ? body["status"] : {};
  const inside = [status["code"], body?.["statusCode"]].map(numberOf).find((code) =>
    code !== undefined && code >= 400 && code < 600
  );
  if (inside !== undefined) return inside;
  return status["error"] === true ? 400 : undefined;
}

function explain(status: number, message: string, headers: HttpReply["headers"]) {
  const words = message === "" ? "" : `: ${message}`;
  if (status === 429) {
    const seconds = Number(headers["retry-after"] ?? headers["x-ratelimit-reset"]);
    const known = Number.isFinite(seconds) && seconds > 0;
    return {
      message: `OneLogin limits the rate of requests (HTTP 429${words})`,
      hints: [`try again${known ? ` in ${Math.ceil(seconds)} seconds` : " later"}`],
      ...(known ? { retryAfterMs: Math.ceil(seconds) * 1000 } : {}),
    };
  }
  if (status === 407) {
    return {
      message: `the proxy requires a user and password (HTTP 407${words})`,
      hints: ["put the user and password into HTTPS_PROXY: http://user:password@host:port", LOCAL_PROXY],
    };
  }
  if (status >= 300 && status < 400) {
    return {
      message: `OneLogin answered with a redirect (HTTP ${status}), which is never followed`,
      hints: ["check ONELOGIN_API_URL, the region, and whether there is a proxy in between"],
    };
  }
  return { message: `OneLogin has a problem (HTTP ${status}${words})`, hints: ["try again later"] };
}

function unreadable(status: number, what: string): Extract<Reply, { kind: "unavailable" }> {
  return {
    kind: "unavailable",
    status,
    message: `OneLogin's reply (HTTP ${status}) contains ${what}`,
    hints: ["check ONELOGIN_API_URL and whether there is a proxy in between, then try again"],
  };
}

function decodeChallenge(value: unknown): Challenge | undefined {
  if (!isJsonObject(value)) return undefined;
  const stateToken = value["state_token"];
  if (typeof stateToken !== "string" || stateToken === "") return undefined;
  const devices: Device[] = [];
  for (const device of Array.isArray(value["devices"]) ? value["devices"] : []) {
    if (!isJsonObject(device)) continue;
    const id = opaque(device["device_id"]) ?? opaque(device["id"]);
    const type = text(device["device_type"]) || text(device["auth_factor_name"]) || "unknown factor";
    if (id !== undefined) devices.push({ id, type });
  }
  const user = value["user"];
  const userId = isJsonObject(user) ? opaque(user["id"]) : undefined;
  return { stateToken, devices, ...defined({ userId }) };
}

/** The message of a reply, wherever this version puts it: the first one found, then its details. */
function textOf(body: JsonObject): string {
  const status = isJsonObject(body["status"]) ? body["status"] : {};
  const first = [
    status["message"],
    body["message"],
    body["messages"],
    body["description"],
    body["error_description"],
    body["errors"],
    status["type"],
    body["error"],
    body["name"],
  ].map(phrase).find((each) => each !== "") ?? "";
  const details = [body["error_description"], body["errors"]].map(phrase);
  return printable([first, ...details.filter((each) => each !== "" && !first.includes(each))].join("; "), 300);
}

/** A text, an object's description or message, or a list of these. */
function phrase(value: unknown): string {
  const one = (each: unknown) => isJsonObject(each) ? text(each["description"]) || text(each["message"]) : text(each);
  if (!Array.isArray(value)) return one(value);
  return [...new Set(value.slice(0, 10).map(one))].filter((each) => each !== "").join("; ");
}

const CAUSES: readonly (readonly [RegExp, Refusal])[] = [
  [/failed authentication with this factor/i, "wrong-code"],
  [/state.?token is invalid or expired/i, "state-expired"],
  [/otp token blank/i, "code-missing"],
  [/locked/i, "locked"],
  // Only the whole text: with more after it, the reason is not the password.
  [/^(authentication failed: )?invalid user credentials\.?$|^authentication failed\.?$/i, "credentials"],
  [/password is empty/i, "password-empty"],
  [/username is empty/i, "username-empty"],
  [/invalid subdomain/i, "subdomain"],
  [/app could not be found/i, "app"],
  [/insufficient permission/i, "scope"],
  [
    /invalid token|token (is |has )?expired|requires authentication|^unauthorized(error)?$|authentication failure/i,
    "bearer",
  ],
  [/from your (current )?ip address/i, "ip-address"],
  [/^no route exists/i, "no-route"],
  [/^mfa|\benroll?/i, "enrolment"],
  [/\b(user|account|password)\b.*(expired|inactive|disabled)|must (be )?change|change your password/i, "user-state"],
  [/suspended|not (been |yet )*activated|unactivated/i, "user-state"],
  [/^bad request$/i, "bad-request"],
];

function causeOf(message: string, status: number): Refusal {
  const known = CAUSES.find(([pattern]) => pattern.test(message));
  if (known) return known[1];
  return status === 404 ? "app" : "other";
}

function text(value: unknown): string {
  return typeof value === "string" ? printable(value, 300) : "";
}

/** A number, possibly in quotes. Never `Number()` of any value: an object from the wire can make that throw. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** An id that is only compared and sent back. */
function opaque(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" && /^[\x21-\x7e]{1,128}$/.test(value) ? value : undefined;
}
