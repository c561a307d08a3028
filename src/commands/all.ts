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
import { rolesCommand } from "./roles.ts";
import { serveCommand } from "./serve.ts";
import { statusCommand } from "./status.ts";

export { renewUnattended } from "../unattended/renew.ts";
export { completionCommand } from "./completion/completion.ts";
export { doctorCommand } from "./doctor/doctor.ts";
export { linePrompter } from "../ui/prompts/lines.ts";
export { terminalPrompter } from "../ui/prompts/terminal.ts";

const COMMANDS = {
  login: loginCommand,
  roles: rolesCommand,
  console: consoleCommand,
  status: statusCommand,
  logout: logoutCommand,
  configure: configureCommand,
  serve: serveCommand,
} as const;

/** Runs a command that works with settings. Throws what the command throws. */
export function runCommand(command: keyof typeof COMMANDS, context: Context): Promise<ExitCode> {
  return COMMANDS[command](context);
}
