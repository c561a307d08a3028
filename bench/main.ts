/**
 * Builds the program, measures it as whole processes against the simulator, and prints a table.
 * `deno task bench [--runs N] [--only PART] [--peer NAME=COMMAND]… [--json FILE] [--write]`
 *
 * Programs of one row run in turn, each round in another order. The figure of a whole process is the lower quartile, others
 * are medians (a mean for the push). The floor is an empty program from the same compiler with the same flags. The Python tool is measured when it is the `onelogin-aws-assume-role` on PATH. Needs python3, which tells what a process
 * used.
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
import { serve } from "./serve.ts";
import { makeHome, type Stage } from "./stage.ts";

/** What a part measures. Each has a simulator of its own, so that what one leaves behind in it does not reach the next. */
const PARTS: Readonly<
  Record<string, (stage: Stage, runs: number, peers: readonly Series[]) => Promise<readonly Row[]>>
> = {
  async start(stage, runs) {
    // They are short, and a millisecond counts.
    const more = 5 * runs;
    const measured = [...await startUp(stage, more), await credentialProcess(stage, more)];
    return [...measured.map(({ row }) => row), ...memory(measured), size(stage)];
  },
  async login(stage, runs, peers) {
    const measured = await logins(stage, runs, peers);
    return [...measured.map(({ row }) => row), ...memory(measured)];
  },
  async picker(stage, runs) {
    const measured = await picker(stage, runs);
    return [measured.row, ...memory([measured])];
  },
  push: async (stage, runs) => [await push(stage, runs)],
  roles,
  serve,
  async growth(stage, runs) {
    return [...inProcess(stage, runs), ...await wholeProcess(stage, runs), ...await parallel(stage, runs)];
  },
};

const USAGE = `usage: deno task bench [--runs N] [--only ${
  Object.keys(PARTS).join("|")
}]… [--peer NAME=COMMAND]… [--json FILE] [--write]
--peer   another program that logs in, run by "sh -c" with the simulator's addresses in ONELOGIN_API_URL and AWS_ENDPOINT_URL_STS
--write  puts the table into docs/internals/performance.md`;
const PAGE = new URL("docs/internals/performance.md", ROOT);
const MARKS = ["<!-- the last run: deno task bench --write -->", "<!-- end of the last run -->"] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: [...Deno.args],
    options: {
      runs: { type: "string", default: "20" },
      only: { type: "string", multiple: true, default: Object.keys(PARTS) },
      peer: { type: "string", multiple: true, default: [] },
      json: { type: "string", default: "dist/bench/result.json" },
      write: { type: "boolean", default: false },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number, not "${values.runs}"`);
  const wrong = values.only.find((part) => !Object.hasOwn(PARTS, part));
  if (wrong !== undefined) throw new Error(`--only is one of ${Object.keys(PARTS).join(", ")}, not "${wrong}"`);

  const home = makeHome();
  try {
    const reference = await findReference(home);
    const programs = await build();
    const before = Deno.loadavg()[0] ?? NaN;
    const rows: Row[] = [];
    for (const [name, measure] of Object.entries(PARTS)) {
      if (!values.only.includes(name)) continue;
      console.error(`measuring: ${name}`);
      await using simulator = await startSimulator();
      const stage: Stage = { programs, simulator, home, ...(reference ? { reference } : {}) };
      rows.push(...await measure(stage, runs, values.peer.map((text) => peer(text, stage))));
    }
    const load = [before, Deno.loadavg()[0] ?? NaN].map((each) => each.toFixed(1)).join(" before, ");
    const facts = [
      `${new Date().toISOString().slice(0, 10)}, ${Deno.build.target}, Deno ${Deno.version.deno}, ` +
      `${navigator.hardwareConcurrency} processors, load ${load} after, ${runs} runs each, starts ${5 * runs}`,
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
    throw new Error("docs/internals/performance.md has lost its marks");
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
