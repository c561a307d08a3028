/**
 * Drop-in compatibility: what people and scripts rely on in the Python tool of the same name, and its bugs that must not
 * come back (their numbers are in front of the names; docs/internals/compatibility.md lists them).
 */
import assert from "node:assert/strict";
import { ADA, AUTHENTICATOR, role } from "../simulator/demo_world.ts";
import type { Scenario } from "../simulator/server.ts";
import { defaultFiles, type FileText, freshFolder, type RunOptions, withSimulator } from "./harness.ts";
import { ada, ADMIN, complaint, PASSWORD, rolesAsked, routes, run, section, texts, together } from "./runs.ts";

const windows = Deno.build.os === "windows";
const SDK = texts(defaultFiles)[".onelogin/onelogin.sdk.json"] ?? "";
const AWS = JSON.parse(texts(defaultFiles)[".onelogin/onelogin.aws.json"] ?? "");

/** The settings with another onelogin.aws.json. */
function settings(more: Readonly<Record<string, unknown>>): Readonly<Record<string, FileText>> {
  return { ".onelogin/onelogin.sdk.json": SDK, ".onelogin/onelogin.aws.json": JSON.stringify({ ...AWS, ...more }) };
}

/** A run that succeeds: its JSON object and what it reported, with the requests it made. */
async function granted(scenario: Partial<Scenario>, options: Partial<RunOptions>) {
  let found: { readonly json: Record<string, string>; readonly stderr: string; readonly seconds: unknown } | undefined;
  await withSimulator(scenario, async (simulator) => {
    const result = await run(simulator, { ...options, args: ["--output", "json", ...options.args ?? []] });
    assert.equal(result.code, 0, result.stderr);
    const sts = simulator.to("AssumeRoleWithSAML").at(-1);
    found = { json: JSON.parse(result.stdout), stderr: result.stderr, seconds: sts?.fields["DurationSeconds"] };
  });
  return found ?? assert.fail("no run");
}

// --- Options --------------------------------------------------------------------------------------------------------

Deno.test("compat: abbreviations, attached values and both spellings work, values out of range are clamped with a warning", async () => {
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, {
      files: {},
      env: {},
      args: [
        `--client-id=${simulator.scenario.clientId}`,
        "-s",
        simulator.scenario.clientSecret,
        "-rus",
        "--onelogin-user",
        ADA.email,
        `--onelogin-passw=${ADA.password}`,
        "-a123456",
        "-d",
        "acme",
        "--aws-acc=123456789012",
        "--aws-role-n",
        "Admin",
        "--aws-reg=eu-west-3",
        "--prof",
        "dev",
        "--role-order",
        "-z100000",
        "-t",
        "5",
        "--saml-api-version",
        "7",
      ],
    });
    assert.equal(result.code, 0, result.stderr);
    for (const [option, value] of [["-z 100000", "43200"], ["-t 5", "15"], ["--saml-api-version 7", "2"]]) {
      assert.match(result.stderr, new RegExp(`warning: .*${option}.*${value}`), result.stderr);
    }
    assert.equal(simulator.to("AssumeRoleWithSAML")[0]?.fields["DurationSeconds"], "43200");
    assert.equal(simulator.to("assertion")[0]?.apiVersion, 2);
    assert.equal(Object.fromEntries(section(result.file(".aws/credentials"), "dev"))["region"], "eu-west-3");
  });
});

Deno.test("compat: --onelogin-password-stdin takes the first line, --loop 0 does nothing, --ip is refused", async () => {
  await withSimulator(ada(), async (simulator) => {
    const [piped, none, ip] = await together([
      () => run(simulator, { args: [...ADMIN, "--onelogin-password-stdin"], env: {}, stdin: [ADA.password] }),
      () => run(simulator, { args: ["-l", "0"] }),
      () => run(simulator, { args: ["--ip", "192.0.2.7", "-i", "x", "-s", "y"] }),
    ]);
    assert.equal(piped?.code, 0, piped?.stderr);
    assert.deepEqual([none?.code, none?.stdout, ip?.code], [0, "", 2]);
    assert.match(complaint(ip!).hints.join(), /onelogin\.sdk\.json/);
    assert.deepEqual(routes(simulator), ["token", "assertion", "AssumeRoleWithSAML"]);
  });
});

Deno.test("B11 compat: --keychain-service is refused with what to do instead; in the file it is a warning", async () => {
  const { username: _, ...noUser } = { ...AWS, keychain_service: "onelogin" };
  const files = { ".onelogin/onelogin.sdk.json": SDK, ".onelogin/onelogin.aws.json": JSON.stringify(noUser) };
  await withSimulator(ada(), async (simulator) => {
    const option = await run(simulator, { args: ["--keychain-service", "onelogin"] });
    assert.equal(option.code, 2);
    assert.match(complaint(option).hints.join(), /\| onelogin-aws-assume-role --onelogin-password-stdin/);
    const file = await run(simulator, { args: ADMIN, files, stdin: [ADA.email] });
    assert.equal(file.code, 0, file.stderr);
    assert.match(file.stderr, /warning: .*"keychain_service" is ignored/);
  });
});

// --- Files ----------------------------------------------------------------------------------------------------------

Deno.test("compat: the -c folder comes before the working folder, that before ~/.onelogin, each file as a whole", async () => {
  const named = (region: string) => JSON.stringify({ ...AWS, aws_region: region });
  const folder = freshFolder("settings");
  Deno.writeTextFileSync(`${folder}/onelogin.aws.json`, named("eu-west-1"));
  const cwdFiles = { "onelogin.aws.json": named("eu-west-2") };
  const region = async (options: Partial<RunOptions>) => {
    const { json } = await granted(ada(), { ...options, args: [...ADMIN, "--no-input", ...options.args ?? []] });
    return json["Region"];
  };
  assert.deepEqual(
    await together([
      () => region({ args: ["-c", folder], cwdFiles }),
      () => region({ cwdFiles }),
      () => region({}),
      () => region({ args: ["-c", freshFolder("empty")] }),
    ]),
    ["eu-west-1", "eu-west-2", "us-east-1", "us-east-1"],
  );
});

Deno.test("compat: empty values count as unset, numbers may be texts, and a profile fills what the top level lacks", async () => {
  const files = settings({
    app_id: 123456,
    duration: "1800",
    aws_region: "",
    aws_account_id: "",
    profile: "audit",
    profiles: {
      audit: { aws_account_id: "210987654321", aws_region: "eu-north-1", aws_role_name: "" },
      other: { aws_region: "x" },
    },
  });
  const { json, seconds } = await granted(ada(), { args: ["--no-input"], files });
  assert.deepEqual(
    [json["RoleArn"], json["Region"], json["Profile"], seconds],
    ["arn:aws:iam::210987654321:role/Auditor", "eu-north-1", "audit", "1800"],
  );
});

Deno.test('compat: top-level values come before the profile\'s, with a notice; "precedence": "profile" turns that round', async () => {
  const both = {
    aws_region: "eu-west-1",
    aws_role_name: "Admin",
    profiles: { dev: { aws_account_id: "987654321098", aws_role_name: "ReadOnly", aws_region: "eu-west-2" } },
  };
  const args = ["--no-input", "-p", "dev"];
  const [top, profile, typed] = await together([
    () => granted(ada(), { args, files: settings(both) }),
    () => granted(ada(), { args, files: settings({ ...both, precedence: "profile" }) }),
    () => granted(ada(), { args: [...args, ...ADMIN, "--aws-region", "eu-west-3"], files: settings(both) }),
  ]);
  const seen = ({ json }: typeof top = assert.fail("no run")) => [json["RoleArn"], json["Region"]];
  assert.deepEqual(seen(top), ["arn:aws:iam::987654321098:role/Admin", "eu-west-1"]);
  assert.deepEqual(seen(profile), ["arn:aws:iam::987654321098:role/ReadOnly", "eu-west-2"]);
  assert.deepEqual(seen(typed), ["arn:aws:iam::123456789012:role/Admin", "eu-west-3"]);
  for (const each of [top, profile]) {
    const notices = each?.stderr.split("\n").filter((line) => /"?precedence"?/.test(line)) ?? [];
    assert.ok(notices.some((line) => line.includes("aws_region")), each?.stderr);
    assert.ok(notices.some((line) => line.includes("aws_role_name")), each?.stderr);
  }
});

Deno.test("compat: accounts.yaml in the working folder names the accounts, --role_order sorts by role", async () => {
  const cwdFiles = { "accounts.yaml": 'accounts:\n  987654321098: Prod account\n  "123456789012": Dev Account\n' };
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, { args: ["--role_order"], cwdFiles, stdin: ["3"] });
    assert.equal(result.code, 0, result.stderr);
    assert.match(
      result.stderr,
      new RegExp(
        [
          " 0 | Admin (Account: 123456789012 - Dev Account)",
          " 1 | Admin (Account: 987654321098 - Prod account)",
          " 2 | Auditor (Account 210987654321)",
          " 3 | ReadOnly (Account: 987654321098 - Prod account)",
          " 4 | team/dev/Developer (Account: 123456789012 - Dev Account)",
        ].join("\n").replace(/[|()/]/g, "\\$&"),
      ),
    );
    assert.deepEqual(rolesAsked(simulator), ["arn:aws:iam::987654321098:role/ReadOnly"]);
  });
});

Deno.test("compat: ip in onelogin.sdk.json skips the second factor where OneLogin allows it", async () => {
  const files = {
    ...defaultFiles,
    ".onelogin/onelogin.sdk.json": JSON.stringify({ ...JSON.parse(SDK), ip: "192.0.2.7" }),
  };
  await withSimulator({ ...ada([AUTHENTICATOR]), mfaBypassAddresses: ["192.0.2.7"] }, async (simulator) => {
    const result = await run(simulator, { args: [...ADMIN, "--no-input"], files });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(routes(simulator), ["token", "assertion", "AssumeRoleWithSAML"]);
  });
});

// --- --loop, --interactive, --cache-saml ----------------------------------------------------------------------------

Deno.test(
  "compat: --loop writes the profile, waits --time minutes and ends with 130 on Ctrl-C; what is written stays",
  { ignore: windows },
  async () => {
    await withSimulator(ada(), async (simulator) => {
      const result = await run(simulator, {
        args: [...ADMIN, "--no-input", "-p", "dev", "-l", "3", "-t", "15"],
        async stdin(live) {
          await live.waitFor("Renewal 1 of 2 in 15:00");
          live.kill("SIGINT");
        },
      });
      assert.equal(result.code, 130, result.stderr);
      assert.ok(section(result.file(".aws/credentials"), "dev").length >= 6);
      assert.equal(simulator.passwordPosts, 1);
    });
  },
);

Deno.test("B2 compat: --interactive from a pipe reads every answer: another role, another user, a profile, and the end", async () => {
  const bob = { ...ADA, username: "bob", email: "bob@example.com", password: "bobs own", id: 77, devices: [] };
  await withSimulator({ users: [{ ...ADA, devices: [] }, bob] }, async (simulator) => {
    const result = await run(simulator, {
      args: [...ADMIN, "-x", "-p", "dev"],
      stdin: [
        ...["y", "y", "second", "4"], // another role, as another profile
        ...["n", "y", "n", "bob@example.com", "bobs own"], // another user, the same profile and the role of the options
        ...["y", "y", "third", "2"],
        ...["n", "n"], // the end
        ...["y", "y"], // not read
      ],
    });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(rolesAsked(simulator), [
      "arn:aws:iam::123456789012:role/Admin",
      "arn:aws:iam::987654321098:role/ReadOnly",
      "arn:aws:iam::123456789012:role/Admin",
      "arn:aws:iam::210987654321:role/Auditor",
    ]);
    const text = result.file(".aws/credentials");
    assert.deepEqual(text.match(/^\[.*\]$/gm), ["[dev]", "[second]", "[third]"]);
    assert.deepEqual(simulator.to("assertion").map(({ fields }) => fields["username_or_email"]), [
      ADA.email,
      bob.email,
    ]);
  });
});

Deno.test("B10 compat: --cache-saml serves its own user without a login, nobody else, mode 0600, and logout clears it", async () => {
  const bob = { ...ADA, username: "bob", email: "bob@example.com", id: 77, devices: [] };
  await withSimulator({ users: [{ ...ADA, devices: [] }, bob] }, async (simulator) => {
    const count = () => [simulator.to("assertion").length, simulator.to("AssumeRoleWithSAML").length];
    const first = await run(simulator, { args: [...ADMIN, "--no-input", "--cache-saml"] });
    assert.equal(first.code, 0, first.stderr);
    const file = first.tree().find(({ path }) => path === ".aws/saml_cache.txt");
    if (!windows) assert.equal(file?.mode, 0o600);
    const { home } = first;
    const again = await run(simulator, { args: [...ADMIN, "--no-input", "--cache-saml"], home, env: {} });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /Found a valid SAML cache for the user ada@example\.com/);
    assert.deepEqual(count(), [1, 2]);
    const other = await run(simulator, { args: [...ADMIN, "--no-input", "--cache-saml", "-u", bob.email], home });
    assert.equal(other.code, 0, other.stderr);
    assert.deepEqual(count(), [2, 3]);
    assert.match(other.file(".aws/saml_cache.txt"), /bob@example\.com/);
    Deno.writeTextFileSync(`${home}/.aws/saml_cache.txt`, "{ broken");
    const broken = await run(simulator, { args: [...ADMIN, "--no-input", "--cache-saml"], home });
    assert.equal(broken.code, 0, broken.stderr);
    assert.match(broken.stderr, /warning: .*SAML assertion.* damaged/);
    const out = await run(simulator, { args: ["logout", "--no-input", "--force"], home });
    assert.deepEqual([out.code, out.exists(".aws/saml_cache.txt")], [0, false], out.stderr);
  });
});

// --- Recovery: each step is asked, and none without end -------------------------------------------------------------

Deno.test("B5 compat: what AWS refuses is asked again and fixed by an answer; without one it ends at once", async () => {
  const bob = { ...ADA, username: "bob", email: "bob@example.com", password: "bobs own", id: 77, devices: [] };
  const short = { "arn:aws:iam::123456789012:role/Admin": { maxSessionDuration: 3600 } };
  const distrusted = { "arn:aws:iam::123456789012:role/Admin": { trusted: false } };
  await together([
    () =>
      withSimulator({ ...ada(), roleRules: short }, async (simulator) => {
        const result = await run(simulator, { args: [...ADMIN, "-z", "43200"], stdin: ["899", "x", "3600"] });
        assert.equal(result.code, 0, result.stderr);
        assert.equal(simulator.to("AssumeRoleWithSAML").length, 2);
      }),
    () =>
      withSimulator({ users: [...ada().users ?? [], bob], roleRules: distrusted }, async (simulator) => {
        const result = await run(simulator, {
          args: ADMIN.slice(0, 2),
          stdin: ["0", "bob@example.com", "bobs own", "3"],
        });
        assert.equal(result.code, 0, result.stderr);
        assert.deepEqual(rolesAsked(simulator).length, 2);
        assert.equal(simulator.passwordPosts, 2);
      }),
    () =>
      withSimulator({ ...ada(), roleRules: distrusted }, async (simulator) => {
        const result = await run(simulator, { args: ADMIN, stdin: ["0"] });
        assert.deepEqual([result.code, simulator.passwordPosts], [6, 1], result.stderr);
        complaint(result);
      }),
    () =>
      withSimulator({ ...ada(), saml: { ageMs: 6 * 60_000, windowMs: 20 * 60_000 } }, async (simulator) => {
        const result = await run(simulator, { args: ADMIN, stdin: [] });
        assert.deepEqual([result.code, result.stdout], [6, ""], result.stderr);
        assert.ok(simulator.passwordPosts <= 2, "an assertion that is always too old costs one further password");
      }),
  ]);
});

// --- The other bugs of the Python tool ------------------------------------------------------------------------------

Deno.test("B6 compat: provider-first values, spaces and two providers of one role are read right", async () => {
  const twice = role("123456789012", "Admin");
  const roles = [
    role("123456789012", "Dev", { order: "provider-first", blanks: true }),
    twice,
    { ...twice, providerArn: "arn:aws:iam::123456789012:saml-provider/Other" },
  ];
  await withSimulator({ ...ada(), roles }, async (simulator) => {
    const dev = await run(simulator, {
      args: ["--aws-account-id", "123456789012", "--aws-role-name", "Dev", "--no-input"],
    });
    assert.equal(dev.code, 0, dev.stderr);
    const both = await run(simulator, { args: ADMIN, stdin: ["2"] });
    assert.equal(both.code, 0, both.stderr);
    assert.deepEqual(
      simulator.to("AssumeRoleWithSAML").map(({ fields }) => [fields["RoleArn"], fields["PrincipalArn"]]),
      [
        ["arn:aws:iam::123456789012:role/Dev", "arn:aws:iam::123456789012:saml-provider/OneLogin"],
        ["arn:aws:iam::123456789012:role/Admin", "arn:aws:iam::123456789012:saml-provider/Other"],
      ],
    );
  });
});

Deno.test("B9 compat: an SMS factor under another display name is still sent its message", async () => {
  const renamed = { id: 5, type: "OneLogin SMS", code: "730164", label: "my phone", displayType: "Text me" };
  await withSimulator({ ...ada([renamed, AUTHENTICATOR]), scope: "read-users" }, async (simulator) => {
    const result = await run(simulator, { args: ADMIN, stdin: ["0", "730164"] });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(simulator.notifications, 1);
  });
});

Deno.test("B12 compat: an app id that is no number is refused before a password is used", async () => {
  await withSimulator(ada([AUTHENTICATOR]), async (simulator) => {
    const result = await run(simulator, { args: [...ADMIN, "-a", "abc", "--no-input"] });
    assert.deepEqual([result.code, routes(simulator)], [2, []]);
    assert.match(complaint(result).error, /"abc" is not a number/);
  });
});

Deno.test("B13 compat: a bracket in a value does not end the section", async () => {
  const old = "[dev]\naws_access_key_id = x[1]\naws_session_token = [old]\nnote = [1]\n\n[other]\nregion = eu-west-1\n";
  await withSimulator(ada(), async (simulator) => {
    const files = { ...defaultFiles, ".aws/credentials": old };
    const result = await run(simulator, { args: [...ADMIN, "--no-input", "-p", "dev"], files });
    assert.equal(result.code, 0, result.stderr);
    const text = result.file(".aws/credentials");
    assert.equal(text.match(/^aws_access_key_id/gm)?.length, 1);
    assert.match(Object.fromEntries(section(text, "dev"))["aws_access_key_id"] ?? "", /^ASIA/);
    assert.ok(text.includes("\nnote = [1]\n") && text.endsWith("\n[other]\nregion = eu-west-1\n"));
  });
});

Deno.test("B14 compat: a login that OneLogin has not decided yet does not post the password again", async () => {
  await withSimulator({ ...ada(), pendingAssertions: 5 }, async (simulator) => {
    const result = await run(simulator, { args: ADMIN, stdin: ["", "", ""] });
    assert.deepEqual([result.code, simulator.passwordPosts], [7, 1], result.stderr);
    complaint(result);
  });
});

Deno.test("B16 compat: AWS_PROFILE may name a profile that does not exist yet", async () => {
  await withSimulator(ada(), async (simulator) => {
    const env = { ...PASSWORD, AWS_PROFILE: "not-yet" };
    const result = await run(simulator, { args: [...ADMIN, "--no-input", "-p", "not-yet"], env });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.file(".aws/credentials"), /^\[not-yet\]$/m);
  });
});
