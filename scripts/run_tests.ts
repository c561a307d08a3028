/**
 * `deno task test`, `deno task e2e`: runs the tests with two jobs per processor, since many of them wait. `--bundle` first
 * bundles the program, which starts faster. Every other argument goes to `deno test`.
 */
import { bundle } from "./bundle.ts";
import { ROOT } from "./start_task.ts";

const args = Deno.args.filter((arg) => arg !== "--bundle");
const main = args.length < Deno.args.length ? { OLAWS_MAIN: await bundle("dist/test") } : {};
const jobs = Deno.env.get("DENO_JOBS") ?? String(2 * navigator.hardwareConcurrency);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--no-prompt", "--parallel", ...args],
  env: { ...main, DENO_JOBS: jobs },
  cwd: ROOT,
}).spawn().status;
Deno.exit(code);
