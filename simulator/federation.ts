/**
 * The console's federation endpoint. Source: IAM User Guide, "Enable custom identity broker access to the AWS console".
 */
import type { Reply, WireRequest } from "./http_server.ts";
import { keyOf } from "./sts.ts";
import type { Complain, World } from "./world.ts";

const SIGNIN_TOKEN_LIFE_MS = 900_000;

/** Answers `Action=getSigninToken` and the `Action=login` of the link a person opens. */
export function answerFederation(world: World, request: WireRequest, complain: Complain): Reply {
  const fields = request.method === "POST" ? new URLSearchParams(request.body) : request.query;
  switch (fields.get("Action")) {
    case "getSigninToken":
      return getSigninToken(world, request, fields, complain);
    case "login":
      return login(world, fields, complain);
    default:
      complain("no known Action");
      return page(400, "Bad request");
  }
}

function getSigninToken(
  world: World,
  request: WireRequest,
  fields: URLSearchParams,
  complain: Complain,
): Reply {
  const allowed = ["Action", "SessionDuration", "Session"];
  for (const key of fields.keys()) if (!allowed.includes(key)) complain(`the parameter "${key}"`);
  if (request.headers.has("authorization")) complain("an Authorization header on the federation endpoint");
  const session = parseSession(fields.get("Session"));
  if (!session) {
    complain("a Session that is not a JSON object of sessionId, sessionKey and sessionToken");
    return page(400, "Bad request");
  }
  const key = keyOf(world, session.sessionId);
  if (!key || key.secretAccessKey !== session.sessionKey || key.sessionToken !== session.sessionToken) {
    complain("a Session of keys that were never issued");
    return page(400, "Bad request");
  }
  if (key.expiresAt !== undefined && world.clock.now() >= key.expiresAt) return page(400, "The session has expired");
  const duration = fields.get("SessionDuration");
  if (duration !== null && !(/^\d+$/.test(duration) && Number(duration) >= 900 && Number(duration) <= 43200)) {
    complain(`the SessionDuration "${duration}"`);
    return page(400, "Bad request");
  }
  if (duration !== null && key.chained) {
    complain("a SessionDuration for keys from role chaining");
    return page(400, "Bad request");
  }
  const token = `${world.random.hex(24)}-${world.random.hex(64)}`;
  world.signinTokens.set(token, world.clock.now() + SIGNIN_TOKEN_LIFE_MS);
  world.secrets.push({ kind: "signin-token", value: token });
  return {
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ SigninToken: token }),
  };
}

function login(world: World, fields: URLSearchParams, complain: Complain): Reply {
  const destination = fields.get("Destination");
  const expiresAt = world.signinTokens.get(fields.get("SigninToken") ?? "");
  if (destination === null || fields.get("Issuer") === null) {
    complain("a sign-in link without Issuer or Destination");
    return page(400, "Bad request");
  }
  if (expiresAt === undefined || world.clock.now() >= expiresAt) return page(400, "The link has expired");
  return { status: 302, headers: { "Location": destination }, body: "" };
}

function parseSession(
  text: string | null,
): { sessionId: string; sessionKey: string; sessionToken: string } | undefined {
  try {
    const value = JSON.parse(text ?? "");
    const keys = Object.keys(value).sort().join();
    if (keys !== "sessionId,sessionKey,sessionToken") return undefined;
    return Object.values(value).every((field) => typeof field === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

function page(status: number, text: string): Reply {
  return { status, headers: { "Content-Type": "text/html" }, body: `<html><body>${text}</body></html>` };
}
