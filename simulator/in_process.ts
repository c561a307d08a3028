/** The simulated services behind `Deps.http`, without a socket, for unit tests. */
import type { Clock, Http, HttpReply, HttpRequest } from "../src/io/deps.ts";
import { ADA, role } from "./demo_world.ts";
import type { Reply, WireRequest } from "./http_server.ts";
import type { Route, Scenario, SimulatedUser } from "./scenario.ts";
import { type Services, simulate } from "./server.ts";
import { isOpening } from "./sts.ts";

/** A request as it was sent, secrets included. */
export interface Sent {
  readonly route: Route;
  readonly fields: Readonly<Record<string, string>>;
  /** An assertion with these roles (`account/name`), for a reply: STS knows it. */
  readonly issue: (roles: readonly string[]) => string;
}

/**
 * Replies in place of those of the services, by route; undefined leaves the request to them. `count` is how many requests
 * to the route there were, with this one.
 */
export type Replies = Partial<Record<Route, (request: Sent, count: number) => HttpReply | undefined>>;

interface SimulatedHttp extends Http {
  readonly services: Services;
  /** What was sent, in order. */
  readonly log: readonly Sent[];
  routes(): readonly Route[];
  /** The addresses to which a connection was opened ahead. */
  readonly openings: readonly string[];
  /** An assertion with these roles (`account/name`) that STS knows, issued `ageMs` ago. */
  issue(roles: readonly string[], ageMs?: number): string;
}

/** Roles of a scenario from `account/name`. */
export function rolesOf(names: readonly string[]): Scenario["roles"] {
  return names.map((name) => {
    const [account = "", rest = ""] = name.split(/\/(.*)/);
    return role(account, rest);
  });
}

/** Somebody without a second factor, whom wrong passwords do not lock out. */
export function person(username: string, password: string, devices: SimulatedUser["devices"] = []): SimulatedUser {
  return { ...ADA, username, email: `${username}@example.com`, password, devices, lockAfter: 0 };
}

/** What `fakeSettings()` of src/testing.ts fits to: "ada" with the password "right", two roles, no second factor. */
const UNIT_SCENARIO: Partial<Scenario> = {
  clientId: "client-id",
  clientSecret: "client-secret",
  users: [person("ada", "right")],
  roles: rolesOf(["123456789012/Admin", "210987654321/Dev"]),
};

/** Those of the test that runs. */
const started: { readonly replies: Replies; readonly log: readonly Sent[] }[] = [];

// A reply that no request gets is a mistake of the test.
Deno.test.afterEach(() => {
  const unused = started.splice(0).flatMap(({ replies, log }) =>
    Object.keys(replies).filter((route) => !log.some((sent) => sent.route === route))
  );
  if (unused.length > 0) throw new Error(`replies that no request got: ${unused.join(", ")}`);
});

/**
 * Answers requests as the services do, with `replies` first. A request that they do not document fails the run at once.
 *
 * @param clock the one of the run: assertions and credentials live by it.
 */
export function simulatedHttp(clock: Clock, change: Partial<Scenario> = {}, replies: Replies = {}): SimulatedHttp {
  const still = () => {
    throw new Error("the clock is the test's");
  };
  const services = simulate({ ...UNIT_SCENARIO, ...change }, { now: clock.now, advance: still, set: still });
  const log: Sent[] = [];
  started.push({ replies, log });
  const openings: string[] = [];
  const issue = (roles: readonly string[], ageMs = 0) => {
    const before = services.scenario;
    services.set({ roles: rolesOf(roles), saml: { ...before.saml, ageMs } });
    const assertion = services.issueAssertion();
    services.set({ roles: before.roles, saml: before.saml });
    return assertion;
  };
  return {
    services,
    log,
    openings,
    open(request) {
      if (!isOpening(wireRequest({ ...request, method: "GET" }))) throw new Error(`not documented: ${request.url}`);
      openings.push(request.url);
    },
    routes: () => log.map(({ route }) => route),
    issue,
    async send(request) {
      request.signal?.throwIfAborted();
      const wire = wireRequest(request);
      const sent: Sent = { route: services.routeOf(wire), fields: fieldsOf(wire), issue };
      log.push(sent);
      const count = log.filter(({ route }) => route === sent.route).length;
      const reply = replies[sent.route]?.(sent, count) ?? await answerOf(services, wire);
      request.signal?.throwIfAborted();
      return reply;
    },
  };
}

async function answerOf(services: Services, wire: WireRequest): Promise<HttpReply> {
  const answer = await services.answer(wire);
  if (services.unexpected.length > 0) throw new Error(`not documented: ${services.unexpected.join("; ")}`);
  if (answer.kind !== "reply") throw new Error(`there is no wire here for "${answer.kind}"`);
  return received(answer.reply);
}

function received({ status, headers, body }: Reply): HttpReply {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { status, headers: Object.fromEntries(lower), body };
}

function wireRequest({ method, url, headers, body = "" }: HttpRequest): WireRequest {
  const { host, pathname, searchParams } = new URL(url);
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { method, path: pathname, query: searchParams, headers: new Map([...lower, ["host", host]]), body };
}

function fieldsOf({ path, body }: WireRequest): Readonly<Record<string, string>> {
  return path === "/" ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body || "{}");
}
