/** What the executable is made of: nothing gets in unnoticed. */
import assert from "node:assert/strict";
import { shippedPackages } from "../scripts/npm_packages.ts";
import config from "../deno.json" with { type: "json" };
import { files, importsOf, read } from "./sources.ts";

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, object>>;
}
const lock: Lock = JSON.parse(read("deno.lock"));

/** The packages in the executable and their licences. A new one needs a reason in CHANGELOG.md. */
const PACKAGES = {
  "@clack/prompts": "MIT",
  "@lowlighter/xml": "MIT",
  "@optique/core": "MIT",
  "aws4fetch": "MIT",
  "fast-string-width": "MIT",
  "jsonc-parser": "MIT",
  "yaml": "ISC",
} as const;
/** What those bring along. */
const BROUGHT_ALONG = {
  "@clack/core": "MIT",
  "fast-string-truncated-width": "MIT",
  "fast-wrap-ansi": "MIT",
  "sisteransi": "MIT",
} as const;

const SOURCES = [
  "main.ts",
  ...["src", "simulator", "scripts", "tests", "bench", "packaging"].flatMap((folder) => files(folder, ".ts")),
];

const packages = await shippedPackages();

Deno.test("the executable: contains these packages under these licences, and no others", () => {
  const found = packages.filter(({ direct }) => direct).map(({ name, license }) => [name, license]);
  assert.deepEqual(Object.fromEntries(found), PACKAGES);
  const brought = packages.filter(({ direct }) => !direct).map(({ name, license }) => [name, license]);
  assert.deepEqual(Object.fromEntries(brought), BROUGHT_ALONG);
});

Deno.test("the executable: one version of each package, with a checksum, and no install script", () => {
  assert.equal(new Set(packages.map(({ name }) => name)).size, packages.length);
  for (const { name, version, integrity } of packages) {
    assert.match(integrity, /^sha512-[A-Za-z0-9+/]{86}==$/, name);
    const entry = lock.npm[`${name}@${version}`] ?? {};
    assert.ok(!("scripts" in entry), `${name} wants to run a script when it is installed`);
  }
});

Deno.test("deno.json: every package comes from npm at one exact version", () => {
  const wrong = Object.entries(config.imports).filter(([, target]) =>
    !/^npm:(?:@[^/]+\/)?[^@/]+@\d+\.\d+\.\d+$/.test(target)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("deno.json: a version is at least a week old before it may get in", () => {
  // Most packages that were taken over are found out and withdrawn within days.
  const days = /^P(\d+)D$/.exec(config.minimumDependencyAge)?.[1];
  assert.ok(Number(days) >= 7, config.minimumDependencyAge);
});

Deno.test("deno.json: every package is used", () => {
  const used = new Set(SOURCES.flatMap((path) => importsOf(path).map(({ target }) => target)));
  const unused = Object.keys(config.imports).filter((name) =>
    ![...used].some((target) => target === name || target.startsWith(`${name}/`))
  );
  assert.deepEqual(unused, []);
});

Deno.test("sources: packages are imported by their names in deno.json, and nothing by an address", () => {
  const names = Object.keys(config.imports);
  const wrong = SOURCES.flatMap((path) =>
    importsOf(path).filter(({ target }) =>
      !/\.(?:ts|json|lock)$/.test(target) && !target.startsWith("node:") &&
      !names.some((name) => target === name || target.startsWith(`${name}/`))
    ).map(({ target }) => `${path} -> ${target}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("deno.lock: is complete, and a command that would change it fails", () => {
  assert.equal(config.lock.frozen, true);
  assert.deepEqual(
    Object.values(config.imports).filter((specifier) => !Object.hasOwn(lock.specifiers, specifier)),
    [],
  );
});
