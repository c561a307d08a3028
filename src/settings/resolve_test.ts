import assert from "node:assert/strict";
import fc from "fast-check";
import { parseArgv } from "../argv/parse.ts";
import { Exit, UserError, userError } from "../errors.ts";
import { refused } from "../testing.ts";
import { FileError, type Platform } from "../io/deps.ts";
import { resolveSettings } from "./resolve.ts";

interface World {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** By absolute path; an object becomes JSON. */
  readonly files?: Readonly<Record<string, string | object>>;
  readonly modes?: Readonly<Record<string, number>>;
  readonly folders?: readonly string[];
  /** Number of the user and group that owns a path; with none, nobody is known. */
  readonly owners?: Readonly<Record<string, number>>;
  /** Paths that fail, and how. */
  readonly failing?: Readonly<Record<string, FileError["kind"]>>;
  readonly platform?: Platform;
}

const SDK = "/home/ada/.onelogin/onelogin.sdk.json";
const AWS = "/home/ada/.onelogin/onelogin.aws.json";

function resolve(world: World) {
  const { args = [], env = {}, files = {}, modes = {}, folders = [], owners = {}, failing = {}, platform = "linux" } =
    world;
  const check = (path: string) => {
    const kind = failing[path];
    if (kind !== undefined) throw new FileError(kind, path, `${kind} (os error)`);
  };
  return resolveSettings(parseArgv(args), {
    env: { HOME: "/home/ada", USERPROFILE: "C:\\Users\\Ada", ...env },
    cwd: platform === "windows" ? "C:\\work" : "/work",
    platform,
    files: {
      read: async (path) => {
        check(path);
        const content = files[path];
        const text = typeof content === "object" ? JSON.stringify(content) : content;
        return text === undefined ? undefined : new Uint8Array(new TextEncoder().encode(text));
      },
      stat: async (path) => {
        check(path);
        const kind = files[path] !== undefined
          ? "file" as const
          : folders.includes(path)
          ? "directory" as const
          : undefined;
        const mode = platform === "windows" ? undefined : modes[path] ?? 0o600;
        return kind && { kind, mode, size: 1, modified: 0, owner: owners[path], group: owners[path] };
      },
    },
  });
}

async function failure(world: World): Promise<UserError> {
  return refused(await resolve(world).catch(userError));
}

Deno.test("resolveSettings: the defaults, when nothing is set", async () => {
  const { settings, warnings, notices } = await resolve({});
  assert.deepEqual([warnings, notices], [[], []]);
  assert.deepEqual(settings.region, { value: "us", source: { kind: "default" } });
  assert.equal(settings.oneloginUrl.value, "https://api.us.onelogin.com");
  assert.deepEqual(
    [settings.duration.value, settings.time.value, settings.loop.value, settings.samlApiVersion.value],
    [3600, 45, 1, 2],
  );
  assert.deepEqual([settings.timeout, settings.mfaTimeout, settings.regionIn.value], [30, 90, "credentials"]);
  assert.equal(settings.profileTemplate.value, "{alias|account}-{role}");
  assert.equal(settings.credentialsFile, "/home/ada/.aws/credentials");
  for (const key of ["clientId", "profile", "awsRegion", "stsUrl", "ip", "file"] as const) {
    assert.ok(!(key in settings));
  }
});

Deno.test("resolveSettings: command line, then environment, then file, with what each overrides", async () => {
  const files = {
    [SDK]: { client_id: "file-id", client_secret: "file-secret", region: "eu" },
    [AWS]: { app_id: 123456, subdomain: "acme", username: "file" },
  };
  const env = { ONELOGIN_CLIENT_ID: "env-id", ONELOGIN_APP_ID: "7", ONELOGIN_USERNAME: "env", ONELOGIN_REGION: "" };
  const { settings } = await resolve({ args: ["-i", "opt-id", "--onelogin-app-id", "8"], env, files });
  assert.deepEqual(settings.clientId, {
    value: "opt-id",
    source: { kind: "option", name: "--client_id" },
    shadows: [{ kind: "environment", name: "ONELOGIN_CLIENT_ID" }, { kind: "file", path: SDK, key: "client_id" }],
  });
  assert.deepEqual(settings.username?.source, { kind: "environment", name: "ONELOGIN_USERNAME" });
  assert.equal(settings.clientSecret?.value, "file-secret");
  assert.equal(settings.appId?.value, "8");
  assert.equal(settings.region.value, "eu");
  assert.equal(settings.oneloginUrl.value, "https://api.eu.onelogin.com");
});

Deno.test("resolveSettings: --region counts without --client_id and --client_secret", async () => {
  const { settings } = await resolve({ args: ["-r", "eu"], files: { [SDK]: { region: "us", client_id: "x" } } });
  assert.equal(settings.region.value, "eu");
  assert.equal(settings.clientId?.value, "x");
});

const LEVELS = {
  aws_account_id: "111111111111",
  aws_role_name: "",
  aws_region: "eu-west-1",
  profiles: { dev: { aws_account_id: "222222222222", aws_role_name: "Dev", aws_region: "eu-west-1", app_id: "" } },
};

Deno.test("resolveSettings: the top level comes before the profile, each key separately, with one notice", async () => {
  const { settings, notices } = await resolve({ args: ["-p", "dev"], files: { [AWS]: LEVELS } });
  assert.equal(settings.awsAccountId?.value, "111111111111");
  assert.deepEqual(settings.awsAccountId?.shadows, [{ kind: "file", path: AWS, key: "profiles.dev.aws_account_id" }]);
  assert.equal(settings.awsRoleName?.value, "Dev");
  assert.equal(notices.length, 1);
  assert.match(
    notices[0] ?? "",
    /^"aws_account_id" in .* \("111111111111"\) .* \("222222222222"\): .*"precedence": "profile"/,
  );
  assert.doesNotMatch(notices[0] ?? "", /aws_region|aws_role_name|app_id/);
});

Deno.test('resolveSettings: "precedence": "profile" turns the two levels round and still gives the notice', async () => {
  const { settings, notices } = await resolve({
    files: { [AWS]: { ...LEVELS, precedence: "profile", profile: "dev" } },
  });
  assert.equal(settings.awsAccountId?.value, "222222222222");
  assert.equal(settings.awsRegion?.value, "eu-west-1");
  assert.match(notices.join("\n"), /^"aws_account_id" in /);
});

Deno.test("resolveSettings: the example of the Python tool's README", async () => {
  const { settings, notices } = await resolve({
    args: ["--profile", "my-account", "--aws-account-id", "22222222"],
    files: {
      [AWS]: {
        aws_region: "eu-east-1",
        profiles: { "my-account": { aws_account_id: "11111111", aws_role_name: "Administrator" } },
      },
    },
  });
  assert.equal(settings.awsRoleName?.value, "Administrator");
  assert.equal(settings.awsAccountId?.value, "22222222");
  assert.equal(settings.awsRegion?.value, "eu-east-1");
  assert.deepEqual(notices, []);
});

Deno.test("resolveSettings: an unknown profile is no error, names like __proto__ are names", async () => {
  const none = await resolve({ args: ["-p", "nobody"], files: { [AWS]: LEVELS } });
  assert.ok(!("awsRoleName" in none.settings));
  const odd = await resolve({
    args: ["-p", "__proto__"],
    files: { [AWS]: '{"profiles": {"__proto__": {"aws_role_name": "X"}}}' },
  });
  assert.equal(odd.settings.awsRoleName?.value, "X");
});

Deno.test("resolveSettings: AWS_REGION comes after the file, AWS_DEFAULT_REGION after it", async () => {
  const env = { AWS_REGION: "ap-south-1", AWS_DEFAULT_REGION: "sa-east-1" };
  assert.equal((await resolve({ env, files: { [AWS]: LEVELS } })).settings.awsRegion?.value, "eu-west-1");
  assert.equal((await resolve({ env })).settings.awsRegion?.value, "ap-south-1");
  assert.equal((await resolve({ env: { ...env, AWS_REGION: "" } })).settings.awsRegion?.value, "sa-east-1");
  for (const region of ["evil.example/x", "evil.example/", "us-west-2.evil.example", "US West", "-"]) {
    const failed = await failure({ args: [`--aws-region=${region}`] });
    assert.match(failed.message, /--aws-region/);
    assert.ok(failed.hints.length > 0);
  }
});

Deno.test("resolveSettings: files are searched for in the -c folder, the working directory, ~/.onelogin, whole files", async () => {
  const all = {
    "/conf/onelogin.aws.json": { username: "c" },
    "/work/onelogin.aws.json": { username: "w" },
    [AWS]: { username: "h", subdomain: "h" },
  };
  const at = async (world: World) => (await resolve(world)).settings;
  assert.equal((await at({ args: ["-c", "/conf"], files: all, folders: ["/conf"] })).username?.value, "c");
  const work = await at({ files: all });
  assert.deepEqual([work.username?.value, "subdomain" in work], ["w", false]);
  assert.equal((await at({ args: ["-c", "../conf/"], files: all, folders: ["/conf"] })).username?.value, "c");
  assert.equal((await at({ args: ["-c", "/empty"], files: all, folders: ["/empty"] })).username?.value, "w");
  assert.deepEqual((await at({ files: { [AWS]: all[AWS] } })).username?.source, {
    kind: "file",
    path: AWS,
    key: "username",
  });
});

Deno.test("resolveSettings: -c that is a file means its folder; a missing one is an error, except for configure", async () => {
  const files = { "/conf/onelogin.aws.json": { app_id: "7" }, [AWS]: { app_id: "1" } };
  const { settings, warnings } = await resolve({ args: ["-c", "/conf/onelogin.aws.json"], files });
  assert.deepEqual([settings.appId?.value, settings.configFolder], ["7", "/conf"]);
  assert.match(
    warnings.join(),
    /-c expects a folder, but "\/conf\/onelogin.aws.json" is a file: using its folder, "\/conf"/,
  );
  assert.match((await failure({ args: ["-c", "/none"] })).message, /does not exist/);
  await resolve({ args: ["configure", "-c", "/none"] });
  // What the sandbox answers for an existing folder.
  await resolve({ args: ["-c", "/conf"], failing: { "/conf": "blocked" } });
});

Deno.test("resolveSettings: a file that cannot be read is an error that names it", async () => {
  assert.match((await failure({ failing: { [AWS]: "denied" } })).message, /onelogin\.aws\.json": permission denied/);
  assert.match((await failure({ failing: { "/work/accounts.yaml": "directory" } })).message, /it is a folder/);
  assert.match((await failure({ failing: { [SDK]: "denied" } })).message, /permission denied/);
});

Deno.test("resolveSettings: a root-only onelogin.sdk.json is no obstacle to one who brings the API client along", async () => {
  const { settings, warnings } = await resolve({ args: ["-i", "a", "-s", "b"], failing: { [SDK]: "denied" } });
  assert.equal(settings.clientId?.value, "a");
  assert.match(warnings.join(), /permission denied; it is ignored/);
});

Deno.test("resolveSettings: wrong types name file, place and key", async () => {
  const wrong = async (path: string, text: string) => (await failure({ files: { [path]: text } })).message;
  assert.match(
    await wrong(SDK, '{\n "client_id": true}'),
    /sdk\.json": line 2, column 15: "client_id" must be text, not a boolean/,
  );
  assert.match(await wrong(SDK, '{"region": "asia"}'), /"region" must be "us" or "eu"/);
  assert.match(await wrong(SDK, "[]"), /must be an object/);
  assert.match(await wrong(AWS, '{"app_id": ["1"]}'), /"app_id" .*text.*array/);
  assert.match(await wrong(AWS, '{"duration": "1h"}'), /"duration" .*whole number/);
  assert.match(await wrong(AWS, '{"duration": 900.5}'), /"duration" .*whole number/);
  assert.match(await wrong(AWS, '{"profiles": []}'), /"profiles" must be an object/);
  assert.match(await wrong(AWS, '{"profiles": {"a": "b"}}'), /"profiles\.a" must be an object/);
  assert.match(await wrong(AWS, '{"profiles": {"a": {"app_id": false}}}'), /"profiles\.a\.app_id" must be text/);
  assert.match(await wrong(AWS, '{"precedence": "profiles"}'), /"precedence" must be "global" or "profile"/);
  assert.match(await wrong(AWS, '{"app_id": "abc"}'), /app id from "app_id" in .*not a number/);
  assert.match(await wrong(AWS, '{"username": "x"'), /line 1, column 17: expected "," or "}"/);
  assert.doesNotMatch(await wrong(SDK, '{"client_secret": "hunter2" "x"}'), /hunter2/);
});

Deno.test("resolveSettings: numbers may be text and text may be numbers; null and spaces are unset", async () => {
  const files = {
    [SDK]: "\ufeff" + '{"client_id": null, "region": " ", "ip": ""}',
    [AWS]: { duration: "7200", app_id: 42, aws_account_id: 123456789012, username: "", $schema: "x", profiles: null },
  };
  const { settings, warnings } = await resolve({ files });
  assert.deepEqual([settings.duration.value, settings.appId?.value, settings.awsAccountId?.value], [
    7200,
    "42",
    "123456789012",
  ]);
  assert.deepEqual([settings.region.value, "clientId" in settings, "ip" in settings, "username" in settings], [
    "us",
    false,
    false,
    false,
  ]);
  assert.deepEqual(warnings, []);
});

Deno.test("resolveSettings: unknown, repeated, misplaced and keychain keys are warnings", async () => {
  const text =
    '{"app-id": 1, "username": "a", "username": "b", "keychain_service": "x",\n "profiles": {"p": {"subdomain": "x", "role": "x"}}}';
  const { settings, warnings } = await resolve({ files: { [AWS]: text, [SDK]: { client_ID: "x" } } });
  const all = warnings.join("\n");
  assert.equal(warnings.length, 6, all);
  assert.match(all, /"app-id" is unknown and ignored; did you mean "app_id"\?/);
  assert.match(all, /"username" is repeated/);
  assert.match(all, /"keychain_service" is ignored.*--onelogin-password-stdin/);
  assert.match(all, /line 2: "subdomain" has no effect in a profile/);
  assert.match(all, /"client_ID" is unknown and ignored; did you mean "client_id"/);
  assert.equal(settings.username?.value, "b");
});

Deno.test("resolveSettings: a duration in the file is clamped with a warning, 0 is the default", async () => {
  const at = async (duration: unknown, ...args: string[]) => await resolve({ args, files: { [AWS]: { duration } } });
  const low = await at(5);
  assert.equal(low.settings.duration.value, 900);
  assert.match(low.warnings.join(), /duration 5 .*using 900/);
  assert.equal((await at("999999")).settings.duration.value, 43200);
  assert.deepEqual((await at(0)).settings.duration, { value: 3600, source: { kind: "default" } });
  assert.equal((await at(7200, "-z", "0")).settings.duration.value, 7200);
  const typed = await at(5, "-z", "1800");
  assert.deepEqual([typed.settings.duration.value, typed.warnings], [1800, []]);
});

Deno.test("resolveSettings: a duration is a number or max, at the top of the file, in a profile and on the command line", async () => {
  const at = async (top: unknown, own: unknown, args: string[] = [], precedence = "global") => {
    const content = { profile: "dev", duration: top, precedence, profiles: { dev: { duration: own } } };
    const { settings, warnings, notices } = await resolve({ args, files: { [AWS]: content } });
    return { duration: settings.duration, lines: [...warnings, ...notices] };
  };
  const own = await at(undefined, "max");
  assert.deepEqual(own.duration, {
    value: "max",
    source: { kind: "file", path: AWS, key: "profiles.dev.duration" },
  });
  assert.deepEqual(own.lines, []);
  const both = await at("7200", " MAX ");
  assert.equal(both.duration.value, 7200);
  assert.match(
    both.lines.join(),
    /"duration" in .* differs between the top level \("7200"\) and profile "dev" \("max"\)/,
  );
  assert.equal((await at(7200, "max", [], "profile")).duration.value, "max");
  const typed = await at("max", 7200, ["-z", "1800"], "profile");
  assert.deepEqual([typed.duration.value, typed.duration.shadows?.length], [1800, 2]);
  assert.equal((await at(7200, 900, ["-zmax"])).duration.value, "max");
  assert.equal((await at(0, 5, [])).duration.value, 900);
  await assert.rejects(at("most", 900), /"duration" .*whole number.*"max"/);
});

Deno.test("resolveSettings: onelogin.sdk.json open to others is a warning, not on Windows", async () => {
  const at = async (mode: number, content: object = { client_secret: "s" }) =>
    (await resolve({ files: { [SDK]: content }, modes: { [SDK]: mode } })).warnings;
  assert.deepEqual(await at(0o600), []);
  assert.deepEqual(await at(0o400), []);
  assert.match((await at(0o644)).join(), /read by other users.*chmod 600/);
  assert.match((await at(0o660)).join(), /changed by other users/);
  assert.match((await at(0o602, {})).join(), /can be changed/);
  assert.deepEqual(await at(0o644, { client_id: "x" }), []);
  const placed = (mode: number) =>
    resolve({ files: { [SDK]: { client_secret: "s" } }, modes: { [SDK]: mode }, owners: { [SDK]: 0 } });
  assert.deepEqual((await placed(0o640)).warnings, [], "root gives it to the user through a group");
  assert.match((await placed(0o644)).warnings.join(), /read by other users/);
  const home = "C:\\Users\\Ada\\.onelogin\\onelogin.sdk.json";
  const windows = await resolve({ platform: "windows", files: { [home]: { client_secret: "s" } } });
  assert.deepEqual([windows.warnings, windows.settings.clientSecret?.value], [[], "s"]);
});

Deno.test("resolveSettings: the ip comes from onelogin.sdk.json alone", async () => {
  const { settings } = await resolve({ files: { [SDK]: { ip: "192.0.2.1" } }, env: { ONELOGIN_IP: "9.9.9.9" } });
  assert.deepEqual(settings.ip, { value: "192.0.2.1", source: { kind: "file", path: SDK, key: "ip" } });
});

Deno.test("resolveSettings: a password keeps its spaces; standard input comes before the environment", async () => {
  const env = { ONELOGIN_PASSWORD: " p w " };
  assert.equal((await resolve({ env })).settings.password?.value, " p w ");
  const { settings } = await resolve({ env, args: ["--onelogin-password-stdin"] });
  assert.deepEqual(["password" in settings, settings.passwordStdin], [false, true]);
});

Deno.test("resolveSettings: a secret that no header can carry is refused without being shown", async () => {
  const { message } = await failure({ env: { ONELOGIN_CLIENT_SECRET: "abc\ndef" } });
  assert.match(message, /client secret from ONELOGIN_CLIENT_SECRET/);
  assert.doesNotMatch(message, /abc|def/);
  assert.match((await failure({ args: ["-s", "two words"] })).message, /client secret/);
  assert.match((await failure({ args: ["-i", "line\nbreak"] })).message, /client id/);
});

Deno.test("resolveSettings: addresses come from the environment and only if they are allowed", async () => {
  const { settings } = await resolve({
    env: {
      ONELOGIN_API_URL: "http://127.0.0.1:9/",
      AWS_ENDPOINT_URL: "https://localhost:1",
      AWS_ENDPOINT_URL_SIGNIN: "http://[::1]:2",
    },
  });
  assert.deepEqual([settings.oneloginUrl.value, settings.stsUrl?.value, settings.signinUrl?.value], [
    "http://127.0.0.1:9",
    "https://localhost:1",
    "http://[::1]:2",
  ]);
  assert.match((await failure({ env: { ONELOGIN_API_URL: "https://evil.example" } })).message, /evil\.example/);
});

Deno.test("resolveSettings: account ids and subdomains in the forms people paste", async () => {
  const { settings } = await resolve({
    args: ["--aws-account-id", "1234-5678-9012", "-d", "https://acme.onelogin.com/"],
    files: { "/work/accounts.yaml": "accounts:\n  012345678901: Prod\n" },
  });
  assert.deepEqual([settings.awsAccountId?.value, settings.subdomain?.value], ["123456789012", "acme"]);
  assert.deepEqual([...settings.accounts], [["012345678901", "Prod"]]);
});

Deno.test("resolveSettings: no home folder is an error", async () => {
  assert.match((await failure({ env: { HOME: "" } })).message, /"HOME" is not set/);
});

Deno.test("resolveSettings: any mutation of the files gives settings or a usage error that shows no secret", async () => {
  const sdk = '{"client_id": "id", "client_secret": "hunter2hunter2", "region": "us", "ip": ""}';
  const aws =
    '{"app_id": "1", "duration": 3600, "profile": "p", "aws_region": "us-west-2", "profiles": {"p": {"app_id": ""}}}';
  const token = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "true",
    "null",
    "-1",
    "1e999",
    "\u0000",
    "\n",
    "profiles",
    "\ufeff",
  );
  const edits = fc.array(fc.tuple(fc.nat(120), fc.nat(6), token), { minLength: 1, maxLength: 3 });
  const mutate = (text: string, all: readonly (readonly [number, number, string])[]) =>
    all.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), text);
  await fc.assert(
    fc.asyncProperty(edits, edits, async (one, two) => {
      try {
        const { settings } = await resolve({ files: { [SDK]: mutate(sdk, one), [AWS]: mutate(aws, two) } });
        const { value } = settings.duration;
        assert.ok(value === "max" || value >= 900 && value <= 43200);
      } catch (error) {
        assert.ok(error instanceof UserError && error.exit === Exit.usage, String(error));
        assert.ok(!error.message.includes("hunter2"), error.message);
      }
    }),
    { numRuns: 1500 },
  );
});

Deno.test("resolveSettings: credential-process and console read AWS_PROFILE before the file's profile, and always have one", async () => {
  const files = {
    [AWS]: { profile: "filed", profiles: { env: { aws_role_name: "EnvRole" }, default: { aws_role_name: "Usual" } } },
  };
  const profileOf = async (args: readonly string[], env: Readonly<Record<string, string>>, some = files) => {
    const { settings } = await resolve({ args, env, files: some });
    return [settings.profile?.value, settings.awsRoleName?.value];
  };
  const env = { AWS_PROFILE: "env" };
  assert.deepEqual(await profileOf(["credential-process"], env), ["env", "EnvRole"]);
  assert.deepEqual(await profileOf(["console", "-p", "typed"], env), ["typed", undefined]);
  assert.deepEqual(await profileOf(["console"], {}), ["filed", undefined]);
  const { profile: _, ...nameless } = files[AWS]!;
  assert.deepEqual(await profileOf(["credential-process"], {}, { [AWS]: nameless } as typeof files), [
    "default",
    "Usual",
  ]);
  // What is set for other work must not decide where a login saves, nor what a logout removes.
  assert.deepEqual(await profileOf([], env), ["filed", undefined]);
  assert.deepEqual(await profileOf(["logout"], env), ["filed", undefined]);
});

// ---- A folder is not a person ---------------------------------------------------------------------------------------

/** Ada is user 1000 and is in "/work"; root and user 2000 are about. */
const SHARED = {
  folders: ["/home/ada", "/work"],
  files: { [SDK]: { client_id: "own", ip: "" }, "/work/onelogin.sdk.json": { client_id: "theirs", ip: "192.0.2.1" } },
  owners: { "/home/ada": 1000, "/work": 1000, "/work/onelogin.sdk.json": 1000, [SDK]: 1000 },
} as const;

Deno.test("resolveSettings: credential-process takes nothing from the working folder unless -c names it (attacker: a cloned repository)", async () => {
  const client = async (...args: string[]) => (await resolve({ ...SHARED, args })).settings.clientId?.value;
  assert.equal(await client("credential-process"), "own");
  assert.equal(await client("--credential-process"), "own");
  assert.equal(await client("credential-process", "-c", "."), "theirs");
  assert.equal(await client("roles"), "theirs");
  assert.equal(await client(), "theirs");
});

Deno.test("resolveSettings: a working folder that others own or can write is refused, with the way to trust it (attacker: they)", async () => {
  const cases: readonly (readonly [Partial<World>, RegExp])[] = [
    [{ owners: { ...SHARED.owners, "/work": 2000 } }, /folder .*another user.* 2000\)$/],
    [{ owners: { ...SHARED.owners, "/work/onelogin.sdk.json": 2000 } }, /file .*another user/],
    [{ modes: { "/work": 0o1777 } }, /other users .*folder$/],
    [{ modes: { "/work/onelogin.sdk.json": 0o666 } }, /other users .*file$/],
  ];
  for (const [world, pattern] of cases) {
    const error = await failure({ ...SHARED, ...world });
    assert.match(error.message, /^will not use "\/work\/onelogin\.sdk\.json" in the working directory/);
    assert.match(error.message, pattern);
    assert.equal(error.hints[0], "if you trust it, add: -c .");
    const named = await resolve({ ...SHARED, ...world, args: ["-c", "."] });
    assert.equal(named.settings.clientId?.value, "theirs");
  }
  // Root's are trusted, and so is a group of one's own.
  await resolve({ ...SHARED, owners: { ...SHARED.owners, "/work": 0 }, modes: { "/work/onelogin.sdk.json": 0o664 } });
});

Deno.test("resolveSettings: one line names what the working folder has over ~/.onelogin", async () => {
  const aws = { "/work/onelogin.aws.json": {}, [AWS]: {}, "/work/accounts.yaml": "accounts:\n" };
  const { notices } = await resolve({ ...SHARED, files: { ...SHARED.files, ...aws } });
  assert.deepEqual(notices, [
    'Using onelogin.sdk.json and onelogin.aws.json from the working directory "/work", not from "/home/ada/.onelogin"',
  ]);
  assert.deepEqual((await resolve({ ...SHARED, args: ["-c", "."] })).notices, []);
});

Deno.test("resolveSettings: an onelogin.sdk.json of root's in ~/.onelogin is final (attacker: who wants to skip the second factor)", async () => {
  const locked = { ...SHARED, owners: { ...SHARED.owners, [SDK]: 0 }, modes: { [SDK]: 0o644 } };
  for (const args of [[], ["-c", "."], ["-c", "/work"]]) {
    const { settings } = await resolve({ ...locked, args });
    assert.deepEqual([settings.clientId?.value, settings.ip?.value], ["own", undefined], args.join(" "));
  }
  const writable = await resolve({ ...locked, modes: { [SDK]: 0o666 } });
  assert.equal(writable.settings.ip?.value, "192.0.2.1");
});

const TEAM = "/home/ada/.onelogin/team.json";

Deno.test("resolveSettings: the team's file comes below the person's own, key by key and profile by profile", async () => {
  const files = {
    [SDK]: { client_id: "id" },
    [AWS]: { aws_region: "eu-west-1", profiles: { dev: { aws_role_name: "Mine" } } },
    "/home/ada/.onelogin/accounts.yaml": 'accounts:\n  "111111111111": Mine\n',
    [TEAM]: {
      region: "eu",
      subdomain: "acme",
      app_id: 7,
      aws_region: "us-east-1",
      accounts: { "111111111111": "Theirs", "2222-2222-2222": "Prod" },
      profiles: {
        dev: { aws_role_name: "Theirs", aws_account_id: "222222222222", duration: "max" },
        prod: { aws_role_name: "ReadOnly" },
      },
    },
  };
  const { settings, warnings, notices } = await resolve({ args: ["-p", "dev"], files });
  assert.deepEqual([warnings, notices], [[], []]);
  assert.equal(settings.region.value, "eu");
  assert.equal(settings.oneloginUrl.value, "https://api.eu.onelogin.com");
  assert.deepEqual(settings.subdomain, { value: "acme", source: { kind: "file", path: TEAM, key: "subdomain" } });
  assert.equal(settings.appId?.value, "7");
  assert.deepEqual(settings.awsRegion?.source, { kind: "file", path: AWS, key: "aws_region" });
  assert.deepEqual(settings.awsRegion?.shadows, [{ kind: "file", path: TEAM, key: "aws_region" }]);
  assert.equal(settings.awsRoleName?.value, "Mine");
  assert.equal(settings.awsAccountId?.value, "222222222222");
  assert.equal(settings.duration.value, "max");
  assert.deepEqual([...settings.accounts], [["111111111111", "Mine"], ["222222222222", "Prod"]]);
  const prod = await resolve({ args: ["-p", "prod", "-d", "other"], files, env: { ONELOGIN_REGION: "us" } });
  assert.equal(prod.settings.awsRoleName?.value, "ReadOnly");
  assert.equal(prod.settings.subdomain?.value, "other");
  assert.equal(prod.settings.region.value, "us");
});

Deno.test("resolveSettings: each file decides about its own two levels, and a line names what hides the team's profile", async () => {
  const team = { aws_role_name: "Top", precedence: "profile", profiles: { dev: { aws_role_name: "Dev" } } };
  const alone = await resolve({ args: ["-p", "dev"], files: { [TEAM]: team } });
  assert.equal(alone.settings.awsRoleName?.value, "Dev");
  const { settings, notices } = await resolve({
    args: ["-p", "dev"],
    files: { [TEAM]: team, [AWS]: { aws_role_name: "Own" } },
  });
  assert.equal(settings.awsRoleName?.value, "Own");
  assert.match(
    notices[0] ?? "",
    /^"aws_role_name" differs between the top level of ".*aws\.json" \("Own"\) and profile/,
  );
});

Deno.test("resolveSettings: with -c the team file of that folder counts, never that of another account or of the working folder", async () => {
  const files = {
    [TEAM]: { subdomain: "acme", app_id: "1" },
    "/work/team.json": { subdomain: "evil" },
    "/home/ada/.onelogin/initech/team.json": { subdomain: "initech" },
  };
  const folders = ["/home/ada/.onelogin/initech", "/c"];
  const initech = await resolve({ args: ["-c", "~/.onelogin/initech"], files, folders });
  assert.equal(initech.settings.subdomain?.value, "initech");
  assert.equal(initech.settings.appId, undefined);
  assert.equal((await resolve({ args: ["-c", "/c"], files, folders })).settings.subdomain, undefined);
  assert.equal((await resolve({ files })).settings.subdomain?.value, "acme");
});

Deno.test("resolveSettings: a team file that someone else can change is refused, one of root is not", async () => {
  const files = { [TEAM]: { subdomain: "acme" } };
  const folders = ["/home/ada"];
  const own = { "/home/ada": 1000 };
  const root = await resolve({ files, folders, owners: { ...own, [TEAM]: 0 }, modes: { [TEAM]: 0o644 } });
  assert.equal(root.settings.subdomain?.value, "acme");
  const eve = await failure({ files, folders, owners: { ...own, [TEAM]: 1001 } });
  assert.match(eve.message, /^will not use ".*team\.json": the file belongs to another user \(user id 1001\)/);
  assert.match(eve.hints.join(), /belong to you or root.*ls -ld/);
  const open = await failure({ files, folders, owners: { ...own, [TEAM]: 1000 }, modes: { [TEAM]: 0o666 } });
  assert.match(open.message, /other users can change the file/);
});
