/** `doctor` on a whole machine: findings, exit codes, and what it never does. */
import assert from "node:assert/strict";
import { DEMO_SCENARIO } from "../simulator/demo_world.ts";
import { defaultFiles, type RunOptions, runProgram, withSimulator } from "./harness.ts";
import { CLOSED_PORT } from "../src/testing.ts";

/** Has no modes, and no links, pipes or signals as other systems do. */
const windows = Deno.build.os === "windows";

interface Shown {
  readonly area: string;
  readonly level: string;
  readonly text: string;
  readonly fix?: string;
}

async function doctor(options: Partial<RunOptions>) {
  const result = await runProgram({ args: ["doctor", "--output", "json"], files: defaultFiles, ...options });
  assert.equal(result.stderr, "");
  const { ok, findings } = JSON.parse(result.stdout) as { ok: boolean; findings: readonly Shown[] };
  const find = (pattern: RegExp) =>
    findings.find(({ text }) => pattern.test(text)) ?? assert.fail(`${pattern} in:\n${result.stdout}`);
  return { ...result, ok, findings, find };
}

Deno.test("doctor: a machine in order ends 0, tells every source, posts no password and rings no phone", async () => {
  await withSimulator({}, async (simulator) => {
    const { code, ok, findings, find, stdout, tree } = await doctor({
      simulator,
      env: { ONELOGIN_PASSWORD: "correct horse battery staple", ONELOGIN_USERNAME: "ada" },
    });
    assert.equal(code, 0, stdout);
    assert.equal(ok, true);
    assert.deepEqual(findings.filter(({ level }) => level !== "ok"), []);
    assert.match(
      find(/^client secret/).text,
      /^client secret: set \(from "client_secret" in ".*onelogin\.sdk\.json"\)$/,
    );
    assert.match(
      find(/^username/).text,
      /ada \(from ONELOGIN_USERNAME; .*"username" in ".*onelogin\.aws\.json"\)/,
    );
    assert.match(find(/^password/).text, /set \(from ONELOGIN_PASSWORD\)/);
    assert.equal(find(/API client: accepted/).level, "ok");
    assert.equal(findings.filter(({ text }) => /reached directly/.test(text)).length, 2);
    assert.match(find(/^may not: start programs/).text, /read the environment/);
    assert.match(find(/^may connect to 127/).text, /127\.0\.0\.1:\d+$/);
    assert.equal(simulator.passwordPosts, 0);
    assert.equal(simulator.notifications, 0);
    assert.equal(tree().length, 3);
  });
});

Deno.test("doctor: a refused API client ends 3, a wrong clock and a hidden file are warnings", async () => {
  await withSimulator({ dateSkewMs: 10 * 60_000 }, async (simulator) => {
    const { code, find, stdout } = await doctor({
      simulator,
      env: { ONELOGIN_CLIENT_SECRET: "f".repeat(64) },
      cwdFiles: { "onelogin.aws.json": defaultFiles[".onelogin/onelogin.aws.json"]! },
    });
    assert.equal(code, 3, stdout);
    assert.equal(find(/OneLogin refused the API client/).level, "fail");
    assert.match(find(/^clock/).text, /(599|60\d) seconds behind OneLogin's/);
    assert.match(find(/^onelogin\.aws\.json/).text, / only ".*\.onelogin[\\/]onelogin\.aws\.json"/);
  });
});

Deno.test("doctor: a broken file ends 2 and the other checks continue", async () => {
  const { code, find } = await doctor({ files: { ".onelogin/onelogin.aws.json": '{"app_id": "abc"}' } });
  assert.equal(code, 2);
  const { level, text } = find(/app id/);
  assert.deepEqual([level, /"abc" is not a number/.test(text)], ["fail", true]);
  assert.equal(find(/^credentials file/).level, "ok");
});

Deno.test("doctor: what is missing is named before anything is sent with it", async () => {
  await withSimulator({}, async (simulator) => {
    const { code, find } = await doctor({
      simulator,
      files: {},
      // Nobody's address: the check of OneLogin needs no API client.
      env: { ONELOGIN_API_URL: "http://127.0.0.1:9" },
    });
    assert.equal(code, 2);
    assert.match(find(/^client id: not set/).fix ?? "", /configure/);
    assert.equal(find(/^subdomain: not set/).level, "warn");
  });
});

Deno.test("doctor: hosts that cannot be reached end 7, with what to do", async () => {
  const url = `http://127.0.0.1:${CLOSED_PORT}`;
  const { code, findings } = await doctor({ env: { ONELOGIN_API_URL: url, AWS_ENDPOINT_URL_STS: url } });
  assert.equal(code, 7);
  const failed = findings.filter(({ level }) => level === "fail");
  assert.equal(failed.length, 2);
  for (const { text, fix } of failed) {
    assert.match(text, /connection refused by "127/);
    assert.match(fix ?? "", /proxy|check the address in AWS_ENDPOINT_URL_STS/);
  }
});

Deno.test(
  "doctor: loose modes, what a killed run left, and keys that hide a credential_process",
  { ignore: windows },
  async () => {
    await withSimulator({}, async (simulator) => {
      const { code, stdout, stderr } = await runProgram({
        args: ["doctor", "--no-input", "--quiet"],
        simulator,
        files: {
          ...defaultFiles,
          ".aws/credentials": { text: "[dev]\naws_access_key_id = A\naws_secret_access_key = B\n", mode: 0o644 },
          ".aws/config": "[profile dev]\ncredential_process = /bin/olaws credential-process\n",
          ".onelogin/onelogin.sdk.json": {
            text: JSON.stringify({ client_id: DEMO_SCENARIO.clientId, client_secret: DEMO_SCENARIO.clientSecret }),
            mode: 0o644,
          },
          ".onelogin/onelogin.aws.json": JSON.stringify({ usrname: "ada" }),
        },
      });
      assert.equal(code, 0, stderr);
      assert.ok(stdout.split("\n").every((line) => !line.startsWith("ok")));
      assert.match(stdout, /other users can access it \(mode 644\)\n +fix: chmod 600/);
      assert.match(stdout, /profile "dev" .*keys in ".*credentials".* credential_process/);
      assert.match(stdout, /contains the client secret\n +fix: chmod 600 ".*onelogin\.sdk\.json"\n/);
      assert.match(stdout, /the key "usrname" is unknown and ignored\n +fix: use "username" instead/);
      assert.ok(!stdout.includes(DEMO_SCENARIO.clientSecret));
    });
  },
);

Deno.test("doctor: ends with a verdict, the worst first; what passed is listed with --verbose only", async () => {
  await withSimulator({}, async (simulator) => {
    const run = async (args: readonly string[], files = {}) => {
      const result = await runProgram({ args: ["doctor", ...args], simulator, files: { ...defaultFiles, ...files } });
      return { code: result.code, lines: result.stdout.trimEnd().split("\n"), tree: result.tree() };
    };
    const sound = await run([]);
    assert.equal(sound.code, 0);
    assert.equal(sound.lines.length, 1, sound.lines.join("\n"));
    assert.match(sound.lines[0] ?? "", /^\d+ checks passed$/);
    const verbose = await run(["--verbose"]);
    assert.equal(verbose.lines.at(-1), sound.lines[0]);
    assert.equal(verbose.lines.filter((line) => line.startsWith("ok ")).length, Number(sound.lines[0]?.split(" ")[0]));
    const broken = await run(["--profile", "dev"], {
      ".aws/credentials": "key = value\n",
      ".aws/config": '[profile "dev"]\nregion = us-east\n[profile a#b]\n',
    });
    assert.equal(broken.code, 2);
    assert.match(
      broken.lines[0] ?? "",
      /^fail {2}files +cannot edit ".*credentials": line 1: it is before the first/,
    );
    const text = broken.lines.join("\n");
    assert.match(
      text,
      /\[profile \\?"dev\\?"\] in ".*config": some AWS SDKs .*\n +fix: .*\[profile dev\]/,
    );
    assert.match(text, /"us-east" is not an AWS region\n +fix: did you mean "us-east-1"\?/);
    assert.match(text, /named "a#b": some AWS SDKs read what follows # or ; as a comment/);
    assert.match(broken.lines.at(-1) ?? "", /^1 problem, 3 warnings; \d+ checks passed$/);
    assert.equal(broken.tree.filter(({ path }) => /onelogin-(lock|tmp)$/.test(path)).length, 0);
    assert.equal(simulator.passwordPosts, 0);
  });
});

Deno.test("doctor: what other tools would take of AWS_REGION is looked at, and saved credentials are listed", async () => {
  await withSimulator({}, async (simulator) => {
    const file = "[dev]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n" +
      "x_security_token_expires = 2020-01-01T00:00:00Z\naws_session_expiration = 2020-01-01T00:00:00+0000\n";
    const { code, find } = await doctor({
      simulator,
      files: { ...defaultFiles, ".aws/credentials": file },
      env: { AWS_REGION: "us-esat-1" },
    });
    assert.equal(code, 0);
    assert.equal(find(/^AWS_REGION: "us-esat-1" is not an AWS region/).fix, 'did you mean "us-east-1"?');
    assert.equal(find(/^a login could be saved/).level, "ok");
    assert.match(find(/^profile "dev" in the credentials file/).text, /expired$/);
  });
});
