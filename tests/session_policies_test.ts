/** Session policies: from options and from onelogin.aws.json, what AWS reports about them, and never served for another. */
import assert from "node:assert/strict";
import { ACCOUNTS } from "../simulator/demo_world.ts";
import type { Simulator } from "../simulator/server.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { ada, ADMIN, complaint, run, section } from "./runs.ts";

const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const POLICY = `{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" }]
}
`;
const PACKED = JSON.stringify(JSON.parse(POLICY));
const POLICY_OPTIONS = ["--policy-arn", READ_ONLY, "--policy-file", "~/policy.json"];
const policyOf = (
  request: { readonly fields: Readonly<Record<string, unknown>> } | undefined,
) => [request?.fields["PolicyArns.member.1.arn"], request?.fields["Policy"]];

Deno.test("session policies: sent for one role and many, for the last hop of a chain alone, never kept for more", async () => {
  await withSimulator(ada(), async (simulator) => {
    const files = { ...defaultFiles, "policy.json": POLICY };
    const one = await run(simulator, { args: [...ADMIN, ...POLICY_OPTIONS, "--profile", "dev"], files });
    assert.equal(one.code, 0, one.stderr);
    assert.deepEqual(policyOf(simulator.to("AssumeRoleWithSAML").at(-1)), [READ_ONLY, PACKED]);
    assert.match(new Map(section(one.file(".aws/credentials"), "dev")).get("aws_access_key_id") ?? "", /^ASIA/);
    const process = ["credential-process", "-p", "dev", ...ADMIN];
    const whole = await run(simulator, { args: process, home: one.home, files: {}, env: {} });
    assert.deepEqual([whole.code, whole.stdout], [8, ""], "served for more");
    assert.match(complaint(whole).error, /had a session policy/);
    const narrow = await run(simulator, { args: [...process, ...POLICY_OPTIONS], home: one.home, files: {}, env: {} });
    assert.equal(narrow.code, 0, narrow.stderr);

    const before = simulator.to("AssumeRoleWithSAML").length;
    const many = await run(simulator, { args: ["--all-roles", ...POLICY_OPTIONS], files });
    assert.equal(many.code, 0, many.stderr);
    const calls = simulator.to("AssumeRoleWithSAML").slice(before);
    assert.deepEqual(calls.map(policyOf), Array(5).fill([READ_ONLY, PACKED]));

    const hops = ["arn:aws:iam::111122223333:role/Deploy", "arn:aws:iam::444455556666:role/Release"];
    const chain = hops.flatMap((arn) => ["--chain-role-arn", arn]);
    const last = await run(simulator, { args: [...ADMIN, ...chain, ...POLICY_OPTIONS, "--output", "json"], files });
    assert.equal(last.code, 0, last.stderr);
    assert.deepEqual(policyOf(simulator.to("AssumeRoleWithSAML").at(-1)), [undefined, undefined]);
    assert.deepEqual(simulator.to("AssumeRole").slice(-2).map(policyOf), [
      [undefined, undefined],
      [READ_ONLY, PACKED],
    ]);
  });
});

Deno.test("session policies: what cannot be used is refused before any request", async () => {
  await withSimulator(ada(), async (simulator) => {
    const CASES = [
      [["--policy-arn", "ReadOnlyAccess"], "", /not the ARN of a managed policy/],
      [Array(11).fill(["--policy-arn", READ_ONLY]).flat(), "", /AWS accepts at most 10/],
      [["--policy-file", "~/none.json"], "", /no such file/],
      [["--policy-file", "~/policy.json"], "{", /not JSON/],
      [["--policy-file", "~/policy.json"], '{"Statement":[],"Statement":[]}', /a name twice/],
      [["--policy-file", "~/policy.json"], "[]", /"Statement"/],
      [["--policy-file", "~/policy.json"], '{"Statement":"\u20ac"}', /Latin-1/],
      [["--policy-file", "~/policy.json"], `{"Statement":"${"x".repeat(2048)}"}`, /2064 characters.*2048/],
    ] as const;
    for (const [args, text, words] of CASES) {
      const result = await run(simulator, { args, files: { ...defaultFiles, "policy.json": text } });
      assert.equal(result.code, 2, result.stderr);
      assert.match(complaint(result).error, words);
    }
    assert.deepEqual(simulator.requests, []);
  });
});

const DENY = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:Get*", Resource: "*" }] };
const ROLE = { aws_account_id: ACCOUNTS.dev, aws_role_name: "Admin" };
const withProfiles = (profiles: Readonly<Record<string, object>>) => ({
  ...defaultFiles,
  ".onelogin/onelogin.aws.json": JSON.stringify({
    ...JSON.parse(String(defaultFiles[".onelogin/onelogin.aws.json"])),
    profiles,
  }),
});
const keyOf = (stdout: string) => JSON.parse(stdout).AccessKeyId;
const sent = (simulator: Simulator) => policyOf(simulator.to("AssumeRoleWithSAML").at(-1));

Deno.test("session policies of a profile: for a login, credential-process and console, each from its own cache", async () => {
  await withSimulator(ada(), async (simulator) => {
    const files = withProfiles({
      narrow: { ...ROLE, policy_arns: [READ_ONLY], policy: DENY },
      whole: ROLE,
    });
    const login = await run(simulator, { args: ["-p", "narrow"], files });
    assert.equal(login.code, 0, login.stderr);
    assert.deepEqual(sent(simulator), [READ_ONLY, JSON.stringify(DENY)]);
    const { home } = login;
    const calls = simulator.to("AssumeRoleWithSAML").length;
    const served = await run(simulator, { args: ["credential-process", "-p", "narrow"], home, files: {}, env: {} });
    assert.equal(
      keyOf(served.stdout),
      new Map(section(login.file(".aws/credentials"), "narrow")).get("aws_access_key_id"),
    );
    const kept = await run(simulator, {
      args: ["-p", "narrow", "--if-expiring", "600", "--no-input"],
      home,
      files: {},
    });
    assert.match(kept.stderr, /Nothing to do/);
    const console = await run(simulator, { args: ["console", "-p", "narrow"], home, files: {}, env: {} });
    assert.equal(console.code, 0, console.stderr);
    assert.equal(simulator.to("AssumeRoleWithSAML").length, calls);

    // The policy is taken out of the file: what was narrowed serves nobody.
    const open = withProfiles({ narrow: ROLE, whole: ROLE });
    const process = await run(simulator, { args: ["credential-process", "-p", "narrow"], home, files: open, env: {} });
    assert.deepEqual([process.code, process.stdout], [8, ""]);
    const url = await run(simulator, { args: ["console", "-p", "narrow", "--no-input"], home, files: {}, env: {} });
    assert.deepEqual([url.code, url.stdout], [8, ""], url.stderr);
    const renewed = await run(simulator, {
      args: ["-p", "narrow", "--if-expiring", "600", "--no-input"],
      home,
      files: {},
    });
    assert.match(renewed.stderr, /Success!/);
    assert.deepEqual(sent(simulator), [undefined, undefined]);

    // And the other way round: what is allowed everything serves nobody who asks for less.
    for (const args of [["credential-process"], ["console", "--no-input"]]) {
      const less = [...args, "-p", "narrow", "--policy-arn", READ_ONLY.replace("ReadOnly", "S3Full")];
      const result = await run(simulator, { args: less, home, files: {}, env: {} });
      assert.deepEqual([result.code, result.stdout], [8, ""], result.stderr);
    }
    const again = await run(simulator, {
      args: ["-p", "narrow", "--policy-arn", READ_ONLY, "--if-expiring", "600", "--no-input"],
      home,
      files: {},
    });
    assert.match(again.stderr, /Success!/);
    assert.deepEqual(sent(simulator), [READ_ONLY, undefined]);
  });
});

Deno.test("session policies: credential-process renews with that of the profile, and keeps both kinds", async () => {
  await withSimulator(ada(), async (simulator) => {
    const files = withProfiles({ dev: { ...ROLE, policy_arns: READ_ONLY } });
    const config = "[profile dev]\ncredential_process = onelogin-aws-assume-role credential-process --profile dev\n";
    const narrow = await run(simulator, {
      args: ["credential-process", "-p", "dev"],
      files: { ...files, ".aws/config": config },
    });
    assert.deepEqual([narrow.code, narrow.stderr], [0, ""]);
    assert.deepEqual(sent(simulator), [READ_ONLY, undefined]);
    const { home } = narrow;
    const other = READ_ONLY.replace("ReadOnly", "Billing");
    const typed = await run(simulator, {
      args: ["credential-process", "-p", "dev", "--policy-arn", other],
      home,
      files: {},
    });
    assert.deepEqual(sent(simulator), [other, undefined]);
    assert.notEqual(keyOf(typed.stdout), keyOf(narrow.stdout));
    const again = await run(simulator, { args: ["credential-process", "-p", "dev"], home, files: {}, env: {} });
    assert.equal(keyOf(again.stdout), keyOf(narrow.stdout));

    // A login with the profile's policy fills what its process serves; with another one it writes keys, and reports it.
    const filled = await run(simulator, { args: ["-p", "dev"], home, files: {} });
    assert.match(filled.stderr, /Success! The credential_process of AWS profile 'dev'|AWS profile 'dev' now gets/);
    assert.ok(!filled.exists(".aws/credentials"));
    const beside = await run(simulator, { args: ["-p", "dev", "--policy-arn", other], home, files: {} });
    assert.match(beside.stderr, /keys with a session policy override the credential_process of profile "dev"/);
    assert.ok(beside.exists(".aws/credentials"));
  });
});

Deno.test("session policies: AWS's errors about them are explained, with what to change", async () => {
  const CASES = [
    [
      {},
      { Statement: [{ Effect: "allow" }] },
      /Syntax errors in policy.*MalformedPolicyDocument/,
      /"policy" in onelogin\.aws\.json/,
    ],
    [{ maxPackedPolicy: 40 }, DENY, /consumes \d+% of allotted space.*PackedPolicyTooLarge/, /shorter/],
  ] as const;
  for (const [scenario, policy, words, hint] of CASES) {
    await withSimulator({ ...ada(), ...scenario }, async (simulator) => {
      const files = { ...withProfiles({ dev: { ...ROLE, policy } }), "policy.json": JSON.stringify(policy) };
      for (
        const args of [["-p", "dev"], ["credential-process", "-p", "dev"], [...ADMIN, "--policy-file", "~/policy.json"]]
      ) {
        const result = await run(simulator, { args, files });
        assert.deepEqual([result.code, result.stdout], [6, ""], result.stderr);
        assert.match(complaint(result).error, words);
        assert.match(complaint(result).hints.join("\n"), hint);
        assert.ok(!result.exists(".aws/credentials"));
      }
      assert.equal(simulator.passwordPosts, 3);
    });
  }
});

Deno.test("session policies: doctor shows the policy of a profile and where it is set", async () => {
  await withSimulator(ada(), async (simulator) => {
    const files = withProfiles({ narrow: { ...ROLE, policy_arns: [READ_ONLY], policy: DENY } });
    const result = await run(simulator, { args: ["doctor", "-p", "narrow", "--verbose"], files });
    const line = result.stdout.split("\n").find((line) => line.includes("session policy: ")) ?? "";
    assert.ok(line.includes(`${READ_ONLY}, a policy as JSON`), result.stdout);
    assert.match(line, /from "profiles\.narrow\.policy_arns" in ".*onelogin\.aws\.json"/);
  });
});
