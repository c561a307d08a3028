/** The programs that are measured: ours, and the floor it is compared with, made by the same compiler with the same flags. */
import { bundle } from "../scripts/bundle.ts";
import { compile } from "../scripts/compile.ts";
import { ROOT } from "../scripts/start_task.ts";
import { isTarget } from "../scripts/toolchain.ts";

export interface Programs {
  readonly ours: string;
  /** An empty program: what the runtime costs. */
  readonly floor: string;
}

const FOLDER = "dist/bench";
/** Builds both. `DENORT_BIN` in the environment counts as it does for `deno task compile`. */
export async function build(): Promise<Programs> {
  const { target } = Deno.build;
  if (!isTarget(target)) throw new Error(`nothing is built for ${target}`);
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  const program = (name: string) => `${FOLDER}/${name}${suffix}`;
  await compile(await bundle(`${FOLDER}/bundle`), target, program("ours"));
  const folder = `${FOLDER}/floor-source`;
  await Deno.mkdir(new URL(folder, ROOT), { recursive: true });
  // A compiled program has the browser's thread in it.
  for (const name of ["main.js", "browser_worker.js"]) await Deno.writeTextFile(new URL(`${folder}/${name}`, ROOT), "");
  await compile(`${folder}/main.js`, target, program("floor"));
  const path = (name: string) => Deno.realPathSync(new URL(program(name), ROOT));
  return { ours: path("ours"), floor: path("floor") };
}
