/** The help pages, laid out from the option table. */

import { type DocEntry, type DocPage, type DocSection, formatDocPage } from "@optique/core/doc";
import { lineBreak, type Message, text } from "@optique/core/message";
import type { NonEmptyString } from "@optique/core/nonempty";
import type { OptionName, UsageTerm } from "@optique/core/usage";
import { PROGRAM } from "../../src/version.ts";
import { COMMAND_HELP, ENVIRONMENT, EXIT_CODES, GROUPS } from "../../src/argv/command_help.ts";
import type { HelpTopic } from "../../src/argv/parse.ts";
import { type Command, type OptionRow, OPTIONS } from "../../src/argv/options.ts";

/** How a completion script is put to use: the shell with the file it goes into, and the line. */
const INSTALL: readonly (readonly [string, string])[] = [
  ["bash, in ~/.bashrc", `eval "$(${PROGRAM} completion bash)"`],
  ["zsh, in ~/.zshrc after compinit", `eval "$(${PROGRAM} completion zsh)"`],
  ["fish, in ~/.config/fish/config.fish", `${PROGRAM} completion fish | source`],
  ["pwsh, in $PROFILE", `${PROGRAM} completion pwsh | Out-String | Invoke-Expression`],
];

/** Groups whose options a command's own page only names: they are the same everywhere and are on the main page. */
const SHARED_GROUPS: readonly OptionRow["group"][] = ["OneLogin", "Second factor", "Behaviour"];

const WIDTH = 79;

/** A space at which no line ends while the page is laid out (a private use character); printed as a plain one. */
const FIXED_BLANK = "\ue000";

function plain(words: string): Message {
  return [text(words)];
}

/** The help of an option; then its environment variable and default. */
function description(row: OptionRow, command: Command): string {
  const words = COMMAND_HELP[command].wording?.[row.key] ?? row.help;
  return words + (row.env === undefined ? "" : ` [env:${FIXED_BLANK}${row.env}]`) +
    (row.default === undefined ? "" : ` [default:${FIXED_BLANK}${row.default}]`);
}

/** What an option is written like: short form, long names, value. */
function optionEntry(row: OptionRow, command: Command): DocEntry {
  const names = [...(row.short === undefined ? [] : [row.short]), row.long[0] ?? ""] as OptionName[];
  const term: UsageTerm = row.metavar === undefined
    ? { type: "option", names }
    : { type: "option", names, metavar: row.metavar as NonEmptyString };
  return { term, description: plain(description(row, command)) };
}

function literalEntries(rows: readonly (readonly [string, string])[]): readonly DocEntry[] {
  return rows.map(([name, meaning]) => ({
    term: { type: "literal", value: name },
    description: plain(meaning),
  }));
}

function rowsOf(command: Command): readonly OptionRow[] {
  return OPTIONS.filter((row) => row.commands.includes(command));
}

function examplesOf(command: Command): Message {
  return COMMAND_HELP[command].examples.flatMap((example, index) => [
    ...(index === 0 ? [] : [lineBreak()]),
    text(`${PROGRAM} ${example}`),
  ]);
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The options of the first page: those that people type. */
const COMMON: readonly string[] = [
  "profile",
  "awsAccountId",
  "awsRoleName",
  "allRoles",
  "duration",
  "awsRegion",
  "output",
  "file",
  "username",
  "mfaDevice",
  "interactive",
  "loop",
  "noInput",
  "verbose",
];

const USAGE: NonNullable<DocPage["usage"]> = [
  { type: "optional", terms: [{ type: "command", name: "COMMAND" }] },
  { type: "optional", terms: [{ type: "literal", value: "OPTIONS" }] },
];

function commandsSection(): DocSection {
  const commands = (Object.keys(COMMAND_HELP) as Command[]).filter((command) => command !== "login");
  return {
    title: "Commands",
    entries: commands.map((name) => ({
      term: { type: "command", name },
      description: plain(COMMAND_HELP[name].brief),
    })),
  };
}

function optionSections(): readonly DocSection[] {
  return GROUPS.map((group) => ({
    title: `${group} options`,
    entries: rowsOf("login").filter((row) => row.group === group).map((row) => optionEntry(row, "login")),
  }));
}

/** Two screens: what people use, and where the rest is. */
function mainPage(): DocPage {
  const { brief, description } = COMMAND_HELP.login;
  const rows = COMMON.flatMap((key) => rowsOf("login").find((row) => row.key === key) ?? []);
  return {
    brief: plain(sentence(brief)),
    description: plain(description),
    usage: USAGE,
    examples: examplesOf("login"),
    sections: [
      commandsSection(),
      { title: "Options people use most", entries: rows.map((row) => optionEntry(row, "login")) },
    ],
    footer: [
      text("More: help COMMAND, help options, help environment, help exit-codes,"),
      lineBreak(),
      text("all of it at once: --help --all, or man onelogin-aws-assume-role"),
    ],
  };
}

const TOPICS: {
  readonly [T in HelpTopic]: { readonly brief: string; readonly sections: () => readonly DocSection[] };
} = {
  options: { brief: "all options of a login", sections: optionSections },
  environment: {
    brief: "the environment variables that are read",
    sections: () => [{
      title: "Environment",
      entries: literalEntries([
        ...rowsOf("login").flatMap((row) =>
          row.env === undefined ? [] : [[row.env, row.help.replace(/;.*/, "")] as const]
        ),
        ...ENVIRONMENT,
      ]),
    }],
  },
  "exit-codes": {
    brief: "what the exit code of a run means",
    sections: () => [{ title: "Exit codes", entries: literalEntries(EXIT_CODES) }],
  },
  all: {
    brief: COMMAND_HELP.login.brief,
    sections: () => [
      commandsSection(),
      ...optionSections(),
      { title: "Environment", entries: literalEntries(ENVIRONMENT) },
      { title: "Exit codes", entries: literalEntries(EXIT_CODES) },
    ],
  },
};

function topicPage(topic: HelpTopic): DocPage {
  const { brief, sections } = TOPICS[topic];
  return {
    brief: plain(sentence(brief)),
    ...(topic === "all" ? { description: plain(COMMAND_HELP.login.description) } : {}),
    usage: USAGE,
    sections: [...sections()],
    footer: plain(`Each command has its own help: ${PROGRAM} help roles`),
  };
}

function commandPage(command: Command): DocPage {
  const { brief, description, operand, asLogin, wording = {} } = COMMAND_HELP[command];
  const rows = rowsOf(command);
  const own = rows.filter((row) =>
    asLogin
      ? row.key in wording || !row.commands.includes("login")
      : !SHARED_GROUPS.includes(row.group) || row.commands.length <= 3
  );
  const shared = rows.filter((row) => !own.includes(row));
  const behaviour = shared.filter((row) => row.group === "Behaviour");
  const login = shared.filter((row) => row.group !== "Behaviour");
  const names = (list: readonly OptionRow[]) => list.map((row) => row.long[0] ?? "").join(" ");
  const sections: DocSection[] = command === "completion"
    ? INSTALL.map(([title, line]) => ({ title, entries: [{ term: { type: "literal", value: line } }] }))
    : own.length === 0
    ? []
    : [{ title: "Options", entries: own.map((row) => optionEntry(row, command)) }];
  const footer: Message = [
    ...(login.length === 0 ? [] : [text(`Login options: ${names(login)}`), lineBreak(), lineBreak()]),
    text(`General options: ${names(behaviour)}`),
    lineBreak(),
    lineBreak(),
    text(`They are explained in: ${PROGRAM} help options`),
  ];
  const examples = examplesOf(command);
  return {
    brief: plain(sentence(brief)),
    description: plain(description),
    usage: [
      { type: "command", name: command },
      ...(operand === undefined ? [] : [{ type: "literal", value: operand } as const]),
      { type: "optional", terms: [{ type: "literal", value: "OPTIONS" }] },
    ],
    sections,
    ...(examples.length === 0 ? {} : { examples }),
    footer,
  };
}

/**
 * The help of a command or a topic. At most 79 columns, with a line end at the end.
 *
 * @param about `login` for the program's first page
 */
export function helpText(about: Command | HelpTopic): string {
  const page = about === "login"
    ? mainPage()
    : about in TOPICS
    ? topicPage(about as HelpTopic)
    : commandPage(about as Command);
  const formatted = formatDocPage(PROGRAM, page, {
    colors: false,
    maxWidth: WIDTH,
    termWidth: 29,
    sectionOrder: () => 0,
  });
  const lines = formatted.replaceAll(FIXED_BLANK, " ").trim().split("\n").map((line) => line.trimEnd());
  return `${[lines[0], "", ...lines.slice(1)].join("\n")}\n`;
}
