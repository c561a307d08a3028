/**
 * The order of precedence: command line, environment, the person's files, team.json, default. In onelogin.aws.json and in
 * team.json the top level comes before the profile, or the other way round with `"precedence": "profile"` in that file. Each
 * value is decided separately.
 */

import { type OptionRow, OPTIONS } from "../argv/options.ts";
import type { Parsed } from "../argv/parse.ts";
import { printable } from "../errors.ts";
import { type AwsFile, PROFILE_KEYS, type ProfileKey } from "./aws_file.ts";
import type { SdkFile } from "./sdk_file.ts";
import type { TeamFile } from "./team.ts";
import type { Source, Valued } from "./settings.ts";
import { withoutHyphens } from "./values.ts";

/** A parsed file, or nothing. */
export interface Loaded<T> {
  readonly path?: string;
  readonly content?: T;
}

/** Everything that may contain a value. */
export interface Levels {
  readonly parsed: Parsed;
  readonly env: Readonly<Record<string, string>>;
  readonly sdk: Loaded<SdkFile>;
  readonly aws: Loaded<AwsFile>;
  readonly team: Loaded<TeamFile>;
  /** The profile in use. */
  readonly profile?: string | undefined;
}

/**
 * The value of an option at its strongest level; weaker values become its shadows. Empty text is unset.
 *
 * @param key of the option; its row names the variable and the key of a file
 * @param usual AWS variables that people set for other work: the weakest level
 */
export function strongest(levels: Levels, key: string, usual: readonly string[] = []): Valued<string> | undefined {
  const { env } = levels;
  return first([
    given(levels, key),
    ...fromFiles(levels, key),
    ...usual.map((name) => fromEnvironment(env, key, name)),
  ]);
}

/** The first that is present. */
export function first(all: readonly (Valued<string> | undefined)[]): Valued<string> | undefined {
  const [winner, ...others] = all.filter((each) => each !== undefined);
  if (winner === undefined || others.length === 0) return winner;
  return { ...winner, shadows: [...winner.shadows ?? [], ...others.map(({ source }) => source)] };
}

/** The value of the command line, else of the option's variable: both override every file. */
export function given({ parsed, env }: Pick<Levels, "parsed" | "env">, key: string): Valued<string> | undefined {
  return first([fromOption(parsed, key), fromEnvironment(env, key, rowOf(key)?.env)]);
}

const ROWS: ReadonlyMap<string, OptionRow> = new Map(OPTIONS.map((row) => [row.key, row]));

export function rowOf(key: string): OptionRow | undefined {
  return ROWS.get(key);
}

export function optionSource(parsed: Parsed, key: string): Source {
  return { kind: "option", name: rowOf(key)?.long[0] ?? parsed.given[key] ?? key };
}

export function fromOption(parsed: Parsed, key: string): Valued<string> | undefined {
  const value = parsed.values[key];
  const text = cleaned(key, typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined);
  return text === undefined ? undefined : { value: text, source: optionSource(parsed, key) };
}

export function fromEnvironment(env: Levels["env"], key: string, name: string | undefined): Valued<string> | undefined {
  const text = name === undefined ? undefined : cleaned(key, env[name]);
  return text === undefined || name === undefined ? undefined : { value: text, source: { kind: "environment", name } };
}

/** Text without surrounding spaces. A password keeps its spaces, except the line end of the file that it was read from. */
function cleaned(key: string, text: string | undefined): string | undefined {
  return (key === "password" ? text?.replace(/\r?\n$/, "") : text?.trim()) || undefined;
}

export function fromFiles(levels: Levels, key: string): readonly (Valued<string> | undefined)[] {
  const { sdk, aws, team, profile } = levels;
  const file = rowOf(key)?.file;
  if (file === undefined) return [];
  const own = file.name === "onelogin.sdk.json"
    ? [inFile(sdk.path, file.key, sdk.content?.[file.key as keyof SdkFile])]
    : atBothLevels(aws, file, profile);
  return [...own, ...atBothLevels(team, file, profile)];
}

function inFile(path: string | undefined, key: string, value: string | undefined): Valued<string> | undefined {
  return value === undefined || path === undefined ? undefined : { value, source: { kind: "file", path, key } };
}

/** The values at the top of a file and in the profile, the stronger first. */
function atBothLevels(
  { path, content }: Loaded<AwsFile>,
  { key, perProfile }: NonNullable<OptionRow["file"]>,
  profile: string | undefined,
): readonly (Valued<string> | undefined)[] {
  if (content === undefined) return [];
  const top = inFile(path, key, content.top[key as keyof AwsFile["top"]]);
  if (profile === undefined || perProfile !== true) return [top];
  const own = content.profiles.get(profile)?.[key as ProfileKey];
  const levels = [top, inFile(path, `profiles.${profile}.${key}`, own)];
  return content.precedence === "profile" ? levels.reverse() : levels;
}

/** Lines with the keys and both values that differ between the top of a file and the profile in use. */
export function conflicts({ aws, team, profile }: Levels): readonly string[] {
  if (profile === undefined) return [];
  return [...conflictsOf(aws, aws, profile), ...conflictsOf(aws, team, profile), ...conflictsOf(team, team, profile)];
}

/** One line, if values at the top of one file differ from those of the profile in the same or a weaker file. */
function conflictsOf(upper: Loaded<AwsFile>, lower: Loaded<AwsFile>, profile: string): readonly string[] {
  const { content, path } = upper;
  const inProfile = lower.content?.profiles.get(profile);
  if (content === undefined || inProfile === undefined) return [];
  const same = lower === upper;
  const keys = PROFILE_KEYS.filter((key) => {
    const [top, own] = [content.top[key], inProfile[key]];
    if (top === undefined || own === undefined) return false;
    // The profile of the stronger file wins over both.
    if (!same && content.precedence === "profile" && content.profiles.get(profile)?.[key] !== undefined) return false;
    return key === "aws_account_id" ? withoutHyphens(top) !== withoutHyphens(own) : top !== own;
  });
  if (keys.length === 0) return [];
  const names = keys.map((key) => `"${key}"`).join(", ");
  const values = (level: AwsFile["top"]) => keys.map((key) => `"${printable(level[key] ?? "", 60)}"`).join(", ");
  const differ = keys.length === 1 ? "differs" : "differ";
  const shown = `profile "${printable(profile, 60)}"`;
  if (!same) {
    return [
      `${names} ${differ} between the top level of "${path}" (${
        values(content.top)
      }) and ${shown} in "${lower.path}" (${values(inProfile)}): using the first, because your own file comes first`,
    ];
  }
  const rule = content.precedence === "profile"
    ? 'using the profile\'s value, because of "precedence"'
    : 'using the top-level value; "precedence": "profile" reverses that';
  return [
    `${names} in "${path}" ${differ} between the top level (${values(content.top)}) and ${shown} (${
      values(inProfile)
    }): ${rule}`,
  ];
}
