/**
 * The program's side of the sandbox: waits for the launcher's message, builds the real Deps, runs, and posts the exit
 * code. Nothing here or below can reach more than `grantsFor()` granted.
 */

import { Interrupted } from "./errors.ts";
import { realClock } from "./io/clock.ts";
import type { Deps, Platform } from "./io/deps.ts";
import { realFiles } from "./io/files.ts";
import { httpFor } from "./io/network.ts";
import { programPath, realSandbox } from "./io/program.ts";
import { realTerminal } from "./io/terminal.ts";
import { limitProcessEnv } from "./io/process_env.ts";
import { COLOUR_NAMES } from "./permissions.ts";
import { run } from "./commands/run.ts";
import { reportBug } from "./ui/report_bug.ts";
import { utf8 } from "./utf8.ts";

interface Start {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly platform: Platform;
  /** Compiled, not run from source. Only the launcher can tell. */
  readonly standalone: boolean;
}

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<{ start?: Start; stop?: Interrupted["exit"] }>) => void) | null;
  postMessage(message: number | string): void;
};
const controller = new AbortController();

function end(error: unknown): void {
  scope.postMessage(reportBug(error, (text) => Deno.stderr.writeSync(utf8(text))));
}

self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  end((event as PromiseRejectionEvent).reason);
});

scope.onmessage = ({ data }) => {
  if (data.stop !== undefined) return controller.abort(new Interrupted(data.stop));
  if (data.start === undefined) return;
  const wide = notNarrowed();
  if (wide !== undefined) return scope.postMessage(`the worker still has the permission "${wide}"`);
  main(data.start).then((code) => scope.postMessage(code), end);
};

scope.postMessage("ready");

async function main({ args, env, cwd, platform, standalone }: Start): Promise<number> {
  limitProcessEnv(env, COLOUR_NAMES);
  const files = realFiles(platform);
  const deps: Deps = {
    args,
    env,
    cwd,
    platform,
    clock: realClock(),
    http: httpFor({ env, cwd, platform, files }),
    files,
    terminal: realTerminal(),
    random: Math.random,
    signal: controller.signal,
    sandbox: realSandbox(),
    ...(standalone ? { programPath: programPath() } : {}),
  };
  return await run(deps);
}

/** The first permission that is wider than the sandbox allows; undefined when all is well. */
function notNarrowed(): string | undefined {
  return (["read", "write", "net", "env", "run", "ffi", "sys"] as const).find(
    (name) => Deno.permissions.querySync({ name }).state === "granted",
  );
}
