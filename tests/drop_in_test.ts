/**
 * What came with the Python tool's later versions, and what its scripts do with it: the real program against the simulator.
 */
import assert from "node:assert/strict";
import { defaultFiles, freshFolder, withSimulator } from "./harness.ts";
import { ada, ADMIN, complaint, run, section, texts, together } from "./runs.ts";

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
    assert.deepEqual(Object.keys(JSON.parse(option?.stdout ?? "")), [
      "Version",
      "AccessKeyId",
      "SecretAccessKey",
      "SessionToken",
      "Expiration",
      "AccountId",
    ]);
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
      /warning: -c takes a folder and ".*onelogin\.aws\.json" is a file: using its folder/,
    );
    for (const result of [missing!, below!]) {
      assert.equal(result.code, 2);
      assert.match(complaint(result).error, /cannot use the configuration folder ".*none": it does not exist/);
      assert.doesNotMatch(result.stderr, /os error/);
    }
    assert.match(`${doctor?.stdout}`, /-c takes a folder/);
  });
});
