import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { role } from "../../simulator/demo_world.ts";
import { type Replies, rolesOf } from "../../simulator/in_process.ts";
import type { Scenario } from "../../simulator/scenario.ts";
import { UserError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import { HttpError, type HttpReply } from "../io/deps.ts";
import type { Prompter } from "../io/prompter.ts";
import { fakeContext, fakePrompter, json, simulatedContext, stsRefuses } from "../testing.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";
import { loginMany } from "./many_roles.ts";
import { readManyRolesOptions } from "./many_roles_options.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });
const option = <T>(value: T) => ({ value, source: { kind: "option", name: "--x" } as const });
const MINUTE = 60_000;
/** Where the fake clock starts. */
const START = Date.parse("2027-01-15T08:30:00Z");

/** `account/name` of as many roles as asked for, in two accounts. */
const roles = (count: number) =>
  Array.from(
    { length: count },
    (_, at) => `${at % 2 ? "123456789012" : "210987654321"}/R${String(at).padStart(2, "0")}`,
  );

async function run(options: {
  readonly roles?: readonly string[];
  readonly scenario?: Partial<Scenario>;
  readonly replies?: Replies;
  readonly settings?: Partial<Settings>;
  readonly prompter?: Prompter;
  /** How long STS takes for each answer, in milliseconds of the fake clock. */
  readonly stsMs?: number;
  readonly check?: (profiles: readonly string[]) => void;
} = {}) {
  const { context, clock, http: services, reporter } = simulatedContext({
    scenario: { roles: rolesOf(options.roles ?? roles(3)), ...options.scenario },
    replies: options.replies ?? {},
    settings: { allRoles: options.settings?.roles === undefined, ...options.settings },
    ...(options.prompter ? { prompter: options.prompter } : {}),
  });
  const flying = { now: 0, most: 0 };
  const http = {
    ...services,
    async send(request: Parameters<typeof services.send>[0]): Promise<HttpReply> {
      if (new URL(request.url).pathname !== "/") return await services.send(request);
      flying.most = Math.max(flying.most, ++flying.now);
      try {
        await setImmediate();
        return await services.send(request);
      } finally {
        flying.now--;
        clock.at += options.stsMs ?? 0;
      }
    },
  };
  const delivered: (readonly ProfileCredentials[])[] = [];
  let error: unknown;
  try {
    await loginMany({ ...context, deps: { ...context.deps, http } }, readManyRolesOptions(context.settings), {
      check: async (targets) => {
        options.check?.(targets.flatMap(({ profile }) => profile ?? []));
        return await Promise.resolve(targets);
      },
      deliver: (granted) => Promise.resolve(void delivered.push(granted)),
    });
  } catch (thrown) {
    error = thrown;
  }
  const asked = services.log.filter(({ route }) => route === "AssumeRoleWithSAML").map(({ fields }) =>
    fields["RoleArn"]?.split("/").at(-1)
  );
  return { error, delivered, asked, reporter, flying, clock, routes: services.routes(), log: services.log };
}

function assertExit(error: unknown, exit: number, words: RegExp): void {
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exit, exit, error.message);
  assert.match([error.message, ...error.hints].join("\n"), words);
}

const warnings = (lines: readonly string[]) => lines.filter((line) => line.startsWith("warning: "));
const name = (granted: ProfileCredentials) => granted.role.name;
const OLD = () => stsRefuses(400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance");

Deno.test("loginMany() gets every role from one login and delivers them once, in order, each with its profile", async () => {
  const { error, delivered, routes } = await run({
    settings: { accounts: new Map([["123456789012", "Prod"]]) },
  });
  assert.equal(error, undefined);
  assert.deepEqual(routes, ["token", "assertion", "AssumeRoleWithSAML", "AssumeRoleWithSAML", "AssumeRoleWithSAML"]);
  assert.deepEqual(delivered.map((granted) => granted.map(({ profile }) => profile)), [
    ["Prod-R01", "210987654321-R00", "210987654321-R02"],
  ]);
  assert.deepEqual(delivered[0]?.[0]?.owner, { username: "ada", appId: "123456", subdomain: "acme" });
});

Deno.test("loginMany() has never more than eight calls to STS under way, and uses all eight", async () => {
  const { flying, delivered, asked } = await run({ roles: roles(41) });
  assert.equal(flying.most, 8);
  assert.equal(asked.length, 41);
  assert.equal(delivered[0]?.length, 41);
});

Deno.test("loginMany() signs in once more when the five minutes have expired, for the roles that are left", async () => {
  const { error, delivered, routes, asked, reporter } = await run({
    roles: roles(20),
    // 16 calls fit in before the assertion ends by its own words; AWS alone would take it for longer.
    stsMs: 20_000,
    scenario: { assertionLifeMs: 60 * MINUTE },
  });
  assert.equal(error, undefined);
  assert.equal(routes.filter((route) => route === "assertion").length, 2);
  assert.equal(delivered[0]?.length, 20);
  assert.equal(new Set(asked).size, asked.length, "no role is asked for twice");
  assert.match(warnings(reporter.lines).join("\n"), /\d+ of 20 roles/);
});

Deno.test("loginMany() signs in once more when AWS requires it, and asks again only for what was refused", async () => {
  const { error, delivered, routes } = await run({
    roles: roles(12),
    replies: { AssumeRoleWithSAML: (_, calls) => calls > 3 && calls <= 8 ? OLD() : undefined },
  });
  assert.equal(error, undefined);
  assert.equal(routes.filter((route) => route === "assertion").length, 2);
  assert.equal(delivered[0]?.length, 12);
  assert.deepEqual(delivered[0]?.map(name), [...new Set(delivered[0]?.map(name))]);
});

Deno.test("loginMany() never signs in a third time; what was got is delivered", async () => {
  const first = "R01";
  const { error, delivered, routes } = await run({
    roles: roles(30),
    replies: { AssumeRoleWithSAML: ({ fields }) => fields["RoleArn"]?.endsWith(first) ? undefined : OLD() },
  });
  assertExit(error, 6, /29 of 30 roles/);
  assert.equal(routes.filter((route) => route === "assertion").length, 2);
  assert.deepEqual(delivered.map((granted) => granted.map(name)), [[first]]);
});

Deno.test("loginMany() keeps what it got when the second login fails", async () => {
  const { error, delivered, reporter } = await run({
    roles: roles(10),
    replies: {
      assertion: (_, posts) =>
        posts === 1 ? undefined : json(401, { message: "Authentication Failed: Invalid user credentials" }),
      AssumeRoleWithSAML: (_, calls) => calls > 2 ? OLD() : undefined,
    },
  });
  assertExit(error, 3, /8 of 10 roles/);
  assert.equal(delivered[0]?.length, 2);
  assert.equal(
    warnings(reporter.lines).filter((line) => /cannot assume role .* OneLogin refused/.test(line)).length,
    8,
  );
});

Deno.test("loginMany() fails a role that the second login has lost, without asking AWS for it", async () => {
  const both = ["123456789012/A", "123456789012/B"];
  const { error, delivered, asked } = await run({
    replies: {
      assertion: ({ issue }, logins) =>
        json(200, { message: "Success", data: issue(logins === 1 ? both : both.slice(0, 1)) }),
      AssumeRoleWithSAML: (_, calls) => calls <= 2 ? OLD() : undefined,
    },
  });
  assertExit(error, 5, /1 of 2 roles/);
  assert.deepEqual(asked, ["A", "B", "A"]);
  assert.deepEqual(delivered[0]?.map(name), ["A"]);
});

Deno.test("loginMany() does not sign in again because this computer's clock is ahead", async () => {
  const { error, routes } = await run({
    // STS goes by its own clock.
    scenario: { saml: { ageMs: 20 * MINUTE }, assertionLifeMs: 60 * MINUTE },
  });
  assert.equal(error, undefined);
  assert.deepEqual(routes, ["token", "assertion", "AssumeRoleWithSAML", "AssumeRoleWithSAML", "AssumeRoleWithSAML"]);
});

Deno.test("loginMany() names the clock instead of signing in again when AWS's clock is minutes away", async () => {
  const date = new Date(START + 10 * MINUTE).toUTCString();
  const { error, routes } = await run({
    roles: ["123456789012/A"],
    replies: { AssumeRoleWithSAML: () => ({ ...OLD(), headers: { date } }) },
  });
  assertExit(error, 6, /clock is 10 minutes behind/);
  assert.equal(routes.filter((route) => route === "assertion").length, 1);
});

Deno.test("loginMany() delivers what worked and lists what did not, with cause and hints", async () => {
  const { error, delivered, reporter } = await run({
    replies: {
      AssumeRoleWithSAML: ({ fields }) =>
        fields["RoleArn"]?.endsWith("R01")
          ? stsRefuses(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
          : undefined,
    },
  });
  assertExit(error, 6, /1 of 3 roles\n.*trust policy/);
  assert.deepEqual(delivered[0]?.map(name), ["R00", "R02"]);
  assert.deepEqual(warnings(reporter.lines), [
    `warning: cannot assume role "arn:aws:iam::123456789012:role/R01": AWS reports "Not authorized to perform sts:AssumeRoleWithSAML" (AccessDenied)`,
  ]);
});

Deno.test("loginMany() exits 7 only when the network failed every failed role, else 6", async () => {
  const down = () => {
    throw new HttpError("timeout", "no reply from sts.eu-west-1.amazonaws.com within 30 seconds", true);
  };
  const all = await run({ replies: { AssumeRoleWithSAML: down } });
  assertExit(all.error, 7, /3 of 3 roles/);
  assert.deepEqual(all.delivered, [], "nothing is written and printed");
  const some = await run({ replies: { AssumeRoleWithSAML: (_, calls) => calls === 1 ? down() : undefined } });
  assertExit(some.error, 7, /1 of 3 roles/);
  const mixed = await run({
    replies: {
      AssumeRoleWithSAML: (_, calls) => calls === 1 ? down() : stsRefuses(403, "AccessDenied", "Not authorized"),
    },
  });
  assertExit(mixed.error, 6, /3 of 3 roles/);
});

Deno.test("loginMany() throws the cause itself where only one role was asked for", async () => {
  const { error, reporter } = await run({
    settings: { roles: ["R01"] },
    replies: { AssumeRoleWithSAML: () => stsRefuses(403, "AccessDenied", "Not authorized") },
  });
  assertExit(error, 6, /^cannot assume role "arn:aws:iam::123456789012:role\/R01"/);
  assert.deepEqual(warnings(reporter.lines), []);
});

Deno.test("loginMany() refuses names that collide, and profiles that may not be overwritten, before AWS is asked", async () => {
  const same = ["123456789012/Admin", "210987654321/Admin"];
  const collision = await run({ roles: same, settings: { profileTemplate: set("{role}") } });
  assertExit(collision.error, 2, /as one profile "Admin"/);
  assert.deepEqual(collision.routes, ["token", "assertion"]);
  const taken = await run({
    check(profiles) {
      assert.deepEqual(profiles, ["123456789012-R01", "210987654321-R00", "210987654321-R02"]);
      throw new UserError("taken", { exit: 2 });
    },
  });
  assertExit(taken.error, 2, /taken/);
  assert.deepEqual(taken.routes, ["token", "assertion"]);
});

Deno.test("loginMany() with --output alone saves nothing, so that names cannot collide", async () => {
  const { error, delivered } = await run({
    roles: ["123456789012/Admin", "210987654321/Admin"],
    settings: { profileTemplate: set("{role}"), output: "json" },
  });
  assert.equal(error, undefined);
  assert.deepEqual(delivered[0]?.map(({ profile }) => profile), [undefined, undefined]);
});

Deno.test("loginMany() takes what matches a pattern, warns of one that nothing matches, exit 5 when none does", async () => {
  const { delivered, reporter } = await run({ settings: { roles: ["210987654321/*", "nobody/*"] } });
  assert.deepEqual(delivered[0]?.map(name), ["R00", "R02"]);
  assert.deepEqual(warnings(reporter.lines), ['warning: no role of this login matches "nobody/*"']);
  const none = await run({ settings: { roles: ["nobody/*", "/^x$/"] } });
  assertExit(none.error, 5, /none that matches "nobody\/\*", "\/\^x\$\/"/);
  assert.deepEqual(none.routes, ["token", "assertion"]);
});

Deno.test("loginMany() is narrowed by a typed account, not by the one in the file", async () => {
  const typed = { value: "123456789012", source: { kind: "option", name: "--aws-account-id" } } as const;
  const file = { value: "123456789012", source: { kind: "file", path: "/x", key: "aws_account_id" } } as const;
  assert.deepEqual((await run({ settings: { awsAccountId: typed } })).delivered[0]?.map(name), ["R01"]);
  assert.equal((await run({ settings: { awsAccountId: file } })).delivered[0]?.length, 3);
  assertExit((await run({ settings: { awsAccountId: { ...typed, value: "999999999999" } } })).error, 5, /999999999999/);
});

Deno.test("loginMany() offers the roles at a terminal with --interactive, and takes the chosen ones", async () => {
  const prompter = fakePrompter(["R02, R01"]);
  const chosen = await run({ settings: { interactive: true }, prompter });
  assert.deepEqual(chosen.delivered[0]?.map(name), ["R01", "R02"]);
  assert.deepEqual(prompter.asked, ["AWS roles"]);
  const piped = await run({ settings: { interactive: true }, prompter: fakePrompter([], "lines") });
  assert.equal(piped.delivered[0]?.length, 3);
});

Deno.test("loginMany() assumes a role that two providers offer once, and reports by which", async () => {
  const other = { ...role("123456789012", "A"), providerArn: "arn:aws:iam::123456789012:saml-provider/Other" };
  const { asked, reporter, error } = await run({ scenario: { roles: [role("123456789012", "A"), other] } });
  assert.equal(error, undefined);
  assert.deepEqual(asked, ["A"]);
  assert.match(warnings(reporter.lines).join(), /two identity providers.*\/OneLogin$/);
});

Deno.test("loginMany() asks for the region once; other partitions get their own with one warning each", async () => {
  const mixed = [
    role("111111111111", "A"),
    role("222222222222", "B", { partition: "aws-us-gov" }),
    role("333333333333", "C", { partition: "aws-cn" }),
    role("444444444444", "D", { partition: "aws-cn" }),
  ];
  const prompter = fakePrompter(["cn-north-1"]);
  const { delivered, reporter } = await run({
    scenario: { roles: mixed },
    settings: { awsRegion: undefined as never },
    prompter,
  });
  assert.deepEqual(prompter.asked, ["AWS region"]);
  assert.deepEqual(delivered[0]?.map(({ role, region }) => `${role.name} ${region}`), [
    "A us-east-1",
    "B us-gov-west-1",
    "C cn-north-1",
    "D cn-north-1",
  ]);
  assert.equal(warnings(reporter.lines).length, 2);
});

Deno.test("loginMany() renews all roles with --loop; the last round decides about the exit code", async () => {
  const settings = { loop: set(3), time: set(30) };
  const good = await run({ settings });
  assert.equal(good.error, undefined);
  assert.deepEqual(good.delivered.map((granted) => granted.length), [3, 3, 3]);
  assert.equal(good.routes.filter((route) => route === "assertion").length, 3);
  const denied = () => stsRefuses(403, "AccessDenied", "Not authorized");
  const healed = await run({
    settings,
    replies: { AssumeRoleWithSAML: (_, calls) => calls === 1 ? denied() : undefined },
  });
  assert.equal(healed.error, undefined);
  assert.deepEqual(healed.delivered.map((granted) => granted.length), [2, 3, 3]);
  const broken = await run({
    settings,
    replies: { AssumeRoleWithSAML: (_, calls) => calls === 9 ? denied() : undefined },
  });
  assertExit(broken.error, 6, /1 of 3 roles/);
  assert.deepEqual(broken.delivered.map((granted) => granted.length), [3, 3, 2]);
});

Deno.test("loginMany() tries a renewal without network again while the old credentials live", async () => {
  const down = { left: 2 };
  const { error, delivered, routes } = await run({
    settings: { loop: set(2), time: set(45) },
    replies: {
      assertion: (_, posts) => {
        if (posts > 1 && down.left-- > 0) throw new HttpError("refused", "connection refused", false);
        return undefined;
      },
    },
  });
  assert.equal(error, undefined);
  assert.equal(delivered.length, 2);
  assert.equal(routes.filter((route) => route === "assertion").length, 4);
});

Deno.test("loginMany() shows no secret in what it reports", async () => {
  const { reporter } = await run({ replies: { AssumeRoleWithSAML: (_, calls) => calls === 1 ? OLD() : undefined } });
  assert.doesNotMatch(reporter.lines.join("\n"), /wJalr|IQoJb3|right/);
});

Deno.test("readManyRolesOptions() refuses what fits one role only, before anything is asked for", () => {
  const plan = (settings: Partial<Settings>) => {
    const { settings: all } = fakeContext({ settings: { allRoles: true, ...settings } });
    return readManyRolesOptions(all);
  };
  for (
    const [settings, words] of [
      [{ profile: option("x") }, /"--profile" with "--all-roles".*\n.*--profile-template/],
      [{ output: "env" }, /"--output env".*shell/],
      [{ output: "fish", allRoles: false, roles: ["*"] }, /"--output fish" with "--roles"/],
      [{ output: "credential-process" }, /one role/],
      [{ roles: ["*"] }, /already means every role/],
      [{ chainRoleArn: ["arn:aws:iam::123456789012:role/A"] }, /same role/],
      [{ ifExpiring: 0 }, /one profile/],
      [{ profileTemplate: set("{x}") }, /no placeholder "x"/],
      [{ allRoles: false, roles: ["/(/"] }, /not a valid regular expression/],
    ] as const
  ) {
    let error: unknown;
    try {
      plan(settings);
    } catch (thrown) {
      error = thrown;
    }
    assertExit(error, 2, words);
  }
  assert.equal(plan({ profile: set("from-the-file") }).patterns, undefined);
});

Deno.test("readManyRolesOptions() saves unless --output is used alone; a target beside it does both", () => {
  const saves = (settings: Partial<Settings>) =>
    readManyRolesOptions(fakeContext({ settings: { allRoles: true, ...settings } }).settings).template !== undefined;
  assert.equal(saves({}), true);
  assert.equal(saves({ output: "json" }), false);
  for (const key of ["file", "regionIn", "profileTemplate"]) {
    assert.equal(saves({ output: "json", [key]: option("{alias|account}-{role}") }), true, key);
  }
});
