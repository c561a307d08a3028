import assert from "node:assert/strict";
import { FileError } from "../io/deps.ts";
import { assertionReader } from "../saml/assertion.ts";
import { fakeClock, fakeContext, fakeFiles, fakeReporter, samlResponse } from "../testing.ts";
import { cacheAssertion, readCachedAssertion } from "./assertion_cache.ts";

const readAssertion = await assertionReader();

const FILE = "/home/ada/.aws/saml_cache.txt";
const OWNER = { username: "ada", appId: "123456", subdomain: "acme" };

/** A context whose cache holds an assertion that was just issued to Ada. */
async function cached() {
  const clock = fakeClock();
  const files = fakeFiles();
  const reporter = fakeReporter();
  const modes: number[] = [];
  const chmod = (_: string, mode: number) => Promise.resolve(void modes.push(mode));
  const context = fakeContext({ deps: { clock, files: { ...files, chmod } }, reporter });
  await cacheAssertion(context, readAssertion(samlResponse(["123456789012/Admin"], clock.at)), OWNER);
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
  assert.equal(modes.at(-1), 0o600);
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
  assert.match(reporter.lines.join(), /^warning: the cached SAML assertion cannot be read/);
});

Deno.test("cacheAssertion() never ends a login when the disk fails", async () => {
  const createNew = () => Promise.reject(new FileError("full", FILE, "No space left on device (os error 28)"));
  const reporter = fakeReporter();
  const context = fakeContext({ deps: { files: { ...fakeFiles(), createNew } }, reporter });
  await cacheAssertion(context, readAssertion(samlResponse(["123456789012/Admin"], 0)), OWNER);
  assert.deepEqual(reporter.lines, ["warning: the SAML assertion could not be cached"]);
});
