import assert from "node:assert/strict";
import "../../simulator/no_proxy.ts";
import { HttpError } from "./deps.ts";
import { realHttp } from "./http.ts";

/**
 * A server that keeps connections open and answers every request but those to /secret, at which it hangs up after it has
 * read the whole request. Counts those.
 */
function hangingUp() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const seen: string[] = [];
  const open = new Set<Deno.Conn>();
  async function serve(connection: Deno.Conn): Promise<void> {
    open.add(connection);
    const decoder = new TextDecoder();
    const bytes = new Uint8Array(4096);
    let text = "";
    while (true) {
      const count = await connection.read(bytes).catch(() => null);
      if (count === null) break;
      text += decoder.decode(bytes.subarray(0, count), { stream: true });
      const [head = "", body] = text.split("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) continue;
      seen.push(`${head.split(" ").slice(0, 2).join(" ")} ${/transfer-encoding/i.test(head) ? "chunked" : length}`);
      text = "";
      if (head.includes("/secret")) break;
      await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    }
    open.delete(connection);
    connection.close();
  }
  const accepting = (async () => {
    const served: Promise<void>[] = [];
    for await (const connection of listener) served.push(serve(connection).catch(() => {}));
    await Promise.all(served);
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await accepting.catch(() => {});
    },
  };
}

Deno.test({
  name: "realHttp() never sends a body twice, not even when a kept connection breaks",
  // The runtime's pool of connections outlives the test.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await using server = hangingUp();
    const http = realHttp();
    const post = (path: string) =>
      http.send({ method: "POST", url: `${server.url}${path}`, headers: {}, body: "password", timeoutMs: 5000 });
    for (let count = 0; count < 3; count++) assert.equal((await post("/ok")).body, "ok");
    await assert.rejects(
      post("/secret"),
      (error) => error instanceof HttpError && error.kind === "reset" && error.sent,
    );
    assert.deepEqual(server.seen, ["POST /ok 8", "POST /ok 8", "POST /ok 8", "POST /secret 8"]);
  },
});
