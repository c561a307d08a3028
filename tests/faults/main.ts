/** Publishes the fault matrix: `deno run -A tests/faults/main.ts` writes docs/faults.md from a fresh run. */
import { endMatrix, type Row, runMatrix, TARGETS } from "./matrix.ts";
import { FAULTS } from "./faults.ts";

export const DOCUMENT = new URL("../../docs/faults.md", import.meta.url);

/** The matrix as a page. */
export function page(rows: readonly Row[]): string {
  const cell = ({ always, once }: Row["cells"][number]) =>
    once.code === always.code ? `${always.code}` : `${always.code} (${once.code})`;
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const shown = ["user and password", "AssumeRoleWithSAML"];
  const errors = shown.map((name) => {
    const index = TARGETS.findIndex((target) => target.name === name);
    const said = rows.map(({ fault, cells }) => line([fault.name, mask(cells[index]?.always.error ?? "")]));
    return [`### ${name}`, "", line(["fault", "error"]), line(["--", "--"]), ...said, ""].join("\n");
  });
  return `# What happens when a service fails

Every request that the program sends, under every fault: ${FAULTS.length} faults, ${TARGETS.length} requests. The number is the
[exit code](exit-codes.md) of a login without a person (\`--no-input\`) when the request always fails so; the number in brackets is the
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
  await Deno.writeTextFile(DOCUMENT, page(rows));
}
