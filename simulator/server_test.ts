import assert from "node:assert/strict";
import { ACCOUNTS, ADA, AUTHENTICATOR, DEMO_SCENARIO, manyRoles, PROTECT, role, SMS } from "./demo_world.ts";
import { startSimulator, stoppedClock } from "./server.ts";
import type { Simulator } from "./server.ts";

const NOON = Date.parse("2027-01-15T12:00:00Z");
const alone = { ...ADA, devices: [] };

async function bearer(sim: Simulator): Promise<string> {
  const reply = await fetch(`${sim.url}/auth/oauth2/v2/token`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Authorization": `client_id:${DEMO_SCENARIO.clientId}, client_secret:${DEMO_SCENARIO.clientSecret}`,
    },
    body: JSON.stringify({ grant_type: "client_credentials" }),
  });
  assert.equal(reply.status, 200);
  return (await reply.json()).access_token;
}

async function post(
  sim: Simulator,
  path: string,
  body: unknown,
  // deno-lint-ignore no-explicit-any
): Promise<{ status: number; json: any; headers: Headers }> {
  const reply = await fetch(sim.url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Authorization": `bearer:${await bearer(sim)}` },
    body: JSON.stringify(body),
  });
  return { status: reply.status, json: await reply.json(), headers: reply.headers };
}

const LOGIN = { username_or_email: ADA.email, password: ADA.password, app_id: "123456", subdomain: "acme" };

async function sts(
  sim: Simulator,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const reply = await fetch(sim.url, { method: "POST", headers, body: new URLSearchParams(fields) });
  return { status: reply.status, text: await reply.text() };
}

function samlFields(assertion: string, more: Record<string, string> = {}): Record<string, string> {
  const { roleArn, providerArn } = role(ACCOUNTS.dev, "Admin");
  return {
    Action: "AssumeRoleWithSAML",
    Version: "2011-06-15",
    RoleArn: roleArn,
    PrincipalArn: providerArn,
    SAMLAssertion: assertion,
    ...more,
  };
}

function field(xml: string, name: string): string {
  return new RegExp(`<(?:\\w+:)?${name}>([^<]*)</`).exec(xml)?.[1] ?? "";
}

for (const version of [1, 2]) {
  Deno.test(`simulator: a login without a second factor ends in keys, API version ${version}`, async () => {
    await using sim = await startSimulator({ users: [alone] });
    const login = await post(sim, `/api/${version}/saml_assertion`, LOGIN);
    assert.equal(login.status, 200);
    assert.equal(version === 1 ? login.json.status.message : login.json.message, "Success");
    assert.ok(login.headers.get("x-ratelimit-remaining"));
    const keys = await sts(sim, samlFields(login.json.data, { DurationSeconds: "900" }));
    assert.equal(keys.status, 200);
    assert.match(field(keys.text, "AccessKeyId"), /^ASIA[A-Z2-7]{16}$/);
    assert.equal(field(keys.text, "Arn"), `arn:aws:sts::${ACCOUNTS.dev}:assumed-role/Admin/ada@example.com`);
    const left = Date.parse(field(keys.text, "Expiration")) - sim.clock.now();
    assert.ok(left > 895_000 && left <= 900_000, `${left}`);
    assert.deepEqual(sim.unexpected, []);
    assert.deepEqual(sim.requests.map((request) => request.route), ["token", "assertion", "AssumeRoleWithSAML"]);
  });
}

Deno.test("simulator: a push is sent once, polled, and approved after the polls of the scenario", async () => {
  await using sim = await startSimulator({ push: { approveAfterPolls: 2 } });
  const { json } = await post(sim, "/api/2/saml_assertion", LOGIN);
  assert.equal(json.message, "MFA is required for this user");
  assert.deepEqual(json.devices[0], { device_id: PROTECT.id, device_type: "OneLogin Protect" });
  assert.ok(!json.callback_url.includes("127.0.0.1"));
  const factor = { app_id: "123456", device_id: String(PROTECT.id), state_token: json.state_token };
  const ask = (doNotNotify: boolean) =>
    post(sim, "/api/2/saml_assertion/verify_factor", { ...factor, do_not_notify: doNotNotify });
  assert.match((await ask(false)).json.message, /pending/);
  assert.match((await ask(true)).json.message, /pending/);
  assert.equal((await ask(true)).json.message, "Success");
  assert.equal(sim.notifications, 1);
  assert.deepEqual(sim.to("verify-factor").map((request) => request.fields["do_not_notify"]), [false, true, true]);
  assert.deepEqual(sim.unexpected, []);
  assert.equal((await ask(true)).json.message, "State token is invalid or expired");
});

Deno.test("simulator: a push can be approved and rejected by hand", async () => {
  for (const decision of ["approve", "reject"]) {
    await using sim = await startSimulator({ push: "never" });
    const { json } = await post(sim, "/api/1/saml_assertion", LOGIN);
    const factor = { app_id: 123456, device_id: String(PROTECT.id), state_token: json.data[0].state_token };
    assert.throws(() => sim.approvePush(), /no push waits/);
    const ask = (doNotNotify: boolean) =>
      post(sim, "/api/1/saml_assertion/verify_factor", { ...factor, do_not_notify: doNotNotify });
    await ask(false);
    assert.equal((await ask(true)).json.status.type, "pending");
    if (decision === "approve") sim.approvePush();
    else sim.rejectPush();
    const end = await ask(true);
    assert.equal(end.status, decision === "approve" ? 200 : 401);
    assert.deepEqual(sim.unexpected, []);
  }
});

Deno.test("simulator: a poll without a push is noted", async () => {
  await using sim = await startSimulator();
  const { json } = await post(sim, "/api/2/saml_assertion", LOGIN);
  await post(sim, "/api/2/saml_assertion/verify_factor", {
    app_id: "123456",
    device_id: String(PROTECT.id),
    state_token: json.state_token,
    do_not_notify: true,
  });
  assert.match(sim.unexpected.join(), /never sent/);
  assert.equal(sim.notifications, 0);
});

Deno.test("simulator: codes are right or wrong, empty ones refused, messages must be sent first", async () => {
  await using sim = await startSimulator();
  const { json } = await post(sim, "/api/2/saml_assertion", LOGIN);
  const ask = (device: number | string, code?: string) =>
    post(sim, "/api/2/saml_assertion/verify_factor", {
      app_id: "123456",
      device_id: String(device),
      state_token: json.state_token,
      ...(code === undefined ? {} : { otp_token: code }),
    });
  assert.equal((await ask(AUTHENTICATOR.id)).json.message, "OTP token blank");
  assert.equal((await ask(AUTHENTICATOR.id, "000000")).json.message, "Failed authentication with this factor");
  assert.equal((await ask(SMS.id, SMS.code)).status, 401);
  assert.match((await ask(SMS.id)).json.message, /^SMS token sent/);
  assert.equal((await ask(SMS.id, "000000")).status, 401);
  assert.equal((await ask(SMS.id, SMS.code)).json.message, "Success");
  assert.equal(sim.notifications, 1);
  assert.deepEqual(sim.unexpected, []);
});

Deno.test("simulator: a state token ends after 120 s of its clock, with the status of the scenario", async () => {
  for (const status of [400, 401] as const) {
    const clock = stoppedClock(NOON);
    await using sim = await startSimulator({ stateExpiredStatus: status }, { clock });
    const { json } = await post(sim, "/api/2/saml_assertion", LOGIN);
    const factor = {
      app_id: "123456",
      device_id: String(AUTHENTICATOR.id),
      state_token: json.state_token,
      otp_token: "492817",
    };
    clock.advance(120_000);
    const late = await post(sim, "/api/2/saml_assertion/verify_factor", factor);
    assert.equal(late.status, status);
    assert.equal(late.json.message, "State token is invalid or expired");
  }
});

Deno.test("simulator: a refused password is noted when it is posted again, and the account locks", async () => {
  await using sim = await startSimulator({ users: [{ ...alone, lockAfter: 2 }] });
  const wrong = await post(sim, "/api/2/saml_assertion", { ...LOGIN, password: "first" });
  assert.deepEqual(wrong.json, {
    statusCode: 401,
    name: "Unauthorized",
    message: "Authentication Failed: Invalid user credentials",
  });
  assert.deepEqual(sim.unexpected, []);
  await post(sim, "/api/2/saml_assertion", { ...LOGIN, password: "first" });
  assert.match(sim.unexpected.join(), /refused is posted again/);
  const locked = await post(sim, "/api/1/saml_assertion", LOGIN);
  assert.equal(locked.json.status.message, "User is locked. Access is unauthorized");
  assert.equal(sim.passwordPosts, 3);
  sim.set({ users: [alone] });
  assert.equal((await post(sim, "/api/2/saml_assertion", LOGIN)).json.message, "Success");
});

Deno.test("simulator: a login that failed is noted when the same run posts it again", async () => {
  await using sim = await startSimulator({ users: [alone], trouble: { assertion: ["rate-limited", "truncated"] } });
  const send = () => post(sim, "/api/2/saml_assertion", LOGIN).catch(() => undefined);
  assert.equal((await send())?.status, 429);
  sim.beginRun();
  await send();
  assert.deepEqual(sim.unexpected, []);
  await send();
  assert.match(sim.unexpected.join(), /posted again, password included/);
});

Deno.test("simulator: refusals have the status and text that the service gives", async () => {
  await using sim = await startSimulator({
    users: [{ ...alone, apps: ["123456"] }],
    apps: [{ id: "123456" }, { id: "7" }],
  });
  const cases = [
    [{ ...LOGIN, username_or_email: "" }, 400, "username is empty"],
    [{ ...LOGIN, password: "" }, 400, "password is empty"],
    [{ ...LOGIN, app_id: "" }, 400, "bad request"],
    [{ ...LOGIN, subdomain: "other" }, 400, "Invalid subdomain"],
    [{ ...LOGIN, app_id: "7" }, 404, "App could not be found"],
    [{ ...LOGIN, app_id: "8" }, 404, "App could not be found"],
  ] as const;
  for (const [body, status, message] of cases) {
    const reply = await post(sim, "/api/2/saml_assertion", body);
    assert.deepEqual([reply.status, reply.json.message], [status, message]);
  }
  assert.deepEqual(sim.unexpected, []);
});

Deno.test("simulator: unknown fields, routes, methods and content types are noted", async () => {
  const cases: readonly [string, RegExp, (sim: Simulator) => Promise<unknown>][] = [
    ["field", /the field "remember_me"/, (sim) => post(sim, "/api/2/saml_assertion", { ...LOGIN, remember_me: true })],
    ["route", /no such route/, (sim) => post(sim, "/api/3/saml_assertion", LOGIN)],
    ["method", /the method is POST/, async (sim) => await (await fetch(`${sim.url}/api/2/saml_assertion`)).text()],
    ["bearer", /no bearer token/, async (sim) =>
      await (await fetch(`${sim.url}/api/2/saml_assertion`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(LOGIN),
      })).text()],
    ["type", /content type "text\/plain"/, async (sim) =>
      await (await fetch(`${sim.url}/api/2/saml_assertion`, {
        method: "POST",
        headers: { "Content-Type": "text/plain", "Authorization": `Bearer ${await bearer(sim)}` },
        body: JSON.stringify(LOGIN),
      })).text()],
    [
      "number as device",
      /wrong type/,
      (sim) => post(sim, "/api/2/saml_assertion/verify_factor", { app_id: "1", device_id: 5, state_token: "x" }),
    ],
    [
      "state token",
      /never given out/,
      (sim) => post(sim, "/api/2/saml_assertion/verify_factor", { app_id: "1", device_id: "5", state_token: "x" }),
    ],
    [
      "dotted subdomain",
      /with a dot/,
      (sim) => post(sim, "/api/2/saml_assertion", { ...LOGIN, subdomain: "acme.onelogin.com" }),
    ],
  ];
  for (const [name, pattern, act] of cases) {
    await using sim = await startSimulator({ users: [alone] });
    await act(sim);
    assert.match(sim.unexpected.join("\n"), pattern, name);
  }
});

Deno.test("simulator: the three forms of client credentials and four of the bearer are taken", async () => {
  await using sim = await startSimulator({ users: [alone] });
  const { clientId, clientSecret } = DEMO_SCENARIO;
  const token = `${sim.url}/auth/oauth2/v2/token`;
  const body = JSON.stringify({ grant_type: "client_credentials" });
  const headers = { "Content-Type": "application/json" };
  const forms: RequestInit[] = [
    { headers: { ...headers, Authorization: `client_id:${clientId},client_secret:${clientSecret}` }, body },
    { headers: { ...headers, Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }, body },
    {
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
      }),
    },
  ];
  const tokens = await Promise.all(
    forms.map(async (form) => (await (await fetch(token, { method: "POST", ...form })).json()).access_token),
  );
  assert.equal(new Set(tokens).size, 1, "the v2 endpoint hands out the same token");
  for (const form of ["bearer ", "Bearer ", "bearer:", "bearer: "]) {
    const reply = await fetch(`${sim.url}/api/2/saml_assertion`, {
      method: "POST",
      headers: { ...headers, Authorization: form + tokens[0] },
      body: JSON.stringify(LOGIN),
    });
    assert.equal((await reply.json()).message, "Success", form);
  }
  const wrong = await fetch(token, {
    method: "POST",
    headers: { ...headers, Authorization: `client_id:${clientId}, client_secret:no` },
    body,
  });
  assert.equal(wrong.status, 401);
  await wrong.body?.cancel();
  assert.deepEqual(sim.unexpected, []);
});

Deno.test("simulator: a bearer token ends after its life, and at once when revoked", async () => {
  const clock = stoppedClock(NOON);
  await using sim = await startSimulator({ users: [alone] }, { clock });
  const first = await bearer(sim);
  const call = async () => {
    const reply = await fetch(`${sim.url}/api/2/saml_assertion`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Authorization": `bearer ${first}` },
      body: JSON.stringify(LOGIN),
    });
    await reply.body?.cancel();
    return reply.status;
  };
  assert.equal(await call(), 200);
  clock.advance(36_000_000);
  assert.equal(await call(), 401);
  assert.notEqual(await bearer(sim), first);
  assert.deepEqual(sim.unexpected, []);
});

Deno.test("simulator: device details need a scope that the default API client does not have", async () => {
  for (const scope of ["authentication-only", "read-users"] as const) {
    await using sim = await startSimulator({ scope });
    const headers = { Authorization: `bearer:${await bearer(sim)}` };
    const v1 = await fetch(`${sim.url}/api/1/users/${ADA.id}/otp_devices`, { headers });
    const v2 = await fetch(`${sim.url}/api/2/mfa/users/${ADA.id}/devices`, { headers });
    const one = await v1.json();
    const two = await v2.json();
    if (scope === "authentication-only") {
      assert.deepEqual([v1.status, v2.status], [401, 401]);
      assert.equal(one.status.message, "Insufficient Permission");
    } else {
      assert.equal(one.data.otp_devices[0].user_display_name, "Ada's phone");
      assert.equal(two[0].device_id, String(PROTECT.id));
    }
    assert.deepEqual(sim.unexpected, []);
  }
});

Deno.test("simulator: STS takes only the assertion that was issued, unsigned, encoded and fresh", async () => {
  const clock = stoppedClock(NOON);
  await using sim = await startSimulator({ users: [alone] }, { clock });
  const assertion = sim.issueAssertion();
  const expectUnexpected = (pattern: RegExp) => {
    assert.match(sim.unexpected.join("\n"), pattern);
    (sim.unexpected as string[]).length = 0;
  };
  assert.equal((await sts(sim, samlFields(assertion))).status, 200);
  assert.deepEqual(sim.unexpected, []);

  const changed = assertion.replace("P", "Q");
  assert.equal(field((await sts(sim, samlFields(changed))).text, "Message"), "Response signature invalid");
  expectUnexpected(/byte for byte/);

  const raw = Object.entries(samlFields(assertion)).map(([name, value]) => `${name}=${value}`).join("&");
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  await (await fetch(sim.url, { method: "POST", headers, body: raw })).text();
  expectUnexpected(/byte for byte/);

  assert.equal((await sts(sim, samlFields(assertion), { Authorization: "AWS4-HMAC-SHA256 x" })).status, 403);
  expectUnexpected(/"authorization" on an unsigned operation/);

  await sts(sim, samlFields(assertion, { Tags: "x" }));
  expectUnexpected(/the parameter "Tags"/);

  const swapped = samlFields(assertion);
  const reply = await sts(sim, { ...swapped, RoleArn: swapped["PrincipalArn"]!, PrincipalArn: swapped["RoleArn"]! });
  assert.equal(field(reply.text, "Message"), "Request ARN is invalid");
  expectUnexpected(/no role/);

  assert.match(
    (await sts(sim, samlFields(assertion, { DurationSeconds: "300" }))).text,
    /greater than or equal to 900/,
  );
  expectUnexpected(/out of their limits/);

  clock.advance(299_000);
  assert.equal((await sts(sim, samlFields(assertion))).status, 200);
  clock.advance(1_000);
  assert.equal(field((await sts(sim, samlFields(assertion))).text, "Code"), "ExpiredTokenException");
  assert.deepEqual(sim.unexpected, []);
});

Deno.test("simulator: roles have their own maximum, trust and partition", async () => {
  const { roleArn } = role(ACCOUNTS.dev, "Admin");
  await using sim = await startSimulator({ roleRules: { [roleArn]: { maxSessionDuration: 3600 } } });
  const assertion = sim.issueAssertion();
  assert.match((await sts(sim, samlFields(assertion, { DurationSeconds: "3601" }))).text, /MaxSessionDuration/);
  assert.equal((await sts(sim, samlFields(assertion))).status, 200);
  sim.set({ roleRules: { [roleArn]: { trusted: false } } });
  const refused = await sts(sim, samlFields(assertion));
  assert.deepEqual([refused.status, field(refused.text, "Code")], [403, "AccessDenied"]);
  sim.set({ roleRules: {}, stsPartition: "aws-us-gov" });
  assert.match((await sts(sim, samlFields(assertion))).text, /Specified provider doesn/);
  assert.deepEqual(sim.unexpected, []);
});

Deno.test("simulator: SessionDuration and SessionNotOnOrAfter shorten the keys", async () => {
  const clock = stoppedClock(NOON);
  for (
    const [saml, seconds] of [[{ sessionDuration: 1800 }, 1800], [{ sessionNotOnOrAfterMs: 1_200_000 }, 1200]] as const
  ) {
    await using sim = await startSimulator({ saml }, { clock });
    const reply = await sts(sim, samlFields(sim.issueAssertion()));
    assert.equal(Date.parse(field(reply.text, "Expiration")), NOON + seconds * 1000);
  }
});

Deno.test("simulator: STS refuses an assertion of more than 100000 characters, as 600 roles make it", async () => {
  await using sim = await startSimulator({ roles: manyRoles(600) });
  const { roleArn, providerArn } = manyRoles(600).at(-1)!;
  const fields = samlFields(sim.issueAssertion(), { RoleArn: roleArn, PrincipalArn: providerArn });
  const refused = await sts(sim, fields);
  assert.equal(refused.status, 400);
  assert.match(
    refused.text,
    /'sAMLAssertion' failed to satisfy constraint: Member must have length less than or equal/,
  );
  assert.equal(sim.unexpected.length, 1);
  sim.set({ maxAssertionLength: 1_000_000 });
  assert.equal((await sts(sim, fields)).status, 200);
  assert.equal(sim.unexpected.length, 1);
});

Deno.test("simulator: replies of STS in another shape mean the same", async () => {
  await using sim = await startSimulator({ stsPrefix: "sts", fractionalExpiration: true });
  const ok = await sts(sim, samlFields(sim.issueAssertion()));
  assert.match(ok.text, /^<sts:AssumeRoleWithSAMLResponse xmlns:sts="https:/);
  assert.match(field(ok.text, "Expiration"), /\.\d{3}Z$/);
  sim.set({ trouble: { AssumeRoleWithSAML: ["missing-credentials", "throttling", "unavailable-503", undefined] } });
  const fields = samlFields(sim.issueAssertion());
  const missing = await sts(sim, fields);
  assert.ok(missing.status === 200 && !missing.text.includes("Credentials"));
  assert.equal(field((await sts(sim, fields)).text, "Code"), "Throttling");
  assert.equal((await sts(sim, fields)).status, 503);
  assert.equal((await sts(sim, fields)).status, 200);
});

Deno.test("simulator: the console takes only keys that were issued and gives a link that works for 15 minutes", async () => {
  const clock = stoppedClock(NOON);
  await using sim = await startSimulator({}, { clock });
  const key = sim.issueKey(role(ACCOUNTS.dev, "Admin").roleArn, 3600);
  const session = JSON.stringify({
    sessionId: key.accessKeyId,
    sessionKey: key.secretAccessKey,
    sessionToken: key.sessionToken,
  });
  const ask = (query: Record<string, string>) =>
    fetch(`${sim.url}/federation?${new URLSearchParams(query)}`, { redirect: "manual" });
  const reply = await ask({ Action: "getSigninToken", SessionDuration: "3600", Session: session });
  const { SigninToken } = await reply.json();
  const link = { Action: "login", Issuer: "x", Destination: "https://console.aws.amazon.com/", SigninToken };
  const opened = await ask(link);
  assert.deepEqual([opened.status, opened.headers.get("location")], [302, "https://console.aws.amazon.com/"]);
  await opened.body?.cancel();
  clock.advance(900_000);
  const late = await ask(link);
  assert.match(`${late.status} ${await late.text()}`, /^400 .*expired/);
  assert.deepEqual(sim.unexpected, []);
  const other = await ask({ Action: "getSigninToken", Session: session.replace(key.secretAccessKey, "other") });
  await other.body?.cancel();
  assert.match(sim.unexpected.join(), /never issued/);
});

Deno.test("simulator: requests are recorded without secrets", async () => {
  await using sim = await startSimulator({ users: [alone] });
  const { json } = await post(sim, "/api/2/saml_assertion", LOGIN);
  await sts(sim, samlFields(json.data));
  const all = JSON.stringify(sim.requests);
  for (const { kind, value } of sim.secrets) assert.ok(!all.includes(value), kind);
  assert.ok(sim.secrets.length >= 10);
  const kinds = new Set(sim.secrets.map((secret) => secret.kind));
  for (const kind of ["password", "client-secret", "bearer", "assertion", "secret-key", "session-token"] as const) {
    assert.ok(kinds.has(kind), kind);
  }
  assert.deepEqual(sim.to("assertion")[0]?.keys, ["username_or_email", "password", "app_id", "subdomain"]);
  assert.equal(sim.to("assertion")[0]?.status, 200);
});

Deno.test("simulator: the rate limit of the scenario ends in 429 with its headers", async () => {
  await using sim = await startSimulator({
    users: [alone],
    rateLimit: { limit: 5, remaining: 1, resetSeconds: 60 },
  });
  const first = await post(sim, "/api/2/saml_assertion", LOGIN);
  assert.deepEqual([first.status, first.headers.get("x-ratelimit-remaining")], [200, "0"]);
  const second = await post(sim, "/api/2/saml_assertion", LOGIN);
  assert.deepEqual([second.status, second.headers.get("x-ratelimit-limit")], [429, "5"]);
});

Deno.test("simulator: errors can come under HTTP 200, and the Date header can be wrong", async () => {
  const clock = stoppedClock(NOON);
  await using sim = await startSimulator({ errorsUnder200: true, dateSkewMs: -600_000 }, { clock });
  const reply = await post(sim, "/api/1/saml_assertion", { ...LOGIN, password: "wrong" });
  assert.deepEqual([reply.status, reply.json.status.code], [200, 401]);
  assert.equal(Date.parse(reply.headers.get("date") ?? ""), NOON - 600_000);
});
