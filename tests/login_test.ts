/**
 * The login as people and scripts use it: the real program in its sandbox, against the simulator.
 * With OLAWS_BIN the same tests run against a compiled binary.
 */
import assert from "node:assert/strict";
import { ADA, AUTHENTICATOR, PROTECT, SMS } from "../simulator/demo_world.ts";
import type { Scenario, Simulator } from "../simulator/server.ts";
import {
  defaultFiles,
  type FileText,
  freshFolder,
  prepare,
  type RunOptions,
  type RunResult,
  withSimulator,
} from "./harness.ts";
import {
  ada,
  ADMIN,
  ADMIN_ARN,
  complaint,
  filesOf,
  linkedFolder,
  PASSWORD,
  PROCESS_KEYS,
  rolesAsked,
  routes,
  run,
  section,
  SHELL_LINE,
  texts,
  together,
} from "./runs.ts";

const windows = Deno.build.os === "windows";

/** Lines in the order of the reference's variables. */
const VARIABLES = [
  "AWS_SESSION_TOKEN",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_EXPIRATION",
  "AWS_SECURITY_TOKEN",
  "AWS_REGION",
];

/** A secret the simulator gave out last; of a session token the part that no other one has. */
function secret(simulator: Simulator, kind: "secret-key" | "session-token"): string {
  return simulator.secrets.findLast((each) => each.kind === kind)?.value ?? assert.fail(`no ${kind} was given out`);
}

// --- The second factor ----------------------------------------------------------------------------------------------

Deno.test("login: answers from a pipe lead from the password over a push to shell lines, and only those are on stdout", async () => {
  await withSimulator({}, async (simulator) => {
    const result = await run(simulator, { env: {}, stdin: [ADA.password, "0", "1"] });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(routes(simulator), [
      "token",
      "assertion",
      "otp-devices",
      "verify-factor",
      "verify-factor",
      "verify-factor",
      "AssumeRoleWithSAML",
    ]);
    assert.equal(simulator.notifications, 1);
    assert.deepEqual(
      result.stdout.trimEnd().split("\n").map((line) => SHELL_LINE.exec(line)?.[1]),
      VARIABLES,
    );
    assert.ok(result.stderr.startsWith("OneLogin Password: \n"));
    assert.match(
      result.stderr,
      /^ 0 \| OneLogin Protect\n 1 \| Google Authenticator\n 2 \| OneLogin SMS\nSelect the desired MFA Device \[0-2\]: $/m,
    );
    assert.match(result.stderr, /^ 1 \| team\/dev\/Developer \(Account 123456789012\)\n 2 \| /m);
    assert.match(result.stderr, /^Select the desired AWS Role \[0-4\]: $/m);
    assert.match(result.stderr, /Success! Assumed role user: arn:aws:sts::123456789012:assumed-role\/Developer\//);
    assert.equal(result.exists(".aws"), false);
  });
});

Deno.test("login: a wrong authenticator code is asked again, and no code is posted twice", async () => {
  await withSimulator(ada([PROTECT, AUTHENTICATOR]), async (simulator) => {
    const result = await run(simulator, { args: ADMIN, stdin: ["1", "111111", AUTHENTICATOR.code ?? ""] });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(simulator.to("verify-factor").map(({ status }) => status), [401, 200]);
    assert.match(result.stderr, /warning: .*code .*not accepted/);
    assert.deepEqual([simulator.notifications, simulator.passwordPosts], [0, 1]);
  });
});

Deno.test("login: an empty answer sends another SMS", async () => {
  await withSimulator(ada([SMS]), async (simulator) => {
    const result = await run(simulator, { args: ADMIN, stdin: ["", SMS.code ?? ""] });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(simulator.notifications, 2);
    assert.match(result.stderr, /Sent another code/);
  });
});

Deno.test("login: --otp answers for OneLogin Protect without a push, in both versions of the API", async () => {
  await together([1, 2].map((version) => () =>
    withSimulator(ada([PROTECT]), async (simulator) => {
      const result = await run(simulator, {
        args: [...ADMIN, "--no-input", "--otp", PROTECT.code ?? "", "--saml-api-version", String(version)],
      });
      assert.equal(result.code, 0, result.stderr);
      assert.equal(simulator.notifications, 0);
      assert.deepEqual(routes(simulator), ["token", "assertion", "verify-factor", "AssumeRoleWithSAML"]);
      assert.deepEqual(simulator.to("assertion").map(({ apiVersion }) => apiVersion), [version]);
    })
  ));
});

Deno.test("login: devices of the same type, an unknown one and an unsupported one are told apart", async () => {
  const devices = [
    { id: 1, type: "Google Authenticator", code: "111222", label: "old phone" },
    { id: 2, type: "Google Authenticator", code: "222333", label: "new phone" },
    { id: 3, type: "WebAuthn" },
    { id: 4, type: "Acme Cube", code: "333444" },
  ];
  await withSimulator({ ...ada(devices), scope: "read-users" }, async (simulator) => {
    const result = await run(simulator, { args: ADMIN, stdin: ["2", "3", "333444"] });
    assert.equal(result.code, 0, result.stderr);
    const listed = result.stderr.split("\n").filter((line) => /^ \d \| .*(phone|WebAuthn|Cube)/.test(line));
    assert.equal(new Set(listed).size, 4, listed.join("\n"));
    assert.match(result.stderr, /"[^"]*WebAuthn[^"]*" is not supported by OneLogin's API; choose another/);
    assert.deepEqual(simulator.to("verify-factor").map(({ fields }) => fields["device_id"]), ["4"]);
  });
  await withSimulator({ ...ada(devices), scope: "read-users" }, async (simulator) => {
    const result = await run(simulator, {
      args: [...ADMIN, "--no-input", "--mfa-device", "2", "--otp", "222333"],
    });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(simulator.to("verify-factor").map(({ fields }) => fields["device_id"]), ["2"]);
  });
});

Deno.test("B4 login: the password typed last is used, and none is posted twice", async () => {
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, {
      args: ADMIN,
      env: {},
      stdin: ["wrong one", "wrong one", "wrong two", ADA.password],
    });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(simulator.passwordPosts, 3);
    assert.match(result.stderr, /password was .*refused.* not sent again/);
  });
});

// --- The role -------------------------------------------------------------------------------------------------------

Deno.test("B1 login: the account alone chooses its only role, and asks where it has several", async () => {
  await withSimulator(ada(), async (simulator) => {
    const one = await run(simulator, { args: ["--aws-account-id", "210987654321", "--no-input"] });
    assert.equal(one.code, 0, one.stderr);
    assert.deepEqual(rolesAsked(simulator), ["arn:aws:iam::210987654321:role/Auditor"]);
    const several = await run(simulator, { args: ["--aws-account-id", "987654321098", "--no-input"] });
    assert.equal(several.code, 8);
    assert.match(complaint(several).hints.join(), /--aws-role-name/);
    const piped = await run(simulator, { args: ["--aws-account-id", "987654321098"], stdin: ["x", "99", "4"] });
    assert.equal(piped.code, 0, piped.stderr);
    assert.match(piped.stderr, /^ 3 \| Admin \(Account 987654321098\) \*\*?$/m);
    assert.equal(rolesAsked(simulator).at(-1), "arn:aws:iam::987654321098:role/ReadOnly");
  });
});

// --- What is delivered ----------------------------------------------------------------------------------------------

Deno.test("login: a real shell takes the lines by eval, and runs nothing else", { ignore: windows }, async () => {
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, { args: [...ADMIN, "--no-input"] });
    assert.equal(result.code, 0, result.stderr);
    const shell = await new Deno.Command("/bin/sh", {
      args: ["-c", `eval "$1"; printf '%s\\n' ${VARIABLES.map((name) => `"$${name}"`).join(" ")}`, "sh", result.stdout],
      clearEnv: true,
    }).output();
    const values = new TextDecoder().decode(shell.stdout).split("\n");
    assert.equal(new TextDecoder().decode(shell.stderr), "");
    assert.ok(values[0]?.includes(secret(simulator, "session-token")));
    assert.equal(values[2], secret(simulator, "secret-key"));
    assert.match(values[1] ?? "", /^ASIA[A-Z0-9]{16}$/);
    assert.match(values[3] ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
    assert.deepEqual([values[4], values[5]], [values[0], "us-east-1"]);
  });
});

Deno.test("login: every format of --output carries the credentials and nothing else", async () => {
  const lines: Readonly<Record<string, RegExp>> = {
    env: /^export (\w+)=(\S+)$/,
    fish: /^set -gx (\w+) (\S+)$/,
    powershell: /^\$env:(\w+) = '(\S+)'$/,
    cmd: /^set (\w+)=(\S+)$/,
    dotenv: /^(\w+)=(\S+)$/,
  };
  await withSimulator(ada(), async (simulator) => {
    await together(
      [...Object.entries(lines)].map(([format, line]) => async () => {
        const result = await run(simulator, { args: [...ADMIN, "--no-input", "--output", format] });
        assert.equal(result.code, 0, result.stderr);
        const pairs = result.stdout.trimEnd().split("\n").map((text) => line.exec(text.replace(/\r$/, "")));
        assert.deepEqual(pairs.map((pair) => pair?.[1]), VARIABLES, format);
        const values = Object.fromEntries(pairs.map((pair) => [pair?.[1], pair?.[2]]));
        for (const kind of ["session-token", "secret-key"] as const) {
          const value = values[kind === "secret-key" ? "AWS_SECRET_ACCESS_KEY" : "AWS_SESSION_TOKEN"] ?? "";
          const given = simulator.secrets.filter((each) => each.kind === kind);
          assert.ok(given.some((each) => value.includes(each.value)), `${format}: ${kind}`);
        }
      }),
    );
    const object = await run(simulator, { args: [...ADMIN, "--no-input", "--output", "json", "--profile", "dev"] });
    const json = JSON.parse(object.stdout);
    assert.deepEqual(Object.keys(json), [
      "Version",
      "AccessKeyId",
      "SecretAccessKey",
      "SessionToken",
      "Expiration",
      "Region",
      "RoleArn",
      "AssumedRoleArn",
      "AccountId",
      "Profile",
    ]);
    assert.match(json.Expiration, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(
      [json.Version, json.SecretAccessKey, json.Region, json.AssumedRoleArn, json.Profile],
      [1, secret(simulator, "secret-key"), "us-east-1", ADMIN_ARN, "dev"],
    );
    assert.ok(json.SessionToken.includes(secret(simulator, "session-token")));
    assert.match(object.file(".aws/credentials"), /^\[dev\]$/m);
    const processed = await run(simulator, { args: [...ADMIN, "--no-input", "--output", "credential-process"] });
    assert.deepEqual(Object.keys(JSON.parse(processed.stdout)), PROCESS_KEYS);
  });
});

Deno.test("login: a profile gets the six keys in their order, everything else stays byte for byte", async () => {
  const others = "# mine\r\n[work]\r\naws_access_key_id = AKIAEXAMPLE\r\n\r\n";
  const after = "\r\n[zeta]\r\nregion=eu-west-3\r\n; the end";
  const old = "[dev]\r\naws_access_key_id = old\r\naws_session_token = old\r\nmine = 1\r\n";
  await withSimulator(ada(), async (simulator) => {
    const fresh = await run(simulator, { args: [...ADMIN, "--no-input", "-p", "dev"] });
    assert.equal(fresh.code, 0, fresh.stderr);
    assert.equal(fresh.stdout, "");
    assert.match(fresh.stderr, /Success! Updated AWS profile 'dev' located at .*\.aws[\\/]credentials/);
    const keys = section(fresh.file(".aws/credentials"), "dev").map(([key]) => key);
    assert.deepEqual(keys.slice(0, 6), [
      "aws_access_key_id",
      "aws_secret_access_key",
      "aws_session_token",
      "aws_session_expiration",
      "aws_security_token",
      "region",
    ]);
    if (!windows) {
      const modes = Object.fromEntries(fresh.tree().map(({ path, mode }) => [path, mode?.toString(8)]));
      assert.deepEqual([modes[".aws"], modes[".aws/credentials"]], ["700", "600"]);
    }

    const changed = await run(simulator, {
      args: [...ADMIN, "--no-input", "-p", "dev"],
      files: { ...defaultFiles, ".aws/credentials": others + old + after },
    });
    assert.equal(changed.code, 0, changed.stderr);
    const text = changed.file(".aws/credentials");
    assert.ok(text.startsWith(`${others}[dev]\r\n`) && text.endsWith(after), text.replace(/= .*/g, "= …"));
    const dev = Object.fromEntries(section(text, "dev"));
    assert.equal(dev["aws_secret_access_key"], secret(simulator, "secret-key"));
    assert.equal(dev["aws_session_token"], dev["aws_security_token"]);
    assert.deepEqual([dev["mine"], dev["region"]], ["1", "us-east-1"]);
    assert.deepEqual(changed.tree().filter(({ path }) => path.startsWith(".aws/")).map(({ path }) => path), [
      ".aws/credentials",
    ]);
  });
});

// --- Where it is written --------------------------------------------------------------------------------------------

const CREDENTIALS = ["secret-key", "session-token"] as const;

/** A login to the profile "dev"; the credentials file is read at `path`. */
async function saved(simulator: Simulator, path: string, options: Partial<RunOptions>): Promise<RunResult> {
  const result = await run(simulator, {
    ...options,
    args: [...ADMIN, "--no-input", "-p", "dev", ...options.args ?? []],
  });
  assert.equal(result.code, 0, result.stderr);
  const keys = section(Deno.readTextFileSync(path), "dev").map(([key]) => key);
  assert.ok(keys.includes("aws_secret_access_key"), `${path}: ${keys}`);
  if (!windows) assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600, path);
  const folder = path.slice(0, path.lastIndexOf("/"));
  const left = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => name.includes("onelogin-"));
  assert.deepEqual(left, [], "lock and temporary file are gone");
  return result;
}

Deno.test("B3 login: --file takes a bare name, a new folder, and a file in a folder of others", async () => {
  await withSimulator(ada(), async (simulator) => {
    await together([
      async () => {
        const cwd = freshFolder("bare");
        const allow = { files: { "creds": CREDENTIALS } };
        // HOME is the working folder, so that the harness knows the file.
        const result = await saved(simulator, `${cwd}/creds`, { cwd, home: cwd, allow, args: ["-f", "creds"] });
        assert.equal(result.exists(".aws/credentials"), false);
      },
      async () => {
        const folder = freshFolder("parents");
        await saved(simulator, `${folder}/new/deeper/creds`, { args: ["-f", `${folder}/new/deeper/creds`] });
        if (!windows) assert.equal((Deno.statSync(`${folder}/new/deeper`).mode ?? 0) & 0o777, 0o700);
      },
      async () => {
        const folder = freshFolder("others");
        Deno.writeTextFileSync(`${folder}/notes`, "mine");
        await saved(simulator, `${folder}/creds`, { args: ["-f", `${folder}/creds`] });
        assert.equal(Deno.readTextFileSync(`${folder}/notes`), "mine");
      },
      async () => {
        const home = freshFolder("tilde");
        Deno.mkdirSync(`${home}/elsewhere`);
        const allow = { files: { "elsewhere/creds": CREDENTIALS } };
        await saved(simulator, `${home}/elsewhere/creds`, { home, allow, args: ["-f", "~/elsewhere/creds"] });
      },
      async () => {
        const folder = freshFolder("variable");
        const env = { ...PASSWORD, AWS_SHARED_CREDENTIALS_FILE: `${folder}/creds` };
        const result = await saved(simulator, `${folder}/creds`, { env });
        assert.equal(result.exists(".aws/credentials"), false);
      },
    ]);
  });
});

Deno.test(
  "login: symlinks of dotfile managers stay links, and their targets get the credentials",
  { ignore: windows },
  async () => {
    await withSimulator(ada(), async (simulator) => {
      await together([
        async () => {
          const home = freshFolder("linked_folder");
          const { target } = linkedFolder("dotfiles");
          Deno.symlinkSync(target, `${home}/.aws`);
          const result = await saved(simulator, `${target}/credentials`, { home });
          assert.ok(Deno.lstatSync(`${home}/.aws`).isSymlink);
          assert.match(result.stderr, /Updated AWS profile 'dev'/);
        },
        async () => {
          const home = freshFolder("linked_file");
          const { target, link } = linkedFolder("dotfiles");
          Deno.mkdirSync(`${home}/.aws`, { mode: 0o700 });
          Deno.writeTextFileSync(`${target}/creds`, "[other]\nregion = eu-west-1\n", { mode: 0o600 });
          Deno.symlinkSync(`${link}/creds`, `${home}/.aws/credentials`);
          await saved(simulator, `${target}/creds`, { home });
          assert.ok(Deno.lstatSync(`${home}/.aws/credentials`).isSymlink);
          assert.ok(Deno.readTextFileSync(`${target}/creds`).startsWith("[other]\nregion = eu-west-1\n"));
        },
        async () => {
          const home = freshFolder("dangling");
          const { target } = linkedFolder("dotfiles");
          Deno.mkdirSync(`${home}/.aws`, { mode: 0o700 });
          Deno.symlinkSync(`${target}/not_yet`, `${home}/.aws/credentials`);
          await saved(simulator, `${target}/not_yet`, { home });
          assert.ok(Deno.lstatSync(`${home}/.aws/credentials`).isSymlink);
        },
        async () => {
          const { link, target } = linkedFolder("home");
          await saved(simulator, `${target}/.aws/credentials`, { home: link });
        },
      ]);
    });
  },
);

// --- The region -----------------------------------------------------------------------------------------------------

Deno.test("login: the region comes from the option, the file, the environment, a question; another partition's is replaced", async () => {
  const { ".onelogin/onelogin.sdk.json": sdk = "", ".onelogin/onelogin.aws.json": aws = "" } = texts(defaultFiles);
  const { aws_region: _, ...noRegion } = JSON.parse(aws);
  const files = { ".onelogin/onelogin.sdk.json": sdk, ".onelogin/onelogin.aws.json": JSON.stringify(noRegion) };
  const env = { ...PASSWORD, AWS_REGION: "eu-north-1", AWS_DEFAULT_REGION: "eu-south-1" };
  await withSimulator(ada(), async (simulator) => {
    const region = async (options: Partial<RunOptions>): Promise<string> => {
      const result = await run(simulator, { ...options, args: [...ADMIN, "--output", "json", ...options.args ?? []] });
      assert.equal(result.code, 0, result.stderr);
      return `${JSON.parse(result.stdout).Region} ${/^AWS Region .*/m.exec(result.stderr)?.[0] ?? ""}${
        /warning: .*/.exec(result.stderr)?.[0] ?? ""
      }${/^No AWS region.*/m.exec(result.stderr)?.[0] ?? ""}`.trimEnd();
    };
    const found = await together([
      () => region({ env, args: ["--aws-region", "ap-south-1"] }),
      () => region({ env }),
      () => region({ env, files, args: ["--no-input"] }),
      () => region({ env, files, stdin: ["eu-west-1"] }),
      () => region({ files, stdin: [""] }),
      () => region({ files, stdin: ["eu-central-1"] }),
      () => region({ files, args: ["--no-input"] }),
      () => region({ args: ["--aws-region", "cn-north-1"] }),
    ]);
    assert.deepEqual(found, [
      "ap-south-1",
      "us-east-1",
      "eu-north-1",
      "eu-west-1 AWS Region (us-west-2):",
      "us-west-2 AWS Region (us-west-2):",
      "eu-central-1 AWS Region (us-west-2):",
      "us-west-2 No AWS region is set: using us-west-2.",
      "us-east-1 warning: region cn-north-1 is not in the partition aws of the role; using us-east-1",
    ]);
  });
});

// --- Failures -------------------------------------------------------------------------------------------------------

interface Failure {
  readonly name: string;
  readonly code: number;
  readonly error: RegExp;
  readonly routes: readonly string[];
  readonly scenario?: Partial<Scenario>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, FileText>>;
  readonly cwdFiles?: Readonly<Record<string, FileText>>;
  readonly stdin?: readonly string[];
  /** Files besides the settings that a login may leave although its last step failed. */
  readonly leaves?: readonly string[];
}

const REMEMBERED = [".onelogin/cache/roles.json", ".onelogin/state.json"] as const;
const REFUSED = [".onelogin/refusals.json"] as const;
const LOGIN = ["token", "assertion"] as const;
const CONFIG = texts(defaultFiles);

const FAILURES: readonly Failure[] = [
  { name: "unknown option", code: 2, error: /cannot use the option "--nope"/, args: ["--nope"], routes: [] },
  {
    name: "broken JSON",
    code: 2,
    error: /onelogin\.sdk\.json.*line 2/,
    files: { ...defaultFiles, ".onelogin/onelogin.sdk.json": '{"client_id": "x",\n "client_secret": }' },
    routes: [],
  },
  { name: "broken YAML", code: 2, error: /accounts\.yaml/, cwdFiles: { "accounts.yaml": "accounts: [\n" }, routes: [] },
  {
    name: "missing client id",
    code: 2,
    error: /cannot call the OneLogin API: there is no client_id/,
    files: { ".onelogin/onelogin.aws.json": CONFIG[".onelogin/onelogin.aws.json"] ?? "" },
    routes: [],
  },
  {
    name: "endpoint outside of the sandbox",
    code: 2,
    error: /ONELOGIN_API_URL/,
    env: { ...PASSWORD, ONELOGIN_API_URL: "https://evil.example" },
    routes: [],
  },
  {
    name: "a profile that the config file sets up",
    code: 2,
    error: /profile "dev".*config".*\("sso_session"\)/,
    files: { ...defaultFiles, ".aws/config": "[profile dev]\nsso_session = corp\n" },
    routes: [],
  },
  {
    name: "API client refused",
    code: 3,
    error: /OneLogin/,
    scenario: { ...ada(), clientSecret: "0".repeat(64) },
    routes: ["token"],
  },
  {
    name: "wrong password",
    code: 3,
    error: /OneLogin refused the user "ada@example\.com" or the password/,
    env: { ONELOGIN_PASSWORD: "not it" },
    routes: LOGIN,
    leaves: REFUSED,
  },
  {
    name: "locked user",
    code: 3,
    error: /locked/,
    scenario: ada([], { locked: true }),
    routes: LOGIN,
    leaves: REFUSED,
  },
  {
    name: "unknown app",
    code: 3,
    error: /app "999"/,
    args: ["--onelogin-app-id", "999"],
    routes: LOGIN,
  },
  {
    name: "wrong code",
    code: 4,
    error: /the code for "Google Authenticator" was not accepted/,
    scenario: ada([AUTHENTICATOR]),
    args: ["--otp", "000000"],
    routes: [...LOGIN, "verify-factor"],
  },
  {
    name: "rejected push",
    code: 4,
    error: /rejected in "OneLogin Protect"/,
    scenario: { ...ada([PROTECT]), push: { rejectAfterPolls: 1 } },
    routes: [...LOGIN, "verify-factor", "verify-factor"],
  },
  {
    name: "push never answered",
    code: 4,
    error: /was not approved within 1 second/,
    scenario: { ...ada([PROTECT]), push: "never" },
    args: ["--mfa-timeout", "1"],
    routes: [...LOGIN, "verify-factor", "verify-factor"],
  },
  { name: "no role", code: 5, error: /no AWS role/, scenario: { ...ada(), roles: [] }, routes: LOGIN },
  {
    name: "no such role",
    code: 5,
    error: /cannot choose a role/,
    args: ["--aws-role-name", "Amdin"],
    routes: LOGIN,
    leaves: REMEMBERED,
  },
  {
    name: "STS refuses the role",
    code: 6,
    error: /AssumeRoleWithSAML|trust/i,
    scenario: { ...ada(), roleRules: { "arn:aws:iam::123456789012:role/Admin": { trusted: false } } },
    routes: [...LOGIN, "AssumeRoleWithSAML"],
    leaves: REMEMBERED,
  },
  {
    name: "duration above the role's maximum",
    code: 6,
    error: /exceeds the MaxSessionDuration/,
    scenario: { ...ada(), roleRules: { "arn:aws:iam::123456789012:role/Admin": { maxSessionDuration: 3600 } } },
    args: ["-z", "7200"],
    routes: [...LOGIN, "AssumeRoleWithSAML"],
    leaves: REMEMBERED,
  },
  {
    name: "OneLogin is down",
    code: 7,
    error: /502|unavailable/,
    scenario: { ...ada(), trouble: { assertion: "gateway-502-html" } },
    routes: LOGIN,
  },
  {
    name: "connection reset at STS",
    code: 7,
    error: /AWS|sts/i,
    scenario: { ...ada(), trouble: { AssumeRoleWithSAML: "reset" } },
    routes: [...LOGIN, "AssumeRoleWithSAML", "AssumeRoleWithSAML", "AssumeRoleWithSAML"],
    leaves: REMEMBERED,
  },
  {
    name: "no password and nobody to ask",
    code: 8,
    error: /password/i,
    env: {},
    routes: [],
  },
  {
    name: "a role choice and nobody to ask",
    code: 8,
    error: /AWS Role/,
    args: ["--aws-role-name", "Admin"],
    routes: LOGIN,
    leaves: REMEMBERED,
  },
  {
    name: "end of piped input",
    code: 8,
    error: /the input has ended/,
    env: {},
    stdin: [],
    routes: [],
  },
  {
    name: "keys of the connections would be logged",
    code: 9,
    error: /SSLKEYLOGFILE/,
    env: { ...PASSWORD, SSLKEYLOGFILE: "/dev/null" },
    routes: [],
  },
];

Deno.test("login: every failure has its exit code, an error, a hint, nothing on stdout and nothing written", async () => {
  await together(FAILURES.map((failure) => () =>
    withSimulator(failure.scenario ?? ada(), async (simulator) => {
      const { name, code, error, files = defaultFiles, env = PASSWORD, leaves = [], args = [] } = failure;
      const wish = args.some((arg) => arg.startsWith("--aws-role")) ? [] : ADMIN;
      const result = await run(simulator, {
        args: [...wish, ...args, ...(failure.stdin ? [] : ["--no-input"]), "-p", "dev"],
        env,
        files,
        ...(failure.cwdFiles ? { cwdFiles: failure.cwdFiles } : {}),
        ...(failure.stdin ? { stdin: failure.stdin } : {}),
      });
      const said = complaint(result);
      assert.deepEqual([name, result.code, result.stdout], [name, code, ""], result.stderr);
      assert.ok(error.test(said.error), `${name}: ${said.error}`);
      assert.deepEqual(routes(simulator), failure.routes, name);
      const left = Object.fromEntries(
        Object.entries(filesOf(result)).filter(([path]) => !leaves.includes(path)),
      );
      assert.deepEqual(left, texts(files), name);
      assert.ok(simulator.passwordPosts <= 1, name);
    })
  ));
});

Deno.test("login: a shorter lifetime than requested is a warning, and each success shows the expiry", async () => {
  const saml = { sessionNotOnOrAfterMs: 1_200_000 };
  await withSimulator({ ...ada(), saml }, async (simulator) => {
    const printed = await run(simulator, { args: [...ADMIN, "--duration", "14400"] });
    assert.equal(printed.code, 0, printed.stderr);
    const [, minutes] = /Admin expire in (\d+) min, not in the 4 h that were requested/.exec(printed.stderr) ?? [];
    assert.ok(Number(minutes) >= 19 && Number(minutes) <= 20, printed.stderr);
    assert.match(printed.stderr, /Success! Assumed role user: \S+, until \d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d$/m);
    const many = await run(simulator, { args: ["--roles", "*/Admin", "--duration", "1200", "--output", "json"] });
    assert.equal(many.code, 0, many.stderr);
    assert.doesNotMatch(many.stderr, /that were requested/);
    assert.equal(many.stderr.match(/Success! .*, until \d{4}-/g)?.length, 2, many.stderr);
  });
  await withSimulator(ada(), async (simulator) => {
    const whole = await run(simulator, { args: [...ADMIN, "--duration", "14400"] });
    assert.doesNotMatch(whole.stderr, /that were requested/);
  });
});

Deno.test("login: a pipe in the place of the credentials file is refused before anything is asked, not waited for", {
  ignore: windows,
}, async () => {
  await withSimulator(ada(), async (simulator) => {
    for (const args of [[...ADMIN, "-p", "dev"], ["-p", "dev", "--if-expiring", "600"], ["status"], ["logout"]]) {
      // Not by the harness, which reads all files that are left and would wait for this one.
      const { command: [program = "", ...rest], home, cwd, env } = await prepare({
        args: [...args, "--no-input"],
        env: PASSWORD,
        files: defaultFiles,
        simulator,
      });
      Deno.mkdirSync(`${home}/.aws`, { recursive: true });
      assert.ok((await new Deno.Command("mkfifo", { args: [`${home}/.aws/credentials`] }).output()).success);
      const signal = AbortSignal.timeout(20_000);
      const end = await new Deno.Command(program, { args: rest, cwd, env, clearEnv: true, stdin: "null", signal })
        .output();
      Deno.removeSync(`${home}/.aws/credentials`);
      const said = new TextDecoder().decode(end.stderr);
      assert.equal(end.code, 2, said);
      assert.match(said, /credentials": (it is )?not a regular file/);
      assert.equal(end.stdout.length, 0);
    }
    assert.deepEqual(routes(simulator), []);
  });
});
