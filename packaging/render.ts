/**
 * Makes the manifests of the package managers for a release, from the templates beside this file and SHA256SUMS.
 * `deno run -A packaging/render.ts --sums dist/release/SHA256SUMS --out dist/packaging [--version 3.0.0]`
 *
 * Fails closed: a checksum that is missing or malformed, or a placeholder that nobody fills, is an error.
 */
import { parseArgs } from "node:util";
import { archiveName } from "../scripts/release.ts";
import { readDenoJson } from "../scripts/start_task.ts";
import { isTarget, TARGETS } from "../scripts/toolchain.ts";
import { HOMEPAGE, REPOSITORY } from "../src/repository.ts";

/** Template to the path of what is made of it, where its package manager looks for it. */
const MANIFESTS: Readonly<Record<string, string>> = {
  "homebrew/onelogin-aws-assume-role.rb.in": "Formula/onelogin-aws-assume-role.rb",
  "scoop/onelogin-aws-assume-role.json.in": "bucket/onelogin-aws-assume-role.json",
  "winget/version.yaml.in": "winget/OneLogin.AwsAssumeRole.yaml",
  "winget/installer.yaml.in": "winget/OneLogin.AwsAssumeRole.installer.yaml",
  "winget/locale.en-US.yaml.in": "winget/OneLogin.AwsAssumeRole.locale.en-US.yaml",
};

/** Archive name to checksum. Throws an Error for a line that is not `<64 hex digits>  <name>`, and for a repeated name. */
export function readSums(text: string): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" && index === text.split("\n").length - 1) break;
    const [, sum, name] = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined) throw new Error(`SHA256SUMS, line ${index + 1}: not a checksum`);
    if (sums.has(name)) throw new Error(`SHA256SUMS, line ${index + 1}: "${name}" is given again`);
    sums.set(name, sum);
  }
  return sums;
}

/** Fills one template. Throws an Error for a placeholder that has no value. */
export function fill(template: string, version: string, sums: ReadonlyMap<string, string>): string {
  const archives = new Map(
    Object.entries(TARGETS).flatMap(([target, words]) =>
      isTarget(target) ? [[words as string, archiveName(version, target)]] : []
    ),
  );
  return template.replace(/\{\{([^{}]*)\}\}/g, (placeholder, inside: string) => {
    const [kind = "", words = ""] = inside.split(" ");
    if (inside === "version") return version;
    if (inside === "homepage") return HOMEPAGE;
    if (inside === "repository") return REPOSITORY;
    const archive = archives.get(words);
    if (archive === undefined) throw new Error(`there is no value for ${placeholder}`);
    if (kind === "url") return `${HOMEPAGE}/releases/download/v${version}/${archive}`;
    const sum = sums.get(archive);
    if (sum === undefined) throw new Error(`SHA256SUMS does not name ${archive}`);
    if (kind === "sha256") return sum;
    if (kind === "SHA256") return sum.toUpperCase();
    throw new Error(`there is no value for ${placeholder}`);
  });
}

/** All manifests of a release, by their paths. */
export async function render(version: string, sums: ReadonlyMap<string, string>): Promise<Record<string, string>> {
  if (!/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?$/.test(version)) throw new Error(`"${version}" is not a version`);
  const made: Record<string, string> = {};
  for (const [template, path] of Object.entries(MANIFESTS)) {
    made[path] = fill(await Deno.readTextFile(new URL(template, import.meta.url)), version, sums);
  }
  return made;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: [...Deno.args],
    options: { sums: { type: "string" }, out: { type: "string" }, version: { type: "string" } },
  });
  const { sums, out } = values;
  if (!sums || !out) throw new Error("usage: render.ts --sums SHA256SUMS --out FOLDER [--version VERSION]");
  const version = values.version ?? (await readDenoJson()).version;
  for (const [path, content] of Object.entries(await render(version, readSums(await Deno.readTextFile(sums))))) {
    await Deno.mkdir(`${out}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${out}/${path}`, content);
    console.log(`${out}/${path}`);
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`render: error: ${error instanceof Error ? error.message : String(error)}`);
    Deno.exit(1);
  }
}
