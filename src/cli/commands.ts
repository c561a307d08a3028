/**
 * All that is not needed for serving from the cache, in one part of the program: each further file costs a start more than
 * the lines of the commands that it does not run.
 */

import type { ExitCode } from "../errors.ts";
import type { Context } from "../login/context.ts";
import { configureCommand } from "./configure_command.ts";
import { consoleCommand } from "./console_command.ts";
import { loginCommand } from "./login_command.ts";
import { logoutCommand } from "./logout_command.ts";
import type { Command } from "./options.ts";
import { rolesCommand } from "./roles_command.ts";
import { statusCommand } from "./status_command.ts";

export { renewUnattended } from "../login/renew_unattended.ts";
export { completionCommand } from "./completion_command.ts";
export { doctorCommand } from "./doctor_command.ts";
export { terminalPrompter } from "./prompts/terminal.ts";

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
  }
}
