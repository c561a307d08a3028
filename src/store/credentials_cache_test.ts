import assert from "node:assert/strict";
import { FileError } from "../io/deps.ts";
import { fakeContext, fakeFiles } from "../testing.ts";
import type { Context } from "../settings/context.ts";
import { type CachedCredentials, findCached, listCached } from "./credentials_cache.ts";
import { forgetFailures } from "./failures.ts";
import type { RoleCredentials } from "./role_credentials.ts";
import { cacheFiles, cacheSaved, writeCached } from "./save_credentials.ts";
import { subjectOf } from "./subject.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });
const FOLDER = "/home/ada/.onelogin/cache";
const NOW = Date.parse("2027-01-15T08:30:00Z");

function granted(name = "Admin", more: Partial<RoleCredentials> = {}): RoleCredentials {
  return {
    credentials: {
      accessKeyId: "ASIAQEXAMPLEEXAMPLE7",
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: NOW + 3_600_000,
    },
    role: {
      roleArn: `arn:aws:iam::123456789012:role/team/${name}`,
      principalArn: "arn:aws:iam::123456789012:saml-provider/OneLogin",
      partition: "aws",
      accountId: "123456789012",
      path: "team/",
      name,
    },
    assumedRoleArn: `arn:aws:sts::123456789012:assumed-role/${name}/ada`,
    region: "eu-west-1",
    ...more,
  };
}

function cached(more: Partial<CachedCredentials> = {}): CachedCredentials {
  return {
    profile: "dev",
    owner: { username: "ada", appId: "123456", subdomain: "acme" },
    chain: [],
    granted: granted(),
    obtained: NOW,
    ...more,
  };
}

async function reasonOrName(context: Context, profile = "dev"): Promise<string> {
  const found = await findCached(context, subjectOf(context.settings, profile));
  return found.kind === "found" ? found.cached.granted.role.name : found.reason;
}

Deno.test("writeCached, findCached: what was kept is found again as it was, under a name that tells nothing", async () => {
  const files = fakeFiles();
  const context = fakeContext({ deps: { files } });
  const kept = cached({ profile: "../Ünsafe: [name]" });
  await writeCached(context, kept);
  assert.match([...files.contents.keys()].join(), /^\/home\/ada\/\.onelogin\/cache\/[0-9a-f]{16}-[0-9a-f]{16}\.json$/);
  assert.deepEqual(await findCached(context, subjectOf(context.settings, kept.profile)), {
    kind: "found",
    cached: kept,
  });
  assert.equal(await reasonOrName(context, "dev"), "there has been no login for this profile yet");
});

Deno.test("findCached: only what fits user, app, subdomain, chain and role; what is not known fits any", async () => {
  const files = fakeFiles();
  const base = fakeContext({ deps: { files } });
  await writeCached(base, cached());
  const ask = (settings: Parameters<typeof fakeContext>[0] = {}) => reasonOrName({ ...base, ...settingsOf(settings) });
  const settingsOf = (parts: Parameters<typeof fakeContext>[0] = {}) => ({ settings: fakeContext(parts).settings });
  const none = { username: undefined, appId: undefined, subdomain: undefined } as unknown as Context["settings"];
  assert.equal(await ask(), "Admin");
  assert.equal(await ask({ settings: none }), "Admin");
  assert.equal(await ask({ settings: { subdomain: set("ACME") } }), "Admin");
  assert.match(await ask({ settings: { username: set("bob") } }), /was by "ada"$/);
  assert.match(await ask({ settings: { appId: set("7") } }), /for the app "123456"$/);
  assert.match(await ask({ settings: { subdomain: set("other") } }), /at the subdomain "acme"$/);
  assert.match(await ask({ settings: { awsRoleName: set("ReadOnly") } }), /for the role "arn:.*team\/Admin"$/);
  assert.match(await ask({ settings: { awsAccountId: set("210987654321") } }), /for the role/);
  assert.equal(await ask({ settings: { awsRoleName: set("team/Admin"), awsAccountId: set("123456789012") } }), "Admin");
  const accounts = new Map([["123456789012", "Prod"]]);
  assert.equal(await ask({ settings: { awsAccountId: set("Prod"), accounts } }), "Admin");
  const hop = "arn:aws:iam::210987654321:role/Deploy";
  assert.match(await ask({ settings: { chainRoleArn: [hop] } }), /did not use --chain-role-arn$/);
  await writeCached(base, cached({ chain: [hop], granted: granted("Deploy"), obtained: NOW + 1 }));
  assert.equal(await ask({ settings: { chainRoleArn: [hop], awsRoleName: set("Admin") } }), "Deploy");
  assert.equal(await ask(), "Admin", "the chained ones are newer and not what is asked for");
});

Deno.test("findCached: the newest counts where several users had the profile", async () => {
  const files = fakeFiles();
  const anybody = { username: undefined } as unknown as Context["settings"];
  const context = fakeContext({ deps: { files }, settings: anybody });
  await writeCached(context, cached({ granted: granted("New"), obtained: NOW + 5 }));
  await writeCached(context, cached({ owner: { username: "bob" }, granted: granted("Old"), obtained: NOW }));
  assert.equal(await reasonOrName(context), "New");
  assert.deepEqual((await listCached(context)).map((each) => each.granted.role.name), ["New", "Old"]);
});

Deno.test("listCached: damaged files, folders that cannot be read and other names are as good as none", async () => {
  const files = fakeFiles();
  const context = fakeContext({ deps: { files } });
  await writeCached(context, cached());
  const [path = ""] = [...files.contents.keys()];
  const whole = files.contents.get(path) ?? "";
  const damages = [
    "",
    "{}",
    "null",
    "[]",
    "\u0000",
    ...Array.from({ length: 40 }, (_, index) => whole.slice(0, Math.floor(index * whole.length / 42))),
    ...[
      "profile",
      "roleArn",
      "assumedRoleArn",
      "region",
      "obtained",
      "expiration",
      "accessKeyId",
      "secretAccessKey",
      "sessionToken",
      "chain",
      "version",
    ].flatMap((key) => [null, 5, {}, "", "no"].map((value) => JSON.stringify({ ...JSON.parse(whole), [key]: value })))
      .filter((text) => !/"(profile|assumedRoleArn|region|accessKeyId|secretAccessKey|sessionToken)":"no"/.test(text)),
  ];
  for (const damage of damages) {
    files.contents.set(path, damage);
    assert.deepEqual(await listCached(context), [], damage);
  }
  const denied = () => Promise.reject(new FileError("denied", path, "Permission denied"));
  const closed = fakeContext({ deps: { files: { ...files, list: denied } } });
  assert.deepEqual(await listCached(closed), []);
  assert.deepEqual(await listCached(fakeContext({ deps: { files: { ...files, read: denied } } })), []);
});

Deno.test("cacheSaved: keeps each profile, with what the login learned about its owner, and forgets failures", async () => {
  const files = fakeFiles({ [`${FOLDER}/0123456789abcdef.failure.json`]: "{}" });
  const context = fakeContext({ deps: { files } });
  await cacheSaved(context, [
    { ...granted("A", { owner: { username: "typed", appId: "9", subdomain: "ACME" } }), profile: "a" },
    ...Array.from({ length: 20 }, (_, index) => ({ ...granted("B"), profile: `b${index}` })),
  ]);
  assert.deepEqual((await listCached(context, "a")).map(({ owner }) => owner), [
    { username: "typed", appId: "9", subdomain: "acme" },
  ]);
  assert.deepEqual((await listCached(context, "b7")).map(({ owner }) => owner), [
    { username: "ada", appId: "123456", subdomain: "acme" },
  ]);
  assert.equal((await listCached(context)).length, 21);
  assert.doesNotMatch([...files.contents.keys()].join(), /failure/);
});

Deno.test("cacheSaved: a file of its own without a profile fills no cache, and trouble is no error", async () => {
  const files = fakeFiles();
  const file = set("/tmp/creds");
  await cacheSaved(fakeContext({ deps: { files }, settings: { file } }), [{ ...granted(), profile: "default" }]);
  assert.equal(files.contents.size, 0);
  await cacheSaved(fakeContext({ deps: { files }, settings: { file, profile: set("default") } }), [
    { ...granted(), profile: "default" },
  ]);
  assert.equal(files.contents.size, 1);
  const full = { ...fakeFiles(), createNew: () => Promise.reject(new FileError("full", FOLDER, "No space left")) };
  const kept = await cacheSaved(fakeContext({ deps: { files: full } }), [{ ...granted(), profile: "dev" }]);
  assert.equal(kept, false);
});

Deno.test("cacheFiles: names what this program made, for one profile or for all, and no lock and no stranger's file", async () => {
  const files = fakeFiles({
    [`${FOLDER}/roles.json`]: "[]",
    [`${FOLDER}/notes.txt`]: "mine",
    [`${FOLDER}/0123456789abcdef.lock`]: "",
    [`${FOLDER}/0123456789abcdef.failure.json`]: "{}",
  });
  const context = fakeContext({ deps: { files } });
  await writeCached(context, cached());
  await writeCached(context, cached({ profile: "prod" }));
  const all = await cacheFiles(context);
  assert.equal(all.length, 4);
  assert.doesNotMatch(all.join(), /notes|lock/);
  const one = await cacheFiles(context, "dev");
  assert.equal(one.length, 1);
  // A copy is served under any name, so a logout removes it.
  const copy = `${FOLDER}/0123456789abcdef-0123456789abcdef.json`;
  await files.createNew(copy, await files.read(one[0] ?? "") ?? assert.fail(), 0o600);
  assert.deepEqual([...await cacheFiles(context, "dev")].sort(), [...one, copy].sort());
  await files.remove(copy);
  assert.ok(all.includes(one[0] ?? ""));
  await forgetFailures(context);
  assert.equal((await cacheFiles(context)).length, 3);
});
