import assert from "node:assert/strict";
import { defaultFiles, runProgram, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, ADMIN, complaint, PASSWORD, rolesAsked } from "./runs.ts";

const NO_MFA = ada();
const PAGE = "https://s3.console.aws.amazon.com/s3/buckets?region=eu-west-1";

/** Opens the address as a browser would: where does it lead? */
async function leadsTo(address: string): Promise<string | null> {
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/federation\?\S+\n$/);
  const reply = await fetch(address.trim(), { redirect: "manual" });
  await reply.body?.cancel();
  assert.equal(reply.status, 302);
  return reply.headers.get("location");
}

Deno.test("console: opens the page asked for with the live credentials of the profile, and logs in nowhere", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const args = ["--profile", "dev", "--no-input", ...ADMIN];
    const { home } = await runProgram({ simulator, files: defaultFiles, env: PASSWORD, args });
    const before = simulator.requests.length;
    const run = await runProgram({
      simulator,
      home,
      args: ["console", "-p", "dev", "--verbose", "--destination", PAGE],
    });
    assert.equal(run.code, 0, run.stderr);
    assert.doesNotMatch(run.stderr, /SigninToken|federation\?/);
    assert.equal(await leadsTo(run.stdout), PAGE);
    assert.deepEqual(simulator.requests.slice(before).map(({ route }) => route), ["getSigninToken", "login"]);
    const asked = simulator.to("getSigninToken")[0];
    assert.equal(asked?.method, "POST");
    assert.deepEqual(Object.keys(asked?.fields ?? {}), ["Action"]);

    // Without the file it is the cache that has them; AWS_PROFILE names the profile.
    Deno.removeSync(`${home}/.aws/credentials`);
    const cached = await runProgram({
      simulator,
      home,
      args: ["console", "--duration", "43200"],
      env: { AWS_PROFILE: "dev" },
    });
    assert.equal(cached.code, 0, cached.stderr);
    assert.equal(await leadsTo(cached.stdout), "https://console.aws.amazon.com/console/home?region=us-east-1");
    assert.equal(simulator.to("getSigninToken")[1]?.fields["SessionDuration"], "43200");
    assert.equal(simulator.passwordPosts, 1);
  });
});

Deno.test("console: a destination outside the console is refused before anybody is asked for a password", async () => {
  await withSimulator({}, async (simulator) => {
    for (const page of ["https://console.aws.amazon.com.evil.example/", "http://console.aws.amazon.com/"]) {
      const run = await runProgram({ simulator, files: defaultFiles, args: ["console", "--destination", page] });
      assert.equal(run.code, 2);
      assert.match(complaint(run).error, /AWS console/);
    }
    assert.equal(simulator.requests.length, 0);
  });
});

Deno.test("console: without live credentials it logs in and saves nothing; requests that the saved ones do not match log in too", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const run = await runProgram({
      simulator,
      files: defaultFiles,
      env: PASSWORD,
      args: ["console", "--no-input", ...ADMIN],
    });
    assert.equal(run.code, 0, run.stderr);
    await leadsTo(run.stdout);
    assert.equal(run.exists(".aws/credentials"), false);
    assert.doesNotMatch(run.tree().map(({ path }) => path).join("\n"), /[0-9a-f]{16}\.json/);

    const saved = await runProgram({
      simulator,
      home: run.home,
      env: PASSWORD,
      args: ["-p", "dev", "--no-input", ...ADMIN],
    });
    assert.equal(saved.code, 0);
    const other = await runProgram({
      simulator,
      home: run.home,
      env: PASSWORD,
      args: ["console", "-p", "dev", "--no-input", "--aws-account-id", "987654321098", "--aws-role-name", "ReadOnly"],
    });
    assert.equal(other.code, 0, other.stderr);
    assert.deepEqual(rolesAsked(simulator).at(-1), "arn:aws:iam::987654321098:role/ReadOnly");
  });
});

Deno.test("console: the session of a chained role gets no duration, which AWS would refuse", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const run = await runProgram({
      simulator,
      files: defaultFiles,
      env: PASSWORD,
      args: [
        "console",
        "--no-input",
        "--duration",
        "900",
        ...ADMIN,
        "--chain-role-arn",
        "arn:aws:iam::987654321098:role/ReadOnly",
      ],
    });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(Object.keys(simulator.to("getSigninToken")[0]?.fields ?? {}), ["Action"]);
    await leadsTo(run.stdout);
  });
});

Deno.test("console: the address is a link where the terminal shows links, and plain in a pipe and elsewhere", {
  ignore: await noPty(),
}, async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const args = ["--profile", "dev", "--no-input", ...ADMIN];
    const { home } = await runProgram({ simulator, files: defaultFiles, env: PASSWORD, args });
    const start = { args: ["console", "-p", "dev"], home, simulator };
    const allow = { stdout: ["signin-token"] } as const;
    const raw = async (env: Readonly<Record<string, string>>) => {
      await using pty = await openPty({ ...start, env, allow });
      const { code } = await pty.wait();
      assert.equal(code, 0, pty.screen());
      return pty.raw();
    };
    // deno-lint-ignore no-control-regex
    assert.match(await raw({ TERM_PROGRAM: "WezTerm" }), /\x1b\]8;;(http\S+federation\?\S+)\x1b\\\1\x1b\]8;;\x1b\\/);
    assert.ok(!(await raw({})).includes("\x1b]8"));
    await using piped = await openPty({ ...start, env: { TERM_PROGRAM: "WezTerm" }, stdout: "pipe" });
    // deno-lint-ignore no-control-regex
    assert.match((await piped.wait()).stdout, /^http[^\x1b\n]+\n$/);
  });
});
