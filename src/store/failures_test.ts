import assert from "node:assert/strict";
import { Exit, UserError } from "../errors.ts";
import { fakeClock, fakeContext, fakeFiles } from "../testing.ts";
import { forgetFailure, noteFailure, recentFailure } from "./failures.ts";

const KEY = ["turn", "ada"] as const;

Deno.test("noteFailure, recentFailure: told until the pause has ended, not to another key, not after a clock was set back", async () => {
  const files = fakeFiles();
  const clock = fakeClock();
  const context = fakeContext({ deps: { files, clock } });
  const error = new UserError("cannot do it", { exit: Exit.mfa, hint: ["first", "second"] });
  assert.equal(await recentFailure(context, KEY, 30_000), undefined);
  await noteFailure(context, KEY, error);
  clock.at += 12_000;
  const told = await recentFailure(context, KEY, 30_000);
  assert.deepEqual(
    [told?.exit, told?.message, told?.hints],
    [Exit.mfa, "cannot do it (12 s ago; waiting before the next try)", ["first", "second"]],
  );
  assert.equal(await recentFailure(context, ["other"], 30_000), undefined);
  clock.at += 18_000;
  assert.equal(await recentFailure(context, KEY, 30_000), undefined);
  assert.ok(await recentFailure(context, KEY, 300_000));
  clock.at -= 31_000;
  assert.equal(await recentFailure(context, KEY, 30_000), undefined);
  clock.at += 1_000;
  await forgetFailure(context, KEY);
  assert.equal(await recentFailure(context, KEY, 30_000), undefined);
});

Deno.test("recentFailure: a damaged mark is none, and what it reports is shown without control characters", async () => {
  const files = fakeFiles();
  const clock = fakeClock();
  const context = fakeContext({ deps: { files, clock } });
  await noteFailure(context, KEY, new UserError("x", { exit: Exit.mfa }));
  const [path = ""] = [...files.contents.keys()];
  for (
    const text of ["", "{}", "null", "[]", '{"exit":4,"message":5,"hints":[],"at":1}', '{"exit":99,"message":"x"}']
  ) {
    files.contents.set(path, text);
    assert.equal(await recentFailure(context, KEY, 30_000), undefined, text);
  }
  files.contents.set(path, JSON.stringify({ exit: 4, message: "a\u001b[2Jb", hints: ["c\u0007"], at: clock.now() }));
  const told = await recentFailure(context, KEY, 30_000);
  assert.deepEqual([told?.message.slice(0, 6), told?.hints], ["a [2Jb", ["c"]]);
});
