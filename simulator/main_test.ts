import assert from "node:assert/strict";
import { simulatorOptions } from "./main.ts";

Deno.test("simulatorOptions: reads every option and refuses what it does not know", () => {
  const { port, change } = simulatorOptions(
    ["--port", "8123", "--roles", "25", "--mfa", "sms", "--approve-after", "never", "--latency", "150"],
  );
  assert.equal(port, 8123);
  assert.equal(change.roles?.length, 25);
  assert.deepEqual(change.users?.[0]?.devices.map((device) => device.type), ["OneLogin SMS"]);
  assert.equal(change.push, "never");
  assert.equal(change.latencyMs, 150);
  assert.deepEqual(simulatorOptions(["--approve-after", "3"]).change.push, { approveAfterMs: 3000 });
  assert.throws(() => simulatorOptions(["--mfa", "carrier-pigeon"]), /--mfa is push/);
  assert.throws(() => simulatorOptions(["--port", "many"]), /--port takes a whole number/);
  assert.throws(() => simulatorOptions(["--what"]));
});
