import type { HttpError } from "./deps.ts";

/** What a person can do about a request that got no answer, one line each. */
export function networkHints(error: HttpError): readonly string[] {
  // By the words of `classify`: a proxy that is set, but is not the right one or is not there.
  if (/the proxy (?:host )?"/.test(error.message) && ["dns", "refused", "connect-timeout"].includes(error.kind)) {
    return ["check the proxy that HTTPS_PROXY or ALL_PROXY names, and the network it is in"];
  }
  switch (error.kind) {
    case "dns":
      return ["check the network connection, the VPN and the region; behind a proxy set HTTPS_PROXY"];
    case "refused":
    case "connect-timeout":
      return ["check the network connection, the VPN and the firewall; behind a proxy set HTTPS_PROXY"];
    case "timeout":
      return ["try again, or wait longer with --timeout SECONDS"];
    case "tls":
      if (/the proxy "/.test(error.message)) {
        return ["write http:// instead of https:// in front of the proxy in HTTPS_PROXY or ALL_PROXY"];
      }
      if (/authorities of this computer/.test(error.message)) {
        return ["check SSL_CERT_FILE and SSL_CERT_DIR, or use the built-in authorities: DENO_TLS_CA_STORE=mozilla"];
      }
      return /clock/.test(error.message) ? ["set the clock of this computer; if it is right, ask who runs the host"] : [
        "if your network inspects TLS, set AWS_CA_BUNDLE or SSL_CERT_FILE to the PEM file of its certificate authority",
      ];
    case "proxy":
      return [
        "put user and password into the proxy's variable, special characters percent-encoded: HTTPS_PROXY=http://user:p%40ss@host:port",
        "or name hosts that need no proxy in NO_PROXY",
      ];
    case "blocked":
      return ["the sandbox allows OneLogin, AWS STS and AWS sign-in hosts and the endpoints named in the environment"];
    case "reset":
    case "too-large":
    case "other":
      return ["try again; if it happens again, check whether a proxy stands between"];
  }
}
