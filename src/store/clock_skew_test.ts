import assert from "node:assert/strict";
import { serviceNow } from "../io/clock.ts";
import { fakeClock, fakeDeps, fakeReporter } from "../testing.ts";
import { watchClock } from "./clock_skew.ts";

const PLACES = { awsFolder: "/home/ada/.aws", oneloginFolder: "/home/ada/.onelogin" };
const HOUR = 3_600_000;
const GET = { method: "GET", url: "https://api.us.onelogin.com", headers: {}, timeoutMs: 1000 } as const;

/** A computer whose clock is `skewMs()` behind the services'. */
async function world(skewMs: () => number) {
  const clock = fakeClock();
  const reporter = fakeReporter();
  const headers = () => ({ date: new Date(clock.now() + skewMs()).toUTCString() });
  const own = fakeDeps({
    clock,
    http: { open() {}, send: () => Promise.resolve({ status: 200, headers: headers(), body: "" }) },
  });
  return { clock, reporter, own, deps: await watchClock(own, PLACES, reporter) };
}

Deno.test("watchClock: a wrong clock is reported once, corrected, and known to the next run", async () => {
  const { clock, reporter, own, deps } = await world(() => HOUR);
  assert.equal(serviceNow(deps), clock.now());
  await deps.http.send(GET);
  await deps.http.send(GET);
  assert.equal(serviceNow(deps) - clock.now(), HOUR);
  assert.equal(deps.clock.now(), clock.now());
  assert.equal(reporter.lines.filter((line) => line.includes("clock is 1 h behind")).length, 1);
  assert.equal(serviceNow(await watchClock(own, PLACES, reporter)) - clock.now(), HOUR);
});

Deno.test("watchClock: what is remembered ends with a right reply, a clock that went back, and 12 hours", async () => {
  let skew = -HOUR;
  const { clock, reporter, own, deps } = await world(() => skew);
  const again = async () => serviceNow(await watchClock(own, PLACES, reporter)) - clock.now();
  await deps.http.send(GET);
  assert.equal(await again(), -HOUR);
  skew = 0;
  await deps.http.send(GET);
  assert.equal(await again(), 0);
  skew = -HOUR;
  await deps.http.send(GET);
  clock.at -= HOUR;
  assert.equal(await again(), 0);
  clock.at += HOUR;
  assert.equal(await again(), 0);
  skew = 0;
  await deps.http.send(GET);
  skew = HOUR;
  await deps.http.send(GET);
  assert.equal(await again(), HOUR);
  clock.at += 13 * HOUR;
  assert.equal(await again(), 0);
});

Deno.test("watchClock: less than a minute prints nothing", async () => {
  const { reporter, deps } = await world(() => 50_000);
  await deps.http.send(GET);
  assert.deepEqual([deps.clock.skewMs?.(), reporter.lines], [0, []]);
});
