/** Publishes the fault matrix: `deno run -A tests/faults/main.ts` writes docs/internals/faults.md from a fresh run. */
import { endMatrix, type Pair, runMatrix, TARGETS } from "./matrix.ts";
import { FAULTS } from "./faults.ts";

import { type FileCell, type FileRow, fileRows } from "./file_faults.ts";

export const DOCUMENT = new URL("../../docs/internals/faults.md", import.meta.url);

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

type NamedCells = readonly [name: string, ...cells: string[]];

/** Those with equal cells as one, with their names joined. */
function merged(all: readonly NamedCells[]): readonly NamedCells[] {
  return Array.from(Map.groupBy(all, ([, ...cells]) => cells.join("|")).values(), (group) => {
    const [[, ...cells]] = group as [NamedCells];
    const names = group.map(([name]) => name).join("; ").replace(/(?<=HTTP \d{3}); HTTP (?=\d{3}(?:;|$))/g, ", ");
    return [names, ...cells];
  });
}

/** The rows as columns, or the columns as rows: each begins with its name. */
function turned(names: readonly string[], all: readonly NamedCells[]): readonly NamedCells[] {
  return names.map((name, index) => [name, ...all.map((cells) => cells[index + 1] ?? "")]);
}

/** A table in which equal rows share one row, and equal columns one column. */
function grouped([corner = "", ...heads]: readonly string[], all: readonly NamedCells[]): string {
  const rows = merged(all);
  const columns = merged(turned(heads, rows));
  const lines = turned(rows.map(([name]) => name), columns);
  const names = [corner, ...columns.map(([name]) => name)];
  return [line(names), line(names.map(() => "--")), ...lines.map(line)].join("\n");
}

/** The exit codes of a request under a fault. */
export function codes({ always, once }: Pair): string {
  return once.code === always.code ? `${always.code}` : `${always.code} (${once.code})`;
}

/** Faults of requests: the exit code of each. */
export function requestTable(pairs: readonly Pair[]): string {
  return grouped(
    ["fault", ...TARGETS.map(({ name }) => name)],
    FAULTS.map(({ name }) => [name, ...pairs.filter(({ fault }) => fault.name === name).map(codes)]),
  );
}

/** What a page lists for a request under a fault. */
export function published(page: string, { fault, target }: Pair): string | undefined {
  const table = page.split("\n").filter((line) => line.startsWith("| ")).map((line) => line.slice(2, -2).split(" | "));
  const [heads = [], , ...rows] = table;
  const has = (names: string, name: string) => names.replace(/, (?=\d{3}\b)/g, "; HTTP ").split("; ").includes(name);
  return rows.find(([names = ""]) => has(names, fault.name))?.[heads.findIndex((names) => has(names, target.name))];
}

/** Faults of files: codes, posts, pushes and the content afterwards. */
export function fileTable(rows: readonly FileRow[]): string {
  const cell = ({ code, posts, pushes, stands }: FileCell) => `${code}, ${posts}, ${pushes}, ${stands}`;
  return grouped(
    ["fault", "from the start", "after sign-in"],
    rows.map(({ name, before, after }) => [name, cell(before), cell(after)]),
  );
}

/** The matrix as a page. */
export function page(pairs: readonly Pair[], files: readonly FileRow[]): string {
  return `# What happens when a service or a file fails

Made by \`deno run -A tests/faults/main.ts\`; a test compares.

## Requests

The [exit code](../exit-codes.md) of a login with \`--no-input\` if one of ${TARGETS.length} requests always fails with one of ${FAULTS.length} faults; in
brackets, if only its first try fails and the code differs.

Each cell also checks: at most one post of the password, no followed redirect, no file or stdout unless the run succeeds,
one error line and a hint, no stack, secret or control character.

${requestTable(pairs)}

A check of a push may fail twice in a row. AWS STS is asked up to three times; a password, a code and a push are sent once.

## Files

\`--profile dev\` while the credentials file, \`config\` (with \`--region-in config\`) or the disk is broken: exit code, posts of the
password, pushes, files. A login that cannot be saved is kept for \`credential-process\`, and the hint names the command.

${fileTable(files)}
`;
}

if (import.meta.main) {
  let done = 0;
  const pairs = await runMatrix(1, () => {
    if (++done % 50 === 0) console.error(`${done} of ${FAULTS.length * TARGETS.length} cells`);
  });
  endMatrix();
  await Deno.writeTextFile(DOCUMENT, page(pairs, await fileRows()));
}
