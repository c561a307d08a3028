import assert from "node:assert/strict";
import { licenseText } from "./licenses.ts";
import { quickAnswer } from "./help.ts";
import { parseArgv } from "../argv/parse.ts";

Deno.test("licenseText(): has the notices of the runtime, V8, ICU, the crates and the npm packages", () => {
  const text = licenseText();
  for (
    const notice of [
      /Deno authors/,
      /V8 \(in the runtime\)[^]*the V8 project authors/,
      /ICU \(in the runtime\)[^]*Unicode, Inc\./,
      /^rustls \S+ \(.*crates\.io\)$/m,
      /^yaml \S+ \(ISC, npm\)$/m,
      /Apache License\s+Version 2\.0/,
    ]
  ) assert.match(text, notice);
});

Deno.test("--licenses: is answered before any setting is read", async () => {
  assert.equal(await quickAnswer(parseArgv(["--licenses"]), "linux"), licenseText());
});
