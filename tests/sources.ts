/** The project's own files as text, for the tests that read them. */

import { ROOT } from "../scripts/start_task.ts";

const SKIPPED = new Set([".git", "node_modules", "dist", "coverage"]);

/** Paths relative to the project, sorted, of everything below a folder that ends with `suffix`. */
export function files(under: string, suffix = ""): readonly string[] {
  return entries(under).filter((entry) => !SKIPPED.has(entry.name)).toSorted((a, b) => a.name < b.name ? -1 : 1)
    .flatMap((entry) => {
      const path = under === "" ? entry.name : `${under}/${entry.name}`;
      return entry.isDirectory ? files(path, suffix) : path.endsWith(suffix) ? [path] : [];
    });
}

/** None for a folder that is not there: git does not keep an empty one. */
function entries(folder: string): readonly Deno.DirEntry[] {
  try {
    return Array.from(Deno.readDirSync(new URL(folder === "" ? "." : `${folder}/`, ROOT)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

export function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** A TypeScript text without its comments and without the contents of its plain strings. */
export function codeOf(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\*[\s\S]*?\*\/|(^|[^:\\])\/\/[^\n]*/gm,
    (_, quoted: string | undefined, before: string | undefined) => quoted === undefined ? before ?? " " : '""',
  );
}

/** What a file that is part of the program is, and not a test or a helper of tests. */
export function isShipped(path: string): boolean {
  return !/_test\.ts$|(^|\/)testing\.ts$/.test(path);
}

interface Import {
  /** As written, or the path relative to the project for a file of the project. */
  readonly target: string;
  readonly dynamic: boolean;
}

/** What a file imports or re-exports. A computed `import()` is not among them; see {@linkcode computedImports}. */
export function importsOf(path: string): readonly Import[] {
  const text = read(path).replace(/\/\*[\s\S]*?\*\//g, " ").replace(/^\s*\/\/.*$/gm, "");
  const found = Array.from(text.matchAll(/^\s*(?:import|export)\s(?:[^;"']*?\sfrom\s)?\s*"([^"]+)"/gm)).map((
    [, specifier = ""],
  ) => ({ specifier, dynamic: false }));
  const lazy = Array.from(text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g), ([, specifier = ""]) => ({
    specifier,
    dynamic: true,
  }));
  return [...found, ...lazy].map(({ specifier, dynamic }) => ({
    target: specifier.startsWith(".")
      ? decodeURIComponent(new URL(specifier, new URL(path, ROOT)).pathname.slice(ROOT.pathname.length))
      : specifier,
    dynamic,
  }));
}

/** The `import()` calls of a text whose argument is anything but one plain string. */
export function computedImports(text: string): readonly string[] {
  return Array.from(text.matchAll(/(?<![\w.])import\s*\(\s*(?!"[^"\n]*"\s*\))[^\n]*/g), ([call]) => call.trim());
}

/** The room of a file: the folder below src; "main" for main.ts, "src" for the files beside the rooms. */
export function roomOf(path: string): string {
  if (path === "main.ts") return "main";
  return path.match(/^src\/([^/]+)\//)?.[1] ?? (path.startsWith("src/") ? "src" : path.split("/")[0] ?? "");
}
