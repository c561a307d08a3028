/**
 * A small HTTP/1.1 server on loopback that can also misbehave: reset, stall, drip and send bytes that are not HTTP.
 * `Deno.serve` can do none of these. Over `node:net`, because only there a connection can be reset.
 */
import net from "node:net";
import { Buffer } from "node:buffer";

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated headers joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What happens on the wire. Times are milliseconds. */
export type Answer =
  | { readonly kind: "reply"; readonly reply: Reply }
  /** TCP reset before any byte of the answer. */
  | { readonly kind: "reset" }
  /** Head and the first `bytes` of the body, then a TCP reset. */
  | { readonly kind: "reset-mid-body"; readonly reply: Reply; readonly bytes: number }
  /** An orderly end before any byte of the answer. */
  | { readonly kind: "close" }
  /** Head and the first `bytes` of the body, then an orderly end although more was announced. */
  | { readonly kind: "close-mid-body"; readonly reply: Reply; readonly bytes: number }
  /** Nothing, until the client goes away. */
  | { readonly kind: "stall" }
  /** Head and the first `bytes` of the body, then nothing. */
  | { readonly kind: "stall-mid-body"; readonly reply: Reply; readonly bytes: number }
  /** The whole answer, `bytes` at a time. */
  | { readonly kind: "drip"; readonly reply: Reply; readonly bytes: number; readonly everyMs: number }
  /** These bytes instead of an answer, then an orderly end. */
  | { readonly kind: "raw"; readonly bytes: string | Uint8Array };

interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_REQUEST = 4 * 1024 * 1024;

/** Listens on 127.0.0.1. A request that is not HTTP goes to `onGarbage`. */
export async function serveHttp(
  handler: (request: WireRequest) => Promise<Answer>,
  onGarbage: (why: string) => void,
  port = 0,
): Promise<HttpServer> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    serveConnection(socket, handler, onGarbage);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Deno 2.4 never forgets some connections, and accepts no more when there have been more than the backlog of 511.
    server.listen({ port, host: "127.0.0.1", backlog: 65_535 }, () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the simulator has no port");
  return {
    port: address.port,
    close: () =>
      new Promise<void>((resolve) => {
        // Deno 2.4 loses the callback when the last connection was ended by this side.
        const enough = setTimeout(resolve, 100);
        server.close(() => {
          clearTimeout(enough);
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}

function serveConnection(
  socket: net.Socket,
  handler: (request: WireRequest) => Promise<Answer>,
  onGarbage: (why: string) => void,
): void {
  let pending = Buffer.alloc(0);
  let busy = false;
  const work = async () => {
    if (busy) return;
    busy = true;
    try {
      while (!socket.destroyed) {
        const parsed = parseRequest(pending);
        if (parsed === undefined) break;
        if (typeof parsed === "string") {
          onGarbage(parsed);
          socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
          break;
        }
        pending = pending.subarray(parsed.length);
        const answer = await handler(parsed.request);
        const last = parsed.request.headers.get("connection")?.toLowerCase() === "close";
        if (!await send(socket, parsed.request, answer) || last) {
          socket.end();
          break;
        }
      }
    } catch (error) {
      onGarbage(`the simulator failed: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
      socket.destroy();
    } finally {
      busy = false;
    }
  };
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    void work();
  });
}

/** The first request in the bytes, undefined when it is not complete yet, a reason when it is none. */
function parseRequest(bytes: Buffer): { request: WireRequest; length: number } | string | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return bytes.length > MAX_REQUEST ? "a request head without end" : undefined;
  const lines = bytes.subarray(0, headEnd).toString("latin1").split("\r\n");
  const start = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(lines[0] ?? "");
  if (!start) return "a request line that is not HTTP/1.1";
  const headers = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    if (colon < 1) return "a header line without a colon";
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const rest = bytes.subarray(headEnd + 4);
  const content = readBody(rest, headers);
  if (content === undefined || typeof content === "string") return content;
  const target = start[2]!;
  const url = new URL(target.startsWith("/") ? `http://loopback${target}` : "http://loopback/");
  return {
    request: {
      method: start[1]!,
      path: target.startsWith("/") ? url.pathname : target,
      query: url.searchParams,
      headers,
      body: content.bytes.toString("utf8"),
    },
    length: headEnd + 4 + content.length,
  };
}

function readBody(
  rest: Buffer,
  headers: ReadonlyMap<string, string>,
): { bytes: Buffer; length: number } | string | undefined {
  if (headers.get("transfer-encoding")?.toLowerCase() === "chunked") return readChunks(rest);
  const announced = headers.get("content-length") ?? "0";
  if (!/^\d+$/.test(announced) || Number(announced) > MAX_REQUEST) {
    return "a content length that is no number or too big";
  }
  const length = Number(announced);
  return rest.length < length ? undefined : { bytes: rest.subarray(0, length), length };
}

function readChunks(rest: Buffer): { bytes: Buffer; length: number } | string | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  while (true) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = parseInt(rest.subarray(at, lineEnd).toString("latin1"), 16);
    if (!Number.isInteger(size) || size > MAX_REQUEST) return "a chunk size that is no number or too big";
    const from = lineEnd + 2;
    if (rest.length < from + size + 2) return undefined;
    if (size === 0) return { bytes: Buffer.concat(parts), length: from + 2 };
    parts.push(rest.subarray(from, from + size));
    at = from + size + 2;
  }
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  302: "Found",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

function encode(reply: Reply, method: string): { head: Buffer; body: Buffer } {
  const body = Buffer.from(reply.body, "utf8");
  const headers = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `HTTP/1.1 ${reply.status} ${REASONS[reply.status] ?? "Status"}\r\n${headers}` +
    `Content-Length: ${body.length}\r\n\r\n`;
  return { head: Buffer.from(head, "latin1"), body: method === "HEAD" ? Buffer.alloc(0) : body };
}

/** Sends; returns whether the connection can take another request. */
async function send(socket: net.Socket, request: WireRequest, answer: Answer): Promise<boolean> {
  switch (answer.kind) {
    case "reply": {
      const { head, body } = encode(answer.reply, request.method);
      await write(socket, Buffer.concat([head, body]));
      return true;
    }
    case "reset":
      reset(socket);
      return false;
    case "close":
      return false;
    case "raw":
      await write(socket, typeof answer.bytes === "string" ? Buffer.from(answer.bytes, "utf8") : answer.bytes);
      return false;
    case "stall":
      await gone(socket);
      return false;
    case "reset-mid-body":
    case "close-mid-body":
    case "stall-mid-body": {
      const { head, body } = encode(answer.reply, request.method);
      await write(socket, Buffer.concat([head, body.subarray(0, answer.bytes)]));
      // Lets the client read what was sent: a reset discards what it has not read.
      if (answer.kind === "reset-mid-body") await pause(30).then(() => reset(socket));
      if (answer.kind === "stall-mid-body") await gone(socket);
      return false;
    }
    case "drip": {
      const { head, body } = encode(answer.reply, request.method);
      const all = Buffer.concat([head, body]);
      for (let at = 0; at < all.length && !socket.destroyed; at += answer.bytes) {
        if (at > 0) await pause(answer.everyMs);
        await write(socket, all.subarray(at, at + answer.bytes));
      }
      return true;
    }
  }
}

function write(socket: net.Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    socket.write(bytes, () => resolve());
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function gone(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    socket.once("close", () => resolve());
  });
}

/** Deno 2.4 has the method but sends nothing; there the connection is closed in order, which is close enough. */
function reset(socket: net.Socket): void {
  if (Deno.version.deno.startsWith("2.4.")) socket.destroy();
  else socket.resetAndDestroy();
}
