/**
 * How errors, hints, warnings and remarks look on stderr. In a pipe or file each line has the program's name, for
 * log searches. On a terminal only the first line of an error has the name, lines are wrapped at words, and the
 * severity has a colour.
 */

import { oneLine, type UserError } from "../errors.ts";
import type { Deps, Terminal } from "../io/deps.ts";
import { PROGRAM } from "../version.ts";
import { inWindowsForm } from "../windows_form.ts";

/** The destination of text, and what it can show. */
export interface Voice {
  readonly terminal: Pick<Terminal, "draw" | "columns">;
  /** A terminal, and not a pipe or a file. */
  readonly person: boolean;
  readonly colours: Colours;
  /** On Windows the home folder is `%USERPROFILE%`, not `~`. */
  readonly windows?: boolean;
}

export type Colour = "red" | "yellow" | "green" | "cyan";

/** No colours, the eight that every theme defines, or those of the 256 whose value is fixed. */
export type Colours = boolean | 256;

/**
 * ECMA-48, Select Graphic Rendition; xterm's 256 colours. Themes make the eight readable on their background, mostly. The
 * fixed ones have a contrast of at least 3.9 with white and with black.
 */
const CODES: Readonly<Record<Colour, readonly [basic: string, fixed: string]>> = {
  red: ["31", "38;5;196"],
  yellow: ["33", "38;5;130"],
  green: ["32", "38;5;28"],
  cyan: ["36", "38;5;30"],
};

/** Text in a colour, or as it is. */
export function paint(text: string, colour: Colour | undefined, colours: Colours): string {
  if (colours === false || colour === undefined) return text;
  return `\u001b[${CODES[colour][colours === 256 ? 1 : 0]}m${text}\u001b[39m`;
}

/** What another library drew, in the colours above; faint text and gray, which few backgrounds show well, become plain. */
export function repaint(text: string, colours: Colours): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\u001b\[(\d+)m/g, (sequence, code) => {
    if (code === "2") return "";
    if (code === "90") return "\u001b[39m";
    const [, fixed] = Object.values(CODES).find(([basic]) => basic === code) ?? [];
    const isColour = /^(?:3\d|4\d|9[0-7]|10[0-7])$/.test(code);
    return colours === false && isColour ? "" : colours === 256 && fixed !== undefined ? `\u001b[${fixed}m` : sequence;
  });
}

/** The colours of a terminal that can be drawn on. */
export function coloursOf({ env }: Pick<Deps, "env">): Colours {
  const { TERM = "", COLORTERM, WT_SESSION } = env;
  return /256color|kitty|alacritty|foot|ghostty/.test(TERM) || COLORTERM || WT_SESSION ? 256 : true;
}

/** Terminals that are known to show links (OSC 8) as links, by what they put into the environment. */
export function showsLinks(deps: Pick<Deps, "env" | "platform">): boolean {
  const { TERM = "", TERM_PROGRAM = "", VTE_VERSION = "", WT_SESSION, TMUX } = deps.env;
  if (!drawable(deps) || TMUX) return false;
  return ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "mintty"].includes(TERM_PROGRAM) ||
    /^(?:xterm-kitty|xterm-ghostty|alacritty|foot)/.test(TERM) || Number(VTE_VERSION) >= 5000 || Boolean(WT_SESSION);
}

/** An address that can be clicked as one, however many lines it has. The text is the address itself. */
export function link(url: string): string {
  return `\u001b]8;;${url}\u001b\\${url}\u001b]8;;\u001b\\`;
}

/**
 * Whether a terminal can be drawn on: not dumb, and on Unix with a known type. With `ACCESSIBLE=1`, for screen readers,
 * there are plain lines only (the variable of other command line tools, such as gh).
 */
export function drawable({ env, platform }: Pick<Deps, "env" | "platform">): boolean {
  if (!["", "0", "false"].includes(env["ACCESSIBLE"] ?? "")) return false;
  return env["TERM"] !== "dumb" && (platform === "windows" || (env["TERM"] ?? "") !== "");
}

export function stderrVoice(deps: Pick<Deps, "env" | "platform" | "terminal">, noColor: boolean): Voice {
  const person = deps.terminal.stderrIsTerminal;
  const windows = deps.platform === "windows";
  return { terminal: deps.terminal, person, colours: person && !noColor && drawable(deps) && coloursOf(deps), windows };
}

/** An error and its hints, one line each. */
export function sayError(voice: Voice, error: UserError): void {
  say(voice, `${PROGRAM}: `, "error", error.message);
  for (const hint of error.hints) say(voice, voice.person ? "" : `${PROGRAM}: `, "hint", hint);
}

/** A warning on a separate line. */
export function sayWarning(voice: Voice, text: string): void {
  say(voice, voice.person ? "" : `${PROGRAM}: `, "warning", text);
}

/** A remark, wrapped on a terminal. */
export function sayLine(voice: Voice, text: string): void {
  voice.terminal.draw(`${wrapped(voice, oneLine(text), "")}\n`);
}

const COLOUR_OF = { error: "red", warning: "yellow", hint: "cyan" } as const;

function say(voice: Voice, before: string, kind: keyof typeof COLOUR_OF, text: string): void {
  const words = voice.windows ? inWindowsForm(text) : text;
  const plain = wrapped(voice, `${before}${kind}: ${oneLine(words)}`, "  ");
  const from = before.length;
  const painted = paint(kind, COLOUR_OF[kind], voice.colours);
  voice.terminal.draw(`${plain.slice(0, from)}${painted}${plain.slice(from + kind.length)}\n`);
}

/** Breaks a line at spaces for the width of the terminal. A word that is longer stays whole: it may be copied. */
function wrapped(voice: Voice, line: string, indent: string): string {
  if (!voice.person) return line;
  const width = voice.terminal.columns();
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if ([...last, ...word].length + 1 < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines.join("\n");
}
