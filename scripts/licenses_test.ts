import assert from "node:assert/strict";
import { chosen, joined, sectionOf } from "./licenses.ts";
import { shippedPackages } from "./npm_packages.ts";
import { DENO_VERSION } from "./toolchain.ts";
import { LICENSES as file } from "../src/commands/license_texts.ts";

Deno.test("license_texts.ts: is of the pinned Deno and of every npm package that ships (deno run -A scripts/licenses.ts)", async () => {
  assert.equal(file.deno, DENO_VERSION);
  const names = file.licenses.flatMap(({ of }) => of);
  for (const { name, version, license } of await shippedPackages()) {
    assert.ok(names.includes(`${name} ${version} (${license}, npm)`), name);
  }
  assert.ok(names.filter((name) => name.endsWith(", crates.io)")).length > 500);
});

Deno.test("joined(): each text is there once, whatever its line ends, with all that is under it", () => {
  const parts = [{ name: "a", text: "MIT\r\n text\n" }, { name: "b", text: "MIT\n text" }, {
    name: "a",
    text: "other",
  }];
  assert.deepEqual(joined(parts), [{ of: ["a", "b"], text: "MIT\n text" }, { of: ["a"], text: "other" }]);
});

Deno.test("sectionOf(): takes one section out of Node.js's licence file", () => {
  const file =
    '- ICU, located at deps/icu, is licensed as follows:\n  """\n    Text\n\n    more\n  """\n\n- V8, located at';
  assert.equal(sectionOf(file, "ICU").trim(), "Text\n\n  more");
  assert.throws(() => sectionOf(file, "zlib"), /no section for zlib/);
});

Deno.test("chosen(): the text for MIT where that may be chosen, else all of them", () => {
  const files = ["LICENSE-APACHE", "LICENSE-MIT"];
  assert.deepEqual(chosen("MIT OR Apache-2.0", files), ["LICENSE-MIT"]);
  assert.deepEqual(chosen("(MIT OR Apache-2.0) AND Unicode-3.0", files), files);
  assert.deepEqual(chosen("Apache-2.0", ["LICENSE"]), ["LICENSE"]);
  assert.deepEqual(chosen(null, files), files);
});
