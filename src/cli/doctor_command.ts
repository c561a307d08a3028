import { Exit, type ExitCode, UserError } from "../errors.ts";
import type { Context } from "../login/context.ts";
import type { Parsed } from "./argv.ts";

export function doctorCommand(_context: Context, _parsed: Parsed): Promise<ExitCode> {
  return Promise.reject(new UserError("not built yet", { exit: Exit.bug }));
}
