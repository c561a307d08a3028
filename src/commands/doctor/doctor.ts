import { examine, exitOf } from "./examine.ts";
import type { Finding } from "./finding.ts";
import { Exit, type ExitCode, oneLine, UserError } from "../../errors.ts";
import type { Deps } from "../../io/deps.ts";
import type { Parsed } from "../../argv/parse.ts";

/**
 * `doctor`: prints what was found on stdout, aligned or as JSON; with `--quiet` only what is not in order.
 *
 * @throws UserError exit 2 for a format other than JSON.
 */
export async function doctorCommand(parsed: Parsed, deps: Deps): Promise<ExitCode> {
  const format = parsed.values["output"];
  if (format !== undefined && format !== "json") {
    throw new UserError(`cannot print findings as ${JSON.stringify(format)}`, {
      exit: Exit.usage,
      hint: "leave --output out, or use --output json",
    });
  }
  const findings = await examine(parsed, deps);
  const shown = parsed.values["quiet"] === true ? findings.filter(({ level }) => level !== "ok") : findings;
  const exit = exitOf(findings);
  deps.terminal.writeOut(format === "json" ? asJson(shown, exit) : shown.map(asLines).join(""));
  return exit;
}

function asJson(findings: readonly Finding[], exit: ExitCode): string {
  const rows = findings.map(({ area, level, text, fix }) => ({ area, level, text, ...(fix && { fix }) }));
  return `${JSON.stringify({ ok: exit === Exit.done, findings: rows }, null, 2)}\n`;
}

function asLines({ area, level, text, fix }: Finding): string {
  const lines = [`${level.padEnd(4)}  ${area.padEnd(8)}  ${text}`, ...(fix ? [`${" ".repeat(16)}fix: ${fix}`] : [])];
  return lines.map((line) => `${oneLine(line)}\n`).join("");
}
