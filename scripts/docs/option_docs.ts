/** The text of docs/options.md, made from the option table so that the two cannot differ. */

import { PROGRAM } from "../../src/version.ts";
import { COMMAND_HELP, ENVIRONMENT, GROUPS } from "../../src/argv/command_help.ts";
import { type Command, COMMANDS, type OptionRow, OPTIONS, REFUSED } from "../../src/argv/options.ts";

/** Markdown for all options, commands and variables; ends with a line end. */
export function optionDocs(): string {
  return [
    "# Options",
    "",
    "<!-- Made from src/argv/options.ts; change the table there and run `deno task generate`. -->",
    "",
    `\`${PROGRAM} [COMMAND] [OPTIONS]\`. Without a command it logs in. Options marked * are those of the Python tool of the`,
    "same name; a unique start of a name is enough (`--prof dev`), and where one of them fits it wins over the others.",
    "A value may stand in the next word, after `=`, or right behind a short form (`-z900`); one that starts with `-` needs",
    "the `=`. Of an option given twice the last counts, unless it is repeatable. Empty values count as not given.",
    "",
    "The order of a value's sources is: command line, environment variable, top level of `onelogin.aws.json`, its profile,",
    'default. `"precedence": "profile"` in that file puts the profile before the top level.',
    "",
    "## Commands",
    "",
    ...table(
      ["Command", "What it does"],
      COMMANDS.map((command) => [
        command === "login" ? "(none)" : code([command, COMMAND_HELP[command].operand ?? ""].join(" ").trim()),
        sentence(COMMAND_HELP[command].brief),
      ]),
    ),
    ...GROUPS.flatMap((group) => groupDocs(group)),
    "## Refused",
    "",
    ...table(
      ["Option", "Why", "Instead"],
      REFUSED.map(({ long, reason, hint }) => [code(long), sentence(reason), sentence(hint)]),
    ),
    "## Environment",
    "",
    "Besides the variables named above:",
    "",
    ...table(["Variable", "What it says"], ENVIRONMENT.map(([name, meaning]) => [code(name), sentence(meaning)])),
  ].join("\n").trimEnd() + "\n";
}

function groupDocs(group: OptionRow["group"]): readonly string[] {
  const rows = OPTIONS.filter((row) => row.group === group).map((row) => [
    names(row),
    sentence(row.help) + range(row) + narrowed(row),
    row.default === undefined ? "" : code(row.default),
    [row.env === undefined ? "" : code(row.env), fileOf(row)].filter((source) => source !== "").join(", "),
    takers(row.commands),
  ]);
  return [`## ${group}`, "", ...table(["Option", "What it says", "Default", "Also from", "Commands"], rows)];
}

function names(row: OptionRow): string {
  const all = [...(row.short === undefined ? [] : [row.short]), ...row.long].map(code).join(", ");
  const value = row.metavar === undefined ? "" : ` ${code(row.metavar)}`;
  return `${all}${value}${row.dropIn === true ? " *" : ""}`;
}

function range(row: OptionRow): string {
  if (row.clamp !== undefined) return `. Moved into ${row.clamp[0]} to ${row.clamp[1]} with a warning`;
  return row.min === undefined ? "" : `. At least ${row.min}`;
}

/** What only some of the commands can print. */
function narrowed({ choicesOf = {} }: OptionRow): string {
  const commands = COMMANDS.filter((command) => choicesOf[command] !== undefined);
  if (commands.length === 0) return "";
  const forms = [...new Set(commands.flatMap((command) => choicesOf[command] ?? []))];
  return `. For ${commands.map(code).join(", ")} only ${forms.map(code).join(", ")}`;
}

function fileOf(row: OptionRow): string {
  if (row.file === undefined) return "";
  const level = row.file.perProfile === true ? ", also in a profile" : "";
  return `${code(row.file.key)} in ${code(row.file.name)}${level}`;
}

function takers(commands: readonly Command[]): string {
  if (commands.length === COMMANDS.length) return "all";
  return commands.map((command) => command === "login" ? "login" : code(command)).join(", ");
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), `|${heads.map(() => "--|").join("")}`, ...rows.map(line), ""];
}

function code(words: string): string {
  return `\`${words}\``;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
