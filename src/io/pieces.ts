/**
 * Long work that lets Ctrl-C in. The program has one thread: while something computes, no signal reaches it, and nothing
 * else could end it. What may take long is a generator that stops now and then.
 */

import type { Clock } from "./deps.ts";

/** Stops between pieces that take far less than a second each; returns the result. */
export type Pieces<T> = Generator<void, T>;

/** How long the work goes on before it looks for a signal: a look costs two milliseconds. */
const SLICE_MS = 100;

/**
 * Does the work, looking for a signal between two pieces, and at the end when the last piece was long. Throws the signal's
 * reason when it was aborted, whatever the work came to.
 */
export async function inPieces<T>(
  work: Pieces<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<T> {
  let since = clock.now();
  const isLong = () => Math.abs(clock.now() - since) >= SLICE_MS;
  const look = async () => {
    // In the first the runtime hears of a signal, in the second it tells who listens.
    await clock.sleep(1, signal);
    await clock.sleep(1, signal);
    signal?.throwIfAborted();
    since = clock.now();
  };
  try {
    for (let step = work.next();; step = work.next()) {
      if (isLong()) await look();
      if (step.done === true) return step.value;
    }
  } catch (error) {
    if (isLong()) await look();
    throw error;
  }
}

/** Does the work in one go. */
export function atOnce<T>(work: Pieces<T>): T {
  for (let step = work.next();; step = work.next()) if (step.done === true) return step.value;
}
