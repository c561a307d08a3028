/**
 * One port of this computer, and as much HTTP as it takes to hand out credentials there: requests without a body, small
 * heads, short waits. The launcher opens the port before it narrows the permissions, so the program itself can reach no
 * port of this computer.
 */

import type { Loopback, LoopbackReply, LoopbackRequest } from "./deps.ts";

/** What a client may take. */
export interface Limits {
  /** Bytes of a request. */
  readonly headBytes: number;
  /** Milliseconds for a request to arrive, and for a reply to be read. An unused connection is closed after it too. */
  readonly patienceMs: number;
  /** Connections without a complete request. The oldest is closed for a new one. */
  readonly waiting: number;
}

const LIMITS: Limits = { headBytes: 8192, patienceMs: 5000, waiting: 256 };
/** After a failed accept, such as for too many open files; milliseconds. */
const ACCEPT_PAUSE_MS = 50;

/** Opens the port: 0 is any free one. */
export function openLoopback(port: number, limits: Limits = LIMITS): Loopback {
  try {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    return { kind: "open", port: listener.addr.port, serve: (...handlers) => serve(listener, limits, ...handlers) };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return { kind: "closed", port, why: "another program uses the port" };
    if (error instanceof Deno.errors.PermissionDenied) {
      return { kind: "closed", port, why: "the system does not allow it" };
    }
    return { kind: "closed", port, why: error instanceof Error ? error.message : String(error) };
  }
}

/** An error as the AWS SDKs read it. They repeat a request after a status of 500 and above. */
export function errorReply(status: number, code: string, message: string): LoopbackReply {
  return { status, body: JSON.stringify({ code, message }) };
}

async function serve(
  listener: Deno.TcpListener,
  limits: Limits,
  answer: (request: LoopbackRequest) => Promise<LoopbackReply>,
  signal: AbortSignal,
): Promise<never> {
  // In the order in which they began to wait.
  const waiting = new Set<Deno.TcpConn>();
  signal.addEventListener("abort", () => listener.close(), { once: true });
  while (true) {
    signal.throwIfAborted();
    try {
      const connection = await listener.accept();
      const [oldest] = waiting;
      if (oldest !== undefined && waiting.size >= limits.waiting) close(oldest);
      // A client that goes away ends its own conversation only.
      converse(connection, waiting, limits, answer).catch(() => {});
    } catch {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
    }
  }
}

async function converse(
  connection: Deno.TcpConn,
  waiting: Set<Deno.TcpConn>,
  limits: Limits,
  answer: (request: LoopbackRequest) => Promise<LoopbackReply>,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    waiting.add(connection);
    timer = setTimeout(() => close(connection), limits.patienceMs);
  };
  const stopWaiting = () => {
    waiting.delete(connection);
    clearTimeout(timer);
  };
  const readHead = headReader(connection, limits.headBytes);
  try {
    while (true) {
      wait();
      const head = await readHead();
      if (head === undefined) return;
      const request = head === "too-large" ? tooLarge : parseHead(head);
      stopWaiting();
      const reply = "status" in request ? request : await answer(request);
      const keep = reply.status === 200 && "keep" in request && request.keep;
      wait();
      await writeAll(connection, encodeReply(reply, keep));
      if (!keep) return await hangUp(connection, limits);
      stopWaiting();
    }
  } finally {
    stopWaiting();
    close(connection);
  }
}

/** Lets the client read the reply: closing a connection with unread bytes in it would destroy the reply on its way. */
async function hangUp(connection: Deno.TcpConn, { headBytes }: Limits): Promise<void> {
  await connection.closeWrite();
  const bytes = new Uint8Array(headBytes);
  for (let read = 0; read < 8 * headBytes;) {
    const count = await connection.read(bytes);
    if (count === null) return;
    read += count;
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

/** Reads one head after the other; undefined when the client has closed the connection. */
function headReader(connection: Deno.TcpConn, most: number): () => Promise<string | "too-large" | undefined> {
  // One character for each byte.
  const decoder = new TextDecoder("latin1");
  const bytes = new Uint8Array(most);
  let text = "";
  return async () => {
    while (true) {
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        return head;
      }
      if (text.length >= most) return "too-large";
      const count = await connection.read(bytes.subarray(0, most - text.length));
      if (count === null) return undefined;
      text += decoder.decode(bytes.subarray(0, count));
    }
  };
}

const tooLarge = errorReply(431, "RequestTooLarge", "the request is too large");
const malformed = errorReply(400, "BadRequest", "this is not an HTTP request without a body");

/** The request, or the reply to one that cannot be read (RFC 9112). A repeated header has all its values, so it fits none. */
export function parseHead(head: string): LoopbackRequest & { readonly keep: boolean } | LoopbackReply {
  const [first = "", ...lines] = head.split("\r\n");
  const [, method = "", target = "", minor] = /^([A-Z]+) (\/[!-~]*) HTTP\/1\.([01])$/.exec(first) ?? [];
  if (minor === undefined) return malformed;
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [, name = "", value = ""] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    // deno-lint-ignore no-control-regex
    if (name === "" || /[\u0000\r\n]/.test(value)) return malformed;
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  if ("transfer-encoding" in headers || (headers["content-length"] ?? "0") !== "0") return malformed;
  const keep = minor === "1" && !/\bclose\b/i.test(headers["connection"] ?? "");
  return { method, target, headers, keep };
}

function encodeReply({ status, body }: LoopbackReply, keep: boolean): Uint8Array {
  const bytes = new TextEncoder().encode(body);
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ""}`,
    `Date: ${new Date().toUTCString()}`,
    "Content-Type: application/json",
    `Content-Length: ${bytes.length}`,
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    ...(status === 405 ? ["Allow: GET"] : []),
    `Connection: ${keep ? "keep-alive" : "close"}`,
    "\r\n",
  ].join("\r\n");
  const whole = new Uint8Array(head.length + bytes.length);
  new TextEncoder().encodeInto(head, whole);
  whole.set(bytes, head.length);
  return whole;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
