/** Text columns for people, and for programs that split at two spaces. */

import displayWidth from "fast-string-width";
import { printable } from "../errors.ts";

interface Table {
  /** With a final line end. */
  readonly text: string;
  /** Whether something was cut and replaced by an ellipsis. */
  readonly cut: boolean;
}

const GAP = "  ";
/** Minimum width of a column; a table that is still too wide stays so. */
const LEAST = 8;

/** A heading, and what happens to its column if the terminal is too narrow. */
export interface Column {
  readonly title: string;
  /** Columns with a number are dropped before any is cut. The lowest number that fits is kept first. */
  readonly leaveOut?: number;
  /** Never cut: half of a time is a wrong time. */
  readonly whole?: boolean;
}

/**
 * A header and rows, in columns separated by two spaces; no spaces after the last one. Control characters are
 * removed.
 *
 * @param width columns of the terminal; undefined: unlimited.
 * @param paint colours a cell after layout; rows count from 0 after the header.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
  paint: (text: string, row: number, column: Column) => string = (text) => text,
): Table {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map((_, at) => printable(row[at] ?? "", 4000))
  );
  const natural = columns.map((_, at) => Math.max(...cells.map((line) => displayWidth(line[at] ?? ""))));
  const kept = width === undefined ? columns.map((_, at) => at) : leavingOut(columns, natural, width);
  const widths = width === undefined ? natural : narrowed(columns, kept, natural, width);
  const text = cells.map((line, index) =>
    kept.map((at, place) => {
      const fitted = cutTo(line[at] ?? "", widths[at] ?? 0);
      const column = columns[at];
      const painted = index === 0 || column === undefined ? fitted : paint(fitted, index - 1, column);
      const last = place === kept.length - 1;
      return painted + (last ? "" : " ".repeat(Math.max(0, (widths[at] ?? 0) - displayWidth(fitted))));
    }).join(GAP).trimEnd() + "\n"
  ).join("");
  return { text, cut: kept.some((at) => (widths[at] ?? 0) < (natural[at] ?? 0)) };
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
}

/** The columns that stay: those that must, and of the others, the lowest number first, each that still fits. */
function leavingOut(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const all = columns.map((column, at) => ({ at, rank: column.leaveOut }));
  const optional = all.filter(({ rank }) => rank !== undefined).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  let kept = all.filter(({ rank }) => rank === undefined).map(({ at }) => at);
  for (const { at } of optional) {
    const more = [...kept, at].toSorted((a, b) => a - b);
    if (totalOf(more.map((each) => natural[each] ?? 0)) <= width) kept = more;
  }
  return kept;
}

/** Takes from the widest column until everything fits. */
function narrowed(
  columns: readonly Column[],
  kept: readonly number[],
  natural: readonly number[],
  width: number,
): readonly number[] {
  const widths = [...natural];
  const canShrink = kept.filter((at) => columns[at]?.whole !== true);
  while (totalOf(kept.map((at) => widths[at] ?? 0)) > width) {
    const widest = Math.max(...canShrink.map((at) => widths[at] ?? 0));
    if (widest <= LEAST) break;
    widths[canShrink.findLast((at) => widths[at] === widest) ?? 0] = widest - 1;
  }
  return widths;
}

function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  for (const character of text) {
    if (displayWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
