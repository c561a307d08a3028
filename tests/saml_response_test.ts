/** `--saml-response-stdin`, by the whole program: OneLogin is never asked. */
import assert from "node:assert/strict";
import { defaultFiles, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, ADMIN, complaint, filesOf, routes, run } from "./runs.ts";

const ignore = await noPty();
/** No client, no secret, no password; the sandbox has no API host then. */
const files = {
  ".onelogin/onelogin.aws.json": JSON.stringify({ app_id: "123456", subdomain: "acme", aws_region: "us-east-1" }),
};
const STDIN = ["--saml-response-stdin"];

Deno.test("saml-response-stdin: a form, piped in, becomes a profile without a client, a password or OneLogin", async () => {
  await withSimulator(ada(), async (simulator) => {
    const stdin = `SAMLResponse=${encodeURIComponent(simulator.issueAssertion())}&RelayState=`;
    const result = await run(simulator, {
      args: [...STDIN, ...ADMIN, "--profile", "dev", "--cache-saml"],
      files,
      env: {},
      stdin,
    });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.file(".aws/credentials"), /\[dev\]/);
    assert.match(result.file(".aws/saml_cache.txt"), /"username_or_email":"ada@example.com"/);
    assert.match(result.stderr, /Signed in as ada@example.com \(issuer https:/);
    assert.deepEqual(routes(simulator), ["AssumeRoleWithSAML"]);
  });
});

Deno.test("saml-response-stdin: works with --output, --all-roles, --roles, --chain-role-arn, roles and console", async () => {
  await withSimulator(ada(), async (simulator) => {
    const runs = [
      [...ADMIN, "--output", "json"],
      ["--all-roles", "--output", "json"],
      ["--roles", "*/ReadOnly", "--output", "json"],
      [...ADMIN, "--chain-role-arn", "arn:aws:iam::123456789012:role/Next", "--output", "json"],
      ["roles", "--output", "json"],
    ];
    for (const args of runs) {
      const result = await run(simulator, {
        args: [...args, ...STDIN],
        files,
        env: {},
        stdin: simulator.issueAssertion(),
      });
      assert.equal(result.code, 0, `${args}\n${result.stderr}`);
      assert.ok(JSON.parse(result.stdout));
    }
    const result = await run(simulator, {
      args: ["console", ...STDIN, ...ADMIN],
      files,
      env: {},
      stdin: simulator.issueAssertion(),
    });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^http/);
    assert.ok(!routes(simulator).some((route) => route === "token" || route === "assertion"));
  });
});

Deno.test("saml-response-stdin: rubbish, an old response, another user's and another issuer's write nothing", async () => {
  await withSimulator(ada(), async (simulator) => {
    const attempt = async (stdin: string, more: readonly string[] = []) => {
      const result = await run(simulator, {
        args: [...STDIN, ...ADMIN, "--profile", "dev", ...more],
        files,
        env: {},
        stdin,
      });
      assert.deepEqual(Object.keys(filesOf(result)), Object.keys(files), result.stderr);
      return [result.code, complaint(result).error] as const;
    };
    assert.deepEqual(await attempt("hello"), [
      2,
      "cannot use --saml-response-stdin: the input contains no SAML response",
    ]);
    assert.equal((await attempt(""))[0], 8);
    const [code, error] = await attempt(simulator.issueAssertion(), ["--onelogin-username", "bob"]);
    assert.equal(code, 9);
    assert.match(error ?? "", /"ada@example\.com".*"bob"/);
    simulator.set({ saml: { ageMs: 6 * 60_000 } });
    assert.deepEqual((await attempt(simulator.issueAssertion()))[0], 3);
    simulator.set({ saml: {} });
    const home =
      (await run(simulator, { args: ["roles", ...STDIN], files, env: {}, stdin: simulator.issueAssertion() })).home;
    simulator.set({ saml: { issuer: "https://evil.example/idp" } });
    const changed = await run(simulator, {
      args: [...STDIN, ...ADMIN, "--profile", "dev"],
      home,
      env: {},
      files,
      stdin: simulator.issueAssertion(),
    });
    assert.equal(changed.code, 9, changed.stderr);
    assert.match(complaint(changed).hints.join("\n"), /remove the line "acme\/123456" from/);
    assert.ok(!changed.exists(".aws/credentials"));
    assert.deepEqual(routes(simulator), []);
  });
});

Deno.test({
  name:
    "saml-response-stdin: a paste of 200,000 characters at a terminal is not shown, and Ctrl-C leaves the terminal as it was",
  ignore,
  async fn() {
    await withSimulator(ada(), async (simulator) => {
      const page = `<p>${"x".repeat(200_000)}</p>\r<input name="SAMLResponse" value="${simulator.issueAssertion()}">`;
      await using pty = await openPty({ args: [...STDIN, ...ADMIN, "--profile", "dev"], files, simulator });
      await pty.expect("then press Enter");
      await pty.send(`\x1b[200~${page}\x1b[201~`);
      await pty.sendKey("enter");
      const end = await pty.wait(60_000);
      assert.equal(end.code, 0, pty.screen());
      assert.doesNotMatch(pty.screen(), /xxx|SAMLResponse/);
      assert.match(end.file(".aws/credentials"), /\[dev\]/);
      assert.deepEqual(await pty.terminalRestored, { echo: true, canonical: true });
    });
    await withSimulator(ada(), async (simulator) => {
      await using pty = await openPty({ args: [...STDIN, ...ADMIN], files: defaultFiles, simulator });
      await pty.expect("then press Enter");
      await pty.send("half of it");
      await pty.sendKey("ctrl-c");
      assert.equal((await pty.wait()).code, 130);
      assert.ok(pty.raw().includes("\x1b[?2004l"));
      assert.deepEqual(await pty.terminalRestored, { echo: true, canonical: true });
    });
  },
});
