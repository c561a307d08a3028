/**
 * Long work that Ctrl-C can interrupt. The program has one thread: no signal reaches it while it computes, and nothing
 * else could end it. So long work is a generator that yields now and then.
 */

import type { Clock } from "./deps.ts";

/** Yields between pieces that take far less than a second each; returns the result. */
export type Pieces<T> = Generator<void, T>;

/** How long to work before checking for a signal: a check costs two milliseconds. */
const SLICE_MS = 100;

/**
 * Does the work and checks for a signal between pieces, and at the end if the last piece was long. Throws the signal's
 * reason when aborted, whatever the result.
 */
export async function inPieces<T>(
  work: Pieces<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<T> {
  let since = clock.now();
  const isLong = () => Math.abs(clock.now() - since) >= SLICE_MS;
  const look = async () => {
    // In the first turn the runtime receives a signal, in the second it calls the listeners.
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

/** Does the work without interruption. */
export function atOnce<T>(work: Pieces<T>): T {
  for (let step = work.next();; step = work.next()) if (step.done === true) return step.value;
}
