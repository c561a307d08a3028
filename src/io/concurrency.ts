/** Concurrent work and time limits. */

import type { Clock } from "./deps.ts";

/**
 * Calls `work` for every item, at most `limit` at a time. Results are in the order of the items. After a failure no
 * further item starts.
 */
export async function mapAtMost<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  // An error in one worker closes the generator for all.
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
 * Runs `work` with a signal that aborts with `late` after `ms` milliseconds by the clock, or when the given signal does.
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
