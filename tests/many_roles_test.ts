/** Many roles at once, role chaining and --if-expiring, by the whole program. */
import assert from "node:assert/strict";
import { ACCOUNTS, manyRoles, role } from "../simulator/demo_world.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, ADMIN, complaint, PASSWORD, PRIVATE_MODE, rolesAsked, routes, run, section } from "./runs.ts";

/** Has no modes, and no links, pipes or signals as other systems do. */
const windows = Deno.build.os === "windows";

const ALIASES = {
  ...defaultFiles,
  ".onelogin/accounts.yaml": `accounts:\n  "${ACCOUNTS.dev}": Dev\n  "${ACCOUNTS.prod}": prod (EU)\n`,
};
const PROFILES = ["Dev-Admin", "Dev-Developer", "210987654321-Auditor", "prod-EU-Admin", "prod-EU-ReadOnly"];
const headers = (text: string) => Array.from(text.matchAll(/^\[(.*)\]$/gm), ([, name]) => name);

Deno.test("--all-roles: one login, one call for each role, every role a profile in one file, nothing on stdout", async () => {
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, {
      args: ["--all-roles"],
      files: { ...ALIASES, ".aws/credentials": "[mine]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" },
    });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stdout, "");
    assert.deepEqual(routes(simulator), ["token", "assertion", ...Array(5).fill("AssumeRoleWithSAML")]);
    const file = result.file(".aws/credentials");
    assert.deepEqual(headers(file), ["mine", ...PROFILES]);
    for (const profile of PROFILES) {
      const keys = new Map(section(file, profile));
      assert.match(keys.get("aws_access_key_id") ?? "", /^ASIA/);
      assert.equal(keys.get("region"), "us-east-1");
      assert.ok(result.stderr.includes(`Success! Updated AWS profile '${profile}'`), result.stderr);
    }
    assert.match(new Map(section(file, "Dev-Developer")).get("x_principal_arn") ?? "", /:assumed-role\/Developer\//);
    // For the completion of the shell: names only (the harness looks for secrets), and nobody else's to read.
    const cache = result.tree().find(({ path }) => path === ".onelogin/cache/roles.json");
    assert.equal(cache?.mode, PRIVATE_MODE);
    assert.deepEqual(JSON.parse(cache?.text ?? "").roles[1], {
      accountId: ACCOUNTS.dev,
      alias: "Dev",
      role: "Developer",
      path: "team/dev/",
    });
  });
});

Deno.test("--roles with --output json prints an array and saves nothing; with a target beside it does both", async () => {
  await withSimulator(ada(), async (simulator) => {
    const alone = await run(simulator, { args: ["--roles", "*/Auditor", "--output", "json", "--no-input"] });
    assert.equal(alone.code, 0, alone.stderr);
    const [only, ...others] = JSON.parse(alone.stdout);
    assert.deepEqual(others, []);
    assert.equal(only.RoleArn, `arn:aws:iam::${ACCOUNTS.audit}:role/Auditor`);
    assert.equal(only.Profile, undefined);
    assert.ok(!alone.exists(".aws/credentials"));

    const both = await run(simulator, {
      args: [
        "--roles",
        "/:role.Admin$/",
        "--output",
        "json",
        "--region-in",
        "config",
        "--profile-template",
        "{role}@{account}",
      ],
    });
    assert.equal(both.code, 0, both.stderr);
    const names = JSON.parse(both.stdout).map(({ Profile }: { Profile: string }) => Profile);
    assert.deepEqual(names, [`Admin@${ACCOUNTS.dev}`, `Admin@${ACCOUNTS.prod}`]);
    assert.deepEqual(headers(both.file(".aws/credentials")), names);
    assert.deepEqual(headers(both.file(".aws/config")), names.map((name: string) => `profile ${name}`));
  });
});

Deno.test("--all-roles: what cannot work is refused before any request, and nothing is written", async () => {
  await withSimulator(ada(), async (simulator) => {
    const CASES = [
      [["--all-roles", "--output", "env"], /"--output env" with "--all-roles".*one role/],
      [["--roles", "*", "--output", "credential-process"], /credential-process/],
      [["--all-roles", "--profile", "dev"], /"--profile"/],
      [["--all-roles", "--profile-template", "{team}"], /no placeholder "team"/],
      [["--profile-template", "{role}"], /for one role/],
      [["--if-expiring", "600"], /without a profile/],
      [["--chain-role-arn", "Admin"], /not the ARN of a role/],
      [["--chain-external-id", "acme"], /role to assume/],
    ] as const;
    for (const [args, words] of CASES) {
      const result = await run(simulator, { args });
      assert.equal(result.code, 2, args.join(" "));
      assert.match(complaint(result).error, words);
      assert.ok(!result.exists(".aws"));
    }
    assert.deepEqual(simulator.requests, []);
  });
});

Deno.test("--all-roles: names that collide and long-term keys are refused after the login and before AWS is asked", async () => {
  await withSimulator(ada(), async (simulator) => {
    const collision = await run(simulator, { args: ["--all-roles", "--profile-template", "{role}"] });
    assert.equal(collision.code, 2);
    assert.match(complaint(collision).error, /"Admin".*123456789012:role\/Admin.*987654321098:role\/Admin/);
    assert.match(complaint(collision).hints.join(), /\{alias\|account\}-\{role\}/);
    const keys =
      `[${ACCOUNTS.prod}-Admin]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n`;
    const taken = await run(simulator, { args: ["--all-roles"], files: { ...defaultFiles, ".aws/credentials": keys } });
    assert.equal(taken.code, 2);
    assert.match(complaint(taken).error, /long-term keys/);
    assert.equal(taken.file(".aws/credentials"), keys);
    assert.deepEqual(rolesAsked(simulator), []);
    const one = await run(simulator, {
      args: ["--profile", `${ACCOUNTS.prod}-Admin`, ...ADMIN],
      files: { ...defaultFiles, ".aws/credentials": keys },
    });
    assert.equal(one.code, 2);
    assert.equal(simulator.passwordPosts, 2, "one role: not even the password is asked for");
  });
});

Deno.test("--all-roles: a refused role does not cost the others; exit 6 names it", async () => {
  const denied = `arn:aws:iam::${ACCOUNTS.prod}:role/Admin`;
  await withSimulator({ ...ada(), roleRules: { [denied]: { trusted: false } } }, async (simulator) => {
    const env = { ...PASSWORD, AWS_SHARED_CREDENTIALS_FILE: "~/.aws/many" };
    const allow = { files: { ".aws/many": ["secret-key", "session-token"] } } as const;
    const result = await run(simulator, { args: ["--all-roles"], env, allow });
    assert.equal(result.code, 6, result.stderr);
    assert.equal(headers(result.file(".aws/many")).length, 4);
    assert.match(result.stderr, new RegExp(`warning: cannot assume role "${denied}": AWS reports "Not authorized`));
    assert.match(complaint(result).error, /credentials of 1 of 5 roles/);
    assert.match(complaint(result).hints.join("\n"), /trust policy/);
  });
});

Deno.test("--all-roles: a hundred roles, and a new assertion when AWS finds the first too old", async () => {
  const scenario = { ...ada(), roles: manyRoles(100) };
  await withSimulator(scenario, async (simulator) => {
    let calls = 0;
    simulator.set({
      faults: (request) => {
        if (request.route === "AssumeRoleWithSAML" && ++calls === 40) simulator.set({ assertionLifeMs: 0 });
        if (request.route === "assertion") simulator.set({ assertionLifeMs: 300_000 });
        return undefined;
      },
    });
    const result = await run(simulator, { args: ["--all-roles", "--quiet"] });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(headers(result.file(".aws/credentials")).length, 100);
    assert.equal(simulator.to("assertion").length, 2);
    assert.ok(simulator.to("AssumeRoleWithSAML").length <= 108, "only what was under way is asked again");
  });
});

Deno.test("--all-roles: Ctrl-C in the middle ends at once, with eight calls under way and nothing written", {
  ignore: windows,
}, async () => {
  const latencyMs = { AssumeRoleWithSAML: 1500 };
  await withSimulator({ ...ada(), roles: manyRoles(30), latencyMs }, async (simulator) => {
    const result = await run(simulator, {
      args: ["--all-roles", "--output", "json", "--file", "~/.aws/credentials"],
      stdin: async (live) => {
        await simulator.waitFor("AssumeRoleWithSAML", 8);
        live.kill("SIGINT");
      },
    });
    assert.equal(result.code, 130, result.stderr);
    assert.equal(result.stdout, "");
    assert.equal(simulator.to("AssumeRoleWithSAML").length, 8);
    assert.ok(!result.exists(".aws/credentials"));
  });
});

Deno.test("--chain-role-arn: each hop signed by the one before, an hour, the external id; the last role is saved", async () => {
  const first = "arn:aws:iam::111122223333:role/team/Deploy";
  const last = "arn:aws:iam::444455556666:role/Release";
  await withSimulator({ ...ada(), roleRules: { [last]: { externalId: "acme:42" } } }, async (simulator) => {
    const chain = ["--chain-role-arn", first, "--chain-role-arn", last];
    const refused = await run(simulator, { args: [...ADMIN, ...chain] });
    assert.equal(refused.code, 6, refused.stderr);
    assert.equal(refused.stdout, "");
    assert.match(
      complaint(refused).hints.join("\n"),
      /"arn:aws:iam::111122223333:role\/team\/Deploy"[^]*--chain-external-id/,
    );

    const args = [
      ...ADMIN,
      ...chain,
      "--chain-external-id",
      "acme:42",
      "-z",
      "43200",
      "--profile",
      "rel",
      "--output",
      "json",
    ];
    const result = await run(simulator, { args });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stderr.match(/3600 seconds at most/g)?.length, 1);
    const [hop1, hop2] = simulator.to("AssumeRole").slice(-2);
    assert.deepEqual([hop1?.fields["RoleArn"], hop2?.fields["RoleArn"]], [first, last]);
    for (const hop of [hop1, hop2]) {
      assert.equal(hop?.fields["RoleSessionName"], "ada@example.com");
      assert.equal(hop?.fields["DurationSeconds"], "3600");
      assert.equal(hop?.fields["ExternalId"], "acme:42");
      assert.equal(hop?.signedRegion, "us-east-1");
    }
    const { RoleArn, AccountId, AssumedRoleArn, Profile } = JSON.parse(result.stdout);
    const arn = "arn:aws:sts::444455556666:assumed-role/Release/ada@example.com";
    assert.deepEqual([RoleArn, AccountId, AssumedRoleArn, Profile], [last, "444455556666", arn, "rel"]);
    assert.equal(new Map(section(result.file(".aws/credentials"), "rel")).get("x_principal_arn"), arn);
  });
});

Deno.test("--if-expiring: nothing is asked for while the profile lives longer, and a login is made when it does not", async () => {
  await withSimulator(ada(), async (simulator) => {
    const first = await run(simulator, { args: [...ADMIN, "--profile", "dev"] });
    const before = simulator.requests.length;
    const saved = first.file(".aws/credentials");
    const again = { home: first.home, files: {} };
    // No password, no settings: not even a question arises.
    const idle = await run(simulator, { ...again, args: ["--profile", "dev", "--if-expiring", "3000"], env: {} });
    assert.equal(idle.code, 0, idle.stderr);
    assert.equal(idle.stdout, "");
    assert.match(idle.stderr, /^Nothing to do: .*'dev'.* (59 min|1 h)\.\n$/);
    assert.equal(simulator.requests.length, before);
    assert.equal(idle.file(".aws/credentials"), saved);
    const due = await run(simulator, { ...again, args: [...ADMIN, "--profile", "dev", "--if-expiring", "3601"] });
    assert.equal(due.code, 0, due.stderr);
    assert.notEqual(due.file(".aws/credentials"), saved);
  });
});

Deno.test("--if-expiring --output: the live credentials are printed, so that eval has something to read", async () => {
  await withSimulator(ada(), async (simulator) => {
    const first = await run(simulator, { args: [...ADMIN, "--profile", "dev", "--output", "env"] });
    const before = simulator.requests.length;
    const again = { home: first.home, files: {}, env: {} };
    const args = ["--profile", "dev", "--if-expiring", "3000", "--output", "env"];
    const printed = await run(simulator, { ...again, args });
    assert.equal(printed.code, 0, printed.stderr);
    assert.equal(printed.stdout, first.stdout);
    const served = await run(simulator, {
      ...again,
      args: ["credential-process", "--profile", "dev", "--output", "env"],
      allow: { stdout: ["secret-key", "session-token"] },
    });
    assert.equal(served.code, 0, served.stderr);
    assert.equal(served.stdout, first.stdout, "a second terminal needs no login");
    assert.equal(simulator.requests.length, before);
  });
});

Deno.test("login: at a terminal live credentials are renewed only if the person wants it, in a script as ever", {
  ignore: await noPty(),
}, async () => {
  await withSimulator(ada(), async (simulator) => {
    const first = await run(simulator, { args: [...ADMIN, "--profile", "dev"] });
    const before = simulator.requests.length;
    const again = { home: first.home, args: [...ADMIN, "--profile", "dev"], env: PASSWORD, simulator };
    await using no = await openPty(again);
    await no.expect(/Profile 'dev' has credentials for another (59 min|1 h)\. Get new ones\?/);
    await no.sendKey("enter");
    assert.equal((await no.wait()).code, 0, no.screen());
    assert.equal(simulator.requests.length, before);
    await using yes = await openPty(again);
    await yes.expect("Get new ones?");
    await yes.send("y");
    await yes.expect("Success!");
    assert.equal((await yes.wait()).code, 0, yes.screen());
    await using forced = await openPty({ ...again, args: [...again.args, "--force"] });
    await forced.expect("Success!");
    assert.equal((await forced.wait()).code, 0, forced.screen());
    const script = await run(simulator, { ...again, files: {} });
    assert.match(script.stderr, /Success!/);
    assert.equal(simulator.to("AssumeRoleWithSAML").length, 4);
  });
});

Deno.test({
  name: "--all-roles --interactive: a menu with search at a terminal, and only the chosen roles",
  ignore: await noPty(),
  fn: async () => {
    await withSimulator({ ...ada(), roles: [...manyRoles(20), role(ACCOUNTS.prod, "Needle")] }, async (simulator) => {
      await using pty = await openPty({
        args: ["--all-roles", "--interactive"],
        files: defaultFiles,
        env: PASSWORD,
        simulator,
      });
      await pty.expect("AWS roles");
      await pty.send("needle");
      await pty.expect("Needle");
      await pty.sendKey("tab");
      await pty.sendKey("enter");
      await pty.expect(`Updated AWS profile '${ACCOUNTS.prod}-Needle'`);
      const end = await pty.wait();
      assert.equal(end.code, 0, pty.screen());
      assert.deepEqual(rolesAsked(simulator), [`arn:aws:iam::${ACCOUNTS.prod}:role/Needle`]);
    });
  },
});
