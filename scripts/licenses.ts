/**
 * Writes src/commands/license_texts.ts: the licences of all that is in the executable, which `--licenses` prints and every archive and
 * package has as THIRD_PARTY_LICENSES. Run it with cargo and Node.js when Deno or an npm package changes:
 * `deno run -A scripts/licenses.ts [LICENSE of Node.js]`.
 *
 * The Rust crates are those of the `deno` crate's lock file; the runtime in the executable has most of them. The parts in
 * other languages (V8, ICU and what V8 brings) are taken from Node.js's licence file, which has the same.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type NpmPackage, shippedPackages } from "./npm_packages.ts";
import { ROOT } from "./start_task.ts";
import { DENO_VERSION } from "./toolchain.ts";

/** A licence text and what is under it. */
export interface License {
  readonly of: readonly string[];
  readonly text: string;
}

interface Part {
  readonly name: string;
  readonly text: string;
}

const OUT = "src/commands/license_texts.ts";
/** Headings of Node.js's licence file. */
const NATIVE = ["V8", "SipHash", "inspector_protocol", "ICU", "zlib", "simdutf"] as const;
/** What V8 brings besides, under licences whose texts are among those of the crates. */
const BESIDES =
  "Abseil, Highway, fast_float, fp16, RE2 and, from LLVM, libc++ and libc (Apache-2.0, MIT or BSD-3-Clause)";
const NO_TEXT = "Its package has no licence text; it names the licence.";

/** Each text once, with the names of all that is under it. Texts that differ in white space only are one. */
export function joined(parts: readonly Part[]): readonly License[] {
  const byText = Map.groupBy(parts, ({ text }) => text.replace(/\s+/g, " ").trim());
  return Array.from(byText.values(), (same) => ({
    of: [...new Set(same.map(({ name }) => name))],
    text: (same[0]?.text ?? "").replace(/\r\n?/g, "\n").replace(/[ \t]+$/gm, "").replace(/^\n+|\n+$/g, ""),
  }));
}

/** The section of Node.js's licence file with this name, without its frame. Throws an Error if there is none. */
export function sectionOf(license: string, name: string): string {
  const [, text] = new RegExp(`^- ${name}, located at .*\\n((?: {2}.*\\n|\\n)+)`, "m").exec(license) ?? [];
  if (text === undefined) throw new Error(`Node.js's licence file has no section for ${name}`);
  return text.replace(/^ {2}/gm, "").replace(/^"""|"""$/gm, "");
}

/** Of licence files to choose from, those to go with a copy: the one for MIT alone where that may be chosen, else all. */
export function chosen(license: string | null, files: readonly string[]): readonly string[] {
  const mit = files.filter((name) => /mit/i.test(name));
  return mit.length > 0 && /\bMIT\b/.test(license ?? "") && !/AND/.test(license ?? "") ? mit : files;
}

/** The licence files in a folder. */
function filesIn(folder: string): readonly string[] {
  return Array.from(Deno.readDirSync(folder)).filter((entry) =>
    entry.isFile && /^(?:licen[cs]e|copying|notice|unlicense)/i.test(entry.name)
  ).map(({ name }) => name).sort();
}

function npmTexts({ name, version, license, folder }: NpmPackage): readonly Part[] {
  const title = `${name} ${version} (${license}, npm)`;
  const files = filesIn(folder);
  if (files.length === 0) return [{ name: title, text: NO_TEXT }];
  return files.map((file) => ({ name: title, text: Deno.readTextFileSync(`${folder}/${file}`) }));
}

/** A crate, as `cargo metadata` has it. */
interface Crate {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly license: string | null;
  readonly manifest_path: string;
}

function crateTexts({ name, version, license, manifest_path }: Crate): readonly Part[] {
  const title = `${name} ${version} (${license ?? "see the text"}, crates.io)`;
  const folder = dirname(manifest_path);
  const files = chosen(license, filesIn(folder));
  if (files.length === 0) return [{ name: title, text: NO_TEXT }];
  return files.map((file) => ({ name: title, text: Deno.readTextFileSync(`${folder}/${file}`) }));
}

async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout } = await new Deno.Command(command, { args: [...args], cwd, stderr: "inherit" }).output();
  if (!success) throw new Error(`"${command} ${args.join(" ")}" failed`);
  return new TextDecoder().decode(stdout);
}

interface Metadata {
  readonly packages: readonly Crate[];
  readonly resolve: {
    readonly root: string;
    readonly nodes: readonly {
      readonly id: string;
      readonly deps: readonly {
        readonly pkg: string;
        readonly dep_kinds: readonly { readonly kind: string | null }[];
      }[];
    }[];
  };
}

/** The crates that are linked, and not only built with, in the order of their names. */
function linked({ packages, resolve }: Metadata): readonly Crate[] {
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const found = new Set<string>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    for (const { pkg, dep_kinds } of nodes.get(id)?.deps ?? []) {
      if (dep_kinds.some(({ kind }) => kind === null)) visit(pkg);
    }
  };
  visit(resolve.root);
  return packages.filter(({ id }) => found.has(id)).sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

if (import.meta.main) {
  const work = Deno.makeTempDirSync();
  // Fetches the crate; a second project with its lock file then resolves exactly what Deno was built with.
  Deno.writeTextFileSync(
    `${work}/Cargo.toml`,
    `[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n[dependencies]\ndeno = "=${DENO_VERSION}"\n`,
  );
  Deno.writeTextFileSync(`${work}/lib.rs`, "");
  const all: Metadata = JSON.parse(await output("cargo", ["metadata", "--format-version=1"], work));
  const deno = all.packages.find(({ name }) => name === "deno");
  if (deno === undefined) throw new Error("cargo has not found the crate deno");
  await output("cp", ["-R", dirname(deno.manifest_path), `${work}/deno`], work);
  const args = ["+stable", "metadata", "--locked", "--format-version=1"];
  const crates = linked(JSON.parse(await output("cargo", args, `${work}/deno`)));
  const node = await Deno.readTextFile(Deno.args[0] ?? "/usr/share/doc/nodejs/LICENSE");
  const own = await Deno.readTextFile(new URL("LICENSE", ROOT));
  const mit = own.slice(own.indexOf("Permission is hereby granted"));
  const licenses = joined([
    ...(await shippedPackages()).flatMap(npmTexts),
    { name: `Deno ${DENO_VERSION} (MIT)`, text: `Copyright 2018-2026 the Deno authors\n\n${mit}` },
    ...NATIVE.map((name) => ({ name: `${name} (in the runtime)`, text: sectionOf(node, name) })),
    ...crates.flatMap(crateTexts),
  ]);
  const file = { deno: DENO_VERSION, besides: BESIDES, licenses };
  await Deno.writeTextFile(
    new URL(OUT, ROOT),
    `/** Made by scripts/licenses.ts. */\nexport const LICENSES = ${JSON.stringify(file)};\n`,
  );
  await output(Deno.execPath(), ["fmt", "--quiet", OUT], fileURLToPath(ROOT));
  Deno.removeSync(work, { recursive: true });
  console.log(`${OUT}: ${crates.length} crates, ${licenses.length} texts`);
}
