/** team.json as text, and what of a person's settings a team can share. */

import { defined } from "../defined.ts";
import { Exit, UserError } from "../errors.ts";
import { jsonLines } from "../json_object.ts";
import { HOMEPAGE } from "../repository.ts";
import type { AwsFile, ProfileKey, ProfileValues } from "./aws_file.ts";
import type { LoadedFiles } from "./resolve.ts";
import { readTeamFile, type TeamFile } from "./team.ts";
import { fileProblem, STDIN } from "./text_file.ts";
import { isHostLabel, readSubdomain } from "./values.ts";

/** The order of the keys in the text. */
const ORDER = [
  "subdomain",
  "region",
  "app_id",
  "aws_region",
  "aws_account_id",
  "aws_role_name",
  "duration",
  "policy_arns",
  "policy",
  "profile",
] as const;

type File = Pick<AwsFile, "top" | "profiles" | "precedence" | "browser">;

const POLICY_KEYS = ["policy_arns", "policy"] as const;

/**
 * Parses the text of an import. What a run would ignore with a warning is an error here.
 *
 * @throws UserError exit 2 with the position
 */
export async function readImport(text: string): Promise<TeamFile> {
  // The reader of standard input replaces what it cannot decode.
  if (text.includes("\ufffd")) throw fileProblem(STDIN, undefined, "it is not UTF-8 text", "save it as UTF-8");
  return await readTeamFile(STDIN, text, refuseWarning);
}

function refuseWarning(line: string): never {
  throw new UserError(`cannot import ${line.replace(/ and ignored|; the last one counts/, "")}`, {
    exit: Exit.usage,
    hint: "correct it and import it again",
  });
}

export function teamText(team: TeamFile): string {
  const $schema = `${HOMEPAGE}/raw/main/docs/schema/team.schema.json`;
  return jsonLines({ $schema, ...asObject(team) });
}

/** The values of a team file by their key, such as `profiles.dev.app_id`; a profile without values is `{}`. */
export function teamValues(team: TeamFile): ReadonlyMap<string, string> {
  return new Map(flattened(asObject(team), ""));
}

function flattened(value: object, where: string): readonly (readonly [string, string])[] {
  const entries = Object.entries(value);
  if (entries.length === 0 && where !== "") return [[where, "{}"]];
  return entries.flatMap(([name, each]: [string, unknown]) => {
    const key = where === "" ? name : `${where}.${name}`;
    return typeof each === "object" && each !== null ? flattened(each, key) : [[key, JSON.stringify(each)] as const];
  });
}

function asObject({ top, browser, browserPort, precedence, accounts, profiles }: TeamFile): object {
  return defined({
    ...valuesOf(top),
    browser,
    browser_port: browserPort,
    precedence: precedence === "profile" ? precedence : undefined,
    accounts: accounts.size === 0 ? undefined : Object.fromEntries(accounts),
    profiles: profiles.size === 0
      ? undefined
      : Object.fromEntries([...profiles].map(([name, own]) => [name, profile(own)])),
  });
}

function profile(values: ProfileValues): object {
  return { ...valuesOf(values), ...defined({ browser: values.browser }) };
}

function valuesOf(level: { readonly [K in typeof ORDER[number]]?: string }): object {
  return Object.fromEntries(ORDER.flatMap((key) => {
    const value = level[key];
    return value === undefined ? [] : [[key, written(key, value)]];
  }));
}

/** A value as a person would write it. */
function written(key: typeof ORDER[number], value: string): unknown {
  if (key === "duration") return value === "max" ? value : Number(value);
  if (key === "policy_arns") return value.split(" ");
  return key === "policy" ? JSON.parse(value) : value;
}

/**
 * What a team can share of the settings in the files: personal and team merged, without user, second factor and API client. It
 * gives every profile the values that it has here.
 */
export function sharedPart({ sdk, aws, accounts, team }: Omit<LoadedFiles, "taken">): TeamFile {
  const files = [aws.content, team.content].filter((each) => each !== undefined);
  const values = merged(files.map(topOf));
  const names = new Set(files.flatMap(({ profiles }) => [...profiles.keys()]));
  const profiles = new Map([...names].map((name) => [name, difference(merged(levelsOf(files, name)), values)]));
  const { browser, ...top } = values;
  const over = [...profiles.values()].some((own) =>
    Object.keys(own).some((key) => values[key as keyof ProfileValues] !== undefined) ||
    hasPolicy(own) && hasPolicy(values)
  );
  const subdomain = first(files, (file) => file.top.subdomain);
  return {
    top: {
      ...top,
      ...defined({
        region: (sdk.content?.region ?? team.content?.top.region)?.toLowerCase(),
        subdomain: subdomain && tenant(subdomain),
        profile: first(files, (file) => file.top.profile),
      }),
    },
    profiles,
    // accounts.yaml may name an account by something else, with a warning.
    accounts: new Map([...team.content?.accounts ?? [], ...accounts].filter(([id]) => /^\d{12}$/.test(id))),
    precedence: over ? "profile" : "global",
    ...defined({ browser, browserPort: first(files, (file) => file.browserPort) }),
  };
}

function topOf({ top, browser }: File): ProfileValues {
  return { ...top, ...defined({ browser }) };
}

/** The levels of all files that a profile gets its values from, the strongest first. */
function levelsOf(files: readonly File[], name: string): readonly ProfileValues[] {
  return files.flatMap((file) => {
    const levels = [topOf(file), file.profiles.get(name) ?? {}];
    return file.precedence === "profile" ? levels.reverse() : levels;
  });
}

/** The values in use. The two keys of a session policy come from one level. */
function merged(levels: readonly ProfileValues[]): ProfileValues {
  const { policy, policy_arns } = levels.find(hasPolicy) ?? {};
  const value = (key: Exclude<ProfileKey, "mfa_device">) => first(levels, (level) => level[key]);
  const duration = value("duration");
  return defined({
    app_id: value("app_id"),
    aws_region: value("aws_region"),
    aws_account_id: value("aws_account_id"),
    aws_role_name: value("aws_role_name"),
    duration: duration && clamped(duration),
    policy,
    policy_arns,
    browser: first(levels, ({ browser }) => browser),
  });
}

function hasPolicy(values: ProfileValues): boolean {
  return POLICY_KEYS.some((key) => values[key] !== undefined);
}

/** The values of a profile that differ from the top of the file. */
function difference(own: ProfileValues, top: ProfileValues): ProfileValues {
  const keepsPolicy = POLICY_KEYS.some((key) => own[key] !== top[key]);
  return Object.fromEntries(
    Object.entries(own).filter(([key, value]) =>
      POLICY_KEYS.some((one) => one === key) ? keepsPolicy : top[key as keyof ProfileValues] !== value
    ),
  );
}

/** A run clamps it too. */
function clamped(duration: string): string {
  return duration === "max" ? duration : String(Math.min(Math.max(Number(duration), 900), 43200));
}

/** The subdomain of a pasted address. */
function tenant(text: string): string {
  const found = readSubdomain(text);
  return "value" in found && isHostLabel(found.value) ? found.value : text;
}

function first<L, T>(levels: readonly L[], get: (level: L) => T | undefined): T | undefined {
  return levels.map(get).find((value) => value !== undefined);
}
