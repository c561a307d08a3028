import assert from "node:assert/strict";
import "../../simulator/no_proxy.ts";
import { CLOSED_PORT } from "../testing.ts";
import { HttpError, type HttpReply, type HttpRequest } from "./deps.ts";
import { classify, realHttp } from "./http.ts";

/** A server of raw bytes: `handle` gets each connection after its request was read. Counts connections and requests. */
async function withServer(
  handle: (conn: Deno.Conn, request: string) => Promise<void>,
  use: (url: string, seen: { connections: number; requests: string[] }) => Promise<void>,
  readFirst = true,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const seen = { connections: 0, requests: [] as string[] };
  const open: Promise<void>[] = [];
  const conns: Deno.Conn[] = [];
  const serving = (async () => {
    for await (const conn of listener) {
      seen.connections++;
      conns.push(conn);
      open.push((async () => {
        try {
          for (;;) {
            const request = readFirst ? await readRequest(conn) : "";
            if (request === undefined) return;
            seen.requests.push(request);
            await handle(conn, request);
            if (!readFirst) return;
          }
        } catch {
          // The client hung up, or the handler did.
        } finally {
          try {
            conn.close();
          } catch { /* closed by the handler */ }
        }
      })());
    }
  })();
  try {
    await use(`http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/path`, seen);
  } finally {
    listener.close();
    await serving.catch(() => {});
    // The client keeps its connections for a while.
    for (const conn of conns) {
      try {
        conn.close();
      } catch { /* closed already */ }
    }
    await Promise.all(open);
  }
}

async function readRequest(conn: Deno.Conn): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(65536);
  let text = "";
  for (;;) {
    const head = text.indexOf("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (head >= 0 && text.length >= head + 4 + length) return text;
    const count = await conn.read(bytes);
    if (count === null) return undefined;
    text += decoder.decode(bytes.subarray(0, count));
  }
}

const encoder = new TextEncoder();

async function write(conn: Deno.Conn, data: string | Uint8Array): Promise<void> {
  let bytes = typeof data === "string" ? encoder.encode(data) : data;
  while (bytes.length > 0) bytes = bytes.subarray(await conn.write(bytes));
}

function get(url: string, more: Partial<HttpRequest> = {}): Promise<HttpReply> {
  return realHttp().send({ method: "GET", url, headers: { connection: "close" }, timeoutMs: 5000, ...more });
}

function httpError(kind: HttpError["kind"], sent: boolean, words?: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof HttpError, String(error));
    assert.deepEqual({ kind: error.kind, sent: error.sent }, { kind, sent }, error.message);
    if (words) assert.match(error.message, words);
    return true;
  };
}

const ok = (body: string, more = "") => `HTTP/1.1 200 OK\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;

Deno.test("realHttp: sends what it was given and hands back status, headers and body", async () => {
  await withServer((conn) => write(conn, ok("hello", "X-One: 1\r\nconnection: close\r\n")), async (url, seen) => {
    const reply = await get(url, { method: "POST", headers: { "x-a": "b", connection: "close" }, body: "{}" });
    assert.deepEqual([reply.status, reply.headers["x-one"], reply.body], [200, "1", "hello"]);
    assert.match(seen.requests[0]!, /^POST \/path HTTP\/1\.1\r\n[^]*x-a: b\r\n[^]*\r\n\r\n\{\}$/);
  });
});

Deno.test("realHttp: a redirect is an answer and nothing is sent to where it points", async () => {
  await withServer(
    (conn) => write(conn, "HTTP/1.1 307 Temporary\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"),
    async (url, seen) => {
      const reply = await get(url, { method: "POST", body: "password" });
      assert.deepEqual([reply.status, reply.headers["location"]], [307, "/elsewhere"]);
      assert.equal(seen.requests.length, 1);
    },
  );
});

Deno.test("realHttp: invalid UTF-8 becomes replacement characters", async () => {
  const body = new Uint8Array([0x61, 0xff, 0x62]);
  await withServer(async (conn) => {
    await write(conn, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
    await write(conn, body);
  }, async (url) => assert.equal((await get(url)).body, "a\ufffdb"));
});

Deno.test("realHttp: an empty answer without a body", async () => {
  await withServer(
    (conn) => write(conn, "HTTP/1.1 204 No Content\r\n\r\n"),
    async (url) => assert.deepEqual({ ...await get(url), headers: {} }, { status: 204, headers: {}, body: "" }),
  );
});

Deno.test("realHttp: a connection that ends before the answer is a reset that may have been sent, and nothing is repeated", async () => {
  await withServer((conn) => Promise.resolve(conn.close()), async (url, seen) => {
    await assert.rejects(get(url, { method: "POST", body: "password" }), httpError("reset", true));
    assert.equal(seen.requests.length, 1);
  });
});

for (
  const [name, answer, kind] of [
    ["in the middle of the head", "HTTP/1.1 200 OK\r\ncontent-le", "reset"],
    ["in the middle of the body", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc", "reset"],
    ["in the middle of a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc", "reset"],
  ] as const
) {
  Deno.test(`realHttp: a connection that ends ${name} is a reset, never half an answer`, async () => {
    await withServer(async (conn) => {
      await write(conn, answer);
      conn.close();
    }, async (url) => {
      await assert.rejects(get(url), httpError(kind, true, /broke/));
    });
  });
}

Deno.test("realHttp: what is not HTTP is reported as such", async () => {
  await withServer(async (conn) => {
    await write(conn, "SSH-2.0-OpenSSH_9\r\n\r\n");
    conn.close();
  }, async (url) => {
    await assert.rejects(get(url), httpError("other", true, /not valid HTTP/));
  });
});

Deno.test("realHttp: a body larger than the cap is not read to its end", async () => {
  const chunk = new Uint8Array(65536).fill(0x61);
  let written = 0;
  await withServer(async (conn) => {
    await write(conn, "HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n");
    while (written < 104_857_600) {
      await write(conn, chunk);
      written += chunk.length;
    }
  }, async (url) => {
    await assert.rejects(get(url), httpError("too-large", true, /larger than 4194304 bytes/));
  });
  assert.ok(written < 50_000_000, `${written} bytes were taken`);
});

Deno.test("realHttp: a small answer that unpacks to a large one is capped by its unpacked size", async () => {
  const packed = new Uint8Array(
    await new Response(
      new Blob([new Uint8Array(32 * 1024 * 1024)]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer(),
  );
  assert.ok(packed.length < 100_000);
  await withServer(async (conn) => {
    await write(conn, `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
    await write(conn, packed);
  }, async (url) => {
    await assert.rejects(get(url), httpError("too-large", true));
  });
});

Deno.test("realHttp: the timeout covers a server that never answers", async () => {
  await withServer(() => new Promise((resolve) => setTimeout(resolve, 400)), async (url) => {
    await assert.rejects(get(url, { timeoutMs: 100 }), httpError("timeout", true, /within 0.1 seconds/));
  });
});

Deno.test("realHttp: the timeout covers an answer that drips", async () => {
  await withServer(async (conn) => {
    await write(conn, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
    // Until the client goes away: the answer is whole after 20 seconds.
    for (let i = 0; i < 1000; i++) {
      await write(conn, "a");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, async (url) => {
    await assert.rejects(get(url, { timeoutMs: 200 }), httpError("timeout", true));
  });
});

Deno.test("realHttp: an aborted signal ends the request with its reason, before and while it runs", async () => {
  const reason = new Error("interrupted");
  await withServer(() => new Promise((resolve) => setTimeout(resolve, 300)), async (url, seen) => {
    await assert.rejects(get(url, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.equal(seen.connections, 0);
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    await assert.rejects(get(url, { signal: controller.signal }), (error) => error === reason);
  });
});

Deno.test("realHttp: nobody listening is refused and not sent", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  await assert.rejects(get(`http://127.0.0.1:${port}/`), httpError("refused", false));
});

Deno.test("realHttp: a name that does not exist is not sent", async () => {
  await assert.rejects(
    get("http://tls-refused-reset.invalid/"),
    httpError("dns", false, /"tls-refused-reset.invalid"/),
  );
});

Deno.test({
  name: "realHttp: a kept connection is used again, and one that the server has closed costs no second post",
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    let closeAfter = false;
    await withServer(async (conn) => {
      await write(conn, ok("x"));
      if (closeAfter) conn.close();
    }, async (url, seen) => {
      const http = realHttp();
      const post = (body: string) => http.send({ method: "POST", url, headers: {}, body, timeoutMs: 3000 });
      await post("1");
      closeAfter = true;
      await post("2");
      assert.equal(seen.connections, 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await post("3");
      assert.deepEqual(seen.requests.map((request) => request.at(-1)), ["1", "2", "3"]);
    });
  },
});

Deno.test({
  name: "realHttp: open() connects ahead, and the request that follows uses its connection",
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await withServer((conn) => write(conn, ok("x")), async (url, seen) => {
      const http = realHttp();
      http.open({ url, headers: {}, timeoutMs: 3000 });
      while (seen.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      // Until the client has read the answer.
      await new Promise((resolve) => setTimeout(resolve, 50));
      await http.send({ method: "POST", url, headers: {}, body: "1", timeoutMs: 3000 });
      assert.deepEqual([seen.connections, seen.requests.length], [1, 2]);
      assert.match(seen.requests[0] ?? "", /^GET \/path HTTP\/1\.1\r\n/);
      assert.doesNotMatch(seen.requests[0] ?? "", /content-|cookie|authorization/i);
    });
  },
});

Deno.test({
  name: "realHttp: open() that fails or hangs neither fails nor delays what follows, and ends with the run",
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    const run = new AbortController();
    const rest = { headers: {}, timeoutMs: 60_000, signal: run.signal };
    await withServer(async (conn, request) => {
      if (request.startsWith("POST")) await write(conn, ok("x"));
    }, async (url, seen) => {
      const http = realHttp();
      http.open({ ...rest, url: `http://127.0.0.1:${CLOSED_PORT}/` });
      http.open({ ...rest, url });
      while (seen.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      const reply = await http.send({ method: "POST", url, headers: {}, body: "1", timeoutMs: 3000 });
      assert.deepEqual([reply.body, seen.connections], ["x", 2]);
      // A timer or a request that is left would keep this test waiting, or fail it.
      run.abort(new Error("the run has ended"));
      http.open({ ...rest, url });
    });
  },
});

// The words of Deno 2.4.2 (in the message) and 2.9.6 (in the cause).
for (
  const [words, kind, sent, text] of [
    ["client error (Connect): invalid peer certificate: UnknownIssuer", "tls", false, /unknown issuer/],
    ["client error (Connect): invalid peer certificate: certificate not valid for name", "tls", false, /another host/],
    ["client error (Connect): invalid peer certificate: certificate expired: verification", "tls", false, /expired/],
    ["client error (Connect): received corrupt message of type InvalidContentType", "tls", false, /not speak TLS/],
    ["Failed to load platform certificates: No such file or directory (os error 2)", "tls", false, /of this computer/],
    ["client error (Connect): tls handshake eof", "tls", false, /handshake/],
    ["client error (Connect): dns error: failed to lookup address information", "dns", false, /cannot find/],
    ["client error (Connect): tcp connect error: Connection refused (os error 111)", "refused", false, /refused/],
    ["client error (Connect): tcp connect error: Network is unreachable (os error 101)", "refused", false, /reach/],
    ["client error (Connect): tcp connect error: (os error 110)", "connect-timeout", false, /timed out/],
    ["client error (Connect): proxy authentication required", "proxy", false, /user and password/],
    ['client error (Connect): Requires net access to "a:1"', "blocked", false, /sandbox/],
    ["client error (SendRequest): connection closed before message completed", "reset", true, /broke/],
    ["client error (SendRequest): connection error: Connection reset by peer (os error 104)", "reset", true, /broke/],
    ["client error (SendRequest): connection error: received fatal alert: InternalError", "tls", true, /handshake/],
    ["client error (SendRequest): connection error: No route to host (os error 113)", "refused", true, /reach/],
    ["client error (SendRequest): message head is too large", "too-large", true, /too large/],
  ] as const
) {
  Deno.test(`classify: "${words}" is ${kind}, whatever the address contains`, () => {
    const line = `error sending request for url (https://tls-certificate.dns.refused-reset.example/closed): ${words}`;
    for (const error of [new TypeError(line), new TypeError("fetch failed", { cause: new Error(line) })]) {
      assert.ok(httpError(kind, sent, text)(classify(error, "host.example")));
    }
  });
}

Deno.test("classify: a connection that a proxy does not take names the proxy", () => {
  const error = new TypeError("for url (https://h/): client error (Connect): tcp connect error: (os error 111)");
  assert.ok(
    httpError("refused", false, /proxy "p:3128" \(needed to reach "h"\)/)(
      classify(error, "h", { host: "p:3128", tls: false }),
    ),
  );
  const unknown = new TypeError("client error (Connect): dns error: failed to lookup address information");
  const dns = classify(unknown, "h", { host: "p:3128", tls: false });
  assert.ok(httpError("dns", false, /^cannot find .*"p:3128".*"h"/)(dns));
  const plain = new TypeError("client error (Connect): received corrupt message of type InvalidContentType");
  const tls = classify(plain, "h", { host: "p:3128", tls: true });
  assert.ok(httpError("tls", false, /"p:3128".* does not speak TLS$/)(tls));
  assert.ok(httpError("tls", false, /cannot talk to "h"/)(classify(plain, "h", { host: "p:3128", tls: false })));
});
