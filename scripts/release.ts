/**
 * Builds everything a release consists of into dist/release: archives, wheels and npm packages for six targets, a bill of
 * materials, SHA256SUMS.
 * `deno run -A scripts/release.ts`, on Linux x64 with the pinned Deno; anyone may run it again and compare. The workflow
 * runs it in two steps, `programs` and `archives`, since what is signed in between is another file: for Linux the
 * archives stay the same. Fails closed: nothing is built into a runtime whose checksum is not pinned in scripts/denort.json.
 */
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import denort from "./denort.json" with { type: "json" };
import { type Entry, tarGz, zipped } from "./archives.ts";
import { bundle } from "./bundle.ts";
import { compile } from "./compile.ts";
import { checkDeno, fetchDenort, pinOf } from "./denort.ts";
import { shippedPackages } from "./npm_packages.ts";
import { npmLauncher, npmMain, npmName, npmPlatform } from "./npm_tarballs.ts";
import { packageTexts } from "./package_texts.ts";
import { checkBill, sbom } from "./sbom.ts";
import { readDenoJson, ROOT } from "./start_task.ts";
import { DENO_VERSION, ESBUILD, isTarget, isWindows, programName, sha256, type Target, TARGETS } from "./toolchain.ts";
import { wheel, wheelName } from "./wheel.ts";
import { PROGRAM as NAME } from "../src/version.ts";

const PROGRAMS = "dist/programs";
const OUT = "dist/release";
const TARGET_NAMES = Object.keys(TARGETS).filter(isTarget);

/** The name of a target's archive, without the folder. */
export function archiveName(version: string, target: Target): string {
  return `${NAME}-${version}-${TARGETS[target]}.${isWindows(target) ? "zip" : "tar.gz"}`;
}

/** Throws an Error for a tag that is not `v` and the version, and for a checksum that is missing. */
export function checkRelease(
  facts: { readonly version: string; readonly tag: string | undefined; readonly deno: string },
  pins: { readonly version: string; readonly sha256: Readonly<Record<string, string>> },
): void {
  if (facts.deno !== DENO_VERSION) {
    throw new Error(`a release is built with Deno ${DENO_VERSION}, this is ${facts.deno}`);
  }
  if (facts.tag !== undefined && facts.tag !== `v${facts.version}`) {
    throw new Error(`the tag is "${facts.tag}" and deno.json has "${facts.version}"`);
  }
  const missing = TARGET_NAMES.filter((target) => !/^[0-9a-f]{64}$/.test(pins.sha256[target] ?? ""));
  if (pins.version !== DENO_VERSION || missing.length > 0) {
    throw new Error(
      `scripts/denort.json has no checksums for Deno ${DENO_VERSION}: ${
        missing.join(", ") || `it is for ${pins.version}`
      }\n` +
        "hint: deno run -A scripts/pin_denort.ts, where dl.deno.land can be reached",
    );
  }
}

/** Builds the six programs into `dist/programs`, each in a folder with the words of its target. */
async function buildPrograms(): Promise<void> {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") throw new Error("a release is built on Linux x64");
  await checkDeno();
  await emptyFolder(path(PROGRAMS));
  // A cache of its own: nothing that another job left behind can get into a release.
  await emptyFolder(path("dist/release-cache"));
  const cache = { DENO_DIR: path("dist/release-cache") };
  const entries = await bundle("dist/bundle", cache);
  await checkEsbuild(cache.DENO_DIR);
  for (const target of TARGET_NAMES) {
    const runtime = await fetchDenort(pinOf(target), path(`dist/release-cache/denort-${target}`));
    const program = programPath(path(PROGRAMS), target);
    await Deno.mkdir(dirname(program), { recursive: true });
    await compile(entries, target, program, { ...cache, DENORT_BIN: runtime });
  }
}

/** Where the program of a target lies in the folder of all. */
export function programPath(programs: string, target: Target): string {
  return `${programs}/${TARGETS[target]}/${programName(target)}`;
}

/**
 * Packs the programs in `programs` into archives, wheels and npm packages in `out`, with the bill of materials and
 * SHA256SUMS. All three kinds contain the same bytes of a program. Returns the text of SHA256SUMS. Throws an Error, before
 * anything is written, when a program is missing.
 */
export async function packRelease(version: string, programs: string, out: string): Promise<string> {
  for (const target of TARGET_NAMES) {
    if (!(await Deno.stat(programPath(programs, target))).isFile) throw new Error(`there is no program for ${target}`);
  }
  const texts = await packageTexts();
  const bill = `${JSON.stringify(sbom(version, await shippedPackages(), denort), null, 2)}\n`;
  checkBill(bill);
  await emptyFolder(out);
  const sums = new Map<string, string>();
  const write = async (name: string, bytes: Uint8Array<ArrayBuffer>) => {
    await Deno.writeFile(`${out}/${name}`, bytes);
    sums.set(name, await sha256(bytes));
  };
  const beside: readonly Entry[] = [
    { name: "THIRD_PARTY_LICENSES", bytes: new TextEncoder().encode(texts.thirdParty) },
    ...["LICENSE", "README.md", "CHANGELOG.md", `docs/${NAME}.1`].map((file) => ({
      name: basename(file),
      bytes: Deno.readFileSync(path(file)),
    })),
  ];
  for (const target of TARGET_NAMES) {
    const bytes = await Deno.readFile(programPath(programs, target));
    const program = { name: programName(target), bytes, mode: 0o755 };
    const files = [program, ...beside].map((file) => ({
      ...file,
      name: `${NAME}-${version}-${TARGETS[target]}/${file.name}`,
    }));
    await write(archiveName(version, target), isWindows(target) ? zipped(files) : tarGz(files));
    await write(wheelName(version, target), wheel(version, target, bytes, texts));
    await write(npmName(version, target), npmPlatform(version, target, bytes, texts));
  }
  await write(npmName(version), npmMain(version, await npmLauncher(), texts));
  await write(`${NAME}-${version}.cdx.json`, new TextEncoder().encode(bill));
  const lines = Array.from(sums, ([name, sum]) => `${sum}  ${name}\n`).sort((a, b) =>
    a.slice(66) < b.slice(66) ? -1 : 1
  );
  await Deno.writeTextFile(`${out}/SHA256SUMS`, lines.join(""));
  return lines.join("");
}

/** A table of what SHA256SUMS names: size, checksum, name. */
export function tableOf(sums: string, folder: string): string {
  const rows = sums.trim().split("\n").map((line) => {
    const [sum = "", name = ""] = line.split("  ");
    return `${(Deno.statSync(`${folder}/${name}`).size / 1e6).toFixed(2).padStart(8)} MB  ${sum}  ${name}`;
  });
  return rows.join("\n");
}

async function main([step, ...more]: readonly string[]): Promise<void> {
  if ((step !== undefined && step !== "programs" && step !== "archives") || more.length > 0) {
    throw new Error("usage: scripts/release.ts [programs|archives]");
  }
  const { version } = await readDenoJson();
  const tag = Deno.env.get("GITHUB_REF_TYPE") === "tag" ? Deno.env.get("GITHUB_REF_NAME") : undefined;
  checkRelease({ version, tag, deno: Deno.version.deno }, denort);
  if (step !== "archives") await buildPrograms();
  if (step !== "programs") console.log(tableOf(await packRelease(version, path(PROGRAMS), path(OUT)), path(OUT)));
}

/** Deno takes the bundler from npm without a pinned checksum; what it ran is looked at before anything is published. */
async function checkEsbuild(cache: string): Promise<void> {
  const found = Array.from(Deno.readDirSync(`${cache}/dl`)).filter(({ name }) => name.startsWith("esbuild-"));
  for (const { name } of found) {
    const sum = await sha256(await Deno.readFile(`${cache}/dl/${name}/esbuild-linux-x64`));
    if (sum !== ESBUILD.sha256) {
      throw new Error(`the bundler ${name} has the checksum ${sum}, not the pinned ${ESBUILD.sha256}`);
    }
  }
  if (found.length === 0) throw new Error("cannot find the bundler in Deno's cache");
}

async function emptyFolder(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder, { recursive: true });
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, ROOT));
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(`release: error: ${error instanceof Error ? error.message : String(error)}`);
    Deno.exit(1);
  }
}
