/** The real AWS CLI and botocore use what the program wrote: the proof that counts for the people who run it. */
import assert from "node:assert/strict";
import type { Simulator } from "../simulator/server.ts";
import { processEntries } from "../src/commands/configure/profiles.ts";
import { findPython, hasAwsCli } from "./aws_tools.ts";
import { defaultFiles, freshFolder, withSimulator } from "./harness.ts";
import { ada, ADMIN, ADMIN_ARN, run } from "./runs.ts";

/** The output of a tool of AWS that finds nothing but the given home and variables. */
async function tool(
  command: readonly [string, ...string[]],
  home: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [name, ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(name, {
    args,
    cwd: home,
    clearEnv: true,
    stdin: "null",
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: home, AWS_EC2_METADATA_DISABLED: "true", AWS_PAGER: "", ...env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** As an option, since versions before 2.13 do not know the variable for it. */
function getCallerIdentity(simulator: Simulator): readonly [string, ...string[]] {
  return ["aws", "sts", "get-caller-identity", "--endpoint-url", simulator.url];
}

const aws = hasAwsCli();
if (!aws) console.error("tests are skipped: there is no AWS CLI here");

Deno.test(
  "AWS CLI: reads the written profile and is the assumed role at STS, by --profile and from a file of its own",
  {
    ignore: !aws,
  },
  async () => {
    await withSimulator(ada(), async (simulator) => {
      const old = "[other]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n";
      const folder = freshFolder("file");
      const saved = await run(simulator, {
        args: [...ADMIN, "--no-input", "--profile", "dev"],
        files: { ...defaultFiles, ".aws/credentials": old },
      });
      assert.equal(saved.code, 0, saved.stderr);
      const elsewhere = await run(simulator, {
        args: [...ADMIN, "--no-input", "-f", `${folder}/creds`, "--region-in", "config"],
      });
      assert.equal(elsewhere.code, 0, elsewhere.stderr);

      const [asked, byVariable] = await Promise.all([
        tool([...getCallerIdentity(simulator), "--profile", "dev"], saved.home, {}),
        tool(getCallerIdentity(simulator), elsewhere.home, {
          AWS_SHARED_CREDENTIALS_FILE: `${folder}/creds`,
        }),
      ]);
      for (const answer of [asked, byVariable]) {
        assert.equal(answer.code, 0, answer.stderr);
        const { Arn, Account } = JSON.parse(answer.stdout);
        assert.deepEqual([Arn, Account], [ADMIN_ARN, "123456789012"]);
      }
      // The profile's region, from the credentials file and from the config file, is what the CLI signs for.
      assert.deepEqual(simulator.to("GetCallerIdentity").map(({ signedRegion }) => signedRegion), [
        "us-east-1",
        "us-east-1",
      ]);
      const { code, stdout } = await tool(["aws", "configure", "list", "--profile", "dev"], saved.home, {});
      assert.equal(code, 0);
      assert.match(stdout, /us-east-1/);
    });
  },
);

Deno.test("AWS CLI: takes the shell lines by eval", { ignore: !aws || Deno.build.os === "windows" }, async () => {
  await withSimulator(ada(), async (simulator) => {
    const { stdout, home } = await run(simulator, { args: [...ADMIN, "--no-input"] });
    // Version 1 of the CLI does not look at AWS_REGION, the variable of the Python tool.
    const answer = await tool(
      [
        "/bin/sh",
        "-c",
        'eval "$1" && shift && AWS_DEFAULT_REGION=$AWS_REGION "$@" --output text --query Arn',
        "sh",
        stdout,
        ...getCallerIdentity(simulator),
      ],
      home,
      {},
    );
    assert.deepEqual([answer.code, answer.stdout, answer.stderr], [0, `${ADMIN_ARN}\n`, ""]);
  });
});

const python = await findPython();
if (python === undefined) console.error("a test is skipped: there is no python3 with botocore here");

Deno.test(
  "botocore: finds key, secret, token and region of the profile and is the assumed role",
  { ignore: python === undefined },
  async () => {
    await withSimulator(ada(), async (simulator) => {
      const { home, code, stderr, file } = await run(simulator, {
        args: [...ADMIN, "--no-input", "-p", "a b", "--aws-region", "eu-central-1"],
      });
      assert.equal(code, 0, stderr);
      const source = "import botocore.session, json; s = botocore.session.Session(profile='a b'); " +
        `c = s.get_credentials(); a = s.create_client('sts', endpoint_url='${simulator.url}').get_caller_identity()['Arn']; ` +
        "print(json.dumps([c.method, c.access_key, c.secret_key, c.token, s.get_config_variable('region'), a]))";
      const answer = await tool([python ?? "", "-c", source], home, {});
      assert.equal(answer.code, 0, answer.stderr);
      const value = (key: string) => new RegExp(`^${key} = (.*)$`, "m").exec(file(".aws/credentials"))?.[1];
      assert.deepEqual(JSON.parse(answer.stdout), [
        "shared-credentials-file",
        value("aws_access_key_id"),
        value("aws_secret_access_key"),
        value("aws_session_token"),
        "eu-central-1",
        ADMIN_ARN,
      ]);
      assert.deepEqual(simulator.to("GetCallerIdentity").map(({ signedRegion }) => signedRegion), ["eu-central-1"]);
    });
  },
);

Deno.test(
  "botocore: takes the words of a credential_process line as they were meant, on Windows and elsewhere",
  { ignore: python === undefined },
  async () => {
    const role = {
      roleArn: "arn:aws:iam::123456789012:role/Admin",
      principalArn: "arn:aws:iam::123456789012:saml-provider/OneLogin",
      accountId: "123456789012",
      name: "Admin",
      path: "",
      partition: "aws",
    };
    const cases = [
      ["windows", "C:\\Program Files\\olaws\\olaws.exe", "C:\\Users\\Ada L\\.onelogin\\a b"],
      ["windows", "C:\\olaws\\olaws.exe", "D:\\x"],
      ["linux", "/opt/my tools/olaws", "/home/ada/.onelogin/a b"],
    ] as const;
    for (const [platform, program, folder] of cases) {
      const [entry] = processEntries(program, platform, [{ role, profile: "dev admin" }], "eu-west-1", folder) ?? [];
      const home = freshFolder("home");
      await Deno.writeTextFile(`${home}/config`, `[profile x]\ncredential_process = ${entry?.credentialProcess}\n`);
      const source = "import botocore.session, json; from botocore.compat import compat_shell_split; " +
        "line = botocore.session.Session(profile='x').get_scoped_config()['credential_process']; " +
        `print(json.dumps(compat_shell_split(line, '${platform === "windows" ? "win32" : "linux"}')))`;
      const answer = await tool([python ?? "", "-c", source], home, { AWS_CONFIG_FILE: `${home}/config` });
      assert.equal(answer.code, 0, answer.stderr);
      const words = [program, "credential-process", "-c", folder, "--profile", "dev admin"];
      assert.deepEqual(JSON.parse(answer.stdout), words);
    }
  },
);
