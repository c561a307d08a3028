/** The text of docs/options.md, made from the option table so that the two cannot differ. */

import { PROGRAM } from "../../src/version.ts";
import { COMMAND_HELP, ENVIRONMENT, GROUPS } from "../../src/argv/command_help.ts";
import { COMMANDS, type OptionRow, OPTIONS, REFUSED } from "../../src/argv/options.ts";

/** Markdown for all options, commands and variables; ends with a line end. */
export function optionDocs(): string {
  return [
    "# Options",
    "",
    "<!-- Made from src/argv/options.ts; change the table there and run `deno task generate`. -->",
    "",
    `\`${PROGRAM} [COMMAND] [OPTIONS]\`. Without a command, it logs in. \`help COMMAND\` lists a command's options.`,
    "",
    "Those marked * are the Python tool's; they win if an abbreviation such as `--prof dev` is not unique. A value is the next word,",
    "or follows `=` or a short option (`-z900`); if it starts with `-`, use `=`. The last of a repeated option counts.",
    "A `--duration`, `--time` or `--saml-api-version` out of range is moved into it, with a warning.",
    "",
    "In brackets: default, environment variable, and key in a [settings file](configuration.md).",
    "",
    "## Commands",
    "",
    ...list(
      COMMANDS.filter((command) => command !== "login").map((command) => [
        code([command, COMMAND_HELP[command].operand ?? ""].join(" ").trim()),
        COMMAND_HELP[command].brief,
      ]),
    ),
    ...GROUPS.flatMap((group) => groupDocs(group)),
    "## Refused",
    "",
    ...list(Array.from(
      Map.groupBy(REFUSED, ({ reason }) => reason),
      ([reason, rows]) => [rows.map(({ long }) => code(long)).join(", "), reason] as const,
    )),
    "## Environment",
    "",
    "Besides the variables above:",
    "",
    ...list(ENVIRONMENT.map(([name, meaning]) => [code(name), meaning])),
  ].join("\n").trimEnd() + "\n";
}

function groupDocs(group: OptionRow["group"]): readonly string[] {
  const items = OPTIONS.filter((row) => row.group === group).map((row) => {
    const sources = [
      ...(row.default === undefined ? [] : [`default ${code(row.default)}`]),
      ...(row.env === undefined ? [] : [code(row.env)]),
      ...(row.file === undefined ? [] : [code(row.file.key)]),
    ];
    return [names(row), row.help + narrowed(row) + (sources.length === 0 ? "" : ` (${sources.join("; ")})`)] as const;
  });
  return [`## ${group}`, "", ...list(items)];
}

function names(row: OptionRow): string {
  const all = [...(row.short === undefined ? [] : [row.short]), ...row.long].map(code).join(", ");
  const value = row.metavar === undefined ? "" : ` ${code(row.metavar)}`;
  return `${all}${value}${row.dropIn === true ? "*" : ""}`;
}

/** What only some of the commands can print. */
function narrowed({ choices = [], choicesOf = {} }: OptionRow): string {
  const byForms = new Map<string, string[]>();
  for (const command of COMMANDS) {
    const own = choicesOf[command];
    if (own === undefined) continue;
    const left = choices.filter((choice) => !own.includes(choice));
    const forms = left.length < own.length
      ? `all but ${left.map(code).join(", ")}`
      : `only ${own.map(code).join(", ")}`;
    byForms.set(forms, [...byForms.get(forms) ?? [], code(command)]);
  }
  return [...byForms].map(([forms, commands]) => `. For ${commands.join(", ")}: ${forms}`).join("");
}

function list(items: readonly (readonly [name: string, meaning: string])[]): readonly string[] {
  return [...items.map(([name, meaning]) => `- ${name}: ${meaning}`), ""];
}

function code(words: string): string {
  return `\`${words}\``;
}
