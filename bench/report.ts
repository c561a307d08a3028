/** The rows as a table in Markdown. */
import { ratio, type Row, type Target } from "./row.ts";

const FIXED = ["ours", "floor", "reference"];

const MEMORY = /^peak memory: /;
const NUMBER = /[\d,]*\d/;

/** Rows of one program that differ in a number, and time and memory of a program, share one row. */
export function table(rows: readonly Row[]): string {
  const peers = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].filter((name) => !FIXED.includes(name));
  const others = [...FIXED.slice(1).filter((name) => rows.some(({ values }) => values[name] !== undefined)), ...peers];
  const groups = Map.groupBy(rows, ({ name }) => name.replace(MEMORY, "").replace(NUMBER, "#"));
  const lines = Array.from(groups.values(), (group) => [
    nameOf(group),
    quantities(group),
    ...others.map((other) =>
      group.filter(({ values }) => values[other] !== undefined).map((row) => times(ratio(row, other))).join(", ")
    ),
    goals(group.flatMap(({ targets }) => targets)),
  ]);
  const head = ["", "ours", ...others.map((name) => `× ${name}`), "goal"];
  return [head, head.map(() => "--"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function nameOf(group: readonly Row[]): string {
  const names = group.map(({ name }) => name.replace(MEMORY, ""));
  const numbers = [...new Set(names.map((name) => NUMBER.exec(name)?.[0]).filter((each) => each !== undefined))];
  return (names[0] ?? "").replace(NUMBER, numbers.join("/"));
}

/** `106/143/190 ms, 74.4/82.4/91.0 MiB` */
function quantities(group: readonly Row[]): string {
  return Array.from(
    Map.groupBy(group, ({ unit }) => unit),
    ([unit, rows]) => `${rows.map(({ values }) => quantity(values["ours"], unit)).join("/")} ${unit}`,
  ).join(", ");
}

/** Each limit with the worst of what is held against it. */
function goals(targets: readonly Target[]): string {
  const kinds = Map.groupBy(targets, ({ says, unit, limit }) => unit === "exponent" ? unit : `${says} ${limit}`);
  return Array.from(kinds.values(), (kind) => {
    const { value, limit, unit, says } = kind.reduce((worst, each) => each.value > worst.value ? each : worst);
    const against = unit === "exponent" ? "" : ` ${says}`;
    return isMet({ value, limit })
      ? `≤ ${figure(limit, unit)}${against}`
      : `**${figure(value, unit)} > ${figure(limit, unit)}${against}**`;
  }).join(", ");
}

export function isMet({ value, limit }: Pick<Target, "value" | "limit">): boolean {
  return value <= limit;
}

function quantity(value: number | undefined, unit: Row["unit"]): string {
  if (value === undefined) return "";
  const digits = unit === "ms" && value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toFixed(digits);
}

function times(value: number): string {
  return value.toFixed(2);
}

function figure(value: number, unit: Target["unit"]): string {
  switch (unit) {
    case "x":
      return `${value.toFixed(2)}×`;
    case "ms":
      return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
    case "s":
      return `${value.toFixed(2)} s`;
    case "MiB":
      return `${value.toFixed(0)} MiB`;
    case "exponent":
      return `n^${value.toFixed(2)}`;
  }
}
