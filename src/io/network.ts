import type { Network } from "./connect.ts";
import type { Http } from "./deps.ts";

/**
 * The HTTP client for this network: trusts the certificate authorities of the environment in addition to the system's, and
 * goes through the proxy in HTTPS_PROXY (the runtime reads that itself). It is made when the first request is sent, so a run
 * without requests does not need the files.
 */
export function httpFor(network: Network): Http {
  let http: Promise<Http> | undefined;
  const connected = () => http ??= import("./connect.ts").then(({ connect }) => connect(network));
  return {
    send: async (request) => await (await connected()).send(request),
    open(request) {
      connected().then((real) => real.open(request)).catch(() => {});
    },
  };
}
