/** The variables about the network: proxies, which the runtime reads itself, and certificate authorities. */

type Env = Readonly<Record<string, string>>;

/** The variables that the runtime reads when the first request is sent. */
export const PROXY_NAMES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((
  name,
) => [name, name.toLowerCase()]);

/**
 * The environment as the runtime should read it. The runtime would ignore an address with a space or a line end around
 * it, and a host with a port in NO_PROXY.
 */
export function proxyEnv(env: Env): Env {
  const trimmed = PROXY_NAMES.flatMap((name) => env[name] === undefined ? [] : [[name, env[name].trim()]]);
  const list = noProxyList(env);
  // Set both names: on Windows they are one variable, and the last one set counts.
  return {
    ...env,
    ...Object.fromEntries(trimmed),
    NO_PROXY: list,
    ...(env["no_proxy"] === undefined ? {} : { no_proxy: list }),
  };
}

/** This machine in the forms that the runtime accepts: no brackets and no `*`. */
const LOOPBACK = ["localhost", "127.0.0.0/8", "::1"];

/** NO_PROXY for the runtime: the user's entries and this machine. */
export function noProxyList(env: Env): string {
  const given = env["NO_PROXY"] ?? env["no_proxy"] ?? "";
  return [...LOOPBACK, ...given.split(",").map((entry) => entry.trim()).flatMap(withoutPort)].join(",");
}

/** `host:443` means `host`, since all services use that port; entries for other ports match none of them. */
function withoutPort(entry: string): readonly string[] {
  const [, host, port] = /^([^:]+):(\d+)$/.exec(entry) ?? [entry, entry];
  return !host || (port !== undefined && port !== "443") ? [] : [host];
}

/**
 * Names of a file with certificate authorities: for the AWS CLI and SDKs, as a variable and in the config file (the
 * launcher adds that to the environment), for Python and for OpenSSL.
 */
export const CA_NAMES = ["AWS_CA_BUNDLE", "ca_bundle", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] as const;
