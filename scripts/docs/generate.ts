/**
 * Writes what is made from tables in the source: the help pages, docs/options.md, the manual page, the JSON schemas and
 * the start tasks of deno.json.
 * `deno task generate`
 *
 * The pages are made here and not at run time, so that `--help` costs no more than printing a text. A test compares.
 */
import { helpText } from "./help_pages.ts";
import { manPage } from "./man_page.ts";
import { optionDocs } from "./option_docs.ts";
import { COMMANDS } from "../../src/argv/options.ts";
import { HELP_TOPICS } from "../../src/argv/parse.ts";
import { schemas } from "./schemas.ts";
import { ROOT, withStartTasks } from "../start_task.ts";

/** Path in the project to content. */
export function generated(): Readonly<Record<string, string>> {
  const pages = [...COMMANDS, ...HELP_TOPICS].map((page) =>
    `  ${JSON.stringify(page)}: \`${escaped(helpText(page))}\`,\n`
  );
  return {
    "src/commands/help_pages.ts": `// Made by "deno task generate" from the option table. Do not edit.
import type { Command } from "../argv/options.ts";
import type { HelpTopic } from "../argv/parse.ts";

/** The help of each command and topic, for a terminal of 80 columns. */
export const HELP_PAGES: { readonly [Page in Command | HelpTopic]: string } = {
${pages.join("")}};
`,
    "docs/options.md": optionDocs(),
    "docs/onelogin-aws-assume-role.1": manPage(),
    ...schemas(),
    "deno.json": withStartTasks(Deno.readTextFileSync(new URL("deno.json", ROOT))),
  };
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(generated())) await Deno.writeTextFile(new URL(path, ROOT), content);
}
