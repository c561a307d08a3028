/** A company's network far away: TLS hosts behind a proxy, and every byte between a program and the proxy takes its time. */
import { connectProxy, pemPath, tlsFront } from "../tests/corporate_network.ts";

interface FarNetwork {
  /** What sends a program through it. */
  readonly env: Readonly<Record<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param roundTripMs between a program and the proxy; connecting takes one, too. */
export async function farNetwork(simulatorUrl: string, roundTripMs: number): Promise<FarNetwork> {
  const tls = tlsFront(Number(new URL(simulatorUrl).port), "services");
  const proxy = connectProxy(tls.port);
  const line = slowLine(proxy.port, roundTripMs);
  const address = `http://127.0.0.1:${line.port}`;
  const authority = pemPath("services_ca");
  return {
    env: {
      HTTPS_PROXY: address,
      https_proxy: address,
      AWS_CA_BUNDLE: authority,
      REQUESTS_CA_BUNDLE: authority,
      SSL_CERT_FILE: authority,
      ONELOGIN_API_URL: "https://simulator.onelogin.com",
      AWS_ENDPOINT_URL_STS: "https://sts.zz-test-1.amazonaws.com",
    },
    async [Symbol.asyncDispose]() {
      line.close();
      await proxy[Symbol.asyncDispose]();
      await tls[Symbol.asyncDispose]();
    },
  };
}

function slowLine(to: number, roundTripMs: number): { readonly port: number; close(): void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  // Timers are late, and each pipe takes a little: without the 2, a round trip of 40 ms took 44.
  const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms - 2));
  const carry = async (from: Deno.Conn, to: Deno.Conn) => {
    let written: Promise<unknown> = Promise.resolve();
    for await (const chunk of from.readable) {
      const arrival = later(roundTripMs / 2);
      written = written.then(() => arrival).then(async () => {
        for (let sent = 0; sent < chunk.length;) sent += await to.write(chunk.subarray(sent));
      });
      written.catch(() => {});
    }
    await written;
    await to.closeWrite();
  };
  void (async () => {
    for await (const near of listener) {
      void (async () => {
        const far = await Deno.connect({ hostname: "127.0.0.1", port: to });
        for (const conn of [near, far]) conn.setNoDelay(true);
        // The program is connected at once here; on a real line that takes a round trip.
        await later(roundTripMs);
        await Promise.all([carry(near, far), carry(far, near)]);
      })().catch(() => {});
    }
  })().catch(() => {});
  return { port: listener.addr.port, close: () => listener.close() };
}
