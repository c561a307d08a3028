/** Secrets stay where they belong, and text from servers and files cannot control the terminal. The harness checks. */
import assert from "node:assert/strict";
import { ADA, AUTHENTICATOR, PROTECT, role, SMS } from "../simulator/demo_world.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { ada, ADMIN, PASSWORD, run } from "./runs.ts";

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** Clears the screen, sets the title, writes backwards, ends the line. */
const NASTY = "\u001b[2J\u001b]0;owned\u0007\u202egnihton\r\nonelogin-aws-assume-role: error: fake\u009b31m";

Deno.test("secrets: --verbose reports what is done and no secret, through every kind of request and refusal", async () => {
  for (const version of ["1", "2"]) {
    await withSimulator({ ...ada([AUTHENTICATOR, SMS]), scope: "read-users" }, async (simulator) => {
      const answers = ["not the password", ADA.password, "0", "000000", AUTHENTICATOR.code ?? ""];
      const result = await run(simulator, {
        args: [...ADMIN, "--verbose", "--profile", "dev", "--cache-saml", "--saml-api-version", version],
        env: {},
        stdin: answers,
        // The harness knows the real ones; these are the refused ones.
        allow: {},
      });
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stderr, /user and password of "ada@example\.com"/);
      assert.ok(!result.stderr.includes("not the password") && !result.stderr.includes("000000"));
      for (const { path, text } of result.tree()) assert.ok(!text.includes("not the password"), path);
      assert.equal(result.stdout, "");
    });
  }
});

Deno.test("secrets: --verbose reports none when AWS or OneLogin refuse or break", async () => {
  for (const route of ["token", "assertion", "AssumeRoleWithSAML"] as const) {
    for (const trouble of ["empty-object", "truncated", "gateway-502-html"] as const) {
      await withSimulator({ ...ada(), trouble: { [route]: trouble } }, async (simulator) => {
        const result = await run(simulator, { args: ["--no-input", "--verbose", ...ADMIN] });
        assert.equal(result.code, 7, `${route} ${trouble}: ${result.stderr}`);
      });
    }
  }
});

Deno.test("terminal: names of devices, roles and accounts, and the words of servers, lose their control characters", () =>
  withSimulator({
    ...ada([
      { ...PROTECT, label: `phone ${NASTY}`, displayType: `OneLogin ${NASTY}` },
      { ...AUTHENTICATOR, type: `Google Authenticator ${NASTY}`, kind: "code" },
    ]),
    scope: "read-users",
    roles: [
      role("123456789012", "Admin"),
      role("123456789012", `Evil${NASTY}`),
      role("123456789012", "\u202enimdA"),
      { xml: `arn:aws:iam::123456789012:role/&#x9b;31m,arn:aws:iam::123456789012:saml-provider/OneLogin` },
      "nonsense \u009b31m",
    ],
  }, async (simulator) => {
    const result = await run(simulator, {
      args: ["--verbose", "--profile", "dev"],
      stdin: ["1", "000000", AUTHENTICATOR.code ?? "", "0"],
      files: { ...defaultFiles, ".onelogin/accounts.yaml": `accounts:\n  "123456789012": ${JSON.stringify(NASTY)}\n` },
    });
    assert.ok(!CONTROL.test(result.stderr), JSON.stringify(result.stderr));
    assert.ok(!/^onelogin-aws-assume-role: error: fake/m.test(result.stderr), result.stderr);
    assert.match(result.stderr, /phone|Authenticator/);
  }));

Deno.test("terminal: a server's error message loses its control characters, in both versions and at AWS", async () => {
  const body = (version: string) =>
    version === "1"
      ? { status: { error: true, code: 400, type: NASTY, message: { description: NASTY } } }
      : { statusCode: 400, name: NASTY, message: NASTY };
  for (const version of ["1", "2"]) {
    await withSimulator({
      ...ada(),
      trouble: {
        assertion: {
          kind: "answer",
          status: 400,
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body(version)),
        },
      },
    }, async (simulator) => {
      const result = await run(simulator, { args: ["--no-input", "--verbose", "--saml-api-version", version] });
      assert.equal(result.code, 3, result.stderr);
      assert.ok(!CONTROL.test(result.stderr), JSON.stringify(result.stderr));
      assert.ok(!/^onelogin-aws-assume-role: error: fake/m.test(result.stderr));
    });
  }
  const xml =
    `<ErrorResponse><Error><Code>Nope&#x9b;2J</Code><Message>no &#x202e; &#x9b;31m&#x2028;x</Message></Error></ErrorResponse>`;
  await withSimulator({
    ...ada(),
    trouble: {
      AssumeRoleWithSAML: { kind: "answer", status: 403, headers: { "Content-Type": "text/xml" }, body: xml },
    },
  }, async (simulator) => {
    const result = await run(simulator, { args: ["--no-input", "--verbose", ...ADMIN], env: PASSWORD });
    assert.equal(result.code, 6, result.stderr);
    assert.ok(!CONTROL.test(result.stderr), JSON.stringify(result.stderr));
  });
});
