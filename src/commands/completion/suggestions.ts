/**
 * Shell completion. The scripts come from optique: they quote what must be quoted in each shell and ask this program,
 * with `completion SHELL -- WORDS`, for candidates for the last word. The answer comes from the option table.
 */

import type { ShellCompletion } from "@optique/core/completion";
import type { Suggestion } from "@optique/core/parser";
import { PROGRAM } from "../../version.ts";
import { findOption, HELP_TOPICS, type Shell, SHELLS } from "../../argv/parse.ts";
import { COMMAND_HELP } from "../../argv/command_help.ts";
import { type Command, COMMANDS, type OptionRow, OPTIONS } from "../../argv/options.ts";

/** Loads the library, which is large. */
async function generatorOf(shell: Shell): Promise<ShellCompletion> {
  const { bash, fish, pwsh, zsh } = await import("@optique/core/completion");
  const generators: { readonly [S in Shell]: ShellCompletion } = { bash, zsh, fish, pwsh };
  return generators[shell];
}

/** Names found on this machine, offered as values. */
export interface KnownNames {
  /** From the AWS credentials file and onelogin.aws.json. */
  readonly profiles: readonly string[];
  /** Role names of earlier logins. */
  readonly roles: readonly string[];
  /** Account id to name. */
  readonly accounts: ReadonlyMap<string, string>;
}

/** A candidate for the last word. */
type Completion =
  | { readonly kind: "word"; readonly text: string; readonly help?: string }
  /** Files that the shell finds; `prefix` precedes the path in the same word, such as `--file=`. */
  | { readonly kind: "path"; readonly type: "file" | "folder"; readonly prefix: string };

export async function completionScript(shell: Shell): Promise<string> {
  const generator = await generatorOf(shell);
  return `${generator.generateScript(PROGRAM, ["completion", shell, "--"]).trim()}\n`;
}

/** The answer in the form that the shell's script reads. `current` is the word to complete. */
export async function encodeCompletions(
  shell: Shell,
  completions: readonly Completion[],
  current: string,
): Promise<string> {
  const suggestions = completions.map((one): Suggestion =>
    one.kind === "word"
      ? {
        kind: "literal",
        text: one.text,
        ...(one.help === undefined ? {} : { description: [{ type: "text", text: one.help }] }),
      }
      : {
        kind: "file",
        type: one.type === "folder" ? "directory" : "file",
        pattern: current,
        ...(one.prefix === "" ? {} : { prefix: one.prefix }),
      }
  );
  // The scripts read one line per candidate; optique's zsh encoder omits the line end.
  return [...(await generatorOf(shell)).encodeSuggestions(suggestions)].join(shell === "zsh" ? "\n" : "");
}

/** The meaning of the words before the one to complete. */
interface Before {
  readonly command: Command;
  /** Words that are neither an option nor a value. */
  readonly operands: readonly string[];
  readonly given: ReadonlySet<string>;
  /** The option whose value is next. */
  readonly open?: OptionRow;
  /** After `--`. */
  readonly ended: boolean;
}

function readBefore(words: readonly string[]): Before {
  const operands: string[] = [];
  const given = new Set<string>();
  let open: OptionRow | undefined;
  let ended = false;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (ended || !word.startsWith("-")) operands.push(word);
    else if (word === "--") ended = true;
    else {
      const { row, attached } = optionIn(word);
      if (row === undefined) continue;
      given.add(row.key);
      if (row.type !== "flag" && !attached) open = row;
    }
  }
  const command = COMMANDS.find((one) => one !== "login" && one === operands[0]) ?? "login";
  return { command, operands, given, ended, ...(open === undefined ? {} : { open }) };
}

/** The last option in a word of short options, and whether its value is in the same word. */
function optionIn(word: string): { row?: OptionRow; attached: boolean } {
  if (word.startsWith("--")) {
    const [name = "", ...value] = word.split("=");
    const row = findOption(name);
    return { ...(row === undefined ? {} : { row }), attached: value.length > 0 };
  }
  for (let at = 1; at < word.length; at++) {
    const row = findOption(`-${word[at]}`);
    if (row === undefined) break;
    if (row.type !== "flag" || at === word.length - 1) return { row, attached: at < word.length - 1 };
  }
  return { attached: false };
}

/** Candidates for the last of `words` (the words after the program's name; the last may be empty). */
export function complete(words: readonly string[], known: KnownNames): readonly Completion[] {
  const current = words.at(-1) ?? "";
  const before = readBefore(words.slice(0, -1));
  if (before.open !== undefined) return valuesOf(before.open, before.command, current, "", known);
  if (before.ended) return [];
  if (current.startsWith("--") && current.includes("=")) {
    const name = current.slice(0, current.indexOf("="));
    const row = findOption(name);
    return row === undefined || row.type === "flag"
      ? []
      : valuesOf(row, before.command, current.slice(name.length + 1), `${name}=`, known);
  }
  if (current.startsWith("-")) return optionNames(before, current);
  if (before.command === "completion") {
    return before.operands.length === 1 ? matching(SHELLS.map((shell) => ({ text: shell })), current) : [];
  }
  const commands = COMMANDS.filter((command) => command !== "login")
    .map((command) => ({ text: command, help: COMMAND_HELP[command].brief }));
  if (before.operands[0] === "help" && before.operands.length === 1) {
    return matching([...commands, ...HELP_TOPICS.map((topic) => ({ text: topic }))], current);
  }
  if (before.operands.length > 0) return [];
  return matching([...commands, { text: "help", help: "explain a command or a topic" }], current);
}

function matching(
  words: readonly { readonly text: string; readonly help?: string }[],
  start: string,
): readonly Completion[] {
  return words.filter((word) => word.text.startsWith(start)).map((word) => ({ kind: "word", ...word }));
}

/** One name for each option that the command accepts and that is not used yet. */
function optionNames(before: Before, current: string): readonly Completion[] {
  return OPTIONS.filter((row) =>
    row.commands.includes(before.command) && (row.repeatable === true || !before.given.has(row.key))
  ).flatMap((row) => {
    const name = [...row.long, ...(row.short === undefined ? [] : [row.short])].find((one) => one.startsWith(current));
    const help = COMMAND_HELP[before.command].wording?.[row.key] ?? row.help;
    return name === undefined ? [] : [{ kind: "word", text: name, help } as const];
  });
}

function valuesOf(
  row: OptionRow,
  command: Command,
  start: string,
  prefix: string,
  known: KnownNames,
): readonly Completion[] {
  if (row.path !== undefined) return [{ kind: "path", type: row.path, prefix }];
  const found = matching(candidates(row, command, known), start);
  return found.map((one) => one.kind === "word" ? { ...one, text: `${prefix}${one.text}` } : one);
}

function candidates(
  row: OptionRow,
  command: Command,
  known: KnownNames,
): readonly { readonly text: string; readonly help?: string }[] {
  const choices = row.choicesOf?.[command] ?? row.choices;
  if (choices !== undefined) return choices.map((choice) => ({ text: choice }));
  switch (row.key) {
    case "profile":
      return plain(known.profiles);
    case "awsRoleName":
      return plain(known.roles);
    case "awsAccountId":
      return [...known.accounts].map(([id, name]) => ({ text: id, ...(name === "" ? {} : { help: name }) }));
    default:
      return [];
  }
}

function plain(names: readonly string[]): readonly { readonly text: string }[] {
  return [...new Set(names)].map((name) => ({ text: name }));
}
