/** The rows of the issue: each a whole process, beside the floor and the Python tool. */
import { ADA, AUTHENTICATOR, manyRoles, PROTECT } from "../simulator/demo_world.ts";
import { farNetwork } from "./far_network.ts";
import { median, type Series, type Timed } from "./processes.ts";
import { type Row, type Target, toFloor, toReference, walls } from "./row.ts";
import { floor, NO_MFA, ours, oursOnline, ROLE, type Stage, THEIR_PASSWORD, theirs } from "./stage.ts";

type Measured = Awaited<ReturnType<typeof walls>>;

const LOGIN = ["--no-input", "--output", "json"] as const;
const ROUND_TRIP_MS = 40;
const LATENCY_MS = 80;
const STS_LATENCY_MS = 200;

/** `--version` and `--help`. The Python tool has no `--version`. */
export async function startUp(stage: Stage, runs: number): Promise<readonly Measured[]> {
  return [
    await walls("--version", runs, [ours(stage, "--version"), floor(stage)], (row) => [toFloor(row, 1.15)]),
    await walls(
      "--help",
      runs,
      [ours(stage, "--help"), floor(stage), ...theirs(stage, "--help")],
      (row) => [toFloor(row, 1.15)],
    ),
  ];
}

export async function credentialProcess(stage: Stage, runs: number): Promise<Measured> {
  await fillCache(stage);
  return await walls(
    "credential-process, live cache",
    runs,
    [ours(stage, "credential-process", "--profile", "bench"), floor(stage)],
    (row) => [toFloor(row, 1.5)],
  );
}

/** A login that saves a profile fills the cache that `credential-process` serves from. */
export async function fillCache(stage: Stage): Promise<void> {
  stage.simulator.set(NO_MFA);
  const { command: [program = "", ...args], env, cwd } = oursOnline(
    stage,
    "--no-input",
    ...ROLE,
    "--profile",
    "bench",
  );
  const { code, stderr } = await new Deno.Command(program, { args, env, cwd, clearEnv: true }).output();
  if (code !== 0) throw new Error(`the login that fills the cache failed: ${new TextDecoder().decode(stderr)}`);
}

/** Logins without a second factor, at two latencies, and with a code. */
export async function logins(stage: Stage, runs: number, peers: readonly Series[]): Promise<readonly Measured[]> {
  const { simulator } = stage;
  const login = [oursOnline(stage, ...LOGIN, ...ROLE), floor(stage)];
  const reference = theirs(stage, ...THEIR_PASSWORD, ...ROLE);

  simulator.set(NO_MFA);
  const without = await walls("login, no second factor", runs, [...login, ...reference, ...peers], (row) => [
    toFloor(row, 3.3),
    ...toReference(row, 0.3),
  ]);

  const far = await farAway(stage, runs, [...login.slice(0, 1), ...reference, ...peers]);

  simulator.set({ latencyMs: LATENCY_MS });
  const before = simulator.requests.length;
  await walls("count", 1, login.slice(0, 1));
  const asked = () => simulator.requests.slice(before);
  // One run that counts and one before it that does not.
  const trips = asked().length / 2;
  if (!Number.isInteger(trips)) throw new Error(`the requests of one login cannot be counted: ${trips}`);
  const late = await walls(`login, ${LATENCY_MS} ms a request`, runs, [...login, ...reference, ...peers], (row) => [{
    says: `beyond its ${trips} requests (an empty program: ${Math.round(row.values["floor"] ?? NaN)} ms)`,
    // Not the latency itself: timers are late, on a busy machine more so, and that is not the program's time.
    value: (row.values["ours"] ?? NaN) - trips * median(asked().map(({ time, answered = NaN }) => answered - time)),
    limit: 60,
    unit: "ms",
  }]);

  simulator.set({ ...NO_MFA, users: [{ ...ADA, devices: [AUTHENTICATOR] }] });
  const otp = ["--otp", AUTHENTICATOR.code ?? ""];
  const code = await walls("login with a code", runs, [
    oursOnline(stage, ...LOGIN, ...ROLE, ...otp),
    floor(stage),
    ...theirs(stage, ...THEIR_PASSWORD, ...ROLE, ...otp),
  ]);
  return [without, far, late, code];
}

/** As from another continent: each handshake costs a program what each request costs it. */
async function farAway({ simulator }: Stage, runs: number, series: readonly Series[]): Promise<Measured> {
  await using far = await farNetwork(simulator.url, ROUND_TRIP_MS);
  return await walls(
    `login through a proxy, ${ROUND_TRIP_MS} ms a round trip`,
    runs,
    series.map((each) => ({ ...each, env: { ...each.env, ...far.env } })),
  );
}

/** From the moment the push is approved until the program has ended. */
export async function push(stage: Stage, runs: number): Promise<Row> {
  stage.simulator.set({ ...NO_MFA, users: [{ ...ADA, devices: [PROTECT] }] });
  // Ours asks every second, the Python tool every 15: the approvals are spread evenly over that.
  const mine = await afterApproval(stage, oursOnline(stage, ...LOGIN, ...ROLE), runs, 1000);
  const [their] = theirs(stage, ...THEIR_PASSWORD, ...ROLE);
  const reference = their ? await afterApproval(stage, their, Math.min(runs, THEIR_PUSHES), 15_000) : [];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    name: "push: from approval to credentials (mean)",
    unit: "ms",
    runs,
    values: { ours: mean(mine), ...(reference.length > 0 ? { reference: mean(reference) } : {}) },
    targets: [{ says: "in the mean", value: mean(mine) / 1000, limit: 1.2, unit: "s" }],
    raw: { ours: mine, ...(reference.length > 0 ? { reference } : {}) },
  };
}

/** Runs of the Python tool that are waited for: each takes 15 seconds. */
const THEIR_PUSHES = 6;

async function afterApproval(
  { simulator }: Stage,
  series: Series,
  runs: number,
  periodMs: number,
): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let run = 0; run < runs; run++) {
    const afterMs = periodMs * (run + 0.5) / runs;
    simulator.set({ push: { approveAfterMs: afterMs } });
    const before = simulator.to("verify-factor").length;
    const ended = await start(series);
    const pushed = simulator.to("verify-factor")[before]?.time;
    if (pushed === undefined) throw new Error(`"${series.name}" sent no push`);
    waits.push(ended - pushed - afterMs);
  }
  return waits;
}

/** Runs a program to its end; the time of that, in milliseconds since the epoch. */
async function start({ name, command: [program = "", ...args], env, cwd }: Series): Promise<number> {
  const child = new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    cwd,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  const { code } = await child.status;
  const ended = Date.now();
  if (code !== 0) throw new Error(`"${name}" ended with ${code}: ${(await said).trim()}`);
  await said;
  return ended;
}

/** All roles of a login: the time from the first request to STS until the program has ended. */
export async function roles(stage: Stage, runs: number): Promise<readonly Row[]> {
  const { simulator } = stage;
  const counts = [1, 8, 50];
  const all: number[][] = counts.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, count] of counts.entries()) {
      simulator.set({ ...NO_MFA, roles: manyRoles(count), latencyMs: { AssumeRoleWithSAML: STS_LATENCY_MS } });
      const before = simulator.to("AssumeRoleWithSAML").length;
      const ended = await start(oursOnline(stage, ...LOGIN, "--all-roles"));
      const asked = simulator.to("AssumeRoleWithSAML").slice(before);
      if (asked.length !== count) throw new Error(`${asked.length} requests for ${count} roles`);
      all[index]?.push(ended - (asked[0]?.time ?? NaN));
    }
  }
  const one = median(all[0] ?? []);
  return counts.map((count, index) => {
    const value = median(all[index] ?? []);
    const target: Target = { says: "to one role", value: value / one, limit: 8, unit: "x" };
    return {
      name: `${count === 1 ? "1 role" : `${count} roles`} at AWS, ${STS_LATENCY_MS} ms a request`,
      unit: "ms",
      runs,
      values: { ours: value },
      targets: count === 1 ? [] : [target],
      raw: { ours: all[index] ?? [] },
    };
  });
}

/** On a terminal: from the start to the first picture of the list. */
export async function picker(stage: Stage, runs: number): Promise<Measured> {
  stage.simulator.set({ ...NO_MFA, roles: manyRoles(600), maxAssertionLength: 4_000_000 });
  return await walls("600 roles: until the list is shown", runs, [
    { ...oursOnline(stage), until: "AWS role" },
    floor(stage),
    ...theirs(stage, ...THEIR_PASSWORD).map((series) => ({ ...series, until: "Select the desired AWS Role" })),
  ]);
}

/** The largest resident set of what was timed. */
export function memory(measured: readonly Measured[]): readonly Row[] {
  return measured.map(({ row, timed }) => {
    const values = Object.fromEntries(timed.map(({ name, peak }: Timed) => [name, peak]));
    const name = `peak memory: ${row.name}`;
    return {
      name,
      unit: "MiB",
      runs: row.runs,
      values,
      targets: values["floor"] === undefined ? [] : [toFloor({ values }, 1.4)],
      raw: {},
    };
  });
}

export function size({ programs }: Stage): Row {
  const megabytes = (path: string) => Deno.statSync(path).size / 1e6;
  const values = { ours: megabytes(programs.ours), floor: megabytes(programs.floor) };
  return { name: "size of the executable", unit: "MB", runs: 1, values, targets: [toFloor({ values }, 1.05)], raw: {} };
}
