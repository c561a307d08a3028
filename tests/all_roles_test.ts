/** `configure --all-roles` by the compiled program: the profiles in the config file, and AWS's own readers that use them. */
import assert from "node:assert/strict";
import { ACCOUNTS, DEMO_SCENARIO, manyRoles, role } from "../simulator/demo_world.ts";
import type { Scenario, Simulator } from "../simulator/server.ts";
import { decodeIni } from "../src/aws/files/ini.ts";
import { readProfiles } from "../src/aws/files/config_file.ts";
import { judges, startJudge, withEndpoint } from "./aws_sdks/judges.ts";
import { defaultFiles, freshFolder, type RunResult, withSimulator } from "./harness.ts";
import { ada, complaint, rolesAsked, routes, run } from "./runs.ts";

const CONFIG = ".aws/config";
const ARGS = ["configure", "--all-roles", "--no-input"];
const NAMES = [
  `${ACCOUNTS.dev}-Admin`,
  `${ACCOUNTS.dev}-Developer`,
  `${ACCOUNTS.audit}-Auditor`,
  `${ACCOUNTS.prod}-Admin`,
  `${ACCOUNTS.prod}-ReadOnly`,
];

const { roles: ROLES } = DEMO_SCENARIO;
const NEW = role(ACCOUNTS.prod, "New");

/** Only a compiled program has a path that AWS's tools can run. */
const compiled = Deno.env.get("OLAWS_BIN") !== undefined;
if (!compiled) console.error("tests/all_roles_test.ts is skipped: OLAWS_BIN names no compiled program");

const configOf = (result: RunResult) =>
  new Map(
    [...readProfiles(decodeIni(new TextEncoder().encode(result.file(CONFIG))))].map((
      [name, entries],
    ) => [name, Object.fromEntries(entries)]),
  );

function test(name: string, scenario: Partial<Scenario>, fn: (simulator: Simulator) => Promise<void>): void {
  Deno.test(name, { ignore: !compiled }, () => withSimulator(scenario, fn));
}

test(
  "configure --all-roles: one sign-in, a profile for each role, and the cache is filled",
  ada(),
  async (simulator) => {
    const mine = "# mine\n[profile other]\nregion = eu-central-1 # note\n";
    const result = await run(simulator, { args: ARGS, files: { ...defaultFiles, [CONFIG]: mine } });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stdout, "");
    assert.equal(simulator.passwordPosts, 1);
    assert.ok(result.file(CONFIG).startsWith(mine));
    const profiles = configOf(result);
    assert.deepEqual([...profiles.keys()].sort(), ["other", ...NAMES].sort());
    const admin = profiles.get(`${ACCOUNTS.dev}-Admin`);
    assert.equal(admin?.["region"], "us-east-1");
    assert.match(
      admin?.["credential_process"] ?? "",
      / credential-process --profile 123456789012-Admin --aws-account-id 123456789012 --aws-role-name Admin --duration max$/,
    );
    assert.ok(!result.exists(".aws/credentials"));

    // No password: only the cache can answer.
    const asked = routes(simulator).length;
    const served = await run(simulator, {
      args: ["credential-process", "--profile", NAMES[1]!, "--aws-account-id", ACCOUNTS.dev],
      env: {},
      home: result.home,
    });
    assert.equal(served.code, 0, served.stderr);
    assert.equal(routes(simulator).length, asked);

    // The same again changes no byte, and asks nothing.
    const before = Deno.statSync(`${result.home}/${CONFIG}`).mtime?.getTime();
    const again = await run(simulator, { args: [...ARGS, "--quiet"], home: result.home });
    assert.deepEqual([again.code, again.stderr], [0, ""]);
    assert.equal(again.file(CONFIG), result.file(CONFIG));
    assert.equal(Deno.statSync(`${result.home}/${CONFIG}`).mtime?.getTime(), before);
  },
);

test("configure --all-roles: updates and removes its own, and nobody else's", ada(), async (simulator) => {
  const first = await run(simulator, { args: ARGS, files: defaultFiles });
  assert.equal(first.code, 0, first.stderr);
  // As `aws configure set` does it: the mark survives, and a region of one's own stays.
  const edited = first.file(CONFIG)
    .replace(/(\[profile 123456789012-Admin\]\nregion = )us-east-1/, "$1eu-west-1\noutput = json");
  assert.notEqual(edited, first.file(CONFIG));
  const theirs = `\n[profile ${ACCOUNTS.prod}-New]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = other\n`;
  simulator.set({ roles: [...manyRoles(1), ...ROLES.slice(0, 2), NEW] });
  const second = await run(simulator, {
    args: ARGS,
    home: first.home,
    files: { [CONFIG]: edited + theirs },
  });
  assert.equal(second.code, 0, second.stderr);
  const profiles = configOf(second);
  assert.equal(profiles.get(NAMES[0]!)?.["region"], "eu-west-1");
  assert.equal(profiles.get(NAMES[0]!)?.["output"], "json");
  for (const gone of NAMES.slice(2)) assert.equal(profiles.get(gone), undefined, gone);
  assert.ok(second.file(CONFIG).includes(theirs.trim()), second.file(CONFIG));
  assert.match(second.stderr, /Profiles in .*: 1 added, 3 removed, 2 unchanged/);
  assert.match(second.stderr, new RegExp(`did not write for this login; they were not changed: ${ACCOUNTS.prod}-New`));
  assert.match(second.stderr, /--profile-template/);

  // Another person of the same machine's account: nothing of the first is touched without being named.
  const typed = await run(simulator, { args: [...ARGS, "--aws-region", "ap-south-1"], home: first.home });
  assert.equal(configOf(typed).get(NAMES[0]!)?.["region"], "ap-south-1");
});

test(
  "configure --all-roles: keys of a former login go, keys of other tools stay and are named",
  ada(),
  async (simulator) => {
    const files = {
      ...defaultFiles,
      ".aws/credentials": `[${NAMES[3]}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n`,
    };
    const saved = await run(simulator, {
      args: ["--profile", NAMES[0]!, "--aws-account-id", ACCOUNTS.dev, "--aws-role-name", "Admin", "--no-input"],
      files,
    });
    assert.equal(saved.code, 0, saved.stderr);
    const result = await run(simulator, { args: ARGS, home: saved.home });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.file(".aws/credentials"), files[".aws/credentials"]);
    assert.match(result.stderr, new RegExp(`Removed the keys .* profile '${NAMES[0]}'`));
    assert.match(result.stderr, new RegExp(`keys of other tools under these names.*${NAMES[3]}`));
    assert.ok(!configOf(result).has(NAMES[3]!));

    // The login with --all-roles fills the caches, and writes keys for the one that has no line of ours.
    const login = await run(simulator, { args: ["--roles", "*/Developer", "--no-input"], home: saved.home });
    assert.equal(login.code, 0, login.stderr);
    assert.equal(login.file(".aws/credentials"), files[".aws/credentials"]);
    assert.equal(simulator.to("AssumeRoleWithSAML").at(-1)?.fields["DurationSeconds"], "43200");
  },
);

test("configure --all-roles: a role that AWS refuses keeps its profile; its old keys are named", {
  ...ada(),
  roleRules: { [`arn:aws:iam::${ACCOUNTS.dev}:role/Admin`]: { trusted: false } },
}, async (simulator) => {
  const old = `[${NAMES[0]}]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n` +
    `aws_session_token = y\naws_session_expiration = 2020-01-01T00:00:00+0000\n`;
  const result = await run(simulator, { args: ARGS, files: { ...defaultFiles, ".aws/credentials": old } });
  assert.equal(result.code, 6, result.stderr);
  assert.match(complaint(result).error, /credentials of 1 of 5 roles/);
  assert.equal(configOf(result).size, 5);
  assert.match(
    result.stderr,
    new RegExp(`override the credential_process of: ${NAMES[0]}; .* logout --profile ${NAMES[0]}`),
  );
});

test("configure --all-roles: what cannot work is refused before a password is posted", ada(), async (simulator) => {
  const broken = await run(simulator, { args: ARGS, files: { ...defaultFiles, [CONFIG]: "[a]\nx = 1\nno value\n" } });
  assert.equal(broken.code, 2, broken.stderr);
  const file = await run(simulator, { args: [...ARGS, "-f", "x"] });
  assert.equal(file.code, 2, file.stderr);
  const missing = await run(simulator, { args: ARGS, env: {} });
  assert.equal(missing.code, 8, missing.stderr);
  assert.deepEqual(simulator.passwordPosts, 0);
  for (const each of [file, missing]) assert.ok(!each.exists(CONFIG));
});

test("configure --all-roles: interrupted while it signs in, the file is as it was", {
  ...ada(),
  latencyMs: { assertion: 5000 },
}, async (simulator) => {
  const mine = "[profile mine]\nregion = eu-west-1\n";
  const result = await run(simulator, {
    args: ARGS,
    files: { ...defaultFiles, [CONFIG]: mine },
    stdin: async (live) => {
      await live.until(() => simulator.passwordPosts > 0);
      live.kill("SIGINT");
    },
  });
  assert.equal(result.code, 130, result.stderr);
  assert.equal(result.file(CONFIG), mine);
  assert.deepEqual(result.tree().filter(({ path }) => path.startsWith(".aws/")).map(({ path }) => path), [CONFIG]);
});

/** OLAWS_TIMES=1 prints how long 240 roles take, at 50 ms a request. */
const times = Deno.env.get("OLAWS_TIMES") !== undefined;
const COUNT = times ? 240 : 40;

test("configure --all-roles: many roles, and again", {
  ...ada(),
  roles: manyRoles(COUNT),
  latencyMs: times ? 50 : 0,
}, async (simulator) => {
  const timed = async (options: Parameters<typeof run>[1]) => {
    const start = performance.now();
    const result = await run(simulator, options);
    assert.equal(result.code, 0, result.stderr);
    if (times) console.error(options.args?.join(" "), Math.round(performance.now() - start), "ms");
    return result;
  };
  const first = await timed({ args: [...ARGS, "--quiet"] });
  assert.equal(configOf(first).size, COUNT);
  const again = await timed({ args: [...ARGS, "--quiet"], home: first.home });
  assert.equal(again.file(CONFIG), first.file(CONFIG));
  const login = await timed({ args: ["--all-roles", "--no-input", "--quiet"], home: first.home });
  assert.ok(!login.exists(".aws/credentials"));
  // One request for each role: none is refused first.
  assert.equal(rolesAsked(simulator).length, 3 * COUNT);
});

for (const judge of compiled ? await judges() : []) {
  const isHere = judge.command !== undefined;
  if (compiled && !isHere) console.error(`a test is skipped: ${judge.name} is not installed here`);
  Deno.test({
    name:
      `configure --all-roles: ${judge.name} runs the line, from a path with a space, and signs for the profile's region`,
    ignore: !compiled || !isHere || Deno.build.os === "windows",
    fn: () =>
      withSimulator(ada(), async (simulator) => {
        const program = `${freshFolder("my program")}/olaws`;
        Deno.copyFileSync(Deno.env.get("OLAWS_BIN") ?? "", program);
        const configured = await run(simulator, {
          args: [...ARGS, "--aws-region", "eu-west-1"],
          program: [program],
          files: { ...defaultFiles, [CONFIG]: "[profile dev]\nregion = ap-southeast-2\n" },
        });
        assert.equal(configured.code, 0, configured.stderr);
        // The profile's region is in the config file: a login does not contradict it.
        const saved = await run(simulator, {
          args: ["--profile", "dev", "--aws-account-id", ACCOUNTS.prod, "--aws-role-name", "ReadOnly", "--no-input"],
          home: configured.home,
        });
        assert.equal(saved.code, 0, saved.stderr);
        const posts = simulator.passwordPosts;
        const who = [];
        for (const profile of [NAMES[1]!, NAMES[3]!, "dev"]) {
          const process = startJudge(withEndpoint(judge, simulator), {
            ...simulator.env,
            HOME: configured.home,
            AWS_PROFILE: profile,
            AWS_SDK_LOAD_CONFIG: "1",
            AWS_ENDPOINT_URL_STS: simulator.url,
            NO_PROXY: "127.0.0.1",
          });
          who.push((await process.ask()).split(" ")[0]?.replace(/^.*:assumed-role\/(.*)\/.*$/, "$1"));
          await process.end();
        }
        assert.deepEqual(who, ["Developer", "Admin", "ReadOnly"]);
        assert.deepEqual(simulator.to("GetCallerIdentity").map(({ signedRegion }) => signedRegion), [
          "eu-west-1",
          "eu-west-1",
          "ap-southeast-2",
        ]);
        assert.equal(simulator.passwordPosts, posts);
      }),
  });
}
