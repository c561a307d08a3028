import assert from "node:assert/strict";
import type { Files } from "../io/deps.ts";
import fc from "fast-check";
import { simulatedHttp } from "../../simulator/in_process.ts";
import { FileError } from "../io/deps.ts";
import { assertionEnd, assertionReader } from "../saml/assertion.ts";
import { responseBase64, toBase64 } from "../saml/testing.ts";
import { fakeClock, fakeContext, fakeFiles, fakeReporter } from "../testing.ts";
import { cacheAssertion, encodeSamlCache, readCachedAssertion, samlCacheReader } from "./assertion_cache.ts";

const readAssertion = await assertionReader();

const FILE = "/home/ada/.aws/saml_cache.txt";
const OWNER = { username: "ada", appId: "123456", subdomain: "acme" };

/** A context whose cache contains an assertion that was just issued to Ada. */
async function cached() {
  const clock = fakeClock();
  const files = fakeFiles();
  const reporter = fakeReporter();
  const modes: number[] = [];
  const createNew: Files["createNew"] = (path, bytes, mode) => (modes.push(mode), files.createNew(path, bytes, mode));
  const context = fakeContext({ deps: { clock, files: { ...files, createNew } }, reporter });
  await cacheAssertion(context, readAssertion(simulatedHttp(clock).issue(["123456789012/Admin"])), OWNER);
  return { clock, files, reporter, context, modes };
}

Deno.test("cacheAssertion() writes the Python tool's file with mode 0600 and without the password", async () => {
  const { files, modes, reporter } = await cached();
  const file = JSON.parse(files.contents.get(FILE) ?? "");
  assert.deepEqual(Object.keys(file), [
    "saml_response",
    "mfa_verify_info",
    "username_or_email",
    "onelogin_subdomain",
    "app_id",
  ]);
  assert.deepEqual(modes, [0o600]);
  assert.deepEqual(reporter.lines, [`Writing SAML cache to ${FILE}`]);
});

Deno.test("readCachedAssertion() serves the same user, app and subdomain while AWS takes the assertion", async () => {
  const { context, clock, reporter } = await cached();
  assert.equal((await readCachedAssertion(context, OWNER))?.assertion.roles.length, 1);
  assert.ok(reporter.lines.includes("Found a valid SAML cache for the user ada"));
  clock.at += 3 * 60_000;
  assert.equal(await readCachedAssertion(context, OWNER), undefined);
  assert.equal(reporter.lines.at(-1), "The cached SAML assertion is not used: it has expired");
});

Deno.test("B10 readCachedAssertion() never serves what belongs to another user, app or subdomain", async () => {
  const { context } = await cached();
  for (const other of [{ username: "bob" }, { appId: "7" }, { subdomain: "evil" }]) {
    assert.equal(await readCachedAssertion(context, { ...OWNER, ...other }), undefined, JSON.stringify(other));
  }
});

Deno.test("readCachedAssertion() takes a damaged or unreadable cache for a warning, never for the end of a login", async () => {
  for (const text of ["", "{", "[]", '{"saml_response": "AAAA"}', "\u0000\u0000"]) {
    const reporter = fakeReporter();
    const context = fakeContext({ deps: { files: fakeFiles({ [FILE]: text }) }, reporter });
    assert.equal(await readCachedAssertion(context, {}), undefined);
    assert.deepEqual(reporter.lines, ["warning: the cached SAML assertion is not used: the file is damaged"], text);
  }
  const read = () => Promise.reject(new FileError("denied", FILE, "Permission denied (os error 13)"));
  const reporter = fakeReporter();
  const context = fakeContext({ deps: { files: { ...fakeFiles(), read } }, reporter });
  assert.equal(await readCachedAssertion(context, {}), undefined);
  assert.match(reporter.lines.join(), /^warning: .*SAML assertion/);
});

Deno.test("cacheAssertion() never ends a login when the disk fails", async () => {
  const createNew = () => Promise.reject(new FileError("full", FILE, "No space left on device (os error 28)"));
  const reporter = fakeReporter();
  const context = fakeContext({ deps: { files: { ...fakeFiles(), createNew } }, reporter });
  await cacheAssertion(context, readAssertion(simulatedHttp(fakeClock()).issue(["123456789012/Admin"])), OWNER);
  assert.deepEqual(reporter.lines, ["warning: the SAML assertion could not be cached"]);
});

// ---- The file ------------------------------------------------------------------------------------------------------

const decodeSamlCache = await samlCacheReader();

const PYTHON_OWNER = { username: "ada@example.com", appId: "123456", subdomain: "acme" };
const NOW = Date.UTC(2027, 0, 15, 8, 31);
const BASE64 = responseBase64();
const PYTHON_FILE = {
  saml_response: BASE64,
  mfa_verify_info: { device_id: 666666, device_type: "OneLogin Protect" },
  username_or_email: "ada@example.com",
  onelogin_subdomain: "acme",
  app_id: "123456",
};

const outcome = (file: unknown, now = NOW, requested: Parameters<typeof decodeSamlCache>[1] = PYTHON_OWNER) => {
  const cached = decodeSamlCache(typeof file === "string" ? file : JSON.stringify(file), requested, now);
  return cached.kind === "usable" ? "usable" : cached.reason;
};

Deno.test("decodeSamlCache: reads the file of the Python tool", () => {
  const cached = decodeSamlCache(JSON.stringify(PYTHON_FILE), PYTHON_OWNER, NOW);
  assert.equal(cached.kind, "usable");
  if (cached.kind !== "usable") return;
  assert.equal(cached.assertion.base64, BASE64);
  assert.deepEqual(cached.owner, PYTHON_OWNER);
});

Deno.test("encodeSamlCache: has the fields of the Python tool, no others, and is read back", () => {
  const assertion = readAssertion(BASE64);
  assert.deepEqual(JSON.parse(encodeSamlCache(assertion, PYTHON_OWNER)), { ...PYTHON_FILE, mfa_verify_info: null });
  fc.assert(
    fc.property(
      fc.record({ username: fc.string(), appId: fc.string(), subdomain: fc.string() }, { noNullPrototype: true }),
      (owner) => {
        const cached = decodeSamlCache(encodeSamlCache(assertion, owner), owner, NOW);
        assert.equal(cached.kind, "usable");
        if (cached.kind === "usable") assert.deepEqual(cached.owner, owner);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("decodeSamlCache: an assertion of another user, app or subdomain is not used", () => {
  assert.equal(outcome(PYTHON_FILE, NOW, { ...PYTHON_OWNER, username: "bob@example.com" }), "other-user");
  assert.equal(outcome(PYTHON_FILE, NOW, { ...PYTHON_OWNER, appId: "1234567" }), "other-app");
  assert.equal(outcome(PYTHON_FILE, NOW, { ...PYTHON_OWNER, subdomain: "other" }), "other-subdomain");
  assert.equal(outcome({ ...PYTHON_FILE, username_or_email: null }), "other-user");
  assert.equal(outcome({ ...PYTHON_FILE, app_id: undefined }), "other-app");
});

Deno.test("decodeSamlCache: a number as app id, a subdomain's case and parts not known yet are no differences", () => {
  assert.equal(outcome({ ...PYTHON_FILE, app_id: 123456 }), "usable");
  assert.equal(outcome({ ...PYTHON_FILE, onelogin_subdomain: "ACME" }), "usable");
  assert.equal(outcome(PYTHON_FILE, NOW, {}), "usable");
  assert.equal(outcome(PYTHON_FILE, NOW, { username: "", appId: undefined }), "usable");
});

Deno.test("decodeSamlCache: valid from NotBefore to NotOnOrAfter, to the millisecond", () => {
  const from = Date.UTC(2027, 0, 15, 8, 27);
  const to = Date.UTC(2027, 0, 15, 8, 33);
  assert.deepEqual([from - 1, from, to - 1, to].map((now) => outcome(PYTHON_FILE, now)), [
    "early",
    "usable",
    "usable",
    "expired",
  ]);
});

Deno.test("decodeSamlCache: AWS's five minutes end it even if NotOnOrAfter is later, fractions and offsets read", () => {
  const saml_response = responseBase64({
    issueInstant: "2027-01-15T09:30:00.250+01:00",
    conditions: 'NotBefore="2027-01-15T08:27:00.5Z" NotOnOrAfter="2027-01-16T08:33:00Z"',
  });
  const end = Date.UTC(2027, 0, 15, 8, 35, 0, 250);
  assert.equal(assertionEnd(readAssertion(saml_response)), end);
  assert.equal(outcome({ ...PYTHON_FILE, saml_response }, end - 1), "usable");
  assert.equal(outcome({ ...PYTHON_FILE, saml_response }, end), "expired");
});

Deno.test("decodeSamlCache: without conditions the issue counts; without an issue it is not used", () => {
  assert.equal(outcome({ ...PYTHON_FILE, saml_response: responseBase64({ conditions: "" }) }), "usable");
  assert.equal(
    outcome({ ...PYTHON_FILE, saml_response: responseBase64({ conditions: "", issueInstant: "" }) }),
    "corrupt",
  );
});

Deno.test("decodeSamlCache: a damaged file is a reason, never an exception", () => {
  const text = JSON.stringify(PYTHON_FILE);
  for (
    const file of [
      "",
      "null",
      "[]",
      "7",
      '"x"',
      "{}",
      text.slice(0, -2),
      { ...PYTHON_FILE, saml_response: null },
      { ...PYTHON_FILE, saml_response: 7 },
      { ...PYTHON_FILE, saml_response: "" },
      { ...PYTHON_FILE, saml_response: toBase64("<html/>") },
      { ...PYTHON_FILE, saml_response: BASE64.slice(0, 400) },
    ]
  ) assert.equal(outcome(file), "corrupt", JSON.stringify(file).slice(0, 60));
  assert.equal(outcome({ ...PYTHON_FILE, mfa_verify_info: "x" }), "usable");
  assert.equal(outcome({ ...PYTHON_FILE, mfa_verify_info: {} }), "usable");
  fc.assert(fc.property(fc.json(), (json) => assert.equal(outcome(json, NOW, {}), "corrupt")));
});
