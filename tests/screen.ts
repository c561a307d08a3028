/** What a terminal shows in the end, after questions were drawn and erased. */
import xterm from "@xterm/headless";

/** One character and its look: the SGR codes in force, such as `36` or `1 2`. */
export interface Cell {
  readonly char: string;
  readonly look: string;
}

export type Screen = readonly (readonly Cell[])[];

/**
 * The lines after all of `raw` was written, without spaces at their ends and empty lines at the end. Lines that were
 * scrolled out are part of it.
 */
export async function screenOf(raw: string, columns = 80, rows = 30): Promise<Screen> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  try {
    await new Promise<void>((resolve) => terminal.write(raw, resolve));
    const { active } = terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, row) => {
      const line = active.getLine(row);
      const cells = Array.from({ length: columns }, (_, column): Cell[] => {
        const cell = line?.getCell(column);
        // The second half of a wide character has no width.
        return cell === undefined || cell.getWidth() === 0
          ? []
          : [{ char: cell.getChars() || " ", look: lookOf(cell) }];
      }).flat();
      return cells.slice(0, cells.findLastIndex(({ char }) => char !== " ") + 1);
    });
    return lines.slice(0, lines.findLastIndex((cells) => cells.length > 0) + 1);
  } finally {
    terminal.dispose();
  }
}

/** The text of {@linkcode screenOf}. */
export async function drawn(raw: string, columns?: number): Promise<readonly string[]> {
  return (await screenOf(raw, columns)).map((cells) => cells.map(({ char }) => char).join(""));
}

function lookOf(cell: xterm.IBufferCell): string {
  const colour = cell.getFgColor();
  return [
    ...cell.isBold() ? [1] : [],
    ...cell.isDim() ? [2] : [],
    ...cell.isInvisible() ? [8] : [],
    ...cell.isFgPalette() ? [colour < 8 ? 30 + colour : 82 + colour] : [],
  ].join(" ");
}
