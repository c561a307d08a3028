import assert from "node:assert/strict";
import { Exit, UserError } from "../errors.ts";
import { FileError } from "../io/deps.ts";
import { fakeContext, fakeFiles, fakePrompter, fakeReporter } from "../testing.ts";
import { logoutCommand } from "./logout.ts";

const CREDENTIALS = "/home/ada/.aws/credentials";
const SAML = "/home/ada/.aws/saml_cache.txt";
const FAILURE = "/home/ada/.onelogin/cache/0123456789abcdef.failure.json";
const OURS = "[dev]\naws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n" +
  "aws_session_expiration = 2027-01-15T09:30:00+0000\n";
const KEPT = {
  "/home/ada/.onelogin/state.json": "{}",
  "/home/ada/.onelogin/refusals.json": "{}",
  "/home/ada/.onelogin/onelogin.sdk.json": "{}",
  "/home/ada/.onelogin/cache/notes.txt": "mine",
};

function world(answers: readonly string[], settings: Parameters<typeof fakeContext>[0] = {}) {
  const files = fakeFiles({ ...KEPT, [CREDENTIALS]: OURS, [SAML]: "assertion", [FAILURE]: "{}" });
  const prompter = fakePrompter(answers, answers.length === 0 ? "none" : "terminal");
  const reporter = fakeReporter();
  return { files, prompter, reporter, context: fakeContext({ deps: { files }, prompter, reporter, ...settings }) };
}

const option = (value: string) => ({ value, source: { kind: "option", name: "--profile" } as const });

Deno.test("logoutCommand: names everything, asks once, and removes just that", async () => {
  const { files, prompter, reporter, context } = world(["yes"]);
  assert.equal(await logoutCommand(context), Exit.done);
  assert.deepEqual(prompter.asked, ["Remove 1 profile and 2 cached files?"]);
  for (const part of ['profile "dev"', SAML, FAILURE]) assert.ok(reporter.lines.join("\n").includes(part), part);
  assert.deepEqual([...files.contents.keys()].sort(), [...Object.keys(KEPT), CREDENTIALS].sort());
  assert.equal(files.contents.get(CREDENTIALS), "");
});

Deno.test("logoutCommand: a no removes nothing; where nobody can be asked only --force does", async () => {
  const declined = world(["no"]);
  assert.equal(await logoutCommand(declined.context), Exit.done);
  assert.equal(declined.files.contents.size, 7);
  const mute = world([]);
  await assert.rejects(logoutCommand(mute.context), (error: UserError) => error.exit === Exit.input);
  assert.equal(mute.files.contents.size, 7);
  const forced = world([], { settings: { force: true } });
  assert.equal(await logoutCommand(forced.context), Exit.done);
  assert.equal(forced.files.contents.size, 5);
});

Deno.test("logoutCommand: --profile leaves the assertion and other profiles; a profile of the settings file is no limit", async () => {
  const other = world([], { settings: { force: true, profile: option("prod") } });
  await logoutCommand(other.context);
  assert.deepEqual(other.reporter.lines, ['There is nothing to remove for profile "prod".']);
  const dev = world([], { settings: { force: true, profile: option("dev") } });
  await logoutCommand(dev.context);
  assert.deepEqual([dev.files.contents.get(CREDENTIALS), dev.files.contents.has(SAML)], ["", true]);
  const source = { kind: "file", path: "/x", key: "profile" } as const;
  const all = world([], { settings: { force: true, profile: { value: "prod", source } } });
  await logoutCommand(all.context);
  assert.deepEqual([all.files.contents.get(CREDENTIALS), all.files.contents.has(SAML)], ["", false]);
});

Deno.test("logoutCommand: a file that cannot be removed is reported by name", async () => {
  const { files } = world([]);
  const remove = (path: string) => Promise.reject(new FileError("denied", path, "Permission denied"));
  const context = fakeContext({ deps: { files: { ...files, remove } }, settings: { force: true } });
  await assert.rejects(
    logoutCommand(context),
    (error: UserError) => error.exit === Exit.usage && error.message.includes(FAILURE),
  );
});
