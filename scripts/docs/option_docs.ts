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
    `\`${PROGRAM} [COMMAND] [OPTIONS]\`. Without a command it logs in. \`help COMMAND\` lists a command's options.`,
    "",
    "Those marked * are the Python tool's. Unique abbreviations work (`--prof dev`; the Python tool's options win). A value is the",
    "next word, or follows `=` or a short option (`-z900`); if it starts with `-`, use `=`. The last of a repeated option counts.",
    "`--duration`, `--time` and `--saml-api-version` outside their range are moved into it, with a warning.",
    "",
    "In brackets: default, environment variable, and key in `onelogin.sdk.json` (sdk) or `onelogin.aws.json` (aws), also in a",
    "profile. [Which value is used](configuration.md#which-value-is-used).",
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
      ...fileOf(row),
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
function narrowed({ choicesOf = {} }: OptionRow): string {
  const byForms = new Map<string, string[]>();
  for (const command of COMMANDS) {
    const forms = choicesOf[command]?.map(code).join(", ");
    if (forms !== undefined) byForms.set(forms, [...byForms.get(forms) ?? [], code(command)]);
  }
  return [...byForms].map(([forms, commands]) => `. For ${commands.join(", ")} only ${forms}`).join("");
}

function fileOf({ file }: OptionRow): readonly string[] {
  if (file === undefined) return [];
  const name = file.name === "onelogin.sdk.json" ? "sdk" : "aws";
  return [`${name}${file.perProfile === true ? "/profile" : ""}: ${code(file.key)}`];
}

function list(items: readonly (readonly [name: string, meaning: string])[]): readonly string[] {
  return [...items.map(([name, meaning]) => `- ${name}: ${meaning}`), ""];
}

function code(words: string): string {
  return `\`${words}\``;
}
