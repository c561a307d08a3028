import type { Proxy } from "./proxy.ts";
import { type Http, HttpError, type HttpReply, type HttpRequest } from "./deps.ts";

type ProxyAddress = Pick<Proxy, "host" | "tls">;

/** Settings of the network. */
interface HttpOptions {
  /** PEM certificates to trust in addition to the runtime's roots. */
  readonly caCerts?: readonly string[];
  readonly proxy?: (url: string) => ProxyAddress | undefined;
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The real client, based on `fetch`. It never follows a redirect, never repeats a request, keeps connections open between
 * requests to a host, and stops reading a body that exceeds its limit.
 *
 * @throws TypeError when a certificate cannot be read.
 */
export function realHttp(options: HttpOptions = {}): Http {
  const client = options.caCerts?.length ? Deno.createHttpClient({ caCerts: [...options.caCerts] }) : undefined;
  return {
    send: (request) => send(request, options, client),
    open: (request) => void send({ ...request, method: "GET" }, options, client).catch(() => {}),
  };
}

async function send(request: HttpRequest, options: HttpOptions, client?: Deno.HttpClient): Promise<HttpReply> {
  request.signal?.throwIfAborted();
  const { host } = new URL(request.url);
  const proxy = options.proxy?.(request.url);
  const controller = new AbortController();
  const stop = () => controller.abort(request.signal?.reason);
  request.signal?.addEventListener("abort", stop, { once: true });
  const by = proxy === undefined ? "" : ` through the proxy "${proxy.host}"`;
  const timer = setTimeout(
    () =>
      controller.abort(
        new HttpError("timeout", `no reply from "${host}"${by} within ${seconds(request.timeoutMs)} seconds`, true),
      ),
    request.timeoutMs,
  );
  try {
    const reply = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: "manual",
      signal: controller.signal,
      // The runtime itself would send a text body again when a kept connection breaks, and with it a password.
      // A blob's stream can be read only once, so it cannot be repeated.
      ...(request.body === undefined ? {} : { body: new Blob([request.body]) }),
      ...(client ? { client } : {}),
    });
    const body = await readBody(reply, request.maxBytes ?? MAX_BYTES, host);
    return { status: reply.status, headers: Object.fromEntries(reply.headers), body };
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : classify(error, host, proxy);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", stop);
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

async function readBody(reply: Response, maxBytes: number, host: string): Promise<string> {
  if (reply.body === null) return "";
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new HttpError("too-large", `the reply of "${host}" is larger than ${maxBytes} bytes`, true);
    }
    chunks.push(chunk);
  }
  return await new Blob(chunks).text();
}

/** Why a certificate was refused, by the message of the runtime's TLS library (rustls, `CertificateError`). */
const CERTIFICATE: readonly (readonly [RegExp, string])[] = [
  [/UnknownIssuer|CaUsedAsEndEntity/i, "its certificate is from an unknown issuer"],
  [/not valid for name|NotValidForName/i, "its certificate is for another host"],
  [/not valid yet|NotValidYet/i, "its certificate is not valid yet; check the clock of this computer"],
  [/expired/i, "its certificate has expired; check the clock of this computer"],
  [/revoked/i, "its certificate has been revoked"],
  [/InvalidContentType|corrupt message/i, "it does not speak TLS"],
  [/platform certificates|certificate store/i, "the certificate authorities of this computer cannot be loaded"],
];

/**
 * The kind of a failure. The runtime distinguishes failures only by their message, which changes between versions.
 *
 * @param proxy the proxy of the request, if any; a failed connection is then the proxy's.
 */
export function classify(error: unknown, host: string, proxy?: ProxyAddress): unknown {
  if (error instanceof HttpError || !(error instanceof Error)) return error;
  const peer = proxy === undefined ? `"${host}"` : `the proxy "${proxy.host}" (needed to reach "${host}")`;
  if (error instanceof Deno.errors.NotCapable) {
    return new HttpError("blocked", `the sandbox of this program does not allow "${host}"`, false);
  }
  // The address in the message may contain any of these words.
  const words = `${error.message} ${error.cause instanceof Error ? error.cause.message : ""}`
    .replace(/\b(?:for url \()?https?:\/\/[^\s)]*/g, "");
  const sent = !/\(Connect\)|platform certificates/.test(words);
  if (/Requires net access/i.test(words)) {
    return new HttpError("blocked", `the sandbox of this program does not allow ${peer}`, false);
  }
  if (/proxy authentication required|proxy authorization required/i.test(words)) {
    return new HttpError("proxy", `${peer} requires a user and password`, false);
  }
  if (/dns error|failed to lookup address|No such host/i.test(words)) {
    const message = proxy === undefined
      ? `cannot find the host "${host}"`
      : `cannot find the proxy host "${proxy.host}" (needed to reach "${host}")`;
    return new HttpError("dns", message, false);
  }
  if (/certificate|UnknownIssuer|\btls\b|handshake|fatal alert|InvalidContentType|corrupt message/i.test(words)) {
    // The host is not involved before the proxy has answered.
    if (proxy?.tls === true && /InvalidContentType|corrupt message|handshake eof/i.test(words)) {
      return new HttpError("tls", `cannot talk to the proxy "${proxy.host}" securely: it does not speak TLS`, false);
    }
    const why = CERTIFICATE.find(([pattern]) => pattern.test(words))?.[1] ?? "the TLS handshake failed";
    // With TLS 1.3 or a changed network, the connection can fail after the request was sent.
    return new HttpError("tls", `cannot talk to "${host}" securely: ${why}`, sent);
  }
  if (/refused|os error (?:111|61|10061)\b/i.test(words)) {
    return new HttpError("refused", `connection refused by ${peer}`, false);
  }
  if (/timed out|os error (?:110|60|10060)\b/i.test(words)) {
    return new HttpError("connect-timeout", `cannot connect to ${peer}: timed out`, sent);
  }
  if (/unreachable|os error (?:101|113|51|65|10051|10065)\b/i.test(words)) {
    return new HttpError("refused", `cannot reach the host ${peer}`, sent);
  }
  if (!sent && /unsuccessful|tunnel/i.test(words)) {
    return new HttpError("proxy", `${peer} refused to connect`, false);
  }
  if (/too large/i.test(words)) {
    return new HttpError("too-large", `the header of the reply of "${host}" is too large`, true);
  }
  if (/reset|closed|broken pipe|eof\b|end of file|incomplete|unexpected end|error reading a body|abort/i.test(words)) {
    return new HttpError("reset", `the connection to ${peer} broke before the reply was complete`, sent);
  }
  if (/invalid HTTP|parsed|decod|deflate|gzip|brotli/i.test(words)) {
    return new HttpError("other", `the reply of "${host}" is not valid HTTP`, sent);
  }
  return new HttpError("other", `the request to "${host}" failed`, sent);
}
