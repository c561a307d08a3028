import assert from "node:assert/strict";
import { stsTarget } from "./sts_target.ts";

Deno.test("stsTarget: the address of the environment with its variable, the time to wait in milliseconds", () => {
  assert.deepEqual(stsTarget({ fips: true, dualStack: true, timeout: 7 }, "eu-west-1"), {
    region: "eu-west-1",
    fips: true,
    dualStack: true,
    timeoutMs: 7000,
  });
  const stsUrl = { value: "http://127.0.0.1:1", source: { kind: "environment", name: "AWS_ENDPOINT_URL" } } as const;
  assert.deepEqual(stsTarget({ stsUrl, fips: false, dualStack: false, timeout: 7 }, "eu-west-1"), {
    region: "eu-west-1",
    fips: false,
    dualStack: false,
    timeoutMs: 7000,
    endpoint: "http://127.0.0.1:1",
    variable: "AWS_ENDPOINT_URL",
  });
});
