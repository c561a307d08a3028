import assert from "node:assert/strict";
import { ACCOUNTS, role } from "./demo_world.ts";
import { startSimulator, stoppedClock } from "./server.ts";
import type { Scenario } from "./scenario.ts";

const NOON = Date.parse("2027-01-15T12:00:00Z");

async function document(change: Partial<Scenario>): Promise<{ base64: string; xml: string }> {
  await using sim = await startSimulator(change, { clock: stoppedClock(NOON) });
  const base64 = sim.issueAssertion();
  return { base64, xml: atob(base64) };
}

Deno.test("issueAssertion: one line of base64 that ends as OneLogin's does, times from the clock", async () => {
  const { base64, xml } = await document({});
  assert.match(base64, /^[A-Za-z0-9+/]+=*$/);
  assert.ok(base64.endsWith("Cgo=") || xml.endsWith("\n\n"));
  assert.match(xml, /^<samlp:Response [^>]*IssueInstant="2027-01-15T12:00:00Z"/);
  assert.match(xml, /NotBefore="2027-01-15T11:57:00Z" NotOnOrAfter="2027-01-15T12:03:00Z"/);
  assert.match(xml, new RegExp(`>arn:aws:iam::${ACCOUNTS.dev}:role/Admin,arn:aws:iam::${ACCOUNTS.dev}:saml-provider/`));
});

Deno.test("issueAssertion: each option shows in the document", async () => {
  const has = async (saml: Scenario["saml"], pattern: RegExp) => assert.match((await document({ saml })).xml, pattern);
  await has({ prefix: "saml2" }, /<saml2:Assertion /);
  await has({ prefix: "" }, /<Assertion [^]*<AttributeValue /);
  await has({ sessionDuration: 28800 }, /SessionDuration"><saml:AttributeValue xsi:type="xs:string">28800</);
  await has({ comments: true }, /:role\/A<!-- x -->dmin/);
  await has({ cdata: true }, /<!\[CDATA\[arn:aws/);
  await has({ references: true }, /Admin&#44;arn/);
  await has({ doctype: true }, /^<!DOCTYPE/);
  await has({ roleAttribute: "default" }, />Default</);
  await has({ encrypted: true }, /EncryptedAssertion/);
  await has({ fractionalTimes: true }, /IssueInstant="2027-01-15T12:00:00\.000\+00:00"/);
  await has({ splitRoles: true }, /Attributes\/Role"(?:[^]*Attributes\/Role"){4}/);
  assert.ok(!(await document({ saml: { roleAttribute: "absent" } })).xml.includes('Attributes/Role"'));
  assert.ok(!(await document({ saml: { encrypted: true } })).xml.includes("AttributeStatement"));
});

Deno.test("issueAssertion: STS knows the pairs whatever the markup", async () => {
  const pair = role(ACCOUNTS.dev, "Admin");
  const text = `${pair.roleArn},${pair.providerArn}`;
  const markups: Partial<Scenario>[] = [
    { saml: { comments: true } },
    { saml: { cdata: true } },
    { saml: { references: true } },
    { roles: [{ ...pair, order: "provider-first", blanks: true }] },
    { roles: [text] },
    { roles: [{ xml: text.replace("Admin", "Ad<?pi x?><![CDATA[mi]]>n").replace(",", "&#x2C;") }] },
  ];
  for (const change of markups) {
    await using sim = await startSimulator(change);
    const reply = await fetch(sim.url, {
      method: "POST",
      body: new URLSearchParams({
        Action: "AssumeRoleWithSAML",
        Version: "2011-06-15",
        RoleArn: pair.roleArn,
        PrincipalArn: pair.providerArn,
        SAMLAssertion: sim.issueAssertion(),
      }),
    });
    assert.equal(reply.status, 200, JSON.stringify(change));
    await reply.body?.cancel();
    assert.deepEqual(sim.unexpected, []);
  }
});
