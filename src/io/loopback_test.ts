import assert from "node:assert/strict";
import type { Loopback, LoopbackReply, LoopbackRequest } from "./deps.ts";
import { errorReply, type Limits, openLoopback, parseHead } from "./loopback.ts";

const LIMITS: Limits = { headBytes: 1024, patienceMs: 200, waiting: 4 };
const OK: LoopbackReply = { status: 200, body: '{"a":"ü"}' };

/** A port whose requests are answered by `answer`, and a client for it. */
async function serving(
  answer: (request: LoopbackRequest) => Promise<LoopbackReply>,
  work: (connect: () => Promise<Client>) => Promise<void>,
  limits: Partial<Limits> = {},
): Promise<void> {
  const loopback = openLoopback(0, { ...LIMITS, ...limits });
  assert.ok(loopback?.kind === "open");
  const stop = new AbortController();
  const served = loopback.serve(answer, stop.signal).catch((error) => error);
  try {
    await work(() => client(loopback.port));
  } finally {
    stop.abort("stopped");
    assert.equal(await served, "stopped");
  }
}

interface Client {
  send(text: string): Promise<void>;
  /** All that arrives until the server closes the connection. */
  rest(): Promise<string>;
  /** What arrives with the next read. */
  next(): Promise<string>;
  close(): void;
}

async function client(port: number): Promise<Client> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const next = async () => {
    const bytes = new Uint8Array(65_536);
    const count = await connection.read(bytes).catch(() => null);
    return count === null ? "" : new TextDecoder().decode(bytes.subarray(0, count));
  };
  return {
    next,
    send: async (text) => void await connection.write(new TextEncoder().encode(text)),
    async rest() {
      let all = "";
      for (let piece; (piece = await next()) !== "";) all += piece;
      connection.close();
      return all;
    },
    close: () => connection.close(),
  };
}

const statusOf = (reply: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(reply)?.[1]);

Deno.test("openLoopback: a reason where it cannot be opened", () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  assert.deepEqual(
    openLoopback(port),
    { kind: "closed", port, why: "another program uses the port" } satisfies Loopback,
  );
  listener.close();
  assert.equal(openLoopback(70_000).kind, "closed");
});

Deno.test("serve: a connection answers one request after the other, also those sent at once", async () => {
  await serving(({ target }) => Promise.resolve({ ...OK, body: JSON.stringify(target) }), async (connect) => {
    const { send, next, rest } = await connect();
    await send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    const first = await next();
    assert.match(
      first,
      /^HTTP\/1\.1 200 OK\r\nDate: .*GMT\r\n[^]*Content-Length: 4\r\n[^]*Connection: keep-alive\r\n\r\n"\/a"$/,
    );
    await send("GET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\nConnection: close\r\n\r\n");
    const both = await rest();
    assert.deepEqual(both.match(/"\/[bc]"/g), ['"/b"', '"/c"']);
    assert.match(both, /Connection: close/);
  });
});

Deno.test("serve: the length of a body is in bytes", async () => {
  await serving(() => Promise.resolve(OK), async (connect) => {
    const { send, rest } = await connect();
    await send("GET / HTTP/1.0\r\n\r\n");
    assert.match(await rest(), /Content-Length: 10\r\n[^]*\{"a":"ü"\}$/);
  });
});

Deno.test("serve: a request that arrives byte by byte is read; one that never ends is closed, and delays nobody", async () => {
  await serving(() => Promise.resolve(OK), async (connect) => {
    const slow = await connect();
    const text = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    for (const letter of text) await slow.send(letter);
    assert.equal(statusOf(await slow.rest()), 200);

    const never = await connect();
    await never.send("GET / HTTP/1.1\r\n");
    const meanwhile = await connect();
    await meanwhile.send(text);
    assert.equal(statusOf(await meanwhile.rest()), 200);
    assert.equal(await never.rest(), "");
  });
});

Deno.test("serve: of silent connections the oldest makes room, and one whose reply is being made does not", async () => {
  const open = Promise.withResolvers<LoopbackReply>();
  await serving(({ target }) => target === "/wait" ? open.promise : Promise.resolve(OK), async (connect) => {
    const waiting = await connect();
    await waiting.send("GET /wait HTTP/1.1\r\nConnection: close\r\n\r\n");
    const silent = [];
    for (let count = 0; count < 20; count++) silent.push(await connect());
    const last = await connect();
    await last.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert.equal(statusOf(await last.rest()), 200);
    assert.equal(await silent[0]?.rest(), "");
    open.resolve(OK);
    assert.equal(statusOf(await waiting.rest()), 200);
    for (const each of silent.slice(1)) each.close();
  }, { patienceMs: 5000 });
});

Deno.test("serve: an error, or a request that is too large, is answered and the connection closed", async () => {
  await serving(() => Promise.resolve(errorReply(405, "No", "no")), async (connect) => {
    const refused = await connect();
    await refused.send("POST / HTTP/1.1\r\n\r\n");
    assert.match(
      await refused.rest(),
      /^HTTP\/1\.1 405 Method Not Allowed\r\n[^]*Allow: GET\r\n[^]*\{"code":"No","message":"no"\}$/,
    );
    const large = await connect();
    await large.send(`GET / HTTP/1.1\r\nX: ${"x".repeat(1100)}`);
    assert.equal(statusOf(await large.rest()), 431);
  });
});

Deno.test("serve: a client that goes away while its reply is made ends nothing", async () => {
  const open = Promise.withResolvers<LoopbackReply>();
  await serving(() => open.promise, async (connect) => {
    const gone = await connect();
    await gone.send("GET / HTTP/1.1\r\n\r\n");
    gone.close();
    open.resolve(OK);
    const { send, rest } = await connect();
    await send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert.equal(statusOf(await rest()), 200);
  });
});

Deno.test("parseHead: names in lower case, repeated values together, and whether the connection stays", () => {
  assert.deepEqual({ ...parseHead("GET /a?b HTTP/1.1\r\nHost: x\r\nA:1\r\na:  2 ") }, {
    method: "GET",
    target: "/a?b",
    headers: Object.assign(Object.create(null), { host: "x", a: "1, 2" }),
    keep: true,
  });
  for (const head of ["GET / HTTP/1.0", "GET / HTTP/1.1\r\nConnection: Close"]) {
    assert.equal((parseHead(head) as { keep: boolean }).keep, false);
  }
});

Deno.test("parseHead: what is not a plain request without a body is refused", () => {
  const heads = [
    "",
    "GET / HTTP/2.0",
    "GET  / HTTP/1.1",
    "GET http://127.0.0.1/ HTTP/1.1",
    "GET / HTTP/1.1\r\n folded: x",
    "GET / HTTP/1.1\r\nHost : x",
    "GET / HTTP/1.1\r\nHost",
    "GET / HTTP/1.1\r\nA: b\nHost: x",
    "GET / HTTP/1.1\r\nA: \u0000",
    "GET / HTTP/1.1\r\nContent-Length: 1",
    "GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0",
    "GET / HTTP/1.1\r\nTransfer-Encoding: chunked",
  ];
  for (const head of heads) {
    const reply = parseHead(head);
    assert.equal("status" in reply && reply.status, 400, JSON.stringify(head));
  }
});
