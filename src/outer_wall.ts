/**
 * The outer wall: the permissions that a compiled program starts with, listed once. The flags of `deno compile`, the `start`
 * task and the rules that `narrow()` revokes all come from this list.
 */

import { AWS_API_DOMAINS, AWS_SIGNIN_DOMAINS } from "./aws/partitions.ts";
import type { Platform } from "./io/deps.ts";
import { RELEASES_HOST } from "./repository.ts";

/** Variables that control terminal drawing: the only ones that the terminal library can see. */
export const COLOUR_NAMES: readonly string[] = [
  "NO_COLOR",
  "NODE_DISABLE_COLORS",
  "FORCE_COLOR",
  "TERM",
  "COLORTERM",
  "TERM_PROGRAM",
  "TMUX",
  "CI",
  "ACCESSIBLE",
  "WT_SESSION",
  "VTE_VERSION",
  "ConEmuTask",
];

/** The only environment variables that are read. */
export const ENV_NAMES: readonly string[] = [
  "HOME",
  "USERPROFILE",
  "HOMEDRIVE",
  "HOMEPATH",
  "ONELOGIN_CLIENT_ID",
  "ONELOGIN_CLIENT_SECRET",
  "ONELOGIN_REGION",
  "ONELOGIN_USERNAME",
  "ONELOGIN_PASSWORD",
  "ONELOGIN_OTP",
  "ONELOGIN_APP_ID",
  "ONELOGIN_SUBDOMAIN",
  "ONELOGIN_API_URL",
  "ONELOGIN_BROWSER",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_STS",
  "AWS_ENDPOINT_URL_SIGNIN",
  "AWS_USE_FIPS_ENDPOINT",
  "AWS_USE_DUALSTACK_ENDPOINT",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_PROFILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_CONFIG_FILE",
  "AWS_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "SSL_CERT_FILE",
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
  "ALL_PROXY",
  "all_proxy",
  "NO_PROXY",
  "no_proxy",
  "SSLKEYLOGFILE",
  "DENO_TLS_CA_STORE",
  "LC_ALL",
  "LC_CTYPE",
  "LANG",
  ...COLOUR_NAMES,
];

/** This machine, for tests and local stand-ins; no port, so each rule covers all ports. */
const LOOPBACK = ["127.0.0.0/8", "[::1]", "localhost"];

/** The rules of `--allow-net`; they cover every host that any run may need. */
export const OUTER_HOSTS: readonly string[] = [
  ...["onelogin.com", ...AWS_API_DOMAINS, ...AWS_SIGNIN_DOMAINS].map((domain) => `*.${domain}:443`),
  RELEASES_HOST,
  ...LOOPBACK,
];

/**
 * The folders that contain everything. They are listed because a list can be narrowed at run time; a bare
 * `--allow-read` cannot.
 */
export function rootFolders(platform: Platform): readonly string[] {
  if (platform !== "windows") return ["/"];
  return Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (letter) => `${letter}:\\`);
}

const V8_FLAGS = [
  "--disallow-code-generation-from-strings",
  // These compilers take more time or memory than their code saves in a run this short.
  "--no-turbofan",
  "--no-sparkplug",
  // Parse each function once, when its file is loaded, and note source positions then. Otherwise V8 skips a function first,
  // parses it when it is called, and again when an exception needs its positions.
  "--no-lazy",
  "--no-enable-lazy-source-positions",
  "--no-wasm-tier-up",
  "--no-wasm-dynamic-tiering",
  // Mebibytes. Collect garbage before taking more memory.
  "--max-semi-space-size=1",
];

/** The permission flags of `deno run` and `deno compile`. */
export function wallFlags(platform: Platform): readonly string[] {
  const roots = rootFolders(platform).join(",");
  return [
    "--no-prompt",
    `--allow-read=${roots}`,
    `--allow-write=${roots}`,
    `--allow-net=${OUTER_HOSTS.join(",")}`,
    `--allow-env=${ENV_NAMES.join(",")}`,
    "--deny-run",
    "--deny-ffi",
    "--deny-sys",
    "--deny-import",
    // For the --browser thread, which has fewer permissions than the program.
    "--unstable-worker-options",
    `--v8-flags=${V8_FLAGS.join(",")}`,
  ];
}
