import { Interrupted } from "../errors.ts";
import type { Deps, Platform } from "./deps.ts";

/** Time for cleaning up, in milliseconds. */
const GRACE_MS = 1000;

/**
 * `signal` aborts with an {@linkcode Interrupted} when the user or the system ends the run. The process ends a second later,
 * or at once on a second signal. Before `catchSignals` is called, a signal ends the process at once. Listening starts a
 * thread, which would take 5 % of a short run.
 */
export function interruptions(platform: Platform): Pick<Deps, "signal" | "catchSignals"> {
  const controller = new AbortController();
  const codes = platform === "windows" ? { SIGINT: 130 } as const : { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  return {
    signal: controller.signal,
    catchSignals() {
      for (const [name, code] of Object.entries(codes)) {
        Deno.addSignalListener(name as Deno.Signal, () => {
          if (controller.signal.aborted) Deno.exit(code);
          controller.abort(new Interrupted(code));
          setTimeout(() => Deno.exit(code), GRACE_MS);
        });
      }
    },
  };
}
