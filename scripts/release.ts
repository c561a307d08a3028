/**
 * Builds everything a release consists of into dist/release: archives of six targets, a bill of materials, SHA256SUMS.
 * `deno run -A scripts/release.ts`, on Linux x64 with the pinned Deno; anyone may run it again and compare. The workflow
 * runs it in two steps, `programs` and `archives`, since what is signed in between is another file: for Linux the
 * archives stay the same. Fails closed: nothing is built into a runtime whose checksum is not pinned in scripts/denort.json.
 */
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import denort from "./denort.json" with { type: "json" };
import { bundle } from "./bundle.ts";
import { compile } from "./compile.ts";
import { checkDeno, fetchDenort, pinOf } from "./denort.ts";
import { shippedPackages } from "./npm_packages.ts";
import { checkBill, sbom, thirdPartyLicenses } from "./sbom.ts";
import { readDenoJson, ROOT } from "./start_task.ts";
import { DENO_VERSION, ESBUILD, isTarget, isWindows, sha256, type Target, TARGETS } from "./toolchain.ts";
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
    throw new Error(`the tag is "${facts.tag}" and deno.json says "${facts.version}"`);
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
  return `${programs}/${TARGETS[target]}/${NAME}${isWindows(target) ? ".exe" : ""}`;
}

/**
 * Packs the programs in `programs` into archives in `out`, with what goes along, the bill of materials and SHA256SUMS.
 * Returns the text of SHA256SUMS. Throws an Error, before anything is written, when a program is missing.
 */
export async function packRelease(version: string, programs: string, out: string): Promise<string> {
  for (const target of TARGET_NAMES) {
    if (!(await Deno.stat(programPath(programs, target))).isFile) throw new Error(`there is no program for ${target}`);
  }
  await emptyFolder(out);
  const packages = await shippedPackages();
  const licenses = thirdPartyLicenses(packages, denort);
  for (const target of TARGET_NAMES) {
    const folder = `${NAME}-${version}-${TARGETS[target]}`;
    await Deno.mkdir(`${out}/${folder}`);
    const program = programPath(programs, target);
    const packed = `${out}/${folder}/${basename(program)}`;
    await Deno.copyFile(program, packed);
    for (const file of ["LICENSE", "README.md", "CHANGELOG.md", `docs/${NAME}.1`]) {
      await Deno.copyFile(path(file), `${out}/${folder}/${basename(file)}`);
    }
    await Deno.writeTextFile(`${out}/${folder}/THIRD_PARTY_LICENSES`, licenses);
    // What went from job to job has lost its mode, and what was written here has that of this machine.
    for (const { name } of Deno.readDirSync(`${out}/${folder}`)) {
      await Deno.chmod(`${out}/${folder}/${name}`, `${out}/${folder}/${name}` === packed ? 0o755 : 0o644);
    }
    await archive(out, folder, archiveName(version, target));
    await Deno.remove(`${out}/${folder}`, { recursive: true });
  }
  const bill = `${NAME}-${version}.cdx.json`;
  const billText = `${JSON.stringify(sbom(version, packages, denort), null, 2)}\n`;
  checkBill(billText);
  await Deno.writeTextFile(`${out}/${bill}`, billText);

  const names = [...TARGET_NAMES.map((target) => archiveName(version, target)), bill].sort();
  const sums: string[] = [];
  for (const name of names) sums.push(`${await sha256(await Deno.readFile(`${out}/${name}`))}  ${name}\n`);
  await Deno.writeTextFile(`${out}/SHA256SUMS`, sums.join(""));
  return sums.join("");
}

async function main([step, ...more]: readonly string[]): Promise<void> {
  if ((step !== undefined && step !== "programs" && step !== "archives") || more.length > 0) {
    throw new Error("usage: scripts/release.ts [programs|archives]");
  }
  const { version } = await readDenoJson();
  const tag = Deno.env.get("GITHUB_REF_TYPE") === "tag" ? Deno.env.get("GITHUB_REF_NAME") : undefined;
  checkRelease({ version, tag, deno: Deno.version.deno }, denort);
  if (step !== "archives") await buildPrograms();
  if (step !== "programs") console.log(await packRelease(version, path(PROGRAMS), path(OUT)));
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

/** Packs a folder inside `out` so that packing it again gives the same bytes. */
export async function archive(out: string, folder: string, name: string): Promise<void> {
  // The oldest time a zip file can hold.
  await run("find", [folder, "-exec", "touch", "-h", "-d", "1980-01-01T00:00:00Z", "{}", "+"], out);
  const files = Array.from(Deno.readDirSync(`${out}/${folder}`), (entry) => `${folder}/${entry.name}`).sort();
  if (name.endsWith(".zip")) return await run("zip", ["-q", "-X", name, ...files], out, { TZ: "UTC" });
  const tar = name.replace(/\.gz$/, "");
  await run("tar", ["--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "-cf", tar, ...files], out);
  await run("gzip", ["-n", "-9", tar], out);
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<void> {
  const { code } = await new Deno.Command(command, { args: [...args], cwd, env, stdin: "null" }).spawn().status;
  if (code !== 0) throw new Error(`"${command} ${args.join(" ")}" ended with ${code}`);
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
