import assert from "node:assert/strict";
import { person, type Replies, simulatedHttp } from "../../simulator/in_process.ts";
import type { Scenario } from "../../simulator/scenario.ts";
import { Interrupted, UserError } from "../errors.ts";
import { HttpError } from "../io/deps.ts";
import type { Prompter } from "../io/prompter.ts";
import type { Settings } from "../settings/settings.ts";
import { fakeClock, fakePrompter, json, simulatedContext } from "../testing.ts";
import { login } from "./one_role.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });

async function run(
  options: {
    readonly scenario?: Partial<Scenario>;
    readonly replies?: Replies;
    readonly settings?: Partial<Settings>;
    readonly prompter?: Prompter;
    readonly signal?: AbortSignal;
    readonly deliver?: (granted: RoleCredentials, profile: string | undefined) => void;
  } = {},
) {
  const { context, clock, http, reporter } = simulatedContext({
    ...options,
    deps: options.signal ? { signal: options.signal } : {},
    settings: { awsAccountId: set("123456789012"), awsRoleName: set("Admin"), ...options.settings },
  });
  const delivered: { readonly role: string; readonly profile: string | undefined; readonly at: number }[] = [];
  let error: unknown;
  const start = clock.now();
  try {
    await login(context, (granted, profile) => {
      options.deliver?.(granted, profile);
      delivered.push({ role: granted.role.name, profile, at: (clock.now() - start) / 60_000 });
      return Promise.resolve();
    });
  } catch (thrown) {
    error = thrown;
  }
  return { error, delivered, reporter, log: http.log, clock, routes: http.routes() };
}

Deno.test("login() delivers once", async () => {
  const { delivered, error, routes } = await run({ settings: { profile: set("dev") } });
  assert.equal(error, undefined);
  assert.deepEqual(delivered, [{ role: "Admin", profile: "dev", at: 0 }]);
  assert.deepEqual(routes, ["token", "assertion", "AssumeRoleWithSAML"]);
});

Deno.test("login() does nothing for --loop 0, like the Python tool", async () => {
  for (const rounds of [0, -3]) {
    const { delivered, routes, error } = await run({ settings: { loop: set(rounds) } });
    assert.deepEqual([delivered, routes, error], [[], [], undefined]);
  }
});

Deno.test("B8 login() renews for twelve hours and gets a new token before the old one ends", async () => {
  const { delivered, error, routes, clock, log } = await run({
    settings: { loop: set(16), time: set(48), profile: set("dev") },
  });
  assert.equal(error, undefined);
  assert.equal(delivered.length, 16);
  assert.deepEqual(delivered.map(({ at }) => Math.round(at)), Array.from({ length: 16 }, (_, index) => index * 48));
  assert.equal(routes.filter((route) => route === "assertion").length, 16);
  assert.equal(routes.filter((route) => route === "token").length, 2);
  assert.equal(clock.slept.reduce((sum, ms) => sum + ms, 0), 15 * 48 * 60_000);
  assert.ok(
    log.filter((request) => request.route === "assertion").every((request) => request.fields["password"] === "right"),
  );
});

Deno.test("login() uses --otp for the first round only", async () => {
  const devices = [{ device_id: 1, device_type: "Google Authenticator" }];
  const { log, delivered } = await run({
    replies: {
      assertion: () => json(200, { message: "MFA is required for this user", state_token: "s", devices }),
      "verify-factor": () => json(200, { message: "Success", data: btoa("no saml") }),
    },
    settings: { loop: set(2), otp: set("111111") },
  });
  assert.deepEqual(
    log.filter((request) => request.route === "verify-factor").map((request) => request.fields["otp_token"]),
    [
      "111111",
    ],
  );
  assert.deepEqual(delivered, []);
});

Deno.test("login() warns at the start when the credentials end before they are renewed", async () => {
  const short = await run({ settings: { loop: set(2), time: set(45), duration: set(1800) } });
  assert.match(short.reporter.lines[0] ?? "", /^warning: the credentials are valid for 1800 seconds/);
  const fine = await run({ settings: { loop: set(2), time: set(45), duration: set(3600) } });
  assert.ok(!fine.reporter.lines.some((line) => line.startsWith("warning")));
});

/** OneLogin's token endpoint is out of reach for so many requests after the first. */
function outage(requests: number): Replies {
  let down = requests;
  return {
    token: (_, count) => {
      if (count > 1 && down-- > 0) throw new HttpError("refused", "connection refused", false);
      return undefined;
    },
  };
}

Deno.test("login() tries a renewal again while the old credentials live, and gives up when they end", async () => {
  const settings = { loop: set(2), time: set(45) };
  const back = await run({ scenario: { tokenLife: 60 }, replies: outage(3), settings });
  assert.equal(back.delivered.length, 2);
  assert.equal(back.reporter.lines.filter((line) => line.includes("trying again")).length, 3);
  const gone = await run({ scenario: { tokenLife: 60 }, replies: outage(1000), settings });
  assert.ok(gone.error instanceof UserError && gone.error.exit === 7);
  assert.ok(gone.clock.at <= Date.parse("2027-01-15T09:30:00Z"));
});

Deno.test("login() continues trying for ten minutes when the old credentials have expired, as after a laptop slept", async () => {
  const settings = { loop: set(2), time: set(60), duration: set(900) };
  const back = await run({ scenario: { tokenLife: 60 }, replies: outage(4), settings });
  assert.equal(back.delivered.length, 2);
  const gone = await run({ scenario: { tokenLife: 60 }, replies: outage(1000), settings });
  assert.ok(gone.error instanceof UserError && gone.error.exit === 7);
  assert.ok(gone.clock.at <= Date.parse("2027-01-15T09:41:00Z"));
});

Deno.test("B14 login() posts a password at most once more in a renewal that gets no answer, never after 'pending' or 429", async () => {
  for (
    const [reply, posts] of [
      [json(200, { message: "Authentication pending" }), 2],
      [json(429, "", { "retry-after": "5" }), 2],
      [json(503, "<html>"), 3],
      [new HttpError("timeout", "no answer", true), 3],
    ] as const
  ) {
    const { error, routes } = await run({
      replies: {
        assertion: (_, nth) => {
          if (nth === 1) return undefined;
          if (reply instanceof HttpError) throw reply;
          return reply;
        },
      },
      settings: { loop: set(2) },
    });
    assert.ok(error instanceof UserError && error.exit === 7);
    assert.equal(routes.filter((route) => route === "assertion").length, posts);
  }
});

Deno.test("login() sends a push again once when nobody answered in a renewal, and not when it was rejected", async () => {
  const challenge = json(200, {
    message: "MFA is required",
    state_token: "s",
    devices: [{ device_id: 2, device_type: "OneLogin Protect" }],
  });
  const pending = json(200, { message: "Authentication pending" });
  const wrong = json(401, { message: "Failed authentication with this factor" });
  for (const [answer, pushes] of [[pending, 2], [wrong, 1]] as const) {
    let looks = 0;
    const { log, error } = await run({
      replies: {
        assertion: (_, nth) => nth === 1 ? undefined : challenge,
        "verify-factor": () => looks++ % 100 === 0 ? pending : answer,
      },
      settings: { loop: set(2), mfaTimeout: 90 },
    });
    assert.ok(error instanceof UserError && error.exit === 4);
    const sent = log.filter(({ route, fields }) =>
      route === "verify-factor" && String(fields["do_not_notify"]) === "false"
    );
    assert.equal(sent.length, pushes);
  }
});

Deno.test("B7 login() uses --otp in the first round only, also when that round asks for no code", async () => {
  const challenge = json(200, {
    message: "MFA is required",
    state_token: "s",
    devices: [{ device_id: 1, device_type: "Google Authenticator" }],
  });
  const { log, error } = await run({
    replies: { assertion: (_, nth) => nth === 1 ? undefined : challenge },
    settings: { loop: set(2), otp: set("111111") },
  });
  assert.ok(error instanceof UserError && error.exit === 8);
  assert.deepEqual(log.filter(({ route }) => route === "verify-factor"), []);
});

Deno.test("login() never posts a password again in a renewal that OneLogin refused", async () => {
  const replies: Replies = {
    assertion: (_, posts) =>
      posts > 1 ? json(401, { message: "Authentication Failed: Invalid user credentials" }) : undefined,
  };
  const { error, routes } = await run({ replies, settings: { loop: set(5) } });
  assert.ok(error instanceof UserError && error.exit === 3);
  assert.equal(routes.filter((route) => route === "assertion").length, 2);
});

Deno.test("login() renews at once when a laptop slept through the time", async () => {
  const clock = fakeClock();
  let naps = 0;
  const sleepy = {
    ...clock,
    now: () => clock.at,
    // The wait for a lock, which is longer than a tick, does not end here.
    sleep: (ms: number) =>
      ms > 1000 ? new Promise<void>(() => {}) : (clock.at += naps++ === 0 ? 3 * 3_600_000 : ms, Promise.resolve()),
  };
  const at: number[] = [];
  const { context } = simulatedContext({
    deps: { clock: sleepy, http: simulatedHttp(sleepy) },
    settings: { loop: set(2), time: set(45), awsAccountId: set("123456789012") },
  });
  const start = clock.at;
  await login(context, () => Promise.resolve(void at.push((clock.at - start) / 3_600_000)));
  assert.deepEqual(at, [0, 3]);
});

Deno.test("login() ends a loop with Ctrl-C", async () => {
  const controller = new AbortController();
  const { error, delivered } = await run({
    settings: { loop: set(5) },
    signal: controller.signal,
    deliver: () => controller.abort(new Interrupted()),
  });
  assert.ok(error instanceof Interrupted);
  assert.equal(delivered.length, 1);
});

Deno.test("B2 login() honours every answer of --interactive", async () => {
  const prompter = fakePrompter([
    ...["Another role", "Dev", "dev-2"],
    ...["under another profile", "copy"],
    ...["Another user", "bob", "secret", "Admin", "bobs"],
    "Stop",
  ]);
  const { delivered, log, error } = await run({
    scenario: { users: [person("ada", "right"), person("bob", "secret")] },
    settings: { interactive: true, profile: set("dev") },
    prompter,
  });
  assert.equal(error, undefined);
  assert.deepEqual(delivered.map(({ role, profile }) => [role, profile]), [
    ["Admin", "dev"],
    ["Dev", "dev-2"],
    ["Dev", "copy"],
    ["Admin", "bobs"],
  ]);
  const posts = log.filter((request) => request.route === "assertion");
  assert.deepEqual(posts.map((request) => request.fields["username_or_email"]), ["ada", "bob"]);
});

Deno.test("B2 login() stops an interactive run when the input ends", async () => {
  const { delivered, error } = await run({ settings: { interactive: true }, prompter: fakePrompter([], "lines") });
  assert.equal(error, undefined);
  assert.equal(delivered.length, 1);
});

Deno.test("login() offers another user when the first has no role, else exit 5", async () => {
  const scenario = { roles: [], users: [person("ada", "right"), person("bob", "pw")] };
  const none = await run({ scenario });
  assert.ok(none.error instanceof UserError && none.error.exit === 5);
  const declined = await run({ scenario, prompter: fakePrompter(["n"]) });
  assert.ok(declined.error instanceof UserError && declined.error.exit === 5);
  const another = await run({ scenario, prompter: fakePrompter(["y", "bob", "pw", "n"]) });
  assert.deepEqual(
    another.log.filter((request) => request.route === "assertion").map((request) =>
      request.fields["username_or_email"]
    ),
    ["ada", "bob"],
  );
});

Deno.test("login() keeps the first role when a renewal offers others", async () => {
  const { delivered, log } = await run({
    settings: { loop: set(3) },
  });
  assert.deepEqual(delivered.map(({ role }) => role), ["Admin", "Admin", "Admin"]);
  assert.equal(
    new Set(log.filter((request) => request.route === "AssumeRoleWithSAML").map((request) => request.fields["RoleArn"]))
      .size,
    1,
  );
});

Deno.test("B2 login() keeps an interactive run going when a further round fails", async () => {
  const scenario = { users: [person("ada", "right"), person("bob", "another")] };
  const prompter = fakePrompter([
    ...["Another user", "bob", "w1", "w2", "w3", "w4"],
    ...["Another role", "Dev", "dev-2"],
    "Stop",
  ]);
  const { delivered, error, reporter } = await run({
    scenario,
    settings: { interactive: true, profile: set("dev") },
    prompter,
  });
  assert.equal(error, undefined);
  assert.deepEqual(delivered.map(({ role, profile }) => [role, profile]), [["Admin", "dev"], ["Dev", "dev-2"]]);
  assert.ok(reporter.lines.some((line) => line.includes('refused the user "bob"')));
});

Deno.test("login() asks for a profile name before --file alone is written a second time", async () => {
  const prompter = fakePrompter(["Another role", "Dev", "second", "Stop"]);
  const { delivered } = await run({ settings: { interactive: true, file: set("/x/creds") }, prompter });
  assert.deepEqual(delivered.map(({ profile }) => profile), ["default", "second"]);
});
