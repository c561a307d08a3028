/** The `start` task of deno.json, which is made from the outer wall of src/outer_wall.ts. */

import { wallFlags } from "../src/outer_wall.ts";
import type { Platform } from "../src/io/deps.ts";

export const ROOT = new URL("../", import.meta.url);

/** The part of deno.json that the scripts use. */
interface DenoJson {
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, string>>;
}

/** Reads deno.json. */
export async function readDenoJson(): Promise<DenoJson> {
  return JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
}

/** The flags between "deno run" and "main.ts" in a task. Throws an Error for any other task. */
export function startFlags(task: string): readonly string[] {
  const words = Array.from(
    task.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g),
    ([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  );
  const run = words.findIndex((word, index) => word === "deno" && words[index + 1] === "run");
  const main = words.findIndex((word) => word === "main.ts" || word.endsWith("/main.ts"));
  if (run < 0 || main < run) throw new Error(`the task is not "deno run … main.ts": ${task}`);
  return words.slice(run + 2, main);
}

/** The permissions that ship, for a platform or for this one. */
export function shippedFlags(
  platform: Platform = Deno.build.os === "windows" ? "windows" : "linux",
): readonly string[] {
  return wallFlags(platform);
}

/** The tasks that run the program from source. Windows has drives where Unix has a root folder. */
function startTasks(): Readonly<Record<"start" | "start:windows", string>> {
  const task = (platform: Platform) => `deno run ${wallFlags(platform).map(quoted).join(" ")} main.ts`;
  return { start: task("linux"), "start:windows": task("windows") };
}

/** Deno's task shell takes a backslash for an escape, except between single quotes. */
function quoted(flag: string): string {
  return flag.includes("\\") ? `'${flag}'` : flag;
}

/** deno.json with the tasks of {@linkcode startTasks} in place of its own. */
export function withStartTasks(denoJson: string): string {
  return Object.entries(startTasks()).reduce((text, [name, task]) => {
    const line = new RegExp(`^    ${JSON.stringify(name)}: ".*"(,?)$`, "m");
    if (!line.test(text)) throw new Error(`deno.json has no task "${name}" on a line of its own`);
    return text.replace(line, (_, comma) => `    ${JSON.stringify(name)}: ${JSON.stringify(task)}${comma}`);
  }, denoJson);
}
