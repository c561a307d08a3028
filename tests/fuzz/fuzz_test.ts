import assert from "node:assert/strict";
import { UserError } from "../../src/errors.ts";
import { feed, fuzz, fuzzLong } from "./fuzz.ts";
import { dice, mutate } from "./mutate.ts";
import { CANARY, type Target, TARGETS } from "./targets.ts";

// `deno task fuzz` feeds far more.

Deno.test("fuzz: nothing that reads from outside breaks a rule over some thousand inputs", async () => {
  const { tallies, failures } = await fuzz(TARGETS, { inputs: 3000, seed: 20270115 });
  assert.deepEqual(failures, []);
  for (const { target, inputs } of tallies) assert.ok(inputs > 50, `${target}: only ${inputs} inputs`);
});

Deno.test("fuzz: no input that repeats itself takes more than a second (attacker: who writes a reply or a file)", async () => {
  const { tallies, failures } = await fuzzLong(TARGETS, { every: 3, seed: 20270115 });
  assert.deepEqual(failures.map(({ target, why }) => `${target}: ${why}`), []);
  for (const { target, inputs } of tallies) assert.ok(inputs > 13, `${target}: only ${inputs} inputs`);
});

Deno.test("fuzz: every target understands its seeds", async () => {
  for (const target of TARGETS) {
    const understood = await Promise.all(target.seeds.map((seed) => feed(target, seed, 3)));
    assert.ok(understood.some(({ accepted }) => accepted), target.name);
    assert.deepEqual(understood.filter(({ why }) => why !== undefined), [], target.name);
  }
});

Deno.test("fuzz: a crash, a hang, a secret and a control character are found", async () => {
  const target = (read: Target["feed"], quotes = false): Target => ({
    name: "t",
    seeds: [`{"password": "${CANARY}"}`],
    words: ["x"],
    share: 1,
    feed: read,
    quotes,
  });
  const seed = `{"password": "${CANARY}"}`;
  const why = async (read: Target["feed"], quotes = false) =>
    (await feed(target(read, quotes), seed, 1)).why ?? "nothing";
  assert.match(await why(() => (undefined as unknown as string[]).concat()), /TypeError/);
  assert.match(await why((input) => [input]), /a secret/);
  assert.match(
    await why((input) => {
      throw new UserError(input, { exit: 2 });
    }),
    /a secret/,
  );
  assert.match(await why(() => ["a\u0085"]), /control character/);
  assert.match(await why(() => ["a\u001b[2J"], true), /escape sequence/);
  assert.equal(await why(() => ["all is well"]), "nothing");
  const slow = target(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return [];
  });
  const { failures } = await fuzz([slow], { inputs: 1, seed: 1, hangMs: 40 });
  assert.match(failures[0]?.why ?? "", /^took \d{2,} ms$/);
});

Deno.test("mutate: the same seed gives the same inputs, another seed others", () => {
  const some = (seed: number) => {
    const roll = dice(seed);
    return Array.from({ length: 50 }, () => mutate(roll, ["abcdef", "12345"], ["word"]));
  };
  assert.deepEqual(some(1), some(1));
  assert.notDeepEqual(some(1), some(2));
});
