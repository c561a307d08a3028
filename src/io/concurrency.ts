/** Several things at a time, and things that may not take for ever. */

import type { Clock } from "./deps.ts";

/**
 * Calls `work` for every item, at most `limit` at a time. The results have the order of the items. After a failure no
 * further item is begun.
 */
export async function mapAtMost<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  // Leaving the loop of one worker by an error closes the generator for all.
  const entries = (function* () {
    yield* items.entries();
  })();
  const worker = async () => {
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/**
 * Runs `work` with a signal that aborts with `late` after `ms` milliseconds by the clock, and with the given signal.
 */
export async function withTimeLimit<T>(
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
  ms: number,
  late: Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const waiting = new AbortController();
  clock.sleep(ms, waiting.signal).then(() => stop.abort(late), () => {});
  try {
    return await work(signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]));
  } finally {
    waiting.abort();
  }
}
