/** The lockout guard in the real program: what a scheduled job, a parallel build and a person meet. */
import assert from "node:assert/strict";
import { ADA, DEMO_SCENARIO } from "../simulator/demo_world.ts";
import type { Simulator } from "../simulator/server.ts";
import { defaultFiles, freshFolder, runProgram, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { PRIVATE_MODE } from "./runs.ts";

const WRONG = "an old pass phrase";
/** A password is all it takes, and the wrong one is searched for in everything the program leaves behind. */
const SCENARIO = {
  users: [{ ...ADA, devices: [] }],
  roles: [DEMO_SCENARIO.roles[0]!],
  keys: [{ accessKeyId: "AKIA", secretAccessKey: WRONG, arn: "", account: "", userId: "" }],
};

/** A run of a scheduled job in `home`. */
function job(simulator: Simulator, home: string, password: string) {
  const start = { simulator, home, files: defaultFiles, allow: { stdout: ["session-token", "secret-key"] as const } };
  return runProgram({ ...start, args: ["--no-input", "--verbose"], env: { ONELOGIN_PASSWORD: password } });
}

Deno.test("lockout: a scheduled job with a stale password posts it once, sends nothing more, and recovers with the new one", () =>
  withSimulator(SCENARIO, async (simulator) => {
    const home = freshFolder("home");
    const first = await job(simulator, home, WRONG);
    assert.equal(first.code, 3, first.stderr);
    assert.equal(simulator.passwordPosts, 1);
    const before = simulator.requests.length;
    const second = await job(simulator, home, WRONG);
    assert.equal(second.code, 9, second.stderr);
    assert.match(
      second.stderr,
      /error: will not send .*password.*"ada@example\.com".* less than a minute ago\n.*hint: .*ONELOGIN_PASSWORD/,
    );
    assert.equal(second.stdout, "");
    assert.equal(simulator.requests.length, before);
    const remembered = second.tree().find(({ path }) => path === ".onelogin/refusals.json");
    assert.deepEqual([remembered?.mode, JSON.parse(remembered?.text ?? "").refusals.length], [PRIVATE_MODE, 1]);
    assert.ok(!second.exists(".onelogin/sign_in.lock"));
    const third = await job(simulator, home, ADA.password);
    assert.equal(third.code, 0, third.stderr);
    assert.deepEqual(JSON.parse(third.file(".onelogin/refusals.json")).refusals, []);
  }));

Deno.test("lockout: of ten runs at once with a stale password, however it comes, one posts it", async () => {
  const ways = [
    { runs: 10, args: ["--no-input"], env: { ONELOGIN_PASSWORD: WRONG } },
    { runs: 4, args: [], env: { ONELOGIN_PASSWORD: WRONG } },
    { runs: 4, args: [], stdin: [WRONG] },
    { runs: 4, args: ["--onelogin-password-stdin"], stdin: [WRONG] },
  ];
  for (const { runs, ...way } of ways) {
    await withSimulator(SCENARIO, async (simulator) => {
      const start = { simulator, home: freshFolder("home"), files: defaultFiles, ...way };
      const results = await Promise.all(Array.from({ length: runs }, () => runProgram(start)));
      assert.deepEqual(results.map(({ code }) => code).sort(), [3, ...Array(runs - 1).fill(9)], results[0]?.stderr);
      assert.equal(simulator.passwordPosts, 1);
    });
  }
});

Deno.test("lockout: without a person, a run that could not remember a refusal posts nothing", {
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
}, () =>
  withSimulator(SCENARIO, async (simulator) => {
    const home = freshFolder("home");
    const folder = `${home}/.onelogin`;
    await Deno.mkdir(folder);
    const mount = (...args: string[]) => new Deno.Command("mount", { args, stderr: "null" }).output();
    if (!(await mount("-t", "tmpfs", "-o", "size=16k", "tmpfs", folder)).success) {
      return console.log("      skipped: this user may not mount");
    }
    try {
      await job(simulator, home, WRONG);
      assert.equal(simulator.passwordPosts, 1);
      await Deno.remove(`${folder}/refusals.json`);
      await mount("-o", "remount,ro", folder);
      const readOnly = await runProgram({ simulator, home, args: ["--no-input"], env: { ONELOGIN_PASSWORD: WRONG } });
      assert.equal(readOnly.code, 9, readOnly.stderr);
      assert.match(readOnly.stderr, /\.onelogin" \(Read-only file system/);
      await mount("-o", "remount,rw", folder);
      // Full: the last byte is taken.
      await new Deno.Command("dd", { args: ["if=/dev/zero", `of=${folder}/rest`, "bs=4096"], stderr: "null" }).output();
      const full = await runProgram({ simulator, home, args: ["--no-input"], env: { ONELOGIN_PASSWORD: WRONG } });
      assert.equal(full.code, 9, full.stderr);
      assert.match(full.stderr, /\.onelogin" \(No space left on device/);
      assert.equal(simulator.passwordPosts, 1);
    } finally {
      await new Deno.Command("umount", { args: [folder] }).output();
    }
  }));

Deno.test("lockout: lines from a pipe are tried once each, across runs, and their end is the protective stop", () =>
  withSimulator(SCENARIO, async (simulator) => {
    const home = freshFolder("home");
    const feed = (lines: readonly string[]) =>
      runProgram({ simulator, home, files: defaultFiles, args: [], stdin: lines });
    assert.equal((await feed([WRONG])).code, 3);
    const again = await feed([WRONG, WRONG, WRONG, WRONG, WRONG, WRONG]);
    assert.equal(again.code, 9, again.stderr);
    assert.equal(simulator.passwordPosts, 1);
    // The line behind a password that OneLogin takes by now would be for a menu.
    const before = simulator.requests.length;
    assert.equal((await feed([WRONG, ADA.password])).code, 9);
    assert.equal(simulator.requests.length, before);
    const corrected = await feed([ADA.password]);
    assert.equal(corrected.code, 0, corrected.stderr);
    assert.equal(simulator.passwordPosts, 2);
  }));

Deno.test("lockout: a password that is not UTF-8 is posted neither from a pipe nor from the environment", () =>
  withSimulator(SCENARIO, async (simulator) => {
    const latin1 = new Uint8Array([0x62, 0xe4, 0x72, 0x0a]);
    for (const args of [[], ["--onelogin-password-stdin"]]) {
      const end = await runProgram({
        simulator,
        files: defaultFiles,
        args,
        stdin: (run) => run.write(latin1),
      });
      assert.equal(end.code, 2, end.stderr);
      assert.match(end.stderr, /error: cannot read the input: it is not UTF-8 text\n.*hint: set the terminal to UTF-8/);
    }
    const replaced = await runProgram({
      simulator,
      files: defaultFiles,
      args: ["--no-input"],
      env: { ONELOGIN_PASSWORD: "b\ufffdr" },
    });
    assert.equal(replaced.code, 2, replaced.stderr);
    assert.match(replaced.stderr, /ONELOGIN_PASSWORD.*UTF-8/);
    assert.deepEqual([simulator.passwordPosts, simulator.requests.length], [0, 0]);
  }));

Deno.test({
  name: "lockout: a person at a terminal is asked for another password than the refused one in the environment",
  ignore: await noPty(),
  fn: () =>
    withSimulator(SCENARIO, async (simulator) => {
      const home = freshFolder("home");
      await job(simulator, home, WRONG);
      await using pty = await openPty({
        simulator,
        home,
        files: defaultFiles,
        args: [],
        env: { ONELOGIN_PASSWORD: WRONG },
        stdout: "pipe",
      });
      await pty.expect(/warning: will not send /);
      await pty.expect(/the same again: send it anyway/);
      await pty.send(ADA.password);
      await pty.sendKey("enter");
      const end = await pty.wait();
      assert.equal(end.code, 0, pty.screen());
      assert.match(end.stdout, /AWS_SESSION_TOKEN/);
      assert.equal(simulator.passwordPosts, 2);
    }),
});

Deno.test({
  name:
    "lockout: of five terminals with the same stale password in the environment one posts it, and each can continue",
  ignore: await noPty(),
  fn: () =>
    withSimulator(SCENARIO, async (simulator) => {
      const home = freshFolder("home");
      const start = { simulator, home, files: defaultFiles, args: [], env: { ONELOGIN_PASSWORD: WRONG } };
      await using terminals = new AsyncDisposableStack();
      const ptys = await Promise.all(
        Array.from({ length: 5 }, async () => terminals.use(await openPty({ ...start, stdout: "pipe" }))),
      );
      // The one whose post was refused reports it, the others that they send nothing.
      await Promise.all(ptys.map((pty) => pty.expect(/warning: [^]*OneLogin password of ada@example.com/)));
      assert.equal(simulator.passwordPosts, 1);
      assert.equal(ptys.filter((pty) => pty.screen().includes("will not send the password")).length, 4);
      // Nobody waits for the four that are at their question.
      for (const [index, pty] of ptys.entries()) {
        await pty.send(ADA.password);
        await pty.sendKey("enter");
        const end = await pty.wait();
        assert.equal(end.code, 0, pty.screen());
        assert.equal(simulator.passwordPosts, index + 2);
      }
    }),
});
