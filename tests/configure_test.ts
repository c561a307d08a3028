/** `configure` on a whole machine, its questions answered from a pipe and by a person at a terminal. */
import assert from "node:assert/strict";
import { ADA, DEMO_SCENARIO } from "../simulator/demo_world.ts";
import { defaultFiles, freshFolder, prepare, runProgram, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { octal } from "./runs.ts";

const SDK = ".onelogin/onelogin.sdk.json";
const AWS = ".onelogin/onelogin.aws.json";
const { clientId, clientSecret } = DEMO_SCENARIO;
const REST = ["acme", "ada@example.com", "123456", "eu-west-1"];

Deno.test("configure: writes both files, 0600 in a folder 0700, and never shows the secret", async () => {
  await withSimulator({}, async (simulator) => {
    const { code, stdout, stderr, file, tree } = await runProgram({
      args: ["configure"],
      simulator,
      stdin: ["us", clientId, clientSecret, ...REST, "n", "y"],
      allow: { files: { [SDK]: ["client-secret"] } },
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.deepEqual(JSON.parse(file(SDK)), { client_id: clientId, client_secret: clientSecret, region: "us" });
    assert.deepEqual(JSON.parse(file(AWS)), {
      app_id: "123456",
      subdomain: "acme",
      username: "ada@example.com",
      aws_region: "eu-west-1",
    });
    assert.deepEqual(tree().map(({ path, mode }) => [path, mode?.toString(8)]), [
      [".onelogin", octal("700")],
      [AWS, octal("600")],
      [SDK, octal("600")],
    ]);
    assert.match(stderr, /OneLogin accepts the API client/);
    assert.match(stderr, /client_secret = \(the secret\)/);
    assert.equal(simulator.passwordPosts, 0);
  });
});

Deno.test("configure: Enter keeps what is set, and what it does not know stays to the byte", async () => {
  await withSimulator({}, async (simulator) => {
    const aws = '{\n\t"app_id": 123456,\n\t"x_ours": [1,  2],\n\t"subdomain": "acme", "username": "ada@example.com",' +
      '\n\t"aws_region": "us-east-1",\n\t"profiles": {"dev": {"aws_role_name": "Admin"}}\n}';
    const { code, stderr, file } = await runProgram({
      args: ["configure"],
      simulator,
      files: { ...defaultFiles, [AWS]: aws, [SDK]: { text: defaultFiles[SDK] as string, mode: 0o644 } },
      stdin: ["", "", "", "", "", "", "eu-central-1", "n", ""],
      allow: { files: { [SDK]: ["client-secret"] } },
    });
    assert.equal(code, 0, stderr);
    assert.equal(file(AWS), aws.replace('"us-east-1"', '"eu-central-1"'));
    assert.equal(file(SDK), defaultFiles[SDK]);
  });
});

Deno.test("configure: a refused API client may be corrected, three times at most, and nothing is written", async () => {
  await withSimulator({}, async (simulator) => {
    const wrong = ["us", clientId, "f".repeat(64)];
    const corrected = await runProgram({
      args: ["configure"],
      simulator,
      stdin: [...wrong, "y", "", "", clientSecret, ...REST, "n", "y"],
      allow: { files: { [SDK]: ["client-secret"] } },
    });
    assert.equal(corrected.code, 0, corrected.stderr);
    assert.equal(JSON.parse(corrected.file(SDK)).client_secret, clientSecret);
    const given = await runProgram({
      args: ["configure"],
      simulator,
      stdin: [...wrong, "y", ...wrong, "y", ...wrong, "y", "us"],
    });
    assert.equal(given.code, 3, given.stderr);
    assert.deepEqual(given.tree(), []);
  });
});

Deno.test("configure: no to the changes, the end of the answers, and -c leave everything as it was", async () => {
  await withSimulator({}, async (simulator) => {
    const no = await runProgram({
      args: ["configure"],
      simulator,
      stdin: ["us", clientId, clientSecret, ...REST, "n", "n"],
    });
    assert.deepEqual([no.code, no.tree()], [0, []]);
    const ended = await runProgram({ args: ["configure"], simulator, stdin: ["us", clientId, clientSecret, "acme"] });
    assert.deepEqual([ended.code, ended.tree()], [8, []]);
  });
  const silent = await runProgram({ args: ["configure", "--no-input"] });
  assert.equal(silent.code, 8, silent.stderr);
  const folder = await runProgram({ args: ["configure", "-c", "/tmp"] });
  assert.equal(folder.code, 2, folder.stderr);
  assert.match(folder.stderr, /folder "(?:C:\\|\/)tmp": .*sandbox/);
  const beside = await runProgram({ args: ["configure", "-c", "~/.onelogin-x"] });
  assert.equal(beside.code, 2, beside.stderr);
  assert.match(beside.stderr, /hint: .*choose a folder in ".*[\\/]\.onelogin"/);
});

Deno.test("configure: a -c folder in ~/.onelogin is made and filled, and a login with it finds all", async () => {
  await withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
    const allow = { files: { ".onelogin/initech/onelogin.sdk.json": ["client-secret"] } } as const;
    const made = await runProgram({
      args: ["configure", "-c", "~/.onelogin/initech"],
      simulator,
      cwdFiles: { "onelogin.aws.json": "{}" },
      stdin: [
        ...[
          "us",
          clientId,
          clientSecret,
          DEMO_SCENARIO.subdomain,
          ADA.email,
          DEMO_SCENARIO.apps[0]?.id ?? "",
          "us-east-1",
        ],
        ...["y", ADA.password, "0", "y", "n"],
      ],
      allow,
    });
    assert.equal(made.code, 0, made.stderr);
    assert.deepEqual(
      made.tree().filter(({ path }) => path.startsWith(".onelogin") && !path.includes("cache")).map((
        { path, mode },
      ) => [path, mode?.toString(8)]),
      [
        [".onelogin", octal("700")],
        [".onelogin/initech", octal("700")],
        [".onelogin/initech/onelogin.aws.json", octal("600")],
        [".onelogin/initech/onelogin.sdk.json", octal("600")],
      ],
    );
    assert.doesNotMatch(made.stderr, /is read instead/);
    assert.match(made.stderr, /credential-process -c "?(?:[A-Z]:\\|\/).*[\\/]\.onelogin[\\/]initech"? --profile/);
    assert.match(
      made.stderr,
      /Done\. To sign in: onelogin-aws-assume-role -c ".*[\\/]\.onelogin[\\/]initech" --profile 123456789012-Admin\r?\n/,
    );
    const { home } = made;
    const [profile] = Object.keys(JSON.parse(made.file(".onelogin/initech/onelogin.aws.json")).profiles);
    const login = await runProgram({
      args: ["-c", "~/.onelogin/initech", "--no-input", "--profile", profile ?? ""],
      simulator,
      home,
      env: { ONELOGIN_PASSWORD: ADA.password },
      allow,
    });
    assert.equal(login.code, 0, login.stderr);
  });
});

Deno.test("configure: signs in and adds the chosen roles as profiles, and tells what hides them", async () => {
  await withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
    const aws = { ...JSON.parse(defaultFiles[AWS] as string), aws_account_id: "999999999999" };
    const { code, stderr, file } = await runProgram({
      args: ["configure"],
      simulator,
      files: { ...defaultFiles, [AWS]: JSON.stringify(aws, null, 2) },
      stdin: ["", "", "", "", "", "", "", "y", ADA.password, "1 2", "y", "y"],
    });
    assert.equal(code, 0, stderr);
    const { profiles } = JSON.parse(file(AWS));
    assert.equal(Object.keys(profiles).length, 2);
    for (const profile of Object.values(profiles) as Record<string, string>[]) {
      assert.match(profile["aws_account_id"] ?? "", /^\d{12}$/);
      assert.ok(profile["aws_role_name"]);
    }
    assert.match(stderr, /"aws_account_id" at the top of ".*" override every profile/);
    if (Deno.env.get("OLAWS_BIN")) {
      assert.match(file(".aws/config"), /credential_process = (?:[A-Z]:\\|\/).* credential-process --profile /);
    } else {assert.match(
        stderr,
        /credential_process = \/path\/to\/onelogin-aws-assume-role credential-process --profile NAME/,
      );}
    assert.equal(simulator.passwordPosts, 1);
  });
});

Deno.test({
  name: "configure: at a terminal the secret is not shown, and Ctrl-C leaves the terminal and the disk as they were",
  ignore: await noPty(),
  async fn() {
    await withSimulator({}, async (simulator) => {
      await using pty = await openPty({ args: ["configure"], simulator });
      await pty.expect("OneLogin region");
      await pty.sendKey("enter");
      await pty.expect("API client id");
      await pty.send(`${clientId}\r`);
      await pty.expect("API client secret");
      await pty.send(`${clientSecret}\r`);
      await pty.expect("OneLogin accepts the API client");
      await pty.expect("OneLogin subdomain");
      await pty.sendKey("ctrl-c");
      const { code, tree } = await pty.wait();
      assert.equal(code, 130);
      assert.deepEqual(tree(), []);
      assert.deepEqual(await pty.terminalRestored, { echo: true, canonical: true });
      assert.ok(!pty.screen().includes(clientSecret));
    });
  },
});

Deno.test({
  name: "configure: without an API client at a terminal, the browser is written, and OneLogin is not asked",
  ignore: await noPty(),
  async fn() {
    await withSimulator({}, async (simulator) => {
      await using pty = await openPty({ args: ["configure"], simulator });
      const answers = [["OneLogin region", ""], ["API client id", ""], ["OneLogin subdomain", "acme"]] as const;
      const more = [["OneLogin username", "ada"], ["Id of the AWS app", "123456"], ["AWS region", ""], [
        "Write this",
        "",
      ]] as const;
      for (const [question, answer] of [...answers, ...more]) {
        await pty.expect(question);
        await pty.send(`${answer}\r`);
      }
      const end = await pty.wait();
      assert.equal(end.code, 0, pty.screen());
      assert.ok(!end.exists(".onelogin/onelogin.sdk.json"));
      assert.deepEqual(JSON.parse(end.file(".onelogin/onelogin.aws.json")), {
        app_id: "123456",
        subdomain: "acme",
        username: "ada",
        aws_region: "us-west-2",
        browser: true,
      });
      assert.equal(simulator.requests.length, 0);
    });
  },
});

Deno.test("configure: takes the addresses that people copy, and a first run at a terminal offers it", {
  ignore: await noPty(),
}, async () => {
  await withSimulator({}, async (simulator) => {
    await using pty = await openPty({
      args: [],
      simulator,
      allow: { files: { [SDK]: ["client-secret"] } },
    });
    await pty.expect("There are no settings yet");
    await pty.send("y");
    await pty.expect("region");
    await pty.sendKey("enter");
    await pty.expect("lient id");
    await pty.send(`${clientId}\r`);
    await pty.expect("lient secret");
    await pty.send(`${clientSecret}\r`);
    await pty.expect(/Subdomain/i);
    await pty.send("https://acme.onelogin.com/portal\r");
    await pty.expect(/Username|name you sign in/i);
    await pty.send("ada@example.com\r");
    await pty.expect("Id of the AWS app");
    await pty.send("https://acme.onelogin.com/launch/123456\r");
    await pty.expect("AWS region");
    await pty.sendKey("enter");
    await pty.expect("Sign in now");
    await pty.send("n");
    await pty.expect("Write this?");
    await pty.send("y");
    const { code, file } = await pty.wait();
    assert.equal(code, 0, pty.screen());
    const { app_id, subdomain } = JSON.parse(file(AWS));
    assert.deepEqual([app_id, subdomain], ["123456", "acme"]);
  });
});

Deno.test("configure: what a sign-in corrects is what is written, and a failed one writes nothing unless told", async () => {
  const questions = ["us", clientId, clientSecret, "wrong", "ada@example.com", "123456", "us-east-1"];
  const allow = { files: { [SDK]: ["client-secret"] } } as const;
  await withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
    const corrected = await runProgram({
      args: ["configure"],
      simulator,
      allow,
      stdin: [...questions, "y", ADA.password, "acme", "0", "y", "n"],
    });
    assert.equal(corrected.code, 0, corrected.stderr);
    assert.equal(JSON.parse(corrected.file(AWS)).subdomain, "acme");
    assert.match(corrected.file(".aws/credentials"), /^\[123456789012-Admin\]/m);
    assert.equal(simulator.passwordPosts, 2, "one for each answer");
  });
  await withSimulator({ users: [{ ...ADA, devices: [], locked: true }] }, async (simulator) => {
    const lines = [...questions.with(3, "acme"), "y", ADA.password];
    const no = await runProgram({ args: ["configure"], simulator, allow, stdin: [...lines, "n"] });
    assert.deepEqual([no.code, no.exists(AWS)], [3, false], no.stderr);
    const yes = await runProgram({ args: ["configure"], simulator, allow, stdin: [...lines.slice(0, 7), "n", "y"] });
    assert.deepEqual([yes.code, yes.exists(AWS)], [0, true], yes.stderr);
  });
});

Deno.test("configure: without a network the answers are written only if told, and the warning reports why", async () => {
  const env = { ONELOGIN_API_URL: "http://127.0.0.1:9" };
  const answers = ["us", clientId, clientSecret, ...REST, "n"];
  const no = await runProgram({ args: ["configure"], env, stdin: [...answers, ""] });
  assert.deepEqual([no.code, no.exists(SDK)], [0, false], no.stderr);
  assert.match(no.stderr, /warning: the API client could not be tried/);
  const yes = await runProgram({ args: ["configure"], env, stdin: [...answers, "y"] });
  assert.deepEqual([yes.code, yes.exists(SDK)], [0, true], yes.stderr);
});

/** What a person sees and types: a question, and its keys. */
type Dialogue = readonly (readonly [question: string, keys: string])[];

const FIRST_RUN: Dialogue = [
  ["There are no settings yet", "y"],
  ["OneLogin region", "\r"],
  ["API client id", `${clientId}\r`],
  ["API client secret", `${clientSecret}\r`],
  ["OneLogin subdomain", "https://acme.onelogin.com/portal\r"],
  ["OneLogin username", "ada@example.com\r"],
  ["Id of the AWS app", "https://acme.onelogin.com/launch/123456\r"],
  ["AWS region", "\r"],
  ["Sign in now and add profiles?", "\r"],
  ["OneLogin password of ada@example.com", `${ADA.password}\r`],
];

Deno.test("configure: from a bare machine to a saved profile in 90 seconds, and the command it prints works", {
  ignore: await noPty(),
}, async () => {
  await withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
    const allow = { files: { [SDK]: ["client-secret"] } } as const;
    const begin = Date.now();
    await using pty = await openPty({ args: [], simulator, allow, columns: 80, rows: 24 });
    const dialogue: Dialogue = [
      ...FIRST_RUN,
      ["Which roles should become AWS profiles?", "\r"],
      // Tab selects and deselects. It types nothing into the search.
      ["Search: 5 choices", "\t\t987 read\t\r"],
      ["A name for account 987654321098", "prod\r"],
      ["Profile for ReadOnly", "dev\r"],
      ["Write this?", "\r"],
      ...Deno.env.get("OLAWS_BIN") ? [["Write these lines?", "n"] as const] : [],
    ];
    for (const [question, keys] of dialogue) {
      await pty.expect(question);
      await pty.send(keys);
    }
    await pty.expect("Done.");
    const { code, file, home } = await pty.wait();
    const seconds = (Date.now() - begin) / 1000;
    assert.equal(code, 0, pty.screen());
    assert.match(file(".aws/credentials"), /^\[dev\]/m);
    assert.equal(file(".onelogin/accounts.yaml"), 'accounts:\n  "987654321098": "prod"\n');
    assert.equal(JSON.parse(file(AWS)).profiles.dev.aws_role_name, "ReadOnly");
    assert.equal(simulator.passwordPosts, 1);
    // A person types three keys a second and reads a question for two; pasted addresses and secrets are one key each.
    const keys = dialogue.map(([, text]) => /^https|^[0-9a-f]{64}/.test(text) ? 2 : text.length);
    const person = keys.reduce((sum, count) => sum + 2 + count / 3, 0);
    const count = keys.reduce((sum, each) => sum + each);
    const measured = `${dialogue.length} questions, ${count} keys, ${seconds} s, and ${person} s for a person`;
    assert.ok(seconds + person < 90, measured);
    const printed = /Done\. To sign in: (onelogin-aws-assume-role .*)/.exec(pty.screen())?.[1] ?? "";
    const prepared = await prepare({ args: [], simulator });
    const bin = freshFolder("bin");
    await Deno.writeTextFile(
      `${bin}/onelogin-aws-assume-role`,
      `#!/bin/sh\nexec ${prepared.command.map((word) => `'${word}'`).join(" ")} "$@"\n`,
      { mode: 0o755 },
    );
    const again = await runProgram({
      program: ["sh", "-c", printed],
      args: [],
      home,
      simulator,
      allow,
      env: { ...prepared.env, HOME: home, ONELOGIN_PASSWORD: ADA.password, PATH: `${bin}:${prepared.env["PATH"]}` },
    });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /Success! Updated AWS profile 'dev'/);
  });
});

Deno.test("configure: all roles at once become profiles of one sign-in, at 40 columns", {
  ignore: await noPty(),
}, async () => {
  await withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
    const allow = { files: { [SDK]: ["client-secret"] } } as const;
    await using pty = await openPty({ args: [], simulator, allow, columns: 40, rows: 24 });
    for (const [question, keys] of FIRST_RUN) {
      await pty.expect(new RegExp(question.replaceAll(" ", "\\W+")));
      await pty.send(keys);
    }
    await pty.expect("All 5 roles");
    await pty.send("\u001b[B\r");
    for (const account of ["123456789012", "987654321098", "210987654321"]) {
      await pty.expect(new RegExp(`account\\W+${account}`));
      await pty.send("\r");
    }
    await pty.expect("Write this?");
    await pty.send("\r");
    if (Deno.env.get("OLAWS_BIN")) {
      await pty.expect(/Write\W+these\W+lines/);
      await pty.send("y");
    }
    const { code, file, exists } = await pty.wait();
    assert.equal(code, 0, pty.screen());
    assert.equal(Object.keys(JSON.parse(file(AWS)).profiles).length, 5);
    assert.equal(exists(".onelogin/accounts.yaml"), false);
    assert.equal(simulator.passwordPosts, 1);
    if (Deno.env.get("OLAWS_BIN")) assert.equal(file(".aws/config").match(/^credential_process = /gm)?.length, 5);
  });
});
