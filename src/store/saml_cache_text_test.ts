import assert from "node:assert/strict";
import fc from "fast-check";
import { assertionReader } from "../saml/assertion.ts";
import { assertionEnd, encodeSamlCache, samlCacheReader } from "./saml_cache_text.ts";
import { responseBase64, toBase64 } from "../saml/testing.ts";

const readAssertion = await assertionReader();
const decodeSamlCache = await samlCacheReader();

const OWNER = { username: "ada@example.com", appId: "123456", subdomain: "acme" };
const NOW = Date.UTC(2027, 0, 15, 8, 31);
const BASE64 = responseBase64();
const FILE = {
  saml_response: BASE64,
  mfa_verify_info: { device_id: 666666, device_type: "OneLogin Protect" },
  username_or_email: "ada@example.com",
  onelogin_subdomain: "acme",
  app_id: "123456",
};

const outcome = (file: unknown, now = NOW, wanted: Parameters<typeof decodeSamlCache>[1] = OWNER) => {
  const cached = decodeSamlCache(typeof file === "string" ? file : JSON.stringify(file), wanted, now);
  return cached.kind === "usable" ? "usable" : cached.reason;
};

Deno.test("decodeSamlCache: reads the file of the Python tool", () => {
  const cached = decodeSamlCache(JSON.stringify(FILE), OWNER, NOW);
  assert.equal(cached.kind, "usable");
  if (cached.kind !== "usable") return;
  assert.equal(cached.assertion.base64, BASE64);
  assert.deepEqual(cached.owner, OWNER);
  assert.deepEqual(cached.device, { deviceId: "666666", deviceType: "OneLogin Protect" });
  assert.equal(cached.usableUntil, Date.UTC(2027, 0, 15, 8, 33));
});

Deno.test("encodeSamlCache: has the fields of the Python tool, no others, and is read back", () => {
  const assertion = readAssertion(BASE64);
  const device = { deviceId: "666666", deviceType: "OneLogin SMS" };
  assert.deepEqual(JSON.parse(encodeSamlCache(assertion, OWNER, device)), {
    ...FILE,
    mfa_verify_info: { device_id: "666666", device_type: "OneLogin SMS" },
  });
  assert.equal(JSON.parse(encodeSamlCache(assertion, OWNER)).mfa_verify_info, null);
  fc.assert(
    fc.property(
      fc.record({ username: fc.string(), appId: fc.string(), subdomain: fc.string() }, { noNullPrototype: true }),
      (owner) => {
        const cached = decodeSamlCache(encodeSamlCache(assertion, owner, device), owner, NOW);
        assert.equal(cached.kind, "usable");
        if (cached.kind === "usable") assert.deepEqual([cached.owner, cached.device], [owner, device]);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("decodeSamlCache: an assertion of another user, app or subdomain is not used", () => {
  assert.equal(outcome(FILE, NOW, { ...OWNER, username: "bob@example.com" }), "other-user");
  assert.equal(outcome(FILE, NOW, { ...OWNER, appId: "1234567" }), "other-app");
  assert.equal(outcome(FILE, NOW, { ...OWNER, subdomain: "other" }), "other-subdomain");
  assert.equal(outcome({ ...FILE, username_or_email: null }), "other-user");
  assert.equal(outcome({ ...FILE, app_id: undefined }), "other-app");
});

Deno.test("decodeSamlCache: a number as app id, a subdomain's case and wishes not made yet are no differences", () => {
  assert.equal(outcome({ ...FILE, app_id: 123456 }), "usable");
  assert.equal(outcome({ ...FILE, onelogin_subdomain: "ACME" }), "usable");
  assert.equal(outcome(FILE, NOW, {}), "usable");
  assert.equal(outcome(FILE, NOW, { username: "", appId: undefined }), "usable");
});

Deno.test("decodeSamlCache: valid from NotBefore to NotOnOrAfter, to the millisecond", () => {
  const from = Date.UTC(2027, 0, 15, 8, 27);
  const to = Date.UTC(2027, 0, 15, 8, 33);
  assert.deepEqual([from - 1, from, to - 1, to].map((now) => outcome(FILE, now)), [
    "early",
    "usable",
    "usable",
    "expired",
  ]);
});

Deno.test("decodeSamlCache: AWS's five minutes end it even where NotOnOrAfter is later, fractions and offsets read", () => {
  const saml_response = responseBase64({
    issueInstant: "2027-01-15T09:30:00.250+01:00",
    conditions: 'NotBefore="2027-01-15T08:27:00.5Z" NotOnOrAfter="2027-01-16T08:33:00Z"',
  });
  const end = Date.UTC(2027, 0, 15, 8, 35, 0, 250);
  assert.equal(assertionEnd(readAssertion(saml_response)), end);
  assert.equal(outcome({ ...FILE, saml_response }, end - 1), "usable");
  assert.equal(outcome({ ...FILE, saml_response }, end), "expired");
});

Deno.test("decodeSamlCache: without conditions the issue counts; without an issue it is not used", () => {
  assert.equal(outcome({ ...FILE, saml_response: responseBase64({ conditions: "" }) }), "usable");
  assert.equal(outcome({ ...FILE, saml_response: responseBase64({ conditions: "", issueInstant: "" }) }), "corrupt");
});

Deno.test("decodeSamlCache: a damaged file is a reason, never an exception", () => {
  const text = JSON.stringify(FILE);
  for (
    const file of [
      "",
      "null",
      "[]",
      "7",
      '"x"',
      "{}",
      text.slice(0, -2),
      { ...FILE, saml_response: null },
      { ...FILE, saml_response: 7 },
      { ...FILE, saml_response: "" },
      { ...FILE, saml_response: toBase64("<html/>") },
      { ...FILE, saml_response: BASE64.slice(0, 400) },
    ]
  ) assert.equal(outcome(file), "corrupt", JSON.stringify(file).slice(0, 60));
  assert.equal(outcome({ ...FILE, mfa_verify_info: "x" }), "usable");
  assert.equal(outcome({ ...FILE, mfa_verify_info: {} }), "usable");
  fc.assert(fc.property(fc.json(), (json) => assert.equal(outcome(json, NOW, {}), "corrupt")));
});
