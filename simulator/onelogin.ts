/**
 * OneLogin's API: tokens, SAML assertions and second factors, versions 1 and 2.
 * Source: OneLogin API reference, "Generate Tokens v2", "Generate SAML Assertion", "Verify Factor", "Get Rate Limit",
 * "Get Available Authentication Factors"; messages as clients have seen them.
 */
import { deviceKind } from "./devices.ts";
import type { Reply, WireRequest } from "./http_server.ts";
import { issueAssertion } from "./saml_document.ts";
import type { Route, SimulatedDevice, SimulatedUser } from "./scenario.ts";
import type { Complain, PendingLogin, World } from "./world.ts";

export interface OneLoginRoute {
  readonly route: Route;
  readonly method: "GET" | "POST";
  readonly apiVersion?: 1 | 2;
  readonly userId?: string;
}

/** The route of a path, or undefined when OneLogin has none there. */
export function oneLoginRoute(path: string): OneLoginRoute | undefined {
  switch (path) {
    case "/auth/oauth2/v2/token":
      return { route: "token", method: "POST" };
    case "/auth/oauth2/token":
      return { route: "token-legacy", method: "POST" };
    case "/auth/oauth2/revoke":
      return { route: "revoke", method: "POST" };
    case "/auth/rate_limit":
      return { route: "rate-limit", method: "GET" };
  }
  const saml = /^\/api\/([12])\/saml_assertion(\/verify_factor)?$/.exec(path);
  if (saml) {
    const apiVersion = saml[1] === "1" ? 1 : 2;
    return { route: saml[2] ? "verify-factor" : "assertion", method: "POST", apiVersion };
  }
  const devices = /^\/api\/1\/users\/([^/]+)\/otp_devices$/.exec(path);
  if (devices) return { route: "otp-devices", method: "GET", apiVersion: 1, userId: devices[1]! };
  const factors = /^\/api\/2\/mfa\/users\/([^/]+)\/devices$/.exec(path);
  if (factors) return { route: "mfa-devices", method: "GET", apiVersion: 2, userId: factors[1]! };
  return undefined;
}

export function noSuchRoute(): Reply {
  return json(404, { status: { error: true, code: 404, type: "not found", message: "No Route Exists" } });
}

/** Answers one request. State changes; what the documentation does not allow goes to `complain`. */
export function answerOneLogin(world: World, found: OneLoginRoute, request: WireRequest, complain: Complain): Reply {
  if (request.method !== found.method) {
    complain(`the method is ${found.method}`);
    return noSuchRoute();
  }
  if ([...request.query.keys()].length > 0) complain("a query string on a OneLogin route");
  const reply = route(world, found, request, complain);
  return world.scenario.errorsUnder200 && reply.status >= 400 ? { ...reply, status: 200 } : reply;
}

function route(world: World, found: OneLoginRoute, request: WireRequest, complain: Complain): Reply {
  if (found.route === "token" || found.route === "token-legacy") {
    return token(world, found.route === "token-legacy", request, complain);
  }
  if (found.route === "revoke") return revoke(world, request, complain);

  const refused = refuseBearer(world, found, request, complain);
  if (refused) return refused;
  const limited = countCall(world, found);
  if (limited) return limited;
  const reply = resource(world, found, request, complain);
  return { ...reply, headers: { ...rateHeaders(world), ...reply.headers } };
}

function resource(world: World, found: OneLoginRoute, request: WireRequest, complain: Complain): Reply {
  if (found.route === "assertion") return assertion(world, found.apiVersion ?? 1, request, complain);
  if (found.route === "verify-factor") return verifyFactor(world, found.apiVersion ?? 1, request, complain);
  if (request.body !== "") complain("a body on a GET request");
  if (world.scenario.scope === "authentication-only") {
    return failure(found.apiVersion ?? 1, 401, "Unauthorized", "Insufficient Permission");
  }
  if (found.route === "rate-limit") return json(200, success({ data: rateValues(world) }));
  const user = world.scenario.users.find((candidate) => String(candidate.id) === found.userId);
  if (!user) {
    complain(`the details of user "${found.userId}", whom nobody named`);
    return failure(found.apiVersion ?? 1, 404, "not found", "User not found");
  }
  return found.route === "otp-devices"
    ? json(200, success({ data: { otp_devices: user.devices.map(deviceDetailsV1) } }))
    : json(200, user.devices.map(deviceDetailsV2));
}

// ---- Tokens -------------------------------------------------------------------------------------------------------

function token(world: World, legacy: boolean, request: WireRequest, complain: Complain): Reply {
  const form = contentType(request) === "application/x-www-form-urlencoded";
  const body = form ? Object.fromEntries(new URLSearchParams(request.body)) : jsonBody(request, complain);
  if (body === undefined) return statusError(400, "bad request", "grant_type is incorrect/absent");
  const allowed = form ? ["grant_type", "client_id", "client_secret"] : ["grant_type"];
  for (const key of Object.keys(body)) if (!allowed.includes(key)) complain(`the field "${key}"`);
  if (body["grant_type"] !== "client_credentials") {
    complain(`the grant type ${JSON.stringify(body["grant_type"])}`);
    return statusError(400, "bad request", "grant_type is incorrect/absent");
  }
  const header = request.headers.get("authorization");
  const client = form && header === undefined
    ? { id: String(body["client_id"] ?? ""), secret: String(body["client_secret"] ?? "") }
    : clientOf(header);
  if (client === undefined) {
    complain("no client id and secret in any documented form");
    return statusError(400, "bad request", "Authorization Information is incorrect");
  }
  const { scenario, random, clock } = world;
  if (client.id !== scenario.clientId || client.secret !== scenario.clientSecret) {
    return statusError(401, "Unauthorized", "Authentication Failure");
  }
  const lifeMs = scenario.tokenLife * 1000;
  const current = world.currentToken;
  const alive = current !== undefined && (world.tokens.get(current) ?? 0) > clock.now();
  // The v2 endpoint hands out the same token until it ends; the older one ends it.
  if (legacy && current !== undefined) world.tokens.delete(current);
  const value = alive && !legacy ? current : random.hex(64);
  if (value !== current) {
    world.tokens.set(value, clock.now() + lifeMs);
    world.currentToken = value;
    world.secrets.push({ kind: "bearer", value });
  }
  const refresh = random.hex(64);
  world.secrets.push({ kind: "bearer", value: refresh });
  const expiresAt = world.tokens.get(value) ?? 0;
  const flat = {
    access_token: value,
    created_at: new Date(expiresAt - lifeMs).toISOString(),
    expires_in: Math.floor((expiresAt - clock.now()) / 1000),
    refresh_token: refresh,
    token_type: "bearer",
    account_id: 555555,
  };
  const shape = legacy && scenario.tokenBody === "flat" ? "array" : scenario.tokenBody;
  if (shape === "flat") return json(200, flat);
  return json(200, success({ data: shape === "array" ? [flat] : flat }));
}

function revoke(world: World, request: WireRequest, complain: Complain): Reply {
  const client = clientOf(request.headers.get("authorization"));
  if (client === undefined) {
    complain("no client id and secret in any documented form");
    return statusError(400, "bad request", "Authorization Information is incorrect");
  }
  if (client.id !== world.scenario.clientId || client.secret !== world.scenario.clientSecret) {
    return statusError(401, "Unauthorized", "Authentication Failure");
  }
  const body = jsonBody(request, complain);
  const value = body?.["access_token"];
  for (const key of Object.keys(body ?? {})) if (key !== "access_token") complain(`the field "${key}"`);
  if (typeof value !== "string" || !world.tokens.delete(value)) {
    complain("revokes a token that was never given out or is revoked already");
    return statusError(401, "Unauthorized", "Invalid Token");
  }
  return json(200, success({}));
}

/** Client id and secret in the Authorization header: OneLogin's own form or HTTP Basic. */
function clientOf(header: string | undefined): { id: string; secret: string } | undefined {
  if (header === undefined) return undefined;
  const own = /^client_id:\s*([^,\s]+),\s*client_secret:\s*(\S+)$/.exec(header);
  if (own) return { id: own[1]!, secret: own[2]! };
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header);
  if (!basic) return undefined;
  let decoded: string;
  try {
    decoded = new TextDecoder().decode(Uint8Array.from(atob(basic[1]!), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
  const colon = decoded.indexOf(":");
  return colon < 0 ? undefined : { id: decoded.slice(0, colon), secret: decoded.slice(colon + 1) };
}

function refuseBearer(
  world: World,
  found: OneLoginRoute,
  request: WireRequest,
  complain: Complain,
): Reply | undefined {
  const header = request.headers.get("authorization");
  const bearer = /^bearer\s*:?\s*(\S+)$/i.exec(header ?? "")?.[1];
  if (bearer === undefined) complain("no bearer token");
  const expiresAt = bearer === undefined ? undefined : world.tokens.get(bearer);
  if (expiresAt !== undefined && expiresAt > world.clock.now()) return undefined;
  if (bearer !== undefined && !world.secrets.some((secret) => secret.value === bearer)) {
    complain("a bearer token that was never given out");
  }
  return found.apiVersion === 2
    ? json(401, { message: "Unauthorized", statusCode: 401, name: "UnauthorizedError" })
    : statusError(401, "Unauthorized", "Invalid Token");
}

// ---- Rate limit ---------------------------------------------------------------------------------------------------

function countCall(world: World, found: OneLoginRoute): Reply | undefined {
  if (world.clock.now() - world.startedAt >= world.scenario.rateLimit.resetSeconds * 1000) world.resourceCalls = 0;
  world.resourceCalls += 1;
  if (world.resourceCalls <= world.scenario.rateLimit.remaining) return undefined;
  const reply = failure(found.apiVersion ?? 1, 429, "too many requests", "Rate limit exceeded");
  return { ...reply, headers: { ...rateHeaders(world), ...reply.headers } };
}

function rateValues(world: World) {
  const { limit, remaining, resetSeconds } = world.scenario.rateLimit;
  const elapsed = Math.floor((world.clock.now() - world.startedAt) / 1000);
  return {
    "X-RateLimit-Limit": limit,
    "X-RateLimit-Remaining": Math.max(0, remaining - world.resourceCalls),
    "X-RateLimit-Reset": Math.max(0, resetSeconds - elapsed),
  };
}

function rateHeaders(world: World): Record<string, string> {
  return Object.fromEntries(Object.entries(rateValues(world)).map(([name, value]) => [name, String(value)]));
}

// ---- SAML assertion -----------------------------------------------------------------------------------------------

function assertion(world: World, version: 1 | 2, request: WireRequest, complain: Complain): Reply {
  const { scenario } = world;
  const body = jsonBody(request, complain);
  if (body === undefined) return failure(version, 400, "bad request", "bad request");
  const known = ["username_or_email", "password", "app_id", "subdomain", "ip_address"];
  for (const key of Object.keys(body)) if (!known.includes(key)) complain(`the field "${key}"`);
  const name = body["username_or_email"];
  const password = body["password"];
  const subdomain = body["subdomain"];
  const address = body["ip_address"];
  const appId = appIdOf(body["app_id"]);
  if (typeof name !== "string" || typeof password !== "string" || typeof subdomain !== "string" || appId === null) {
    complain("a required field that is missing or has the wrong type");
    return failure(version, 400, "bad request", "bad request");
  }
  if (address !== undefined && (typeof address !== "string" || !/^[0-9a-fA-F.:]+$/.test(address))) {
    complain("an ip_address that is none");
    return failure(version, 400, "bad request", "bad request");
  }
  world.passwordPosts += 1;
  if (name === "") return failure(version, 400, "bad request", "username is empty");
  if (password === "") return failure(version, 400, "bad request", "password is empty");
  if (subdomain === "" || appId === "") return failure(version, 400, "bad request", "bad request");
  if (subdomain !== scenario.subdomain) {
    if (subdomain.includes(".")) complain("a subdomain with a dot: the bare account name is documented");
    return version === 1
      ? json(400, {
        status: {
          error: true,
          code: 400,
          type: "bad request",
          message: { description: "Invalid subdomain", attribute: "subdomain" },
        },
      })
      : failure(version, 400, "bad request", "Invalid subdomain");
  }
  const refusal = checkPassword(world, version, name, password, complain);
  if ("status" in refusal) return refusal;
  const { user } = refusal;
  if (user.refusal) return failure(version, user.refusal.status, "Unauthorized", user.refusal.message);
  if (!scenario.apps.some((app) => app.id === appId) || (user.apps && !user.apps.includes(appId))) {
    return failure(version, 404, "error", "App could not be found");
  }
  if (world.pendingAssertionsLeft > 0) {
    world.pendingAssertionsLeft -= 1;
    return pending(version, "Authentication pending");
  }
  const needsFactor = user.devices.length > 0 || user.deviceList !== undefined;
  if (!needsFactor || (typeof address === "string" && scenario.mfaBypassAddresses.includes(address))) {
    return handOut(world, version, user, appId);
  }
  return askForFactor(world, version, user, appId);
}

/** What is known to lock accounts: a password that was refused is posted again, or anything after the lock. */
function checkPassword(
  world: World,
  version: 1 | 2,
  name: string,
  password: string,
  complain: Complain,
): Reply | { readonly user: SimulatedUser } {
  const locked = () => failure(version, 401, "Unauthorized", "User is locked. Access is unauthorized");
  const wrong = () => failure(version, 401, "Unauthorized", "Authentication Failed: Invalid user credentials");
  const pair = JSON.stringify([name, password]);
  if (world.refused.has(pair)) complain("a password that was refused is posted again");
  const searched = name.toLowerCase();
  const user = world.scenario.users.find((candidate) =>
    candidate.username.toLowerCase() === searched || candidate.email.toLowerCase() === searched
  );
  if (!user) {
    world.refused.add(pair);
    return wrong();
  }
  const misses = world.wrongPasswords.get(user.username) ?? 0;
  const lockAfter = user.lockAfter ?? 5;
  if (user.locked || (lockAfter > 0 && misses >= lockAfter)) {
    if (world.toldLocked.has(user.username)) complain("a password is posted for a user known to be locked");
    world.toldLocked.add(user.username);
    return locked();
  }
  if (password === user.password) {
    world.wrongPasswords.delete(user.username);
    return { user };
  }
  world.wrongPasswords.set(user.username, misses + 1);
  world.refused.add(pair);
  return wrong();
}

function handOut(world: World, version: 1 | 2, user: SimulatedUser, appId: string): Reply {
  const { base64 } = issueAssertion(world, user, appId);
  return version === 1 ? json(200, success({ data: base64 })) : json(200, { message: "Success", data: base64 });
}

function askForFactor(world: World, version: 1 | 2, user: SimulatedUser, appId: string): Reply {
  const stateToken = world.random.hex(40);
  world.secrets.push({ kind: "state-token", value: stateToken });
  const login: PendingLogin = {
    stateToken,
    user,
    appId,
    apiVersion: version,
    expiresAt: world.clock.now() + world.scenario.stateTokenLifeMs,
    used: false,
    notified: new Map(),
    decision: undefined,
  };
  world.logins.set(stateToken, login);
  const listed = user.devices.map((device) => ({
    device_id: number(device.id),
    device_type: device.type,
    ...device.extra,
  }));
  const person = {
    ...(user.userField === "without-id" ? {} : { id: user.id }),
    username: user.username,
    email: user.email,
    firstname: user.firstname ?? "",
    lastname: user.lastname ?? "",
  };
  const factor = {
    state_token: stateToken,
    ...(user.deviceList === "missing" ? {} : { devices: user.deviceList === "empty" ? [] : listed }),
    callback_url: `https://${world.scenario.callbackHost}/api/${version}/saml_assertion/verify_factor`,
    ...(user.userField === "missing" ? {} : { user: person }),
  };
  const message = "MFA is required for this user";
  return version === 1
    ? json(200, { status: { type: "success", message, error: false, code: 200 }, data: [factor] })
    : json(200, { message, ...factor });
}

// ---- Second factor ------------------------------------------------------------------------------------------------

function verifyFactor(world: World, version: 1 | 2, request: WireRequest, complain: Complain): Reply {
  const body = jsonBody(request, complain);
  const bad = (message = "bad request") => failure(version, 400, "bad request", message);
  if (body === undefined) return bad();
  const known = ["app_id", "device_id", "state_token", "otp_token", "do_not_notify"];
  for (const key of Object.keys(body)) if (!known.includes(key)) complain(`the field "${key}"`);
  const appId = appIdOf(body["app_id"]);
  const deviceId = body["device_id"];
  const stateToken = body["state_token"];
  const code = body["otp_token"];
  const doNotNotify = body["do_not_notify"];
  if (appId === null || typeof deviceId !== "string" || typeof stateToken !== "string") {
    complain("a required field that is missing or has the wrong type");
    return bad();
  }
  if (
    (code !== undefined && typeof code !== "string") || (doNotNotify !== undefined && typeof doNotNotify !== "boolean")
  ) {
    complain("an optional field with the wrong type");
    return bad();
  }
  const login = world.logins.get(stateToken);
  if (!login) complain("a state token that was never given out");
  if (!login || login.used || world.clock.now() >= login.expiresAt) {
    return failure(version, world.scenario.stateExpiredStatus, "Unauthorized", "State token is invalid or expired");
  }
  if (login.apiVersion !== version) complain("another API version than the one that gave out the state token");
  if (login.appId !== appId) {
    complain("another app than the one of the state token");
    return bad();
  }
  const device = login.user.devices.find((candidate) => String(candidate.id) === deviceId);
  if (!device) {
    complain(`the device "${deviceId}", which the user does not have`);
    return failure(version, 404, "not found", "Device not found");
  }
  return factor(world, login, device, code === "" ? undefined : code, doNotNotify === true, complain);
}

function factor(
  world: World,
  login: PendingLogin,
  device: SimulatedDevice,
  code: string | undefined,
  doNotNotify: boolean,
  complain: Complain,
): Reply {
  const version = login.apiVersion;
  const failed = () => failure(version, 401, "Unauthorized", "Failed authentication with this factor");
  const done = () => {
    login.used = true;
    return handOut(world, version, login.user, login.appId);
  };
  const kind = deviceKind(device);
  if (kind === "impossible") {
    complain(`a device of type "${device.type}", which this API cannot complete`);
    return failure(version, 400, "bad request", "Unsupported factor");
  }
  const notified = login.notified.get(device.id);
  if (code !== undefined) {
    if (kind === "message" && notified === undefined) return failed();
    return device.code !== undefined && code === device.code ? done() : failed();
  }
  if (kind === "code") return failure(version, 400, "bad request", "OTP token blank");
  if (kind === "message") {
    // Sent whatever the value of do_not_notify: clients rely on it.
    world.notifications += 1;
    login.notified.set(device.id, { at: world.clock.now(), polls: 0 });
    return pending(version, "SMS token sent to your mobile device. Authentication pending.");
  }
  const stillPending = () =>
    pending(version, kind === "call" ? "Authentication pending" : "Authentication pending on OL Protect");
  if (!doNotNotify) {
    world.notifications += 1;
    login.decision = undefined;
    login.notified.set(device.id, { at: world.clock.now(), polls: 0 });
    const { push } = world.scenario;
    return typeof push === "object" && "approveAfterPolls" in push && push.approveAfterPolls === 0
      ? done()
      : stillPending();
  }
  if (notified === undefined) {
    complain("polls a push that was never sent, or was answered already");
    return stillPending();
  }
  notified.polls += 1;
  const decision = login.decision ?? decide(world, notified);
  if (decision === "approved") return done();
  if (decision === undefined) return stillPending();
  login.notified.delete(device.id);
  login.decision = undefined;
  return failed();
}

function decide(
  world: World,
  notified: { readonly at: number; readonly polls: number },
): "approved" | "rejected" | undefined {
  const { push } = world.scenario;
  if (push === "never") return undefined;
  if ("approveAfterPolls" in push) return notified.polls >= push.approveAfterPolls ? "approved" : undefined;
  if ("rejectAfterPolls" in push) return notified.polls >= push.rejectAfterPolls ? "rejected" : undefined;
  return world.clock.now() - notified.at >= push.approveAfterMs ? "approved" : undefined;
}

/** Every push or call that waits for its owner's answer gets one. Returns how many there were. */
export function answerPushes(world: World, decision: "approved" | "rejected"): number {
  const waiting = [...world.logins.values()].filter((login) =>
    !login.used && login.decision === undefined && world.clock.now() < login.expiresAt &&
    [...login.notified.keys()].some((id) => {
      const device = login.user.devices.find((candidate) => candidate.id === id);
      return device !== undefined && ["push", "call"].includes(deviceKind(device));
    })
  );
  for (const login of waiting) login.decision = decision;
  return waiting.length;
}

function deviceDetailsV1(device: SimulatedDevice) {
  return {
    id: number(device.id),
    active: device.active ?? true,
    default: device.isDefault ?? false,
    needs_trigger: deviceKind(device) !== "code",
    auth_factor_name: device.type,
    type_display_name: device.displayType ?? device.type,
    user_display_name: device.label ?? device.type,
    ...(deviceKind(device) === "message" ? { phone_number: "+1xxxxxx0100" } : {}),
  };
}

function deviceDetailsV2(device: SimulatedDevice) {
  return {
    device_id: String(device.id),
    user_display_name: device.label ?? device.type,
    type_display_name: device.displayType ?? device.type,
    auth_factor_name: device.type === "OneLogin Protect" ? "OneLogin" : device.type,
    default: device.isDefault ?? false,
  };
}

// ---- Bodies -------------------------------------------------------------------------------------------------------

function contentType(request: WireRequest): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

/** The JSON object in the body, or undefined after a complaint. */
function jsonBody(request: WireRequest, complain: Complain): Record<string, unknown> | undefined {
  if (contentType(request) !== "application/json") complain(`the content type "${contentType(request)}"`);
  if (request.headers.has("cookie")) complain("a cookie");
  try {
    const value: unknown = JSON.parse(request.body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Complained about below.
  }
  complain("a body that is no JSON object");
  return undefined;
}

/** Documented as a string; clients send numbers too, and the service takes them. Null: neither. */
function appIdOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isInteger(value) ? String(value) : null;
}

function json(status: number, body: unknown): Reply {
  const text = JSON.stringify(body).replace(/"\\u0000(\d+)"/g, "$1");
  return { status, headers: { "Content-Type": "application/json; charset=utf-8" }, body: text };
}

/** Marks digits that json() writes as a number. */
function number(id: number | string): number | string {
  return typeof id === "number" ? id : `\u{0}${id}`;
}

function success(more: Record<string, unknown>) {
  return { status: { error: false, code: 200, type: "success", message: "Success" }, ...more };
}

function pending(version: 1 | 2, message: string): Reply {
  return version === 1
    ? json(200, { status: { type: "pending", message, error: false, code: 200 } })
    : json(200, { message });
}

function statusError(code: number, type: string, message: string): Reply {
  return json(code, { status: { error: true, code, type, message } });
}

function failure(version: 1 | 2, code: number, type: string, message: string): Reply {
  return version === 1
    ? statusError(code, type, message)
    : json(code, { statusCode: code, name: type === "bad request" ? "BadRequestError" : type, message });
}
