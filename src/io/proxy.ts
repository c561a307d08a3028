/**
 * Which proxy the runtime will use for a request. The runtime reads the variables itself and does not report its choice;
 * this code repeats it, so that a message names the proxy that failed, and a value that the runtime would silently
 * ignore (and bypass the proxy) is an error. Its rules: ALL_PROXY before HTTPS_PROXY and HTTP_PROXY, capitals
 * before lower case, no exception for loopback except in NO_PROXY, where the launcher adds it.
 */

import { Exit, printable, UserError } from "../errors.ts";

type Env = Readonly<Record<string, string>>;

export interface Proxy {
  /** The variable that sets it. */
  readonly variable: string;
  /** `proxy.example.com:3128`; never the user or password. */
  readonly host: string;
  /** Whether the proxy itself is reached over TLS (`https://`). */
  readonly tls: boolean;
}

/**
 * The proxy for a URL, or undefined for a direct connection.
 *
 * @throws UserError exit 2 when the variable contains no http or https address, and for plain http, whose password a proxy
 * could read.
 */
export function proxyFor(env: Env, url: string): Proxy | undefined {
  const { hostname, protocol } = new URL(url);
  const names = protocol === "https:" ? ["ALL_PROXY", "HTTPS_PROXY"] : ["ALL_PROXY", "HTTP_PROXY"];
  const variable = names.flatMap((name) => [name, name.toLowerCase()]).find((name) => (env[name] ?? "").trim() !== "");
  if (variable === undefined || isExempt(env, hostname)) return undefined;
  if (protocol === "http:") {
    throw new UserError(`cannot send a request to "${printable(hostname, 100)}" over http: the proxy could read it`, {
      exit: Exit.usage,
      hint: `unset ${variable}, or list the host in NO_PROXY`,
    });
  }
  return { variable, ...addressOf(variable, (env[variable] ?? "").trim()) };
}

function addressOf(variable: string, value: string): Pick<Proxy, "host" | "tls"> {
  const refuse = (reason: string) =>
    new UserError(`cannot use the proxy in "${variable}": ${reason}`, {
      exit: Exit.usage,
      hint: [`write it as http://host:port or http://user:password@host:port`, `or list the host in NO_PROXY`],
    });
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme?.startsWith("socks")) throw refuse("the sandbox allows HTTP proxies only, not SOCKS");
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    throw refuse(`"${printable(scheme, 20)}" is not an HTTP proxy`);
  }
  const text = scheme === undefined ? `http://${value}` : value;
  if (/\s/.test(text) || !URL.canParse(text)) throw refuse("it is not an address");
  const { hostname, port, protocol } = new URL(text);
  const tls = protocol === "https:";
  return { host: `${printable(hostname, 100)}:${port || (tls ? "443" : "80")}`, tls };
}

/** NO_PROXY: addresses, CIDR ranges, domains (subdomains included), and `*` for any name. */
function isExempt(env: Env, hostname: string): boolean {
  const list = env["NO_PROXY"] ?? env["no_proxy"] ?? "";
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return list.split(",").map((entry) => entry.trim().toLowerCase()).some((entry) => {
    if (entry === "") return false;
    if (isAddress(host)) return entry.includes("/") ? inRange(host, entry) : entry === host;
    if (entry === "*") return true;
    const domain = entry.replace(/^\./, "");
    return host === domain || host.endsWith(`.${domain}`);
  });
}

function isAddress(host: string): boolean {
  return host.includes(":") || ipv4(host) !== undefined;
}

function ipv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** IPv4 only: loopback is the only IPv6 address that this program uses. */
function inRange(host: string, range: string): boolean {
  const [network = "", length = ""] = range.split("/");
  const [a, b, bits] = [ipv4(host), ipv4(network), Number(length)];
  if (a === undefined || b === undefined || !/^\d+$/.test(length) || bits > 32) return false;
  const size = 2 ** (32 - bits);
  return Math.floor(a / size) === Math.floor(b / size);
}
