/** The program: parses the command line and the settings, runs one command, prints errors, returns the exit code. */

import { Exit, type ExitCode, Interrupted, UserError } from "../errors.ts";
import { resolveSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { Deps } from "../io/deps.ts";
import type { Prompter } from "../io/prompter.ts";
import { watchClock } from "../store/clock_skew.ts";
import type { Context } from "../settings/context.ts";
import type { Command } from "../argv/options.ts";
import type { Parsed } from "../argv/parse.ts";
import { credentialProcessCommand } from "./credential_process.ts";
import { quickAnswer } from "./help.ts";
import { fittingTerminal, showsUnicode } from "../ui/ascii.ts";
import { noPrompter } from "../ui/prompts/none.ts";
import { reportBug } from "../ui/report_bug.ts";
import { silentReporter } from "../ui/silent_reporter.ts";
import { PROGRAM } from "../version.ts";

/** Runs the program once. Never throws and never exits; returns an exit code of `errors.ts`. */
export async function run(given: Deps): Promise<ExitCode> {
  const deps = { ...given, terminal: fittingTerminal(given) };
  try {
    return await dispatch(deps);
  } catch (error) {
    if (error instanceof Interrupted) return error.exit;
    if (!(error instanceof UserError)) return reportBug(error, (text) => deps.terminal.writeErr(text));
    const { sayError, stderrVoice } = await import("../ui/voice.ts");
    sayError(stderrVoice(deps, wantsNoColour(deps)), error);
    return error.exit;
  }
}

async function dispatch(deps: Deps): Promise<ExitCode> {
  const { commandLine: parsed } = deps;
  if (parsed instanceof UserError) throw parsed;
  // The launcher has already answered these; direct callers of run() get the same.
  const answer = await quickAnswer(parsed, deps.platform);
  if (answer !== undefined) {
    deps.terminal.writeOut(answer);
    return Exit.done;
  }
  // These two work whatever the files contain: `doctor` is for broken ones.
  if (parsed.command === "completion") {
    return await (await import("./completion/completion.ts")).completionCommand(parsed, deps);
  }
  // `credential-process` has nothing to clean up until it renews.
  if (parsed.command !== "credential-process") deps.catchSignals();
  refuseKeyLog(deps);
  if (parsed.command === "doctor") return await (await import("./doctor/doctor.ts")).doctorCommand(parsed, deps);
  const { settings, warnings, notices } = await resolveSettings(parsed, deps);
  // The AWS CLI and SDKs treat output on stderr of a credential process as a failure.
  const reporter = parsed.command === "credential-process" && !settings.verbose
    ? silentReporter()
    : (await import("../ui/reporter.ts")).reporterFor(deps, settings);
  for (const warning of warnings) reporter.warn(warning);
  for (const notice of notices) reporter.info(notice);
  if (settings.verbose) {
    for (const line of (await import("../settings/shown.ts")).givenValues(settings)) reporter.detail(line);
  }
  const watched = await watchClock(deps, settings, reporter);
  const context: Context = {
    deps: watched,
    settings,
    reporter,
    prompter: await choosePrompter(deps, parsed, settings),
  };
  return await COMMANDS[parsed.command](context);
}

/** The commands that work with settings. Build tools start `credential-process` many times: only it is always loaded. */
const COMMANDS: { readonly [Name in Exclude<Command, "completion" | "doctor">]: (_: Context) => Promise<ExitCode> } = {
  "credential-process": credentialProcessCommand,
  login: async (context) => await (await import("./login.ts")).loginCommand(context),
  roles: async (context) => await (await import("./roles.ts")).rolesCommand(context),
  console: async (context) => await (await import("./console.ts")).consoleCommand(context),
  status: async (context) => await (await import("./status.ts")).statusCommand(context),
  logout: async (context) => await (await import("./logout.ts")).logoutCommand(context),
  configure: async (context) => await (await import("./configure/configure.ts")).configureCommand(context),
  serve: async (context) => await (await import("./serve.ts")).serveCommand(context),
};

/** The setting, if a wrong command line or file has prevented the settings from being read. */
function wantsNoColour({ env, commandLine }: Deps): boolean {
  return (env["NO_COLOR"] ?? "") !== "" ||
    !(commandLine instanceof UserError) && commandLine.values["noColor"] === true;
}

async function choosePrompter(deps: Deps, parsed: Parsed, settings: Settings): Promise<Prompter> {
  if (settings.noInput || parsed.command === "credential-process") return noPrompter();
  const { terminal } = deps;
  const { coloursOf, drawable } = await import("../ui/voice.ts");
  if (!terminal.stdinIsTerminal || !terminal.stderrIsTerminal || !drawable(deps)) {
    return (await import("../ui/prompts/lines.ts")).linePrompter(terminal, deps.signal);
  }
  const { terminalPrompter } = await import("../ui/prompts/terminal.ts");
  return await terminalPrompter(deps.signal, {
    colours: !settings.noColor && coloursOf(deps),
    unicode: showsUnicode(deps),
  });
}

/**
 * With SSLKEYLOGFILE the runtime itself writes the keys of every TLS connection into a file, despite the sandbox:
 * password and credentials could be read from a recording of the network.
 */
function refuseKeyLog({ env, platform }: Deps): void {
  if (!env["SSLKEYLOGFILE"]) return;
  throw new UserError(
    "will not run while SSLKEYLOGFILE is set: the keys of its connections would be written to a file",
    {
      exit: Exit.protective,
      hint: platform === "windows"
        ? "run without it: set SSLKEYLOGFILE= (in PowerShell: $env:SSLKEYLOGFILE = $null)"
        : `unset SSLKEYLOGFILE, or run: env -u SSLKEYLOGFILE ${PROGRAM}`,
    },
  );
}
