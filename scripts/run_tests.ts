/**
 * `deno task test`, `deno task e2e`: runs the tests with two jobs per processor, since many of them wait. `--bundle` first
 * bundles the program, which starts faster. Every other argument goes to `deno test`; a folder of unit tests becomes a file
 * for each room, which runs its tests in one worker: starting one and loading the fakes takes longer than most of the tests.
 */
import { bundle } from "./bundle.ts";
import { ROOT } from "./start_task.ts";

const UNITS = ["src", "simulator", "scripts", "packaging"];

/** What takes longest starts first. */
const LONGEST = [
  "docs credential_process faults/faults terminal login serve_renewal browser drop_in",
  "all_roles lockout network serve_sdks aws_readers many_roles second_factor",
].flatMap((names) => names.split(" ")).map((name) => `tests/${name}_test.ts`);

function testFiles(folder: string): readonly string[] {
  return Array.from(Deno.readDirSync(new URL(`${folder}/`, ROOT))).flatMap(({ name, isDirectory }) =>
    isDirectory ? testFiles(`${folder}/${name}`) : name.endsWith("_test.ts") ? [`${folder}/${name}`] : []
  ).sort();
}

/** Writes a file for each folder in `folder`, and one for what lies in `folder` itself. Returns their paths. */
function rooms(folder: string, into: string): readonly string[] {
  const byRoom = Map.groupBy(testFiles(folder), (path) => path.split("/").slice(0, -1).slice(0, 2).join("_"));
  return Array.from(byRoom, ([room, files]) => {
    const path = `${into}/${room}_test.ts`;
    Deno.writeTextFileSync(path, files.map((file) => `import "${new URL(file, ROOT)}";\n`).join(""));
    return path;
  });
}

const args = Deno.args.filter((arg) => arg !== "--bundle");
const main = args.length < Deno.args.length ? { OLAWS_MAIN: await bundle("dist/test") } : {};
const jobs = Deno.env.get("DENO_JOBS") ?? String(2 * navigator.hardwareConcurrency);
const folder = Deno.makeTempDirSync({ prefix: "olaws_tests_" });
const units = args.filter((arg) => UNITS.includes(arg)).flatMap((arg) => rooms(arg, folder));
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["test", "-A", "--no-prompt", "--no-check", "--parallel", "--config", "deno.json"],
    ...(args.includes("tests") ? LONGEST : []),
    ...units,
    ...args.filter((arg) => !UNITS.includes(arg)),
  ],
  env: { ...main, DENO_JOBS: jobs },
  cwd: ROOT,
}).spawn().status;
Deno.removeSync(folder, { recursive: true });
Deno.exit(code);
