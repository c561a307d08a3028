/**
 * Feeds mutated documents, replies, files and answers to everything that reads them.
 * `deno task fuzz [--inputs N] [--seconds N] [--seed S] [--only NAME]`; exit code 1 when a rule is broken.
 */
import { parseArgs } from "node:util";
import { fuzz, fuzzLong } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";

const USAGE = "usage: deno task fuzz [--inputs N] [--seconds N] [--seed S] [--only NAME]";

const { values } = parseArgs({
  args: [...Deno.args],
  options: {
    inputs: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`${USAGE}\nnames: ${TARGETS.map(({ name }) => name).join(", ")}`);
  Deno.exit(0);
}
const seconds = Number(values.seconds ?? (values.inputs === undefined ? 30 : Infinity));
const inputs = Number(values.inputs ?? Infinity);
const seed = Number(values.seed);
const targets = TARGETS.filter(({ name }) => values.only === undefined || name.includes(values.only));
if (Number.isNaN(seconds + inputs + seed) || targets.length === 0) {
  console.error(USAGE);
  Deno.exit(2);
}
const started = Date.now();
const long = await fuzzLong(targets, { seed });
const short = await fuzz(targets, {
  inputs,
  seed,
  ...(Number.isFinite(seconds) ? { untilMs: started + seconds * 1000 } : {}),
  onProgress: (done) => done % 100_000 === 0 && done > 0 ? console.error(`${done} inputs`) : undefined,
});
const failures = [...long.failures, ...short.failures];
const tallies = short.tallies.map((tally, at) => ({
  ...tally,
  slowestLong: long.tallies[at]?.slowest ?? 0,
  inputs: tally.inputs + (long.tallies[at]?.inputs ?? 0),
}));
console.log("| fed to | inputs | understood | slowest | slowest of 120 kB |\n| -- | --: | --: | --: | --: |");
for (const { target, inputs, accepted, slowest, slowestLong } of tallies) {
  console.log(`| ${target} | ${inputs} | ${accepted} | ${slowest.toFixed(0)} ms | ${slowestLong.toFixed(0)} ms |`);
}
const total = tallies.reduce((sum, { inputs }) => sum + inputs, 0);
console.log(
  `\n${total} inputs, seed ${seed}, ${Math.round((Date.now() - started) / 1000)} s, ${failures.length} findings`,
);
const seen = new Set<string>();
for (const { target, why, input } of failures) {
  const kind = `${target}: ${why.replace(/\d+/g, "N").slice(0, 80)}`;
  if (seen.has(kind) || seen.size > 20) continue;
  seen.add(kind);
  console.log(`\n${target}: ${why}\n${JSON.stringify(input).slice(0, 2000)}`);
}
Deno.exit(failures.length === 0 ? 0 : 1);
