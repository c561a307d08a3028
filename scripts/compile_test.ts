import assert from "node:assert/strict";
import { checkToolchain, compileFlags, inPlace } from "./compile.ts";
import { shippedFlags, startFlags } from "./start_task.ts";
import { DENO_VERSION, isTarget, TARGETS } from "./toolchain.ts";

Deno.test("checkToolchain(): the pinned Deno builds, another one only with a runtime of its own, or for a test", () => {
  checkToolchain(DENO_VERSION, undefined);
  checkToolchain("2.4.2", "/a/denort");
  checkToolchain("2.4.2", undefined, true);
  assert.throws(() => checkToolchain("2.4.2", undefined), /built with Deno .*this is 2\.4\.2[^]*hint: npx -y deno@/);
  assert.throws(() => checkToolchain("2.4.2", ""), /DENORT_BIN/);
});

Deno.test("inPlace(): a build that fails leaves the file that was there, one that ends well replaces it", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const output = `${folder}/dist/program`;
    const names: string[] = [];
    await inPlace(output, async (beside) => {
      names.push(beside.replaceAll("\\", "/").split("/").at(-1) ?? "");
      await Deno.writeTextFile(beside, "old");
    });
    assert.deepEqual(names, ["program"]);
    const failing = inPlace(output, async (beside) => {
      await Deno.writeTextFile(beside, "half");
      throw new Error("the build failed");
    });
    await assert.rejects(failing, /the build failed/);
    assert.equal(Deno.readTextFileSync(output), "old");
    await inPlace(output, (beside) => Deno.writeTextFile(beside, "new"));
    assert.equal(Deno.readTextFileSync(output), "new");
    assert.deepEqual(Array.from(Deno.readDirSync(`${folder}/dist`), ({ name }) => name), ["program"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("startFlags(): takes what is between deno run and main.ts", () => {
  assert.deepEqual(
    startFlags(`deno run --no-prompt --allow-net="a:1,b:2" '--v8-flags=--x --y' --deny-run ./main.ts "$@"`),
    ["--no-prompt", "--allow-net=a:1,b:2", "--v8-flags=--x --y", "--deny-run"],
  );
  assert.throws(() => startFlags("deno test main.ts"), /the task is not/);
});

Deno.test("compileFlags(): the shipped permissions of the platform and no others, no code cache", () => {
  for (
    const [target, platform] of [["x86_64-unknown-linux-gnu", "linux"], ["x86_64-pc-windows-msvc", "windows"]] as const
  ) {
    const permissions = shippedFlags(platform);
    const flags = compileFlags(target, "2.4.2");
    assert.deepEqual(flags.slice(-permissions.length), permissions);
    assert.ok(
      !flags.slice(0, -permissions.length).some((flag) =>
        /^(?:-A|-P|--(?:allow|deny|permission|env-file|unstable))/.test(flag)
      ),
    );
  }
  const flags = compileFlags("x86_64-unknown-linux-gnu", "2.4.2");
  // Deno would read and write it in the folder for temporary files, under the name of the executable.
  assert.ok(flags.includes("--no-code-cache"));
  assert.ok(
    compileFlags("x86_64-unknown-linux-gnu", DENO_VERSION).includes("--app-name=onelogin-aws-assume-role"),
  );
});

Deno.test("isTarget(): the six of a release and nothing that an object happens to have", () => {
  assert.equal(Object.keys(TARGETS).length, 6);
  assert.ok(isTarget("aarch64-apple-darwin"));
  assert.ok(!isTarget("toString"));
  assert.ok(!isTarget("x86_64-unknown-linux-musl"));
});
