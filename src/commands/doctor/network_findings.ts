/** The hosts of a login, the clock, and whether OneLogin accepts the API client. Never a password, never a factor. */

import { stsTarget } from "../../settings/sts_target.ts";
import { getCallerIdentity, stsError, stsUrl } from "../../aws/sts.ts";
import type { AwsChoice, OneLoginSettings, Settings } from "../../settings/settings.ts";
import { Exit, UserError } from "../../errors.ts";
import { type Deps, HttpError } from "../../io/deps.ts";
import { networkHints } from "../../io/network_hints.ts";
import { CA_NAMES } from "../../io/network_env.ts";
import { proxyFor } from "../../io/proxy.ts";
import { apiFrom } from "../../login/api_client.ts";
import { requestToken } from "../../onelogin/client.ts";
import { failure, type Finding, finding } from "./finding.ts";

type Reached =
  & OneLoginSettings
  & Pick<AwsChoice, "awsRegion" | "stsUrl" | "fips" | "dualStack">
  & Pick<Settings, "timeout">;
type Needs = Pick<Deps, "http" | "clock" | "signal" | "random" | "env">;

/** AWS and OneLogin tolerate five minutes. Milliseconds. */
const SKEW_NOTED_MS = 60_000;

/**
 * The example key of the AWS documentation, which no account has: a signed request that AWS must refuse shows that it is
 * reachable.
 */
const NOBODY = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  sessionToken: "nobody",
  expiration: 0,
} as const;

export async function networkFindings(deps: Needs, settings: Reached): Promise<readonly Finding[]> {
  const [onelogin, sts] = await Promise.all([
    settings.browser.value ? [] : lookAtOneLogin(deps, settings),
    lookAtSts(deps, settings),
  ]);
  return [...trust(deps), ...onelogin, ...sts];
}

function trust({ env }: Needs): readonly Finding[] {
  return CA_NAMES.filter((name) => env[name]).map((name) =>
    finding(
      "network",
      "ok",
      `certificates: those in ${JSON.stringify(env[name])} (${name}) are trusted in addition to the system's`,
    )
  );
}

/** How a host is reached. */
function route(deps: Needs, url: string): string {
  const proxy = proxyFor(deps.env, url);
  return proxy === undefined ? "directly" : `through the proxy ${proxy.host} (${proxy.variable})`;
}

async function lookAtOneLogin(deps: Needs, settings: Reached): Promise<readonly Finding[]> {
  const url = settings.oneloginUrl.value;
  const clocks: number[] = [];
  const http: Deps["http"] = {
    ...deps.http,
    async send(request) {
      const reply = await deps.http.send(request);
      const date = Date.parse(reply.headers["date"] ?? "");
      if (!Number.isNaN(date)) clocks.push(date - deps.clock.now());
      return reply;
    },
  };
  const reached = () => finding("network", "ok", `${url}: reached ${route(deps, url)}`);
  const findings: Finding[] = [];
  try {
    if (settings.clientId === undefined || settings.clientSecret === undefined) {
      await http.send({ method: "GET", url, headers: {}, timeoutMs: settings.timeout * 1000, signal: deps.signal });
      findings.push(reached());
    } else {
      await requestToken({ ...deps, http }, apiFrom({ settings }));
      const accepted =
        'API client: accepted by OneLogin; whether its scope allows users to sign in (as "Authentication Only" does) shows ' +
        "only with a password, which is not tested here";
      findings.push(reached(), finding("client", "ok", accepted));
    }
  } catch (error) {
    findings.push(...oneloginFailure(error, url, reached()));
  }
  return [...findings, ...clocks.slice(0, 1).map((skew) => clock(skew, "OneLogin"))];
}

function oneloginFailure(error: unknown, url: string, reached: Finding): readonly Finding[] {
  if (error instanceof HttpError) {
    const hints = networkHints(error);
    return [failure("network", new UserError(`${url}: ${error.message}`, { exit: Exit.unavailable, hint: hints }))];
  }
  if (!(error instanceof UserError)) throw error;
  return error.exit === Exit.refused ? [reached, failure("client", error)] : [failure("network", error)];
}

async function lookAtSts(deps: Needs, settings: Reached): Promise<readonly Finding[]> {
  const target = stsTarget(settings, settings.awsRegion?.value ?? "us-west-2");
  try {
    const url = stsUrl(target).slice(0, -1);
    const outcome = await getCallerIdentity(deps, { ...target, credentials: NOBODY });
    const clocks = outcome.dateSkewMs === undefined ? [] : [clock(outcome.dateSkewMs, "AWS")];
    if (outcome.kind !== "unavailable") {
      return [finding("network", "ok", `${url}: reached ${route(deps, url)}`), ...clocks];
    }
    const { hints } = stsError(outcome, target);
    return [
      failure("network", new UserError(`${url}: ${outcome.message}`, { exit: Exit.unavailable, hint: hints })),
      ...clocks,
    ];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [failure("network", error)];
  }
}

/** @param skewMs the server's clock minus this computer's. */
function clock(skewMs: number, whose: string): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) < SKEW_NOTED_MS) return finding("clock", "ok", `clock: agrees with ${whose}'s`);
  return finding(
    "clock",
    "warn",
    `clock: this computer's clock is ${seconds} seconds ${skewMs > 0 ? "behind" : "ahead of"} ${whose}'s`,
    "turn on time synchronization; signatures and assertions are refused if it is off by five minutes",
  );
}
