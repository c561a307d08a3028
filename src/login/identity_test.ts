import assert from "node:assert/strict";
import type { Settings } from "../settings/settings.ts";
import { UserError } from "../errors.ts";
import { fakeContext, fakePrompter, fakeTerminal } from "../testing.ts";
import { apiFrom } from "./api_client.ts";
import { askIdentity, askOwner } from "./identity.ts";

const NOTHING = { username: undefined, password: undefined, appId: undefined, subdomain: undefined } as never;
const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });

Deno.test("askIdentity() asks for what is missing in the order of the Python tool", async () => {
  const prompter = fakePrompter(["ada", "secret", "123", "https://acme.onelogin.com/"], "lines");
  assert.deepEqual(await askIdentity(fakeContext({ settings: NOTHING, prompter })), {
    username: "ada",
    password: "secret",
    appId: "123",
    subdomain: "acme",
  });
  assert.deepEqual(prompter.asked.map((question) => question.split(" ")[1]), [
    "username",
    "password",
    "of",
    "subdomain",
  ]);
});

Deno.test("askIdentity() asks for nothing that is set, and sends the file's ip", async () => {
  const identity = await askIdentity(fakeContext({ settings: { ip: set("192.0.2.7") } }));
  assert.deepEqual(identity, {
    username: "ada",
    password: "right",
    appId: "123456",
    subdomain: "acme",
    ip: "192.0.2.7",
  });
});

Deno.test("askIdentity() asks another user for name and password although the settings have them", async () => {
  const prompter = fakePrompter(["bob", "his"]);
  const { username, password, appId } = await askIdentity(fakeContext({ prompter }), true);
  assert.deepEqual([username, password, appId], ["bob", "his", "123456"]);
});

Deno.test("askIdentity() reads --onelogin-password-stdin as the first line, and refuses an empty input", async () => {
  const settings = { passwordStdin: true, password: undefined as never };
  const read = (lines: readonly string[]) =>
    askIdentity(fakeContext({ settings, deps: { terminal: fakeTerminal(lines) } })).then(({ password }) => password);
  assert.equal(await read([" spaces stay ", "second"]), " spaces stay ");
  for (const lines of [[], [""]]) {
    await assert.rejects(read(lines), (error) => error instanceof UserError && error.exit === 8);
  }
});

Deno.test("askIdentity() names the option of the first missing value where nobody may be asked", async () => {
  const options: readonly [Partial<Settings>, RegExp][] = [
    [{ username: undefined as never }, /--onelogin-username/],
    [{ password: undefined as never }, /--onelogin-password-stdin or ONELOGIN_PASSWORD/],
    [{ appId: undefined as never }, /--onelogin-app-id/],
    [{ subdomain: undefined as never }, /--onelogin-subdomain/],
  ];
  for (const [settings, option] of options) {
    await assert.rejects(
      askIdentity(fakeContext({ settings })),
      (error) => error instanceof UserError && error.exit === 8 && option.test(error.hints.join()),
    );
  }
});

Deno.test("askOwner() asks for user, app and subdomain, and never for the password", async () => {
  const prompter = fakePrompter(["ada", "123", "acme"]);
  const owner = await askOwner(fakeContext({ settings: NOTHING, prompter }));
  assert.deepEqual(owner, { username: "ada", appId: "123", subdomain: "acme" });
  const rest = fakePrompter(["secret"]);
  const identity = await askIdentity(fakeContext({ settings: NOTHING, prompter: rest }), false, owner);
  assert.deepEqual(identity, { ...owner, password: "secret" });
  assert.equal(rest.asked.length, 1);
});

Deno.test("apiFrom() names which of the client's values is missing", () => {
  const fails = (settings: Partial<Settings>, expected: RegExp) =>
    assert.throws(
      () => apiFrom(fakeContext({ settings })),
      (error) =>
        error instanceof UserError && error.exit === 2 && error.hints.length > 0 && expected.test(error.message),
    );
  fails({ clientId: undefined as never }, /there is no client_id/);
  fails({ clientSecret: undefined as never }, /there is no client_secret/);
  assert.equal(apiFrom(fakeContext()).timeoutMs, 30_000);
});
