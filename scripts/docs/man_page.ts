/** The manual page, made from the option table so that the two cannot differ; man(7) macros, read by groff and mandoc. */

import { PROGRAM, VERSION } from "../../src/version.ts";
import { COMMAND_HELP, ENVIRONMENT, EXIT_CODES, GROUPS } from "../../src/argv/command_help.ts";
import { type Command, COMMANDS, type OptionRow, OPTIONS, REFUSED } from "../../src/argv/options.ts";

/** The files of a run, and what each is for. */
const FILES: readonly (readonly [string, string])[] = [
  ["~/.onelogin/onelogin.sdk.json", "the API client: client_id, client_secret, region, ip"],
  ["~/.onelogin/onelogin.aws.json", "values that need not be typed each time, some of them by profile"],
  [
    "~/.onelogin/accounts.yaml",
    "names for account ids. Of each of these three the first one counts that is found in the -c folder, the working " +
    "directory, and ~/.onelogin",
  ],
  ["~/.onelogin/cache/", "credentials for credential-process, and the locks of logins"],
  ["~/.onelogin/state.json", "which second factor was chosen last"],
  ["~/.onelogin/refusals.json", "keyed hashes of passwords that OneLogin refused in the last 15 minutes"],
  ["~/.aws/credentials", "where --profile saves"],
  ["~/.aws/config", "gets the profile's region with --region-in config"],
  ["~/.aws/saml_cache.txt", "the SAML assertion, with --cache-saml"],
];

/** The source of the page in section 1; ends with a line end. */
export function manPage(): string {
  const commands = COMMANDS.filter((command) => command !== "login");
  return [
    '.\\" Made from src/argv/options.ts; change the table there and run "deno task generate".',
    `.TH ${PROGRAM.toUpperCase()} 1 "" "${PROGRAM} ${VERSION}" "User Commands"`,
    // Names of files and options are long: a line filled to both edges would be full of holes.
    ".ad l",
    ".SH NAME",
    line(`${PROGRAM} \\- ${escaped(COMMAND_HELP.login.brief)}`, true),
    ".SH SYNOPSIS",
    `.B ${escaped(PROGRAM)}`,
    "[\\fIOPTIONS\\fR]",
    ".br",
    `.B ${escaped(PROGRAM)}`,
    "\\fICOMMAND\\fR [\\fIOPTIONS\\fR]",
    ".SH DESCRIPTION",
    line(COMMAND_HELP.login.description),
    ".PP",
    line(
      "Standard output carries the requested data and nothing else; questions, lists, progress and warnings go to " +
        "standard error. Questions are asked with menus on a terminal. From a pipe the answers are read one a line.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap(commandEntry),
    ".SH OPTIONS",
    line(
      "Write a value as the next word, after =, or right after a short form. A unique start of a long name is " +
        "enough. The order of a value's sources is: command line, environment, top level of onelogin.aws.json, its " +
        "profile, default.",
    ),
    ...GROUPS.flatMap((group) => [
      `.SS ${group}`,
      ...OPTIONS.filter((row) => row.group === group).flatMap(optionEntry),
    ]),
    ".SS Refused",
    ...REFUSED.flatMap(({ long, reason, hint }) => entry(bold(long), `${reason}; ${hint}`)),
    ".SH ENVIRONMENT",
    ...OPTIONS.flatMap((row) => row.env === undefined ? [] : entry(bold(row.env), `the same as ${row.long[0]}`)),
    ...ENVIRONMENT.flatMap(([name, meaning]) => entry(bold(name), meaning)),
    ".SH FILES",
    ...FILES.flatMap(([path, meaning]) => entry(`\\fI${escaped(path)}\\fR`, meaning)),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, meaning]) => entry(bold(code), meaning)),
    ".SH EXAMPLES",
    ".nf",
    ...COMMANDS.flatMap((command) =>
      COMMAND_HELP[command].examples.map((example) => plain(escaped(`${PROGRAM} ${example}`)))
    ),
    ".fi",
    ".SH SEE ALSO",
    ".BR aws (1)",
  ].join("\n") + "\n";
}

function commandEntry(command: Command): readonly string[] {
  const { brief, description, operand, wording = {} } = COMMAND_HELP[command];
  const own = OPTIONS.filter((row) => row.commands.includes(command) && row.group !== "Behaviour");
  const name = bold(command) + (operand === undefined ? "" : ` \\fI${escaped(operand)}\\fR`);
  const meanings = own.flatMap((row) => {
    const meaning = wording[row.key];
    return meaning === undefined ? [] : [`${row.long[0]}: ${meaning}`];
  });
  return [
    ...entry(name, brief),
    // The page of "completion" continues with lines for each shell.
    ...(command === "completion" ? [] : [line(description)]),
    ...(meanings.length === 0 ? [] : [line(`${sentence(meanings.join("; "))}.`)]),
  ];
}

function optionEntry(row: OptionRow): readonly string[] {
  const names = [...(row.short === undefined ? [] : [row.short]), ...row.long].map(bold).join(", ");
  const value = row.metavar === undefined ? "" : ` \\fI${escaped(row.metavar)}\\fR`;
  const takers = row.commands.length === COMMANDS.length
    ? []
    : [row.commands.map((command) => command === "login" ? "a login" : command).join(", ")];
  return [
    ...entry(names + value, row.help),
    ...(row.default === undefined ? [] : [line(`The default is ${row.default}.`)]),
    ...takers.map((commands) => line(`Taken by: ${commands}.`)),
  ];
}

/** A tagged paragraph; `term` is already roff. */
function entry(term: string, words: string): readonly string[] {
  return [".TP", term, line(`${sentence(words.replace(/\.$/, ""))}.`)];
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** Text that no macro starts; broken between sentences, as roff wants it, and where a line gets too long to be read. */
function line(text: string, isRoff = false): string {
  const roff = isRoff ? text : escaped(text);
  return roff.split(/(?<=[a-z)\d]\.) (?=[A-Z])/).flatMap(folded).map(plain).join("\n");
}

/** Lines of at most 80 characters, unless a word is longer. */
function folded(text: string): readonly string[] {
  return text.split(" ").reduce<readonly string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > 80) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}

function plain(text: string): string {
  return /^[.']/.test(text) ? `\\&${text}` : text;
}

/** Backslashes as themselves, and hyphens as the ASCII ones that can be copied. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("~", "\\(ti").replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga").replaceAll("^", "\\(ha");
}

function sentence(words: string): string {
  return /^[a-z]/.test(words) && !words.startsWith("accounts.")
    ? words.charAt(0).toUpperCase() + words.slice(1)
    : words;
}
