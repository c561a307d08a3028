import assert from "node:assert/strict";
import { parse } from "yaml";
import { archiveName } from "../scripts/release.ts";
import { DENO_VERSION, isTarget, TARGETS } from "../scripts/toolchain.ts";
import { fill, readSums, render } from "./render.ts";
import { HOMEPAGE, REPOSITORY } from "../src/repository.ts";

const VERSION = "3.1.4";
const NAMES = Object.keys(TARGETS).filter(isTarget).map((target) => archiveName(VERSION, target));
/** A sum of its own for each archive. */
const SUMS = NAMES.map((name, index) => `${String(index).repeat(64)}  ${name}\n`).join("");
const manifests = await render(VERSION, readSums(SUMS));
const ROOT = new URL("../", import.meta.url);

function sumOf(words: string, extension: string): string {
  return String(NAMES.indexOf(`onelogin-aws-assume-role-${VERSION}-${words}.${extension}`)).repeat(64);
}

Deno.test("readSums: a line that is no checksum, or a name given twice, is an error and not passed over", () => {
  assert.equal(readSums(SUMS).size, 6);
  for (const bad of ["x", `${"0".repeat(63)}  a`, `${"0".repeat(64)} a`, "\n\n", `${SUMS}${SUMS}`]) {
    assert.throws(() => readSums(bad), /SHA256SUMS, line/, JSON.stringify(bad));
  }
});

Deno.test("render: an archive without a checksum, an unknown placeholder or an odd version fails", async () => {
  await assert.rejects(() => render(VERSION, readSums(SUMS.split("\n").slice(1).join("\n"))), /does not name/);
  await assert.rejects(() => render("3.1.4;rm", readSums(SUMS)), /is not a version/);
  assert.throws(() => fill("{{sha256 plan9-x64}}", VERSION, readSums(SUMS)), /no value/);
  assert.throws(() => fill("{{md5 linux-x64}}", VERSION, readSums(SUMS)), /no value/);
});

Deno.test("render: no placeholder is left, and each address has the checksum of its archive beside it", () => {
  for (const [path, text] of Object.entries(manifests)) {
    assert.doesNotMatch(text, /\{\{|\}\}/, path);
    const pairs = text.matchAll(
      /(https:\S+\/(onelogin-aws-assume-role-\S+?\.(?:zip|tar\.gz)))"?[\s\S]*?([0-9a-f]{64})/gi,
    );
    for (const [, url = "", archive = "", sum = ""] of pairs) {
      if (archive.includes("$version")) continue;
      assert.equal(url, `${HOMEPAGE}/releases/download/v${VERSION}/${archive}`);
      assert.equal(sum, String(NAMES.indexOf(archive)).repeat(64), `${path}: ${archive}`);
    }
  }
});

Deno.test("render: the Homebrew formula has each of its four platforms under the right heads", () => {
  const formula = manifests["Formula/onelogin-aws-assume-role.rb"] ?? "";
  for (const [system, os] of [["macos", "macos"], ["linux", "linux"]] as const) {
    const block = formula.split(`on_${system} do`)[1] ?? assert.fail(system);
    const [arm, intel] = [block.split("on_arm do")[1], block.split("on_intel do")[1]];
    assert.ok(arm?.split("end")[0]?.includes(sumOf(`${os}-arm64`, "tar.gz")), `${os} arm`);
    assert.ok(intel?.split("end")[0]?.includes(sumOf(`${os}-x64`, "tar.gz")), `${os} intel`);
  }
  const [desc = ""] = formula.match(/(?<=desc ").*(?=")/) ?? [];
  assert.ok(desc.length > 10 && desc.length < 80 && !/^(A|An|The) |\.$/.test(desc), desc);
});

const ruby = await hasRuby();
if (!ruby) console.error("the Homebrew formula is not read by Ruby: it is not installed");

Deno.test({
  name: "render: the Homebrew formula is Ruby",
  ignore: !ruby,
  async fn() {
    const child = new Deno.Command("ruby", { args: ["-wc"], stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(manifests["Formula/onelogin-aws-assume-role.rb"]));
    await writer.close();
    const { code, stderr } = await child.output();
    assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
  },
});

async function hasRuby(): Promise<boolean> {
  try {
    return (await new Deno.Command("ruby", { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("render: the Scoop manifest is JSON, and its update finds what a release is called", () => {
  const scoop = JSON.parse(manifests["bucket/onelogin-aws-assume-role.json"] ?? "");
  assert.equal(scoop.architecture["64bit"].hash, sumOf("windows-x64", "zip"));
  assert.equal(scoop.architecture.arm64.hash, sumOf("windows-arm64", "zip"));
  for (const machine of ["64bit", "arm64"]) {
    const now = scoop.architecture[machine];
    const next = scoop.autoupdate.architecture[machine];
    assert.equal(next.url.replaceAll("$version", VERSION), now.url);
    assert.equal(next.extract_dir.replaceAll("$version", VERSION), now.extract_dir);
    assert.ok(now.url.endsWith(`/${now.extract_dir}.zip`));
  }
});

Deno.test("render: the winget manifests are YAML of one package and version, with the program inside the archive", () => {
  const files = ["", ".installer", ".locale.en-US"].map((kind) =>
    parse(manifests[`winget/OneLogin.AwsAssumeRole${kind}.yaml`] ?? "")
  );
  for (const file of files) {
    assert.deepEqual([file.PackageIdentifier, file.PackageVersion, file.ManifestVersion], [
      "OneLogin.AwsAssumeRole",
      VERSION,
      "1.12.0",
    ]);
  }
  assert.deepEqual(files.map(({ ManifestType }) => ManifestType), ["version", "installer", "defaultLocale"]);
  for (const { Architecture, InstallerSha256, NestedInstallerFiles } of files[1].Installers) {
    assert.equal(InstallerSha256, sumOf(`windows-${Architecture}`, "zip"));
    assert.equal(
      NestedInstallerFiles[0].RelativeFilePath,
      `onelogin-aws-assume-role-${VERSION}-windows-${Architecture}\\onelogin-aws-assume-role.exe`,
    );
  }
});

Deno.test("repository: nothing names another place on GitHub as this project's", async () => {
  const pages = ["packaging/install.sh", "packaging/install.ps1", "packaging/setup-action/action.yml", "Dockerfile"];
  for (const folder of ["docs/", "docs/internals/"]) {
    for (const { name } of Deno.readDirSync(new URL(folder, ROOT))) {
      if (name.endsWith(".md")) pages.push(`${folder}${name}`);
    }
  }
  for (const page of pages) {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    for (const [found] of text.matchAll(/onelogin\/onelogin[\w-]*aws-assume-role/g)) {
      assert.equal(found, REPOSITORY, page);
    }
  }
});

Deno.test("Dockerfile: builds with the pinned Deno, runs as no root by default, takes images by digest and a pinned runtime only", async () => {
  const text = await Deno.readTextFile(new URL("Dockerfile", ROOT));
  assert.deepEqual(Array.from(text.matchAll(/deno@([\d.]+)/g), ([, version]) => version), [DENO_VERSION]);
  const last = text.slice(text.lastIndexOf("\nFROM "));
  assert.match(last, /^USER (?!0|root)\d+:\d+$/m);
  for (const [, image = ""] of text.matchAll(/^FROM (\S+)/gm)) {
    assert.match(image, /^scratch$|^[^@]+:[^@]+@sha256:[0-9a-f]{64}$/, image);
  }
  // A frontend named there would be one more image, and one without a digest.
  assert.doesNotMatch(text, /^#\s*syntax/m);
  assert.match(text, /npx -y deno@\S+ task compile --pinned$/m);
});

Deno.test("install.ps1: is ASCII, which Windows PowerShell reads in every country, and calls its one function last", async () => {
  const text = await Deno.readTextFile(new URL("packaging/install.ps1", ROOT));
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[^\x00-\x7f]/);
  // A download that was cut off runs nothing: before the last line there are only the parameters and a function.
  assert.equal(text.trimEnd().split("\n").at(-1), "Install-Program $Version $Dir $RequireAttestation");
  const outside = text.replace(/<#[\s\S]*?#>/, "").replace(/^param\([\s\S]*?^\)/m, "").replace(
    /^function [\s\S]*?^\}/m,
    "",
  );
  assert.equal(outside.trim(), "Install-Program $Version $Dir $RequireAttestation");
});
