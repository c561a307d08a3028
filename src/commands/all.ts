/**
 * Everything that is not needed for serving from the cache, in one chunk: each further file costs a start more than
 * the lines of the commands that it does not run.
 */

import type { ExitCode } from "../errors.ts";
import type { Context } from "../settings/context.ts";
import { configureCommand } from "./configure/configure.ts";
import { consoleCommand } from "./console.ts";
import { loginCommand } from "./login.ts";
import { logoutCommand } from "./logout.ts";
import type { Command } from "../argv/options.ts";
import { rolesCommand } from "./roles.ts";
import { serveCommand } from "./serve.ts";
import { statusCommand } from "./status.ts";

export { renewUnattended } from "../unattended/renew.ts";
export { completionCommand } from "./completion/completion.ts";
export { doctorCommand } from "./doctor/doctor.ts";
export { terminalPrompter } from "../ui/prompts/terminal.ts";

/** Runs a command that works with settings. Throws what the command throws. */
export async function runCommand(
  command: Exclude<Command, "credential-process" | "completion" | "doctor">,
  context: Context,
): Promise<ExitCode> {
  switch (command) {
    case "login":
      return await loginCommand(context);
    case "roles":
      return await rolesCommand(context);
    case "console":
      return await consoleCommand(context);
    case "status":
      return await statusCommand(context);
    case "logout":
      return await logoutCommand(context);
    case "configure":
      return await configureCommand(context);
    case "serve":
      return await serveCommand(context);
  }
}
