import assert from "node:assert/strict";
import { fakeClock, fakeContext, fakeFiles } from "../testing.ts";
import { judgePassword, noteReply } from "./refusals.ts";

const ADA = { username: "ada", password: "stale", appId: "1", subdomain: "acme" };
const REFUSED = { kind: "refused", status: 401, message: "Authentication Failed", cause: "credentials" } as const;

Deno.test("refusals: one is remembered for 15 minutes, for this user only, and an acceptance clears it", async () => {
  const clock = fakeClock();
  const context = fakeContext({ deps: { clock, files: fakeFiles() } });
  await noteReply(context, ADA, REFUSED);
  assert.deepEqual(await judgePassword(context, ADA), { kind: "same", minutes: 15, ago: 0 });
  assert.deepEqual(await judgePassword(context, { ...ADA, username: "bob" }), { kind: "free" });
  assert.deepEqual(await judgePassword(context, { ...ADA, password: "another" }), { kind: "free" });
  clock.at += 15 * 60_000;
  assert.deepEqual(await judgePassword(context, ADA), { kind: "free" });
  await noteReply(context, ADA, REFUSED);
  await noteReply(context, ADA, { kind: "success", assertion: "" });
  assert.deepEqual(await judgePassword(context, ADA), { kind: "free" });
});
