/** Times whole processes through python3, since Deno is not told what its children used. */

export interface Series {
  readonly name: string;
  readonly command: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** That many at once; one when absent. */
  readonly parallel?: number;
  /** On a terminal, until this text is shown; else until the process ends. */
  readonly until?: string;
}

/** What all runs of a series took. */
export interface Timed {
  readonly name: string;
  /** Milliseconds, one a run, in the order of the runs. */
  readonly walls: readonly number[];
  /** Lower quartile: what else runs on the machine only ever adds. Milliseconds. */
  readonly wall: number;
  /** Median, milliseconds. */
  readonly cpu: number;
  /** Median of the largest resident set, MiB. */
  readonly peak: number;
}

/**
 * Runs the series in turn, `rounds` times each in changing order, after one round that does not count. Throws an Error
 * when a run fails.
 */
export async function timeInTurn(rounds: number, series: readonly Series[]): Promise<readonly Timed[]> {
  const child = new Deno.Command("python3", {
    args: ["-u", decodeURIComponent(new URL("processes.py", import.meta.url).pathname)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify({ rounds, series })));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  if (code !== 0) throw new Error(`a run failed: ${new TextDecoder().decode(stderr).trim()}`);
  const runs: readonly Run[] = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  const failed = runs.find(({ codes }) => codes.some((each) => each !== 0));
  if (failed) throw new Error(`"${series[failed.series]?.name}" ended with ${failed.codes}`);
  return series.map(({ name }, index) => {
    const own = runs.filter((run) => run.series === index);
    const walls = own.map(({ wall }) => wall * 1000);
    return {
      name,
      walls,
      wall: lowerQuartile(walls),
      cpu: median(own.map(({ cpu }) => cpu * 1000)),
      peak: median(own.map(({ peak }) => peak / 1024)),
    };
  });
}

interface Run {
  readonly series: number;
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
  readonly codes: readonly number[];
}

function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 4)] ?? NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}
