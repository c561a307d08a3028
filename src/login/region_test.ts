import assert from "node:assert/strict";
import type { Role } from "../saml/role_arn.ts";
import { readRoles } from "../saml/roles.ts";
import { fakeContext, fakeFiles, fakePrompter, fakeReporter } from "../testing.ts";
import { pickRegion } from "./region.ts";

function roleIn(partition: string): Role {
  const arn = `arn:${partition}:iam::123456789012`;
  return readRoles([`${arn}:role/Admin,${arn}:saml-provider/OneLogin`]).roles[0] ?? assert.fail("no role");
}

/** The region, what was asked and what was reported. `answers` undefined: nobody may be asked. */
async function pick(partition: string, given: string | undefined, answers?: readonly string[]) {
  const reporter = fakeReporter();
  const prompter = answers === undefined ? fakePrompter([], "none") : fakePrompter(answers);
  const context = fakeContext({
    settings: { awsRegion: given === undefined ? undefined as never : { value: given, source: { kind: "default" } } },
    prompter,
    reporter,
  });
  const region = await pickRegion(context, roleIn(partition));
  return { region, asked: prompter.asked.length, said: reporter.lines };
}

Deno.test("pickRegion() takes a region of the role's partition as it is, without a question", async () => {
  for (
    const [partition, region] of [["aws", "eu-west-3"], ["aws-cn", "cn-north-1"], [
      "aws-us-gov",
      "us-gov-east-1",
    ]] as const
  ) {
    assert.deepEqual(await pick(partition, region, []), { region, asked: 0, said: [] });
  }
});

Deno.test("pickRegion() takes a region that nobody knows yet", async () => {
  assert.equal((await pick("aws", "xx-future-7", [])).region, "xx-future-7");
});

Deno.test("pickRegion() replaces a region of another partition by a default of the role's, with a warning", async () => {
  const cases = [["aws-cn", "us-west-2", /^cn-/], ["aws-us-gov", "us-west-2", /^us-gov-/], [
    "aws",
    "cn-north-1",
    /^us-/,
  ]] as const;
  for (const [partition, given, expected] of cases) {
    const { region, said } = await pick(partition, given, []);
    assert.match(region, expected);
    assert.deepEqual(said, [
      `warning: region ${given} is not in the partition ${partition} of the role; using ${region}`,
    ]);
  }
});

Deno.test("pickRegion() asks with us-west-2 as default, which an empty answer and '-' take, like the Python tool", async () => {
  assert.equal((await pick("aws", undefined, [""])).region, "us-west-2");
  assert.equal((await pick("aws", undefined, ["-"])).region, "us-west-2");
  assert.equal((await pick("aws", undefined, ["eu-west-1"])).region, "eu-west-1");
  assert.match((await pick("aws-cn", undefined, [""])).region, /^cn-/);
});

Deno.test("pickRegion() asks again after what is no region", async () => {
  const { region, asked, said } = await pick("aws", undefined, ["Frankfurt", "eu central 1", "eu-central-1"]);
  assert.deepEqual([region, asked, said.length], ["eu-central-1", 3, 2]);
});

Deno.test("pickRegion() takes the default and reports it where nobody may be asked", async () => {
  assert.deepEqual(await pick("aws", undefined), {
    region: "us-west-2",
    asked: 0,
    said: ["No AWS region is set: using us-west-2."],
  });
});

Deno.test("pickRegion() takes the profile's own region in AWS's config file before that of the team", async () => {
  const pickFrom = async (path: string, config: string) => {
    const context = fakeContext({
      deps: { files: fakeFiles({ "/home/ada/.aws/config": config }) },
      settings: {
        profile: { value: "dev", source: { kind: "default" } },
        awsRegion: { value: "eu-west-1", source: { kind: "file", path, key: "aws_region" } },
      },
    });
    return await pickRegion(context, roleIn("aws"));
  };
  const config = "[profile dev]\nregion = ap-southeast-2\n";
  assert.equal(await pickFrom("/home/ada/.onelogin/team.json", config), "ap-southeast-2");
  assert.equal(await pickFrom("/home/ada/.onelogin/team.json", ""), "eu-west-1");
  assert.equal(await pickFrom("/home/ada/.onelogin/onelogin.aws.json", config), "eu-west-1");
});
