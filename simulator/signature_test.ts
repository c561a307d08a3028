import assert from "node:assert/strict";
import { AwsClient } from "aws4fetch";
import { ACCOUNTS, role } from "./demo_world.ts";
import { verifySignature } from "./signature.ts";
import { startSimulator, stoppedClock } from "./server.ts";
import type { SimulatedKey } from "./scenario.ts";

const key: SimulatedKey = {
  accessKeyId: "ASIAQEXAMPLEEXAMPLE7",
  secretAccessKey: "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYexampleSK",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLEtoken+/==",
  arn: "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com",
  account: "123456789012",
  userId: "AROAQEXAMPLEEXAMPLE77:ada@example.com",
};

// Made by botocore and by hand, with equal result.
const SIGNED = {
  method: "POST",
  path: "/",
  query: new URLSearchParams(),
  body: "Action=GetCallerIdentity&Version=2011-06-15",
  headers: new Map([
    ["host", "sts.eu-west-1.amazonaws.com"],
    ["content-type", "application/x-www-form-urlencoded; charset=utf-8"],
    ["x-amz-date", "20270115T083000Z"],
    ["x-amz-security-token", "IQoJb3JpZ2luX2VjEXAMPLEtoken+/=="],
    [
      "authorization",
      "AWS4-HMAC-SHA256 Credential=ASIAQEXAMPLEEXAMPLE7/20270115/eu-west-1/sts/aws4_request, " +
      "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, " +
      "Signature=d7c7dcd4ed1bd72bcac16b92c06120f3e8c9257db21eff397ffb6ad027d9694a",
    ],
  ]),
};
const AT = Date.parse("2027-01-15T08:30:00Z");

Deno.test("verifySignature: takes the request that botocore signs", async () => {
  const verdict = await verifySignature(SIGNED, () => key, AT);
  assert.deepEqual(verdict, { ok: true, key, region: "eu-west-1" });
});

Deno.test("verifySignature: refuses any change, another key, a missing token, and a wrong clock", async () => {
  const code = async (request: typeof SIGNED, known: SimulatedKey | undefined = key, at = AT) => {
    const verdict = await verifySignature(request, () => known, at);
    return verdict.ok ? "ok" : verdict.code;
  };
  const changed = (name: string, value: string) => ({ ...SIGNED, headers: new Map(SIGNED.headers).set(name, value) });
  const without = (name: string) => {
    const headers = new Map(SIGNED.headers);
    headers.delete(name);
    return { ...SIGNED, headers };
  };
  assert.equal(await code({ ...SIGNED, body: `${SIGNED.body}&x=1` }), "SignatureDoesNotMatch");
  assert.equal(await code(changed("host", "sts.eu-west-2.amazonaws.com")), "SignatureDoesNotMatch");
  assert.equal(await code(changed("content-type", "text/plain")), "SignatureDoesNotMatch");
  assert.equal(await code(changed("x-amz-security-token", "other")), "InvalidClientTokenId");
  assert.equal(await code(changed("x-amz-content-sha256", "0".repeat(64))), "SignatureDoesNotMatch");
  assert.equal(await code(without("x-amz-security-token")), "IncompleteSignature");
  assert.equal(await code(without("authorization")), "MissingAuthenticationToken");
  const { sessionToken: _, ...longTerm } = key;
  assert.equal(await code(SIGNED, longTerm), "InvalidClientTokenId");
  assert.equal(await code(SIGNED, { ...key, secretAccessKey: "other" }), "SignatureDoesNotMatch");
  assert.equal(await code(SIGNED, { ...key, expiresAt: AT }), "ExpiredToken");
  assert.equal(await code(SIGNED, key, AT + 300_001), "SignatureDoesNotMatch");
});

Deno.test("simulator: signed operations take what aws4fetch signs, chains a role, and caps it at an hour", async () => {
  await using sim = await startSimulator({}, { clock: stoppedClock(Date.now()) });
  const issued = sim.issueKey(role(ACCOUNTS.dev, "Admin").roleArn, 3600);
  const client = new AwsClient({
    accessKeyId: issued.accessKeyId,
    secretAccessKey: issued.secretAccessKey,
    sessionToken: issued.sessionToken ?? "",
    service: "sts",
    region: "eu-west-1",
    retries: 0,
  });
  const ask = async (fields: Record<string, string>) => {
    const reply = await client.fetch(sim.url, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ Version: "2011-06-15", ...fields }).toString(),
    });
    return `${reply.status} ${await reply.text()}`;
  };
  assert.match(await ask({ Action: "GetCallerIdentity" }), new RegExp(`^200[^]*<Account>${ACCOUNTS.dev}</Account>`));
  const chain = { Action: "AssumeRole", RoleArn: role(ACCOUNTS.prod, "Deploy").roleArn, RoleSessionName: "ada" };
  assert.match(await ask(chain), /^200[^]*assumed-role\/Deploy\/ada</);
  assert.match(await ask({ ...chain, DurationSeconds: "3601" }), /^400[^]*role chaining/);
  sim.set({ roleRules: { [chain.RoleArn]: { trusted: false } } });
  assert.match(await ask(chain), /^403[^]*not authorized to perform: sts:AssumeRole/);
  sim.clock.advance(200_000);
  assert.deepEqual(sim.unexpected, []);
  assert.equal(sim.to("AssumeRole")[0]?.signedRegion, "eu-west-1");
});
