import { type Http, HttpError, type HttpReply, type HttpRequest } from "./deps.ts";

/** What the real client needs to know about the network it is in. */
export interface HttpOptions {
  /** PEM certificates trusted besides the runtime's own roots. */
  readonly caCerts?: readonly string[];
  /** True when a proxy stands between: then the host itself cannot be probed. */
  readonly proxied?: boolean;
  /** Milliseconds to connect. Default 10 000. */
  readonly connectTimeoutMs?: number;
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The real client, over `fetch`. It never follows a redirect, never repeats a request, keeps connections open between
 * requests to a host, and stops reading a body that grows over its cap.
 */
export function realHttp(options: HttpOptions = {}): Http {
  const client = options.caCerts?.length ? Deno.createHttpClient({ caCerts: [...options.caCerts] }) : undefined;
  return { send: (request) => send(request, options, client) };
}

async function send(request: HttpRequest, options: HttpOptions, client?: Deno.HttpClient): Promise<HttpReply> {
  const { host } = new URL(request.url);
  const seconds = Math.round(request.timeoutMs / 100) / 10;
  const controller = new AbortController();
  const stop = () => controller.abort(request.signal?.reason);
  if (request.signal?.aborted) throw request.signal.reason;
  request.signal?.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(
    () => controller.abort(new HttpError("timeout", `no answer from "${host}" within ${seconds} seconds`, true)),
    request.timeoutMs,
  );
  const probe = options.proxied
    ? undefined
    : probeWhenSlow(request.url, options.connectTimeoutMs ?? 10_000, controller);
  try {
    const reply = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: "manual",
      signal: controller.signal,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(client ? { client } : {}),
    });
    probe?.stop();
    const body = await readBody(reply, request.maxBytes ?? MAX_BYTES, host);
    return { status: reply.status, headers: Object.fromEntries(reply.headers), body };
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : classify(error, host);
  } finally {
    probe?.stop();
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", stop);
  }
}

/**
 * `fetch` does not say when it is connected. So when an answer is late, a second connection is tried shortly before the
 * time to connect is over: if that does not succeed either, the host cannot be reached and the request is ended.
 */
function probeWhenSlow(url: string, limitMs: number, controller: AbortController): { stop(): void } {
  const { hostname, port, protocol, host } = new URL(url);
  let stopped = false;
  let connected = false;
  const start = setTimeout(async () => {
    try {
      const socket = await Deno.connect({
        hostname: hostname.replace(/^\[|\]$/g, ""),
        port: Number(port) || (protocol === "https:" ? 443 : 80),
      });
      connected = true;
      socket.close();
    } catch {
      // The deadline below says so.
    }
  }, limitMs * 0.7);
  const end = setTimeout(() => {
    if (stopped || connected) return;
    controller.abort(
      new HttpError(
        "connect-timeout",
        `cannot connect to "${host}" within ${Math.round(limitMs / 100) / 10} seconds`,
        false,
      ),
    );
  }, limitMs);
  return {
    stop() {
      stopped = true;
      clearTimeout(start);
      clearTimeout(end);
    },
  };
}

async function readBody(reply: Response, maxBytes: number, host: string): Promise<string> {
  if (reply.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new HttpError("too-large", `the answer of "${host}" is larger than ${maxBytes} bytes`, true);
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return new TextDecoder().decode(bytes);
}

/** The runtime tells failures apart in words only, and in other words from version to version. */
function classify(error: unknown, host: string): unknown {
  if (error instanceof HttpError) return error;
  if (!(error instanceof Error)) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new HttpError("blocked", `the sandbox of this program does not allow "${host}"`, false);
  }
  const words = `${error.message} ${error.cause instanceof Error ? error.cause.message : ""}`;
  const sent = !words.includes("(Connect)");
  if (/dns error|failed to lookup address|No such host/i.test(words)) {
    return new HttpError("dns", `cannot find the host "${host}"`, false);
  }
  if (/certificate|UnknownIssuer|tls|handshake|fatal alert|InvalidContentType|corrupt message/i.test(words)) {
    const detail = /invalid peer certificate: ?(\w+)/.exec(words)?.[1];
    const why = detail === "UnknownIssuer"
      ? "its certificate is from an unknown issuer"
      : detail ?? "the TLS handshake failed";
    return new HttpError("tls", `cannot talk to "${host}" securely: ${why}`, false);
  }
  if (/refused|os error 111|os error 61|os error 10061/i.test(words)) {
    return new HttpError("refused", `connection refused by "${host}"`, false);
  }
  if (/reset|closed|broken pipe|eof|end of file|incomplete|unexpected end/i.test(words)) {
    return new HttpError("reset", `the connection to "${host}" broke before the whole answer came`, sent);
  }
  if (/timed out|os error 110|os error 10060/i.test(words)) {
    return new HttpError("connect-timeout", `cannot connect to "${host}": timed out`, false);
  }
  if (/unreachable|os error 101|os error 113/i.test(words)) {
    return new HttpError("refused", `cannot reach the host "${host}"`, false);
  }
  return new HttpError("other", `the request to "${host}" failed`, sent);
}
