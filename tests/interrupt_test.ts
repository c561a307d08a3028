/** Ctrl-C while the program computes: one thread does everything, so no piece of work may keep it from listening. */
import assert from "node:assert/strict";
import { manyRoles } from "../simulator/demo_world.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { ada, ADMIN, PASSWORD, run } from "./runs.ts";

const ignore = Deno.build.os === "windows";

Deno.test(
  "Ctrl-C: while a server's huge assertion is read the run ends with 130 and prints no role",
  { ignore },
  async () => {
    await withSimulator({ ...ada(), roles: manyRoles(5000) }, async (simulator) => {
      const result = await run(simulator, {
        args: ["roles", "--no-input"],
        env: PASSWORD,
        async stdin(live) {
          await simulator.waitFor("assertion", 1);
          live.kill("SIGINT");
        },
      });
      assert.equal(result.code, 130, result.stderr);
      assert.equal(result.stdout, "");
    });
  },
);

Deno.test(
  "Ctrl-C: while a file of 10,000 profiles is edited the file is the old one or the new one, whole",
  { ignore },
  async () => {
    const old = Array.from(
      { length: 10_000 },
      (_, index) => `[profile-${index}]\naws_access_key_id = AKIAEXAMPLE${index}\naws_secret_access_key = example\n`,
    ).join("\n");
    await withSimulator(ada(), async (simulator) => {
      const result = await run(simulator, {
        args: [...ADMIN, "--no-input", "--profile", "new"],
        env: PASSWORD,
        files: { ...defaultFiles, ".aws/credentials": old },
        async stdin(live) {
          await simulator.waitFor("AssumeRoleWithSAML", 1);
          live.kill("SIGINT");
        },
      });
      const now = result.file(".aws/credentials");
      assert.ok(now.startsWith(old));
      if (result.code === 130) assert.equal(now, old);
      else assert.match(now, /aws_session_token/);
      assert.ok([0, 130].includes(result.code), result.stderr);
      assert.deepEqual(result.tree().filter(({ path }) => path.endsWith("-tmp")).map(({ path }) => path), []);
    });
  },
);
