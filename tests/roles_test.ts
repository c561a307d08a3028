/** The command `roles`, by the whole program. */
import assert from "node:assert/strict";
import { ACCOUNTS } from "../simulator/demo_world.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, complaint, PASSWORD, PRIVATE_MODE, routes, run } from "./runs.ts";

Deno.test("roles: a table in a pipe, whole lines, ordered by account; AWS is not asked", async () => {
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, { args: ["roles", "--no-input"] });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(
      result.stdout,
      [
        "ACCOUNT       ROLE                ARN",
        "123456789012  Admin               arn:aws:iam::123456789012:role/Admin",
        "123456789012  team/dev/Developer  arn:aws:iam::123456789012:role/team/dev/Developer",
        "210987654321  Auditor             arn:aws:iam::210987654321:role/Auditor",
        "987654321098  Admin               arn:aws:iam::987654321098:role/Admin",
        "987654321098  ReadOnly            arn:aws:iam::987654321098:role/ReadOnly",
        "",
      ].join("\n"),
    );
    assert.deepEqual(routes(simulator), ["token", "assertion"]);
    assert.ok(!result.exists(".aws"));
    const cache = result.tree().find(({ path }) => path === ".onelogin/cache/roles.json");
    assert.equal(cache?.mode, PRIVATE_MODE);
    assert.equal(JSON.parse(cache?.text ?? "").roles.length, 5);
  });
});

Deno.test("roles: --output json with aliases, --role_order and a typed filter; the file's role is no filter", async () => {
  const files = {
    ...defaultFiles,
    ".onelogin/accounts.yaml": `accounts:\n  "${ACCOUNTS.prod}": Produktion\n`,
    ".onelogin/onelogin.aws.json": JSON.stringify({
      ...JSON.parse(String(defaultFiles[".onelogin/onelogin.aws.json"])),
      aws_account_id: ACCOUNTS.dev,
      aws_role_name: "Admin",
    }),
  };
  const tags = { CostCenter: "4711", "Team & Stage": "red/blue" };
  const saml = { sessionDuration: 28_800, tags, transitiveTagKeys: ["CostCenter"] };
  await withSimulator({ ...ada(), saml }, async (simulator) => {
    const all = await run(simulator, { args: ["roles", "--output", "json", "--role_order"], files });
    const list = JSON.parse(all.stdout);
    assert.deepEqual(list.map(({ Role }: { Role: string }) => Role), [
      "Admin",
      "Admin",
      "Auditor",
      "ReadOnly",
      // By the name with its path, like the Python tool: team/dev/Developer.
      "Developer",
    ]);
    const { Assertion, ...second } = list[1];
    assert.deepEqual([Assertion.SessionName, Assertion.SessionDuration], ["ada@example.com", 28_800]);
    assert.deepEqual([Assertion.Tags, Assertion.TransitiveTagKeys], [tags, ["CostCenter"]]);
    assert.match(Assertion.Issuer, /^https:\/\/app\.onelogin\.com\/saml\/metadata\//);
    assert.match(Assertion.NotOnOrAfter, /^\d{4}-.*Z$/);
    const verbose = await run(simulator, { args: ["roles", "--verbose"], files });
    assert.match(verbose.stderr, /assertion: SessionName ada@example\.com/);
    assert.match(verbose.stderr, /assertion: Tags CostCenter=4711, Team & Stage=red\/blue\n/);
    assert.match(verbose.stderr, /assertion: TransitiveTagKeys CostCenter\n/);
    assert.match(verbose.stderr, /assertion: NotOnOrAfter \d{4}-/);
    assert.deepEqual(second, {
      AccountId: ACCOUNTS.prod,
      Alias: "Produktion",
      Role: "Admin",
      Path: "/",
      RoleArn: `arn:aws:iam::${ACCOUNTS.prod}:role/Admin`,
      PrincipalArn: `arn:aws:iam::${ACCOUNTS.prod}:saml-provider/OneLogin`,
      Partition: "aws",
    });
    assert.deepEqual([list[4].Alias, list[4].Path], [null, "/team/dev/"]);
    const some = await run(simulator, { args: ["roles", "--aws-account-id", "Produktion"], files });
    assert.deepEqual(some.stdout.match(/role\/\S+/g), ["role/Admin", "role/ReadOnly"]);
    assert.match(some.stdout, /^ACCOUNT {7}ALIAS {7}ROLE {6}ARN\n/);
    const none = await run(simulator, { args: ["roles", "--aws-role-name", "Admn"], files });
    assert.equal(none.code, 5);
    assert.equal(none.stdout, "");
    assert.match(complaint(none).error, /no AWS role named "Admn"/);
  });
});

Deno.test("roles: formats for credentials are refused before any request; no role at all is exit 5", async () => {
  await withSimulator({ ...ada(), roles: [] }, async (simulator) => {
    const wrong = await run(simulator, { args: ["roles", "--output", "env"] });
    assert.equal(wrong.code, 2);
    assert.match(complaint(wrong).hints.join(), /--output json/);
    assert.deepEqual(simulator.requests, []);
    const none = await run(simulator, { args: ["roles", "--output", "json"] });
    assert.equal(none.code, 5);
    assert.equal(none.stdout, "");
  });
});

Deno.test({
  name: "roles: at a narrow terminal the table fits, and shows where it was cut",
  ignore: await noPty(),
  fn: async () => {
    await withSimulator(ada(), async (simulator) => {
      await using pty = await openPty({ args: ["roles"], files: defaultFiles, env: PASSWORD, simulator, columns: 60 });
      await pty.expect("team/dev/Developer  arn:aws:iam");
      await pty.expect("Some values are cut");
      assert.equal((await pty.wait()).code, 0);
      // The output contains the spinner before the header; the screen does not.
      const lines = Array.from(pty.screen().matchAll(/(?:ACCOUNT|\d{12}) .*$/gm), ([line]) => line);
      assert.equal(lines.length, 6);
      for (const line of lines) assert.ok(line.trimEnd().length <= 60, line);
    });
  },
});
