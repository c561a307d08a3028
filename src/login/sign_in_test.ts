import assert from "node:assert/strict";
import { person, type Replies } from "../../simulator/in_process.ts";
import type { Scenario } from "../../simulator/scenario.ts";
import { UserError } from "../errors.ts";
import type { HttpReply } from "../io/deps.ts";
import type { Prompter } from "../io/prompter.ts";
import { fakeClock, fakeContext, fakeFiles, fakePrompter, json, simulatedContext } from "../testing.ts";
import type { Settings } from "../settings/settings.ts";
import { signIn } from "./sign_in.ts";
import { newSession } from "./session.ts";

const BAD = json(401, { statusCode: 401, message: "Authentication Failed: Invalid user credentials" });
const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });

async function run(
  replies: Replies,
  options: {
    readonly scenario?: Partial<Scenario>;
    readonly prompter?: Prompter;
    readonly settings?: Partial<Settings>;
    readonly files?: Record<string, string>;
  } = {},
) {
  const files = fakeFiles(options.files);
  const { context, clock, http, reporter } = simulatedContext({
    scenario: options.scenario ?? {},
    replies,
    deps: { files },
    ...(options.settings ? { settings: options.settings } : {}),
    ...(options.prompter ? { prompter: options.prompter } : {}),
  });
  let result, error: unknown;
  try {
    result = await signIn(context, newSession(context));
  } catch (thrown) {
    error = thrown;
  }
  const posts = http.log.filter((request) => request.route === "assertion").map((request) =>
    request.fields["password"]
  );
  return { result, error, log: http.log, openings: http.openings, posts, reporter, files, clock };
}

function assertError(error: unknown, exit: number, words: RegExp): asserts error is UserError {
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exit, exit, error.message);
  assert.match(error.message, words);
  assert.ok(error.hints.length > 0, "a hint is missing");
}

Deno.test("signIn() gets a token, posts once, and reads the assertion", async () => {
  const { result, log } = await run({});
  assert.deepEqual(log.map((request) => request.route), ["token", "assertion"]);
  assert.deepEqual(log[1]?.fields, {
    username_or_email: "ada",
    password: "right",
    app_id: "123456",
    subdomain: "acme",
  });
  assert.equal(result?.assertion.roles.length, 2);
  assert.equal(result?.session.identity.password, "right");
});

Deno.test("signIn() opens the connection to STS once, behind the lockout guard, and not when only roles are listed", async () => {
  const scenario = { users: [person("ada", "good")] };
  const asked = await run({}, { scenario, prompter: fakePrompter(["w2", "good"]) });
  assert.deepEqual([asked.posts.length, asked.openings.length], [3, 1]);
  const first = await run({ assertion: () => BAD });
  const stopped = await run({}, { files: Object.fromEntries(first.files.contents) });
  assertError(stopped.error, 9, /will not send the password/);
  assert.deepEqual([stopped.log, stopped.openings], [[], []]);
  const { context, http } = simulatedContext();
  await signIn(context, { ...newSession(context), rolesOnly: true });
  assert.deepEqual([http.routes(), http.openings], [["token", "assertion"], []]);
});

Deno.test("signIn() checks while OneLogin answers the first request, and posts no password before that is done", async () => {
  const refused = new UserError("the file is broken", { exit: 2 });
  for (const reply of [undefined, json(401, {})]) {
    for (const failure of [undefined, refused]) {
      const { context, http } = simulatedContext({ replies: reply ? { token: () => reply } : {} });
      const order: string[] = [];
      const beforePassword = async () => {
        order.push(`check: ${http.routes()}`);
        // The token has come, or has not.
        await new Promise((resolve) => setTimeout(resolve));
        order.push(`checked: ${http.routes()}`);
        if (failure) throw failure;
      };
      const error = await signIn(context, { ...newSession(context), beforePassword }).then(({ session }) => {
        assert.ok(!("beforePassword" in session), "a further login of the run does not check again");
      }, (error) => error);
      order.push("end");
      assert.deepEqual(order, ["check: token", "checked: token", "end"]);
      if (failure) assert.equal(error, refused);
      else assert.equal(error instanceof UserError, reply !== undefined, String(error));
      assert.deepEqual(http.routes(), error ? ["token"] : ["token", "assertion"]);
    }
  }
});

Deno.test("signIn() sends the ip of onelogin.sdk.json, and no key for it otherwise", async () => {
  const { log } = await run({}, { settings: { ip: set("198.51.100.7") } });
  assert.equal(log[1]?.fields["ip_address"], "198.51.100.7");
});

Deno.test("signIn() asks for a wrong password at most three times again, one post per answer", async () => {
  const prompter = fakePrompter(["w2", "w3", "w4", "w5", "w6"]);
  const { error, posts } = await run({ assertion: () => BAD }, { prompter });
  assertError(error, 3, /refused the user "ada" or the password/);
  assert.deepEqual(posts, ["right", "w2", "w3", "w4"]);
  assert.equal(prompter.asked.length, 3);
});

Deno.test("B4 signIn() uses the login of the last try", async () => {
  const { result, posts } = await run({}, {
    scenario: { users: [person("ada", "good")] },
    prompter: fakePrompter(["w2", "w3", "good"]),
  });
  assert.ok(result);
  assert.deepEqual(posts, ["right", "w2", "w3", "good"]);
});

Deno.test("signIn() never posts a password again that was refused", async () => {
  const { posts, reporter } = await run({ assertion: () => BAD }, {
    prompter: fakePrompter(["right", "w2", "w2", "w3", "w4"]),
  });
  // An answer that is not sent counts as one, too.
  assert.deepEqual(posts, ["right", "w2"]);
  assert.ok(reporter.lines.some((line) => line.includes("not sent again")));
});

Deno.test("signIn() lets another user be typed after a refusal, and posts the same password for that one", async () => {
  const { log, result } = await run({}, {
    scenario: { users: [person("ada", "another"), person("bob", "right")] },
    prompter: fakePrompter(["", "bob", "right"]),
  });
  assert.ok(result);
  assert.deepEqual(log.slice(1).map((request) => [request.fields["username_or_email"], request.fields["password"]]), [[
    "ada",
    "right",
  ], ["bob", "right"]]);
});

Deno.test("signIn() posts once when it may not ask", async () => {
  const { error, posts } = await run({ assertion: () => BAD });
  assertError(error, 3, /refused the user/);
  assert.deepEqual(posts, ["right"]);
});

Deno.test("signIn() asks again for a wrong subdomain and an empty user name, not for the password", async () => {
  const subdomain = await run({}, {
    scenario: { subdomain: "other" },
    prompter: fakePrompter(["https://other.onelogin.com/"]),
  });
  assert.ok(subdomain.result);
  assert.equal(subdomain.log.at(-1)?.fields["subdomain"], "other");
  const username = await run({
    assertion: (_, posts) => posts === 1 ? json(400, { message: "username is empty" }) : undefined,
  }, { scenario: { users: [person("bob", "right")] }, prompter: fakePrompter(["bob"]) });
  assert.ok(username.result);
  assert.equal(username.log.at(-1)?.fields["username_or_email"], "bob");
});

Deno.test("signIn() ends at once, with its exit code, on errors that no answer can fix", async () => {
  const cases: readonly (readonly [HttpReply, number, RegExp])[] = [
    [json(401, { message: "User is locked. Access is unauthorized" }), 3, /locked/],
    [json(404, { message: "App could not be found" }), 3, /app "123456"/],
    [json(401, { message: "Insufficient Permission" }), 3, /API client/],
    [json(401, { message: "Invalid Token" }), 3, /access token/],
    [json(400, { message: "MFA enrollment needed" }), 4, /MFA enrollment needed/],
    [json(400, { message: "bad request" }), 3, /bad request/],
    [json(401, { message: "Your password has expired" }), 3, /Your password has expired/],
    [json(429, "", { "retry-after": "9" }), 7, /limits/],
    [json(500, "<html>"), 7, /HTTP 500/],
    [json(302, "", { location: "https://evil.example" }), 7, /redirect/],
    [json(200, { message: "Authentication pending" }), 7, /not decided/],
    [json(200, "{"), 7, /no JSON/],
  ];
  for (const [reply, exit, words] of cases) {
    const { error, posts } = await run({ assertion: () => reply }, { prompter: fakePrompter(["another", "another"]) });
    assertError(error, exit, words);
    assert.deepEqual(posts, ["right"], words.source);
  }
});

Deno.test("signIn() needs an API client before it asks or sends anything", async () => {
  const { clientId: _, ...rest } = fakeContext().settings;
  const prompter = fakePrompter(["ada"]);
  const context = fakeContext({ prompter, deps: { clock: fakeClock() } });
  await assert.rejects(
    signIn({ ...context, settings: rest }, {}),
    (error: unknown) => {
      assertError(error, 2, /there is no client_id/);
      return true;
    },
  );
  assert.deepEqual(prompter.asked, []);
});

Deno.test("signIn() names which option would have answered, before any request", async () => {
  for (
    const [key, option] of [["username", /--onelogin-username/], ["password", /--onelogin-password-stdin/], [
      "appId",
      /--onelogin-app-id/,
    ], ["subdomain", /--onelogin-subdomain/]] as const
  ) {
    const { error, log } = await run({}, { settings: { [key]: undefined } as Partial<Settings> });
    assertError(error, 8, /without an answer/);
    assert.match(error.hints.join(), option);
    assert.deepEqual(log, []);
  }
});

Deno.test("signIn() asks in the order of the Python tool", async () => {
  const prompter = fakePrompter(["ada", "right", "1", "acme"], "lines");
  const missing = { username: undefined, password: undefined, appId: undefined, subdomain: undefined };
  await run({}, { prompter, settings: missing as unknown as Partial<Settings> });
  assert.deepEqual(prompter.asked.map((message) => message.split(" ")[1]), ["username", "password", "of", "subdomain"]);
});

const DEVICES = [
  { id: 1, type: "Google Authenticator", code: "492817" },
  { id: 2, type: "OneLogin Protect", code: "618203" },
  { id: 3, type: "WebAuthn" },
];
const withDevices = (devices = DEVICES): Partial<Scenario> => ({ users: [person("ada", "right", devices)] });
const MFA = { scenario: withDevices() };

Deno.test("signIn() completes the second factor on the chosen device and remembers it", async () => {
  const { result, log, files } = await run({}, {
    ...MFA,
    prompter: fakePrompter(["Google", "492817"]),
  });
  assert.ok(result);
  assert.equal(log.at(-1)?.fields["device_id"], "1");
  assert.match(files.contents.get("/home/ada/.onelogin/state.json") ?? "", /"acme\/ada": "1"/);
});

Deno.test("signIn() offers the device chosen last first, at a terminal", async () => {
  const state = { "/home/ada/.onelogin/state.json": '{"factors": {"acme/ada": "2"}}' };
  const prompter = fakePrompter(["", "618203"]);
  const offered: string[][] = [];
  const spy: Prompter = {
    ...prompter,
    choose: (question) => (offered.push(question.choices.map((each) => each.label)), prompter.choose({ ...question })),
  };
  await run({}, {
    ...MFA,
    prompter: spy,
    files: state,
  });
  assert.deepEqual(offered, [["OneLogin Protect", "Google Authenticator"]]);
});

Deno.test("signIn() shows a pipe the list as OneLogin sent it, and refuses an unsupported device by naming the others", async () => {
  const prompter = fakePrompter(["WebAuthn", "Google Authenticator", "492817"], "lines");
  const { result, reporter } = await run({}, {
    ...MFA,
    prompter,
  });
  assert.ok(result);
  assert.ok(
    reporter.lines.some((line) => line.includes('"WebAuthn" is not supported') && line.includes("OneLogin Protect")),
  );
});

Deno.test("signIn() takes --mfa-device by id or name, and names the devices when it fits none", async () => {
  for (const mfaDevice of ["2", "onelogin protect", "protect"]) {
    const { log } = await run({}, {
      ...MFA,
      settings: { mfaDevice },
    });
    assert.equal(log.at(-1)?.fields["device_id"], "2");
  }
  const none = await run({}, {
    ...MFA,
    settings: { mfaDevice: "yubikey" },
  });
  assertError(none.error, 4, /"yubikey"/);
  assert.match(none.error.hints.join(), /"Google Authenticator", "OneLogin Protect"/);
  const unsupported = await run({}, {
    ...MFA,
    settings: { mfaDevice: "webauthn" },
  });
  assertError(unsupported.error, 4, /does not support "WebAuthn"/);
  assert.match(unsupported.error.hints.join(), /"OneLogin Protect", or --browser/);
});

Deno.test("signIn() needs a choice among several devices when it may not ask", async () => {
  const { error } = await run({}, MFA);
  assertError(error, 8, /MFA Device/);
  assert.match(error.hints.join(), /--mfa-device/);
});

Deno.test("signIn() explains a user without a usable device", async () => {
  assertError(
    (await run({}, { scenario: { users: [{ ...person("ada", "right", DEVICES), deviceList: "empty" }] } })).error,
    4,
    /none enrolled/,
  );
  const { error } = await run({}, { scenario: withDevices(DEVICES.slice(2)) });
  assertError(error, 4, /does not support "WebAuthn"/);
  assert.match(error.hints.join(), /--browser/);
});

Deno.test("signIn() starts afresh once when the state token expired, with the same device", async () => {
  const expired = json(401, { message: "State token is invalid or expired" });
  const { result, posts, log } = await run({ "verify-factor": (_, count) => count === 1 ? expired : undefined }, {
    ...MFA,
    prompter: fakePrompter(["Google", "111111", "492817"]),
  });
  assert.ok(result);
  assert.deepEqual(posts, ["right", "right"]);
  assert.deepEqual(
    log.filter((request) => request.route === "verify-factor").map((request) => request.fields["device_id"]),
    [
      "1",
      "1",
    ],
  );
  const twice = await run({
    "verify-factor": () => json(400, { message: "State token is invalid or expired" }),
  }, {
    ...MFA,
    prompter: fakePrompter(["Google", "1", "2", "3"]),
  });
  assertError(twice.error, 4, /ran out twice/);
  assert.equal(twice.posts.length, 2);
});

Deno.test("B8 signIn() gets a new token when OneLogin does not take the one of an earlier login any more", async () => {
  const { context, http } = simulatedContext({
    replies: { assertion: (_, posts) => posts === 2 ? json(401, { message: "Unauthorized" }) : undefined },
  });
  const { session } = await signIn(context, {});
  await signIn(context, session);
  assert.deepEqual(http.routes(), ["token", "assertion", "assertion", "token", "assertion"]);
});
