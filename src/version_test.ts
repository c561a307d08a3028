import assert from "node:assert/strict";
import { PROGRAM, VERSION } from "./version.ts";
import config from "../deno.json" with { type: "json" };

Deno.test("VERSION: the same as in deno.json, and a semantic version", () => {
  assert.equal(VERSION, config.version);
  assert.match(VERSION, /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/);
});

Deno.test("PROGRAM: the name people type", () => {
  assert.equal(PROGRAM, "onelogin-aws-assume-role");
});
