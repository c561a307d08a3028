/** The npm packages, installed by hand into a folder as npm lays them out; packaging/shelves_test.ts has npm install them. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { npmLauncher, npmMain, npmName, npmPlatform } from "./npm_tarballs.ts";
import { isTarget, type Target, TARGETS } from "./toolchain.ts";
import { REPOSITORY } from "../src/repository.ts";

const TEXTS = { license: "MIT", thirdParty: "others", description: "# A tool\n" };
const NAME = "onelogin-aws-assume-role";
const targets = Object.keys(TARGETS).filter(isTarget);

/** The files of a tarball. */
function filesOf(
  tarball: Uint8Array<ArrayBuffer>,
): ReadonlyMap<string, { readonly text: string; readonly mode: number }> {
  const tar = gunzipSync(tarball);
  const files = new Map<string, { text: string; mode: number }>();
  for (let at = 0; tar[at] !== 0;) {
    const field = (from: number, to: number) => tar.subarray(at + from, at + to).toString().replace(/\0.*$/s, "");
    const size = parseInt(field(124, 136), 8);
    const text = tar.subarray(at + 512, at + 512 + size).toString();
    files.set(field(0, 100).replace(/^package\//, ""), { text, mode: parseInt(field(100, 108), 8) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

const manifestOf = (tarball: Uint8Array<ArrayBuffer>) => JSON.parse(filesOf(tarball).get("package.json")?.text ?? "");
const platform = (target: Target) => npmPlatform("3.0.0", target, new TextEncoder().encode("a program"), TEXTS);

Deno.test("npm packages: the main one names each system's in its own version, and none runs a script when installed", async () => {
  const main = manifestOf(npmMain("3.0.0", await npmLauncher(), TEXTS));
  assert.deepEqual(
    main.optionalDependencies,
    Object.fromEntries(targets.map((target) => [manifestOf(platform(target)).name, "3.0.0"])),
  );
  assert.deepEqual(main.bin, { [NAME]: "launcher.cjs" });
  for (const manifest of [main, ...targets.map((target) => manifestOf(platform(target)))]) {
    assert.deepEqual([manifest.scripts, manifest.dependencies], [undefined, undefined]);
    assert.equal(manifest.repository.url, `git+https://github.com/${REPOSITORY}.git`);
  }
});

Deno.test("npm packages: each declares where it runs, and has the program, runnable, and the licences", () => {
  const places = targets.map((target) => {
    const files = filesOf(platform(target));
    const program = `${NAME}${target.includes("windows") ? ".exe" : ""}`;
    assert.deepEqual(files.get(program), { text: "a program", mode: 0o755 });
    assert.deepEqual(
      [...files.keys()].sort(),
      ["LICENSE", "README.md", "THIRD_PARTY_LICENSES", program, "package.json"].sort(),
    );
    const { os, cpu, libc } = manifestOf(platform(target));
    return [os, cpu, libc].flat().filter(Boolean).join(" ");
  });
  assert.deepEqual(places.sort(), [
    "darwin arm64",
    "darwin x64",
    "linux arm64 glibc",
    "linux x64 glibc",
    "win32 arm64",
    "win32 x64",
  ]);
  assert.equal(npmName("3.0.0", "aarch64-apple-darwin"), `onelogin-${NAME}-darwin-arm64-3.0.0.tgz`);
  assert.equal(npmName("3.0.0"), `${NAME}-3.0.0.tgz`);
});

const node = await hasNode();
if (!node) console.error("the launcher of the npm package is not run in a test: node is missing");

async function hasNode(): Promise<boolean> {
  try {
    return (await new Deno.Command("node", { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Lays out the packages with a shell script in place of the program, and runs the launcher. */
async function launch(
  program: string | undefined,
  signal?: Deno.Signal,
): Promise<Deno.CommandOutput & { folder: string }> {
  const folder = Deno.makeTempDirSync();
  try {
    const main = `${folder}/node_modules/${NAME}`;
    Deno.mkdirSync(main, { recursive: true });
    for (const [name, { text }] of filesOf(npmMain("3.0.0", await npmLauncher(), TEXTS))) {
      Deno.writeTextFileSync(`${main}/${name}`, text);
    }
    const target = Deno.build.target;
    if (program !== undefined && isTarget(target)) {
      const { name } = manifestOf(platform(target));
      Deno.mkdirSync(`${folder}/node_modules/${name}`, { recursive: true });
      Deno.writeTextFileSync(`${folder}/node_modules/${name}/${NAME}`, program, { mode: 0o755 });
    }
    const child = new Deno.Command("node", {
      args: [`${main}/launcher.cjs`, "a b", "--x=*"],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (signal !== undefined) {
      while (!Array.from(Deno.readDirSync(folder)).some((entry) => entry.name === "ready")) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill(signal);
    }
    return { ...await child.output(), folder };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const ignore = !node || Deno.build.os === "windows";

Deno.test({
  name: "launcher: hands over arguments and streams, and ends with the program's exit code",
  ignore,
  async fn() {
    const { code, stdout, stderr } = await launch(`#!/bin/sh\nprintf '[%s]' "$@"\necho done >&2\nexit 8\n`);
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.deepEqual([code, decode(stdout), decode(stderr)], [8, "[a b][--x=*]", "done\n"]);
  },
});

Deno.test({
  name: "launcher: hands signals over, and ends as the program does",
  ignore,
  async fn() {
    for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
      const trap = signal.slice(3);
      const { code } = await launch(
        `#!/bin/sh\ntrap 'exit 7' ${trap}\n: >ready\nwhile [ -e ready ]; do sleep 0.02; done\n`,
        signal,
      );
      assert.equal(code, 7, signal);
    }
  },
});

Deno.test({
  name: "launcher: names what to do when the package of the system is missing",
  ignore,
  async fn() {
    const { code, stderr } = await launch(undefined);
    assert.equal(code, 2);
    assert.match(
      new TextDecoder().decode(stderr),
      /error: cannot find the program for \w+ on \w+\n.*hint: .*--omit=optional/,
    );
  },
});
