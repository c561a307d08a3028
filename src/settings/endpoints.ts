/**
 * The environment variables that replace the address of a service. They are checked before anything
 * is sent: a password, an assertion or a key goes only to the service's own domains, or to this machine (tests, local
 * stand-ins). The launcher uses the same functions for its network grants.
 */

import { AWS_API_DOMAINS, AWS_SIGNIN_DOMAINS } from "../aws/partitions.ts";
import { Exit, printable, UserError } from "../errors.ts";

type Env = Readonly<Record<string, string>>;

export type Service = "onelogin" | "sts" | "signin";

/** An address that passed the check. */
interface Endpoint {
  /** The variable it came from. */
  readonly variable: string;
  /** Without a slash at the end: `https://api.us.onelogin.com`, `http://127.0.0.1:8123/base`. */
  readonly url: string;
  /** Lower case; an IPv6 address in brackets. */
  readonly hostname: string;
  /** 443 or 80 when the URL names none. */
  readonly port: number;
  readonly loopback: boolean;
  /** `hostname:port`, the form of a network permission. */
  readonly grant: string;
}

/** The variables of each service, strongest first (AWS SDKs and Tools Reference, Service-specific endpoints). */
const ENDPOINT_VARIABLES: Readonly<Record<Service, readonly string[]>> = {
  onelogin: ["ONELOGIN_API_URL"],
  sts: ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"],
  signin: ["AWS_ENDPOINT_URL_SIGNIN"],
};

/** The domains under which (never at which) an override of a service may point. Https on port 443 only. */
export const ENDPOINT_DOMAINS: Readonly<Record<Service, readonly string[]>> = {
  onelogin: ["onelogin.com"],
  sts: AWS_API_DOMAINS,
  signin: [...AWS_SIGNIN_DOMAINS, ...AWS_API_DOMAINS],
};

const SERVICE_NAME: Readonly<Record<Service, string>> = { onelogin: "OneLogin", sts: "AWS STS", signin: "AWS sign-in" };

/**
 * The host name before the domain. Anyone can have a bucket or a load balancer under AWS's domains, so only the names of
 * the service itself are accepted: `sts.<region>`, `sts-fips.<region>` and VPC endpoints (`vpce-….sts.<region>.vpce`).
 */
const SERVICE_HOST: Readonly<Record<Service, RegExp>> = {
  onelogin: /^[a-z0-9.-]+\.$/,
  sts: /^(?:[a-z0-9-]+\.)?sts(?:-fips)?\.(?:[a-z]{2,}(?:-[a-z0-9]+)+\.)?(?:vpce\.)?$/,
  signin: /^(?:[a-z0-9-]+\.)?signin\.$/,
};

/** Whether a hostname, as normalised by `URL`, is this machine: 127.0.0.0/8, ::1, localhost. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Checks one address. Accepted: https, port 443, under the service's domains; http or https on loopback, any port.
 * No user name, query or fragment. The message names only the host, since a URL may contain a password.
 *
 * @throws UserError exit 2 with the reason.
 */
export function checkEndpoint(service: Service, variable: string, value: string): Endpoint {
  const refuse = (reason: string) =>
    new UserError(`cannot use the address in "${variable}": ${reason}`, {
      exit: Exit.usage,
      hint: [
        `it may be https under ${ENDPOINT_DOMAINS[service][0]}${
          service === "onelogin" ? "" : " and AWS's other domains"
        }, or http or https on loopback such as http://127.0.0.1:8080`,
        `unset ${variable} to use the service's own address`,
      ],
    });
  // The URL parser drops tabs and line ends anywhere: check the value as written.
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u0020\u007f]/.test(value.trim())) throw refuse("it contains a space or a control character");
  if (!URL.canParse(value)) throw refuse("it is not a URL");
  const url = new URL(value);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("it is neither https nor http");
  if (url.username !== "" || url.password !== "") throw refuse("it contains a user name or a password");
  if (value.includes("?")) throw refuse("it contains a query");
  if (value.includes("#")) throw refuse("it contains a fragment");
  const loopback = isLoopback(url.hostname);
  const host = printable(url.hostname, 100);
  if (!loopback) {
    const domain = ENDPOINT_DOMAINS[service].find((each) => url.hostname.endsWith(`.${each}`));
    if (domain === undefined) {
      throw refuse(
        `the host "${host}" is not under ${service === "onelogin" ? "onelogin.com" : "AWS's domains"} or on loopback`,
      );
    }
    if (!SERVICE_HOST[service].test(url.hostname.slice(0, -domain.length))) {
      throw refuse(`the host "${host}" is not one of ${SERVICE_NAME[service]}`);
    }
    if (url.protocol !== "https:") throw refuse(`"${host}" allows https only`);
    if (url.port !== "") throw refuse(`"${host}" allows port 443 only`);
  }
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return {
    variable,
    url: `${url.origin}${withoutSlashes(url.pathname)}`,
    hostname: url.hostname,
    port,
    loopback,
    grant: `${url.hostname}:${port}`,
  };
}

/**
 * Checks `api_url` of onelogin.sdk.json: https under onelogin.com, as OneLogin's newer SDKs use the account's own host.
 *
 * @throws UserError exit 2 with the reason.
 */
export function checkApiUrl(value: string): Endpoint {
  const endpoint = checkEndpoint("onelogin", "api_url", value);
  if (!endpoint.loopback) return endpoint;
  throw new UserError('cannot use the address in "api_url": it is not under onelogin.com', { exit: Exit.usage });
}

/**
 * The overrides in an environment. Empty text is unset. AWS_ENDPOINT_URL is read, and checked, only when
 * AWS_ENDPOINT_URL_STS is unset: otherwise it may be meant for other AWS services.
 *
 * @throws UserError exit 2 with the reason.
 */
export function endpointsFrom(env: Env): { readonly [S in Service]?: Endpoint } {
  const found: { [S in Service]?: Endpoint } = {};
  for (const service of ["onelogin", "sts", "signin"] as const) {
    const variable = ENDPOINT_VARIABLES[service].find((name) => (env[name] ?? "").trim() !== "");
    if (variable !== undefined) found[service] = checkEndpoint(service, variable, env[variable] ?? "");
  }
  return found;
}

/** Not a pattern: it would be tried at every slash of a path of slashes. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end--;
  return path.slice(0, end);
}

/** AWS SDKs and Tools Reference, "Dual-stack and FIPS endpoints". */
export function usesFips(env: Env): boolean {
  return env["AWS_USE_FIPS_ENDPOINT"]?.trim().toLowerCase() === "true";
}

/** The same for endpoints that support IPv6 too. */
export function usesDualStack(env: Env): boolean {
  return env["AWS_USE_DUALSTACK_ENDPOINT"]?.trim().toLowerCase() === "true";
}
