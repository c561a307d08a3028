/** What ships: the permissions of the `start` task in deno.json, and nothing that stands anywhere else. */

export const ROOT = new URL("../", import.meta.url);

/** The part of deno.json that the scripts use. */
export interface DenoJson {
  readonly version: string;
  readonly unstable: readonly string[];
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

/** The shipped permissions. */
export async function shippedFlags(): Promise<readonly string[]> {
  const { start } = (await readDenoJson()).tasks;
  if (start === undefined) throw new Error('deno.json has no task "start"');
  return startFlags(start);
}
