/**
 * The real launcher with the probe behind it in place of the program. `deno run -A tests/probe/build.ts OUTPUT [TARGET]`
 * compiles it as a release is compiled (`DENORT_BIN` as for `deno task compile`); `OLAWS_PROBE_BIN=OUTPUT` has it tested.
 */
import { resolve } from "node:path";
import { deno, WORKER_PLACE } from "../../scripts/bundle.ts";
import { compile } from "../../scripts/compile.ts";
import { isTarget, type Target } from "../../scripts/toolchain.ts";

const ROOT = new URL("../../", import.meta.url);

/** Writes main.ts, with the probe in place of the program and nothing else changed, into a folder. Returns its path. */
export async function writeProbe(folder: string): Promise<string> {
  const launcher = await Deno.readTextFile(new URL("main.ts", ROOT));
  const probe = await Deno.readTextFile(new URL("tests/probe/program.ts", ROOT));
  const named = launcher.split('import("./src/program.ts")');
  if (named.length !== 2) throw new Error("main.ts does not load its program exactly once");
  const main = `${folder}/main.ts`;
  await Deno.writeTextFile(
    main,
    named.join('import("./probe_program.ts")').replaceAll('"./src/', `"${new URL("src/", ROOT)}`),
  );
  await Deno.writeTextFile(`${folder}/probe_program.ts`, probe);
  return main;
}

/** As a release is: what is not in the bundle would be searched for on the disk. */
async function bundled(main: string, folder: string): Promise<string> {
  await deno(["bundle", "--quiet", "--platform=deno", "--code-splitting", `--outdir=${folder}`, main], {});
  await deno(["bundle", "--quiet", "--platform=deno", `--outdir=${folder}`, "src/browser_worker.ts"], {});
  for (const { name } of Deno.readDirSync(folder)) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/${name}`, text.replace(WORKER_PLACE, '"./browser_worker.js"'));
  }
  return `${folder}/main.js`;
}

function checked(target: string): Target {
  if (!isTarget(target)) throw new Error(`no release is made for ${target}`);
  return target;
}

if (import.meta.main) {
  const [output, target = Deno.build.target] = Deno.args;
  if (output === undefined) throw new Error("usage: deno run -A tests/probe/build.ts OUTPUT [TARGET]");
  const folder = await Deno.makeTempDir();
  try {
    await compile(await bundled(await writeProbe(folder), `${folder}/bundle`), checked(target), resolve(output));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
