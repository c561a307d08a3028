/** Terminals that show ASCII only: which they are, and how this program's signs look there. */

import type { Deps, Terminal } from "../io/deps.ts";

/**
 * Whether the terminal shows other letters than those of ASCII. On Unix a locale that is set and is not UTF-8 means no; an
 * unset one means nothing, as in most containers. On Windows the code page of the console cannot be asked, so only terminals
 * known to show Unicode do.
 */
export function showsUnicode({ env, platform }: Pick<Deps, "env" | "platform">): boolean {
  if (platform === "windows") {
    return ["WT_SESSION", "TERM_PROGRAM", "ConEmuTask", "TERM"].some((name) => (env[name] ?? "") !== "");
  }
  // The first that is not empty counts (POSIX, Internationalization Variables).
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return locale === "" || /utf-?8/i.test(locale);
}

const SIGNS: Readonly<Record<string, string>> = {
  "…": "...",
  "·": "-",
  "→": "->",
  "←": "<-",
  "↑": "^",
  "↓": "v",
  "│": "|",
  "┃": "|",
  "─": "-",
  "━": "-",
  "–": "-",
  "—": "-",
  "●": ">",
  "○": " ",
  "◆": "*",
  "◇": "o",
  "◼": "x",
  "◻": " ",
  "■": "x",
  "□": " ",
  "▪": ".",
  "▲": "!",
  "✔": "v",
  "“": '"',
  "”": '"',
  "‘": "'",
  "’": "'",
};

/** The text in ASCII: signs as similar ones, letters without their accents, anything else as `?`. */
export function inAscii(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[^\x00-\x7f]/gu, (sign) => {
    const known = SIGNS[sign];
    if (known !== undefined) return known;
    if (/[\u2500-\u257f]/.test(sign)) return "+";
    if (/[\u2800-\u28ff]/.test(sign)) return "*";
    const plain = sign.normalize("NFKD").replace(/\p{M}/gu, "");
    // deno-lint-ignore no-control-regex
    return /^[\x00-\x7f]*$/.test(plain) ? plain : "?";
  });
}

/** The terminal of this run; what is drawn on a screen without Unicode is ASCII. Pipes and files get every text as it is. */
export function fittingTerminal(deps: Pick<Deps, "env" | "platform" | "terminal">): Terminal {
  const { terminal } = deps;
  if (showsUnicode(deps)) return terminal;
  const fit = (isScreen: boolean, write: (text: string) => void) => (text: string) =>
    write(isScreen ? inAscii(text) : text);
  return {
    ...terminal,
    writeOut: fit(terminal.stdoutIsTerminal, terminal.writeOut),
    writeErr: fit(terminal.stderrIsTerminal, terminal.writeErr),
    draw: fit(terminal.stderrIsTerminal, terminal.draw),
  };
}
