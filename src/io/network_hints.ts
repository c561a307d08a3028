import type { HttpError } from "./deps.ts";

/** The runtime signs in to a proxy with Basic only, and does not report what a proxy asks for. */
export const LOCAL_PROXY =
  "if the proxy accepts only Kerberos or NTLM, run a local proxy that signs in to it, such as px or cntlm, " +
  "and use that: HTTPS_PROXY=http://127.0.0.1:3128";

/** What the user can do about a failed request, one line each. */
export function networkHints(error: Pick<HttpError, "kind" | "message">): readonly string[] {
  // Matches the messages of `classify`: the configured proxy is wrong or missing.
  if (/the proxy (?:host )?"/.test(error.message) && ["dns", "refused", "connect-timeout"].includes(error.kind)) {
    return ["check the proxy in HTTPS_PROXY or ALL_PROXY, and the network connection"];
  }
  switch (error.kind) {
    case "dns":
      return ["check the network connection, the VPN and the region; behind a proxy, set HTTPS_PROXY"];
    case "refused":
    case "connect-timeout":
      return ["check the network connection, the VPN and the firewall; behind a proxy, set HTTPS_PROXY"];
    case "timeout":
      return ["try again, or wait longer with --timeout SECONDS"];
    case "tls":
      if (/the proxy "/.test(error.message)) {
        return ["start the proxy address in HTTPS_PROXY or ALL_PROXY with http:// instead of https://"];
      }
      if (/authorities of this computer/.test(error.message)) {
        return ["check SSL_CERT_FILE and SSL_CERT_DIR, or use the built-in authorities: DENO_TLS_CA_STORE=mozilla"];
      }
      return /clock/.test(error.message)
        ? ["set the clock of this computer; if it is right, ask the operator of the host"]
        : [
          "if your network inspects TLS, set AWS_CA_BUNDLE or SSL_CERT_FILE to the PEM file of its certificate authority",
        ];
    case "proxy":
      return [
        "put the user and password into HTTPS_PROXY and percent-encode special characters: HTTPS_PROXY=http://user:p%40ss@host:port",
        LOCAL_PROXY,
        "or list hosts that bypass the proxy in NO_PROXY",
      ];
    case "blocked":
      return [
        "the sandbox allows the hosts of OneLogin, AWS STS and AWS sign-in, and the endpoints set in the environment",
      ];
    case "reset":
    case "too-large":
    case "other":
      return ["try again; if it happens again, check for a proxy in between"];
  }
}
