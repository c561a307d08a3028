/** What can go wrong, by name, and how it looks on the wire. */
import type { Answer, Reply } from "./http_server.ts";
import type { Fault, Recorded, Scenario, Trouble } from "./scenario.ts";

const JSON_TYPE = { "Content-Type": "application/json; charset=utf-8" };
const HTML_TYPE = { "Content-Type": "text/html" };

/** The fault with a name. */
export function faultOf(trouble: Trouble, request: Recorded, scenario: Scenario): Fault {
  if (typeof trouble === "object") return trouble;
  switch (trouble) {
    case "reset":
      return { kind: "reset" };
    case "rate-limited":
      return request.service === "sts" ? stsError(400, "Throttling", "Rate exceeded") : {
        kind: "answer",
        status: 429,
        headers: {
          ...JSON_TYPE,
          "X-RateLimit-Limit": String(scenario.rateLimit.limit),
          "X-RateLimit-Remaining": "0",
          "X-RateLimit-Reset": String(scenario.rateLimit.resetSeconds),
        },
        body: oneLoginError(request, 429, "too many requests", "Rate limit exceeded"),
      };
    case "throttling":
      return stsError(400, "Throttling", "Rate exceeded");
    case "unavailable-503":
      return request.service === "sts"
        ? stsError(503, "ServiceUnavailable", "Service is unable to handle request.")
        : htmlPage(503, "Service Unavailable");
    case "error-500-html":
      return htmlPage(500, "We're sorry, but something went wrong");
    case "gateway-502-html":
      return htmlPage(502, "Bad Gateway");
    case "gateway-504-html":
      return htmlPage(504, "Gateway Time-out");
    case "error-under-200":
      return {
        kind: "answer",
        status: 200,
        headers: JSON_TYPE,
        body: oneLoginError(request, 500, "Internal Server Error", "Something went wrong"),
      };
    case "bearer-401":
      return {
        kind: "answer",
        status: 401,
        headers: JSON_TYPE,
        body: request.apiVersion === 2
          ? JSON.stringify({ message: "Unauthorized", statusCode: 401, name: "UnauthorizedError" })
          : oneLoginError(request, 401, "Unauthorized", "Invalid Token"),
      };
    case "insufficient-permission":
      return {
        kind: "answer",
        status: 401,
        headers: JSON_TYPE,
        body: oneLoginError(request, 401, "Unauthorized", "Insufficient Permission"),
      };
    case "empty-body":
      return { kind: "rewrite", reply: (reply) => ({ ...reply, body: "" }) };
    case "empty-object":
      return { kind: "rewrite", reply: (reply) => ({ ...reply, body: "{}" }) };
    case "truncated":
    case "malformed-xml":
      return {
        kind: "rewrite",
        reply: (reply) => ({ ...reply, body: reply.body.slice(0, Math.floor(reply.body.length * 0.6)) }),
      };
    case "wrong-types":
      return { kind: "rewrite", reply: (reply) => ({ ...reply, body: wrongTypes(reply.body) }) };
    case "missing-credentials":
      return {
        kind: "rewrite",
        reply: (reply) => ({
          ...reply,
          body: reply.body.replace(/<((?:\w+:)?)Credentials>[\s\S]*<\/\1Credentials>/, ""),
        }),
      };
  }
}

/** How an answer looks on the wire with the fault applied. */
export function broken(fault: Fault, reply: Reply): Answer {
  switch (fault.kind) {
    case "reset":
    case "close":
    case "stall":
      return { kind: fault.kind };
    case "raw":
      return { kind: "raw", bytes: fault.bytes };
    case "reset-mid-body":
    case "close-mid-body":
    case "stall-mid-body":
      return {
        kind: fault.kind,
        reply,
        bytes: fault.bytes ?? Math.floor(new TextEncoder().encode(reply.body).length / 2),
      };
    case "drip":
      return { kind: "drip", reply, bytes: fault.bytes, everyMs: fault.everyMs };
    case "rewrite":
      return { kind: "reply", reply: fault.reply(reply) };
    case "answer":
    case "delay":
      return { kind: "reply", reply };
  }
}

function oneLoginError(request: Recorded, code: number, type: string, message: string): string {
  return JSON.stringify(
    request.apiVersion === 2
      ? { statusCode: code, name: type, message }
      : { status: { error: true, code, type, message } },
  );
}

function stsError(status: number, code: string, message: string): Fault {
  const type = status < 500 ? "Sender" : "Receiver";
  return {
    kind: "answer",
    status,
    headers: { "Content-Type": "text/xml" },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${type}</Type>` +
      `<Code>${code}</Code><Message>${message}</Message></Error>` +
      `<RequestId>c7a2f1b0-3d4e-4f5a-9b6c-7d8e9f0a1b2c</RequestId></ErrorResponse>`,
  };
}

function htmlPage(status: number, title: string): Fault {
  return {
    kind: "answer",
    status,
    headers: HTML_TYPE,
    body: `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}

/** Every field a client reads, with a type it cannot have. */
function wrongTypes(body: string): string {
  const wrong: Readonly<Record<string, unknown>> = {
    access_token: 12345,
    expires_in: "soon",
    state_token: { no: "string" },
    devices: "none",
    data: 7,
    message: ["Success"],
    otp_devices: "none",
    SigninToken: 99,
  };
  return JSON.stringify(JSON.parse(body), (key, value) => Object.hasOwn(wrong, key) ? wrong[key] : value);
}
