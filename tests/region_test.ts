/** The region of a profile: AWS's config file has a word in it, and AWS's own tools read what was saved. */
import assert from "node:assert/strict";
import { defaultFiles, withSimulator } from "./harness.ts";
import { ada, ADMIN, PASSWORD, run, section } from "./runs.ts";

const CONFIG = "[profile dev]\nregion = ap-southeast-2\n\n[profile other]\nregion = eu-north-1\n";
const SETTINGS = JSON.stringify({ app_id: "123456", subdomain: "acme", username: "ada@example.com" });
const FILES = { ...defaultFiles, ".onelogin/onelogin.aws.json": SETTINGS, ".aws/config": CONFIG };
const LOGIN = [...ADMIN, "--no-input", "--profile", "dev"];

function regionOf(credentials: string): string | undefined {
  return section(credentials, "dev").find(([key]) => key === "region")?.[1];
}

Deno.test("region: that of the profile in the config file comes before AWS_REGION, and is not written twice", async () => {
  await withSimulator(ada(), async (simulator) => {
    const env = { ...PASSWORD, AWS_REGION: "us-east-1" };
    const saved = await run(simulator, { args: [...LOGIN, "--verbose"], files: FILES, env });
    assert.equal(saved.code, 0, saved.stderr);
    assert.equal(regionOf(saved.file(".aws/credentials")), undefined);
    assert.equal(saved.file(".aws/config"), CONFIG);
    assert.match(saved.stderr, /AWS region ap-southeast-2.*profile.*config/);
    const printed = await run(simulator, { args: [...LOGIN, "--output", "json"], files: FILES, env });
    assert.equal(JSON.parse(printed.stdout).Region, "ap-southeast-2");
  });
});

Deno.test("region: without one in the config file it is written as before", async () => {
  await withSimulator(ada(), async (simulator) => {
    const files = { ...FILES, ".aws/config": "[profile other]\nregion = eu-north-1\n" };
    const saved = await run(simulator, { args: LOGIN, files, env: { ...PASSWORD, AWS_REGION: "us-east-1" } });
    assert.equal(saved.code, 0, saved.stderr);
    assert.equal(regionOf(saved.file(".aws/credentials")), "us-east-1");
  });
});

Deno.test("region: a requested one that contradicts the config file is used, reported and not written", async () => {
  await withSimulator(ada(), async (simulator) => {
    const asked = ["--aws-region", "eu-west-1"];
    const saved = await run(simulator, { args: [...LOGIN, ...asked], files: FILES, env: PASSWORD });
    assert.equal(saved.code, 0, saved.stderr);
    assert.equal(regionOf(saved.file(".aws/credentials")), undefined);
    assert.match(saved.stderr, /warning: profile "dev" keeps the region ap-southeast-2.*--region-in config/s);
    const moved = await run(simulator, {
      args: [...LOGIN, ...asked, "--region-in", "config"],
      files: FILES,
      env: PASSWORD,
    });
    assert.equal(moved.code, 0, moved.stderr);
    assert.match(moved.file(".aws/config"), /\[profile dev\]\nregion = eu-west-1\n/);
    assert.equal(regionOf(moved.file(".aws/credentials")), undefined);
  });
});

Deno.test("region: a piped dialogue is asked as the Python tool asks, with the profile's region as the default", async () => {
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, {
      args: [...ADMIN, "--profile", "dev"],
      files: FILES,
      env: PASSWORD,
      stdin: ["-"],
    });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, /AWS Region \(ap-southeast-2\): /);
    assert.equal(regionOf(result.file(".aws/credentials")), undefined);
  });
});
