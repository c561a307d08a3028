import assert from "node:assert/strict";
import { ACCOUNTS, ADA } from "../simulator/demo_world.ts";
import type { Simulator } from "../simulator/server.ts";
import { defaultFiles, runProgram, withSimulator } from "./harness.ts";
import { ada, ADMIN, ADMIN_ARN, complaint, PASSWORD } from "./runs.ts";
import { noPty, openPty } from "./pty.ts";

const NO_MFA = ada();

/** What other programs and people left in the file: odd, but readable. */
const FOREIGN = `# mine; do not touch
[longterm]
aws_access_key_id = AKIAQEXAMPLEEXAMPLE7
aws_secret_access_key = wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYexampleSK

[saml2aws]
aws_access_key_id        = ASIAQEXAMPLEEXAMPLE8
aws_secret_access_key    = another
aws_session_token        = token
aws_security_token       = token
x_principal_arn          = arn:aws:sts::123456789012:assumed-role/Other/me
x_security_token_expires = 2099-01-01T00:00:00+01:00
\tnot = ours
  [indented]
region=eu-west-1
`;

async function loggedIn(simulator: Simulator, profile = "dev") {
  return await runProgram({
    simulator,
    files: { ...defaultFiles, ".aws/credentials": FOREIGN },
    env: PASSWORD,
    args: ["--profile", profile, "--no-input", ...ADMIN],
  });
}

Deno.test("status: without credentials it prints a hint and nothing or an empty list, and asks nobody", async () => {
  await withSimulator({}, async (simulator) => {
    const plain = await runProgram({ simulator, args: ["status"], files: defaultFiles });
    assert.deepEqual([plain.code, plain.stdout], [0, ""]);
    assert.match(plain.stderr, /^.*no credentials.*\n.*--profile NAME\n$/);
    const json = await runProgram({ simulator, args: ["status", "--output", "json", "--quiet"], home: plain.home });
    assert.deepEqual([json.code, json.stdout, json.stderr], [0, "[]\n", ""]);
    assert.equal((await runProgram({ simulator, args: ["status", "--output", "env"], home: plain.home })).code, 2);
    assert.equal(simulator.requests.length, 0);
  });
});

Deno.test("status: lists what this program saved, in local time and as JSON, and other tools' credentials with an expiry time", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const { home } = await loggedIn(simulator);
    const before = simulator.requests.length;
    const table = await runProgram({ simulator, home, args: ["status"], env: { TZ: "Asia/Kathmandu" } });
    assert.deepEqual([table.code, table.stderr], [0, ""]);
    const lines = table.stdout.trimEnd().split("\n");
    // Windows has its time zone in its settings alone.
    if (Deno.build.os !== "windows") assert.match(lines[1] ?? "", / \+05:45 /);
    assert.match(lines[0] ?? "", /^PROFILE +ROLE +ACCOUNT +REGION +EXPIRES +LEFT +SAVED IN$/);
    assert.equal(lines.length, 3);
    assert.match(lines[2] ?? "", /^saml2aws +Other .* another tool$/);
    assert.match(
      lines[1] ?? "",
      /^dev +Admin +123456789012 +us-east-1 +\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d +(?:59 min|1 h) +credentials file, cache$/,
    );
    const json = await runProgram({ simulator, home, args: ["status", "--output", "json"] });
    const [only, ...others] = JSON.parse(json.stdout);
    assert.deepEqual(
      others.map(({ Profile, SavedBy, Live }: Record<string, unknown>) => [Profile, SavedBy, Live]),
      [["saml2aws", "another tool", true]],
    );
    const { Expiration, SecondsLeft, ...rest } = only;
    assert.deepEqual(rest, {
      Profile: "dev",
      RoleArn: `arn:aws:iam::${ACCOUNTS.dev}:role/Admin`,
      AssumedRoleArn: ADMIN_ARN,
      RoleName: "Admin",
      AccountId: ACCOUNTS.dev,
      Region: "us-east-1",
      Live: true,
      SavedIn: ["credentials-file", "cache"],
      Username: "ada@example.com",
      Subdomain: "acme",
    });
    assert.match(Expiration, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(SecondsLeft > 3500 && SecondsLeft <= 3600, String(SecondsLeft));
    const other = await runProgram({ simulator, home, args: ["status", "--profile", "longterm"] });
    assert.deepEqual([other.code, other.stdout], [0, ""]);
    assert.equal(simulator.requests.length, before);
  });
});

Deno.test("status --verify: asks AWS with the profile's own keys, and a refusal is exit 6 after the list", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const { home, file } = await loggedIn(simulator);
    const good = await runProgram({ simulator, home, args: ["status", "--verify", "--output", "json"] });
    assert.equal(good.code, 0, good.stderr);
    assert.deepEqual(
      JSON.parse(good.stdout).map((each: Record<string, unknown>) => [each["Verified"], each["CallerArn"]]),
      [
        [true, ADMIN_ARN],
        // Another tool's keys are not this program's to send.
        [null, undefined],
      ],
    );
    const key = /ASIA\w+/.exec(file(".aws/credentials").split("[dev]")[1] ?? "")?.[0] ?? "";
    const unknown = file(".aws/credentials").replace(key, "ASIAUNKNOWNUNKNOWN77");
    const bad = await runProgram({
      simulator,
      home,
      args: ["status", "--verify"],
      files: { ".aws/credentials": unknown },
    });
    assert.equal(bad.code, 6);
    assert.match(bad.stdout, /^dev .* refused +credentials file$/m);
    // The cache contains the real ones still: every profile is asked about.
    assert.match(bad.stdout, /^dev .* works +cache$/m);
    assert.match(complaint(bad).error, /^profile "dev": cannot ask AWS whose credentials these are: AWS reports/);
  });
});

Deno.test("status --verify: what AWS does not take any more is served by nobody; credential-process --force renews", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const first = await loggedIn(simulator);
    const { home } = first;
    const cache = first.tree().find(({ path }) => /cache\/[0-9a-f]{16}-[0-9a-f]{16}\.json$/.test(path));
    assert.ok(cache);
    const { accessKeyId } = JSON.parse(cache.text);
    const revoked = "ASIAREVOKEDREVOKED77";
    const files = {
      [cache.path]: cache.text.replace(accessKeyId, revoked),
      ".aws/credentials": first.file(".aws/credentials").replace(accessKeyId, revoked),
    };
    const serve = (...args: string[]) =>
      runProgram({
        simulator,
        home,
        args: ["credential-process", "-p", "dev", ...args],
        allow: { stdout: ["session-token", "secret-key"] },
      });
    const served = await runProgram({
      simulator,
      home,
      files,
      args: ["credential-process", "-p", "dev"],
      allow: { stdout: ["session-token", "secret-key"] },
    });
    assert.equal(JSON.parse(served.stdout).AccessKeyId, revoked);
    const before = simulator.requests.length;
    const forced = await serve("--force");
    assert.deepEqual([forced.code, forced.stdout], [8, ""], forced.stderr);
    assert.equal(simulator.requests.length, before);
    assert.equal((await runProgram({ simulator, home, args: ["status", "--verify"] })).code, 6);
    const after = await serve();
    assert.deepEqual([after.code, after.stdout], [8, ""], after.stderr);
    assert.equal(JSON.parse(after.file(cache.path)).roleArn, JSON.parse(cache.text).roleArn);
  });
});

Deno.test("logout: removes what this program saved and leaves every other byte as it was", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const first = await loggedIn(simulator);
    const { home } = first;
    const config = "[profile dev]\nregion = eu-west-1\n";
    const mute = await runProgram({
      simulator,
      home,
      args: ["logout", "--no-input"],
      files: { ".aws/config": config },
    });
    assert.equal(mute.code, 8);
    assert.match(mute.stderr, /--force/);
    const declined = await runProgram({ simulator, home, args: ["logout"], stdin: ["n"] });
    assert.equal(declined.code, 0);
    assert.equal(declined.file(".aws/credentials"), first.file(".aws/credentials"));

    const agreed = await runProgram({ simulator, home, args: ["logout"], stdin: ["y"] });
    assert.deepEqual([agreed.code, agreed.stdout], [0, ""]);
    assert.match(agreed.stderr, /Will be removed:\n {2}profile "dev" from .*\n(?: {2}.*\.json\n)+Remove 1 profile and/);
    assert.equal(agreed.file(".aws/credentials").trimEnd(), FOREIGN.trimEnd());
    assert.equal(agreed.file(".aws/config"), config);
    assert.deepEqual(
      agreed.tree().filter(({ kind, path }) => kind === "file" && path.startsWith(".onelogin/")).map(({ path }) =>
        path
      ),
      [".onelogin/onelogin.aws.json", ".onelogin/onelogin.sdk.json"],
    );
    const empty = await runProgram({ simulator, home, args: ["logout", "--no-input"] });
    assert.deepEqual([empty.code, empty.stdout, empty.stderr], [0, "", "There is nothing to remove.\n"]);
  });
});

Deno.test("logout --profile: takes one profile away, in file and cache; its credential process needs a login again", async () => {
  await withSimulator(NO_MFA, async (simulator) => {
    const { home } = await loggedIn(simulator, "dev");
    await runProgram({ simulator, home, env: PASSWORD, args: ["--profile", "prod", "--no-input", ...ADMIN] });
    const out = await runProgram({ simulator, home, args: ["logout", "--profile", "dev", "--no-input", "--force"] });
    assert.equal(out.code, 0, out.stderr);
    assert.doesNotMatch(out.file(".aws/credentials"), /^\[dev\]/m);
    assert.match(out.file(".aws/credentials"), /^\[prod\]/m);
    assert.equal((await runProgram({ simulator, home, args: ["credential-process", "-p", "dev"] })).code, 8);
    assert.equal((await runProgram({ simulator, home, args: ["credential-process", "-p", "prod"] })).code, 0);
  });
});

Deno.test("status: at 40 columns the time is whole, at 80 the account is there, in colours by the time left", {
  ignore: await noPty(),
}, async () => {
  const ends = new Date(Date.now() + 47 * 60_000 + 30_000).toISOString().replace(/\.\d+Z$/, "Z");
  const files = {
    ".aws/credentials": `[development]
aws_access_key_id = ASIAEXAMPLE
aws_secret_access_key = x
aws_session_token = y
aws_session_expiration = ${ends.replace("Z", "+0000")}
region = ap-southeast-2
x_security_token_expires = ${ends}
x_principal_arn = arn:aws:sts::123456789012:assumed-role/Administrator/ada@example.com
`,
  };
  const shown = async (columns: number) => {
    await using pty = await openPty({ args: ["status"], files, columns });
    const { code } = await pty.wait();
    assert.equal(code, 0, pty.screen());
    return pty;
  };
  const narrow = await shown(40);
  // Around midnight the date takes the place of a part of the name.
  assert.match(
    narrow.screen(),
    /^(?:development +Administr\S+ +\d\d:\d\d(?: +in 4[67] min)?|develop\S+ +Administr\S+ +20\d\d-\d\d-\d\d \d\d:\d\d)$/m,
  );
  const wide = await shown(80);
  assert.match(wide.screen(), /development +Administrator +123456789012 .*\d\d:\d\d +in 4[67] min/);
  // deno-lint-ignore no-control-regex
  assert.match(wide.raw(), /\u001b\[38;5;28min 4[67] min\u001b\[39m/);
});

Deno.test("status: with two people on one home it shows whose credentials each profile has", async () => {
  const bob = { ...ADA, username: "bob", email: "bob@example.com", password: "bobs own", id: 77, devices: [] };
  await withSimulator({ users: [{ ...ADA, devices: [] }, bob] }, async (simulator) => {
    const { home } = await loggedIn(simulator, "mine");
    const theirs = await runProgram({
      simulator,
      home,
      env: { ONELOGIN_PASSWORD: bob.password },
      args: ["--profile", "his", "--no-input", "--onelogin-username", bob.email, ...ADMIN],
    });
    assert.equal(theirs.code, 0, theirs.stderr);
    const { stdout } = await runProgram({ simulator, home, args: ["status"] });
    assert.match(stdout, /^PROFILE +ROLE +ACCOUNT +USER +/m);
    assert.match(stdout, /^his +Admin +\S+ +bob@example.com \(acme\) /m);
    assert.match(stdout, /^mine +Admin +\S+ +ada@example.com \(acme\) /m);
    // Another user's keys are no reason to leave a login out.
    const again = await runProgram({
      simulator,
      home,
      env: PASSWORD,
      args: ["--profile", "his", "--no-input", "--if-expiring", "600", ...ADMIN],
    });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /Success!/);
    const asked = simulator.requests.filter(({ route }) => route === "AssumeRoleWithSAML");
    assert.equal(asked.length, 3);
    assert.ok(asked.every(({ userAgent }) => /^onelogin-aws-assume-role\/\d/.test(userAgent)));
  });
});

/** The services an hour off: what a computer with a wrong clock sees. */
for (const [hours, way] of [[1, "behind"], [-1, "ahead of"]] as const) {
  Deno.test(`status: with a clock an hour ${way} the services' it warns once and counts by theirs`, () =>
    withSimulator(NO_MFA, async (simulator) => {
      simulator.clock.advance(hours * 3_600_000);
      const { home, code, stderr } = await loggedIn(simulator);
      assert.equal(code, 0, stderr);
      const warning = new RegExp(
        `warning: this computer's clock is 1 h ${way} that of OneLogin and AWS: turn on time`,
        "g",
      );
      assert.equal(stderr.match(warning)?.length, 1, stderr);
      assert.doesNotMatch(stderr, /expire in/);
      const before = simulator.requests.length;
      const start = { simulator, home, env: PASSWORD };
      const status = await runProgram({ ...start, args: ["status", "--output", "json", "--profile", "dev"] });
      const [dev] = JSON.parse(status.stdout);
      assert.ok(dev.SecondsLeft > 3500 && dev.SecondsLeft <= 3600, status.stdout);
      const left = await runProgram({
        ...start,
        args: ["--profile", "dev", "--no-input", "--if-expiring", "600", ...ADMIN],
      });
      assert.match(left.stderr, /Nothing to do|are live|left/i);
      assert.equal(simulator.requests.length, before);
      // The clock is set: the next reply reports it, and nothing is corrected any more.
      simulator.clock.advance(-hours * 3_600_000);
      const renewed = await runProgram({ ...start, args: ["--profile", "dev", "--no-input", "--force", ...ADMIN] });
      assert.doesNotMatch(renewed.stderr, /clock/);
      assert.ok(!renewed.exists(".onelogin/cache/clock.json"));
    }));
}
