import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import { FileError } from "../io/deps.ts";
import { fakeClock, fakeContext, fakeFiles } from "../testing.ts";
import { liveCredentials } from "./if_expiring.ts";
import { writeCached } from "../store/save_credentials.ts";
import { subjectOf } from "../store/subject.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });
const option = <T>(value: T) => ({ value, source: { kind: "option", name: "--x" } as const });
const CREDENTIALS = "/home/ada/.aws/credentials";

/** A profile as this program writes it, expiring at 09:00; the clock shows 08:30. */
function section(name: string, more: Readonly<Record<string, string>> = {}): string {
  const values = {
    aws_access_key_id: "ASIAQEXAMPLEEXAMPLE7",
    aws_secret_access_key: "secret",
    aws_session_token: "token",
    x_security_token_expires: "2027-01-15T09:00:00Z",
    x_principal_arn: "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com",
    ...more,
  };
  return `[${name}]\n${
    Object.entries(values).filter(([, value]) => value !== "").map(([k, v]) => `${k} = ${v}\n`).join("")
  }`;
}

/** A home where a login as profile "dev" has filled the cache: Admin's keys, over at 08:50. */
async function withCache(files: Readonly<Record<string, string>>, accessKeyId = "ASIAQEXAMPLEEXAMPLE7") {
  const disk = fakeFiles(files);
  const context = fakeContext({ deps: { clock: fakeClock(), files: disk } });
  const roleArn = "arn:aws:iam::123456789012:role/Admin";
  await writeCached(context, {
    ...subjectOf(context.settings, "dev"),
    obtained: fakeClock().at,
    granted: {
      credentials: { accessKeyId, secretAccessKey: "s", sessionToken: "t", expiration: fakeClock().at + 20 * 60_000 },
      role: { roleArn, principalArn: "", partition: "aws", accountId: "123456789012", path: "", name: "Admin" },
      assumedRoleArn: "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com",
      region: "eu-west-1",
    },
  });
  return (settings: Partial<Settings> = {}, profile = "dev") =>
    leftOf(fakeContext({ deps: { clock: fakeClock(), files: disk }, settings }), profile);
}

/** Milliseconds. */
async function leftOf(...args: Parameters<typeof liveCredentials>): Promise<number | undefined> {
  return (await liveCredentials(...args))?.leftMs;
}

const CONFIG = "/home/ada/.aws/config";
const OURS = "credential_process = /bin/onelogin-aws-assume-role credential-process --profile dev\n";

async function left(text: string | undefined, settings: Partial<Settings> = {}, profile = "dev") {
  const files = fakeFiles(text === undefined ? {} : { [CREDENTIALS]: text });
  return await leftOf(fakeContext({ deps: { clock: fakeClock(), files }, settings }), profile);
}

Deno.test("liveCredentials() is the time until the profile's credentials end", async () => {
  assert.equal(await left(section("dev")), 30 * 60_000);
  const oldForm = { x_security_token_expires: "", aws_session_expiration: "2027-01-15T08:31:00+0000" };
  assert.equal(await left(section("dev", oldForm)), 60_000);
});

Deno.test("liveCredentials() is undefined where there is nothing that lives", async () => {
  assert.equal(await left(undefined), undefined);
  assert.equal(await left(section("other")), undefined);
  assert.equal(await left(section("dev", { x_security_token_expires: "2027-01-15T08:30:00Z" })), undefined);
  assert.equal(await left(section("dev", { x_security_token_expires: "" })), undefined);
  assert.equal(await left(section("dev", { aws_session_token: "" })), undefined, "long-term keys");
});

Deno.test("liveCredentials() does not count credentials of another role than the one asked for", async () => {
  const ok = 30 * 60_000;
  for (
    const [settings, expected] of [
      [{ awsAccountId: set("123456789012"), awsRoleName: set("Admin") }, ok],
      [{ awsRoleName: set("team/dev/Admin") }, ok],
      [{ awsRoleName: set("arn:aws:iam::123456789012:role/team/Admin") }, ok],
      [{ awsAccountId: set("Prod"), accounts: new Map([["123456789012", "Prod"]]) }, ok],
      [{ awsAccountId: set("987654321098") }, undefined],
      [{ awsRoleName: set("ReadOnly") }, undefined],
      [{ awsRoleName: set("arn:aws:iam::987654321098:role/Admin") }, undefined],
      [{ chainRoleArn: ["arn:aws:iam::111122223333:role/x/Admin"] }, undefined],
      [{ chainRoleArn: ["arn:aws:iam::123456789012:role/x/Admin"], awsRoleName: set("Start") }, ok],
    ] as const
  ) assert.equal(await left(section("dev"), settings), expected, JSON.stringify(settings));
  const noArn = section("dev", { x_principal_arn: "" });
  assert.equal(
    await left(noArn, { awsRoleName: set("ReadOnly") }),
    ok,
    "the Python tool does not record whose they are",
  );
});

Deno.test("liveCredentials() reports why the file cannot be read, exit 2", async () => {
  const files = {
    ...fakeFiles(),
    read: () => Promise.reject(new FileError("denied", CREDENTIALS, "Permission denied")),
  };
  await assert.rejects(
    leftOf(fakeContext({ deps: { files } }), "dev"),
    (error) =>
      error instanceof UserError && error.exit === 2 && /cannot read ".*": permission denied/.test(error.message),
  );
});

Deno.test("liveCredentials() counts cached credentials where the profile's credential_process is this program", async () => {
  const ok = 20 * 60_000;
  const config = { [CONFIG]: `[profile dev]\n${OURS}` };
  const served = await withCache(config);
  assert.equal(await served(), ok);
  assert.equal(await served({ awsRoleName: option("Admin") }), ok);
  assert.equal(await served({ awsRoleName: set("ReadOnly") }), undefined, "another role");
  assert.equal(await served({ username: set("bob") }), undefined, "another user");
  assert.equal(await served({}, "other"), undefined);
  assert.equal(
    await served({ file: set("/x"), credentialsFile: "/x" }),
    undefined,
    "the request is for keys in a file",
  );
  assert.equal(await (await withCache({ ...config, [CREDENTIALS]: "[dev]\nregion = x\n" }))(), ok);
});

Deno.test("liveCredentials() does not count cached credentials that no AWS tool would get", async () => {
  assert.equal(await (await withCache({}))(), undefined, "no credential_process");
  const foreign = { [CONFIG]: "[profile dev]\ncredential_process = /opt/vault dev\n" };
  assert.equal(await (await withCache(foreign))(), undefined, "another program's");
  const hidden = {
    [CONFIG]: `[profile dev]\n${OURS}`,
    [CREDENTIALS]: section("dev", { x_security_token_expires: "2027-01-15T08:30:00Z" }),
  };
  assert.equal(await (await withCache(hidden))(), undefined, "keys in the file win, even if they have expired");
});

Deno.test("liveCredentials() does not count keys of an unknown role when a role or an account is typed", async () => {
  const noArn = section("dev", { x_principal_arn: "" });
  const ok = 30 * 60_000;
  for (
    const [key, value] of [
      ["awsRoleName", "Admin"],
      ["awsAccountId", "123456789012"],
    ] as const
  ) {
    const typed = { [key]: option(value) };
    assert.equal(await left(noArn, { [key]: set(value) }), ok, `${key} of a file`);
    assert.equal(await left(noArn, typed), undefined, `${key} typed`);
    // The cache contains the same keys and tells whose they are.
    assert.equal(await (await withCache({ [CREDENTIALS]: noArn }))(typed), ok, key);
    assert.equal(await (await withCache({ [CREDENTIALS]: noArn }, "ASIAQOTHEROTHEROTHE"))(typed), undefined, key);
  }
  const other = { awsRoleName: option("ReadOnly") };
  assert.equal(await (await withCache({ [CREDENTIALS]: noArn }))(other), undefined);
});

Deno.test("liveCredentials(): another user's, tenant's, app's or chain's keys are none, in the file and in the cache", async () => {
  for (const files of [{ [CREDENTIALS]: section("dev") }, { [CONFIG]: `[profile dev]\n${OURS}` }]) {
    const look = await withCache(files);
    assert.ok((await look() ?? 0) > 0);
    assert.equal(await look({ username: set("bob@example.com") }), undefined);
    assert.equal(await look({ subdomain: set("other") }), undefined);
    assert.equal(await look({ appId: set("999") }), undefined);
    assert.equal(await look({ chainRoleArn: ["arn:aws:iam::111122223333:role/Admin"] }), undefined);
  }
});

Deno.test("liveCredentials(): where only the session of the role is known, its name tells another user", async () => {
  assert.ok((await left(section("dev"), { username: set("ada@example.com") }) ?? 0) > 0);
  assert.ok((await left(section("dev"), { username: set("Ada") }) ?? 0) > 0);
  assert.equal(await left(section("dev"), { username: set("bob@example.com") }), undefined);
  assert.ok((await left(section("dev", { x_principal_arn: "" }), { username: set("bob") }) ?? 0) > 0, "nobody knows");
});
