/** `serve`: what a request to it takes, and what it keeps in memory beside a login that waits. */
import { median } from "./processes.ts";
import type { Row } from "./row.ts";
import { NO_MFA, oursOnline, ROLE, type Stage } from "./stage.ts";

/** Requests one after the other, for each run. */
const REQUESTS = 150;
const AT_ONCE = 64;

export async function serve(stage: Stage, runs: number): Promise<readonly Row[]> {
  stage.simulator.set(NO_MFA);
  const idle = await resident(stage, ["--loop", "2", "--time", "60"], "Renewal 1 of 1", () => Promise.resolve());
  let fresh: readonly number[] = [];
  let kept: readonly number[] = [];
  const together: number[] = [];
  const busy = await resident(stage, ["serve", "--output", "json"], "Press Ctrl-C", async (printed) => {
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI = "", AWS_CONTAINER_AUTHORIZATION_TOKEN = "" } = JSON.parse(printed);
    const { host, hostname, port, pathname } = new URL(AWS_CONTAINER_CREDENTIALS_FULL_URI);
    const head = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${AWS_CONTAINER_AUTHORIZATION_TOKEN}\r\n`;
    const connect = () => Deno.connect({ hostname, port: Number(port) });
    const request = new TextEncoder().encode(`${head}\r\n`);
    const bytes = new Uint8Array(65_536);
    const ask = async (connection: Deno.TcpConn) => {
      await connection.write(request);
      const count = await connection.read(bytes);
      if (count === null || !isWhole(bytes.subarray(0, count))) throw new Error("serve gave no credentials");
    };
    const once = async () => {
      using connection = await connect();
      await ask(connection);
    };
    using connection = await connect();
    await timed(200, once);
    fresh = await timed(runs * REQUESTS, once);
    kept = await timed(runs * REQUESTS, () => ask(connection));
    for (let run = 0; run < runs; run++) {
      const [wall] = await timed(1, () => Promise.all(Array.from({ length: AT_ONCE }, once)));
      together.push(wall ?? NaN);
    }
  });
  return [
    row("serve: a request on a new connection", fresh, runs, 1, "at the median"),
    row("serve: a request of a client that keeps its connection", kept, runs, 1 / 3, "(3,000 a second)"),
    row(`serve: ${AT_ONCE} callers at once`, together, runs),
    ...idle === undefined || busy === undefined ? [] : [{
      name: "serve: memory after these requests",
      unit: "MiB" as const,
      runs: 1,
      values: { ours: busy },
      targets: [{ says: "more than a login that waits", value: busy - idle, limit: 25, unit: "MiB" as const }],
      raw: { ours: [busy], idle: [idle] },
    }],
  ];
}

function row(name: string, times: readonly number[], runs: number, limit?: number, says = ""): Row {
  const ours = median(times);
  return {
    name,
    unit: "ms",
    runs,
    values: { ours },
    targets: limit === undefined ? [] : [{ says, value: ours, limit, unit: "ms" }],
    raw: { ours: times },
  };
}

async function timed(count: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let each = 0; each < count; each++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}

/** The reply is small, so it comes in one piece. */
function isWhole(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  return text.startsWith("HTTP/1.1 200 ") && text.endsWith("}");
}

/**
 * The memory of the program in MiB after `work`, which begins when `shown` is on stderr; undefined where the system does not
 * tell.
 */
async function resident(
  stage: Stage,
  args: readonly string[],
  shown: string,
  work: (printed: string) => Promise<void>,
): Promise<number | undefined> {
  const { command: [program = "", ...all], env, cwd } = oursOnline(stage, ...args, "--no-input", ...ROLE);
  const child = new Deno.Command(program, {
    args: all,
    env,
    cwd,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    await until(child.stderr, (text) => text.includes(shown));
    // A waiting login has printed its lines; serve prints an object.
    const printed = await until(child.stdout, (text) => text.endsWith("}\n") || text.includes("AWS_REGION"));
    await work(printed);
    return Deno.build.os === "linux" ? residentOf(child.pid) : undefined;
  } finally {
    child.kill();
    await child.status;
  }
}

function residentOf(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kib) / 1024;
}

async function until(stream: ReadableStream<Uint8Array>, isThere: (text: string) => boolean): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (isThere(text)) return text;
  }
  throw new Error(`the program ended: ${text}`);
}
