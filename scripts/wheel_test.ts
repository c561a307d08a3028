import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { unzipped } from "./archives.ts";
import { isTarget, TARGETS } from "./toolchain.ts";
import { pythonVersion, wheel, wheelName } from "./wheel.ts";

const TEXTS = { license: "MIT", thirdParty: "others", description: "# A tool\n" };
const PROGRAM = new TextEncoder().encode("a program");
const targets = Object.keys(TARGETS).filter(isTarget);

Deno.test("pythonVersion(): writes pre-releases as PyPI does, and refuses what has no such form", () => {
  for (
    const [version, python] of [["3.0.0", "3.0.0"], ["3.0.0-alpha.1", "3.0.0a1"], ["3.1.0-beta.12", "3.1.0b12"], [
      "3.0.0-rc.2",
      "3.0.0rc2",
    ]] as const
  ) assert.equal(pythonVersion(version), python);
  for (const version of ["3.0", "3.0.0-nightly.1", "3.0.0+1", "3.0.0-alpha"]) {
    assert.throws(() => pythonVersion(version), /has no form in Python/);
  }
});

Deno.test("wheelName(): one for each target, with the tags of PyPA's platform specification", () => {
  const names = targets.map((target) => wheelName("3.0.0-alpha.1", target));
  assert.equal(new Set(names).size, 6);
  for (const name of names) {
    assert.match(
      name,
      /^onelogin_aws_assume_role-3\.0\.0a1-py3-none-(?:manylinux_\d+_\d+_(?:x86_64|aarch64)|macosx_\d+_\d+_(?:x86_64|arm64)|win_(?:amd64|arm64))\.whl$/,
    );
  }
});

Deno.test("wheel(): RECORD names every file with its hash and size, the program among the scripts, runnable", () => {
  for (const target of targets) {
    const bytes = wheel("3.0.0-rc.1", target, PROGRAM, TEXTS);
    const read = (name: string) => new Uint8Array(unzipped(bytes, name));
    const text = (name: string) => new TextDecoder().decode(read(name));
    const info = "onelogin_aws_assume_role-3.0.0rc1.dist-info";
    const lines = text(`${info}/RECORD`).trim().split("\n").map((line) => line.split(","));
    assert.deepEqual(lines.pop(), [`${info}/RECORD`, "", ""]);
    for (const [name = "", hash, size] of lines) {
      assert.equal(hash, `sha256=${createHash("sha256").update(read(name)).digest("base64url")}`, name);
      assert.equal(Number(size), read(name).length, name);
    }
    const suffix = target.includes("windows") ? ".exe" : "";
    assert.deepEqual(lines.map(([name]) => name), [
      `onelogin_aws_assume_role-3.0.0rc1.data/scripts/onelogin-aws-assume-role${suffix}`,
      ...["METADATA", "WHEEL", "licenses/LICENSE", "licenses/THIRD_PARTY_LICENSES"].map((name) => `${info}/${name}`),
    ]);
    assert.deepEqual(read(lines[0]?.[0] ?? ""), PROGRAM);
    const tag = wheelName("3.0.0-rc.1", target).replace(/^.*?(py3-.*)\.whl$/, "$1");
    assert.match(text(`${info}/WHEEL`), new RegExp(`^Root-Is-Purelib: false\nTag: ${tag}$`, "m"));
    assert.match(text(`${info}/METADATA`), /^Name: onelogin-aws-assume-role\nVersion: 3\.0\.0rc1$/m);
    assert.ok(text(`${info}/METADATA`).endsWith(`\n\n${TEXTS.description}`));
  }
});

Deno.test("wheel(): the same program makes the same bytes", () => {
  const [target] = targets;
  assert.deepEqual(wheel("3.0.0", target!, PROGRAM, TEXTS), wheel("3.0.0", target!, PROGRAM.slice(), TEXTS));
});
