/**
 * Packs the program as a Python wheel, so that whoever has the Python tool of this name gets this program by
 * `pip install -U`, pipx or uv. `deno run -A scripts/wheel.ts [PROGRAM]` packs the program for this machine into dist/.
 *
 * PyPA, Binary distribution format: what is in `.data/scripts` is installed beside the Python of the environment.
 */
import { createHash } from "node:crypto";
import { type Entry, zipped } from "./archives.ts";
import { type PackageTexts, packageTexts } from "./package_texts.ts";
import { readDenoJson, ROOT } from "./start_task.ts";
import { isTarget, programName, type Target } from "./toolchain.ts";
import { HOMEPAGE } from "../src/repository.ts";
import { PROGRAM as NAME } from "../src/version.ts";

/** The systems that pip installs each program on, as those of Deno's own wheels, whose runtime this is. */
export const WHEEL_PLATFORMS: Readonly<Record<Target, string>> = {
  "x86_64-unknown-linux-gnu": "manylinux_2_27_x86_64",
  "aarch64-unknown-linux-gnu": "manylinux_2_27_aarch64",
  "x86_64-apple-darwin": "macosx_10_12_x86_64",
  "aarch64-apple-darwin": "macosx_11_0_arm64",
  "x86_64-pc-windows-msvc": "win_amd64",
  "aarch64-pc-windows-msvc": "win_arm64",
};

/** A version as PyPI writes it (PEP 440): `3.0.0-alpha.1` is `3.0.0a1`. Throws an Error for any other kind of pre-release. */
export function pythonVersion(version: string): string {
  const [, release, kind, number] = /^(\d+\.\d+\.\d+)(?:-(alpha|beta|rc)\.(\d+))?$/.exec(version) ?? [];
  if (release === undefined) {
    throw new Error(`"${version}" has no form in Python: it may end with -alpha.1, -beta.1 or -rc.1`);
  }
  return kind === undefined ? release : `${release}${kind === "rc" ? kind : kind[0]}${number}`;
}

/** The name of a target's wheel, without the folder. */
export function wheelName(version: string, target: Target): string {
  return `${stem(version)}-py3-none-${WHEEL_PLATFORMS[target]}.whl`;
}

/** The bytes of a wheel. */
export function wheel(
  version: string,
  target: Target,
  program: Uint8Array,
  texts: PackageTexts,
): Uint8Array<ArrayBuffer> {
  const info = `${stem(version)}.dist-info`;
  const text = (name: string, content: string): Entry => ({ name, bytes: new TextEncoder().encode(content) });
  const metadata = [
    "Metadata-Version: 2.4",
    `Name: ${NAME}`,
    `Version: ${pythonVersion(version)}`,
    "Summary: Temporary AWS credentials from a OneLogin login",
    "License-Expression: MIT",
    "License-File: LICENSE",
    "License-File: THIRD_PARTY_LICENSES",
    "Keywords: aws,onelogin,saml,sts,credentials",
    `Project-URL: Homepage, ${HOMEPAGE}`,
    `Project-URL: Changelog, ${HOMEPAGE}/blob/main/CHANGELOG.md`,
    "Requires-Python: >=3.7",
    "Description-Content-Type: text/markdown",
    "",
    texts.description,
  ].join("\n");
  const tags = ["Wheel-Version: 1.0", `Generator: ${NAME} ${version}`, "Root-Is-Purelib: false"];
  const entries: readonly Entry[] = [
    { name: `${stem(version)}.data/scripts/${programName(target)}`, bytes: program, mode: 0o755 },
    text(`${info}/METADATA`, metadata),
    text(`${info}/WHEEL`, [...tags, `Tag: py3-none-${WHEEL_PLATFORMS[target]}`, ""].join("\n")),
    text(`${info}/licenses/LICENSE`, texts.license),
    text(`${info}/licenses/THIRD_PARTY_LICENSES`, texts.thirdParty),
  ];
  const lines = entries.map(({ name, bytes }) =>
    `${name},sha256=${createHash("sha256").update(bytes).digest("base64url")},${bytes.length}\n`
  );
  return zipped([...entries, text(`${info}/RECORD`, `${lines.join("")}${info}/RECORD,,\n`)]);
}

function stem(version: string): string {
  return `${NAME.replaceAll("-", "_")}-${pythonVersion(version)}`;
}

if (import.meta.main) {
  const { target } = Deno.build;
  if (!isTarget(target)) throw new Error(`there is no wheel for ${target}`);
  const { version } = await readDenoJson();
  const program = await Deno.readFile(Deno.args[0] ?? new URL(`dist/${programName(target)}`, ROOT));
  const path = `dist/${wheelName(version, target)}`;
  await Deno.writeFile(new URL(path, ROOT), wheel(version, target, program, await packageTexts()));
  console.log(path);
}
