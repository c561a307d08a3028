/**
 * Builds the executable; the one place that does. `deno task compile [--target TARGET] [--output PATH] [--test-build]`
 *
 * Its permissions are the outer wall of src/outer_wall.ts. `DENORT_BIN` names the runtime to put the program into, for machines
 * that cannot download it, and for tests with another version of Deno. Without it the pinned one is taken, and as long as
 * scripts/denort.json has no checksum for the target, the one that Deno downloads. With `--test-build` that goes for any
 * version of Deno: nothing vouches for such a runtime, and nobody should publish what is made with it. With `--pinned` only
 * the pinned Deno and the pinned runtime are taken, and anything else is an error.
 */
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundle, deno } from "./bundle.ts";
import { checkDeno, fetchDenort, hasPin, pinOf } from "./denort.ts";
import { readDenoJson, ROOT, shippedFlags } from "./start_task.ts";
import { DENO_VERSION, isTarget, isWindows, type Target, TARGETS } from "./toolchain.ts";
import { PROGRAM as NAME } from "../src/version.ts";

const USAGE = `usage: deno task compile [--target TARGET] [--output PATH] [--test-build | --pinned]\ntargets: ${
  Object.keys(TARGETS).join("\n         ")
}`;

/** The flags of `deno compile` by the given version of Deno. */
export function compileFlags(target: Target, deno: string): readonly string[] {
  return [
    "--quiet",
    // All there is lies in the bundle: nothing is looked up, downloaded or embedded besides it.
    "--no-check",
    "--no-config",
    "--no-lock",
    "--no-npm",
    "--no-remote",
    // The cache would be a file with a guessable name in the folder that all users of a machine may write to.
    "--no-code-cache",
    ...(deno === DENO_VERSION ? [`--app-name=${NAME}`] : []),
    ...shippedFlags(isWindows(target) ? "windows" : "linux"),
  ];
}

/** Puts a bundle into an executable. `env` may name a `DENORT_BIN`. */
export async function compile(
  entry: string,
  target: Target,
  output: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const flags = compileFlags(target, Deno.version.deno);
  const worker = `--include=${join(dirname(entry), "browser_worker.js")}`;
  await deno(["compile", ...flags, worker, `--target=${target}`, `--output=${output}`, entry], env);
}

/**
 * Throws an Error unless this Deno may build: the pinned one always, another one with a runtime of its own, or when
 * `testBuild`: it is for a test.
 */
export function checkToolchain(version: string, denort: string | undefined, testBuild = false): void {
  if (version === DENO_VERSION || denort || testBuild) return;
  throw new Error(
    `releases are built with Deno ${DENO_VERSION}, this is ${version}\n` +
      `hint: npx -y deno@${DENO_VERSION} task compile\n` +
      `hint: for a test build add --test-build, or set DENORT_BIN to the denort of Deno ${version}`,
  );
}

/**
 * Lets `build` write the file `output` under another folder beside it, and puts it in its place when `build` has ended well:
 * a build that fails leaves what was there. The name stays the same, since it goes into the executable.
 */
export async function inPlace(output: string, build: (beside: string) => Promise<void>): Promise<void> {
  await Deno.mkdir(dirname(output), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: dirname(output), prefix: ".building-" });
  try {
    const beside = join(folder, basename(output));
    await build(beside);
    await Deno.rename(beside, output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: [...Deno.args],
    options: {
      target: { type: "string", default: Deno.build.target },
      output: { type: "string" },
      "test-build": { type: "boolean", default: false },
      pinned: { type: "boolean", default: false },
    },
  });
  const { target } = values;
  if (!isTarget(target)) throw new Error(`unknown target "${target}"\n${USAGE}`);
  const denort = values.pinned ? undefined : Deno.env.get("DENORT_BIN");
  checkToolchain(Deno.version.deno, denort, values["test-build"]);
  if (values.pinned) {
    await checkDeno();
    pinOf(target);
  }
  const suffix = isWindows(target) ? ".exe" : "";
  const folder = target === Deno.build.target ? "dist" : `dist/${target}`;
  const shown = values.output ?? `${folder}/${NAME}${suffix}`;
  const output = resolve(fileURLToPath(ROOT), shown);

  const entry = await bundle("dist/bundle");
  await inPlace(output, async (beside) => {
    try {
      const pinned = !denort && hasPin(target)
        ? await fetchDenort(pinOf(target), join(fileURLToPath(ROOT), "dist", "denort", target))
        : undefined;
      if (!denort && pinned === undefined) {
        console.error("compile: note: no checksum of the runtime is pinned; it is the one that Deno downloads");
      }
      await compile(entry, target, beside, pinned === undefined ? {} : { DENORT_BIN: pinned });
    } catch (error) {
      const hint = denort
        ? ""
        : "\nhint: where the runtime cannot be downloaded, set DENORT_BIN to a denort of this version";
      throw new Error(`${error instanceof Error ? error.message : String(error)}${hint}`);
    }
    if (target === Deno.build.target) await smoke(beside);
  });
  const { size } = await Deno.stat(output);
  console.log(
    `${shown}  ${(size / 1e6).toFixed(1)} MB${
      Deno.version.deno === DENO_VERSION ? "" : `  (a test build, with Deno ${Deno.version.deno})`
    }`,
  );
}

/** A build that does not start is no build. */
async function smoke(output: string): Promise<void> {
  const { version } = await readDenoJson();
  const { code, stdout } = await new Deno.Command(output, {
    args: ["--version"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  const printed = new TextDecoder().decode(stdout).trim();
  if (code !== 0 || !printed.startsWith(`${NAME} ${version} (`)) {
    throw new Error(`${output} --version printed "${printed}" and ended with ${code}, not "${NAME} ${version}" and 0`);
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`compile: error: ${error instanceof Error ? error.message : String(error)}`);
    Deno.exit(1);
  }
}
