import assert from "node:assert/strict";
import denort from "./denort.json" with { type: "json" };
import { checkDeno } from "./denort.ts";
import { unzipped } from "./archives.ts";
import { npmName } from "./npm_tarballs.ts";
import { wheelName } from "./wheel.ts";
import { shippedPackages } from "./npm_packages.ts";
import { archiveName, checkRelease, packRelease, programPath, tableOf } from "./release.ts";
import { checkBill, purl, sbom, uuidOf } from "./sbom.ts";
import { DENO_SHA256, DENO_VERSION, isTarget, isWindows, programName, sha256, TARGETS } from "./toolchain.ts";

const sum = "a".repeat(64);
const pins = { version: DENO_VERSION, sha256: Object.fromEntries(Object.keys(TARGETS).map((target) => [target, sum])) };
const facts = { version: "3.0.0", tag: "v3.0.0", deno: DENO_VERSION };
const packages = await shippedPackages();

Deno.test("checkRelease(): wants the pinned Deno, the version as tag, and a checksum of every runtime", () => {
  checkRelease(facts, pins);
  checkRelease({ ...facts, tag: undefined }, pins);
  assert.throws(() => checkRelease({ ...facts, deno: "2.9.7" }, pins), /built with Deno/);
  assert.throws(() => checkRelease({ ...facts, tag: "v3.0.1" }, pins), /the tag is "v3\.0\.1"/);
  assert.throws(() => checkRelease({ ...facts, tag: "3.0.0" }, pins), /the tag/);
  assert.throws(() => checkRelease(facts, { ...pins, version: "2.9.5" }), /it is for 2\.9\.5/);
  for (const target of Object.keys(TARGETS)) {
    const { [target]: _, ...rest } = pins.sha256;
    assert.throws(() => checkRelease(facts, { ...pins, sha256: rest }), new RegExp(`checksums.*: ${target}`));
    assert.throws(() => checkRelease(facts, { ...pins, sha256: { ...rest, [target]: "" } }), new RegExp(target));
  }
});

Deno.test("DENO_SHA256: is the checksum of the pinned Deno, as npm brings it", {
  // Whoever installed Deno in another way may have other bytes.
  ignore: Deno.version.deno !== DENO_VERSION || !Object.hasOwn(DENO_SHA256, Deno.build.target) ||
    !Deno.execPath().includes("node_modules"),
}, async () => {
  await checkDeno();
});

Deno.test("denort.json: is for the pinned Deno, and has checksums of known targets only", () => {
  assert.equal(denort.version, DENO_VERSION);
  for (const [target, value] of Object.entries(denort.sha256)) {
    assert.ok(isTarget(target), target);
    assert.match(String(value), /^[0-9a-f]{64}$/);
  }
});

Deno.test("archiveName(): name, version, system, processor", () => {
  assert.equal(archiveName("3.0.0", "aarch64-apple-darwin"), "onelogin-aws-assume-role-3.0.0-macos-arm64.tar.gz");
  assert.equal(archiveName("3.0.0", "x86_64-pc-windows-msvc"), "onelogin-aws-assume-role-3.0.0-windows-x64.zip");
  const names = Object.keys(TARGETS).filter(isTarget).map((target) => archiveName("3.0.0", target));
  assert.equal(new Set(names).size, 6);
});

Deno.test("sbom(): lists the runtimes and every package with its checksum, and what needs what", () => {
  interface Component {
    readonly "bom-ref": string;
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  }
  const bill = sbom("3.0.0", packages, pins) as {
    readonly bomFormat: string;
    readonly specVersion: string;
    readonly components: readonly Component[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  };
  assert.deepEqual([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.6"]);
  const named = (pattern: RegExp) => bill.components.filter((component) => pattern.test(component["bom-ref"]));
  assert.equal(named(/^pkg:npm\//).length, packages.length);
  assert.equal(named(/^denort-/).length, 6);
  assert.deepEqual(named(/^pkg:github\//).map((each) => each["bom-ref"]), [
    `pkg:github/denoland/deno@v${DENO_VERSION}`,
  ]);
  assert.equal(named(/^pkg:cargo\/v8@/).length, 1);
  const refs = bill.components.map((component) => component["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  for (const { hashes } of [...named(/^pkg:npm\//), ...named(/^denort-/)]) {
    assert.match(hashes[0]?.content ?? "", hashes[0]?.alg === "SHA-512" ? /^[0-9a-f]{128}$/ : /^[0-9a-f]{64}$/);
  }
  for (const { dependsOn } of bill.dependencies) for (const ref of dependsOn) assert.ok(refs.includes(ref), ref);
  const clack = bill.dependencies.find(({ ref }) => ref.startsWith("pkg:npm/%40clack/prompts@"));
  assert.ok(clack?.dependsOn.some((ref) => ref.startsWith("pkg:npm/%40clack/core@")));
  assert.deepEqual(sbom("3.0.0", packages, pins), bill);
});

Deno.test("sbom(): is a bill that actions/attest takes, with a serial number of its content", () => {
  const serial = (version: string) => (sbom(version, packages, pins) as { serialNumber: string }).serialNumber;
  checkBill(JSON.stringify(sbom("3.0.0", packages, pins)));
  assert.equal(serial("3.0.0"), serial("3.0.0"));
  assert.notEqual(serial("3.0.0"), serial("3.0.1"));
  assert.match(serial("3.0.0"), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  for (const key of ["bomFormat", "specVersion", "serialNumber"]) {
    const { [key]: _, ...rest } = sbom("3.0.0", packages, pins) as Record<string, unknown>;
    assert.throws(() => checkBill(JSON.stringify(rest)), /serialNumber/, key);
  }
});

Deno.test("uuidOf(): is what Python's uuid5 makes of the same name", () => {
  // uuid.uuid5(uuid.NAMESPACE_URL, "https://example.com/a")
  assert.equal(uuidOf("https://example.com/a"), "6639460f-3425-5329-8097-a58f06127860");
});

Deno.test("purl(): a scope's sign is encoded", () => {
  assert.equal(purl({ name: "@clack/core", version: "1.0.0" }), "pkg:npm/%40clack/core@1.0.0");
  assert.equal(purl({ name: "yaml", version: "2.0.0" }), "pkg:npm/yaml@2.0.0");
});

const targets = Object.keys(TARGETS).filter(isTarget);

async function untarred(archive: string, name: string): Promise<string> {
  const { stdout, success } = await new Deno.Command("tar", { args: ["-xzOf", archive, name] }).output();
  assert.ok(success, name);
  return new TextDecoder().decode(stdout);
}

Deno.test(
  "packRelease(): packs the same program into archive, wheel and npm package, and names every file in SHA256SUMS",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    const folder = Deno.makeTempDirSync();
    try {
      for (const target of targets) {
        const program = programPath(`${folder}/programs`, target);
        Deno.mkdirSync(program.replace(/\/[^/]*$/, ""), { recursive: true });
        // Not runnable, as after the way from one job to another.
        Deno.writeTextFileSync(program, `program for ${target}`, { mode: 0o644 });
      }
      const out = `${folder}/release`;
      const sums = await packRelease("3.0.0", `${folder}/programs`, out);
      assert.equal(Deno.readTextFileSync(`${out}/SHA256SUMS`), sums);
      const names = Array.from(Deno.readDirSync(out), ({ name }) => name).sort();
      assert.deepEqual(
        names,
        [
          "SHA256SUMS",
          ...targets.flatMap((target) => [archiveName, wheelName, npmName].map((named) => named("3.0.0", target))),
          npmName("3.0.0"),
          "onelogin-aws-assume-role-3.0.0.cdx.json",
        ]
          .sort(),
      );
      for (const line of sums.trim().split("\n")) {
        const [sum, name] = line.split("  ");
        assert.equal(await sha256(Deno.readFileSync(`${out}/${name}`)), sum, name);
      }
      const beside = ["CHANGELOG.md", "LICENSE", "README.md", "THIRD_PARTY_LICENSES", "onelogin-aws-assume-role.1"];
      for (const target of targets) {
        // The same program in all three kinds.
        const program = `program for ${target}`;
        const read = (name: string, inside: string) =>
          new TextDecoder().decode(unzipped(Deno.readFileSync(`${out}/${name}`), inside));
        const stem = "onelogin_aws_assume_role-3.0.0";
        assert.equal(read(wheelName("3.0.0", target), `${stem}.data/scripts/${programName(target)}`), program);
        assert.deepEqual(
          await untarred(`${out}/${npmName("3.0.0", target)}`, `package/${programName(target)}`),
          program,
        );
        const inside = archiveName("3.0.0", target).replace(/\.(zip|tar\.gz)$/, "");
        for (const name of [programName(target), ...beside]) {
          const text = isWindows(target)
            ? read(`${inside}.zip`, `${inside}/${name}`)
            : await untarred(`${out}/${inside}.tar.gz`, `${inside}/${name}`);
          if (name === programName(target)) assert.equal(text, program);
          else assert.ok(text.length > 500, name);
        }
      }
      const table = tableOf(sums, out).split("\n");
      assert.equal(table.length, 6 * 3 + 2);
      for (const line of table) assert.match(line, /^ +\d+\.\d\d MB {2}[0-9a-f]{64} {2}\S+$/);
      // A release is whole or is none.
      Deno.removeSync(programPath(`${folder}/programs`, "aarch64-pc-windows-msvc"));
      await assert.rejects(packRelease("3.0.0", `${folder}/programs`, `${folder}/again`), Deno.errors.NotFound);
      assert.throws(() => Deno.statSync(`${folder}/again`), Deno.errors.NotFound);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
);
