import assert from "node:assert/strict";
import { caBundle } from "./ca_bundle.ts";

Deno.test("caBundle: that of the profile alone, the last one that is not empty", () => {
  const of = (text: string, profile = "default") => caBundle(new TextEncoder().encode(text), profile);
  assert.equal(of("[default]\nca_bundle = /a.pem\n[profile dev]\nca_bundle=~/b.pem\n"), "/a.pem");
  assert.equal(of("[default]\nca_bundle = /a.pem\n[profile dev]\nca_bundle=~/b.pem\n", "dev"), "~/b.pem");
  assert.equal(of("[default]\nregion = x\n"), undefined);
  assert.equal(of("[default]\nca_bundle =\n[dev]\nca_bundle = /c\n"), undefined);
});
