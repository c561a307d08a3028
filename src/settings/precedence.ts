/**
 * The order of precedence: command line, environment, file, default. In onelogin.aws.json the top level comes before the
 * profile, or the other way round with `"precedence": "profile"`. Each value is decided separately.
 */

import { type OptionRow, OPTIONS } from "../argv/options.ts";
import type { Parsed } from "../argv/parse.ts";
import { printable } from "../errors.ts";
import { type AwsFile, PROFILE_KEYS, type ProfileKey } from "./aws_file.ts";
import type { SdkFile } from "./sdk_file.ts";
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
  /** The profile of onelogin.aws.json in use. */
  readonly profile?: string | undefined;
}

/**
 * The value of an option at its strongest level; weaker values become its shadows. Blank text is unset.
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

export function rowOf(key: string): OptionRow | undefined {
  return OPTIONS.find((row) => row.key === key);
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

export function fromFiles({ sdk, aws, profile }: Levels, key: string): readonly (Valued<string> | undefined)[] {
  const file = rowOf(key)?.file;
  if (file === undefined) return [];
  const { path, content } = file.name === "onelogin.sdk.json" ? sdk : aws;
  const at = (where: string, value: string | undefined): Valued<string> | undefined =>
    value === undefined || path === undefined ? undefined : { value, source: { kind: "file", path, key: where } };
  if (content === undefined || !("top" in content)) return [at(file.key, content?.[file.key as keyof SdkFile])];
  const top = at(file.key, content.top[file.key as keyof AwsFile["top"]]);
  if (profile === undefined || file.perProfile !== true) return [top];
  const own = content.profiles.get(profile)?.[file.key as ProfileKey];
  const levels = [top, at(`profiles.${profile}.${file.key}`, own)];
  return content.precedence === "profile" ? levels.reverse() : levels;
}

/** One line with the keys and both values that differ between the top of onelogin.aws.json and the profile in use. */
export function conflicts({ aws: { content, path }, profile }: Levels): readonly string[] {
  const inProfile = profile === undefined ? undefined : content?.profiles.get(profile);
  if (content === undefined || inProfile === undefined) return [];
  const keys = PROFILE_KEYS.filter((key) => {
    const [top, own] = [content.top[key], inProfile[key]];
    if (top === undefined || own === undefined) return false;
    return key === "aws_account_id" ? withoutHyphens(top) !== withoutHyphens(own) : top !== own;
  });
  if (keys.length === 0) return [];
  const names = keys.map((key) => `"${key}"`).join(", ");
  const values = (level: AwsFile["top"]) => keys.map((key) => `"${printable(level[key] ?? "", 60)}"`).join(", ");
  const differ = keys.length === 1 ? "differs" : "differ";
  const rule = content.precedence === "profile"
    ? 'using the profile\'s value, because of "precedence"'
    : 'using the top-level value; "precedence": "profile" reverses that';
  return [
    `${names} in "${path}" ${differ} between the top level (${values(content.top)}) and profile "${
      printable(profile ?? "", 60)
    }" (${values(inProfile)}): ${rule}`,
  ];
}
