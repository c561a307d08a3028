import { defined } from "../../defined.ts";
import type { ExitCode, UserError } from "../../errors.ts";

/** The result of one check. */
export interface Finding {
  readonly area: "settings" | "files" | "network" | "clock" | "client" | "sandbox" | "release" | "browser";
  /** `fail`: a login cannot work. `warn`: it may work, but not as the user expects. */
  readonly level: "ok" | "warn" | "fail";
  readonly text: string;
  /** What to do. */
  readonly fix?: string;
  /** With `fail`: the exit code. */
  readonly exit?: ExitCode;
}

export function finding(area: Finding["area"], level: Finding["level"], text: string, fix?: string): Finding {
  return { area, level, text, ...defined({ fix }) };
}

export function failure(area: Finding["area"], error: UserError): Finding {
  return { ...finding(area, "fail", error.message, error.hints.join("; ") || undefined), exit: error.exit };
}
