import assert from "node:assert/strict";
import { fakeClock } from "../testing.ts";
import { mapAtMost, withTimeLimit } from "./concurrency.ts";

Deno.test("mapAtMost(): keeps the order, and never has more than the limit under way", async () => {
  const open: (() => void)[] = [];
  let most = 0;
  const all = mapAtMost(2, [1, 2, 3, 4, 5], async (item) => {
    await new Promise<void>((resolve) => most = Math.max(most, open.push(resolve)));
    return item * 10;
  });
  for (let done = 0; done < 5; done++) {
    open.pop()?.();
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
  assert.deepEqual([await all, most], [[10, 20, 30, 40, 50], 2]);
  assert.deepEqual(await mapAtMost(8, [], () => Promise.reject(new Error("nothing to do"))), []);
});

Deno.test("mapAtMost(): begins nothing after a failure", async () => {
  const begun: number[] = [];
  const all = mapAtMost(2, [1, 2, 3, 4, 5], (item) => {
    begun.push(item);
    return item === 1 ? Promise.reject(new Error("no")) : new Promise((resolve) => setTimeout(resolve, 0));
  });
  await assert.rejects(all, /no/);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(begun, [1, 2]);
});

Deno.test("withTimeLimit(): aborts the work when the time or the run ends, and not after it", async () => {
  const late = new Error("late");
  const whenAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const clock = fakeClock();
  await assert.rejects(withTimeLimit({ clock }, 1000, late, whenAborted), late);
  const run = new AbortController();
  const stuck = { ...clock, sleep: whenAborted as never };
  const waiting = withTimeLimit({ clock: stuck, signal: run.signal }, 1000, late, whenAborted);
  run.abort(new Error("ended"));
  await assert.rejects(waiting, /ended/);
  let slept: AbortSignal | undefined;
  const watched = {
    ...clock,
    sleep: (_: number, signal?: AbortSignal) => (slept = signal, new Promise<void>(() => {})),
  };
  assert.equal(await withTimeLimit({ clock: watched }, 1000, late, () => Promise.resolve(7)), 7);
  assert.equal(slept?.aborted, true);
});
