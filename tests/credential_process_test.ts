import assert from "node:assert/strict";
import { hasAwsCli } from "./aws_tools.ts";
import { ACCOUNTS, ADA, AUTHENTICATOR, PROTECT } from "../simulator/demo_world.ts";
import { PROCESS_KEYS, rolesAsked } from "./runs.ts";
import type { Simulator } from "../simulator/server.ts";
import {
  checkTraces,
  defaultFiles,
  freshFolder,
  prepare,
  programCommand,
  runProgram,
  withSimulator,
} from "./harness.ts";

/** Has no modes, and no links, pipes or signals as other systems do. */
const windows = Deno.build.os === "windows";

const ADMIN = ["--aws-account-id", ACCOUNTS.dev, "--aws-role-name", "Admin"];
const PASSWORD = { ONELOGIN_PASSWORD: ADA.password };
const PUSH_ONLY = { users: [{ ...ADA, devices: [PROTECT] }] };
const NO_MFA = { users: [{ ...ADA, devices: [] }] };

const ask = (simulator: Simulator, profile: string, more: Partial<Parameters<typeof runProgram>[0]> = {}) =>
  runProgram({
    simulator,
    files: more.home === undefined ? defaultFiles : {},
    ...more,
    args: ["credential-process", "--profile", profile, ...more.args ?? []],
  });

/** Many runs at the same time in one home. */
async function together(count: number, simulator: Simulator, args: readonly string[], env: Record<string, string>) {
  const start = { args: ["credential-process", ...args], env, files: defaultFiles, simulator };
  const prepared = await prepare(start);
  const [command = "", ...rest] = prepared.command;
  const ends = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Deno.Command(command, { args: rest, cwd: prepared.cwd, env: prepared.env, clearEnv: true, stdin: "null" })
          .output(),
    ),
  );
  const runs = ends.map(({ code, stdout, stderr }) => ({
    code,
    stdout: new TextDecoder().decode(stdout),
    stderr: new TextDecoder().decode(stderr),
  }));
  for (const run of runs) checkTraces(start, prepared, run);
  return { runs, home: prepared.home };
}

/** Changes the times of what the cache contains. */
function age(home: string, change: (file: Record<string, unknown>) => void): void {
  const folder = `${home}/.onelogin/cache`;
  for (const { name } of Deno.readDirSync(folder)) {
    if (!/^[0-9a-f]{16}-[0-9a-f]{16}\.json$/.test(name)) continue;
    const file = JSON.parse(Deno.readTextFileSync(`${folder}/${name}`));
    change(file);
    Deno.writeTextFileSync(`${folder}/${name}`, JSON.stringify(file));
  }
}

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

Deno.test("credential-process: ten callers at once cause one login and one push, and all get the same credentials", async () => {
  await withSimulator(PUSH_ONLY, async (simulator) => {
    const { runs, home } = await together(10, simulator, ["--profile", "dev", ...ADMIN], PASSWORD);
    assert.deepEqual(runs.map(({ code, stderr }) => ({ code, stderr })), Array(10).fill({ code: 0, stderr: "" }));
    assert.equal(new Set(runs.map(({ stdout }) => stdout)).size, 1);
    const answer = JSON.parse(runs[0]?.stdout ?? "");
    assert.deepEqual(Object.keys(answer), PROCESS_KEYS);
    assert.equal(answer.Version, 1);
    assert.deepEqual(
      [simulator.to("token"), simulator.to("assertion"), simulator.to("AssumeRoleWithSAML")].map((to) => to.length),
      [1, 1, 1],
    );
    assert.equal(simulator.notifications, 1);
    if (Deno.build.os !== "windows") {
      const folder = `${home}/.onelogin/cache`;
      if (!windows) assert.equal((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
      assert.match(names.join(), /^[0-9a-f]{16}-[0-9a-f]{16}\.json$/);
      if (!windows) assert.equal((Deno.statSync(`${folder}/${names[0]}`).mode ?? 0) & 0o777, 0o600);
    }
  });
});

Deno.test("credential-process: callers that wait share a failure, so that nobody's phone rings again and again", async () => {
  await withSimulator({ ...PUSH_ONLY, push: "never" }, async (simulator) => {
    const args = ["--profile", "dev", "--mfa-timeout", "1", ...ADMIN];
    const { runs, home } = await together(4, simulator, args, PASSWORD);
    assert.deepEqual(runs.map(({ code, stdout }) => ({ code, stdout })), Array(4).fill({ code: 4, stdout: "" }));
    assert.equal(simulator.notifications, 1);
    for (const { stderr } of runs) assert.match(stderr, /hint: run: onelogin-aws-assume-role --profile dev --aws-/);
    assert.equal(runs.filter(({ stderr }) => stderr.includes("waiting before the next try")).length, 3);

    // A login by the person takes the failure off the record, and its credentials are served.
    simulator.set({ push: { approveAfterPolls: 1 } });
    const login = await runProgram({
      simulator,
      home,
      env: PASSWORD,
      args: ["--profile", "dev", "--no-input", ...ADMIN],
    });
    assert.equal(login.code, 0, login.stderr);
    const served = await ask(simulator, "dev", { home });
    assert.deepEqual([served.code, served.stderr], [0, ""]);
    assert.match(login.file(".aws/credentials"), new RegExp(JSON.parse(served.stdout).AccessKeyId));
  });
});

Deno.test("credential-process: serves what a login saved without any request; after they expire it names the login that is needed", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const args = ["--profile", "dev prod", "--no-input", ...ADMIN];
    const { home, code } = await runProgram({ simulator, files: defaultFiles, env: PASSWORD, args });
    assert.equal(code, 0);
    const before = simulator.requests.length;
    const served = await ask(simulator, "dev prod", { home });
    assert.deepEqual([served.code, served.stderr], [0, ""]);
    // AWS_PROFILE names the profile where the command line does not.
    const byVariable = await runProgram({
      simulator,
      home,
      args: ["credential-process"],
      env: { AWS_PROFILE: "dev prod" },
    });
    assert.deepEqual([byVariable.code, byVariable.stdout], [0, served.stdout]);

    // Near their end they are still served, since they cannot be renewed without a person.
    age(home, (file) => Object.assign(file, { obtained: inSeconds(-3300), expiration: inSeconds(300) }));
    const near = await ask(simulator, "dev prod", { home });
    assert.deepEqual([near.code, near.stderr], [0, ""]);
    const told = await ask(simulator, "dev prod", { home, args: ["--verbose"] });
    assert.match(told.stderr, /cached credentials.* \d+ s/);

    age(home, (file) => file["expiration"] = inSeconds(30));
    const over = await ask(simulator, "dev prod", { home });
    assert.deepEqual([over.code, over.stdout], [8, ""]);
    assert.match(over.stderr, /hint: run: onelogin-aws-assume-role --profile 'dev prod'\n$/);
    assert.equal(simulator.requests.length, before);

    // With a password it renews automatically, with the role the profile had: no option names one.
    const renewed = await ask(simulator, "dev prod", { home, env: PASSWORD });
    assert.deepEqual([renewed.code, renewed.stderr], [0, ""]);
    assert.match(String(rolesAsked(simulator).at(-1)), /:123456789012:role\/Admin$/);
    assert.notEqual(renewed.stdout, served.stdout);
  });
});

Deno.test("credential-process: while one run waits for a push, others are served the credentials that still live", async () => {
  await withSimulator(PUSH_ONLY, async (simulator) => {
    const args = ["--profile", "dev", "--no-input", ...ADMIN];
    const { home } = await runProgram({ simulator, files: defaultFiles, env: PASSWORD, args });
    age(home, (file) => Object.assign(file, { obtained: inSeconds(-3300), expiration: inSeconds(300) }));
    simulator.set({ push: "never" });
    const before = simulator.to("verify-factor").length;
    let first = true;
    const [waiting, served] = await Promise.all([
      ask(simulator, "dev", { home, env: PASSWORD, args: ["--mfa-timeout", "4"] }).finally(() => first = false),
      simulator.waitFor("verify-factor", before + 1).then(async () => {
        const run = await ask(simulator, "dev", { home, env: PASSWORD });
        assert.ok(first, "the other run has not ended yet");
        return run;
      }),
    ]);
    assert.deepEqual([waiting.code, waiting.stderr], [0, ""]);
    assert.deepEqual([served.code, served.stderr, served.stdout], [0, "", waiting.stdout]);
    assert.equal(simulator.notifications, 2);
  });
});

Deno.test("credential-process: cached credentials are not served for a request that they do not match", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const args = ["--profile", "dev", "--no-input", ...ADMIN];
    const { home } = await runProgram({ simulator, files: defaultFiles, env: PASSWORD, args });
    const before = simulator.requests.length;
    const role = await ask(simulator, "dev", { home, args: ["--aws-role-name", "ReadOnly"] });
    assert.equal(role.code, 8);
    assert.match(role.stderr, /was for the role "arn:aws:iam::123456789012:role\/Admin"/);
    const user = await ask(simulator, "dev", { home, args: ["-u", "bob@example.com"] });
    assert.equal(user.code, 8);
    assert.match(user.stderr, /was by "ada@example.com"/);
    assert.equal(simulator.requests.length, before);
  });
});

Deno.test("credential-process: a refused password is posted once, however often credentials are asked for", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const env = { ONELOGIN_PASSWORD: "wrong" };
    const first = await ask(simulator, "dev", { env, args: ADMIN });
    const second = await ask(simulator, "dev", { env, args: ADMIN, home: first.home });
    const other = await ask(simulator, "prod", { env, args: ADMIN, home: first.home });
    assert.deepEqual([first.code, second.code, other.code], [3, 9, 9]);
    assert.equal(simulator.passwordPosts, 1);
  });
});

Deno.test("credential-process: never asks: a code, a choice of device or role, a password is exit 8", async () => {
  await withSimulator({ users: [{ ...ADA, devices: [AUTHENTICATOR] }] }, async (simulator) => {
    const code = await ask(simulator, "dev", { env: PASSWORD, args: ADMIN });
    assert.deepEqual([code.code, code.stdout], [8, ""]);
    assert.match(code.stderr, /needs a code/);
    const given = await ask(simulator, "dev", {
      env: PASSWORD,
      args: [...ADMIN, "--otp", AUTHENTICATOR.code ?? ""],
      home: code.home,
    });
    assert.deepEqual([given.code, given.stderr], [0, ""]);
  });
  await withSimulator(
    { users: [{ ...ADA, devices: [AUTHENTICATOR, PROTECT, { ...PROTECT, id: 777778 }] }] },
    async (simulator) => {
      const device = await ask(simulator, "dev", { env: PASSWORD, args: ADMIN });
      assert.equal(device.code, 8);
      assert.match(device.stderr, /--mfa-device/);
      assert.equal(simulator.notifications, 0);
      const named = await ask(simulator, "dev", {
        env: PASSWORD,
        args: [...ADMIN, "--mfa-device", "777778"],
        home: device.home,
      });
      assert.deepEqual([named.code, named.stderr], [0, ""]);
      assert.equal(simulator.notifications, 1);
    },
  );
  await withSimulator(NO_MFA, async (simulator) => {
    const role = await ask(simulator, "dev", { env: PASSWORD });
    assert.equal(role.code, 8);
    assert.match(role.stderr, /--aws-account-id and --aws-role-name/);
    const silent = await ask(simulator, "dev", {
      home: role.home,
      args: [...ADMIN, "--onelogin-password-stdin"],
      stdin: async (live) => await live.waitFor("nothing arrived within 2 seconds"),
    });
    assert.equal(silent.code, 8);
  });
});

Deno.test("credential-process: of several devices the only push device is rung, once", async () => {
  await withSimulator({}, async (simulator) => {
    const run = await ask(simulator, "dev", { env: PASSWORD, args: ADMIN });
    assert.deepEqual([run.code, run.stderr], [0, ""]);
    assert.equal(simulator.notifications, 1);
  });
});

Deno.test("credential-process: a cached assertion serves other profiles without password and push", async () => {
  await withSimulator(PUSH_ONLY, async (simulator) => {
    const args = ["--profile", "dev", "--cache-saml", "--no-input", ...ADMIN];
    const { home } = await runProgram({ simulator, files: defaultFiles, env: PASSWORD, args });
    const other = await ask(simulator, "prod", {
      home,
      args: ["--aws-account-id", ACCOUNTS.prod, "--aws-role-name", "ReadOnly"],
    });
    assert.deepEqual([other.code, other.stderr], [0, ""]);
    assert.deepEqual([simulator.passwordPosts, simulator.notifications], [1, 1]);
    assert.equal(simulator.to("AssumeRoleWithSAML").length, 2);
  });
});

Deno.test(
  "credential-process: a run that was killed while it signed in blocks nobody",
  { ignore: windows },
  async () => {
    await withSimulator({ ...PUSH_ONLY, push: "never" }, async (simulator) => {
      const killed = await ask(simulator, "dev", {
        env: PASSWORD,
        args: ADMIN,
        stdin: async (live) => {
          await simulator.waitFor("verify-factor", 1);
          live.kill("SIGKILL");
        },
      });
      assert.equal(killed.signal, "SIGKILL");
      assert.match(killed.tree().map(({ path }) => path).join("\n"), /\.lock$/m);
      simulator.set({ push: { approveAfterPolls: 0 } });
      const next = await ask(simulator, "dev", { env: PASSWORD, args: ADMIN, home: killed.home });
      assert.deepEqual([next.code, next.stderr], [0, ""]);
    });
  },
);

const hasAws = !windows && hasAwsCli();
if (!hasAws) console.error("the AWS CLI is not on this machine: credential_process is not tested with it");

Deno.test({
  name: "credential-process: the AWS CLI gets its credentials through a credential_process line",
  ignore: !hasAws,
  fn: () => readWithAwsCli(),
});

async function readWithAwsCli(): Promise<void> {
  await withSimulator(NO_MFA, async (simulator) => {
    const quoted = (word: string) => /^[\w.,:=/*[\]-]+$/.test(word) ? word : `"${word}"`;
    const command = [...await programCommand(), "credential-process", "--profile", "dev", ...ADMIN].map(quoted).join(
      " ",
    );
    const prepared = await prepare({
      simulator,
      args: [],
      files: {
        ...defaultFiles,
        ".aws/config": `[profile dev]\nregion = us-east-1\ncredential_process = ${command}\n`,
      },
      cwd: freshFolder("cwd"),
    });
    const aws = async (env: Record<string, string>) => {
      const { code, stdout, stderr } = await new Deno.Command("aws", {
        args: ["sts", "get-caller-identity", "--profile", "dev", "--output", "json", "--endpoint-url", simulator.url],
        env: { ...prepared.env, ...env },
        clearEnv: true,
        stdin: "null",
      }).output();
      return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
    };
    const refused = await aws({});
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /run: onelogin-aws-assume-role --profile dev/);
    const first = await aws(PASSWORD);
    assert.deepEqual([first.code, first.stderr], [0, ""]);
    assert.equal(JSON.parse(first.stdout).Arn, "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com");
    assert.equal((await aws({})).code, 0);
    assert.equal(simulator.passwordPosts, 1);
  });
}

Deno.test("credential-process --force: a session that was revoked is renewed, and everybody is served the new one", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const login = await runProgram({
      simulator,
      files: { ...defaultFiles, ".aws/config": "[profile dev]\nregion = eu-west-1\n" },
      env: PASSWORD,
      args: ["--profile", "dev", ...ADMIN],
    });
    assert.equal(login.code, 0, login.stderr);
    const { home } = login;
    const key = (stdout: string) => JSON.parse(stdout).AccessKeyId;
    const first = key((await ask(simulator, "dev", { home })).stdout);
    const revoked = "ASIAREVOKEDREVOKED77";
    age(home, (file) => file["accessKeyId"] = revoked);
    assert.equal(key((await ask(simulator, "dev", { home, env: PASSWORD })).stdout), revoked, "it is live by its time");
    const posts = simulator.passwordPosts;

    const forced = await ask(simulator, "dev", { home, env: PASSWORD, args: ["--force"] });
    assert.deepEqual([forced.code, forced.stderr], [0, ""]);
    assert.equal(simulator.passwordPosts, posts + 1);
    assert.ok(![first, revoked].includes(key(forced.stdout)));
    assert.deepEqual(rolesAsked(simulator).at(-1), `arn:aws:iam::${ACCOUNTS.dev}:role/Admin`);
    assert.equal(simulator.requests.at(-1)?.route, "AssumeRoleWithSAML");

    const next = await ask(simulator, "dev", { home });
    assert.equal(key(next.stdout), key(forced.stdout));
    assert.equal(simulator.passwordPosts, posts + 1);
    // The credentials file has the keys of the first login; the cache has the ones that AWS takes.
    Deno.removeSync(`${home}/.aws/credentials`);
    const status = await runProgram({ simulator, home, args: ["status", "--verify"] });
    assert.equal(status.code, 0, status.stderr);
    assert.match(status.stdout, /^dev .* works +cache$/m);
  });
});
