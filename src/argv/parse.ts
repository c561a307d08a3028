/**
 * Parses the command line as Python's argparse does, since existing scripts rely on it: `--opt=value`,
 * `-a1`, `-xz 900`, unique prefixes. No third-party import: the launcher reads the command line too, before the sandbox.
 *
 * No message repeats the value of a secret option or a stray word: it may be half of a password with a space in it.
 */

import { Exit, orUserError, printable, UserError } from "../errors.ts";
import { PROGRAM } from "../version.ts";
import { type Command, COMMANDS, type OptionRow, OPTIONS, REFUSED } from "./options.ts";
import { closest, didYouMean } from "./spelling.ts";

/** The shells of `completion SHELL`. */
export const SHELLS = ["bash", "zsh", "fish", "pwsh"] as const;

export type Shell = typeof SHELLS[number];

type OptionValue = string | number | true | readonly string[];

/** What `help TOPIC` explains besides the commands; `all` is one page of everything. */
export const HELP_TOPICS = ["options", "environment", "exit-codes", "all"] as const;

export type HelpTopic = typeof HELP_TOPICS[number];

export interface Parsed {
  readonly command: Command;
  /** The page of `--help` or `help`: a command or a topic. */
  readonly helpPage?: Command | HelpTopic;
  /** By `OptionRow.key`. Empty text is unset; integers are clamped; a repeatable option is a list. */
  readonly values: Readonly<Record<string, OptionValue>>;
  /** What follows `completion`. */
  readonly shell?: Shell;
  /** The words after `--` in `completion SHELL -- WORDS`, a question of the completion script; absent without `--`. */
  readonly words?: readonly string[];
  /** The option's name as typed, such as `--prof` or `-p`, by `OptionRow.key`. */
  readonly given: Readonly<Record<string, string>>;
  /** For stderr, one line each. */
  readonly warnings: readonly string[];
}

type Refusal = typeof REFUSED[number];

/** What a name on the command line can mean. */
type Candidate =
  | { readonly kind: "option"; readonly row: OptionRow; readonly name: string }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly name: string };

/** Every long name; the aliases of an option share its row. */
const LONG_NAMES: readonly Candidate[] = [
  ...OPTIONS.flatMap((row) => row.long.map((name): Candidate => ({ kind: "option", row, name }))),
  ...REFUSED.map((refusal): Candidate => ({ kind: "refused", refusal, name: refusal.long })),
];

const SHORT_NAMES: ReadonlyMap<string, OptionRow> = new Map(
  OPTIONS.flatMap((row) => row.short === undefined ? [] : [[row.short, row] as const]),
);

/** The option of a long name or short form that is written in full. */
export function findOption(name: string): OptionRow | undefined {
  return SHORT_NAMES.get(name) ?? OPTIONS.find((row) => row.long.includes(name));
}

/** The line of help a command starts with, as a hint. */
function helpHint(command?: Command): string {
  const word = command === undefined || command === "login" ? "" : ` ${command}`;
  return `run "${PROGRAM}${word} --help" to see what is accepted`;
}

function usage(message: string, command: Command | undefined, ...hints: readonly string[]): UserError {
  return new UserError(message, { exit: Exit.usage, hint: [...hints, helpHint(command)] });
}

function joined(words: readonly string[], last: string): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** One candidate for each option: its aliases count once. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter((one, index) =>
    one.kind === "refused" ||
    candidates.findIndex((other) => other.kind === "option" && other.row === one.row) === index
  );
}

/** A long name, complete or abbreviated. Throws if it matches no option or several. */
function longOption(name: string, place: number): Candidate {
  const exact = LONG_NAMES.find((candidate) => candidate.name === name);
  if (exact !== undefined) return exact;
  const fitting = name.length < 3 ? [] : LONG_NAMES.filter((candidate) => candidate.name.startsWith(name));
  // The Python tool's names come first, so that a newer option never changes what an abbreviation means.
  const old = fitting.filter((candidate) => candidate.kind === "refused" || candidate.row.dropIn === true);
  const candidates = distinct(old.length > 0 ? old : fitting);
  const [first, ...others] = candidates;
  if (first === undefined) throw unknownOption(name, place);
  const sameRefusal = first.kind === "refused" &&
    others.every((other) => other.kind === "refused" && other.refusal.reason === first.refusal.reason);
  if (others.length > 0 && !sameRefusal) {
    const all = candidates.map((candidate) => candidate.name);
    throw usage(`cannot tell which option "${name}" means: ${joined(all, "or")}`, undefined, "write more of its name");
  }
  return first;
}

/** Options of other tools, and what does the same here. */
const FOREIGN_OPTIONS: ReadonlyMap<string, string> = new Map(Object.entries({
  "--json": "use --output json",
  "--mfa": "use --otp CODE, or --mfa-device NAME",
  "--role": "use --aws-role-name NAME",
  "--account": "use --aws-account-id ID",
  "-v": "use --verbose, or --version",
  "-o": "use --output FORMAT",
  "-q": "use --quiet",
}));

function unknownOption(name: string, place: number): UserError {
  // A word that does not look like an option may be part of a password.
  if (!/^--[a-z][a-z0-9_-]{0,39}$/i.test(name)) {
    return usage(`cannot read argument ${place}: no such option`, undefined);
  }
  const all = LONG_NAMES.map((candidate) => candidate.name);
  // "--password" and "--app-id" are endings of longer names.
  const near = closest(name, all) ?? all.find((each) => name.length > 4 && each.includes(name.slice(1)));
  const hint = FOREIGN_OPTIONS.get(name) ?? (near && `did you mean "${near}"?`);
  return usage(`cannot use the option "${name}": no such option`, undefined, ...hint ? [hint] : []);
}

/** Python's `int()`: surrounding spaces, a sign, single underscores between digits. */
function integer(row: OptionRow, name: string, text: string): number {
  const digits = text.trim();
  if (!/^[+-]?\d+(?:_\d+)*$/.test(digits)) {
    throw usage(
      `cannot use the value "${printable(text, 40)}" for "${name}": it is not a whole number`,
      undefined,
      `write ${row.long[0]} ${row.metavar ?? "NUMBER"}${row.default === undefined ? "" : `, such as ${row.default}`}` +
        (row.word === undefined ? "" : `, or ${row.long[0]} ${row.word}`),
    );
  }
  return Number(digits.replaceAll("_", ""));
}

/** Clamps a number to the range of its option; `warning` is set if that changed it. */
export function clamp(row: OptionRow, where: string, value: number): { value: number; warning?: string } {
  if (row.clamp === undefined) return { value };
  const [least, most] = row.clamp;
  const kept = Math.min(Math.max(value, least), most);
  if (kept === value) return { value };
  const side = value < least ? "below the minimum" : "above the maximum";
  return { value: kept, warning: `${where} is ${side}, using ${kept}` };
}

/** The value of an option; `undefined` is unset. Throws for a malformed value. */
function read(row: OptionRow, name: string, text: string, warn: (line: string) => void): string | number | undefined {
  switch (row.type) {
    case "integer": {
      if (row.word !== undefined && text.trim().toLowerCase() === row.word) return row.word;
      const value = integer(row, name, text);
      if (row.zeroIsUnset === true && value === 0) return undefined;
      if (row.min !== undefined && value < row.min) {
        throw usage(`cannot use the value "${value}" for "${name}": the minimum is ${row.min}`, undefined);
      }
      const moved = clamp(row, `${name} ${value}`, value);
      if (moved.warning !== undefined) warn(moved.warning);
      if (!Number.isSafeInteger(moved.value)) {
        throw usage(`cannot use the value "${printable(text, 40)}" for "${name}": it is too large`, undefined);
      }
      return moved.value;
    }
    case "choice": {
      if (text === "") return undefined;
      const choice = text.toLowerCase();
      const choices = row.choices ?? [];
      if (choices.includes(choice)) return choice;
      throw usage(
        `cannot use the value "${printable(text, 40)}" for "${name}": expected ${joined(choices, "or")}`,
        undefined,
        ...(row.key === "region" && /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(choice)
          ? [`for an AWS region: --aws-region ${choice}`]
          : []),
        ...didYouMean(text, choices),
      );
    }
    default:
      return text === "" ? undefined : text;
  }
}

/** Whether argparse treats a word that starts with `-` as a value: `-`, a negative number, text with a space. */
function isValue(word: string): boolean {
  if (!word.startsWith("-") || word === "-" || /^-(?:\d+|\d*\.\d+)$/.test(word)) return true;
  return word.includes(" ") && !word.startsWith("--") && !SHORT_NAMES.has(word.slice(0, 2));
}

/** What was parsed so far. */
interface Reading {
  readonly values: Map<string, OptionValue>;
  readonly given: Map<string, string>;
  /** Words that are not options, each with its position on the command line (from 1). */
  readonly words: { readonly word: string; readonly place: number }[];
  readonly rest: { readonly word: string; readonly place: number }[];
  readonly warnings: string[];
  ended: boolean;
}

function store(reading: Reading, row: OptionRow, name: string, text: string): void {
  const value = read(row, name, text, (line) => reading.warnings.push(line));
  if (row.repeatable === true) {
    const list = reading.values.get(row.key);
    if (value !== undefined) reading.values.set(row.key, [...(Array.isArray(list) ? list : []), String(value)]);
  } else if (value === undefined) {
    reading.values.delete(row.key);
  } else {
    reading.values.set(row.key, value);
  }
  reading.given.set(row.key, name);
}

function flag(reading: Reading, row: OptionRow, name: string): void {
  reading.values.set(row.key, true);
  reading.given.set(row.key, name);
}

/** The next word as the value of an option, or an error with the correct form. */
function nextValue(args: readonly string[], index: number, row: OptionRow, name: string): string {
  const word = args[index];
  if (word !== undefined && isValue(word)) return word;
  const hints = word === undefined || word === "--" || (word.startsWith("--") && findOption(word) !== undefined)
    ? [`write ${row.long[0]} ${row.metavar ?? "VALUE"}`]
    : [`write a value that starts with "-" with "=": ${row.long[0]}=${row.metavar ?? "VALUE"}`];
  throw usage(`cannot use "${name}": it needs a value`, undefined, ...hints);
}

/** One word that starts with `--`; the result is the index of the next word. */
function readLong(reading: Reading, args: readonly string[], index: number): number {
  const word = args[index] ?? "";
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const candidate = longOption(name, index + 1);
  if (candidate.kind === "refused") {
    const { reason, hint } = candidate.refusal;
    throw new UserError(`cannot use "${candidate.name}": ${reason}`, { exit: Exit.usage, hint });
  }
  const { row } = candidate;
  if (row.type === "flag") {
    if (equals >= 0) {
      const other = OPTIONS.find((one) => one.type !== "flag" && one.long.some((each) => each.startsWith(name)));
      const hints = other === undefined ? [] : [`did you mean "${other.long[0]}"?`];
      throw usage(`cannot use "${name}" with a value: "${candidate.name}" takes none`, undefined, ...hints);
    }
    flag(reading, row, name);
    return index + 1;
  }
  if (equals >= 0) {
    store(reading, row, name, word.slice(equals + 1));
    return index + 1;
  }
  store(reading, row, name, nextValue(args, index + 1, row, name));
  return index + 2;
}

/** One word of short forms, such as `-xz900`; the result is the index of the next word. */
function readShort(reading: Reading, args: readonly string[], index: number): number {
  const word = args[index] ?? "";
  for (let at = 1; at < word.length; at++) {
    const name = `-${word[at]}`;
    const row = SHORT_NAMES.get(name);
    if (row === undefined) {
      const shown = /^-[A-Za-z]$/.test(name) ? `the option "${name}"` : `argument ${index + 1}`;
      const foreign = FOREIGN_OPTIONS.get(name);
      throw usage(`cannot use ${shown}: no such option`, undefined, ...foreign ? [foreign] : []);
    }
    const attached = word.slice(at + 1);
    if (row.type === "flag") {
      if (attached.startsWith("=")) throw usage(`cannot use "${name}" with a value: it takes none`, undefined);
      flag(reading, row, name);
      continue;
    }
    if (attached !== "") {
      store(reading, row, name, attached.replace(/^=/, ""));
      return index + 1;
    }
    store(reading, row, name, nextValue(args, index + 1, row, name));
    return index + 2;
  }
  return index + 1;
}

function readWords(args: readonly string[], reading: Reading): void {
  let index = 0;
  while (index < args.length) {
    const word = args[index] ?? "";
    if (word === "--") {
      reading.ended = true;
      args.slice(index + 1).forEach((rest, at) => reading.rest.push({ word: rest, place: index + at + 2 }));
      return;
    }
    if (word.startsWith("--")) index = readLong(reading, args, index);
    else if (word.startsWith("-") && word !== "-") index = readShort(reading, args, index);
    else {
      reading.words.push({ word, place: index + 1 });
      index++;
    }
  }
}

/** The commands that are typed. */
const TYPED_COMMANDS = COMMANDS.filter((command) => command !== "login");

/** Commands of other tools, and what does the same here. */
const FOREIGN_COMMANDS: ReadonlyMap<string, string> = new Map(Object.entries({
  login: `omit it: "${PROGRAM}" alone logs in`,
  init: `run "${PROGRAM} configure" to write the settings files`,
  setup: `run "${PROGRAM} configure" to write the settings files`,
  list: `run "${PROGRAM} roles" for the AWS roles, "${PROGRAM} status" for the saved credentials`,
  ls: `run "${PROGRAM} roles" for the AWS roles, "${PROGRAM} status" for the saved credentials`,
  whoami: `run "${PROGRAM} status" to see whose credentials are saved`,
  exec: `this program never starts another: run eval "$(${PROGRAM})", then the command`,
  run: `this program never starts another: run eval "$(${PROGRAM})", then the command`,
}));

/** Whether a word looks like a command or a profile, not like part of a password: short, lower case, hyphens. */
function canBeShown(word: string): boolean {
  return /^[a-z][a-z-]{0,19}$/.test(word);
}

function commandOf(reading: Reading): Command {
  const first = reading.words[0];
  if (first === undefined) return "login";
  const { word, place } = first;
  const known = TYPED_COMMANDS.find((command) => command === word);
  if (known !== undefined) return known;
  const foreign = FOREIGN_COMMANDS.get(word);
  if (foreign !== undefined) throw usage(`cannot run "${word}": it is not a command`, undefined, foreign);
  const near = didYouMean(word, [...TYPED_COMMANDS, "help", "version"]);
  if (near.length > 0) throw usage(`cannot run "${printable(word, 40)}": no such command`, undefined, ...near);
  const commands = `the commands are ${joined(TYPED_COMMANDS, "and")}`;
  throw canBeShown(word)
    ? usage(`cannot run "${word}": no such command`, undefined, `for an AWS profile: --profile ${word}`, commands)
    : usage(
      `cannot read argument ${place}: it is neither an option nor a command`,
      undefined,
      commands,
      "a value with a space in it needs quotes",
    );
}

/**
 * `--credential-process` is the Python tool's name for the command. As there, it excludes options that only a login
 * understands; other login options have no effect and are dropped.
 *
 * @throws UserError exit 2
 */
function asCredentialProcess(command: Command, reading: Reading): Command {
  if (command !== "login" || !reading.values.has("credentialProcess")) return command;
  if (reading.values.get("loop") === 1) reading.given.delete("loop");
  for (const key of ["file", "loop", "interactive"]) {
    const name = reading.given.get(key);
    if (name === undefined) continue;
    throw usage(`cannot use "--credential-process" and "${name}" together`, "credential-process", `omit "${name}"`);
  }
  for (const key of ["time", "loop", "roleOrder"]) {
    reading.values.delete(key);
    reading.given.delete(key);
  }
  return "credential-process";
}

/** The page requested by `--help`, `COMMAND --help`, `--help --all` or `help TOPIC`. */
function helpPageOf(reading: Reading): Command | HelpTopic {
  const [first, second] = reading.words;
  if (first?.word !== "help") {
    const command = TYPED_COMMANDS.find((one) => one === first?.word) ??
      (reading.values.has("credentialProcess") ? "credential-process" : "login");
    // After --help, "--all" is not a prefix of --all-roles.
    return command === "login" && reading.given.get("allRoles") === "--all" ? "all" : command;
  }
  if (second === undefined) return "login";
  const page = [...TYPED_COMMANDS, ...HELP_TOPICS].find((one) => one === second.word);
  if (page !== undefined) return page;
  const topics = joined([...HELP_TOPICS, "the commands"], "and");
  throw usage(
    canBeShown(second.word)
      ? `cannot show help for "${second.word}": no such topic`
      : `cannot show help: argument ${second.place} is not a topic`,
    undefined,
    ...didYouMean(second.word, [...TYPED_COMMANDS, ...HELP_TOPICS]),
    `the topics are ${topics}`,
  );
}

function checkOptions(command: Command, reading: Reading): void {
  const here = command === "login" ? "without a command" : `with "${command}"`;
  for (const row of OPTIONS) {
    const given = reading.given.get(row.key);
    if (given === undefined) continue;
    if (!row.commands.includes(command)) {
      const takers = row.commands.map((taker) => taker === "login" ? "a login (no command)" : `"${taker}"`);
      const name = row.long.includes(given) ? `"${given}"` : `"${given}" (${row.long[0]})`;
      throw usage(`cannot use ${name} ${here}: only ${joined(takers, "and")} ${takes(takers)} it`, command);
    }
    const choices = row.choicesOf?.[command];
    const value = reading.values.get(row.key);
    if (choices !== undefined && value !== undefined && !choices.includes(String(value))) {
      const hint = `use ${given} ${choices[0]}, or omit it`;
      throw usage(`cannot use "${given} ${value}" ${here}: expected ${joined(choices, "or")}`, command, hint);
    }
  }
  for (const [one, other] of EXCLUSIVE) {
    if (!reading.values.has(one) || !reading.values.has(other)) continue;
    const names = [one, other].map((key) => `"${OPTIONS.find((row) => row.key === key)?.long[0]}"`);
    throw usage(`cannot use ${joined(names, "and")} together`, command, "use only one of them");
  }
}

/** Options that exclude each other. */
const EXCLUSIVE = [
  ["password", "passwordStdin"],
  ["passwordStdin", "samlResponseStdin"],
  ["browser", "samlResponseStdin"],
  ["browser", "noBrowser"],
  ["importTeam", "exportTeam"],
  ["importTeam", "allRoles"],
  ["exportTeam", "allRoles"],
] as const;

function takes(takers: readonly string[]): "takes" | "take" {
  return takers.length === 1 ? "takes" : "take";
}

/** The shell of `completion`; no other command takes another word. */
function operandOf(command: Command, reading: Reading): Pick<Parsed, "shell" | "words"> {
  const after = reading.words.slice(1);
  if (command !== "completion") {
    const extra = after[0] ?? reading.rest[0];
    if (extra !== undefined) throw unexpected(extra.place, command);
    return {};
  }
  const shells = joined(SHELLS, "and");
  const [first, extra] = after;
  if (first === undefined) {
    throw usage("cannot write a completion script: no shell is given", command, `the shells are ${shells}`);
  }
  const shell = SHELLS.find((known) => known === first.word);
  if (shell === undefined) {
    throw usage(
      `cannot write a completion script: argument ${first.place} is not one of ${shells}`,
      command,
      ...didYouMean(first.word, SHELLS),
    );
  }
  if (extra !== undefined) throw unexpected(extra.place, command);
  return reading.ended ? { shell, words: reading.rest.map((rest) => rest.word) } : { shell };
}

function unexpected(place: number, command: Command): UserError {
  const taker = command === "login" ? "a login" : `"${command}"`;
  return usage(
    `cannot read argument ${place}: ${taker} takes no more arguments`,
    command,
    "a value with a space in it needs quotes",
  );
}

/** The parsed command line, or the error: the launcher needs it before anything can be printed. */
export type CommandLine = Parsed | UserError;

/** Parses as {@linkcode parseArgv} does, and returns the error instead of throwing it. */
export function readCommandLine(args: readonly string[]): CommandLine {
  return orUserError(() => parseArgv(args));
}

/**
 * Parses the arguments of a run (without the program's name). A request for help or the version wins even if
 * a later argument is wrong.
 *
 * @throws UserError exit 2, with a hint to the usage.
 */
export function parseArgv(args: readonly string[]): Parsed {
  const reading: Reading = { values: new Map(), given: new Map(), words: [], rest: [], warnings: [], ended: false };
  const result = (command: Command, operand: Pick<Parsed, "shell" | "words"> = {}): Parsed => ({
    command,
    values: Object.fromEntries(reading.values),
    ...operand,
    given: Object.fromEntries(reading.given),
    warnings: reading.warnings,
  });
  const first = () => reading.words[0]?.word;
  const asksForVersion = () => reading.values.has("version") || first() === "version";
  const asksForHelp = () => reading.values.has("help") || first() === "help";
  const answer = (): Parsed => ({
    ...result(TYPED_COMMANDS.find((command) => command === first()) ?? "login"),
    ...(asksForHelp() ? { helpPage: helpPageOf(reading) } : {}),
    values: { ...Object.fromEntries(reading.values), ...(asksForHelp() ? { help: true } : { version: true }) },
  });
  try {
    readWords(args, reading);
    if (first() === "help" || first() === "version") return answer();
    const command = asCredentialProcess(commandOf(reading), reading);
    if (asksForHelp() || asksForVersion()) return answer();
    checkOptions(command, reading);
    return result(command, operandOf(command, reading));
  } catch (error) {
    if (!(error instanceof UserError) || first() === "help" || !(asksForHelp() || asksForVersion())) throw error;
    return answer();
  }
}
