/** The program behind the narrowed permissions: builds the real Deps from the files of `io/` and runs one command. */

import type { CommandLine } from "./argv/parse.ts";
import { defined } from "./defined.ts";
import { run } from "./commands/run.ts";
import type { ExitCode } from "./errors.ts";
import { realClock } from "./io/clock.ts";
import type { Browser, Deps, Loopback, Platform, SeenFolders } from "./io/deps.ts";
import { realFiles } from "./io/files.ts";
import { httpFor } from "./io/network.ts";
import { limitProcessEnv } from "./io/process_env.ts";
import { programPath, realSandbox } from "./io/program.ts";
import { interruptions } from "./io/signals.ts";
import { realTerminal } from "./io/terminal.ts";
import { COLOUR_NAMES } from "./outer_wall.ts";

/** What the launcher read before it narrowed the permissions. */
export interface Start {
  readonly commandLine: CommandLine;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly platform: Platform;
  /** Compiled, not run from source. */
  readonly standalone: boolean;
  readonly folders: SeenFolders;
  readonly browser?: Browser | undefined;
  readonly loopback?: Loopback | undefined;
}

/** Runs the program once and returns its exit code. */
export async function runProgram(
  { commandLine, env, cwd, platform, standalone, folders, browser, loopback }: Start,
): Promise<ExitCode> {
  limitProcessEnv(env, COLOUR_NAMES);
  const files = realFiles(platform, folders);
  const terminal = realTerminal();
  const deps: Deps = {
    commandLine,
    env,
    cwd,
    platform,
    clock: realClock(),
    http: httpFor({ env, cwd, platform, files }),
    files,
    terminal,
    random: Math.random,
    ...interruptions(platform),
    sandbox: realSandbox(),
    ...defined({ browser, loopback }),
    ...(standalone ? { programPath: programPath() } : {}),
  };
  return await run(deps);
}
