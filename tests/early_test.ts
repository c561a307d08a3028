/** What can be known without the network is found before anybody types a password: nothing is posted, no phone rings. */
import assert from "node:assert/strict";
import { defaultFiles, withSimulator } from "./harness.ts";
import { ada, ADMIN, complaint, run, together } from "./runs.ts";

/** onelogin.aws.json with a region, at its top or in a profile. */
const awsFile = (change: (text: Record<string, unknown>) => Record<string, unknown>) => ({
  ...defaultFiles,
  ".onelogin/onelogin.aws.json": JSON.stringify(
    change(JSON.parse(String(defaultFiles[".onelogin/onelogin.aws.json"]))),
  ),
});

Deno.test("early: a region AWS does not have is refused from wherever it comes, and the nearest one is offered", async () => {
  const { aws_region: _, ...rest } = JSON.parse(String(defaultFiles[".onelogin/onelogin.aws.json"]));
  const without = awsFile(() => rest);
  await withSimulator(ada(), async (simulator) => {
    const cases = [
      { args: ["--aws-region", "us-east"], files: defaultFiles, env: {}, near: "us-east-1" },
      { args: [], files: without, env: { AWS_REGION: "us-east-1a" }, near: "us-east-1" },
      { args: [], files: without, env: { AWS_DEFAULT_REGION: "Ireland" }, near: "eu-west-1" },
      { args: [], files: awsFile((text) => ({ ...text, aws_region: "us-esat-1" })), env: {}, near: "us-east-1" },
      {
        args: ["-p", "dev"],
        files: awsFile(() => ({ ...rest, profiles: { dev: { aws_region: "EU (Frankfurt)" } } })),
        env: {},
        near: "eu-central-1",
      },
    ];
    await together(cases.map(({ args, files, env, near }) => async () => {
      const result = await run(simulator, {
        args: [...ADMIN, ...args],
        files,
        env: { ONELOGIN_PASSWORD: "x", ...env },
      });
      assert.equal(result.code, 2, result.stderr);
      const { error, hints } = complaint(result);
      assert.match(error, /" is not an AWS region$/);
      assert.deepEqual(hints, [`did you mean "${near}"?`]);
    }));
    assert.equal(simulator.requests.length, 0);
  });
});

Deno.test("early: a file that cannot be edited costs no login for many roles either, and no folder is left behind", async () => {
  await withSimulator(ada(), async (simulator) => {
    const files = { ...defaultFiles, ".aws/credentials": "key = value\n" };
    const result = await run(simulator, { args: ["--all-roles"], files });
    assert.equal(result.code, 2, result.stderr);
    assert.match(complaint(result).error, /line 1: .*first \[section\]/);
    assert.equal(simulator.requests.length, 0);
  });
  await withSimulator(ada(), async (simulator) => {
    const args = [...ADMIN, "-p", "dev", "--no-input", "--onelogin-subdomain", "acme"];
    const result = await run(simulator, { args, env: {} });
    assert.equal(result.code, 8, result.stderr);
    assert.equal(result.exists(".aws"), false, "a rehearsal leaves nothing");
  });
});

Deno.test("early: a template that gives two roles of the last login one name is refused before the password", async () => {
  await withSimulator(ada(), async (simulator) => {
    const listed = await run(simulator, { args: ["roles"] });
    assert.equal(listed.code, 0, listed.stderr);
    const posts = simulator.requests.length;
    const args = ["--all-roles", "--profile-template", "{role}"];
    const refused = await run(simulator, { args, home: listed.home, files: {} });
    assert.equal(refused.code, 2, refused.stderr);
    const { error, hints } = complaint(refused);
    assert.match(error, /two roles.*"Admin"/);
    assert.match(hints.join("\n"), /--profile-template .*\n.*: .* roles$/);
    assert.equal(simulator.requests.length, posts);
    // Another user's roles prove nothing.
    const env = { ONELOGIN_PASSWORD: "x", ONELOGIN_USERNAME: "bob@example.com" };
    const other = await run(simulator, { args: [...args, "--no-input"], home: listed.home, files: {}, env });
    assert.equal(other.code, 3, other.stderr);
  });
});
