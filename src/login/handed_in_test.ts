import assert from "node:assert/strict";
import { Exit, UserError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import { fakePrompter, fakeTerminal, simulatedContext } from "../testing.ts";
import { newLogin } from "./assertion.ts";
import type { Session } from "./session.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });

/** A context that is handed the response of the simulated OneLogin, unless another input is given. */
function contextWith(options: {
  readonly input?: (issue: (roles: readonly string[], ageMs?: number) => string) => string | undefined;
  readonly settings?: Partial<Settings>;
  readonly terminal?: boolean;
  readonly noInput?: boolean;
  readonly issuer?: string;
} = {}) {
  const simulated = simulatedContext({
    settings: { samlResponseStdin: true, password: undefined as never, ...options.settings },
    ...(options.noInput ? { prompter: fakePrompter([], "none") } : { prompter: fakePrompter([]) }),
    scenario: options.issuer === undefined ? {} : { saml: { issuer: options.issuer } },
  });
  const input = options.input ?? ((issue) => issue(["123456789012/Admin"]));
  const terminal = Object.assign(fakeTerminal(), {
    stdinIsTerminal: options.terminal ?? false,
    readAll: () => Promise.resolve(input(simulated.http.issue)),
  });
  const context = { ...simulated.context, deps: { ...simulated.context.deps, terminal } };
  return { ...simulated, context, terminal };
}

async function refusal(options: Parameters<typeof contextWith>[0], session: Session = {}) {
  const world = contextWith(options);
  const error = await newLogin(world.context, session).then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof UserError, String(error));
  assert.deepEqual([...world.files.contents.keys()], []);
  assert.deepEqual(world.http.routes(), []);
  return [error.exit, [error.message, ...error.hints].join("\n")] as const;
}

Deno.test("handedInLogin(): a response is read without a request, shown and its issuer remembered", async () => {
  const { context, http, files, reporter } = contextWith();
  const { session, assertion } = await newLogin(context, {});
  assert.deepEqual(assertion.roles.map(({ name }) => name), ["Admin"]);
  assert.deepEqual(session.owner, { username: "ada", appId: "123456", subdomain: "acme" });
  assert.deepEqual(http.routes(), []);
  const line = reporter.lines.join("\n");
  assert.match(line, /Signed in as ada@example\.com \(issuer https:\/\/app\.onelogin\.com\/saml\/metadata\//);
  assert.match(files.contents.get("/home/ada/.onelogin/issuers.json") ?? "", /"acme\/123456": "https:/);
});

Deno.test("handedInLogin(): needs no user, app or subdomain, and then remembers no issuer", async () => {
  const { context, files } = contextWith({
    settings: { username: undefined as never, appId: undefined as never, subdomain: undefined as never },
  });
  const { session } = await newLogin(context, {});
  assert.equal(session.owner?.username, "ada@example.com");
  assert.equal(files.contents.size, 0);
});

Deno.test("handedInLogin(): at a terminal it asks for a paste each time", async () => {
  const { context, terminal } = contextWith({ terminal: true, settings: { loop: set(3) } });
  const { session } = await newLogin(context, {});
  await newLogin(context, session);
  assert.equal(terminal.err.match(/Paste the SAML response/g)?.length, 2);
});

Deno.test("handedInLogin(): what cannot be used is refused, and nothing is written", async () => {
  const found = {
    rubbish: await refusal({ input: () => "hello" }),
    empty: await refusal({ input: () => undefined }),
    "not SAML": await refusal({ input: () => btoa("x".repeat(200)) }),
    expired: await refusal({ input: (issue) => issue(["123456789012/Admin"], 6 * 60_000) }),
    "another user": await refusal({ settings: { username: set("bob") } }),
    "a loop": await refusal({ settings: { loop: set(2) } }),
    "used before": await refusal({}, { handedIn: true }),
    "a paste with --no-input": await refusal({ terminal: true, noInput: true }),
  };
  assert.deepEqual(
    Object.entries(found).map(([name, [exit]]) => [name, exit]),
    [
      ["rubbish", Exit.usage],
      ["empty", Exit.input],
      ["not SAML", Exit.refused],
      ["expired", Exit.refused],
      ["another user", Exit.protective],
      ["a loop", Exit.usage],
      ["used before", Exit.input],
      ["a paste with --no-input", Exit.input],
    ],
  );
  assert.match(found.expired[1], /expired 3 min ago/);
  assert.match(
    found["another user"][1],
    /the user is "ada@example\.com", not "bob"\n.*--onelogin-username ada@example\.com/,
  );
});

Deno.test("checkOutsideLogin(): another issuer than the first is refused, with the line to remove; then it is accepted", async () => {
  const first = contextWith();
  await newLogin(first.context, {});
  const other = contextWith({ issuer: "https://evil.example/idp" });
  const context = { ...other.context, deps: { ...other.context.deps, files: first.files } };
  await assert.rejects(newLogin(context, {}), (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.exit, Exit.protective);
    assert.match(
      error.message,
      /its issuer is "https:\/\/evil\.example\/idp", but acme\/123456 has had "https:/,
    );
    assert.match(error.hints.join("\n"), /remove the line "acme\/123456" from ".*issuers\.json"/);
    return true;
  });
  first.files.contents.set("/home/ada/.onelogin/issuers.json", "{}");
  await newLogin(context, {});
});

Deno.test("checkOutsideLogin(): a user name without a domain is the first part of the mail address", async () => {
  for (const username of ["ada", "ADA", "ada@example.com", "Ada@Example.com"]) {
    await newLogin(contextWith({ settings: { username: set(username) } }).context, {});
  }
  for (const username of ["ad", "ada@other.example", "example.com"]) {
    assert.equal((await refusal({ settings: { username: set(username) } }))[0], Exit.protective);
  }
});
