import { oneLine } from "../errors.ts";
import type { Deps, Terminal } from "../io/deps.ts";
import type { Progress, Reporter } from "../io/prompter.ts";
import type { Settings } from "../settings/settings.ts";
import { PROGRAM } from "../version.ts";
import { drawable, sayLine, sayWarning, stderrVoice, type Voice } from "./voice.ts";

/** How much is reported. */
interface Volume {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** True when stderr can redraw a line: a terminal that is not dumb. */
  readonly redraws: boolean;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;

/** The reporter of a run: as loud as its settings and its terminal allow. */
export function reporterFor(
  deps: Pick<Deps, "env" | "platform" | "terminal">,
  settings: Pick<Settings, "quiet" | "verbose" | "noColor">,
): Reporter {
  const redraws = deps.terminal.stderrIsTerminal && drawable(deps);
  return stderrReporter(deps.terminal, { ...settings, redraws }, stderrVoice(deps, settings.noColor));
}

/** Writes remarks to stderr. */
export function stderrReporter(
  terminal: Terminal,
  volume: Volume,
  voice: Voice = { terminal, person: false, colours: false },
): Reporter {
  return {
    info: (text) => volume.quiet ? undefined : sayLine(voice, text),
    warn: (text) => sayWarning(voice, text),
    detail: (text) => volume.verbose ? sayLine(voice, `${PROGRAM}: ${text}`) : undefined,
    ring: () => voice.person && !volume.quiet ? terminal.draw("\u0007") : undefined,
    progress(text) {
      if (volume.quiet) return { update: () => {}, end: () => {} };
      return volume.redraws ? spinner(terminal, text) : plainProgress(terminal, text);
    },
  };
}

/** One line when it starts and one when it ends; updates would only fill a log. */
function plainProgress(terminal: Terminal, text: string): Progress {
  const line = (text: string) => terminal.writeErr(`${oneLine(text)}\n`);
  line(text);
  return { update: () => {}, end: (last) => last === undefined ? undefined : line(last) };
}

function spinner(terminal: Terminal, first: string): Progress {
  let text = first;
  let frame = 0;
  const draw = () => {
    const line = `${FRAMES[frame++ % FRAMES.length]} ${oneLine(text)}`;
    terminal.draw(`\r\u001b[K${[...line].slice(0, Math.max(10, terminal.columns() - 1)).join("")}`);
  };
  draw();
  const timer = setInterval(draw, 100);
  return {
    update(next) {
      text = next;
      draw();
    },
    end(last) {
      clearInterval(timer);
      terminal.draw(`\r\u001b[K${last === undefined ? "" : `${oneLine(last)}\n`}`);
    },
  };
}
