import assert from "node:assert/strict";
import { fakeSettings } from "../testing.ts";
import { givenValues } from "./shown.ts";

Deno.test("givenValues: each value with its source and what it wins over, never a secret, no default", () => {
  const path = "/h/team.json";
  const lines = givenValues(fakeSettings({
    clientSecret: { value: "hunter2", source: { kind: "environment", name: "ONELOGIN_CLIENT_SECRET" } },
    subdomain: {
      value: "ac\u001b[2Jme",
      source: { kind: "option", name: "--onelogin-subdomain" },
      shadows: [{ kind: "file", path, key: "subdomain" }],
    },
    duration: { value: "max", source: { kind: "file", path, key: "duration" } },
    region: { value: "us", source: { kind: "default" } },
  }));
  for (
    const line of [
      "client secret: set (from ONELOGIN_CLIENT_SECRET)",
      'subdomain: ac [2Jme (from --onelogin-subdomain; overrides "subdomain" in "/h/team.json")',
      'duration: max (from "duration" in "/h/team.json")',
    ]
  ) assert.ok(lines.includes(line), lines.join("\n"));
  assert.doesNotMatch(lines.join("\n"), /hunter2|OneLogin region/);
});
