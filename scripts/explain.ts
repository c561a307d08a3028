/**
 * Finds the places of a stack, which in a compiled program are a file, a line and a column of its bundle.
 * `deno task explain < report.txt`, in a checkout of the commit that the program's `--version` names.
 */
import { bundle } from "./bundle.ts";
import { ROOT } from "./start_task.ts";

/** Characters shown on each side. */
const AROUND = 120;

/**
 * A report with the text of the bundle below each place. `read` gives a file of the bundle, undefined for one it has not:
 * files are named by their content, so that is another commit's.
 */
export function explain(report: string, read: (name: string) => string | undefined): string {
  return report.split("\n").map((line) => {
    const [, name, row, column] = line.match(/file:\S*\/([\w-]+\.js):(\d+):(\d+)\)?$/) ?? [];
    if (name === undefined) return line;
    const text = read(name);
    if (text === undefined) return `${line}\n      (this commit has no such file)`;
    const code = text.split("\n")[Number(row) - 1] ?? "";
    const at = Number(column) - 1;
    return `${line}\n      ${code.slice(Math.max(0, at - AROUND), at)} <<HERE>> ${code.slice(at, at + AROUND)}`;
  }).join("\n");
}

if (import.meta.main) {
  const folder = "dist/explain";
  await bundle(folder);
  const report = await new Response(Deno.stdin.readable).text();
  const read = (name: string) => {
    try {
      return Deno.readTextFileSync(new URL(`${folder}/${name}`, ROOT));
    } catch {
      return undefined;
    }
  };
  console.log(explain(report, read));
}
