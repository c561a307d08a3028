import assert from "node:assert/strict";
import { fakeClock, fakeContext, fakeFiles } from "../testing.ts";
import { readLongestSessions, rememberLongestSessions } from "./longest_sessions.ts";

const PATH = "/home/ada/.onelogin/cache/durations.json";
const arn = (name: string | number) => `arn:aws:iam::123456789012:role/${name}`;
const DAY = 24 * 3_600_000;

function place(text?: string) {
  const files = fakeFiles(text === undefined ? {} : { [PATH]: text });
  const clock = fakeClock();
  return { ...fakeContext({ deps: { files, clock } }), files, clock };
}

Deno.test("longest sessions: what a login learnt is there for a week, then AWS is asked for more again", async () => {
  const context = place();
  await rememberLongestSessions(context, new Map([[arn("A"), 7200], [arn("B"), 3600]]));
  context.clock.at += 4 * DAY;
  await rememberLongestSessions(context, new Map([[arn("B"), 14_400]]));
  assert.deepEqual(await readLongestSessions(context), new Map([[arn("B"), 14_400], [arn("A"), 7200]]));
  context.clock.at += 4 * DAY;
  assert.deepEqual(await readLongestSessions(context), new Map([[arn("B"), 14_400]]));
  context.clock.at -= 20 * DAY;
  assert.deepEqual(await readLongestSessions(context), new Map(), "seen in the future");
});

Deno.test("longest sessions: the file is bounded, and nothing learnt writes nothing", async () => {
  const context = place();
  await rememberLongestSessions(context, new Map());
  assert.equal(context.files.contents.size, 0);
  await rememberLongestSessions(context, new Map(Array.from({ length: 900 }, (_, at) => [arn(at), 3600])));
  await rememberLongestSessions(context, new Map(Array.from({ length: 900 }, (_, at) => [arn(`new${at}`), 3600])));
  const known = await readLongestSessions(context);
  assert.equal(known.size, 1000);
  assert.ok(known.has(arn("new899")));
});

Deno.test("longest sessions: a damaged file counts as none, and so does a damaged entry", async () => {
  for (const text of ["", "[[", "[]", '{"roles":[1]}', '{"roles":{"a":null,"b":{"seconds":1,"seen":"x"}}}']) {
    assert.deepEqual(await readLongestSessions(place(text)), new Map(), text);
  }
  const good = { seconds: 3600, seen: "2027-01-15T08:00:00Z" };
  const all = { a: good, b: { ...good, seconds: 86_400 }, c: { ...good, seconds: "3600" }, d: { seconds: 3600 } };
  assert.deepEqual(await readLongestSessions(place(JSON.stringify({ roles: all }))), new Map([["a", 3600]]));
});
