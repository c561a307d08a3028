import assert from "node:assert/strict";
import { Exit, UserError } from "../errors.ts";
import { FileError } from "../io/deps.ts";
import { fakeContext, fakeFiles } from "../testing.ts";
import { writeCached } from "./save_credentials.ts";
import { assumedRole, regionFor, savedCredentials } from "./saved.ts";

const CREDENTIALS = "/home/ada/.aws/credentials";
const NOW = Date.parse("2027-01-15T08:30:00Z");
const ARN = "arn:aws:sts::123456789012:assumed-role/Admin/ada";

function section(profile: string, key: string, more = ""): string {
  return `[${profile}]\naws_access_key_id = ${key}\naws_secret_access_key = s\naws_session_token = t\n` +
    `aws_session_expiration = 2027-01-15T09:30:00+0000\n${more}\n`;
}

function cached(profile: string, accessKeyId: string, obtained = NOW) {
  return {
    profile,
    owner: {},
    chain: [],
    obtained,
    granted: {
      credentials: { accessKeyId, secretAccessKey: "s", sessionToken: "t", expiration: NOW + 60_000 },
      role: {
        roleArn: "arn:aws:iam::123456789012:role/Admin",
        principalArn: "",
        partition: "aws",
        accountId: "123456789012",
        path: "",
        name: "Admin",
      },
      assumedRoleArn: ARN,
      region: "eu-west-1",
    },
  };
}

Deno.test("savedCredentials: file and cache together, sorted; the same keys are one entry that knows what both know", async () => {
  const files = fakeFiles({
    [CREDENTIALS]: section("zeta", "ASIAZ", `x_principal_arn = ${ARN}\nregion = us-west-2\n`) +
      section("dev", "ASIAD") +
      section("moved", "ASIAOLD") + "[own]\naws_access_key_id = AKIA\naws_secret_access_key = s\n",
    "/home/ada/.aws/config": "[profile moved]\nregion = ap-south-1\n",
  });
  const context = fakeContext({ deps: { files } });
  await writeCached(context, cached("dev", "ASIAD"));
  await writeCached(context, cached("moved", "ASIANEW"));
  await writeCached(context, { ...cached("alpha", "ASIAOLDER", NOW - 5), owner: { username: "bob" } });
  await writeCached(context, cached("alpha", "ASIAALPHA"));
  const found = await savedCredentials(context);
  assert.deepEqual(found.map(({ profile, savedIn, accessKeyId, region }) => [profile, savedIn, accessKeyId, region]), [
    ["alpha", ["cache"], "ASIAALPHA", "eu-west-1"],
    ["dev", ["credentials-file", "cache"], "ASIAD", "eu-west-1"],
    ["moved", ["credentials-file"], "ASIAOLD", "ap-south-1"],
    ["moved", ["cache"], "ASIANEW", "eu-west-1"],
    ["zeta", ["credentials-file"], "ASIAZ", "us-west-2"],
  ]);
  // The Python tool does not report which role; the cache does where the keys are the same.
  assert.deepEqual(found.map(({ assumedRoleArn }) => assumedRoleArn), [ARN, ARN, undefined, ARN, ARN]);
  assert.deepEqual(found.map(({ chain }) => chain), [[], [], undefined, [], undefined]);
  assert.deepEqual(found[4]?.credentials(), {
    accessKeyId: "ASIAZ",
    secretAccessKey: "s",
    sessionToken: "t",
    expiration: Date.parse("2027-01-15T09:30:00Z"),
  });
  assert.deepEqual((await savedCredentials(context, "zeta")).map(({ profile }) => profile), ["zeta"]);
  assert.deepEqual(await savedCredentials(context, "own"), []);
});

Deno.test("savedCredentials: no file is no credentials; one that cannot be read is a usage error that names it", async () => {
  assert.deepEqual(await savedCredentials(fakeContext({ deps: { files: fakeFiles() } })), []);
  const read = (path: string) => Promise.reject(new FileError("denied", path, "Permission denied (os error 13)"));
  await assert.rejects(
    savedCredentials(fakeContext({ deps: { files: { ...fakeFiles(), read } } })),
    (error: UserError) => error.exit === Exit.usage && error.message.includes(CREDENTIALS),
  );
});

Deno.test("assumedRole, regionFor: the parts of the ARN, and a region of its partition", () => {
  assert.deepEqual(assumedRole(ARN), { partition: "aws", accountId: "123456789012", name: "Admin" });
  for (const arn of ["", "arn:aws:iam::123456789012:role/Admin", `x${ARN}`]) assert.equal(assumedRole(arn), undefined);
  const gov = "arn:aws-us-gov:sts::123456789012:assumed-role/Admin/ada";
  assert.equal(regionFor({ assumedRoleArn: ARN, region: "eu-west-1" }), "eu-west-1");
  assert.equal(regionFor({ assumedRoleArn: gov, region: "eu-west-1" }), "us-gov-west-1");
  assert.equal(regionFor({ region: "cn-north-1" }), "cn-north-1");
  assert.equal(regionFor({ region: "evil.example/" }), "us-east-1");
  assert.equal(regionFor({}), "us-east-1");
});
