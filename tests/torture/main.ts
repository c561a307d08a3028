/**
 * Tries to damage a credentials file, and counts. `deno run -A tests/torture/main.ts [--short]`; Linux.
 *
 * 1. crowd: 16 processes write their own profile to one file at the same time.
 * 2. kills: a writer is killed (SIGKILL) at a random moment, again and again; 50 others follow on the same file.
 * 3. full disk: a small file system fills up while a writer continues.
 * 4. the AWS CLI's `configure set` takes turns with our writes: everything both wrote must be there.
 * 5. the AWS CLI's `configure set` writes at the same time. It takes no lock and rewrites the file in place, so it can
 *    undo any other program's write and show readers half a file; what is measured is what it does to ours, and that
 *    ours never loses what the AWS CLI wrote.
 *
 * Exit 1 when experiment 1 to 4 found one loss or one broken look. Experiment 5 is reported, not judged.
 */

import { decodeIni, parseIni } from "../../src/aws/files/ini.ts";
import { isRejected, readAsPython } from "../../src/aws/files/ini_readers.ts";
import { numberOf } from "./numbers.ts";
import { BYSTANDER, type Looks, watch } from "./watch.ts";

const short = Deno.args.includes("--short");
const SIZES = short
  ? { processes: 8, writes: 10, rounds: 1, kills: 25, fills: 20, turns: 5, together: 5 }
  : { processes: 16, writes: 50, rounds: 13, kills: 500, fills: 200, turns: 60, together: 60 };

const folder = await Deno.makeTempDir({ prefix: "olaws-torture-" });
const writerScript = new URL("./writer.ts", import.meta.url).pathname;
let failed = false;

/** A file with the bystander in it, in its own folder. */
async function freshFile(name: string): Promise<string> {
  const file = `${folder}/${name}/credentials`;
  await Deno.mkdir(`${folder}/${name}`, { mode: 0o700 });
  await Deno.writeTextFile(file, BYSTANDER, { mode: 0o600 });
  return file;
}

function startWriter(file: string, id: string, writes: number, first: number): Deno.ChildProcess {
  const args = ["run", "-A", "--no-prompt", "--cached-only", writerScript, file, id, String(writes), String(first)];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
}

/** What a writer reported: the last number it began and the last it was done with. */
interface Said {
  readonly begun: number;
  readonly done: number;
  readonly writes: number;
  readonly refused: number;
}

function parseSaid(text: string): Said {
  const numbers = (word: string) =>
    [...text.matchAll(new RegExp(`^${word} (\\d+)`, "gm"))].map((match) => Number(match[1]));
  const done = numbers("done");
  return {
    begun: numbers("begin").at(-1) ?? -1,
    done: done.at(-1) ?? -1,
    writes: done.length,
    refused: numbers("refused").length,
  };
}

async function outputOf(child: Deno.ChildProcess): Promise<string> {
  return await new Response(child.stdout).text();
}

async function sections(file: string) {
  const read = readAsPython(parseIni(decodeIni(await Deno.readFile(file))));
  return isRejected(read) ? undefined : read;
}

function report(name: string, facts: Record<string, number | string>, bad: readonly string[]): void {
  console.log(`${name}: ${Object.entries(facts).map(([key, value]) => `${key} ${value}`).join(", ")}`);
  for (const line of bad) console.log(`  LOSS: ${line}`);
  if (bad.length > 0) failed = true;
}

function badLooks(looks: Looks): readonly string[] {
  const bad = looks.broken + looks.backwards + looks.vanished;
  return bad === 0 ? [] : [`${bad} bad looks, such as ${looks.examples.join("; ")}`];
}

async function leftovers(file: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(file.slice(0, file.lastIndexOf("/")))) names.push(entry.name);
  return names.filter((name) => name !== "credentials");
}

async function crowd(): Promise<void> {
  let writes = 0;
  let looks = 0;
  const bad: string[] = [];
  const started = performance.now();
  for (let round = 0; round < SIZES.rounds; round++) {
    const file = await freshFile(`crowd${round}`);
    const stop = new AbortController();
    const watching = watch(file, stop.signal, 1);
    const ids = Array.from({ length: SIZES.processes }, (_, i) => String(i));
    const said = await Promise.all(
      ids.map(async (id) => parseSaid(await outputOf(startWriter(file, id, SIZES.writes, 0)))),
    );
    stop.abort();
    const seen = await watching;
    looks += seen.looks;
    bad.push(...badLooks(seen));
    const read = await sections(file);
    for (const [i, one] of said.entries()) {
      writes += one.writes;
      if (one.refused > 0) bad.push(`writer ${i} was refused ${one.refused} times`);
      if (numberOf(String(i), read?.get(`w${i}`)) !== SIZES.writes - 1) {
        bad.push(`round ${round}: the last write of ${i} is lost`);
      }
    }
    bad.push(...(await leftovers(file)).map((name) => `left behind: ${name}`));
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  report("crowd", { processes: SIZES.processes, writes, looks, losses: bad.length, seconds }, bad);
}

async function kills(): Promise<void> {
  const file = await freshFile("kills");
  const stop = new AbortController();
  const watching = watch(file, stop.signal, 1);
  const bad: string[] = [];
  let kills = 0;
  let midWrite = 0;
  let writes = 0;
  let held = -1;
  for (let round = 0; kills < SIZES.kills; round++) {
    const child = startWriter(file, "1", 1_000_000, held + 1);
    let text = "";
    const reading = (async () => {
      for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) text += part;
    })();
    while (!text.includes("begin")) await new Promise((resolve) => setTimeout(resolve, 2));
    // Two writes last about this long, so the moment falls anywhere in one.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 25));
    child.kill("SIGKILL");
    await child.status;
    await reading;
    kills++;
    const said = parseSaid(text);
    writes += said.writes;
    if (said.begun > said.done) midWrite++;
    const n = numberOf("1", (await sections(file))?.get("w1"));
    // A write that was begun may be there or not; one that was done must be.
    const floor = Math.max(said.done, held);
    if (n === undefined ? floor >= 0 : n < floor || n > said.begun) {
      bad.push(`kill ${kills}: ${n}, done ${floor}, begun ${said.begun}`);
    }
    held = n ?? held;
  }
  // A lock or a temporary file that a killed writer left must not stop or mislead the next one.
  const after = parseSaid(await outputOf(startWriter(file, "2", 50, 0)));
  if (after.writes !== 50) bad.push(`after the kills ${50 - after.writes} writes failed`);
  stop.abort();
  const seen = await watching;
  bad.push(...badLooks(seen), ...(await leftovers(file)).map((name) => `left behind: ${name}`));
  report("kills", {
    kills,
    "in the middle of a write": midWrite,
    writes: writes + 50,
    looks: seen.looks,
    losses: bad.length,
  }, bad);
}

async function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [...args], env, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function fullDisk(): Promise<void> {
  const mount = `${folder}/small`;
  await Deno.mkdir(mount);
  if (!await run("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", mount])) {
    console.log("full disk: skipped, this user may not mount");
    return;
  }
  const bad: string[] = [];
  let writes = 0;
  let refused = 0;
  let seen: Looks | undefined;
  try {
    const file = `${mount}/credentials`;
    await Deno.writeTextFile(file, BYSTANDER, { mode: 0o600 });
    const stop = new AbortController();
    const watching = watch(file, stop.signal, 1);
    const child = startWriter(file, "1", SIZES.fills, 0);
    const reading = outputOf(child);
    // Somebody else fills the disk and makes room again, a page at a time and at any moment.
    let ended = false;
    child.status.then(() => ended = true);
    while (!ended) {
      const size = (10 + Math.floor(Math.random() * 7)) * 4096;
      await Deno.writeFile(`${mount}/ballast`, new Uint8Array(size)).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 6));
    }
    const text = await reading;
    const said = parseSaid(text);
    writes = said.writes;
    refused = said.refused;
    for (const line of text.matchAll(/^refused .*$/gm)) {
      if (!/^refused \d+ 2 cannot write .*quota is full/.test(line[0])) bad.push(line[0]);
    }
    if (writes > 0 && numberOf("1", (await sections(file))?.get("w1")) !== said.done) {
      bad.push("the last write that succeeded is lost");
    }
    stop.abort();
    seen = await watching;
    bad.push(...badLooks(seen));
    await Deno.remove(`${mount}/ballast`).catch(() => {});
    bad.push(...(await leftovers(file)).map((name) => `left behind: ${name}`));
  } finally {
    await run("umount", [mount]);
  }
  report(
    "full disk",
    { writes, "refused for lack of space": refused, looks: seen?.looks ?? 0, losses: bad.length },
    bad,
  );
}

/** The real AWS CLI. Each value identifies its write. */
function awsSet(file: string, n: number): Promise<boolean> {
  const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: `${file}-config` };
  return run("aws", ["configure", "set", "aws_secret_access_key", `cli${n}`, "--profile", "cli"], env);
}

async function turns(): Promise<void> {
  const file = await freshFile("turns");
  const bad: string[] = [];
  let writes = 0;
  for (let n = 0; n < SIZES.turns; n++) {
    writes += parseSaid(await outputOf(startWriter(file, "1", 1, n))).writes;
    if (!await awsSet(file, n)) bad.push(`the AWS CLI failed at ${n}`);
    const read = await sections(file);
    if (numberOf("1", read?.get("w1")) !== n) bad.push(`ours is lost at ${n}`);
    if (read?.get("cli")?.get("aws_secret_access_key") !== `cli${n}`) bad.push(`the AWS CLI's is lost at ${n}`);
    if (!(await Deno.readTextFile(file)).includes(BYSTANDER)) bad.push(`the bystander is lost at ${n}`);
  }
  report("turns with the AWS CLI", { writes, "AWS CLI writes": SIZES.turns, losses: bad.length }, bad);
}

async function together(): Promise<void> {
  const file = await freshFile("together");
  const stop = new AbortController();
  const watching = watch(file, stop.signal, 1);
  const ours = ["1", "2"].map(async (id) => parseSaid(await outputOf(startWriter(file, id, SIZES.together * 20, 0))));
  let cliLost = 0;
  let cliWrites = 0;
  const bystander = async () => (await Deno.readTextFile(file).catch(() => "")).includes("AKIABYSTANDER");
  for (let n = 0; n < SIZES.together; n++) {
    if (await awsSet(file, n)) cliWrites++;
    if ((await sections(file))?.get("cli")?.get("aws_secret_access_key") !== `cli${n}`) cliLost++;
  }
  const said = await Promise.all(ours);
  stop.abort();
  const seen = await watching;
  const writes = said.reduce((sum, one) => sum + one.writes, 0);
  console.log(
    `together with the AWS CLI (measured, not judged): writes ${writes}, AWS CLI writes ${cliWrites}, ` +
      `AWS CLI writes not found right after ${cliLost}, looks ${seen.looks}, broken ${seen.broken}, ` +
      `older file came back ${seen.backwards}, profiles gone ${seen.vanished}, bystander there at the end ${await bystander()}`,
  );
}

try {
  console.log(
    `deno ${Deno.version.deno}, ${Deno.build.os}, ${short ? "short" : "full"} run, ${new Date().toISOString()}`,
  );
  await crowd();
  await kills();
  await fullDisk();
  if (await run("aws", ["--version"])) {
    await turns();
    await together();
  } else {
    console.log("turns, together: skipped, there is no AWS CLI here");
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
console.log(failed ? "FAILED" : "no loss");
Deno.exit(failed ? 1 : 0);
