/** Terminal screens as an SVG picture. */
import type { Cell, Screen } from "../tests/screen.ts";

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
    // Spaces at the start of an element are dropped by some readers.
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
