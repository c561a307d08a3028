/**
 * Builds the program, measures it as whole processes against the simulator, and prints a table.
 * `deno task bench [--runs N] [--only PART] [--peer NAME=COMMAND]… [--json FILE] [--write]`
 *
 * Programs of one row run in turn, and every figure is a median (a mean for the push). The floor is an empty program from
 * the same compiler with the same flags, "worker" the same with one empty worker. The Python tool is measured when it is
 * the `onelogin-aws-assume-role` on PATH. Needs python3, which tells what a process used.
 */
import { parseArgs } from "node:util";
import { ROOT } from "../scripts/start_task.ts";
import { startSimulator } from "../simulator/server.ts";
import { build } from "./build.ts";
import { credentialProcess, logins, memory, picker, push, roles, size, startUp } from "./cases.ts";
import { inProcess, parallel, wholeProcess } from "./growth.ts";
import type { Series } from "./processes.ts";
import { findReference } from "./reference.ts";
import { isMet, table } from "./report.ts";
import type { Row } from "./row.ts";
import { makeHome, type Stage } from "./stage.ts";

const PARTS = ["start", "login", "push", "roles", "growth"] as const;
const USAGE = `usage: deno task bench [--runs N] [--only ${
  PARTS.join("|")
}]… [--peer NAME=COMMAND]… [--json FILE] [--write]
--peer   another program that logs in, run by "sh -c" with the simulator's addresses in ONELOGIN_API_URL and AWS_ENDPOINT_URL_STS
--write  puts the table into docs/performance.md`;
const PAGE = new URL("docs/performance.md", ROOT);
const MARKS = ["<!-- the last run: deno task bench --write -->", "<!-- end of the last run -->"] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: [...Deno.args],
    options: {
      runs: { type: "string", default: "20" },
      only: { type: "string", multiple: true, default: [...PARTS] },
      peer: { type: "string", multiple: true, default: [] },
      json: { type: "string", default: "dist/bench/result.json" },
      write: { type: "boolean", default: false },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number, not "${values.runs}"`);
  const wrong = values.only.find((part) => !PARTS.some((each) => each === part));
  if (wrong !== undefined) throw new Error(`--only is one of ${PARTS.join(", ")}, not "${wrong}"`);

  const home = makeHome();
  await using simulator = await startSimulator();
  try {
    const reference = await findReference(home);
    const stage: Stage = { programs: await build(), simulator, home, ...(reference ? { reference } : {}) };
    const before = Deno.loadavg()[0] ?? NaN;
    const rows = await measure(stage, runs, new Set(values.only), values.peer.map((text) => peer(text, stage)));
    const load = [before, Deno.loadavg()[0] ?? NaN].map((each) => each.toFixed(1)).join(" before, ");
    const facts = [
      `${new Date().toISOString().slice(0, 10)}, ${Deno.build.target}, Deno ${Deno.version.deno}, ` +
      `${navigator.hardwareConcurrency} processors, load ${load} after, ${runs} runs each`,
      reference ? `reference: ${reference.version}` : "reference: not on PATH",
    ];
    const text = `${facts.join("  \n")}\n\n${table(rows)}`;
    console.log(text);
    await Deno.writeTextFile(values.json, `${JSON.stringify({ facts, rows }, null, 2)}\n`);
    if (values.write) await writePage(text);
    const missed = rows.flatMap(({ name, targets }) => targets.filter((target) => !isMet(target)).map(() => name));
    console.error(missed.length === 0 ? "\nevery limit is met" : `\nnot met: ${missed.join("; ")}`);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function measure(
  stage: Stage,
  runs: number,
  parts: ReadonlySet<string>,
  peers: readonly Series[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const say = (part: string) => console.error(`measuring: ${part}`);
  if (parts.has("start")) {
    say("start");
    const measured = [...await startUp(stage, runs), await credentialProcess(stage, runs)];
    rows.push(...measured.map(({ row }) => row), ...memory(measured), size(stage));
  }
  if (parts.has("login")) {
    say("login");
    const measured = [...await logins(stage, runs, peers), await picker(stage, runs)];
    rows.push(...measured.map(({ row }) => row), ...memory(measured));
  }
  if (parts.has("push")) {
    say("push");
    rows.push(await push(stage, runs));
  }
  if (parts.has("roles")) {
    say("roles");
    rows.push(...await roles(stage, runs));
  }
  if (parts.has("growth")) {
    say("growth");
    rows.push(...inProcess(stage, runs), ...await wholeProcess(stage, runs), ...await parallel(stage, runs));
  }
  return rows;
}

function peer(text: string, { home, simulator }: Stage): Series {
  const [, name, command] = text.match(/^([\w.-]+)=(.+)$/) ?? [];
  if (name === undefined || command === undefined) throw new Error(`--peer takes NAME=COMMAND, not "${text}"`);
  const env = { PATH: Deno.env.get("PATH") ?? "", HOME: home, ...simulator.env };
  return { name, command: ["sh", "-c", command], env, cwd: home };
}

async function writePage(text: string): Promise<void> {
  const page = await Deno.readTextFile(PAGE);
  const [start, end] = MARKS.map((mark) => page.indexOf(mark));
  if (start === undefined || end === undefined || start < 0 || end < start) {
    throw new Error("docs/performance.md has lost its marks");
  }
  await Deno.writeTextFile(PAGE, `${page.slice(0, start)}${MARKS[0]}\n\n${text}\n\n${page.slice(end)}`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`bench: error: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    Deno.exit(1);
  }
}
