import type { Clock } from "./deps.ts";

/** The time by the clock of OneLogin and AWS, which decides about expiry. Milliseconds since the epoch. */
export function serviceNow({ clock }: { readonly clock: Clock }): number {
  return clock.now() + (clock.skewMs?.() ?? 0);
}

export function realClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", stop);
          resolve();
        }, Math.max(0, ms));
        signal?.addEventListener("abort", stop, { once: true });
      }),
  };
}
