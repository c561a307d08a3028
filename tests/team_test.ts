/** team.json on a whole machine: imported, exported, used below a person's own files. */
import assert from "node:assert/strict";
import { ADA, DEMO_SCENARIO } from "../simulator/demo_world.ts";
import { defaultFiles, runProgram, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { octal } from "./runs.ts";

const SDK = ".onelogin/onelogin.sdk.json";
const AWS = ".onelogin/onelogin.aws.json";
const TEAM = ".onelogin/team.json";
const windows = Deno.build.os === "windows";

const SHARED = {
  subdomain: DEMO_SCENARIO.subdomain,
  region: "us",
  app_id: DEMO_SCENARIO.apps[0]?.id ?? "",
  aws_region: "us-east-1",
  accounts: { "123456789012": "Dev" },
  profiles: { dev: { aws_account_id: "Dev", aws_role_name: "Admin" } },
};

Deno.test("team: one import line, then a user name and an API client are all a login needs", async () => {
  await withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
    const imported = await runProgram({
      args: ["configure", "--import"],
      simulator,
      files: { [SDK]: defaultFiles[SDK]!, [AWS]: JSON.stringify({ username: ADA.email }) },
      stdin: JSON.stringify(SHARED),
      allow: { files: { [SDK]: ["client-secret"] } },
    });
    assert.equal(imported.code, 0, imported.stderr);
    assert.equal(imported.stdout, "");
    assert.match(imported.stderr, /New file .*team\.json:\n.*\+ subdomain = "acme"\n/);
    assert.match(imported.stderr, /\+ profiles\.dev\.aws_role_name = "Admin"/);
    const file = imported.tree().find(({ path }) => path === TEAM);
    assert.equal(file?.mode?.toString(8), octal("600"));
    const login = await runProgram({
      args: ["--profile", "dev", "--no-input", "--verbose"],
      home: imported.home,
      cwd: imported.cwd,
      simulator,
      env: { ONELOGIN_PASSWORD: ADA.password },
    });
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.file(".aws/credentials"), /\[dev\][^]*role\/?.*Admin/);
    assert.match(login.stderr, /subdomain: acme \(from "subdomain" in ".*team\.json"\)/);
    assert.match(login.stderr, /username: ada@example\.com \(from "username" in ".*onelogin\.aws\.json"\)/);
    assert.doesNotMatch(login.stderr, new RegExp(DEMO_SCENARIO.clientSecret));
  });
});

Deno.test("team: an import again changes the team's part only, and the same again changes nothing", async () => {
  const own = '{"username": "ada@example.com",  "subdomain": "mine"}';
  const first = await runProgram({
    args: ["configure", "--import"],
    files: { [AWS]: own, [TEAM]: JSON.stringify({ ...SHARED, duration: 900 }) },
    stdin: JSON.stringify({ ...SHARED, app_id: 7 }),
  });
  assert.equal(first.code, 0, first.stderr);
  const lines = first.stderr.split("\n").map((line) => line.replace(/^onelogin-aws-assume-role: /, ""));
  assert.deepEqual(lines.filter((line) => /^ *[-+] /.test(line)), [
    '  - app_id = "123456"',
    '  + app_id = "7"',
    "  - duration = 900",
  ]);
  assert.equal(first.file(AWS), own);
  const written = first.file(TEAM);
  assert.equal(JSON.parse(written).duration, undefined);
  const again = await runProgram({
    args: ["configure", "--import", "--no-input"],
    home: first.home,
    cwd: first.cwd,
    stdin: written,
  });
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /Nothing changed: .*team\.json/);
  assert.doesNotMatch(again.stderr, /Wrote/);
  assert.equal(again.file(TEAM), written);
});

Deno.test("team: an export is what an import takes, without user, second factor and API client", async () => {
  const exported = await runProgram({
    args: ["configure", "--export"],
    files: {
      [SDK]: defaultFiles[SDK]!,
      [AWS]: JSON.stringify({
        username: ADA.email,
        mfa_device: "7",
        app_id: 9,
        profiles: { dev: { duration: "max" } },
      }),
      [TEAM]: JSON.stringify(SHARED),
      ".onelogin/accounts.yaml": 'accounts:\n  "987654321098": Prod\n',
    },
    env: { ONELOGIN_SUBDOMAIN: "elsewhere" },
  });
  assert.equal(exported.code, 0, exported.stderr);
  const { $schema, ...values } = JSON.parse(exported.stdout);
  assert.match($schema, /team\.schema\.json$/);
  assert.deepEqual(values, {
    ...SHARED,
    app_id: "9",
    accounts: { ...SHARED.accounts, "987654321098": "Prod" },
    profiles: { dev: { ...SHARED.profiles.dev, duration: "max" } },
  });
  const imported = await runProgram({ args: ["configure", "--import", "--quiet"], stdin: exported.stdout });
  assert.deepEqual([imported.code, imported.stderr], [0, ""]);
  assert.equal(imported.file(TEAM), exported.stdout);
});

const BAD: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ["nothing", "", /cannot import a team file: standard input is empty/],
  ["no JSON", '{\n  "app_id": 1,\n}', /cannot read "standard input": line 3, column 1: /],
  ["a page of HTML", "<html>", /cannot read "standard input": line 1, column 1: /],
  ["a user", '{"username": "eve"}', /line 1, column 2: "username" belongs to one person/],
  ["a client secret", '{"client_secret": "hunter2"}', /"client_secret" is never part of a team file/],
  ["an address of its own", '{"api_url": "https://evil.example"}', /"api_url" is accepted in onelogin\.sdk\.json only/],
  ["an address as subdomain", '{"subdomain": "evil.example/a"}', /"subdomain": .* is not a subdomain/],
  ["an IP", '{"ip": "1.2.3.4"}', /"ip" is accepted in onelogin\.sdk\.json only/],
  ["a program", '{"profiles": {"dev": {"credential_process": "/bin/evil"}}}', /credential_process" is never accepted/],
  ["an unknown key", '{\n"subdomian": "a"}', /line 2: the key "subdomian" is unknown; did you mean "subdomain"/],
  ["a repeated key", '{"app_id": 1,\n"app_id": 2}', /line 2: "app_id" is repeated/],
  ["a prototype", '{"__proto__": {"subdomain": "evil"}}', /the key "__proto__" is unknown/],
  ["a title for the terminal", '{"accounts": {"123456789012": "\\u001b]0;x\\u0007"}}', /contains invisible characters/],
  ["a profile that draws", '{"profiles": {"\\u001b[2J": {}}}', /cannot save a profile named/],
  ["Latin-1", "\ufffd", /it is not UTF-8 text/],
  ["2 MB", `{"a": "${"x".repeat(2_000_000)}"}`, /it has more than 262144 characters/],
];

for (const [name, text, message] of BAD) {
  Deno.test(`team: an import of ${name} is exit 2, and nothing is written`, async () => {
    const files = { [TEAM]: JSON.stringify(SHARED) };
    const { code, stdout, stderr, tree, file } = await runProgram({
      args: ["configure", "--import"],
      files,
      stdin: text,
    });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]|hunter2/);
    assert.equal(file(TEAM), files[TEAM]);
    assert.deepEqual(tree().map(({ path }) => path), [".onelogin", TEAM]);
  });
}

Deno.test("team: a broken team file stops a run with its place, and an import replaces it", async () => {
  const files = { ...defaultFiles, [TEAM]: '{"app_id": }' };
  const broken = await runProgram({ args: ["--no-input"], files });
  assert.equal(broken.code, 2, broken.stderr);
  assert.match(broken.stderr, /cannot read ".*team\.json": line 1, column 12: expected a value/);
  assert.match(
    broken.stderr,
    /hint: correct it, or import it again: onelogin-aws-assume-role configure --import < FILE/,
  );
  const fixed = await runProgram({
    args: ["configure", "--import"],
    home: broken.home,
    cwd: broken.cwd,
    stdin: JSON.stringify(SHARED),
  });
  assert.equal(fixed.code, 0, fixed.stderr);
  assert.match(fixed.stderr, /replacing the file: cannot read/);
  assert.equal(JSON.parse(fixed.file(TEAM)).subdomain, "acme");
});

Deno.test("team: doctor shows the file of each value, and the team file itself", async () => {
  const { stdout } = await runProgram({
    args: ["doctor", "--verbose", "--output", "json"],
    files: { ...defaultFiles, [AWS]: '{"username": "ada"}', [TEAM]: JSON.stringify({ ...SHARED, subdomain: "acme" }) },
    env: { HTTPS_PROXY: "http://127.0.0.1:9" },
  });
  assert.match(stdout, /app id: 123456 \(from \\"app_id\\" in \\".*team\.json\\"\)/);
  assert.match(stdout, /team\.json: \\".*team\.json\\"/);
});

Deno.test("team: --import and --export exclude each other, and belong to configure", async () => {
  const both = await runProgram({ args: ["configure", "--import", "--export"] });
  assert.equal(both.code, 2);
  assert.match(both.stderr, /cannot use "--import" and "--export" together/);
  const login = await runProgram({ args: ["--import"] });
  assert.match(login.stderr, /cannot use "--import" without a command: only "configure" takes it/);
});

Deno.test("team: a file that others can write is refused", { ignore: windows }, async () => {
  const { code, stderr } = await runProgram({
    args: ["--no-input"],
    files: { ...defaultFiles, [TEAM]: { text: JSON.stringify(SHARED), mode: 0o666 } },
  });
  assert.equal(code, 2, stderr);
  assert.match(stderr, /will not use ".*team\.json": other users can change the file/);
});

Deno.test(
  "team: pasted at a terminal, it is shown and asked about before it is written",
  { ignore: await noPty() },
  async () => {
    for (const answer of ["n", "y"]) {
      await using pty = await openPty({ args: ["configure", "--import"] });
      await pty.expect("Paste the team file");
      await pty.send(`\x1b[200~${JSON.stringify(SHARED, null, 2).replaceAll("\n", "\r")}\x1b[201~\r`);
      await pty.expect(/\+ subdomain = "acme"/);
      await pty.expect("Save this?");
      await pty.send(answer);
      const { code, exists } = await pty.wait();
      assert.equal(code, 0, pty.screen());
      assert.equal(exists(TEAM), answer === "y");
    }
  },
);

Deno.test("team: the questions of configure offer the team's values, and do not copy them into the person's files", async () => {
  await withSimulator({}, async (simulator) => {
    const { code, stderr, file } = await runProgram({
      args: ["configure"],
      simulator,
      files: { [TEAM]: JSON.stringify(SHARED) },
      stdin: ["", DEMO_SCENARIO.clientId, DEMO_SCENARIO.clientSecret, "", ADA.email, "", "eu-west-1", "n", "y"],
      allow: { files: { [SDK]: ["client-secret"] } },
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(file(AWS)), { username: ADA.email, aws_region: "eu-west-1" });
    assert.deepEqual(Object.keys(JSON.parse(file(SDK))), ["client_id", "client_secret"]);
    assert.deepEqual(JSON.parse(file(TEAM)), SHARED);
  });
});

Deno.test("team: an import with -c goes into that folder, in ~/.onelogin only", async () => {
  const stdin = JSON.stringify(SHARED);
  const { code, stderr, tree } = await runProgram({ args: ["configure", "--import", "-c", "~/.onelogin/acme"], stdin });
  assert.equal(code, 0, stderr);
  assert.deepEqual(tree().map(({ path }) => path), [".onelogin", ".onelogin/acme", ".onelogin/acme/team.json"]);
  const elsewhere = await runProgram({ args: ["configure", "--import", "-c", "."], stdin });
  assert.equal(elsewhere.code, 2, elsewhere.stderr);
  assert.match(elsewhere.stderr, /cannot configure the folder/);
});
