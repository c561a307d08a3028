/** The programs that are measured: ours, and the floors it is compared with, made by the same compiler with the same flags. */
import { bundle } from "../scripts/bundle.ts";
import { compile } from "../scripts/compile.ts";
import { ROOT } from "../scripts/start_task.ts";
import { isTarget } from "../scripts/toolchain.ts";

export interface Programs {
  readonly ours: string;
  /** An empty program: what the runtime costs. */
  readonly floor: string;
  /** A program that starts one empty worker without permissions: what the sandbox costs. */
  readonly worker: string;
}

const FOLDER = "dist/bench";
const START_WORKER = `const deno = { permissions: "none" };
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module", deno });
worker.onmessage = () => Deno.exit(0);
`;

/** Builds all three. `DENORT_BIN` in the environment counts as it does for `deno task compile`. */
export async function build(): Promise<Programs> {
  const { target } = Deno.build;
  if (!isTarget(target)) throw new Error(`nothing is built for ${target}`);
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  const program = (name: string) => `${FOLDER}/${name}${suffix}`;
  await compile(await bundle(`${FOLDER}/bundle`), target, program("ours"));
  for (const [name, main] of [["floor", ""], ["floor-worker", START_WORKER]] as const) {
    const folder = `${FOLDER}/${name}-source`;
    await Deno.mkdir(new URL(folder, ROOT), { recursive: true });
    await Deno.writeTextFile(new URL(`${folder}/main.js`, ROOT), main);
    await Deno.writeTextFile(new URL(`${folder}/worker.js`, ROOT), 'self.postMessage("ready");\n');
    await compile({ main: `${folder}/main.js`, worker: `${folder}/worker.js` }, target, program(name));
  }
  const path = (name: string) => Deno.realPathSync(new URL(program(name), ROOT));
  return { ours: path("ours"), floor: path("floor"), worker: path("floor-worker") };
}
