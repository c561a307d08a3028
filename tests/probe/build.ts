/**
 * The real launcher with the probe behind it in place of the program. `deno run -A tests/probe/build.ts OUTPUT` compiles
 * it as a release is compiled (`DENORT_BIN` as for `deno task compile`); `OLAWS_PROBE_BIN=OUTPUT` has it tested.
 */
import { deno } from "../../scripts/bundle.ts";
import { compile } from "../../scripts/compile.ts";
import { isTarget, type Target } from "../../scripts/toolchain.ts";

const ROOT = new URL("../../", import.meta.url);

/** Writes main.ts, with nothing but the name of the worker changed, into a folder. Returns both files' paths. */
export async function writeProbe(folder: string): Promise<{ readonly main: string; readonly worker: string }> {
  const launcher = await Deno.readTextFile(new URL("main.ts", ROOT));
  const probe = await Deno.readTextFile(new URL("tests/probe/worker.ts", ROOT));
  const named = launcher.split('"./src/worker.ts"');
  if (named.length !== 2) throw new Error("main.ts names its worker otherwise than once");
  const files = { main: `${folder}/main.ts`, worker: `${folder}/probe_worker.ts` };
  await Deno.writeTextFile(
    files.main,
    named.join('"./probe_worker.ts"').replaceAll('from "./src/', `from "${new URL("src/", ROOT)}`),
  );
  await Deno.writeTextFile(files.worker, probe);
  return files;
}

/** As a release is: what is not in the bundle would be looked for on the disk. */
async function bundled(entries: Awaited<ReturnType<typeof writeProbe>>, folder: string): Promise<typeof entries> {
  await deno([
    "bundle",
    "--quiet",
    "--platform=deno",
    "--code-splitting",
    `--outdir=${folder}`,
    entries.main,
    entries.worker,
  ], {});
  const files = { main: `${folder}/main.js`, worker: `${folder}/probe_worker.js` };
  const launcher = await Deno.readTextFile(files.main);
  await Deno.writeTextFile(files.main, launcher.replace('"./probe_worker.ts"', '"./probe_worker.js"'));
  return files;
}

function target(): Target {
  if (!isTarget(Deno.build.target)) throw new Error(`no release is made for ${Deno.build.target}`);
  return Deno.build.target;
}

if (import.meta.main) {
  const [output] = Deno.args;
  if (output === undefined) throw new Error("usage: deno run -A tests/probe/build.ts OUTPUT");
  const folder = await Deno.makeTempDir();
  try {
    const path = output.startsWith("/") ? output : `${Deno.cwd()}/${output}`;
    await compile(await bundled(await writeProbe(folder), `${folder}/bundle`), target(), path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
