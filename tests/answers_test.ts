/** Answers as people have them: codes with spaces, passwords with a line end behind them, text in UTF-16. */
import assert from "node:assert/strict";
import { ADA, AUTHENTICATOR, PROTECT } from "../simulator/demo_world.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, ADMIN, complaint, PASSWORD, rolesAsked, run } from "./runs.ts";

const ignore = await noPty();
const spaced = (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)} `;

Deno.test("answers: the spaces in a code are dropped, typed and by --otp", async () => {
  await withSimulator(ada([AUTHENTICATOR]), async (simulator) => {
    const code = spaced(AUTHENTICATOR.code ?? "");
    const typed = await run(simulator, { args: ADMIN, env: {}, stdin: [ADA.password, code] });
    assert.equal(typed.code, 0, typed.stderr);
    const given = await run(simulator, { args: [...ADMIN, "--otp", code] });
    assert.equal(given.code, 0, given.stderr);
    assert.equal(simulator.to("verify-factor").length, 2, "each was right at once");
  });
});

Deno.test("answers: the line end behind ONELOGIN_PASSWORD and --onelogin-password is no part of it", async () => {
  await withSimulator(ada(), async (simulator) => {
    for (const end of ["\n", "\r\n"]) {
      const password = `${ADA.password}${end}`;
      const set = await run(simulator, { args: ADMIN, env: { ONELOGIN_PASSWORD: password } });
      assert.equal(set.code, 0, set.stderr);
      const typed = await run(simulator, { args: [...ADMIN, `--onelogin-password=${password}`], env: {} });
      assert.equal(typed.code, 0, typed.stderr);
    }
    assert.equal(simulator.passwordPosts, 4);
  });
});

Deno.test("answers: UTF-16 on standard input is refused with that reason, and not posted", async () => {
  await withSimulator(ada(), async (simulator) => {
    const wide = Array.from(`${ADA.password}\n`, (letter) => `${letter}\0`).join("");
    const result = await run(simulator, { args: [...ADMIN, "--onelogin-password-stdin"], env: {}, stdin: wide });
    assert.equal(result.code, 2, result.stderr);
    assert.match(complaint(result).error, /^cannot read standard input: it is UTF-16 text$/);
    assert.equal(simulator.passwordPosts, 0);
  });
});

Deno.test("answers: a terminal that reports 0 columns is one of 80 by 24", { ignore }, async () => {
  await withSimulator(ada(), async (simulator) => {
    await using pty = await openPty({ args: [], files: defaultFiles, simulator, columns: 0, rows: 0 });
    await pty.expect("OneLogin password");
    await pty.send(ADA.password);
    await pty.sendKey("enter");
    await pty.expect("AWS role");
    // Broken after each letter, no line would contain a role.
    await pty.expect("Admin · 123456789012 (arn:aws:iam::123456789012:role/Admin)");
    await pty.sendKey("enter");
    assert.equal((await pty.wait()).code, 0, pty.screen());
    assert.equal(rolesAsked(simulator).length, 1);
  });
});

Deno.test("a profile name that is nearly right: a person is asked, a script hears of it and continues", {
  ignore: await noPty(),
}, async () => {
  const policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const settings = JSON.parse(String(defaultFiles[".onelogin/onelogin.aws.json"]));
  const files = {
    ...defaultFiles,
    ".aws/config": "[profile production]\nregion = eu-west-1\n",
    ".onelogin/onelogin.aws.json": JSON.stringify({
      ...settings,
      profiles: { production: { policy_arns: [policy] } },
    }),
  };
  await withSimulator(ada(), async (simulator) => {
    const script = await run(simulator, { args: [...ADMIN, "--no-input", "--profile", "prodution"], files });
    assert.equal(script.code, 0, script.stderr);
    assert.match(script.stderr, /warning: there is no profile "prodution" yet.*did you mean "production"/);
    await using pty = await openPty({ args: [...ADMIN, "--profile", "prodution"], files, env: PASSWORD, simulator });
    await pty.expect("Use 'production' instead?");
    await pty.send("y");
    await pty.expect("Updated AWS profile 'production'");
    assert.equal((await pty.wait()).code, 0, pty.screen());
    const policies = simulator.to("AssumeRoleWithSAML").map(({ fields }) => fields["PolicyArns.member.1.arn"]);
    assert.deepEqual(policies, [undefined, policy], "that of the profile which is saved");
  });
});

Deno.test("a login on a screen reports that nothing was saved; in a pipe it reports nothing about it", {
  ignore: await noPty(),
}, async () => {
  await withSimulator(ada(), async (simulator) => {
    await using pty = await openPty({ args: ADMIN, files: defaultFiles, env: PASSWORD, simulator, columns: 100 });
    await pty.expect("Nothing was saved. To save a profile: onelogin-aws-assume-role --profile NAME");
    assert.equal((await pty.wait()).code, 0, pty.screen());
    const piped = await run(simulator, { args: [...ADMIN, "--no-input"] });
    assert.doesNotMatch(piped.stderr, /Nothing was saved/);
  });
});

Deno.test("mfa_device in onelogin.aws.json answers the device question, in a profile too", async () => {
  const settings = { app_id: "123456", subdomain: "acme", username: "ada@example.com", aws_region: "us-east-1" };
  const files = (more: unknown) => ({
    ...defaultFiles,
    ".onelogin/onelogin.aws.json": JSON.stringify({ ...settings, ...Object(more) }),
  });
  const device = AUTHENTICATOR.type;
  await withSimulator(ada([PROTECT, AUTHENTICATOR]), async (simulator) => {
    for (const more of [{ mfa_device: device }, { profiles: { dev: { mfa_device: device } } }]) {
      const result = await run(simulator, {
        args: [...ADMIN, "--no-input", "--profile", "dev", "--otp", AUTHENTICATOR.code ?? ""],
        files: files(more),
      });
      assert.equal(result.code, 0, result.stderr);
    }
    assert.equal(simulator.notifications, 0);
  });
});
