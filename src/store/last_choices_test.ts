import assert from "node:assert/strict";
import { FileError, type Files } from "../io/deps.ts";
import { fakeContext, fakeFiles, fakeReporter } from "../testing.ts";
import { readLastFactor, rememberFactor } from "./last_choices.ts";

const FILE = "/home/ada/.onelogin/state.json";
const ADA = { username: "ada", password: "secret", appId: "1", subdomain: "acme" };
const BOB = { ...ADA, username: "bob" };

Deno.test("rememberFactor() keeps one device for each user, and nothing secret", async () => {
  const files = fakeFiles();
  const context = fakeContext({ deps: { files } });
  await rememberFactor(context, ADA, "7");
  await rememberFactor(context, BOB, "8");
  await rememberFactor(context, ADA, "9");
  assert.deepEqual([await readLastFactor(context, ADA), await readLastFactor(context, BOB)], ["9", "8"]);
  assert.doesNotMatch(files.contents.get(FILE) ?? "", /secret/);
});

Deno.test("readLastFactor() takes a missing, damaged or foreign file for no memory, and rememberFactor() fixes it", async () => {
  for (const text of ["", "{", "[]", '{"factors": 7}', '{"factors": {"acme/ada": 7}}', "null"]) {
    const files = fakeFiles({ [FILE]: text });
    const context = fakeContext({ deps: { files } });
    assert.equal(await readLastFactor(context, ADA), undefined);
    await rememberFactor(context, ADA, "7");
    assert.equal(await readLastFactor(context, ADA), "7");
  }
});

Deno.test("rememberFactor() does not write what it knows already, nor with --no-input", async () => {
  const files = fakeFiles();
  await rememberFactor(fakeContext({ deps: { files }, settings: { noInput: true } }), ADA, "7");
  assert.equal(files.contents.has(FILE), false);
  await rememberFactor(fakeContext({ deps: { files } }), ADA, "7");
  const frozen: Files = { ...files, createNew: () => Promise.reject(new Error("a write is not expected")) };
  const reporter = fakeReporter();
  await rememberFactor(fakeContext({ deps: { files: frozen }, reporter }), ADA, "7");
  assert.deepEqual(reporter.lines, []);
});

Deno.test("rememberFactor() never ends a login when the disk fails", async () => {
  const full = () => Promise.reject(new FileError("full", FILE, "No space left on device (os error 28)"));
  const reporter = fakeReporter();
  await rememberFactor(fakeContext({ deps: { files: { ...fakeFiles(), createNew: full } }, reporter }), ADA, "7");
  assert.deepEqual(reporter.lines, ["detail: the choice of the second factor could not be remembered"]);
});
