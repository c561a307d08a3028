/** Publishes the fault matrix: `deno run -A tests/faults/main.ts` writes docs/internals/faults.md from a fresh run. */
import { endMatrix, type Row, runMatrix, TARGETS } from "./matrix.ts";
import { FAULTS } from "./faults.ts";

import { type FileCell, type FileRow, fileRows } from "./file_faults.ts";

export const DOCUMENT = new URL("../../docs/internals/faults.md", import.meta.url);

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/** A table whose rows with equal cells share one row, with their names joined. */
function grouped(heads: readonly string[], rows: readonly (readonly [name: string, ...cells: string[]])[]): string {
  const groups = Map.groupBy(rows, ([, ...cells]) => cells.join("|"));
  return [
    line(heads),
    line(heads.map(() => "--")),
    ...Array.from(groups.values(), (group) => {
      const [[, ...cells]] = group as [typeof group[number]];
      return line([group.map(([name]) => name).join("; "), ...cells]);
    }),
  ].join("\n");
}

/** Faults of requests: the exit code of each. */
export function requestTable(rows: readonly Row[]): string {
  const cell = ({ always, once }: Row["cells"][number]) =>
    once.code === always.code ? `${always.code}` : `${always.code} (${once.code})`;
  return grouped(
    ["fault", ...TARGETS.map(({ name }) => name)],
    rows.map(({ fault, cells }) => [fault.name, ...cells.map(cell)]),
  );
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
export function page(rows: readonly Row[], files: readonly FileRow[]): string {
  return `# What happens when a service or a file fails

Made by \`deno run -A tests/faults/main.ts\`; \`tests/faults/faults_test.ts\` runs it again and compares.

## Requests

The [exit code](../exit-codes.md) of a login without a person (\`--no-input\`) if one of ${TARGETS.length} requests always fails with one of
${FAULTS.length} faults; in brackets, if only its first try fails and the code differs.

Each cell also checks: at most one post of the password, no followed redirect, no file or stdout unless the run succeeds, one error line and
a hint, no stack, no secret, no control character.

${requestTable(rows)}

A check of a push may fail twice in a row. AWS STS is asked up to three times; a password, a code and a push are sent once.

## Files

\`--profile dev\` while an AWS file or its disk is broken, from the start or after the sign-in: exit code, posts of the password, pushes, files.
\`config\` faults need \`--region-in config\`.

No file is damaged. A login that cannot be saved is kept for \`credential-process\`, and the hint names the command that prints it.

${fileTable(files)}
`;
}

if (import.meta.main) {
  let done = 0;
  const rows = await runMatrix(() => {
    if (++done % 50 === 0) console.error(`${done} of ${FAULTS.length * TARGETS.length} cells`);
  });
  endMatrix();
  await Deno.writeTextFile(DOCUMENT, page(rows, await fileRows()));
}
