/** One line of the result. */
import type { Series, Timed } from "./processes.ts";
import { timeInTurn } from "./processes.ts";

export interface Row {
  readonly name: string;
  readonly unit: "ms" | "MiB" | "MB";
  /** Runs of each program. */
  readonly runs: number;
  /** Lower quartiles of whole processes, else medians, by program: `ours`, `floor`, `reference`, and the peers that were named. */
  readonly values: Readonly<Record<string, number>>;
  /** Medians of the processor time, which a busy machine changes less. Milliseconds. */
  readonly cpu?: Readonly<Record<string, number>>;
  readonly targets: readonly Target[];
  /** Every run, for those who want to look at more than one of them. */
  readonly raw: Readonly<Record<string, readonly number[]>>;
}

export interface Target {
  /** What the value is measured against: "floor". */
  readonly says: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: "x" | "ms" | "s" | "MiB" | "exponent";
}

export function toFloor(row: Pick<Row, "values">, limit: number): Target {
  return { says: "floor", value: ratio(row, "floor"), limit, unit: "x" };
}

export function toReference(row: Pick<Row, "values">, limit: number): readonly Target[] {
  if (row.values["reference"] === undefined) return [];
  return [{ says: "reference", value: ratio(row, "reference"), limit, unit: "x" }];
}

/** Ours divided by another. */
export function ratio({ values }: Pick<Row, "values">, other: string): number {
  return (values["ours"] ?? NaN) / (values[other] ?? NaN);
}

/** The row of programs that run in turn, and what else was measured of them. */
export async function walls(
  name: string,
  runs: number,
  series: readonly Series[],
  targets: (row: Pick<Row, "values">) => readonly Target[] = () => [],
): Promise<{ readonly row: Row; readonly timed: readonly Timed[] }> {
  const timed = await timeInTurn(runs, series);
  const values = Object.fromEntries(timed.map(({ name, wall }) => [name, wall]));
  const raw = Object.fromEntries(timed.map(({ name, walls }) => [name, walls]));
  const cpu = Object.fromEntries(timed.map(({ name, cpu }) => [name, cpu]));
  return { row: { name, unit: "ms", runs, values, cpu, targets: targets({ values }), raw }, timed };
}

/** The slope between two points on a doubly logarithmic paper: 1 is linear. */
export function exponent(
  from: { readonly size: number; readonly value: number },
  to: { readonly size: number; readonly value: number },
): number {
  return Math.log(to.value / from.value) / Math.log(to.size / from.size);
}
