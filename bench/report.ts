/** The rows as a table in Markdown. */
import { ratio, type Row, type Target } from "./row.ts";

const FIXED = ["ours", "floor", "reference"];

export function table(rows: readonly Row[]): string {
  const peers = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].filter((name) => !FIXED.includes(name));
  const others = [...FIXED.slice(1).filter((name) => rows.some(({ values }) => values[name] !== undefined)), ...peers];
  const head = ["", "ours", ...others.flatMap((name) => [name, "×"]), "held against", "limit", "met"];
  const lines = rows.map((row) => [
    row.name,
    quantity(row.values["ours"], row.unit),
    ...others.flatMap((name) => [
      quantity(row.values[name], row.unit),
      row.values[name] === undefined ? "" : times(ratio(row, name)),
    ]),
    ...targetCells(row.targets),
  ]);
  return [head, head.map((_, index) => index === 0 ? "--" : "--:"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function targetCells(targets: readonly Target[]): readonly string[] {
  return [
    targets.map((target) => `${figure(target.value, target.unit)} ${target.says}`).join(", "),
    targets.map((target) => figure(target.limit, target.unit)).join(", "),
    targets.map((target) => isMet(target) ? "yes" : "**no**").join(", "),
  ];
}

export function isMet({ value, limit }: Target): boolean {
  return value <= limit;
}

function quantity(value: number | undefined, unit: Row["unit"]): string {
  if (value === undefined) return "";
  const digits = unit === "ms" && value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

function times(value: number): string {
  return value.toFixed(2);
}

function figure(value: number, unit: Target["unit"]): string {
  switch (unit) {
    case "x":
      return `${value.toFixed(2)} ×`;
    case "ms":
      return `${value.toFixed(0)} ms`;
    case "s":
      return `${value.toFixed(2)} s`;
    case "exponent":
      return `n^${value.toFixed(2)}`;
  }
}
