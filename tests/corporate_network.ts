/** A company's network between a laptop and the internet: a TLS server under a private authority, an HTTP proxy. */

import { fileURLToPath } from "node:url";

const TLS = new URL("./fixtures/tls/", import.meta.url);

type Pem = "test_ca" | "localhost" | "elsewhere" | "expired" | "localhost_key" | "services_ca" | "services";

/** The path of a PEM file in tests/fixtures/tls. All were made with openssl for these tests; the authorities' keys are gone. */
export function pemPath(name: Pem): string {
  return fileURLToPath(new URL(`${name}.pem`, TLS));
}

interface Front {
  readonly port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

type Pipes = Set<Deno.Conn>;

/** Joins two connections until either ends. */
async function join(pipes: Pipes, one: Deno.Conn, two: Deno.Conn): Promise<void> {
  pipes.add(one).add(two);
  const pump = async (from: Deno.Conn, to: Deno.Conn) => {
    await from.readable.pipeTo(to.writable).catch(() => {});
  };
  await Promise.all([pump(one, two), pump(two, one)]);
}

function front(listener: Deno.Listener, pipes: Pipes, port: number, take: (conn: Deno.Conn) => Promise<void>): Front {
  const running: Promise<void>[] = [];
  const serving = (async () => {
    for await (const conn of listener) running.push(take(conn).catch(() => close(conn)));
  })().catch(() => {});
  return {
    port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const conn of pipes) close(conn);
      await serving;
      await Promise.all(running);
    },
  };
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch { /* closed already */ }
}

/** A TLS server that hands everything to a plain port of this machine. */
export function tlsFront(
  port: number,
  certificate: "localhost" | "elsewhere" | "expired" | "services" = "localhost",
): Front {
  const pipes: Pipes = new Set();
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: Deno.readTextFileSync(pemPath(certificate)),
    key: Deno.readTextFileSync(pemPath("localhost_key")),
  });
  return front(listener, pipes, listener.addr.port, async (conn) => {
    // A client that does not like the certificate hangs up: the plain port never hears of it.
    pipes.add(conn);
    await (conn as Deno.TlsConn).handshake();
    await join(pipes, conn, await Deno.connect({ hostname: "127.0.0.1", port }));
  });
}

interface ConnectProxy extends Front {
  /** The targets asked for, `host:port`. */
  readonly targets: readonly string[];
}

/**
 * A proxy that tunnels (RFC 9110, 9.3.6) to a port of this machine, whatever host is asked for, or to the one that is
 * given for the host. With `login` ("user:password") it wants that by Basic authentication.
 */
export function connectProxy(port: number | ((host: string) => number), login?: string): ConnectProxy {
  const pipes: Pipes = new Set();
  const targets: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answer = (conn: Deno.Conn, head: string) =>
    conn.write(new TextEncoder().encode(`HTTP/1.1 ${head}\r\nContent-Length: 0\r\n\r\n`));
  const started = front(listener, pipes, (listener.addr as Deno.NetAddr).port, async (conn) => {
    pipes.add(conn);
    const bytes = new Uint8Array(4096);
    let head = "";
    while (!head.includes("\r\n\r\n")) {
      const count = await conn.read(bytes);
      if (count === null) return close(conn);
      head += new TextDecoder().decode(bytes.subarray(0, count));
    }
    const target = /^CONNECT (\S+):(\d+) /.exec(head);
    if (target === null) {
      await answer(conn, "405 Method Not Allowed");
      return close(conn);
    }
    targets.push(`${target[1]}:${target[2]}`);
    if (login !== undefined && !head.includes(`Basic ${btoa(login)}\r\n`)) {
      await answer(conn, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=corp");
      return close(conn);
    }
    const [, host = ""] = target;
    const onward = await Deno.connect({ hostname: "127.0.0.1", port: typeof port === "number" ? port : port(host) });
    await conn.write(new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
    await join(pipes, conn, onward);
  });
  return { ...started, targets, [Symbol.asyncDispose]: started[Symbol.asyncDispose] };
}
