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

/** A failed check as a finding. */
export function failure(area: Finding["area"], error: UserError): Finding {
  const fix = error.hints.join("; ");
  return { area, level: "fail", text: error.message, exit: error.exit, ...(fix === "" ? {} : { fix }) };
}
