/**
 * OneLogin, AWS STS and the console's federation endpoint on loopback. A request that the documentation does
 * not allow is answered as the service would, and noted in `unexpected` so that the test fails.
 */
import "./no_proxy.ts";
import { DEMO_SCENARIO } from "./demo_world.ts";
import { broken, faultOf } from "./faults.ts";
import { answerFederation } from "./federation.ts";
import { type Answer, type Reply, serveHttp, type WireRequest } from "./http_server.ts";
import { answerOneLogin, answerPushes, noSuchRoute, type OneLoginRoute, oneLoginRoute } from "./onelogin.ts";
import { seededRandom } from "./random.ts";
import { issueAssertion } from "./saml_document.ts";
import { signedRegion } from "./signature.ts";
import { answerSts, isOpening, issueKey, stsAction } from "./sts.ts";
import type { Fault, Recorded, Route, Scenario, SimulatedKey, Trouble } from "./scenario.ts";
import type { Secret, SimulatedClock, World } from "./world.ts";

export type { Fault, Recorded, Route, Scenario, SimulatedDevice, SimulatedUser, Trouble } from "./scenario.ts";
export type { Secret, SecretKind } from "./world.ts";

/** The services, and what a test may look at and change; {@linkcode startSimulator} puts a socket before them. */
export interface Services {
  /** What the services do with a request. */
  answer(request: WireRequest): Promise<Answer>;
  routeOf(request: WireRequest): Route;
  readonly scenario: Scenario;
  /** Every call of an API so far, in order of arrival. */
  readonly requests: readonly Recorded[];
  /** Requests that only open a connection to STS: at most one for each login. */
  readonly openings: readonly Recorded[];
  /** What the documentation does not allow; a test that is no test of the simulator wants it empty. */
  readonly unexpected: readonly string[];
  /** Pushes, messages and calls that disturbed somebody. */
  readonly notifications: number;
  /** Times a password was sent to the assertion call. */
  readonly passwordPosts: number;
  /** Everything that must not appear where it does not belong: given ones and those issued so far. */
  readonly secrets: readonly Secret[];
  readonly clock: SimulatedClock;
  /** Changes the scenario. New `users` start with a clean record; new `trouble` starts again. */
  set(change: Partial<Scenario>): void;
  /** Answers every push that waits; throws when none does. */
  approvePush(): void;
  rejectPush(): void;
  /** Listed troubles that no request has met yet: a test that arranged for them did not test them. */
  readonly unmet: readonly string[];
  /** Tells two runs of the program apart: a person may try again what the program may not. */
  beginRun(): void;
  /** The requests to one route. */
  to(route: Route): readonly Recorded[];
  /** Waits until a route has been asked `count` times; throws after `timeoutMs`. */
  waitFor(route: Route, count?: number, timeoutMs?: number): Promise<void>;
  /** An assertion as a login would have got it now, for tests of caches. */
  issueAssertion(username?: string, appId?: string): string;
  /** Keys as AssumeRoleWithSAML would have given them, living for `seconds`. */
  issueKey(roleArn: string, seconds: number): SimulatedKey;
}

export interface Simulator extends Services {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The same for AWS: another port, as another host would be. */
  readonly awsUrl: string;
  /** The environment that points the program at the simulator. */
  readonly env: Readonly<Record<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface StartOptions {
  readonly port?: number;
  /** The system's clock plus what the test adds, unless another is given. */
  readonly clock?: SimulatedClock;
}

/** Starts a simulator of the demo world with these changes. */
export async function startSimulator(
  change: Partial<Scenario> = {},
  options: StartOptions = {},
): Promise<Simulator> {
  const garbage: string[] = [];
  const services = simulate(change, options.clock, garbage);
  const serve = (port?: number) => serveHttp(services.answer, (why) => void garbage.push(why), port);
  // Two hosts as in real life, so that a connection to one is never used for the other.
  const [server, aws] = [await serve(options.port), await serve()];
  const url = `http://127.0.0.1:${server.port}`;
  const awsUrl = `http://127.0.0.1:${aws.port}`;
  return Object.assign(services, {
    url,
    awsUrl,
    env: { ONELOGIN_API_URL: url, AWS_ENDPOINT_URL_STS: awsUrl, AWS_ENDPOINT_URL_SIGNIN: awsUrl },
    [Symbol.asyncDispose]: async () => void await Promise.all([server.close(), aws.close()]),
  });
}

/** The services of the demo world with these changes. `unexpected` is where to note what is not documented. */
export function simulate(
  change: Partial<Scenario> = {},
  clock: SimulatedClock = systemClock(),
  unexpected: string[] = [],
): Services {
  const world = newWorld({ ...DEMO_SCENARIO, ...change }, clock, unexpected);
  const requests: Mutable<Recorded>[] = [];
  const openings: Mutable<Recorded>[] = [];
  const troubled = new Map<Route, number>();
  const to = (route: Route) => route === "open" ? openings : requests.filter((request) => request.route === route);
  const answerPush = (decision: "approved" | "rejected") => {
    if (answerPushes(world, decision) === 0) throw new Error("no push waits for an answer");
  };
  return {
    answer: (request) => handle(world, { requests, openings }, troubled, request),
    routeOf: (request) => serviceOf(request, oneLoginRoute(request.path)).route,
    requests,
    openings,
    to,
    unexpected: world.unexpected,
    clock: world.clock,
    get scenario() {
      return world.scenario;
    },
    get notifications() {
      return world.notifications;
    },
    get passwordPosts() {
      return world.passwordPosts;
    },
    get secrets() {
      return [...givenSecrets(world.scenario), ...world.secrets];
    },
    set(more) {
      world.scenario = { ...world.scenario, ...more };
      if (more.users) { for (const record of [world.wrongPasswords, world.toldLocked, world.refused]) record.clear(); }
      if (more.trouble) troubled.clear();
      if (more.pendingAssertions !== undefined) world.pendingAssertionsLeft = more.pendingAssertions;
    },
    get unmet() {
      return Object.entries(world.scenario.trouble).flatMap(([route, trouble]) => {
        const left = trouble && isList(trouble) ? trouble.length - (troubled.get(route as Route) ?? 0) : 0;
        return left > 0 ? [`${left} more of the trouble with ${route}`] : [];
      });
    },
    approvePush: () => answerPush("approved"),
    rejectPush: () => answerPush("rejected"),
    beginRun() {
      world.run += 1;
      world.failedInRun.clear();
    },
    async waitFor(route, count = 1, timeoutMs = 10_000) {
      const deadline = Date.now() + timeoutMs;
      while (to(route).length < count) {
        if (Date.now() > deadline) {
          const seen = requests.map((request) => request.route).join(", ") || "none";
          throw new Error(`waited ${timeoutMs} ms for request ${count} to ${route}; requests so far: ${seen}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    issueAssertion(username, appId) {
      const user = world.scenario.users.find((candidate) => username === undefined || candidate.username === username);
      if (!user) throw new Error(`no user "${username}"`);
      return issueAssertion(world, user, appId ?? world.scenario.apps[0]?.id ?? "").base64;
    },
    issueKey: (roleArn, seconds) => issueKey(world, roleArn, world.scenario.users[0]?.email ?? "nobody", seconds),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The system's clock, which a test can move. */
function systemClock(): SimulatedClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    advance: (ms) => void (offset += ms),
    set: (ms) => void (offset = ms - Date.now()),
  };
}

/** A clock that stays still until a test moves it. */
export function stoppedClock(at: number): SimulatedClock {
  let now = at;
  return { now: () => now, advance: (ms) => void (now += ms), set: (ms) => void (now = ms) };
}

function newWorld(scenario: Scenario, clock: SimulatedClock, unexpected: string[]): World {
  return {
    scenario,
    clock,
    random: seededRandom(scenario.seed),
    unexpected,
    secrets: [],
    startedAt: clock.now(),
    run: 0,
    notifications: 0,
    passwordPosts: 0,
    resourceCalls: 0,
    pendingAssertionsLeft: scenario.pendingAssertions,
    tokens: new Map(),
    currentToken: undefined,
    logins: new Map(),
    assertions: [],
    issuedKeys: new Map(),
    signinTokens: new Map(),
    wrongPasswords: new Map(),
    toldLocked: new Set(),
    refused: new Set(),
    failedInRun: new Set(),
  };
}

function givenSecrets(scenario: Scenario): readonly Secret[] {
  return [
    { kind: "client-secret", value: scenario.clientSecret },
    ...scenario.users.flatMap((user): readonly Secret[] => [
      { kind: "password", value: user.password },
      ...user.devices.flatMap((device): readonly Secret[] =>
        device.code === undefined ? [] : [{ kind: "code", value: device.code }]
      ),
    ]),
    ...scenario.keys.flatMap((key): readonly Secret[] => [
      { kind: "secret-key", value: key.secretAccessKey },
      ...(key.sessionToken === undefined ? [] : [{ kind: "session-token", value: key.sessionToken } as const]),
    ]),
  ];
}

// ---- One request --------------------------------------------------------------------------------------------------

async function handle(
  world: World,
  { requests, openings }: { readonly requests: Mutable<Recorded>[]; readonly openings: Mutable<Recorded>[] },
  troubled: Map<Route, number>,
  request: WireRequest,
): Promise<Answer> {
  const found = oneLoginRoute(request.path);
  const list = serviceOf(request, found).route === "open" ? openings : requests;
  const recorded = record(world, list.length, request, found);
  list.push(recorded);
  const complain = (why: string) =>
    void world.unexpected.push(`${request.method} ${request.path} (${recorded.route}): ${why}`);
  const logins = requests.filter(({ route }) => /^token|^assertion$/.test(route)).length;
  if (openings.length > logins + 1) complain("more connections than logins");
  // By its own address, or by a name of the services where a proxy of a test leads here.
  const host = request.headers.get("host") ?? "";
  if (!/^(127\.0\.0\.1|localhost):\d+$|^[a-z\d.-]+\.(onelogin\.com|amazonaws\.com(\.cn)?)$/.test(host)) {
    complain("the Host header");
  }
  const login = recorded.route === "assertion" ? loginKey(request.body) : undefined;
  if (login && world.failedInRun.has(login)) complain("a login that failed is posted again, password included");

  const { latencyMs } = world.scenario;
  const latency = typeof latencyMs === "number" ? latencyMs : latencyMs[recorded.route] ?? 0;
  if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
  const fault = world.scenario.faults(recorded) ?? namedFault(world, troubled, recorded);
  if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
  const reply = dated(
    world,
    fault === undefined ? await answerOf(world, request, found, complain) : await troubledReply(fault),
  );
  const answer = fault === undefined ? { kind: "reply" as const, reply } : broken(fault, reply);
  if (login && passwordIsSpent(world, fault, reply, request.body)) world.failedInRun.add(login);
  recorded.status = answer.kind === "reply" || answer.kind === "drip" ? answer.reply.status : undefined;
  recorded.answered = world.clock.now();
  return answer;

  async function troubledReply(fault: Fault): Promise<Reply> {
    switch (fault.kind) {
      case "answer":
        return { status: fault.status, headers: fault.headers ?? {}, body: fault.body };
      case "raw":
        return { status: 0, headers: {}, body: "" };
      case "reset":
      case "close":
      case "stall":
        if (!fault.handled) return { status: 0, headers: {}, body: "" };
    }
    return await answerOf(world, request, found, complain);
  }
}

async function answerOf(
  world: World,
  request: WireRequest,
  found: OneLoginRoute | undefined,
  complain: (why: string) => void,
): Promise<Reply> {
  if (found) return answerOneLogin(world, found, request, complain);
  if (request.path === "/federation") return answerFederation(world, request, complain);
  if (request.path === "/") return await answerSts(world, request, complain);
  complain("no such route");
  return noSuchRoute();
}

function namedFault(world: World, troubled: Map<Route, number>, recorded: Recorded): Fault | undefined {
  const trouble = world.scenario.trouble[recorded.route];
  if (trouble === undefined) return undefined;
  const nth = troubled.get(recorded.route) ?? 0;
  troubled.set(recorded.route, nth + 1);
  const one: Trouble | undefined = isList(trouble) ? trouble[nth] : trouble;
  return one === undefined ? undefined : faultOf(one, recorded, world.scenario);
}

function isList(trouble: Trouble | readonly (Trouble | undefined)[]): trouble is readonly (Trouble | undefined)[] {
  return Array.isArray(trouble);
}

function dated(world: World, reply: Reply): Reply {
  const date = new Date(world.clock.now() + world.scenario.dateSkewMs).toUTCString();
  return { ...reply, headers: { Date: date, ...reply.headers } };
}

/** What a login consists of: a person who types another answer makes another login. */
function loginKey(body: string): string | undefined {
  try {
    const { username_or_email, password, subdomain, app_id } = JSON.parse(body);
    return JSON.stringify([username_or_email, password, subdomain, String(app_id)]);
  } catch {
    return undefined;
  }
}

/** Whether the password went out and no usable answer came: the program must not send it again automatically. */
function passwordIsSpent(world: World, fault: Fault | undefined, reply: Reply, body: string): boolean {
  const { username_or_email, password } = JSON.parse(body);
  if (world.refused.has(JSON.stringify([username_or_email, password]))) return false;
  if (reply.body.includes('"Invalid Token"') || reply.body.includes('"UnauthorizedError"')) return false;
  if (fault !== undefined && fault.kind !== "delay" && fault.kind !== "drip") return true;
  return reply.status >= 400 || /"error":true|"statusCode":[45]/.test(reply.body);
}

// ---- Recording ----------------------------------------------------------------------------------------------------

/** Fields that hold no secret; only these are kept. */
const OPEN_FIELDS = new Set([
  "grant_type",
  "username_or_email",
  "app_id",
  "subdomain",
  "ip_address",
  "device_id",
  "do_not_notify",
  "Action",
  "Version",
  "RoleArn",
  "PrincipalArn",
  "DurationSeconds",
  "RoleSessionName",
  "ExternalId",
  "Policy",
  "PolicyArns.member.1.arn",
  "SessionDuration",
  "Issuer",
  "Destination",
]);

function record(
  world: World,
  index: number,
  request: WireRequest,
  found: OneLoginRoute | undefined,
): Mutable<Recorded> {
  const fields = bodyFields(request);
  const region = signedRegion(request.headers.get("authorization"));
  return {
    index,
    time: world.clock.now(),
    run: world.run,
    ...serviceOf(request, found),
    method: request.method,
    path: request.path,
    ...(found?.apiVersion === undefined ? {} : { apiVersion: found.apiVersion }),
    headerNames: [...request.headers.keys()],
    userAgent: request.headers.get("user-agent") ?? "",
    contentType: request.headers.get("content-type"),
    keys: Object.keys(fields),
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => OPEN_FIELDS.has(name))),
    ...(region === undefined ? {} : { signedRegion: region }),
    status: undefined,
  };
}

function serviceOf(request: WireRequest, found: OneLoginRoute | undefined): Pick<Recorded, "service" | "route"> {
  if (found) return { service: "onelogin", route: found.route };
  if (request.path === "/") {
    return { service: "sts", route: isOpening(request) ? "open" : stsAction(request) ?? "unknown" };
  }
  if (request.path !== "/federation") return { service: "unknown", route: "unknown" };
  const action = request.query.get("Action") ?? new URLSearchParams(request.body).get("Action");
  return { service: "signin", route: action === "getSigninToken" || action === "login" ? action : "unknown" };
}

function bodyFields(request: WireRequest): Record<string, unknown> {
  const query = Object.fromEntries(request.query);
  if (request.body === "") return query;
  if ((request.headers.get("content-type") ?? "").startsWith("application/x-www-form-urlencoded")) {
    return { ...query, ...Object.fromEntries(new URLSearchParams(request.body)) };
  }
  try {
    const value: unknown = JSON.parse(request.body);
    return typeof value === "object" && value !== null ? { ...query, ...value } : query;
  } catch {
    return query;
  }
}
