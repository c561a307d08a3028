/** Publishes the fault matrix: `deno run -A tests/faults/main.ts` writes docs/internals/faults.md from a fresh run. */
import { endMatrix, type Row, runMatrix, TARGETS } from "./matrix.ts";
import { FAULTS } from "./faults.ts";

import { type FileCell, type FileRow, fileRows } from "./file_faults.ts";

export const DOCUMENT = new URL("../../docs/internals/faults.md", import.meta.url);

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/** Faults of files: codes, posts, pushes and what stands. */
export function fileTable(rows: readonly FileRow[]): string {
  const cells = ({ code, posts, pushes, stands }: FileCell) => [`${code}`, `${posts}`, `${pushes}`, stands];
  return [
    line([
      "fault",
      "from the start: code",
      "posts",
      "pushes",
      "files",
      "after sign-in: code",
      "posts",
      "pushes",
      "files",
    ]),
    line(Array(9).fill("--")),
    ...rows.map(({ name, before, after }) => line([name, ...cells(before), ...cells(after)])),
  ].join("\n");
}

function fileWords(rows: readonly FileRow[]): string {
  return [
    line(["fault", "error", "hint"]),
    line(["--", "--", "--"]),
    ...rows.flatMap(({ name, before: { error, hints } }) =>
      error === "" ? [] : [line([name, mask(error), mask(hints.join("; "))])]
    ),
  ].join("\n");
}

/** The matrix as a page. */
export function page(rows: readonly Row[], files: readonly FileRow[]): string {
  const cell = ({ always, once }: Row["cells"][number]) =>
    once.code === always.code ? `${always.code}` : `${always.code} (${once.code})`;
  const shown = ["user and password", "AssumeRoleWithSAML"];
  const errors = shown.map((name) => {
    const index = TARGETS.findIndex((target) => target.name === name);
    const said = rows.map(({ fault, cells }) => line([fault.name, mask(cells[index]?.always.error ?? "")]));
    return [`### ${name}`, "", line(["fault", "error"]), line(["--", "--"]), ...said, ""].join("\n");
  });
  return `# What happens when a service or a file fails

Every request that the program sends, under every fault: ${FAULTS.length} faults, ${TARGETS.length} requests. The number is the
[exit code](../exit-codes.md) of a login without a person (\`--no-input\`) when the request always fails so; the number in brackets is the
code when only its first try does, where that differs.

In every cell the same rules are checked: the password is posted at most once, nothing is sent to where a redirect points, the credentials
file is unchanged and stdout is empty unless the run succeeds, there is one error line and a hint, no stack, no secret, and no control
character that a server sent.

This page is made by \`deno run -A tests/faults/main.ts\`; \`tests/faults/faults_test.ts\` runs the matrix again and compares the codes.

${line(["fault", ...TARGETS.map(({ name }) => name)])}
${line(["--", ...TARGETS.map(() => "--")])}
${rows.map(({ fault, cells }) => line([fault.name, ...cells.map(cell)])).join("\n")}

The device names are a convenience: without them the login goes on. A look whether a push was approved may fail twice in a row. AWS STS is
asked up to three times, since the same assertion may be sent again; a password, a code and a push never are.

## Files

A login with \`--profile dev\` while something is wrong with the AWS files or their disk: from the start, or only once AWS is asked, when the
person has signed in. \`config\` faults are those of \`--region-in config\`. What can be known is known before the password: then nothing is
posted and no phone rings. Whatever happens, no file is damaged; a login that cannot be saved is kept for \`credential-process\`, and the
hint names the command that prints its credentials. A file that is mounted by itself is written in place, since it cannot be replaced.

${fileTable(files)}

${fileWords(files)}

## The words

With \`--no-input\`; HOST stands for the address.

${errors.join("\n")}`;
}

function mask(error: string): string {
  return error.replace(/127\.0\.0\.1:\d+/g, "HOST").replaceAll("|", "\\|");
}

if (import.meta.main) {
  let done = 0;
  const rows = await runMatrix(() => {
    if (++done % 50 === 0) console.error(`${done} of ${FAULTS.length * TARGETS.length} cells`);
  });
  endMatrix();
  await Deno.writeTextFile(DOCUMENT, page(rows, await fileRows()));
}
