import assert from "node:assert/strict";
import { ADA, AUTHENTICATOR, PROTECT } from "./demo_world.ts";
import { startSimulator } from "./server.ts";
import type { Scenario, Simulator } from "./server.ts";

const LOGIN = { username_or_email: "ada", password: ADA.password, app_id: 123456, subdomain: "acme" };

// deno-lint-ignore no-explicit-any
async function call(sim: Simulator, path: string, body: unknown): Promise<{ status: number; json: any }> {
  const headers = { "Content-Type": "application/json" };
  const { clientId, clientSecret } = sim.scenario;
  const token = await (await fetch(`${sim.url}/auth/oauth2/v2/token`, {
    method: "POST",
    headers: { ...headers, Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: JSON.stringify({ grant_type: "client_credentials" }),
  })).json();
  const bearer = token.access_token ?? token.data?.access_token ?? token.data?.[0].access_token;
  const reply = await fetch(sim.url + path, {
    method: "POST",
    headers: { ...headers, Authorization: `bearer ${bearer}` },
    body: JSON.stringify(body),
  });
  return { status: reply.status, json: await reply.json() };
}

async function login(change: Partial<Scenario>, more: Record<string, unknown> = {}) {
  await using sim = await startSimulator(change);
  const reply = await call(sim, "/api/2/saml_assertion", { ...LOGIN, ...more });
  assert.deepEqual(sim.unexpected, []);
  return reply;
}

Deno.test("assertion: the reply may lack devices, user or its id, and have devices with further fields", async () => {
  const user = (more: Partial<typeof ADA>) => ({ users: [{ ...ADA, ...more }] });
  assert.ok(!("devices" in (await login(user({ deviceList: "missing" }))).json));
  assert.deepEqual((await login(user({ deviceList: "empty" }))).json.devices, []);
  assert.ok(!("user" in (await login(user({ userField: "missing" }))).json));
  assert.deepEqual(Object.keys((await login(user({ userField: "without-id" }))).json.user)[0], "username");
  const duo = { id: 1, type: "Duo Duo Security", extra: { duo_api_hostname: "api-1.example" } };
  assert.deepEqual((await login(user({ devices: [duo, { ...duo, id: 2 }] }))).json.devices, [
    { device_id: 1, device_type: "Duo Duo Security", duo_api_hostname: "api-1.example" },
    { device_id: 2, device_type: "Duo Duo Security", duo_api_hostname: "api-1.example" },
  ]);
});

Deno.test("assertion: an address on the list needs no second factor, another one does", async () => {
  const change = { mfaBypassAddresses: ["198.51.100.7"] };
  assert.equal((await login(change, { ip_address: "198.51.100.7" })).json.message, "Success");
  assert.match((await login(change, { ip_address: "198.51.100.8" })).json.message, /MFA is required/);
});

Deno.test("assertion: refuses with the text of the scenario, and a locked user in any case", async () => {
  const refusal = { status: 401, message: "Your password has expired" };
  assert.equal((await login({ users: [{ ...ADA, refusal }] })).json.message, "Your password has expired");
  assert.match((await login({ users: [{ ...ADA, locked: true }] })).json.message, /^User is locked/);
});

Deno.test("assertion: pending may be sent again, the number of times of the scenario", async () => {
  await using sim = await startSimulator({ pendingAssertions: 2 });
  const texts: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) texts.push((await call(sim, "/api/2/saml_assertion", LOGIN)).json.message);
  assert.deepEqual(texts, ["Authentication pending", "Authentication pending", "MFA is required for this user"]);
  assert.deepEqual(sim.unexpected, []);
});

Deno.test("token: the wrapped bodies hold the same token", async () => {
  for (const tokenBody of ["array", "object"] as const) {
    assert.match((await login({ tokenBody })).json.message, /MFA is required/);
  }
});

Deno.test("verify factor: a push is approved after a time of the clock, and another push asks again", async () => {
  await using sim = await startSimulator({ push: { approveAfterMs: 20_000 } });
  const { json } = await call(sim, "/api/1/saml_assertion", LOGIN);
  const ask = async (doNotNotify: boolean) =>
    (await call(sim, "/api/1/saml_assertion/verify_factor", {
      app_id: "123456",
      device_id: String(PROTECT.id),
      state_token: json.data[0].state_token,
      do_not_notify: doNotNotify,
    })).json.status.type;
  assert.equal(await ask(false), "pending");
  sim.clock.advance(19_000);
  assert.equal(await ask(true), "pending");
  assert.equal(await ask(false), "pending");
  sim.clock.advance(19_000);
  assert.equal(await ask(true), "pending");
  sim.clock.advance(1_500);
  assert.equal(await ask(true), "success");
  assert.equal(sim.notifications, 2);
});

Deno.test("verify factor: a rejected push fails, and polling on is noted", async () => {
  await using sim = await startSimulator({ push: { rejectAfterPolls: 1 } });
  const { json } = await call(sim, "/api/2/saml_assertion", LOGIN);
  const ask = (doNotNotify: boolean) =>
    call(sim, "/api/2/saml_assertion/verify_factor", {
      app_id: "123456",
      device_id: String(PROTECT.id),
      state_token: json.state_token,
      do_not_notify: doNotNotify,
    });
  await ask(false);
  const rejected = await ask(true);
  assert.deepEqual([rejected.status, rejected.json.message], [401, "Failed authentication with this factor"]);
  assert.deepEqual(sim.unexpected, []);
  await ask(true);
  assert.match(sim.unexpected.join(), /answered already/);
});

Deno.test("verify factor: another app, device or version than that of the state token is noted", async () => {
  const cases: readonly [RegExp, Record<string, unknown>, number][] = [
    [/another app/, { app_id: "654321" }, 2],
    [/which the user does not have/, { device_id: "1" }, 2],
    [/another API version/, {}, 1],
    [/the field "otp"/, { otp: "1" }, 2],
    [/optional field with the wrong type/, { otp_token: 492817 }, 2],
  ];
  for (const [pattern, more, version] of cases) {
    await using sim = await startSimulator();
    const { json } = await call(sim, "/api/2/saml_assertion", LOGIN);
    await call(sim, `/api/${version}/saml_assertion/verify_factor`, {
      app_id: "123456",
      device_id: String(AUTHENTICATOR.id),
      state_token: json.state_token,
      otp_token: AUTHENTICATOR.code,
      ...more,
    });
    assert.match(sim.unexpected.join("\n"), pattern);
  }
});

Deno.test("verify factor: a device that this API cannot complete is refused and noted", async () => {
  await using sim = await startSimulator({ users: [{ ...ADA, devices: [{ id: 5, type: "WebAuthn" }] }] });
  const { json } = await call(sim, "/api/2/saml_assertion", LOGIN);
  const factor = { app_id: "123456", device_id: "5", state_token: json.state_token };
  assert.equal((await call(sim, "/api/2/saml_assertion/verify_factor", factor)).status, 400);
  assert.match(sim.unexpected.join(), /cannot complete/);
});
