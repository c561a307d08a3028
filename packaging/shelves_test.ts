/**
 * The wheel and the npm packages, installed by the tools that people have, over the Python tool from PyPI. It needs PyPI and
 * a built program, so it runs only with `OLAWS_SHELVES=1`, as .ci/run sets it; everything else is tested in scripts/.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { freshFolder, withSimulator } from "../tests/harness.ts";
import { ada, ADMIN, run as runInstalled } from "../tests/runs.ts";
import { names } from "./testing.ts";
import { VERSION } from "../src/version.ts";

const NAME = "onelogin-aws-assume-role";
const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const built = Deno.build.target === "x86_64-unknown-linux-gnu" && names(DIST).includes(NAME);
const ignore = !built || Deno.env.get("OLAWS_SHELVES") !== "1";
if (ignore) {
  console.error("nothing is installed by pip, pipx, uvx and npm in a test: that needs OLAWS_SHELVES=1 and a build");
}

/** Runs a command that has to end well, away from this checkout and the home folder. Returns its stdout. */
async function sh(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: folder,
    env: { ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, `${command} ${args.join(" ")}\n${text(stdout)}${text(stderr)}`);
  return text(stdout);
}

async function logsIn(program: string): Promise<void> {
  assert.ok((await sh(program, ["--version"])).startsWith(`${NAME} ${VERSION} (`));
  await withSimulator(ada(), async (simulator) => {
    const args = [...ADMIN, "--no-input", "--profile", "dev"];
    const login = await runInstalled(simulator, { program: [program], args });
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.file(".aws/credentials"), /^\[dev\]\naws_access_key_id = ASIA/m);
  });
}

const folder = ignore ? "" : freshFolder("shelves");
const packed = ignore ? [] : [
  await sh(Deno.execPath(), ["run", "-A", new URL("../scripts/wheel.ts", import.meta.url).href]),
  await sh(Deno.execPath(), ["run", "-A", new URL("../scripts/npm_tarballs.ts", import.meta.url).href]),
].flatMap((text) => text.trim().split("\n").map((path) => `${DIST}${path.replace("dist/", "")}`));
const [wheel = "", ...tarballs] = packed;
const bin = `${folder}/python/bin`;

Deno.test({
  name: "wheel: pip install -U replaces the Python tool, what is installed logs in, and pip removes it again",
  ignore,
  async fn() {
    await sh("python3", ["-m", "venv", `${folder}/python`]);
    const pip = (...args: string[]) => sh(`${bin}/pip`, [...args, "--quiet", "--disable-pip-version-check"]);
    await pip("install", `${NAME}==2.1.1`);
    assert.match(Deno.readTextFileSync(`${bin}/${NAME}`), /^#!.*python/);
    await pip("install", "--upgrade", wheel);
    assert.deepEqual(Deno.readFileSync(`${bin}/${NAME}`), Deno.readFileSync(`${DIST}${NAME}`));
    await pip("check");
    await logsIn(`${bin}/${NAME}`);
    await pip("uninstall", "--yes", NAME);
    assert.ok(!names(bin).includes(NAME));
  },
});

Deno.test({
  name: "wheel: pipx installs it, and uvx runs it",
  ignore,
  async fn() {
    await sh(`${bin}/pip`, ["install", "--quiet", "--disable-pip-version-check", "pipx==1.18.4", "uv==0.13.9"]);
    const env = { PIPX_HOME: `${folder}/pipx`, PIPX_BIN_DIR: `${folder}/pipx-bin`, UV_CACHE_DIR: `${folder}/uv` };
    await sh(`${bin}/pipx`, ["install", wheel], env);
    await logsIn(`${folder}/pipx-bin/${NAME}`);
    await sh(`${bin}/pipx`, ["uninstall", NAME], env);
    assert.ok(!names(`${folder}/pipx-bin`).includes(NAME));
    const said = await sh(`${bin}/uvx`, ["--from", wheel, NAME, "--version"], env);
    assert.ok(said.startsWith(`${NAME} ${VERSION} (`), said);
  },
});

Deno.test({
  name: "npm: npm i -g installs it, what is installed logs in, npx runs it, and npm removes it again",
  ignore,
  async fn() {
    const npm = (...args: string[]) => sh("npm", [...args, "--silent", "--offline", "--cache", `${folder}/npm`]);
    const prefix = `${folder}/prefix`;
    await npm("install", "--global", "--prefix", prefix, ...tarballs);
    await logsIn(`${prefix}/bin/${NAME}`);
    await npm("uninstall", "--global", "--prefix", prefix, NAME);
    assert.deepEqual(names(`${prefix}/bin`), []);
    await npm("install", "--prefix", `${folder}/project`, ...tarballs);
    const said = await sh("npm", [
      "exec",
      "--prefix",
      `${folder}/project`,
      "--offline",
      "--no",
      "--",
      NAME,
      "--version",
    ]);
    assert.ok(said.startsWith(`${NAME} ${VERSION} (`), said);
  },
});
