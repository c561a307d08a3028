/**
 * Makes a few small files of all that ships: a start pays for each file and for each line in it, used or not. The names
 * of functions are lost with that; scripts/explain.ts finds the line of a stack.
 */
import { ROOT } from "./start_task.ts";

/** As in src/version.ts. */
const COMMIT_PLACE = /"from source"/;

const BROWSER_WORKER = "src/browser_worker.ts";
/** As in src/io/browser.ts. */
export const WORKER_PLACE = /"\.\.\/browser_worker\.ts"/;

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Bundles main.ts into `folder` (relative to the project), which is emptied first. Returns the path of its entry. */
export async function bundle(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  await Deno.remove(new URL(folder, ROOT), { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  const flags = ["--quiet", "--frozen", "--minify", "--platform=deno", "--code-splitting", `--outdir=${folder}`];
  const sources = `${folder}-sources`;
  try {
    await copySources(sources);
    await deno(["bundle", ...flags, `${sources}/main.ts`], env);
  } finally {
    await Deno.remove(new URL(sources, ROOT), { recursive: true });
  }
  await deno(["bundle", ...flags, BROWSER_WORKER], env);
  const commit = await commitToName(Deno.env.toObject());
  if (commit !== undefined) await replace(folder, COMMIT_PLACE, `"${commit}"`);
  await replace(folder, WORKER_PLACE, '"./browser_worker.js"');
  await replace(folder, UNPACKING, UNPACKING_AT_ONCE);
  await replace(folder, REQUIRE, QUICK_REQUIRE);
  await loadLess(folder);
  await forgetTheMachine(folder, relativeTo(pathOf(ROOT), await npmCache(env)));
  // The times of the files go into the executable.
  for (const path of filesIn(folder)) await Deno.utime(new URL(path, ROOT), 0, 0);
  return `${folder}/main.js`;
}

/**
 * Copies the sources for the bundler, which puts modules into one file only if the same `import()` calls reach them. A start
 * would load dozens of files. So in the copy, each module that is loaded later imports what is loaded by then: the
 * launcher's modules, the program, or what each login needs.
 */
async function copySources(folder: string): Promise<void> {
  const texts = new Map(["main.ts", ...filesIn("src").filter((path) => path.endsWith(".ts"))]
    .map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]));
  const imported = (path: string, pattern: RegExp) =>
    Array.from(texts.get(path)?.matchAll(pattern) ?? [], ([, target = ""]) => new URL(target, `file:///${path}`))
      .map(({ pathname }) => pathname.slice(1));
  const reached = (entry: string) => {
    const found = new Set([entry]);
    for (const path of found) for (const target of imported(path, STATIC_IMPORT)) found.add(target);
    return found;
  };
  const first = imported("main.ts", STATIC_IMPORT);
  const launcher = new Set(["main.ts", ...SANDBOX_FILES].flatMap((path) => [...reached(path)]));
  const program = reached(PROGRAM_FILE);
  const lazyIn = (files: Iterable<string>) => new Set(Array.from(files, (each) => imported(each, LAZY_IMPORT)).flat());
  const [lazy, lazyInProgram] = [
    lazyIn(texts.keys()),
    lazyIn(Array.from(texts.keys()).filter((path) => !launcher.has(path))),
  ];
  const before = (path: string): readonly string[] => {
    if (SANDBOX_FILES.includes(path)) return [...first, ...SANDBOX_FILES.filter((each) => each !== path)];
    if (path === PROGRAM_FILE) return [...first, ...SANDBOX_FILES];
    if (!lazy.has(path) || program.has(path)) return [];
    if (!lazyInProgram.has(path)) return first;
    if (path === LOGIN_FILE) return [PROGRAM_FILE, ...WITH_LOGIN];
    return [PROGRAM_FILE, ...OF_LOGIN.test(path) || reached(path).has(SESSION_FILE) ? [LOGIN_FILE] : []];
  };
  for (const [path, text] of texts) {
    const up = "../".repeat(path.split("/").length - 1);
    const target = new URL(`${folder}/${path}`, ROOT);
    await Deno.mkdir(new URL(".", target), { recursive: true });
    await Deno.writeTextFile(target, text + before(path).map((each) => `import "${up}${each}";\n`).join(""));
  }
}

/** What main.ts loads before the program. */
const SANDBOX_FILES = ["src/io/launch_files.ts", "src/io/network_env.ts", "src/narrow.ts", "src/permissions.ts"];
const PROGRAM_FILE = "src/program.ts";
const LOGIN_FILE = "src/commands/login.ts";
/** Modules that import this file, or are in these folders, are loaded together with a login, or need not be fast. */
const SESSION_FILE = "src/login/session.ts";
const OF_LOGIN = /^src\/(?:login|commands\/doctor)\//;
/** What each login loads later. */
const WITH_LOGIN = ["src/ui/reporter.ts", "src/io/change_files.ts", "src/io/connect.ts"];
const STATIC_IMPORT = /^(?:import|export) (?!type\b)[^;"]* from "(\.[^"]+)";/gm;
const LAZY_IMPORT = /(?<!typeof )\bimport\("(\.[^"]+)"\)/g;

/**
 * How the package of the XML parser unpacks its WebAssembly: a function is called for each of 60 000 characters, which takes
 * longer than all else in a login (14 ms) and 10 MiB, most of it for the compiler that it wakes. Node's Buffer does the
 * same in a call.
 */
const UNPACKING = /new Uint8Array\(Array\.from\(atob\((\w+)\), ?\(?(\w+)\)? ?=> ?\2\.charCodeAt\(0\)\)\)\.buffer/;
const UNPACKING_AT_ONCE = 'new Uint8Array(globalThis.Buffer.from($1, "base64")).buffer';

/**
 * What the bundler writes in place of `require`, by which the YAML parser's package loads modules of Node: in 2.4 it cannot
 * load them, later it imports "node:module". Every start loads the file with this line, and that module takes a millisecond.
 */
const REQUIRE =
  /var (\w+)=\(\w+=>typeof require<"u"\?require:[^;]*;throw Error\('Dynamic require of [^;]*;|import\{createRequire as (\w+)\} from "node:module";var (\w+)=\2\(import\.meta\.url\);/;
const REQUIRED = "globalThis.process.getBuiltinModule(name)";
const QUICK_REQUIRE = `var $1$3=name=>${REQUIRED};`;

/**
 * Each file that is loaded takes time, most of all a file that an `import()` reaches only through another one. So this
 * removes files that only re-export from one other file, and imports of the CommonJS helpers in files that do not use
 * them. That has no effect besides: no module but main.ts does anything when it is loaded.
 */
async function loadLess(folder: string): Promise<void> {
  const texts = new Map(filesIn(folder).map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]));
  const [helpers = "", helping = ""] = Array.from(texts).find(([, text]) => text.includes(REQUIRED)) ?? [];
  if (helping.length > 1000) throw new Error(`${helpers} contains more than the helpers for CommonJS`);
  const unused = `import"./${helpers.slice(folder.length + 1)}";`;
  for (const [path, text] of texts) texts.set(path, text.replace(unused, ""));
  for (const [path, text] of texts) {
    const [, imported = "", source = "", exported = ""] = RE_EXPORTS.exec(text) ?? [];
    if (source === "") continue;
    const target = `${folder}/${source}`;
    const there = texts.get(target) ?? "";
    const [, names = ""] = /export\{([^}]+)\};\s*$/.exec(there) ?? [];
    // "local as exported": the first are named in the file, the second by those who import.
    const pairs = (list: string) => list.split(",").map((each) => each.split(" as ")).map(([a = "", b = a]) => [a, b]);
    const locals = new Map(pairs(names).map(([local, name]) => [name, local]));
    const inner = new Map(pairs(imported).map(([name, alias]) => [alias, name]));
    const more = pairs(exported).map(([alias, name]) => `${locals.get(inner.get(alias))} as ${name}`);
    if (more.some((each) => each.startsWith("undefined"))) throw new Error(`cannot find what ${path} re-exports`);
    if (pairs(exported).some(([, name]) => locals.has(name))) {
      throw new Error(`${source} already exports a name of ${path}`);
    }
    texts.set(target, there.replace(/\};\s*$/, () => `,${more}};\n`));
    texts.delete(path);
    await Deno.remove(new URL(path, ROOT));
    const name = path.slice(folder.length);
    for (const [each, text] of texts) texts.set(each, text.replaceAll(`".${name}"`, `"./${source}"`));
  }
  for (const [path, text] of texts) await Deno.writeTextFile(new URL(path, ROOT), text);
}

/** A file that consists of an import of names, imports of files, and an export of these names. */
const RE_EXPORTS = /^import\{([^}]+)\}from"\.\/([^"]+)";(?:import"[^"]+";)*export\{([^}]+)\};\s*$/;

/** Replaces what occurs once in the bundle. Throws an Error otherwise. */
async function replace(folder: string, from: RegExp, to: string): Promise<void> {
  const found = filesIn(folder).flatMap((path) => {
    const text = Deno.readTextFileSync(new URL(path, ROOT));
    const times = Array.from(text.matchAll(new RegExp(from, "g"))).length;
    return times === 0 ? [] : [{ path, text, times }];
  });
  const [place] = found;
  if (!place || found.length > 1 || place.times > 1) throw new Error(`cannot find ${from} once in the bundle`);
  await Deno.writeTextFile(new URL(place.path, ROOT), place.text.replace(from, to));
}

/**
 * The commit to name: that of `OLAWS_COMMIT`, for builds outside of a checkout (the container image), else that of git;
 * a change that is not committed is marked by a plus sign. Throws an Error for an `OLAWS_COMMIT` that is none.
 */
export async function commitToName(env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const given = env["OLAWS_COMMIT"];
  if (given) {
    if (/^[0-9a-f]{12,40}$/.test(given)) return given.slice(0, 12);
    throw new Error(`OLAWS_COMMIT is "${given}" and not a commit, which is 12 to 40 hexadecimal digits`);
  }
  const git = async (...args: readonly string[]) => {
    try {
      const { success, stdout } = await new Deno.Command("git", { args: [...args], cwd: ROOT, stderr: "null" })
        .output();
      return success ? decode(stdout).trim() : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  };
  const commit = await git("rev-parse", "--short=12", "HEAD");
  if (commit === undefined) return undefined;
  const changed = await git(
    "status",
    "--porcelain",
    "--untracked-files=no",
    "--",
    "main.ts",
    "src",
    "deno.json",
    "deno.lock",
  );
  return `${commit}${changed ? "+" : ""}`;
}

/**
 * Takes out what differs from machine to machine: the folder of the npm packages, and the names that the bundler made from
 * texts with that folder in them. Two builds of one source are then the same, wherever they were made.
 */
async function forgetTheMachine(folder: string, cache: string): Promise<void> {
  const files = filesIn(folder).map((path) => {
    const text = Deno.readTextFileSync(new URL(path, ROOT)).replaceAll(`${cache}/`, "npm/");
    const [, stem, hash] = path.match(/([^/]+)-([0-9A-Z]{8})\.js$/) ?? [];
    return { path, text, made: hash === undefined ? undefined : { stem, name: `${stem}-${hash}.js` } };
  });
  const made = files.flatMap(({ made }) => made === undefined ? [] : [made]);
  const names = new Map<string, string>();
  for (const file of files) {
    if (file.made === undefined) continue;
    const stable = made.reduce((text, { stem, name }) => text.replaceAll(name, `${stem}.js`), file.text);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(stable)));
    names.set(file.made.name, `${file.made.stem}-${hex(digest).slice(0, 8)}.js`);
  }
  for (const { path, text, made } of files) {
    const target = made === undefined ? path : path.replace(made.name, names.get(made.name) ?? made.name);
    const renamed = Array.from(names).reduce((text, [from, to]) => text.replaceAll(from, to), text);
    await Deno.writeTextFile(new URL(target, ROOT), renamed);
    if (target !== path) await Deno.remove(new URL(path, ROOT));
  }
}

/** Runs this Deno in the project's folder; its words go to the terminal. Throws an Error when it fails. */
export async function deno(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { ...env },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`"deno ${args[0]}" failed`);
}

async function npmCache(env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], cwd: ROOT, env: { ...env } })
    .output();
  return JSON.parse(decode(stdout)).npmCache;
}

function filesIn(folder: string): readonly string[] {
  return Array.from(Deno.readDirSync(new URL(`${folder}/`, ROOT))).flatMap((entry) =>
    entry.isDirectory ? filesIn(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]
  );
}

/** The way from one absolute folder to another with slashes, as the bundler writes it; absolute on another drive. */
export function relativeTo(from: string, to: string): string {
  const [start, end] = [from, to].map((path) => path.replaceAll("\\", "/").replace(/\/+$/, "").split("/"));
  if (start === undefined || end === undefined || start[0] !== end[0]) return to.replaceAll("\\", "/");
  let same = 0;
  while (same < start.length && start[same] === end[same]) same++;
  return [...start.slice(same).map(() => ".."), ...end.slice(same)].join("/");
}

function pathOf(url: URL): string {
  return decodeURIComponent(Deno.build.os === "windows" ? url.pathname.slice(1) : url.pathname);
}

if (import.meta.main) await bundle(Deno.args[0] ?? "dist/bundle");
