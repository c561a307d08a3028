/** Outputs that nobody reads, are full or closed, and a terminal of unknown type. */
import assert from "node:assert/strict";
import { DEMO_SCENARIO } from "../simulator/demo_world.ts";
import type { Simulator } from "../simulator/server.ts";
import { defaultFiles, freshFolder, prepare, runProgram, withSimulator } from "./harness.ts";
import { ada, ADMIN, PASSWORD } from "./runs.ts";

const ignore = Deno.build.os === "windows";
const LOGIN = ["--no-input", ...ADMIN];

/** The program in a shell: `script` has it as "$@". The code it ended with is the last line of stderr. */
async function inShell(simulator: Simulator, script: string, args: readonly string[]) {
  // The program under test gets its own environment: that of a foreign program has no cache of Deno's.
  const { command, env } = await prepare({ simulator, args: [] });
  const run = await runProgram({
    simulator,
    files: defaultFiles,
    args,
    program: ["/bin/sh", "-c", script, "sh", ...command],
    env: { ...Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("DENO_"))), ...PASSWORD },
  });
  const code = /code (\d+)\n$/.exec(run.stderr)?.[1];
  return { ...run, code: Number(code), stderr: run.stderr.replace(/code \d+\n$/, "") };
}

Deno.test({
  name: "streams: a reader that has gone is one clear line and exit code 2, never a stack",
  ignore,
  fn: () =>
    withSimulator(ada(), async (simulator) => {
      // The reader closes its end before the program reports anything.
      const gone = await inShell(simulator, `{ sleep 0.2; "$@"; echo "code $?" >&2; } | exec true`, LOGIN);
      assert.equal(gone.code, 2, gone.stderr);
      assert.match(gone.stderr, /error: cannot write to standard output: .*\n.*hint: /);
      const head = await inShell(simulator, `{ "$@"; echo "code $?" >&2; } | head -c 1`, LOGIN);
      assert.deepEqual([head.code, head.stdout], [0, "e"]);
    }),
});

Deno.test({
  name: "streams: a full disk behind a redirection is reported, and a profile that was saved stays saved",
  ignore: ignore || Deno.build.os !== "linux",
  fn: () =>
    withSimulator(ada(), async (simulator) => {
      const args = [...LOGIN, "--profile", "dev", "--output", "json"];
      const run = await inShell(simulator, `"$@" >/dev/full; echo "code $?" >&2`, args);
      assert.equal(run.code, 2, run.stderr);
      assert.match(run.stderr, /error: cannot write to standard output: no space left on device\n/);
      assert.match(run.file(".aws/credentials"), /\[dev\]/);
    }),
});

Deno.test({
  name: "streams: --help and --version that cannot be printed are one clear line and exit code 2",
  ignore: ignore || Deno.build.os !== "linux",
  fn: () =>
    withSimulator(ada(), async (simulator) => {
      for (const option of ["--help", "--version"]) {
        const run = await inShell(simulator, `"$@" >/dev/full; echo "code $?" >&2`, [option]);
        assert.equal(run.code, 2, run.stderr);
        assert.match(
          run.stderr,
          /^[^\n]*error: cannot write to standard output: no space left on device\n[^\n]*hint: [^\n]*\n$/,
        );
      }
    }),
});

Deno.test({
  name: "streams: without stderr, without stdin and with a full stderr, the data still comes",
  ignore: ignore || Deno.build.os !== "linux",
  fn: () =>
    withSimulator(ada(), async (simulator) => {
      for (const redirection of ["2>&-", "<&-", "2>/dev/full"]) {
        const run = await inShell(simulator, `exec 3>&2; "$@" ${redirection}; echo "code $?" >&3`, LOGIN);
        assert.equal(run.code, 0, `${redirection}: ${run.stderr}`);
        assert.match(run.stdout, /AWS_SESSION_TOKEN/, redirection);
      }
    }),
});

Deno.test({
  name: "streams: a failure without stderr keeps its exit code",
  ignore,
  fn: () =>
    withSimulator({ ...ada(), clientSecret: `${DEMO_SCENARIO.clientSecret}x` }, async (simulator) => {
      const run = await inShell(simulator, `exec 3>&2; "$@" 2>&-; echo "code $?" >&3`, LOGIN);
      assert.deepEqual([run.code, run.stdout, run.stderr], [3, "", ""]);
    }),
});

Deno.test("streams: foreign text cannot write to the terminal, wherever it comes from (attacker: who writes it)", () =>
  withSimulator(ada(), async (simulator) => {
    const evil = "x\u001b]0;y\u0007\u009b2J\u202ez\u200b";
    const cwd = `${freshFolder("cwd")}/${ignore ? "x" : evil}`;
    await Deno.mkdir(cwd);
    const start = { simulator, files: defaultFiles, cwd, env: PASSWORD };
    const allow = { files: { [`.aws/${evil}`]: ["secret-key", "session-token"] } } as const;
    // deno-lint-ignore no-control-regex
    const seen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/;
    const runs = [
      [...LOGIN, "--verbose", "--profile", "x\u202ez\u200b"],
      [...LOGIN, "--verbose", "-f", `~/.aws/${evil}`],
      ["roles", "--no-input", "--roles", evil],
      ["doctor", "-c", evil],
      ["doctor", "-c", cwd],
      ["--no-input", "--onelogin-subdomain", evil],
      ["--no-input", "--aws-role-name", evil],
      [evil],
    ];
    for (const args of runs) {
      const { stdout, stderr } = await runProgram({ ...start, args, allow });
      assert.doesNotMatch(stderr, seen, args.join(" "));
      if (args[0] === "doctor" || args[0] === "roles") assert.doesNotMatch(stdout, seen, args.join(" "));
    }
  }));
