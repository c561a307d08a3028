/** Ctrl-C while the program computes: there is one thread, so whatever computes has to let the signal in. */
import assert from "node:assert/strict";
import { defaultFiles, freshFolder, withSimulator } from "./harness.ts";
import { ada, ADMIN, run } from "./runs.ts";

const windows = Deno.build.os === "windows";
/** The note makes it a file that is edited and proven as a whole: one reader sees no header there. */
const TEXT = `[other]; note\n${
  Array.from(
    { length: 10_000 },
    (_, i) => `[p${i}]\naws_access_key_id = A${i}\naws_session_token = ${"t".repeat(600)}${i}\n\n`,
  ).join("")
}`;

Deno.test("Ctrl-C: a login ends while it gets and reads a hostile assertion, whenever the signal comes", {
  ignore: windows,
}, async () => {
  const roles = [{ xml: `<a b="c" d="e" f="g"/>`.repeat(19_500) }];
  for (const delay of [0, 60]) {
    await withSimulator({ ...ada(), roles, maxAssertionLength: 4_000_000 }, async (simulator) => {
      const result = await run(simulator, {
        args: [...ADMIN, "--no-input"],
        async stdin(live) {
          await simulator.waitFor("assertion");
          await new Promise((resolve) => setTimeout(resolve, delay));
          live.kill("SIGINT");
        },
      });
      assert.equal(result.code, 130, result.stderr);
      assert.equal(result.stdout, "");
    });
  }
});

Deno.test("Ctrl-C: a login ends in the middle of editing a file of 10,000 profiles, which stays as it was", {
  ignore: windows,
}, async () => {
  await withSimulator(ada(), async (simulator) => {
    const home = freshFolder("home");
    const result = await run(simulator, {
      home,
      files: { ...defaultFiles, ".aws/credentials": TEXT },
      args: [...ADMIN, "--no-input", "-p", "dev"],
      async stdin(live) {
        await live.until(() => exists(`${home}/.aws/credentials.onelogin-lock`));
        live.kill("SIGINT");
      },
    });
    assert.equal(result.code, 130, result.stderr);
    assert.equal(result.file(".aws/credentials"), TEXT);
    assert.ok(!result.exists(".aws/credentials.onelogin-tmp"));
  });
});

Deno.test("a signal ends a login of credential-process with its code, and leaves no lock", {
  ignore: windows,
}, async () => {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    await withSimulator({ ...ada(), latencyMs: { assertion: 20_000 } }, async (simulator) => {
      const home = freshFolder("home");
      const result = await run(simulator, {
        home,
        args: ["credential-process", ...ADMIN, "-p", "dev"],
        async stdin(live) {
          await simulator.waitFor("assertion");
          live.kill(signal);
        },
      });
      assert.deepEqual([result.code, result.stdout], [code, ""], result.stderr);
      const names = Array.from(Deno.readDirSync(`${home}/.onelogin/cache`), ({ name }) => name);
      assert.deepEqual(names.filter((name) => /lock|tmp/.test(name)), []);
    });
  }
});

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
