import type { Reporter } from "../io/prompter.ts";

/** A silent reporter, for commands whose stderr must stay empty on success. */
export function silentReporter(): Reporter {
  return {
    info: () => {},
    warn: () => {},
    detail: () => {},
    ring: () => {},
    progress: () => ({ update: () => {}, end: () => {} }),
  };
}
