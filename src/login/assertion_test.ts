import assert from "node:assert/strict";
import { person, rolesOf } from "../../simulator/in_process.ts";
import type { Scenario } from "../../simulator/scenario.ts";
import type { Settings } from "../settings/settings.ts";
import { UserError } from "../errors.ts";
import type { Prompter } from "../io/prompter.ts";
import { assertionReader } from "../saml/assertion.ts";
import { fakePrompter, simulatedContext } from "../testing.ts";
import { cacheAssertion } from "../store/assertion_cache.ts";
import { getLogin, loginAgain } from "./assertion.ts";

const readAssertion = await assertionReader();

const OWNER = { username: "ada", appId: "123456", subdomain: "acme" };
const NOTHING = { username: undefined, password: undefined, appId: undefined, subdomain: undefined } as never;

/** Obtains a login; the cache contains a valid assertion of Ada's unless stated otherwise. */
async function obtain(options: {
  readonly settings?: Partial<Settings>;
  readonly prompter?: Prompter;
  readonly scenario?: Partial<Scenario>;
  readonly cached?: boolean;
}) {
  const { context, http, files, reporter } = simulatedContext({
    ...options,
    scenario: { users: [person("ada", "right"), person("bob", "secret")], ...options.scenario },
    settings: { cacheSaml: true, ...options.settings },
  });
  if (options.cached ?? true) {
    await cacheAssertion(context, readAssertion(http.issue(["123456789012/Cached"])), OWNER);
  }
  const login = await getLogin(context, {});
  return {
    login,
    files,
    reporter,
    log: http.routes(),
    roles: login.assertion.roles.map(({ name }) => name),
  };
}

Deno.test("getLogin() takes a valid cache without a request and without a password", async () => {
  const { log, roles } = await obtain({ settings: { password: undefined as never } });
  assert.deepEqual([log, roles], [[], ["Cached"]]);
});

Deno.test("getLogin() does not look at the cache without --cache-saml", async () => {
  const { log, roles } = await obtain({ settings: { cacheSaml: false } });
  assert.deepEqual([log, roles], [["token", "assertion"], ["Admin", "Dev"]]);
});

Deno.test("getLogin() at a terminal asks for the password only when the cache does not serve", async () => {
  const served = fakePrompter(["ada", "123456", "acme"]);
  assert.deepEqual((await obtain({ settings: NOTHING, prompter: served })).roles, ["Cached"]);
  assert.ok(!served.asked.some((question) => /password/i.test(question)), served.asked.join("; "));
  const other = fakePrompter(["bob", "123456", "acme", "secret"]);
  const { roles, files } = await obtain({ settings: NOTHING, prompter: other });
  assert.deepEqual(roles, ["Admin", "Dev"]);
  assert.equal(other.asked.length, 4);
  assert.match(files.contents.get("/home/ada/.aws/saml_cache.txt") ?? "", /"username_or_email":"bob"/);
});

Deno.test("getLogin() from a pipe takes the user from a valid cache and asks nothing", async () => {
  const prompter = fakePrompter(["0"], "lines");
  const { roles, log } = await obtain({ settings: NOTHING, prompter });
  assert.deepEqual([roles, log, prompter.asked], [["Cached"], [], []]);
});

Deno.test("B10 getLogin() signs in again where the cache is another user's", async () => {
  const bob = { value: "bob", source: { kind: "option", name: "--onelogin-username" } } as const;
  const { log, roles } = await obtain({
    scenario: { users: [person("bob", "right")] },
    settings: { username: bob },
  });
  assert.deepEqual([log, roles], [["token", "assertion"], ["Admin", "Dev"]]);
});

Deno.test("getLogin() offers another user when one has no role, at most three times", async () => {
  const users = [person("ada", "right"), ...[1, 2, 3, 4].map((at) => person(`u${at}`, `p${at}`))];
  const bob = { ...person("bob", "his"), roles: rolesOf(["123456789012/Bobs"]) };
  const second = await obtain({
    cached: false,
    prompter: fakePrompter(["y", "bob", "his"]),
    scenario: { users: [...users, bob], roles: [] },
  });
  assert.deepEqual(second.roles, ["Bobs"]);
  assert.equal(second.login.session.identity?.username, "bob");
  let posts = 0;
  const endless = ["y", "u1", "p1", "y", "u2", "p2", "y", "u3", "p3", "y", "u4", "p4"];
  await assert.rejects(
    obtain({
      cached: false,
      prompter: fakePrompter(endless),
      scenario: { users, roles: [], faults: ({ route }) => void (posts += route === "assertion" ? 1 : 0) },
    }),
    (error) => error instanceof UserError && error.exit === 5,
  );
  assert.equal(posts, 4);
});

Deno.test("getLogin() ends with exit 5 when the answer is no, or nobody may be asked", async () => {
  const scenario = { roles: [] };
  for (const prompter of [fakePrompter(["n"]), fakePrompter([], "lines"), fakePrompter([], "none")]) {
    await assert.rejects(
      obtain({ cached: false, prompter, scenario }),
      (error) => error instanceof UserError && error.exit === 5 && error.hints.length > 0,
    );
  }
});

Deno.test("loginAgain() takes a cached assertion of the same user, else signs in with what is known", async () => {
  for (const cached of [true, false]) {
    const { context, http } = simulatedContext({
      scenario: { users: [person("ada", "right")] },
      settings: { cacheSaml: true },
    });
    if (cached) await cacheAssertion(context, readAssertion(http.issue(["123456789012/Cached"])), OWNER);
    const session = { identity: { ...OWNER, password: "right" }, otp: "123456" };
    const login = await loginAgain(context, session, false);
    assert.deepEqual(http.routes(), cached ? [] : ["token", "assertion"]);
    assert.deepEqual([login.session.identity, login.session.otp], [session.identity, undefined]);
  }
});

Deno.test("loginAgain() asks for user and password after a refusal, whatever is in the settings and the cache", async () => {
  const prompter = fakePrompter(["bob", "secret"]);
  const { context, http } = simulatedContext({
    scenario: { users: [person("ada", "changed"), person("bob", "secret")] },
    settings: { cacheSaml: true },
    prompter,
  });
  await cacheAssertion(context, readAssertion(http.issue(["123456789012/Cached"])), OWNER);
  const login = await loginAgain(context, { identity: { ...OWNER, password: "right" } }, true);
  assert.equal(prompter.asked.length, 2);
  assert.equal(login.session.identity?.username, "bob");
  assert.deepEqual(http.routes(), ["token", "assertion"]);
});
