/** Columns of text for people, and for programs that split at two spaces. */

import displayWidth from "fast-string-width";
import { printable } from "../errors.ts";

export interface Table {
  /** With a line end at its end. */
  readonly text: string;
  /** Whether something did not fit; an ellipsis stands for the rest then. */
  readonly cut: boolean;
}

const GAP = "  ";
/** A column is not made narrower than this, and a table that is still too wide stays so. */
const LEAST = 8;

/**
 * A header and rows, in columns with two spaces between; nothing follows the last one. Control characters are taken
 * out.
 *
 * @param width columns of the terminal; undefined: as wide as it gets.
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): Table {
  const lines = [header, ...rows].map((row) => header.map((_, at) => printable(row[at] ?? "", 4000)));
  const natural = header.map((_, at) => Math.max(...lines.map((line) => displayWidth(line[at] ?? ""))));
  const widths = width === undefined ? natural : narrowed(natural, width);
  const text = lines.map((line) =>
    line.map((cell, at) => {
      const fitted = cutTo(cell, widths[at] ?? 0);
      return fitted + " ".repeat(Math.max(0, (widths[at] ?? 0) - displayWidth(fitted)));
    }).join(GAP).trimEnd() + "\n"
  ).join("");
  return { text, cut: widths.some((kept, at) => kept < (natural[at] ?? 0)) };
}

/** Takes from the widest column until everything fits. */
function narrowed(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
  while (total() > width) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
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
