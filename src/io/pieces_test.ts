import assert from "node:assert/strict";
import { Interrupted } from "../errors.ts";
import { realClock } from "./clock.ts";
import { atOnce, inPieces, type Pieces } from "./pieces.ts";

/** A clock that moves with every reading. */
function clockOf(stepMs: number, sleep: () => void = () => {}) {
  let now = 0;
  return { now: () => now += stepMs, sleep: () => Promise.resolve(sleep()) };
}

function* count(pieces: number, each: (piece: number) => void = () => {}): Pieces<number> {
  for (let piece = 1; piece <= pieces; piece++) {
    each(piece);
    yield;
  }
  return pieces;
}

Deno.test("inPieces: short work is done without a pause, long work pauses between its pieces", async () => {
  let pauses = 0;
  assert.equal(await inPieces(count(50), { clock: clockOf(1, () => pauses++) }), 50);
  assert.equal(pauses, 0);
  assert.equal(await inPieces(count(50), { clock: clockOf(200, () => pauses++) }), 50);
  assert.equal(pauses, 2 * 51);
});

Deno.test("inPieces: work under way ends with the reason of the signal, and so does work that has failed", async () => {
  const stop = new AbortController();
  let done = 0;
  const work = count(1000, (piece) => {
    done = piece;
    const until = performance.now() + 10;
    while (performance.now() < until);
  });
  setTimeout(() => stop.abort(new Interrupted(130)), 20);
  await assert.rejects(inPieces(work, { clock: realClock(), signal: stop.signal }), Interrupted);
  assert.ok(done > 0 && done < 1000, `${done} pieces`);

  const failing = count(1, () => {
    throw new Error("no such thing");
  });
  const { signal } = stop;
  await assert.rejects(inPieces(failing, { clock: clockOf(200), signal }), Interrupted);
});

Deno.test("atOnce: gives the result of all pieces", () => {
  assert.equal(atOnce(count(3)), 3);
});
