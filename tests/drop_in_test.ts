/**
 * What came with the Python tool's later versions, and what its scripts do with it: the real program against the simulator.
 */
import assert from "node:assert/strict";
import { ADA, AUTHENTICATOR, role, samlCache } from "../simulator/demo_world.ts";
import type { Fault } from "../simulator/scenario.ts";
import type { Scenario, Simulator } from "../simulator/server.ts";
import { defaultFiles, type FileText, freshFolder, programCommand, type RunOptions, withSimulator } from "./harness.ts";
import { connectProxy, pemPath, tlsFront } from "./corporate_network.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, ADMIN, complaint, PROCESS_KEYS, rolesAsked, run, section, texts, together } from "./runs.ts";

const SDK = texts(defaultFiles)[".onelogin/onelogin.sdk.json"] ?? "";
const AWS = JSON.parse(texts(defaultFiles)[".onelogin/onelogin.aws.json"] ?? "");

// --- Options --------------------------------------------------------------------------------------------------------

Deno.test("drop-in: --credential-process is the command of that name, with the account in its answer", async () => {
  await withSimulator(ada(), async (simulator) => {
    const saved = await run(simulator, { args: [...ADMIN, "--no-input", "-p", "dev"] });
    assert.equal(saved.code, 0, saved.stderr);
    assert.equal(Object.fromEntries(section(saved.file(".aws/credentials"), "dev"))["aws_account_id"], "123456789012");
    const { home } = saved;
    const [option, prefix, command] = await together([
      ["--credential-process", "--profile", "dev"],
      ["--cred", "--profile", "dev"],
      ["credential-process", "--profile", "dev"],
    ].map((args) => () => run(simulator, { args, home, env: {} })));
    assert.equal(option?.code, 0, option?.stderr);
    assert.deepEqual(Object.keys(JSON.parse(option?.stdout ?? "")), PROCESS_KEYS);
    assert.equal(JSON.parse(option?.stdout ?? "").AccountId, "123456789012");
    assert.deepEqual([prefix?.stdout, command?.stdout], [option?.stdout, option?.stdout]);
    assert.equal(simulator.passwordPosts, 1);
  });
});

Deno.test("drop-in: --credential-process with -f, -l or -x is exit 2, and it asks nobody", async () => {
  await withSimulator(ada(), async (simulator) => {
    const [file, loop, interactive, asks] = await together(
      [["-f", "x"], ["-l", "2"], ["-x"], []].map((more) => () =>
        run(simulator, { args: ["--credential-process", ...ADMIN, ...more], env: {}, stdin: ["secret"] })
      ),
    );
    assert.deepEqual([file?.code, loop?.code, interactive?.code, asks?.code], [2, 2, 2, 8]);
    assert.match(complaint(file!).error, /cannot use "--credential-process" and "-f" together/);
    assert.deepEqual(simulator.requests, []);
  });
});

Deno.test("drop-in: a login fills a profile whose credential_process line is in the Python tool's form", async () => {
  const line = "credential_process = onelogin-aws-assume-role --credential-process --profile dev";
  const files = { ...defaultFiles, ".aws/config": `[profile dev]\n${line}\n` };
  await withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, { args: [...ADMIN, "--no-input", "-p", "dev"], files });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, /credential_process of AWS profile 'dev' has credentials/);
    assert.equal(result.exists(".aws/credentials"), false);
    const doctor = await run(simulator, { args: ["doctor"], home: result.home });
    assert.doesNotMatch(doctor.stdout, /fail.*credential_process/);
  });
});

Deno.test("drop-in: -c with a file means its folder, with a warning; a missing one is exit 2 with its path", async () => {
  const folder = freshFolder("settings");
  Deno.writeTextFileSync(`${folder}/onelogin.sdk.json`, SDK, { mode: 0o600 });
  Deno.writeTextFileSync(`${folder}/onelogin.aws.json`, JSON.stringify({ ...AWS, aws_region: "eu-west-3" }));
  await withSimulator(ada(), async (simulator) => {
    const file = `${folder}/onelogin.aws.json`;
    const [named, missing, below, doctor] = await together([
      () => run(simulator, { args: ["-c", file, ...ADMIN, "--no-input", "--output", "json"], files: {} }),
      () => run(simulator, { args: ["-c", `${folder}/none`, ...ADMIN, "--no-input"] }),
      () => run(simulator, { args: ["-c", `${file}/none`, ...ADMIN, "--no-input"] }),
      () => run(simulator, { args: ["doctor", "-c", file], files: {} }),
    ]);
    assert.equal(named?.code, 0, named?.stderr);
    assert.equal(JSON.parse(named?.stdout ?? "").Region, "eu-west-3");
    assert.match(
      named?.stderr ?? "",
      /warning: -c expects a folder, but ".*onelogin\.aws\.json" is a file: using its folder/,
    );
    for (const result of [missing!, below!]) {
      assert.equal(result.code, 2);
      assert.match(complaint(result).error, /folder ".*none".*not exist/);
      assert.doesNotMatch(result.stderr, /os error/);
    }
    assert.match(`${doctor?.stdout}`, /-c expects a folder/);
  });
});

Deno.test("drop-in: api_url in onelogin.sdk.json is used, and doctor shows it", {
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const sdk = (url: string) => ({
    ...defaultFiles,
    ".onelogin/onelogin.sdk.json": JSON.stringify({ ...JSON.parse(SDK), api_url: url }),
  });
  await withSimulator(ada(), async (simulator) => {
    const { ONELOGIN_API_URL: _, ...env } = { ...simulator.env };
    await using tls = tlsFront(Number(new URL(simulator.url).port), "services");
    await using proxy = connectProxy(tls.port);
    const options = {
      files: sdk("https://simulator.onelogin.com/"),
      env: {
        ...env,
        ONELOGIN_API_URL: "",
        ONELOGIN_PASSWORD: ADA.password,
        HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
        AWS_CA_BUNDLE: pemPath("services_ca"),
      },
    };
    const result = await run(simulator, { args: [...ADMIN, "--no-input"], ...options });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual([...new Set(proxy.targets)], ["simulator.onelogin.com:443"]);
    const doctor = await run(simulator, { args: ["doctor", "--verbose"], ...options });
    assert.match(doctor.stdout, /OneLogin address: "?https:\/\/simulator\.onelogin\.com"?.*api_url/);
  });
  await withSimulator(ada(), async (simulator) => {
    for (const url of ["https://evil.example", "http://simulator.onelogin.com", simulator.url]) {
      const result = await run(simulator, { args: [...ADMIN, "--no-input"], files: sdk(url) });
      assert.equal(result.code, 2, result.stderr);
      assert.match(complaint(result).error, /"api_url" .*https.*onelogin\.com/);
    }
    assert.deepEqual(simulator.requests, []);
  });
});

// --- Piped answers --------------------------------------------------------------------------------------------------

const BOB = { ...ADA, username: "bob", email: "bob@example.com", password: "bobs own", id: 77, devices: [] };
const TWO: Partial<Scenario> = { users: [{ ...ADA, devices: [] }, BOB] };
const PROD = "arn:aws:iam::987654321098:role/Admin";

/** A run whose answers are piped, the password by option. */
const piped = (simulator: Simulator, stdin: readonly string[], options: Partial<RunOptions> = {}) =>
  run(simulator, { env: {}, stdin, ...options });

/** The settings with these members of onelogin.aws.json; null leaves one out. */
function settings(more: Readonly<Record<string, unknown>>): Readonly<Record<string, FileText>> {
  const members = Object.entries({ ...AWS, ...more }).filter(([, value]) => value !== null);
  return {
    ".onelogin/onelogin.sdk.json": SDK,
    ".onelogin/onelogin.aws.json": JSON.stringify(Object.fromEntries(members)),
  };
}

const NOBODY = settings({ username: null, app_id: null, subdomain: null, aws_region: null });

/** Who signed in, with the status of each post. */
function signIns(simulator: Simulator): readonly string[] {
  return simulator.to("assertion").map(({ fields, status }) => `${fields["username_or_email"]} ${status}`);
}

function sts(status: number, code: string, message: string): Fault {
  return {
    kind: "answer",
    status,
    headers: { "Content-Type": "text/xml" },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>` +
      `<Code>${code}</Code><Message>${message}</Message></Error><RequestId>0</RequestId></ErrorResponse>`,
  };
}

Deno.test("drop-in: -x from a pipe asks the Python tool's questions in its order, and honours the answer to the second", async () => {
  await withSimulator(TWO, async (simulator) => {
    const files = settings({ aws_region: null });
    const stdin = [
      ...[ADA.password, "0", "eu-west-1"],
      ...["y", "3", "eu-west-2"], // another role
      ...["n", "y", BOB.email, BOB.password, "4", "eu-west-3"], // another user
      ...["n", "n"],
    ];
    const result = await piped(simulator, stdin, { args: ["-x"], files });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(rolesAsked(simulator), [
      "arn:aws:iam::123456789012:role/Admin",
      PROD,
      "arn:aws:iam::987654321098:role/ReadOnly",
    ]);
    assert.deepEqual(signIns(simulator), [`${ADA.email} 200`, `${BOB.email} 200`]);
    assert.match(
      result.stderr,
      /^Do you want to execute now the process for the same user but with other AWS Role\? {2}\(y\/n\) $/m,
    );
  });
});

Deno.test("drop-in: answers of -x that are in another order post nothing but what was asked for", async () => {
  const scripts: readonly (readonly string[])[] = [
    // That tool never reads the answer to "other user?", so its scripts have none.
    ["0", "n", BOB.email, BOB.password, "3"],
    ["0", "n", "n", BOB.email, BOB.password, "3"],
    ["0", "n", "y", "second", BOB.email, BOB.password, "3"],
    // This program's own menu, as it was.
    ["0", "0", "3", "1", BOB.email, BOB.password],
    // One answer too many, or too few.
    ["0", "", "n", "y", "n", "0", "3", "1"],
    ["0", "n", "y", "y", "n", "y"],
  ];
  await together(scripts.map((stdin) => () =>
    withSimulator(TWO, async (simulator) => {
      await piped(simulator, [ADA.password, ...stdin], { args: ["-x", "-p", "dev"] });
      assert.deepEqual(signIns(simulator).filter((each) => !each.endsWith(" 200")), [], stdin.join());
    })
  ));
});

Deno.test("drop-in: after AWS refused, a pipe is asked for another user, or another role", async () => {
  const denied = sts(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML");
  const invalid = sts(400, "ValidationError", "Request ARN is invalid");
  const start = [ADA.password, "0"];
  const cases = [
    { fault: denied, args: [], stdin: [BOB.email, BOB.password, "3"], users: 2 },
    { fault: denied, args: ["-p", "dev"], stdin: ["y", "second", BOB.email, BOB.password, "3"], users: 2 },
    { fault: invalid, args: [], stdin: ["3"], users: 1 },
    { fault: invalid, args: ["-p", "dev"], stdin: ["y", "second", "3"], users: 1 },
  ];
  await together(
    cases.map(({ fault, args, stdin, users }) => () =>
      withSimulator({ ...TWO, trouble: { AssumeRoleWithSAML: [fault] } }, async (simulator) => {
        const result = await piped(simulator, [...start, ...stdin], { args });
        assert.equal(result.code, 0, result.stderr);
        assert.equal(rolesAsked(simulator).at(-1), PROD);
        assert.equal(signIns(simulator).length, users);
        if (args.length > 0) assert.match(result.file(".aws/credentials"), /^\[second\]$/m);
      })
    ),
  );
  // A script that does not expect the question has the answer to another one there.
  for (const stdin of [["n", "n"], ["y", "3"], ["3", "eu-west-1"], ["eu-west-1", "y"]]) {
    await withSimulator({ ...TWO, trouble: { AssumeRoleWithSAML: [denied] } }, async (simulator) => {
      const result = await piped(simulator, [...start, ...stdin]);
      assert.equal(result.code, 6, result.stderr);
      assert.deepEqual(signIns(simulator), [`${ADA.email} 200`]);
    });
  }
});

Deno.test("drop-in: no role from a pipe asks for the profile before the other user", async () => {
  const roles = { roles: [], users: [{ ...ADA, devices: [] }, { ...BOB, roles: [role("123456789012", "Bobs")] }] };
  await withSimulator({ ...roles, saml: { roleAttribute: "absent" } }, async (simulator) => {
    const result = await piped(simulator, [ADA.password, "y", "n", BOB.email, BOB.password, "n"], {
      args: ["-p", "dev"],
    });
    assert.equal(result.code, 5, result.stderr);
    assert.deepEqual(signIns(simulator), [`${ADA.email} 200`, `${BOB.email} 200`]);
  });
});

Deno.test("drop-in: an answer that cannot be used ends a script before anything is posted", async () => {
  const scripts: readonly (readonly string[])[] = [
    ["", "not the user", "123456", "acme"],
    [ADA.email, "", "123456", "acme"],
    [ADA.email, ADA.password, "abc", "acme", "0"],
    [ADA.email, ADA.password, "123456", "", "acme"],
  ];
  await together(scripts.map((stdin) => () =>
    withSimulator(TWO, async (simulator) => {
      const result = await piped(simulator, stdin, { files: NOBODY });
      assert.equal(result.code, 8, result.stderr);
      complaint(result);
      assert.equal(simulator.passwordPosts, 0);
    })
  ));
});

Deno.test("drop-in: a role that is chosen without the Python tool's question costs no line for a password", async () => {
  const denied = sts(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML");
  await withSimulator({ ...TWO, trouble: { AssumeRoleWithSAML: [denied] } }, async (simulator) => {
    // That tool asks for the role, so "4" is read late.
    const stdin = [ADA.password, "4", BOB.email, BOB.password, "4"];
    const result = await piped(simulator, stdin, { args: ["--aws-account-id", "210987654321"] });
    assert.equal(result.code, 6, result.stderr);
    assert.deepEqual(signIns(simulator), [`${ADA.email} 200`]);
  });
});

Deno.test("drop-in: a pipe beside a terminal is for the menus: no line is posted as a password", {
  ignore: await noPty(),
}, async () => {
  await withSimulator(TWO, async (simulator) => {
    const program = ["sh", "-c", `printf '1\\n' | "$@"`, "sh", ...await programCommand()];
    await using pty = await openPty({ args: [], program, files: defaultFiles, simulator, stdout: "pipe" });
    const end = await pty.wait();
    assert.equal(end.code, 8, pty.screen());
    assert.match(pty.screen(), /--onelogin-password-stdin/);
    assert.equal(simulator.passwordPosts, 0);
  });
  await withSimulator(TWO, async (simulator) => {
    const program = ["sh", "-c", `printf '1\\n' | "$@"`, "sh", ...await programCommand()];
    const env = { ONELOGIN_PASSWORD: ADA.password };
    await using pty = await openPty({ args: [], env, program, files: defaultFiles, simulator, stdout: "pipe" });
    const end = await pty.wait();
    assert.equal(end.code, 0, pty.screen());
    assert.deepEqual(rolesAsked(simulator), ["arn:aws:iam::123456789012:role/team/dev/Developer"]);
  });
});

Deno.test("drop-in: AWS_REGION does not shift a piped dialogue", async () => {
  await withSimulator(TWO, async (simulator) => {
    const env = { AWS_REGION: "eu-north-1" };
    const options = { files: settings({ aws_region: null }), env, args: ["--output", "json"] };
    const asked = await piped(simulator, [ADA.password, "0", "eu-west-1"], options);
    assert.equal(JSON.parse(asked.stdout).Region, "eu-west-1");
    const ended = await piped(simulator, [ADA.password, "0"], options);
    assert.equal(JSON.parse(ended.stdout).Region, "eu-north-1");
  });
});

// --- --cache-saml ---------------------------------------------------------------------------------------------------

Deno.test("drop-in: --cache-saml from a pipe with a valid cache asks for role and region only", async () => {
  await withSimulator(TWO, async (simulator) => {
    const files = { ...NOBODY, ...samlCache(simulator.issueAssertion()) };
    const result = await piped(simulator, ["3", "eu-west-1"], { args: ["--cache-saml", "--output", "json"], files });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual([JSON.parse(result.stdout).RoleArn, JSON.parse(result.stdout).Region], [PROD, "eu-west-1"]);
    assert.deepEqual(signIns(simulator), []);
  });
});

Deno.test("drop-in: --cache-saml from a pipe posts no line as a password when the cache is another login's", async () => {
  await withSimulator(TWO, async (simulator) => {
    const files = { ...defaultFiles, ...samlCache(simulator.issueAssertion()) };
    for (const args of [["-u", BOB.email], ["-a", "7"], ["-l", "2"]]) {
      const result = await piped(simulator, ["0", "3", "4"], { args: ["--cache-saml", ...args], files });
      assert.equal(result.code, 8, result.stderr);
      assert.equal(simulator.passwordPosts, 0);
    }
  });
});

Deno.test("drop-in: --cache-saml from a pipe with an expired cache asks whether to reuse the rest", async () => {
  const old: Partial<Scenario> = { saml: { ageMs: 60 * 60_000 } };
  const reuse = async (stdin: readonly string[], world: Partial<Scenario>, more = {}) => {
    let found: { readonly code: number; readonly signIns: readonly string[]; readonly stderr: string } | undefined;
    await withSimulator({ ...world, ...old }, async (simulator) => {
      const files = { ...NOBODY, ...samlCache(simulator.issueAssertion(), more) };
      simulator.set({ saml: {} });
      const result = await piped(simulator, stdin, { args: ["--cache-saml"], files });
      found = { code: result.code, signIns: signIns(simulator), stderr: result.stderr };
    });
    return found ?? assert.fail();
  };
  const yes = await reuse(["y", ADA.password, "acme", "3", "eu-west-1"], TWO);
  assert.deepEqual([yes.code, yes.signIns], [0, [`${ADA.email} 200`]], yes.stderr);
  assert.match(
    yes.stderr,
    /The cached SAML expired for the user ada@example\.com\nReuse rest of the data\? {2}\(y\/n\) /,
  );
  const no = await reuse(["n", BOB.email, BOB.password, "123456", "acme", "3", "eu-west-1"], TWO);
  assert.deepEqual([no.code, no.signIns], [0, [`${BOB.email} 200`]], no.stderr);
  assert.match(no.stderr, /Cache cleaned\./);
  const devices = [{ ...AUTHENTICATOR, id: 1, code: "999999" }, AUTHENTICATOR];
  const factor = { mfa_verify_info: { device_id: AUTHENTICATOR.id, device_type: AUTHENTICATOR.type } };
  const stdin = ["y", ADA.password, "acme", AUTHENTICATOR.code ?? "", "3", "eu-west-1"];
  const same = await reuse(stdin, ada(devices), factor);
  assert.equal(same.code, 0, same.stderr);
  assert.doesNotMatch(same.stderr, /Select the desired MFA Device/);
});

Deno.test("drop-in: with a damaged cache --cache-saml from a pipe posts no line as a password", async () => {
  await withSimulator(TWO, async (simulator) => {
    const files = { ...NOBODY, ".aws/saml_cache.txt": JSON.stringify({ saml_response: "PHg+", app_id: 1 }) };
    const result = await piped(simulator, [ADA.email, "y", "1", "acme"], { args: ["--cache-saml"], files });
    assert.equal(result.code, 8, result.stderr);
    assert.equal(simulator.passwordPosts, 0);
  });
});

Deno.test("drop-in: --cache-saml writes the second factor as the Python tool does", async () => {
  await withSimulator(ada([AUTHENTICATOR]), async (simulator) => {
    const stdin = [ADA.password, AUTHENTICATOR.code ?? "", "0"];
    const result = await piped(simulator, stdin, { args: ["--cache-saml"] });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(JSON.parse(result.file(".aws/saml_cache.txt")).mfa_verify_info, {
      device_id: AUTHENTICATOR.id,
      device_type: AUTHENTICATOR.type,
    });
  });
});

// --- Numbers --------------------------------------------------------------------------------------------------------

Deno.test("drop-in: two identity providers for one role do not shift the roles' numbers", async () => {
  const admin = role("123456789012", "Admin");
  const roles = [
    admin,
    { ...admin, providerArn: "arn:aws:iam::123456789012:saml-provider/Other" },
    role("123456789012", "Dev"),
    role("987654321098", "Ops"),
  ];
  await withSimulator({ ...TWO, roles }, async (simulator) => {
    for (const number of ["0", "1", "2", "3"]) await piped(simulator, [ADA.password, number]);
    assert.deepEqual(
      simulator.to("AssumeRoleWithSAML").map(({ fields }) =>
        `${String(fields["RoleArn"]).split("/")[1]} ${String(fields["PrincipalArn"]).split("/")[1]}`
      ),
      ["Admin OneLogin", "Dev OneLogin", "Ops OneLogin", "Admin Other"],
    );
  });
});
