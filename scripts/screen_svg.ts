/** Terminal screens as an SVG picture: enough of a terminal for what this program draws, with its colours. */

/** One character and its look: the SGR codes in force, such as `36` or `2 1`. */
interface Cell {
  readonly char: string;
  readonly look: string;
}

type Screen = readonly (readonly Cell[])[];

// deno-lint-ignore no-control-regex
const TOKEN = /\x1b\[([0-9;?]*)([@-~])|\x1b[78=>]|\r|\n|\x08|[^\x1b\r\n\x08]/gu;

/**
 * What a terminal shows after `raw` was written to it (ECMA-48: SGR, cursor moves, erasing), without blank lines at the
 * end. A line that is longer than the screen goes on in the next one. Nothing is scrolled out; every character is one
 * column wide.
 */
export function screenOf(raw: string, columns = 80): Screen {
  const lines: Cell[][] = [[]];
  let [row, column] = [0, 0];
  let look: readonly string[] = [];
  const line = () => {
    while (lines.length <= row) lines.push([]);
    return lines[row]!;
  };
  for (const [token, parameters = "", order] of raw.matchAll(TOKEN)) {
    const count = Math.max(1, Number(parameters) || 1);
    switch (order) {
      case "A":
        row = Math.max(0, row - count);
        break;
      case "B":
        row += count;
        break;
      case "C":
        column += count;
        break;
      case "D":
        column = Math.max(0, column - count);
        break;
      case "G":
        column = count - 1;
        break;
      case "K":
        line().length = parameters === "2" ? 0 : Math.min(line().length, column);
        break;
      case "J":
        line().length = Math.min(line().length, column);
        lines.length = row + 1;
        break;
      case "m":
        look = looks(look, parameters);
        break;
      case undefined:
        if (token === "\r") column = 0;
        else if (token === "\n") row++;
        else if (token === "\b") column = Math.max(0, column - 1);
        else if (!token.startsWith("\x1b") && token >= " ") {
          if (column >= columns) [row, column] = [row + 1, 0];
          const cells = line();
          while (cells.length < column) cells.push({ char: " ", look: "" });
          cells[column++] = { char: token, look: look.join(" ") };
        }
    }
    line();
  }
  while (lines.at(-1)?.every(({ char }) => char === " ")) lines.pop();
  return lines;
}

/** The looks in force after an SGR sequence; what ends one kind (22, 39, …) takes that kind away. */
function looks(before: readonly string[], parameters: string): readonly string[] {
  let now = before;
  for (const code of parameters === "" ? ["0"] : parameters.split(";")) {
    const number = Number(code);
    if (number === 0) now = [];
    else if (number === 22) now = now.filter((each) => each !== "1" && each !== "2");
    else if (number === 27) now = now.filter((each) => each !== "7");
    else if (number === 28) now = now.filter((each) => each !== "8");
    else if (number === 39) now = now.filter((each) => !/^(3|9)\d$/.test(each));
    else if (number < 10) now = [...now.filter((each) => each !== code), code];
    else if (/^(3|9)[0-7]$/.test(code)) now = [...now.filter((each) => !/^(3|9)\d$/.test(each)), code];
  }
  return now;
}

const WIDTH = 8.4;
const HEIGHT = 19;
const MARGIN = 16;

/** Colours that can be told apart on the dark ground, by SGR code. */
const STYLES: Readonly<Record<string, string>> = {
  "1": "font-weight:bold",
  "2": "fill:#8b949e",
  "8": "fill:none",
  "31": "fill:#ff7b72",
  "32": "fill:#7ee787",
  "33": "fill:#e3b341",
  "34": "fill:#79c0ff",
  "35": "fill:#d2a8ff",
  "36": "fill:#76e3ea",
  "90": "fill:#8b949e",
};

/**
 * A picture that shows the screens one after the other, for `seconds` each, again and again. Where nothing moves (print,
 * a reader that asks for less motion) it shows the last one.
 *
 * @param title read aloud in place of the picture.
 */
export function animatedSvg(
  screens: readonly { readonly screen: Screen; readonly seconds: number }[],
  columns: number,
  title: string,
): string {
  const rows = Math.max(...screens.map(({ screen }) => screen.length));
  const total = screens.reduce((sum, { seconds }) => sum + seconds, 0);
  const width = Math.ceil(columns * WIDTH + 2 * MARGIN);
  const height = rows * HEIGHT + 2 * MARGIN;
  let start = 0;
  const frames = screens.map(({ screen, seconds }, index) => {
    const [from, to] = [start, start + seconds].map((at) => round(100 * at / total));
    start += seconds;
    const last = index === screens.length - 1;
    // Steps: a screen is there or it is not.
    const keys = last ? `0%{opacity:0}${from}%,100%{opacity:1}` : `0%{opacity:${from === 0 ? 1 : 0}}` +
      (from === 0 ? "" : `${from}%{opacity:1}`) + `${to}%,100%{opacity:0}`;
    return {
      style: `@keyframes f${index}{${keys}}#f${index}{opacity:${
        last ? 1 : 0
      };animation:f${index} ${total}s step-end infinite}`,
      group: `<g id="f${index}">\n${screen.flatMap(rowSvg).join("\n")}\n</g>`,
    };
  });
  const codes = Object.entries(STYLES).map(([code, style]) => `.c${code}{${style}}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}
${codes.join("\n")}
${frames.map(({ style }) => style).join("\n")}
@media (prefers-reduced-motion:reduce),print{g{animation:none!important}}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${frames.map(({ group }) => group).join("\n")}
</svg>
`;
}

function rowSvg(cells: readonly Cell[], row: number): readonly string[] {
  const runs: { column: number; look: string; text: string }[] = [];
  for (const [column, { char, look }] of cells.entries()) {
    const run = runs.at(-1);
    if (run !== undefined && run.look === look) run.text += char;
    else runs.push({ column, look, text: char });
  }
  const y = round(MARGIN + row * HEIGHT + 14);
  return runs.filter(({ text }) => text.trim() !== "").map((run) => {
    const { look } = run;
    // Blanks at the start of an element are dropped by some readers.
    const column = run.column + run.text.length - run.text.trimStart().length;
    const text = run.text.trim().replaceAll("  ", "\u00a0\u00a0");
    const classes = look === "" ? "" : ` class="${look.split(" ").map((code) => `c${code}`).join(" ")}"`;
    // The width is given, so that columns stand under each other in any font.
    const length = round([...text].length * WIDTH);
    return `<text x="${round(MARGIN + column * WIDTH)}" y="${y}" textLength="${length}"${classes}>${
      escaped(text)
    }</text>`;
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
