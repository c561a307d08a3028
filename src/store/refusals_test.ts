import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { fakeClock, fakeContext, fakeDeps, fakeFiles } from "../testing.ts";
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

Deno.test("refusals: a password is hashed 200,000 times, unless a test sets another number", async () => {
  const { hashRounds: _, ...deps } = fakeDeps();
  const files = fakeFiles();
  await noteReply({ ...fakeContext(), deps: { ...deps, files } }, ADA, REFUSED);
  const { key, refusals: [refusal] } = JSON.parse(files.contents.get("/home/ada/.onelogin/refusals.json") ?? "");
  const expected = pbkdf2Sync(ADA.password, `${key}:${refusal.user}`, 200_000, 32, "sha256").toString("base64");
  assert.equal(refusal.password, expected);
});
