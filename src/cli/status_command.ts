import { Exit, type ExitCode, UserError } from "../errors.ts";
import type { Context } from "../login/context.ts";

export function statusCommand(_context: Context): Promise<ExitCode> {
  return Promise.reject(new UserError("not built yet", { exit: Exit.bug }));
}
