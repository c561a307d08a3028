import assert from "node:assert/strict";
import { ADA, DEMO_SCENARIO } from "../simulator/demo_world.ts";
import { startSimulator } from "../simulator/server.ts";
import { defaultFiles, freshFolder, leaks, runProgram, withSimulator } from "./harness.ts";
import { noPty, openPty, plain } from "./pty.ts";
import { octal } from "./runs.ts";

/** Has no modes, and no links, pipes or signals as other systems do. */
const windows = Deno.build.os === "windows";

const folder = freshFolder("programs");
let count = 0;

/** A program of its own, to test the harness with. */
function program(source: string): readonly string[] {
  const path = `${folder}/program_${count += 1}.ts`;
  Deno.writeTextFileSync(path, source);
  return [Deno.execPath(), "run", "-A", "--no-lock", "--no-config", path];
}

Deno.test("runProgram: gives the program its arguments, input, files and a bare environment, and reports all it did", async () => {
  const run = await runProgram({
    program: program(`
      const input = await new Response(Deno.stdin.readable).text();
      console.log(JSON.stringify({ args: Deno.args, input, env: Object.keys(Deno.env.toObject()).sort(),
        given: Deno.readTextFileSync(Deno.env.get("HOME") + "/.aws/config"), here: Deno.readTextFileSync("here.txt") }));
      console.error("to stderr");
      Deno.mkdirSync(Deno.env.get("HOME") + "/.made", { mode: 0o700 });
      Deno.writeTextFileSync(Deno.env.get("HOME") + "/.made/file", "text", { mode: 0o640 });
      Deno.exit(7);`),
    args: ["--a", "b c"],
    env: { EXTRA: "1" },
    files: { ".aws/config": { text: "[default]\n", mode: 0o644 } },
    cwdFiles: { "here.txt": "beside" },
    stdin: ["one", "two"],
  });
  const told = JSON.parse(run.stdout);
  assert.deepEqual([told.args, told.input], [["--a", "b c"], "one\ntwo\n"]);
  assert.deepEqual([told.given, told.here], ["[default]\n", "beside"]);
  const extra = told.env.filter((name: string) => name !== "DENO_TLS_CA_STORE");
  const given = ["DENO_DIR", "DENO_NO_UPDATE_CHECK", "EXTRA", "HOME", "PATH", "TERM"];
  // Windows adds its own to every process.
  assert.deepEqual(windows ? extra.filter((name: string) => given.includes(name)) : extra, given);
  assert.deepEqual([run.code, run.signal, run.stderr], [7, null, "to stderr\n"]);
  assert.equal(run.file(".made/file"), "text");
  assert.deepEqual([run.exists(".made/file"), run.exists(".made/other")], [true, false]);
  assert.deepEqual(
    run.tree().map(({ path, mode }) => [path, mode?.toString(8)]),
    [[".aws", octal("700")], [".aws/config", octal("644")], [".made", octal("700")], [".made/file", octal("640")]],
  );
});

Deno.test("runProgram: runs in the same home again when told so, and in a new one otherwise", async () => {
  const writer = program(`Deno.writeTextFileSync(Deno.env.get("HOME") + "/log", "x", { append: true });`);
  const first = await runProgram({ program: writer, args: [] });
  const second = await runProgram({ program: writer, args: [], home: first.home });
  const third = await runProgram({ program: writer, args: [] });
  assert.deepEqual([second.file("log"), third.file("log")], ["xx", "x"]);
});

Deno.test("runProgram: a closed stdin is at its end, and a program that does not read its input is no error", async () => {
  const reader = program(`console.log(await Deno.stdin.read(new Uint8Array(1)));`);
  assert.equal((await runProgram({ program: reader, args: [] })).stdout, "null\n");
  const deaf = await runProgram({ program: program(`Deno.exit(3)`), args: [], stdin: "x".repeat(1_000_000) });
  assert.equal(deaf.code, 3);
});

Deno.test("runProgram: answers are given over time, and signals are sent", { ignore: windows }, async () => {
  const asker = program(`
    Deno.addSignalListener("SIGTERM", () => Deno.exit(143));
    console.error("name?");
    const buffer = new Uint8Array(100);
    const count = await Deno.stdin.read(buffer);
    console.error("hello " + new TextDecoder().decode(buffer.subarray(0, count)).trim());
    setTimeout(() => {}, 60_000);`);
  const run = await runProgram({
    program: asker,
    args: [],
    stdin: async (live) => {
      await live.waitFor("name?");
      await live.write("ada\n");
      await live.waitFor(/hello ada/);
      live.kill("SIGTERM");
    },
  });
  assert.equal(run.code, 143);
  await assert.rejects(
    runProgram({
      program: asker,
      args: [],
      stdin: async (live) => {
        await live.waitFor("name?");
        await live.waitFor("age?", { timeoutMs: 50 });
      },
    }),
    /waited 50 ms without age\? on stderr[^]*name\?/,
  );
});

Deno.test("runProgram: a run that does not end is killed, and its output is shown", async () => {
  const endless = program(`console.log("so far"); setTimeout(() => {}, 60_000);`);
  await assert.rejects(runProgram({ program: endless, args: [], timeoutMs: 3000 }), /killed after 3000 ms[^]*so far/);
});

Deno.test("runProgram: a stack on a stream fails the test", async () => {
  await assert.rejects(runProgram({ program: program(`throw new Error("x")`), args: [] }), /a stack on stderr/);
  await assert.rejects(
    runProgram({ program: program(`console.log(new Error("x").stack)`), args: [] }),
    /a stack on stdout/,
  );
});

Deno.test("runProgram: a secret fails the test wherever it is not allowed", async () => {
  await using simulator = await startSimulator();
  const key = simulator.issueKey("arn:aws:iam::123456789012:role/Admin", 3600);
  const assertion = simulator.issueAssertion();
  const token = key.sessionToken ?? "";
  const say = (stream: "log" | "error", text: string) => program(`console.${stream}(${JSON.stringify(text)});`);
  const write = (path: string, text: string, mode = "0o600") =>
    program(`const path = Deno.env.get("HOME") + "/${path}";
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true, mode: 0o700 });
      Deno.writeTextFileSync(path, ${JSON.stringify(text)}, { mode: ${mode} });`);
  const run = (command: readonly string[], args: readonly string[] = []) =>
    runProgram({ program: command, args, simulator, files: defaultFiles });

  await run(say("log", `export AWS_SESSION_TOKEN=${token}`));
  await run(write(".aws/credentials", key.secretAccessKey));
  await run(write(".onelogin/cache/a/b.json", `${token} ${assertion}`));
  await run(write(".onelogin/notes", "code 6182039 and a1618203"));
  const refused: readonly [string, readonly string[], readonly string[], RegExp][] = [
    ["key on stderr", say("error", `key ${key.secretAccessKey}`), [], /stderr contains a secret: secret-key/],
    ["key in a list", say("log", key.secretAccessKey), ["roles"], /stdout contains a secret: secret-key/],
    ["password", say("error", `tried ${ADA.password}`), [], /stderr contains a secret: password/],
    ["password in base64", say("error", btoa(`${ADA.password}..`)), [], /password/],
    ["password in a URL", say("log", encodeURIComponent(ADA.password)), [], /stdout contains a secret: password/],
    ["code", say("error", "code=618203."), [], /stderr contains a secret: code/],
    ["client secret", say("error", DEMO_SCENARIO.clientSecret), [], /client-secret/],
    ["start of an assertion", say("error", `${assertion.slice(0, 500)}…`), [], /assertion/],
    ["its XML", say("error", atob(assertion)), [], /assertion/],
    ["token in a log", write(".onelogin/log", token), [], /log contains a secret: session-token/],
    ["password in the cache", write(".onelogin/cache/x", ADA.password), [], /cache\/x contains a secret: password/],
    ["open mode", write(".aws/credentials", token, "0o644"), [], /contains session-token and has mode 0644/],
    ["assertion in credentials", write(".aws/credentials", assertion), [], /credentials contains a secret: assertion/],
  ];
  for (const [name, command, args, pattern] of refused) {
    if (!windows || name !== "open mode") await assert.rejects(run(command, args), pattern, name);
  }
  const beside = program(`Deno.writeTextFileSync("left.txt", ${JSON.stringify(token)}, { mode: 0o600 })`);
  await assert.rejects(run(beside), /left\.txt contains a secret: session-token/);
  await runProgram({
    program: write("elsewhere", token),
    args: [],
    simulator,
    allow: { files: { elsewhere: ["session-token"] } },
  });
});

Deno.test("leaks: finds a secret through the forms it may take, and no code inside a longer number", () => {
  const secrets = [{ kind: "code", value: "123456" }, { kind: "password", value: 'pa"ss wörd' }] as const;
  assert.deepEqual(leaks("id 1123456", secrets, []), []);
  assert.deepEqual(leaks("id 123456", secrets, []), ["code"]);
  assert.deepEqual(leaks("id 123456", secrets, ["code"]), []);
  assert.deepEqual(leaks(JSON.stringify({ p: 'pa"ss wörd' }), secrets, []), ["password"]);
});

Deno.test("withSimulator: fails on an unexpected request and on trouble that nothing met", async () => {
  await withSimulator({}, async () => {});
  const unexpected = withSimulator({}, async ({ url }) => void await (await fetch(`${url}/favicon.ico`)).text());
  await assert.rejects(unexpected, /requests that the services do not document[^]*favicon/);
  await assert.rejects(withSimulator({ trouble: { token: ["reset"] } }, async () => {}), /trouble that no request met/);
});

Deno.test("plain: escape sequences go, whole or half", () => {
  assert.equal(plain("\x1b[1;32mgreen\x1b[0m\x1b]0;title\x07 \x1b[?25l◆ next\r\n\x1b[2"), "green ◆ next\n");
  assert.equal(plain("x\x1b[999D\x1b[J\x1b(By\x1b7"), "xy");
});

const ignore = await noPty();

Deno.test({
  name: "openPty: keys arrive, echo can be seen off and on again, stdout stays a pipe, the code is reported",
  ignore,
  fn: async () => {
    await using pty = await openPty({
      program: program(`
        const out = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
        out([Deno.stdin.isTerminal(), Deno.stdout.isTerminal(), Deno.stderr.isTerminal()].join() + "\\r\\n");
        Deno.stdin.setRaw(true);
        out("\\x1b[36mready\\x1b[0m\\r\\n");
        const buffer = new Uint8Array(10);
        while (true) {
          const count = await Deno.stdin.read(buffer) ?? 0;
          out(JSON.stringify(Array.from(buffer.subarray(0, count))) + "\\r\\n");
          if (buffer[0] === 113) break;
        }
        Deno.stdin.setRaw(false);
        console.log("data");
        Deno.exit(5);`),
      args: [],
      stdout: "pipe",
    });
    await pty.expect("true,false,true");
    await pty.expect("ready");
    assert.ok(pty.raw().includes("\x1b[36mready"));
    assert.deepEqual(await pty.modes(), { echo: false, canonical: false });
    await pty.sendKey("down");
    await pty.expect("[27,91,66]");
    await pty.sendKey("enter");
    await pty.expect(/\[1[03]\]/);
    await pty.send("q");
    const end = await pty.wait();
    assert.deepEqual([end.code, end.signal, end.stdout], [5, null, "data\n"]);
    assert.deepEqual(await pty.terminalRestored, { echo: true, canonical: true });
    assert.ok(!pty.screen().includes("data"));
  },
});

Deno.test({
  name: "openPty: Ctrl-C is a signal, a signal ends, a size is reported, and a raw terminal left behind shows",
  ignore,
  fn: async () => {
    const waits = `console.error("up"); setTimeout(() => {}, 60_000);`;
    {
      await using pty = await openPty({ program: program(waits), args: [] });
      await pty.expect("up");
      await pty.sendKey("ctrl-c");
      assert.deepEqual(await pty.wait().then(({ code, signal }) => [code, signal]), [null, "SIGINT"]);
    }
    {
      await using pty = await openPty({ program: program(waits), args: [] });
      await pty.expect("up");
      await pty.signal("SIGTERM");
      assert.equal((await pty.wait()).signal, "SIGTERM");
    }
    {
      await using pty = await openPty({
        program: program(`
          Deno.addSignalListener("SIGWINCH", () => { console.error(Deno.consoleSize().columns); Deno.exit(0); });
          console.error(Deno.consoleSize().columns);
          setTimeout(() => {}, 60_000);`),
        args: [],
        columns: 61,
      });
      await pty.expect("61");
      await pty.resize(42, 20);
      await pty.expect("42");
      assert.equal((await pty.wait()).code, 0);
    }
    {
      // Deno puts the terminal back automatically when it exits; a program that is killed cannot.
      await using pty = await openPty({ program: program(`Deno.stdin.setRaw(true); ${waits}`), args: [] });
      await pty.expect("up");
      await pty.signal("SIGKILL");
      await pty.wait();
      assert.deepEqual(await pty.terminalRestored, { echo: false, canonical: false });
    }
  },
});

Deno.test({
  name: "openPty: a text that does not come, and a program that does not end, fail with the screen",
  ignore,
  fn: async () => {
    {
      await using pty = await openPty({ program: program(`console.error("all of it")`), args: [] });
      await assert.rejects(pty.expect("more", 5_000), /the program ended without more[^]*all of it/);
    }
    {
      await using pty = await openPty({
        program: program(`console.error("hm"); setTimeout(() => {}, 60_000)`),
        args: [],
      });
      await pty.expect("hm");
      await assert.rejects(pty.expect("more", 100), /waited 100 ms without more/);
      await assert.rejects(pty.wait(100), /did not end within 100 ms[^]*hm/);
    }
  },
});

Deno.test({
  name: "openPty: a password or code that shows on the screen fails the test unless the test allows it",
  ignore,
  fn: async () => {
    await using simulator = await startSimulator();
    const echo = program(`
      console.error("go");
      await Deno.stdin.read(new Uint8Array(100));`);
    const cases = [["618203", "code", ["code"]], ["618203", "code", []], [ADA.password, "password", []]] as const;
    for (const [typed, kind, allowed] of cases) {
      await using pty = await openPty({ program: echo, args: [], simulator, allow: { stderr: allowed } });
      await pty.expect("go");
      await pty.send(typed);
      await pty.sendKey("enter");
      if (allowed.length > 0) assert.equal((await pty.wait()).code, 0);
      else await assert.rejects(pty.wait(), new RegExp(`stderr contains a secret: ${kind}`));
    }
  },
});
