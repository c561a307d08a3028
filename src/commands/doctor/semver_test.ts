import assert from "node:assert/strict";
import { compareVersions, parseVersion } from "./semver.ts";

function version(text: string) {
  return parseVersion(text) ?? assert.fail(`${text} is no version`);
}

/** In the order of Semantic Versioning; the ones in the middle are the example of its section 11. */
const ORDERED = [
  "0.9.10",
  "1.0.0-0",
  "1.0.0-2",
  "1.0.0-10",
  "1.0.0-99999999999999999999998",
  "1.0.0-99999999999999999999999",
  "1.0.0--",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "1.0.1",
  "1.2.0",
  "1.10.0-alpha",
  "1.10.0",
  "3.0.0-alpha.1",
  "3.0.0",
  "10.0.0",
];

Deno.test("compareVersions(): orders every pair as Semantic Versioning does, pre-releases before their release", () => {
  for (const [i, a] of ORDERED.entries()) {
    for (const [j, b] of ORDERED.entries()) {
      assert.equal(Math.sign(compareVersions(version(a), version(b))), Math.sign(i - j), `${a} and ${b}`);
    }
  }
});

Deno.test("compareVersions(): the build has no say in the order", () => {
  assert.equal(compareVersions(version("1.0.0+linux"), version("1.0.0+darwin.1")), 0);
  assert.ok(compareVersions(version("1.0.0-rc.1+x"), version("1.0.0")) < 0);
});

Deno.test("parseVersion(): takes a version and nothing around it", () => {
  assert.deepEqual(version("3.0.0-alpha.1+20260101"), {
    text: "3.0.0-alpha.1",
    numbers: [3, 0, 0],
    preRelease: ["alpha", "1"],
  });
  const wrong = [
    "",
    "3",
    "3.0",
    "v3.0.0",
    "3.0.0.0",
    "03.0.0",
    "3.0.0-",
    "3.0.0-01",
    "3.0.0-a..b",
    "3.0.0 ",
    "3.0.0-ä",
  ];
  for (const text of [...wrong, `3.0.0-${"a".repeat(200)}`, "3.0.0-\u001b[2J", "9999999999.0.0"]) {
    assert.equal(parseVersion(text), undefined, text);
  }
});
