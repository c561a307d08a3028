import { examine, exitOf } from "./examine.ts";
import type { Finding } from "./finding.ts";
import { Exit, type ExitCode, oneLine } from "../../errors.ts";
import { jsonLines } from "../../json_object.ts";
import type { Deps } from "../../io/deps.ts";
import type { Parsed } from "../../argv/parse.ts";

/**
 * `doctor`: prints problems on stdout, worst first, and a summary; with `--verbose` also what passed, with
 * `--quiet` no summary. As JSON everything, or with `--quiet` only problems.
 */
export async function doctorCommand(parsed: Parsed, deps: Deps): Promise<ExitCode> {
  const findings = await examine(parsed, deps);
  const quiet = parsed.values["quiet"] === true;
  const exit = exitOf(findings);
  const of = (level: Finding["level"]) => findings.filter((each) => each.level === level);
  if (parsed.values["output"] === "json") {
    deps.terminal.writeOut(asJson(quiet ? findings.filter(({ level }) => level !== "ok") : findings, exit));
    return exit;
  }
  const passed = parsed.values["verbose"] === true && !quiet ? of("ok") : [];
  const lines = [...of("fail"), ...of("warn"), ...passed].map(asLines).join("");
  deps.terminal.writeOut(quiet ? lines : `${lines}${verdict(of("fail").length, of("warn").length, of("ok").length)}\n`);
  return exit;
}

function asJson(findings: readonly Finding[], exit: ExitCode): string {
  const rows = findings.map(({ exit: _exit, ...row }) => row);
  return jsonLines({ ok: exit === Exit.done, findings: rows });
}

/** `24 checks passed`, or `1 problem, 2 warnings; 21 checks passed`. */
function verdict(problems: number, warnings: number, passed: number): string {
  const count = (number: number, one: string) => `${number} ${one}${number === 1 ? "" : "s"}`;
  const found = [
    ...(problems === 0 ? [] : [count(problems, "problem")]),
    ...(warnings === 0 ? [] : [count(warnings, "warning")]),
  ];
  return [...(found.length === 0 ? [] : [found.join(", ")]), `${count(passed, "check")} passed`].join("; ");
}

function asLines({ area, level, text, fix }: Finding): string {
  const lines = [`${level.padEnd(4)}  ${area.padEnd(8)}  ${text}`, ...(fix ? [`${" ".repeat(16)}fix: ${fix}`] : [])];
  return lines.map((line) => `${oneLine(line)}\n`).join("");
}
