import assert from "node:assert/strict";
import { startSimulator } from "./server.ts";
import type { Fault } from "./server.ts";

async function outcome(fault: Fault, timeoutMs = 400): Promise<string> {
  await using sim = await startSimulator({ faults: () => fault });
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new DOMException("too slow", "TimeoutError")), timeoutMs);
  try {
    const reply = await fetch(`${sim.url}/auth/rate_limit`, { signal: patience.signal });
    return `${reply.status} ${await reply.text()}`;
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    return `${error.name}: ${error.message} ${error.cause instanceof Error ? error.cause.message : ""}`;
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("faults: each shows on the wire as what it is", async () => {
  assert.match(await outcome({ kind: "reset" }), /^TypeError: .*(reset|closed)/is);
  assert.match(await outcome({ kind: "close" }), /^TypeError: .*closed/is);
  assert.match(await outcome({ kind: "reset-mid-body", bytes: 5 }), /^TypeError: error reading a body/);
  assert.match(await outcome({ kind: "close-mid-body", bytes: 5 }), /^TypeError: error reading a body|end of file/);
  assert.match(await outcome({ kind: "stall" }), /^TimeoutError/);
  assert.match(await outcome({ kind: "stall-mid-body" }), /^TimeoutError/);
  assert.match(await outcome({ kind: "raw", bytes: "SSH-2.0-OpenSSH_9.6\r\n" }), /^TypeError/);
  assert.equal(await outcome({ kind: "answer", status: 502, body: "<html>" }), "502 <html>");
  assert.match(await outcome({ kind: "rewrite", reply: (reply) => ({ ...reply, body: "{" }) }), /^401 \{$/);
});

Deno.test("faults: a drip is slow but whole", async () => {
  const started = Date.now();
  assert.match(await outcome({ kind: "drip", bytes: 40, everyMs: 20 }, 5_000), /Invalid Token/);
  assert.ok(Date.now() - started >= 100);
});

Deno.test("faults: nothing is handled unless the fault needs it", async () => {
  for (const handled of [false, true]) {
    await using sim = await startSimulator({ faults: () => ({ kind: "close", handled }) });
    await assert.rejects(fetch(`${sim.url}/no/such/route`));
    assert.equal(sim.unexpected.length, handled ? 1 : 0);
  }
});

Deno.test("serveHttp: keeps the connection, takes chunked bodies, and answers garbage with 400", async () => {
  await using sim = await startSimulator();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(sim.url).port) });
  const say = async (text: string) => {
    await connection.write(new TextEncoder().encode(text));
    const buffer = new Uint8Array(65536);
    const count = await connection.read(buffer);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  };
  const body = `{"grant_type":"client_credentials"}`;
  const { clientId, clientSecret } = sim.scenario;
  const head = "POST /auth/oauth2/v2/token HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Type: application/json\r\n" +
    `Authorization: client_id:${clientId}, client_secret:${clientSecret}\r\n`;
  const chunks = `${body.slice(0, 10)}|${body.slice(10)}`.split("|")
    .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("");
  assert.match(await say(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`), /^HTTP\/1\.1 200 OK/);
  assert.match(await say(`${head}Content-Length: ${body.length}\r\n\r\n${body}`), /^HTTP\/1\.1 200 OK/);
  assert.deepEqual(sim.unexpected, []);
  assert.match(await say("hello\r\n\r\n"), /^HTTP\/1\.1 400/);
  assert.match(sim.unexpected.join(), /not HTTP/);
  connection.close();
});
