import { localTime } from "../duration.ts";
import assert from "node:assert/strict";
import type { Settings } from "../settings/settings.ts";
import { UserError } from "../errors.ts";
import { FileError, type Files } from "../io/deps.ts";
import { fakeClock, fakeContext, fakeFiles, fakeReporter, fakeTerminal } from "../testing.ts";
import { defaultFormat, deliverer, manyDelivery, savedProfile } from "./deliver.ts";
import { checkTargets } from "./save_profiles.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";

const FILE = "/home/ada/.aws/credentials";
const CONFIG = "/home/ada/.aws/config";
const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });

function granted(name = "Admin"): RoleCredentials {
  return {
    credentials: {
      accessKeyId: "ASIAQEXAMPLEEXAMPLE7",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE",
      expiration: fakeClock().at + 3_600_000,
    },
    role: {
      roleArn: `arn:aws:iam::123456789012:role/${name}`,
      principalArn: "arn:aws:iam::123456789012:saml-provider/OneLogin",
      partition: "aws",
      accountId: "123456789012",
      path: "",
      name,
    },
    assumedRoleArn: `arn:aws:sts::123456789012:assumed-role/${name}/ada`,
    region: "eu-west-1",
  };
}

function world(settings: Partial<Settings> = {}, old: Readonly<Record<string, string>> = {}) {
  const files = fakeFiles(old);
  const terminal = fakeTerminal();
  const reporter = fakeReporter();
  return { files, terminal, reporter, context: fakeContext({ deps: { files, terminal }, settings, reporter }) };
}

/** From here on nothing more can be written to the cache. */
function fillCacheFolder(files: Files): void {
  const { createNew } = files;
  files.createNew = (path, bytes, mode) =>
    path.includes("/cache/")
      ? Promise.reject(new FileError("full", path, "No space left"))
      : createNew(path, bytes, mode);
}

Deno.test("savedProfile() is the profile, 'default' for a file alone, and nothing otherwise", () => {
  assert.equal(savedProfile({ profile: set("dev") }), "dev");
  assert.equal(savedProfile({ file: set("/x") }), "default");
  assert.equal(savedProfile({}), undefined);
});

Deno.test("deliverer() prints without a profile and writes no file", async () => {
  const { files, terminal, reporter, context } = world();
  await deliverer(context)(granted(), undefined);
  assert.match(terminal.out, /^(export \w+=\S+\n){6}$/);
  assert.equal(files.contents.has(FILE), false);
  assert.deepEqual(reporter.lines, [
    `Success! Assumed role user: arn:aws:sts::123456789012:assumed-role/Admin/ada, until ${
      localTime(granted().credentials.expiration)
    }`,
  ]);
});

Deno.test("deliverer() saves a profile and prints nothing; with --output it does both", async () => {
  const saved = world({ profile: set("dev") });
  await deliverer(saved.context)(granted(), undefined);
  assert.equal(saved.terminal.out, "");
  assert.match(saved.files.contents.get(FILE) ?? "", /^\[dev\]$/m);
  assert.match(
    saved.reporter.lines.join(),
    /Success! Updated AWS profile 'dev' located at \/home\/ada\/\.aws\/credentials/,
  );

  const both = world({ profile: set("dev"), output: "json" });
  await deliverer(both.context)(granted(), "other");
  assert.equal(JSON.parse(both.terminal.out).Profile, "other");
  assert.match(both.files.contents.get(FILE) ?? "", /^\[other\]$/m);
});

Deno.test("deliverer() writes the region to the file of --region-in", async () => {
  const { files, context } = world({ profile: set("dev"), regionIn: set("config" as const) });
  await deliverer(context)(granted(), undefined);
  assert.doesNotMatch(files.contents.get(FILE) ?? "", /^region/m);
  assert.match(files.contents.get(CONFIG) ?? "", /^\[profile dev\]\nregion = eu-west-1$/m);
});

Deno.test("manyDelivery() writes all profiles at once and prints one array", async () => {
  const { files, terminal, context } = world({ output: "json" });
  const both = [{ ...granted("A"), profile: "a" }, { ...granted("B"), profile: "b" }];
  await manyDelivery(context).deliver(both);
  assert.deepEqual(JSON.parse(terminal.out).map(({ Profile }: { Profile: string }) => Profile), ["a", "b"]);
  assert.match(files.contents.get(FILE) ?? "", /\[a\][^]*\[b\]/);
});

Deno.test("checkTargets() refuses a profile with long-term keys before anybody is asked, unless forced", async () => {
  const keys = "[dev]\naws_access_key_id = AKIAEXAMPLEEXAMPLE12\naws_secret_access_key = mine\n";
  await assert.rejects(
    checkTargets(world({}, { [FILE]: keys }).context, ["dev"]),
    (error) => error instanceof UserError && error.exit === 2 && !error.message.includes("mine"),
  );
  await checkTargets(world({}, { [FILE]: keys }).context, ["other"]);
  await checkTargets(world({ force: true }, { [FILE]: keys }).context, ["dev"]);
  await checkTargets(world().context, ["dev"]);
});

/** What a person may have set up in the config file, and the word the refusal names. */
const SET_UP = [
  ["role_arn = arn:aws:iam::123456789012:role/X\nsource_profile = base\n", "role_arn"],
  ["role_arn = arn:aws:iam::123456789012:role/X\ncredential_source = Environment\n", "role_arn"],
  ["sso_session = corp\nsso_account_id = 123456789012\n", "sso_session"],
  ["sso_start_url = https://x.awsapps.com/start\n", "sso_start_url"],
  ["login_session = arn:aws:iam::123456789012:user/ada\n", "login_session"],
  ["credential_process = /opt/vault --profile dev\n", "credential_process"],
  ["aws_access_key_id = AKIAEXAMPLEEXAMPLE12\naws_secret_access_key = mine\n", "long-term keys"],
] as const;

Deno.test("checkTargets() and the write refuse a profile that the config file sets up, unless forced", async () => {
  for (const [text, word] of SET_UP) {
    const config = { [CONFIG]: `[profile dev]\nregion = eu-west-1\n${text}` };
    const refused = (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.equal(error.exit, 2);
      assert.ok(error.message.includes(word) && error.message.includes(CONFIG), error.message);
      assert.doesNotMatch(error.message, /mine/);
      assert.match(error.hints.join("\n"), /--profile NAME\n.*--force/);
      return true;
    };
    await assert.rejects(checkTargets(world({}, config).context, ["other", "dev"]), refused);
    const { files, context } = world({ profile: set("dev") }, config);
    await assert.rejects(deliverer(context)(granted(), undefined), refused);
    assert.equal(files.contents.has(FILE), false);
    assert.equal(files.contents.get(CONFIG), config[CONFIG]);

    const forced = world({ profile: set("dev"), force: true }, config);
    await checkTargets(forced.context, ["dev"]);
    await deliverer(forced.context)(granted(), undefined);
    assert.match(forced.files.contents.get(FILE) ?? "", /aws_session_token/);
    const hides = /warning: ".*" of profile "dev" in ".*config" overrides the keys that were saved/;
    const loses = word === "credential_process" || word === "long-term keys";
    assert.equal(hides.test(forced.reporter.lines.join("\n")), !loses, word);
  }
});

Deno.test("checkTargets() leaves a plain section, our credential_process, a source of itself and --file alone", async () => {
  const free = [
    "[profile dev]\nregion = eu-west-1\noutput = json\ns3 =\n  max_concurrent_requests = 5\n",
    "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/X\nsource_profile = dev\n",
    "[sso-session dev]\nsso_region = eu-west-1\n[profile other]\nsso_session = dev\n[dev]\nsso_session = x\n",
    PROCESS,
    "\ufeff[profile dev]\nrole_arn =\n",
  ];
  for (const text of free) await checkTargets(world({}, { [CONFIG]: text }).context, ["dev"]);
  const sso = { [CONFIG]: "[default]\nsso_session = corp\n" };
  await assert.rejects(checkTargets(world({}, sso).context, ["default"]), UserError);
  await checkTargets(world({ file: set("/x"), credentialsFile: "/x" }, sso).context, ["default"]);
});

Deno.test("checkTargets() names the options that name many profiles, where many are saved", async () => {
  const keys = { [FILE]: "[dev]\naws_access_key_id = AKIAEXAMPLEEXAMPLE12\naws_secret_access_key = mine\n" };
  const sso = { [CONFIG]: "[profile dev]\nsso_session = corp\n" };
  for (const old of [keys, sso]) {
    for (const settings of [{ allRoles: true }, { roles: ["*/Admin"] }]) {
      const { context } = world(settings, old);
      for (
        const work of [
          () => checkTargets(context, ["dev"]),
          () => manyDelivery(context).deliver([{ ...granted(), profile: "dev" }]),
        ]
      ) {
        await assert.rejects(work(), (error) => {
          assert.ok(error instanceof UserError);
          const hints = error.hints.join("\n");
          assert.match(hints, /--profile-template[^]*--roles[^]*--force/);
          assert.doesNotMatch(hints, /--profile NAME/);
          return true;
        });
      }
    }
  }
});

Deno.test("checkTargets() refuses a pipe or a device as credentials file before anybody is asked, forced or not", async () => {
  for (const force of [false, true]) {
    const { files, context } = world({ force });
    files.stat = () => Promise.resolve({ kind: "other", mode: 0o600, size: 0, modified: 0 });
    await assert.rejects(
      checkTargets(context, ["dev"]),
      (error) => error instanceof UserError && error.exit === 2 && /regular file/.test(error.message),
    );
  }
});

Deno.test("deliverer() keeps the credentials before it writes: a file that cannot be written loses no login", async () => {
  for (const [settings, hint] of [[{ profile: set("dev") }, true], [{ file: set(FILE) }, false]] as const) {
    const { files, reporter, context } = world(settings);
    const createNew = files.createNew;
    files.createNew = (path, bytes, mode) =>
      path.startsWith(FILE)
        ? Promise.reject(new FileError("full", path, "No space left"))
        : createNew(path, bytes, mode);
    await assert.rejects(deliverer(context)(granted(), undefined), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^cannot write .*quota is full/);
      const hints = error.hints.join("\n");
      assert.match(hints, /^free some space[^]*--output env$/);
      assert.equal(hints.includes("onelogin-aws-assume-role credential-process --profile dev"), hint, hints);
      return true;
    });
    assert.equal([...files.contents.keys()].some((path) => path.includes("/cache/")), hint);
    assert.doesNotMatch(reporter.lines.join("\n"), /Success/);
  }
});

Deno.test("deliverer() reports where the keys went before it warns that they could not be cached", async () => {
  const { files, reporter, context } = world({ profile: set("dev") });
  fillCacheFolder(files);
  await deliverer(context)(granted(), undefined);
  assert.equal(reporter.lines.length, 2);
  assert.match(reporter.lines[0] ?? "", /^Success! Updated/);
  assert.match(reporter.lines[1] ?? "", /^warning: .*credential-process/);
});

Deno.test("checkTargets() refuses a name that would break the file", async () => {
  for (const name of ["a]b", "a\nb", ""]) {
    await assert.rejects(
      checkTargets(world().context, [name]),
      (error) => error instanceof UserError && error.exit === 2,
      name,
    );
  }
});

Deno.test("defaultFormat() is set lines on Windows and export lines elsewhere, like the Python tool", () => {
  assert.deepEqual((["windows", "linux", "darwin"] as const).map(defaultFormat), ["cmd", "env", "env"]);
});

const PROCESS =
  "[profile dev]\nregion = eu-west-1\ncredential_process = /bin/onelogin-aws-assume-role credential-process --profile dev\n";

Deno.test("deliverer() leaves the credentials file alone where the profile's credential_process is this program", async () => {
  const { files, reporter, context } = world({ profile: set("dev") }, { [CONFIG]: PROCESS });
  await deliverer(context)(granted(), undefined);
  assert.equal(files.contents.has(FILE), false);
  assert.equal(files.contents.get(CONFIG), PROCESS);
  const cached = [...files.contents.keys()].filter((path) => path.startsWith("/home/ada/.onelogin/cache/"));
  assert.equal(cached.length, 1);
  assert.match(reporter.lines.join(), /The credential_process of AWS profile 'dev' has credentials/);
});

Deno.test("deliverer() writes keys for every other profile, for another process and for --file", async () => {
  const other = { [CONFIG]: "[profile dev]\ncredential_process = /opt/vault --profile dev\n" };
  for (
    const [settings, old, path] of [
      [{ profile: set("test") }, { [CONFIG]: PROCESS }, FILE],
      [{ profile: set("dev"), force: true }, other, FILE],
      [{ profile: set("dev"), file: set("/x/creds"), credentialsFile: "/x/creds" }, { [CONFIG]: PROCESS }, "/x/creds"],
    ] as const
  ) {
    const { files, context } = world(settings, old);
    await deliverer(context)(granted(), undefined);
    assert.match(files.contents.get(path) ?? "", /aws_session_token/);
  }
});

const EARLIER = "[dev]\naws_access_key_id = A\naws_secret_access_key = S\naws_session_token = T\n" +
  "aws_session_expiration = 2027-01-15T09:30:00+0000\n";

Deno.test("deliverer() removes the keys of an earlier login that would win over the credential_process", async () => {
  const other = "[other]\naws_access_key_id = O\naws_secret_access_key = P\n";
  const { files, reporter, context } = world(
    { profile: set("dev") },
    { [CONFIG]: PROCESS, [FILE]: `${EARLIER}x_mine = 1\n${other}` },
  );
  await deliverer(context)(granted(), undefined);
  // Neither what is not ours in that profile, nor another profile.
  assert.equal(files.contents.get(FILE), `[dev]\nx_mine = 1\n${other}`);
  assert.ok([...files.contents.keys()].some((path) => path.startsWith("/home/ada/.onelogin/cache/")));
  const said = reporter.lines.join("\n");
  assert.match(said, /Removed .*keys.*'dev' in \/home\/ada\/\.aws\/credentials/);
  assert.match(said, /The credential_process of AWS profile 'dev' has credentials/);
  assert.doesNotMatch(said, /warning|logout/);

  // What is left of the section has no keys: the next login goes the same way.
  await deliverer(context)(granted(), undefined);
  assert.equal(files.contents.get(FILE), `[dev]\nx_mine = 1\n${other}`);
});

Deno.test("deliverer() keeps the keys of an earlier login, renewed, when the cache cannot be filled", async () => {
  const { files, context } = world({ profile: set("dev") }, { [CONFIG]: PROCESS, [FILE]: EARLIER });
  fillCacheFolder(files);
  await deliverer(context)(granted(), undefined);
  assert.match(files.contents.get(FILE) ?? "", /ASIAQEXAMPLEEXAMPLE7/);
});

Deno.test("deliverer() warns where keys that are not ours hide the credential_process, and does not suggest logout", async () => {
  const keys = "[dev]\naws_access_key_id = A\naws_secret_access_key = S\naws_session_token = T\n";
  const { files, reporter, context } = world({ profile: set("dev") }, { [CONFIG]: PROCESS, [FILE]: keys });
  await deliverer(context)(granted(), undefined);
  assert.match(files.contents.get(FILE) ?? "", /ASIAQEXAMPLEEXAMPLE7/);
  const said = reporter.lines.join("\n");
  assert.match(said, /warning: the credential_process of profile "dev" is not used while .* manually, or give/);
  assert.doesNotMatch(said, /logout|Removed/);
});

Deno.test("deliverer() writes keys after all when the cache cannot be filled", async () => {
  const { files, context } = world({ profile: set("dev") }, { [CONFIG]: PROCESS });
  fillCacheFolder(files);
  await deliverer(context)(granted(), undefined);
  assert.match(files.contents.get(FILE) ?? "", /ASIAQEXAMPLEEXAMPLE7/);
});
