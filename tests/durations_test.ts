/** How long credentials live: `--duration max`, what a role or the assertion limits, and what is remembered of it. */
import assert from "node:assert/strict";
import { ACCOUNTS } from "../simulator/demo_world.ts";
import type { Scenario, Simulator } from "../simulator/server.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { ada, ADMIN, complaint, PASSWORD, PRIVATE_MODE, run } from "./runs.ts";

const ADMIN_ROLE = `arn:aws:iam::${ACCOUNTS.dev}:role/Admin`;
const HOUR = 3600;
/** Roles that allow less than twelve hours. */
const roles = (rules: Readonly<Record<string, number>>): Partial<Scenario> => ({
  ...ada(),
  roleRules: Object.fromEntries(Object.entries(rules).map(([arn, seconds]) => [arn, { maxSessionDuration: seconds }])),
});
const secondsAsked = (simulator: Simulator) =>
  simulator.to("AssumeRoleWithSAML").map(({ fields }) => Number(fields["DurationSeconds"]));
/** Hours that the printed credentials live. */
const hours = (json: string) =>
  Math.round((Date.parse(JSON.parse(json).Expiration) - Date.now()) / 60_000 / 60 * 10) / 10;
const JSON_OUT = ["--output", "json", "--no-input"];

Deno.test("--duration max: the longest session of the role, by one sign-in, and remembered for the next", async () => {
  await withSimulator(roles({ [ADMIN_ROLE]: 4 * HOUR }), async (simulator) => {
    const first = await run(simulator, { args: [...ADMIN, ...JSON_OUT, "-z", "max"] });
    assert.equal(first.code, 0, first.stderr);
    assert.equal(hours(first.stdout), 4);
    assert.equal(simulator.passwordPosts, 1);
    assert.doesNotMatch(first.stderr, /warning/);
    assert.equal(secondsAsked(simulator)[0], 12 * HOUR);
    const kept = first.tree().find(({ path }) => path === ".onelogin/cache/durations.json");
    assert.deepEqual([kept?.mode, JSON.parse(kept?.text ?? "").roles[ADMIN_ROLE].seconds], [PRIVATE_MODE, 4 * HOUR]);

    const before = secondsAsked(simulator).length;
    const second = await run(simulator, { args: [...ADMIN, ...JSON_OUT, "-z", "max"], home: first.home });
    assert.equal(hours(second.stdout), 4);
    assert.deepEqual(secondsAsked(simulator).slice(before), [4 * HOUR]);

    // The maximum was lowered: one that is remembered is no more than where to begin.
    const old = { [ADMIN_ROLE]: { seconds: 10 * HOUR, seen: new Date().toISOString() } };
    const third = await run(simulator, {
      args: [...ADMIN, ...JSON_OUT, "-z", "max"],
      files: { ...defaultFiles, ".onelogin/cache/durations.json": JSON.stringify({ version: 1, roles: old }) },
    });
    assert.equal(hours(third.stdout), 4);
    assert.equal(JSON.parse(third.file(".onelogin/cache/durations.json")).roles[ADMIN_ROLE].seconds, 4 * HOUR);

    const logout = await run(simulator, { args: ["logout", "--force"], home: first.home });
    assert.equal(logout.code, 0, logout.stderr);
    assert.ok(!logout.exists(".onelogin/cache/durations.json"));
  });
});

Deno.test("--duration max: twelve hours need one request, and nothing is remembered", async () => {
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, { args: [...ADMIN, ...JSON_OUT, "--duration=max"] });
    assert.equal(hours(result.stdout), 12);
    assert.deepEqual(secondsAsked(simulator), [12 * HOUR]);
    assert.ok(!result.exists(".onelogin/cache/durations.json"));
  });
});

Deno.test('"duration" of a profile: "max" or a number, for a login that saves it and for credential-process', async () => {
  await withSimulator(roles({ [ADMIN_ROLE]: 2 * HOUR }), async (simulator) => {
    const settings = JSON.parse(String(defaultFiles[".onelogin/onelogin.aws.json"]));
    const role = { aws_account_id: ACCOUNTS.dev, aws_role_name: "Admin" };
    const profiles = { long: { ...role, duration: "max" }, short: { ...role, duration: 1800 } };
    const files = { ...defaultFiles, ".onelogin/onelogin.aws.json": JSON.stringify({ ...settings, profiles }) };
    const login = await run(simulator, { args: ["-p", "long"], files });
    assert.equal(login.code, 0, login.stderr);
    const { home } = login;
    const asked = secondsAsked(simulator).length;

    // What "max" got is what "max" asks for, until it expires.
    const served = await run(simulator, { args: ["credential-process", "-p", "long"], home, files: {}, env: {} });
    assert.equal(served.code, 0, served.stderr);
    assert.equal(hours(served.stdout), 2);
    const kept = await run(simulator, { args: ["-p", "long", "--if-expiring", "3600", "--no-input"], home, files: {} });
    assert.match(kept.stderr, /Nothing to do/);
    assert.equal(secondsAsked(simulator).length, asked);

    const short = await run(simulator, { args: ["credential-process", "-p", "short"], home, files: {} });
    assert.equal(short.code, 0, short.stderr);
    assert.equal(hours(short.stdout), 0.5);
    const renewed = await run(simulator, { args: ["credential-process", "-p", "long", "--force"], home, files: {} });
    assert.equal(hours(renewed.stdout), 2);
    assert.deepEqual(secondsAsked(simulator).slice(asked), [1800, 2 * HOUR]);
    assert.equal(renewed.stderr, "");
  });
});

Deno.test("--duration max: never more than the assertion allows, and a number that is more is reported before AWS cuts it", async () => {
  await withSimulator({ ...ada(), saml: { sessionDuration: 2 * HOUR } }, async (simulator) => {
    const most = await run(simulator, { args: [...ADMIN, ...JSON_OUT, "-z", "max"] });
    assert.equal(hours(most.stdout), 2);
    assert.deepEqual(secondsAsked(simulator), [2 * HOUR]);
    assert.doesNotMatch(most.stderr, /warning/);

    const number = await run(simulator, { args: [...ADMIN, ...JSON_OUT, "-z", "14400", "--verbose"] });
    const said = number.stderr.split("\n");
    const warning = said.findIndex((line) => /Admin expire in 2 h, not in the 4 h that were requested/.test(line));
    assert.ok(warning >= 0 && warning < said.findIndex((line) => /assuming .* for 14400 seconds/.test(line)));
    assert.equal(number.stderr.match(/that were requested/g)?.length, 1);
    const all = await run(simulator, { args: ["--all-roles", "-z", "14400"] });
    assert.equal(all.code, 0, all.stderr);
    assert.equal(
      all.stderr.match(/warning: .*/g)?.join(),
      "warning: the credentials of 5 roles expire in 2 h, not in " +
        "the 4 h that were requested: OneLogin's AWS app limits the session",
    );
  });
  await withSimulator({ ...ada(), saml: { sessionNotOnOrAfterMs: 1_800_000 } }, async (simulator) => {
    const most = await run(simulator, { args: [...ADMIN, ...JSON_OUT, "-z", "max"] });
    assert.equal(hours(most.stdout), 0.5);
    const [asked = 0] = secondsAsked(simulator);
    assert.ok(asked > 1700 && asked <= 1800, String(asked));
  });
});

Deno.test("--all-roles --duration 43200: shorter roles get what they allow, in one line", async () => {
  const short = {
    [ADMIN_ROLE]: HOUR,
    [`arn:aws:iam::${ACCOUNTS.dev}:role/team/dev/Developer`]: HOUR,
    [`arn:aws:iam::${ACCOUNTS.audit}:role/Auditor`]: 8 * HOUR,
  };
  await withSimulator(roles(short), async (simulator) => {
    const first = await run(simulator, { args: ["--all-roles", "-z", "43200"] });
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.stderr.match(/Success!/g)?.length, 5);
    const line = "warning: 3 of 5 roles do not allow 12 h: their credentials expire in 8 h (1), 1 h (2)";
    assert.deepEqual(first.stderr.match(/warning: .*/g), [line]);
    assert.equal(simulator.passwordPosts, 1);

    const asked = secondsAsked(simulator).length;
    const again = await run(simulator, { args: ["--all-roles", "-z", "43200"], home: first.home });
    assert.deepEqual(again.stderr.match(/warning: .*/g), [line]);
    assert.deepEqual(secondsAsked(simulator).slice(asked).toSorted((a, b) => a - b), [
      ...[HOUR, HOUR, 8 * HOUR, 12 * HOUR, 12 * HOUR],
    ]);

    const most = await run(simulator, { args: ["--all-roles", "-z", "max", "--output", "json"], home: first.home });
    assert.doesNotMatch(most.stderr, /warning/);
    assert.deepEqual(
      JSON.parse(most.stdout).map((one: unknown) => hours(JSON.stringify(one))).toSorted((a: number, b: number) =>
        a - b
      ),
      [1, 1, 8, 12, 12],
    );
  });
});

Deno.test("--duration max: role chaining gets its hour, and one role with a number is refused as before", async () => {
  await withSimulator(roles({ [ADMIN_ROLE]: 2 * HOUR }), async (simulator) => {
    const chain = ["--chain-role-arn", "arn:aws:iam::111122223333:role/Deploy"];
    const chained = await run(simulator, { args: [...ADMIN, ...chain, ...JSON_OUT, "-z", "max"] });
    assert.equal(chained.code, 0, chained.stderr);
    assert.deepEqual(secondsAsked(simulator), [HOUR]);
    assert.deepEqual(simulator.to("AssumeRole").map(({ fields }) => fields["DurationSeconds"]), ["3600"]);
    assert.doesNotMatch(chained.stderr, /warning/);

    const number = await run(simulator, { args: [...ADMIN, ...JSON_OUT, "-z", "14400"], env: PASSWORD });
    assert.equal(number.code, 6, number.stderr);
    assert.match(complaint(number).hints.join("\n"), /--duration max/);
  });
});
