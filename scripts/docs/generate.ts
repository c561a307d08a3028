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
    `  ${JSON.stringify(page)}: \`${withParts(escaped(helpText(page)))}\`,\n`
  );
  return {
    "src/commands/help_pages.ts": `// Made by "deno task generate" from the option table. Do not edit.
import type { Command } from "../argv/options.ts";
import type { HelpTopic } from "../argv/parse.ts";

${Object.entries(PARTS).map(([name, text]) => `const ${name} = \`${text}\`;\n`).join("\n")}
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

/** What several pages have in common: written once. */
const PARTS = {
  COMMANDS: partOf(helpText("login"), "Commands:", "\nOptions people use most:"),
  OPTIONS: partOf(helpText("options"), "OneLogin options:", "\nEach command has"),
  EXIT_CODES: partOf(helpText("exit-codes"), "Exit codes:", "\nEach command has"),
  GENERAL: partOf(helpText("roles"), "General options:"),
};

function partOf(page: string, from: string, to?: string): string {
  return escaped(page.slice(page.indexOf(from), to === undefined ? undefined : page.indexOf(to)));
}

function withParts(page: string): string {
  return Object.entries(PARTS).reduce((text, [name, part]) => text.replace(part, () => `\${${name}}`), page);
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(generated())) await Deno.writeTextFile(new URL(path, ROOT), content);
}
