/** What a terminal shows in the end: enough of one to see what a person sees after questions were drawn and erased. */

// deno-lint-ignore no-control-regex
const TOKEN = /\x1b\[([0-9;?]*)([@-~])|\x1b[78=>]|\r|\n|\x08|[^\x1b\r\n\x08]/gu;

/**
 * The lines on the screen after all of `raw` was written, without blanks at their ends and empty lines at the end. Lines
 * that were scrolled out are part of it. Every character is one column wide.
 */
export function drawn(raw: string, columns: number, rows = 30): readonly string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  const top = () => Math.max(0, lines.length - rows);
  const line = () => {
    while (lines.length <= row) lines.push([]);
    return lines[row]!;
  };
  for (const match of raw.matchAll(TOKEN)) {
    const [token, parameters = "", order] = match;
    const count = Math.max(1, Number(parameters) || 1);
    if (order !== undefined) {
      if (order === "A") row = Math.max(top(), row - count);
      else if (order === "B") row = Math.min(Math.max(lines.length, rows) - 1, row + count);
      else if (order === "C") column = Math.min(columns - 1, column + count);
      else if (order === "D") column = Math.max(0, Math.min(column, columns - 1) - count);
      else if (order === "G") column = Math.min(columns, count) - 1;
      else if (order === "K") {
        if (parameters === "2") line().length = 0;
        else line().length = Math.min(line().length, column);
      } else if (order === "J") {
        line().length = Math.min(line().length, column);
        lines.length = Math.min(lines.length, row + 1);
      }
      // Colours and the cursor's look change no text.
    } else if (token === "\r") column = 0;
    else if (token === "\n") row += 1;
    else if (token === "\b") column = Math.max(0, column - 1);
    else if (!token.startsWith("\x1b") && token >= " ") {
      if (column >= columns) [row, column] = [row + 1, 0];
      const cells = line();
      while (cells.length < column) cells.push(" ");
      cells[column++] = token;
    }
    line();
  }
  const shown = lines.map((cells) => cells.join("").trimEnd());
  while (shown.at(-1) === "") shown.pop();
  return shown;
}
