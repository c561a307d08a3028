/**
 * Packs the program for npm: a main package with a launcher, and a package for each system, of which npm installs the one
 * that fits. No install script. `deno run -A scripts/npm_tarballs.ts [PROGRAM]` packs the two for this machine into dist/.
 */
import { type Entry, tarGz } from "./archives.ts";
import { type PackageTexts, packageTexts } from "./package_texts.ts";
import { readDenoJson, ROOT } from "./start_task.ts";
import { isTarget, programName, type Target, TARGETS } from "./toolchain.ts";
import { HOMEPAGE, REPOSITORY } from "../src/repository.ts";
import { PROGRAM as NAME } from "../src/version.ts";

const SCOPE = `@${REPOSITORY.split("/")[0]}`;

/** The package of a system: `@onelogin/onelogin-aws-assume-role-linux-x64`, the system as Node.js calls it. */
function platformPackage(target: Target): string {
  const { os, cpu } = system(target);
  return `${SCOPE}/${NAME}-${os}-${cpu}`;
}

function system(target: Target): { readonly os: string; readonly cpu: string } {
  const [words = "", cpu = ""] = TARGETS[target].split("-");
  return { os: words === "macos" ? "darwin" : words === "windows" ? "win32" : words, cpu };
}

/** The name of a tarball, as `npm pack` writes it: of a system's package, or without `target` of the main one. */
export function npmName(version: string, target?: Target): string {
  const name = target === undefined ? NAME : platformPackage(target);
  return `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
}

/** The package with the program of one system. */
export function npmPlatform(
  version: string,
  target: Target,
  program: Uint8Array,
  texts: PackageTexts,
): Uint8Array<ArrayBuffer> {
  const { os, cpu } = system(target);
  return pack(
    {
      ...common(platformPackage(target), version),
      description: `The program of ${NAME} for ${os} on ${cpu}; install ${NAME} instead`,
      os: [os],
      cpu: [cpu],
      ...(os === "linux" ? { libc: ["glibc"] } : {}),
      // Yarn would leave it in an archive, where it cannot be started.
      preferUnplugged: true,
    },
    texts,
    { name: programName(target), bytes: program, mode: 0o755 },
  );
}

/** The package that people install; `launcher` is the text of packaging/npm/launcher.cjs. */
export function npmMain(version: string, launcher: string, texts: PackageTexts): Uint8Array<ArrayBuffer> {
  const platforms = Object.keys(TARGETS).filter(isTarget).map((target) => [platformPackage(target), version]);
  return pack(
    {
      ...common(NAME, version),
      description: "Temporary AWS credentials from a OneLogin login",
      keywords: ["aws", "onelogin", "saml", "sts", "credentials"],
      bin: { [NAME]: "launcher.cjs" },
      engines: { node: ">=18" },
      optionalDependencies: Object.fromEntries(platforms),
    },
    texts,
    { name: "launcher.cjs", bytes: new TextEncoder().encode(launcher), mode: 0o755 },
  );
}

function common(name: string, version: string) {
  return {
    name,
    version,
    license: "MIT",
    homepage: HOMEPAGE,
    // npm compares it with the workflow that publishes.
    repository: { type: "git", url: `git+${HOMEPAGE}.git` },
  };
}

function pack(
  manifest: Readonly<Record<string, unknown>>,
  texts: PackageTexts,
  program: Entry,
): Uint8Array<ArrayBuffer> {
  const text = (name: string, content: string): Entry => ({ name, bytes: new TextEncoder().encode(content) });
  const files = [
    text("package.json", `${JSON.stringify(manifest, null, 2)}\n`),
    text("README.md", texts.description),
    text("LICENSE", texts.license),
    ...("bin" in manifest ? [] : [text("THIRD_PARTY_LICENSES", texts.thirdParty)]),
    program,
  ];
  return tarGz(files.map((file) => ({ ...file, name: `package/${file.name}` })));
}

/** Reads the launcher from this checkout. */
export function npmLauncher(): Promise<string> {
  return Deno.readTextFile(new URL("packaging/npm/launcher.cjs", ROOT));
}

if (import.meta.main) {
  const { target } = Deno.build;
  if (!isTarget(target)) throw new Error(`there is no package for ${target}`);
  const { version } = await readDenoJson();
  const program = await Deno.readFile(Deno.args[0] ?? new URL(`dist/${programName(target)}`, ROOT));
  const texts = await packageTexts();
  const made = [
    [npmName(version, target), npmPlatform(version, target, program, texts)],
    [npmName(version), npmMain(version, await npmLauncher(), texts)],
  ] as const;
  for (const [name, bytes] of made) {
    await Deno.writeFile(new URL(`dist/${name}`, ROOT), bytes);
    console.log(`dist/${name}`);
  }
}
