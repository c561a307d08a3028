/** What can go wrong with one request, and what each must come to. */
import type { Fault as WireFault, Recorded } from "../../simulator/server.ts";

/**
 * - `unavailable`: no usable answer came. Nothing was decided, so the run ends with 7, or tries again where that is safe.
 * - `refused`: the service reported no. The run ends with the code of that service.
 */
type Meaning = "unavailable" | "refused";

/** Ports on loopback that are no use. */
export interface Places {
  readonly closedPort: number;
  /** Answers everything, a TLS handshake too, with HTTP in the clear. */
  readonly plainPort: number;
}

export interface Fault {
  readonly name: string;
  readonly meaning: Meaning;
  /** The request is sent to another address; the path is added. */
  readonly elsewhere?: (places: Places) => string;
  /** The simulator answers so. */
  readonly wire?: (request: Recorded) => WireFault;
  /** It ends by a timeout, which is shortened for the request. */
  readonly slow?: boolean;
}

const JSON_TYPE = { "Content-Type": "application/json" };
const XML_TYPE = { "Content-Type": "text/xml" };
const HTML_TYPE = { "Content-Type": "text/html" };
const HTML =
  "<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body><h1>Something went wrong</h1></body></html>\n";

/** An error as the service that is asked writes it. Escape sequences in it must not reach a terminal. */
function said(
  request: Recorded,
  status: number,
  message: string,
): Pick<WireFault & { kind: "answer" }, "headers" | "body"> {
  if (request.service === "sts") {
    return {
      headers: XML_TYPE,
      body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>` +
        `<Code>Nope</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
    };
  }
  if (request.service === "signin") return { headers: HTML_TYPE, body: `<html>${message}</html>` };
  const body = request.apiVersion === 2
    ? { statusCode: status, name: "Nope", message: `${message}\u001b[2J\u0007` }
    : { status: { error: true, code: status, type: "nope", message: `${message}\u001b[2J\u0007` } };
  return { headers: JSON_TYPE, body: JSON.stringify(body) };
}

function answer(status: number, headers: Readonly<Record<string, string>>, body: string): WireFault {
  return { kind: "answer", status, headers, body };
}

function rewritten(change: (body: string) => string): WireFault {
  return { kind: "rewrite", reply: (reply) => reply.status === 200 ? { ...reply, body: change(reply.body) } : reply };
}

const refusals = [400, 401, 403, 404, 409].map((status): Fault => ({
  name: `HTTP ${status}`,
  meaning: "refused",
  wire: (request) => ({ kind: "answer", status, ...said(request, status, "it is not to be") }),
}));

const redirects = [301, 302, 307].map((status): Fault => ({
  name: `HTTP ${status}`,
  meaning: "unavailable",
  // The simulator notes a request to this path, so a client that follows fails the test.
  wire: () => answer(status, { Location: "/elsewhere", ...HTML_TYPE }, HTML),
}));

const outages = [500, 502, 503, 504].map((status): Fault => ({
  name: `HTTP ${status}`,
  meaning: "unavailable",
  wire: () => answer(status, HTML_TYPE, HTML),
}));

const DEEP = 40_000;

export const FAULTS: readonly Fault[] = [
  {
    name: "connection refused",
    meaning: "unavailable",
    elsewhere: ({ closedPort }) => `http://127.0.0.1:${closedPort}`,
  },
  { name: "host unknown", meaning: "unavailable", elsewhere: () => "http://nowhere.invalid" },
  { name: "TLS fails", meaning: "unavailable", elsewhere: ({ plainPort }) => `https://127.0.0.1:${plainPort}` },
  { name: "reset", meaning: "unavailable", wire: () => ({ kind: "reset" }) },
  { name: "closed", meaning: "unavailable", wire: () => ({ kind: "close" }) },
  { name: "reset after acting", meaning: "unavailable", wire: () => ({ kind: "reset", handled: true }) },
  { name: "reset midway", meaning: "unavailable", wire: () => ({ kind: "reset-mid-body" }) },
  { name: "closed midway", meaning: "unavailable", wire: () => ({ kind: "close-mid-body" }) },
  { name: "no answer", meaning: "unavailable", wire: () => ({ kind: "stall" }), slow: true },
  { name: "stalls midway", meaning: "unavailable", wire: () => ({ kind: "stall-mid-body" }), slow: true },
  {
    name: "a byte at a time",
    meaning: "unavailable",
    wire: () => ({ kind: "drip", bytes: 1, everyMs: 40 }),
    slow: true,
  },
  { name: "not HTTP", meaning: "unavailable", wire: () => ({ kind: "raw", bytes: "220 mail.example ESMTP\r\n" }) },
  ...redirects,
  ...refusals,
  {
    name: "HTTP 407",
    meaning: "unavailable",
    wire: () => answer(407, { "Proxy-Authenticate": "Basic", ...HTML_TYPE }, HTML),
  },
  {
    name: "HTTP 429",
    meaning: "unavailable",
    wire: (request) => ({ kind: "answer", status: 429, ...said(request, 429, "Rate limit exceeded") }),
  },
  {
    name: "HTTP 429 with Retry-After",
    meaning: "unavailable",
    wire: (request) => {
      const { headers, body } = said(request, 429, "Rate limit exceeded");
      return answer(429, { "Retry-After": "7", ...headers }, body);
    },
  },
  ...outages,
  {
    name: "a sign-in page",
    meaning: "unavailable",
    wire: () => answer(200, HTML_TYPE, HTML),
  },
  {
    name: "HTTP 500 inside 200",
    meaning: "unavailable",
    wire: (request) => ({ kind: "answer", status: 200, ...said(request, 500, "out of order") }),
  },
  { name: "empty", meaning: "unavailable", wire: () => rewritten(() => "") },
  { name: "an empty object", meaning: "unavailable", wire: () => rewritten(() => "{}") },
  {
    name: "truncated",
    meaning: "unavailable",
    wire: () => rewritten((body) => body.slice(0, Math.floor(body.length * 0.6))),
  },
  { name: "wrong types", meaning: "unavailable", wire: () => rewritten(numbers) },
  {
    name: "nested endlessly",
    meaning: "unavailable",
    wire: (request) =>
      request.service === "sts"
        ? answer(200, XML_TYPE, "<a>".repeat(DEEP) + "</a>".repeat(DEEP))
        : answer(200, JSON_TYPE, '{"message":'.repeat(DEEP) + "1" + "}".repeat(DEEP)),
  },
  {
    name: "not UTF-8",
    meaning: "unavailable",
    wire: () => ({
      kind: "raw",
      bytes: new Uint8Array([...ascii(head("application/json", 4)), 0xff, 0xfe, 0xc3, 0x28]),
    }),
  },
  { name: "100 MB", meaning: "unavailable", wire: () => ({ kind: "raw", bytes: huge() }) },
];

/** Every text and number of the real answer becomes a number, every list an object. */
function numbers(body: string): string {
  if (!body.startsWith("{")) return body.replace(/>[^<]+</g, ">7<");
  return JSON.stringify(
    JSON.parse(body),
    (key, value) => key === "" || (typeof value === "object" && !Array.isArray(value)) ? value : 7,
  );
}

function head(type: string, length: number): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

let made: Uint8Array | undefined;

function huge(): Uint8Array {
  if (made === undefined) {
    const start = ascii(head("application/json", 100_000_000));
    made = new Uint8Array(start.length + 100_000_000).fill(0x61);
    made.set(start);
  }
  return made;
}
