import assert from "node:assert/strict";
import denort from "./denort.json" with { type: "json" };
import { checkDeno } from "./denort.ts";
import { shippedPackages } from "./npm_packages.ts";
import { archive, archiveName, checkRelease, packRelease, programPath } from "./release.ts";
import { checkBill, purl, sbom, thirdPartyLicenses, uuidOf } from "./sbom.ts";
import { DENO_SHA256, DENO_VERSION, isTarget, isWindows, sha256, TARGETS } from "./toolchain.ts";

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

Deno.test("denort.json: is for the pinned Deno, and holds checksums of known targets only", () => {
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
  assert.equal(bill.components.length, packages.length + 6);
  const refs = bill.components.map((component) => component["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  for (const { hashes } of bill.components) {
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

Deno.test("thirdPartyLicenses(): names every package and has the text of its licence", () => {
  const text = thirdPartyLicenses(packages, pins);
  for (const { name, version, license } of packages) {
    assert.ok(text.includes(`\n${name} ${version} (${license})\n`), name);
  }
  assert.ok(text.includes("Permission is hereby granted, free of charge"));
  assert.ok(text.includes(`Deno ${DENO_VERSION} (MIT)`));
});

Deno.test("archive(): the same files make the same bytes, whenever and in whatever order they were written", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const out = Deno.makeTempDirSync();
  try {
    const packed = async (archiveName: string, names: readonly string[]) => {
      Deno.mkdirSync(`${out}/tool-1`);
      for (const name of names) {
        Deno.writeTextFileSync(`${out}/tool-1/${name}`, `text of ${name}`);
        Deno.utimeSync(`${out}/tool-1/${name}`, Math.random() * 1e9, Math.random() * 1e9);
      }
      await archive(out, "tool-1", archiveName);
      const bytes = Deno.readFileSync(`${out}/${archiveName}`);
      Deno.removeSync(`${out}/tool-1`, { recursive: true });
      Deno.removeSync(`${out}/${archiveName}`);
      return bytes;
    };
    const noZip = await new Deno.Command("sh", { args: ["-c", "command -v zip"] }).output().then(({ code }) =>
      code !== 0
    );
    for (const name of noZip ? ["tool.tar.gz"] : ["tool.tar.gz", "tool.zip"]) {
      const first = await packed(name, ["LICENSE", "tool", "README.md"]);
      assert.ok(first.length > 100);
      assert.deepEqual(await packed(name, ["README.md", "LICENSE", "tool"]), first, name);
      assert.notDeepEqual(await packed(name, ["README.md", "LICENSE"]), first);
    }
  } finally {
    Deno.removeSync(out, { recursive: true });
  }
});

const targets = Object.keys(TARGETS).filter(isTarget);
const packers = await Promise.all(["tar", "zip", "unzip"].map(async (name) => {
  try {
    return (await new Deno.Command(name, {
      args: [name === "tar" ? "--version" : "-h"],
      stdout: "null",
      stderr: "null",
    })
      .output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}));
const canPack = Deno.build.os === "linux" && packers.every((there) => there);
if (!canPack) console.error("a whole release is not packed in a test: that needs Linux with tar, zip and unzip");

Deno.test("packRelease(): packs each program, runnable, with what goes along, and names every file in SHA256SUMS", {
  ignore: !canPack,
}, async () => {
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
        ...targets.map((target) => archiveName("3.0.0", target)),
        "onelogin-aws-assume-role-3.0.0.cdx.json",
      ]
        .sort(),
    );
    for (const line of sums.trim().split("\n")) {
      const [sum, name] = line.split("  ");
      assert.equal(await sha256(Deno.readFileSync(`${out}/${name}`)), sum, name);
    }
    for (const target of targets) {
      const inside = archiveName("3.0.0", target).replace(/\.(zip|tar\.gz)$/, "");
      const [command, ...args] = isWindows(target)
        ? ["unzip", "-q", `${out}/${inside}.zip`, "-d", folder]
        : ["tar", "-xzf", `${out}/${inside}.tar.gz`, "-C", folder];
      assert.ok((await new Deno.Command(command!, { args }).output()).success, inside);
      const program = `${folder}/${inside}/${programPath("", target).split("/").at(-1)}`;
      assert.equal(Deno.readTextFileSync(program), `program for ${target}`);
      assert.equal((Deno.statSync(program).mode ?? 0) & 0o777, 0o755);
      assert.deepEqual(
        Array.from(Deno.readDirSync(`${folder}/${inside}`), ({ name }) => name).sort(),
        [
          "CHANGELOG.md",
          "LICENSE",
          "README.md",
          "THIRD_PARTY_LICENSES",
          "onelogin-aws-assume-role.1",
          program.split("/").at(-1),
        ].sort(),
      );
    }
    // A release is whole or is none.
    Deno.removeSync(programPath(`${folder}/programs`, "aarch64-pc-windows-msvc"));
    await assert.rejects(packRelease("3.0.0", `${folder}/programs`, `${folder}/again`), Deno.errors.NotFound);
    assert.throws(() => Deno.statSync(`${folder}/again`), Deno.errors.NotFound);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
