import assert from "node:assert/strict";
import type { BrowserAnswer } from "../../io/deps.ts";
import { fakeDeps } from "../../testing.ts";
import { browserFinding } from "./browser_finding.ts";

const look = (answer: BrowserAnswer) =>
  browserFinding(fakeDeps({ browser: { port: 9222, ask: () => Promise.resolve(answer) } }), { timeout: 30 });

Deno.test("browserFinding(): a browser that is there, one that asks first, none, and none that was asked for", async () => {
  assert.equal((await look({ kind: "there", asks: false })).text, "browser: reached on port 9222");
  assert.match((await look({ kind: "there", asks: true })).text, /asks before each sign-in/);
  const absent = await look({ kind: "absent" });
  assert.deepEqual([absent.level, absent.exit, absent.text], ["fail", 7, "browser: nothing listens on port 9222"]);
  assert.match(absent.fix ?? "", /chrome:\/\/inspect/);
  assert.equal((await look({ kind: "no-browser" })).exit, 7);
  assert.equal((await browserFinding(fakeDeps(), { timeout: 30 })).exit, 2);
});
