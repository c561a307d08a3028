/** The bill of materials of a release in CycloneDX 1.6 (ECMA-424), and the licences of what is in the executable. */
import { createHash } from "node:crypto";
import { LICENSES } from "../src/commands/license_texts.ts";
import type { NpmPackage } from "./npm_packages.ts";
import { PROGRAM as NAME } from "../src/version.ts";

/** What else is in every executable besides the npm packages. */
export interface Runtime {
  readonly version: string;
  /** Target to SHA-256 of the downloaded archive. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** `pkg:npm/%40scope/name@1.2.3` (package-url specification). */
export function purl({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** The parts of the runtime that vulnerabilities are usually found in: V8 (with ICU), TLS, HTTP, compression. */
const MAIN_PARTS = [
  "v8",
  "rustls",
  "aws-lc-rs",
  "tokio",
  "hyper",
  "h2",
  "deno_core",
  "deno_runtime",
  "flate2",
  "brotli",
];
const runtimeParts = LICENSES.licenses.flatMap(({ of }) => of).flatMap((title) => {
  const [, name = "", version = "", license = ""] = /^(\S+) (\S+) \((.*), crates\.io\)$/.exec(title) ?? [];
  return MAIN_PARTS.includes(name) ? [{ name, version, license }] : [];
}).filter((part, index, all) =>
  all.findIndex(({ name, version }) => name === part.name && version === part.version) === index
);

/** The document. Deterministic: its serial number is made from its content, and it has no time. */
export function sbom(version: string, packages: readonly NpmPackage[], runtime: Runtime): unknown {
  const root = `pkg:generic/${NAME}@${version}`;
  const ref = (id: string) => {
    const found = packages.find(({ name, version }) => `${name}@${version}` === id);
    if (found === undefined) throw new Error(`"${id}" is needed by a package but is not in the executable`);
    return purl(found);
  };
  const native = (name: string, version: string, license: string) => ({
    type: "library",
    "bom-ref": `pkg:cargo/${name}@${version}`,
    name,
    version,
    purl: `pkg:cargo/${name}@${version}`,
    // SPDX writes OR where Cargo once wrote a slash.
    licenses: [{ expression: license.replace("/", " OR ") }],
  });
  const deno = {
    type: "platform",
    "bom-ref": `pkg:github/denoland/deno@v${runtime.version}`,
    name: "deno",
    version: runtime.version,
    purl: `pkg:github/denoland/deno@v${runtime.version}`,
    licenses: [{ license: { id: "MIT" } }],
  };
  const parts = runtimeParts.map(({ name, version, license }) => native(name, version, license));
  const runtimes = Object.entries(runtime.sha256).map(([target, sha256]) => ({
    type: "platform",
    "bom-ref": `denort-${target}@${runtime.version}`,
    name: `denort-${target}`,
    version: runtime.version,
    licenses: [{ license: { id: "MIT" } }],
    hashes: [{ alg: "SHA-256", content: sha256 }],
    externalReferences: [{ type: "website", url: "https://deno.com" }],
  }));
  const libraries = packages.map((each) => ({
    type: "library",
    "bom-ref": purl(each),
    name: each.name,
    version: each.version,
    purl: purl(each),
    licenses: [{ license: { id: each.license } }],
    hashes: [{ alg: "SHA-512", content: hexOfIntegrity(each.integrity) }],
  }));
  const content = {
    metadata: {
      component: { type: "application", "bom-ref": root, name: NAME, version, licenses: [{ license: { id: "MIT" } }] },
    },
    components: [deno, ...runtimes, ...parts, ...libraries],
    dependencies: [
      {
        ref: root,
        dependsOn: [
          deno["bom-ref"],
          ...runtimes.map((each) => each["bom-ref"]),
          ...packages.filter(({ direct }) => direct).map(purl),
        ],
      },
      { ref: deno["bom-ref"], dependsOn: parts.map((each) => each["bom-ref"]) },
      ...packages.map((each) => ({ ref: purl(each), dependsOn: each.dependencies.map(ref) })),
    ],
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(`${root} ${JSON.stringify(content)}`)}`,
    version: 1,
    ...content,
  };
}

/** Version 5 (RFC 9562, 5.5) of a name in the namespace for URLs. */
export function uuidOf(name: string): string {
  const namespace = Uint8Array.from(
    "6ba7b8119dad11d180b400c04fd430c8".match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Throws an Error for a bill that actions/attest would refuse, which it does only after the provenance is public. */
export function checkBill(text: string): void {
  const { bomFormat, specVersion, serialNumber } = JSON.parse(text);
  if (bomFormat !== "CycloneDX" || !specVersion || !/^urn:uuid:[0-9a-f-]{36}$/.test(serialNumber)) {
    throw new Error("the bill of materials has no bomFormat, specVersion or serialNumber");
  }
  if (text.length > 16 * 1024 * 1024) throw new Error("the bill of materials is larger than 16 MiB");
}

function hexOfIntegrity(integrity: string): string {
  return Array.from(atob(integrity.slice("sha512-".length)), (char) => char.charCodeAt(0).toString(16).padStart(2, "0"))
    .join("");
}
