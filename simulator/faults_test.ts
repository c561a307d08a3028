import assert from "node:assert/strict";
import { faultOf } from "./faults.ts";
import type { Trouble } from "./scenario.ts";
import { startSimulator } from "./server.ts";
import type { Recorded } from "./server.ts";

const LOGIN = JSON.stringify({
  username_or_email: "ada",
  password: "correct horse battery staple",
  app_id: "123456",
  subdomain: "acme",
});

/** What the assertion call, version 1 or 2, answers under a trouble. */
async function answer(trouble: Trouble, version: 1 | 2): Promise<{ status: number; type: string; body: string }> {
  await using sim = await startSimulator({ trouble: { assertion: trouble } });
  const json = { "Content-Type": "application/json" };
  const { clientId, clientSecret } = sim.scenario;
  const token = await (await fetch(`${sim.url}/auth/oauth2/v2/token`, {
    method: "POST",
    headers: { ...json, Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: JSON.stringify({ grant_type: "client_credentials" }),
  })).json();
  const reply = await fetch(`${sim.url}/api/${version}/saml_assertion`, {
    method: "POST",
    headers: { ...json, Authorization: `bearer ${token.access_token}` },
    body: LOGIN,
  });
  const result = { status: reply.status, type: reply.headers.get("content-type") ?? "", body: await reply.text() };
  assert.deepEqual(sim.unexpected, []);
  return result;
}

Deno.test("faultOf: each trouble of OneLogin is answered with its status and kind of body", async () => {
  const cases: readonly [Trouble, number, RegExp, RegExp][] = [
    ["rate-limited", 429, /json/, /Rate limit exceeded/],
    ["error-500-html", 500, /html/, /<html>/],
    ["gateway-502-html", 502, /html/, /Bad Gateway/],
    ["gateway-504-html", 504, /html/, /Gateway Time-out/],
    ["unavailable-503", 503, /html/, /Service Unavailable/],
    ["error-under-200", 200, /json/, /"error":true|"statusCode":500/],
    ["bearer-401", 401, /json/, /"Invalid Token"|"UnauthorizedError"/],
    ["insufficient-permission", 401, /json/, /Insufficient Permission/],
    ["empty-body", 200, /json/, /^$/],
    ["empty-object", 200, /json/, /^\{\}$/],
  ];
  for (const [trouble, status, type, body] of cases) {
    for (const version of [1, 2] as const) {
      const got = await answer(trouble, version);
      assert.equal(got.status, status, String(trouble));
      assert.match(got.type, type, String(trouble));
      assert.match(got.body, body, String(trouble));
    }
  }
});

Deno.test("faultOf: truncated JSON does not parse, and wrong types do but hold nothing of use", async () => {
  for (const version of [1, 2] as const) {
    const cut = await answer("truncated", version);
    assert.ok(cut.status === 200 && cut.body.length > 50);
    assert.throws(() => JSON.parse(cut.body));
    const wrong = JSON.parse((await answer("wrong-types", version)).body);
    if (version === 1) assert.equal(wrong.data, 7);
    else assert.deepEqual([typeof wrong.state_token, wrong.devices], ["object", "none"]);
  }
});

Deno.test("faultOf: credentials go from an STS reply with or without a prefix, and the rest stays", () => {
  const fault = faultOf("missing-credentials", {} as Recorded, undefined as never);
  assert.ok(fault.kind === "rewrite");
  for (const prefix of ["", "sts:"]) {
    const body = `<${prefix}A><${prefix}Credentials><x/></${prefix}Credentials><${prefix}Subject/></${prefix}A>`;
    const reply = fault.reply({ status: 200, headers: {}, body });
    assert.equal(reply.body, `<${prefix}A><${prefix}Subject/></${prefix}A>`);
  }
});

Deno.test("simulator: troubles come in order, then all is well, and unused ones are reported", async () => {
  await using sim = await startSimulator({
    trouble: { "rate-limit": ["gateway-502-html", undefined, "rate-limited"] },
  });
  const ask = async () => {
    const reply = await fetch(`${sim.url}/auth/rate_limit`);
    await reply.body?.cancel();
    return reply.status;
  };
  assert.deepEqual([await ask(), await ask()], [502, 401]);
  assert.deepEqual(sim.unmet, ["1 more of the trouble with rate-limit"]);
  assert.deepEqual([await ask(), await ask()], [429, 401]);
  assert.deepEqual(sim.unmet, []);
  assert.deepEqual(sim.to("rate-limit").map((request) => request.status), [502, 401, 429, 401]);
});
