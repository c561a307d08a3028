import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Exit, Interrupted, UserError } from "../errors.ts";
import { FileError, type Files } from "../io/deps.ts";
import { fakeClock, fakeContext, fakeFiles } from "../testing.ts";
import { inTurn, sweepLocks } from "./single_flight.ts";

const KEY = ["turn", "ada"] as const;
const FOLDER = "/home/ada/.onelogin/cache";

/** Files whose locks exclude each other, as flock does. */
function lockingFiles(initial: Readonly<Record<string, string>> = {}): Files & {
  readonly held: Set<string>;
  /** Ends when the next one has to wait for a lock. */
  hasWaiter(): Promise<void>;
} {
  const files = fakeFiles(initial);
  const held = new Set<string>();
  const waiting: (() => void)[] = [];
  let waits = Promise.withResolvers<void>();
  return {
    ...files,
    held,
    hasWaiter: () => (waits = Promise.withResolvers()).promise,
    async lock(path, signal) {
      while (held.has(path)) {
        signal?.throwIfAborted();
        await new Promise<void>((resolve, reject) => {
          waiting.push(resolve);
          waits.resolve();
          signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      }
      held.add(path);
      return {
        release() {
          held.delete(path);
          files.contents.delete(path);
          for (const wake of waiting.splice(0)) wake();
          return Promise.resolve();
        },
      };
    },
  };
}

/** A clock on which nobody gets tired of waiting. */
const patient = {
  ...fakeClock(),
  sleep: (_: number, signal?: AbortSignal) =>
    new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true })),
};

Deno.test("inTurn: one at a time, also after one that failed, and the lock is free afterwards", async () => {
  const files = lockingFiles();
  const context = fakeContext({ deps: { files, clock: patient } });
  let inside = 0;
  let most = 0;
  const work = (fails: boolean) => async () => {
    most = Math.max(most, ++inside);
    await setImmediate();
    inside--;
    if (fails) throw new Error("failed");
    return "done";
  };
  const ends = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => inTurn(context, KEY, 60_000, work(index % 3 === 0))),
  );
  assert.equal(most, 1);
  assert.deepEqual(ends.map(({ status }) => status === "rejected"), ends.map((_, index) => index % 3 === 0));
  assert.equal(files.held.size, 0);
  // Another key does not wait.
  const both = inTurn(context, ["a"], 60_000, () => inTurn(context, ["b"], 60_000, () => Promise.resolve("both")));
  assert.equal(await both, "both");
});

Deno.test("inTurn: gives up on a run that does not end, and stops at once when interrupted", async () => {
  const files = lockingFiles();
  const clock = fakeClock();
  const holder = fakeContext({ deps: { files, clock: patient } });
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const held = inTurn(holder, KEY, 60_000, () => {
    started.resolve();
    return finish.promise;
  });
  await started.promise;
  const waiter = fakeContext({ deps: { files, clock } });
  await assert.rejects(inTurn(waiter, KEY, 90_000, () => Promise.resolve()), (error: UserError) => {
    assert.equal(error.exit, Exit.protective);
    assert.match(error.message, /another run.* 90 seconds/);
    return true;
  });
  const stop = new AbortController();
  const interrupted = inTurn(
    fakeContext({ deps: { files, clock: patient, signal: stop.signal } }),
    KEY,
    90_000,
    () => Promise.resolve(),
  );
  await files.hasWaiter();
  stop.abort(new Interrupted());
  await assert.rejects(interrupted, Interrupted);
  finish.resolve();
  await held;
});

Deno.test("inTurn: a folder that cannot be written is a usage error that names it", async () => {
  const files = { ...fakeFiles(), makeDir: () => Promise.reject(new FileError("read-only", FOLDER, "Read-only")) };
  await assert.rejects(
    inTurn(fakeContext({ deps: { files } }), KEY, 1000, () => Promise.resolve()),
    (error: UserError) => error.exit === Exit.usage && error.hints.join().includes(FOLDER),
  );
  // The fake clock's aborted sleep still has its tick to come.
  await setImmediate();
});

Deno.test("sweepLocks: takes away what dead runs left, and leaves a lock that is held", async () => {
  const [dead, live] = [`${FOLDER}/0123456789abcdef.lock`, `${FOLDER}/fedcba9876543210.lock`];
  const files = lockingFiles({ [dead]: "", [live]: "", [`${FOLDER}/other.lock`]: "" });
  files.held.add(live);
  await sweepLocks(fakeContext({ deps: { files } }));
  assert.deepEqual(await files.list(FOLDER), ["fedcba9876543210.lock", "other.lock"]);
});
