import assert from "node:assert/strict";
import type { Role } from "../../saml/role_arn.ts";
import { processEntries, profileChanges } from "./profiles.ts";

function role(name: string, path = ""): Role {
  return {
    roleArn: `arn:aws:iam::123456789012:role/${path}${name}`,
    principalArn: "arn:aws:iam::123456789012:saml-provider/OneLogin",
    accountId: "123456789012",
    name,
    path,
    partition: "aws",
  } as Role;
}

const NAMED = [{ role: role("Admin"), profile: "dev admin" }];
const command = (path: string, platform: "linux" | "windows") =>
  processEntries(path, platform, NAMED, "eu-west-1")?.[0]?.credentialProcess;

Deno.test("profileChanges: account and full role name, so that the profile chooses exactly this role", () => {
  assert.deepEqual(profileChanges([{ role: role("Developer", "team/dev/"), profile: "dev" }]), [
    { key: ["profiles", "dev", "aws_account_id"], value: "123456789012" },
    { key: ["profiles", "dev", "aws_role_name"], value: "team/dev/Developer" },
  ]);
});

Deno.test("processEntries: words with spaces are quoted as shells, shlex and Windows read them", () => {
  assert.equal(command("/opt/bin/olaws", "linux"), '/opt/bin/olaws credential-process --profile "dev admin"');
  assert.equal(command("/opt/my bin/olaws", "linux"), '"/opt/my bin/olaws" credential-process --profile "dev admin"');
  assert.equal(
    command("C:\\Program Files\\olaws.exe", "windows"),
    '"C:\\Program Files\\olaws.exe" credential-process --profile "dev admin"',
  );
});

Deno.test("processEntries: the line names the -c folder that the profile is in", () => {
  const line = (folder: string) =>
    processEntries("/bin/olaws", "linux", NAMED, "eu-west-1", folder)?.[0]?.credentialProcess;
  assert.equal(line("/h/.onelogin/a b"), '/bin/olaws credential-process -c "/h/.onelogin/a b" --profile "dev admin"');
  assert.equal(line("/h/.onelogin/$a"), undefined);
});

Deno.test("processEntries: a path that a shell would expand or cut is not written", () => {
  for (const path of ['/opt/"x"/olaws', "/opt/$HOME/olaws", "/opt/`id`/olaws", "/opt/a\\b/olaws", "/opt/a\nb/olaws"]) {
    assert.equal(command(path, "linux"), undefined, path);
  }
  assert.equal(command("C:\\%TEMP%\\olaws.exe", "windows"), undefined);
});
