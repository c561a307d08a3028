/** onelogin.aws.json: saved values, some of them per AWS profile. */

import { didYouMean } from "../argv/spelling.ts";
import { REFUSED } from "../argv/options.ts";
import { defined } from "../defined.ts";
import { booleanOf, keyProblem, membersOf, objectOf, textOf, unknownKey, wholeNumberOf } from "./json_members.ts";
import { article, type JsonFile, readJson } from "./json.ts";
import { type Json, textOfJson } from "./json_values.ts";
import { readPolicy, readPolicyArn } from "./policy_values.ts";
import { positionAt, type Warn } from "./text_file.ts";

/** The keys that are accepted at the top of the file and in a profile. */
export const PROFILE_KEYS = [
  "aws_account_id",
  "aws_role_name",
  "aws_region",
  "app_id",
  "mfa_device",
  "duration",
  "policy_arns",
  "policy",
] as const;

export type ProfileKey = typeof PROFILE_KEYS[number];

const TEXT_KEYS = [...PROFILE_KEYS, "subdomain", "username", "profile"] as const;

/** Keys of the Python tool for the system's keychain. */
const KEYCHAIN_KEYS: readonly string[] = ["keychain_service", "keychain_account"];

const KNOWN: readonly string[] = [...TEXT_KEYS, "profiles", "precedence", "browser", "browser_port"];

export type ProfileValues = { readonly [K in ProfileKey]?: string } & { readonly browser?: boolean };

export interface AwsFile {
  /**
   * The values at the top of the file. Absent, `null` and empty ones are left out. `duration` is "max" or a number of
   * seconds, not yet clamped; `policy_arns` has spaces between the ARNs; `policy` is JSON.
   */
  readonly top: { readonly [K in typeof TEXT_KEYS[number]]?: string };
  readonly profiles: ReadonlyMap<string, ProfileValues>;
  readonly browser?: boolean;
  readonly browserPort?: number;
  /** Which comes first: the top level or the profile. */
  readonly precedence: "global" | "profile";
}

/**
 * Parses onelogin.aws.json.
 *
 * @param warn gets one line for each key that is unknown, repeated or without effect
 * @throws UserError exit 2 with the file, position and key
 */
export function readAwsFile(path: string, text: string, warn: Warn): Promise<AwsFile> {
  const file: JsonFile = { path, text };
  return readJson(file, warn, (root, warn) => readAwsValues(file, objectOf(file, root), warn));
}

/** The values of an object with the keys of onelogin.aws.json. `further` are known keys that the caller reads. */
export function readAwsValues(
  file: JsonFile,
  root: Json & { kind: "object" },
  warn: Warn,
  further: readonly string[] = [],
): AwsFile {
  const members = membersOf(file, root, warn);
  const known = [...KNOWN, ...further];
  const top: { [K in typeof TEXT_KEYS[number]]?: string } = {};
  for (const [name, member] of members) {
    const key = TEXT_KEYS.find((one) => one === name);
    if (key !== undefined) {
      const value = valueOf(file, key, key, member.value);
      if (value !== undefined) top[key] = value;
    } else if (KEYCHAIN_KEYS.includes(name)) {
      const refused = REFUSED.find((one) => one.long === `--${name.replace("_", "-")}`);
      warn(`"${file.path}": "${name}" is ignored, ${refused?.reason}; ${refused?.hint}`);
    } else if (name !== "$schema" && !known.includes(name)) {
      warn(unknownKey(file, member, known));
    }
  }
  const browser = booleanOf(file, "browser", members.get("browser")?.value);
  const browserPort = portOf(file, "browser_port", members.get("browser_port")?.value);
  return {
    top,
    ...defined({ browser, browserPort }),
    profiles: readProfiles(file, members.get("profiles")?.value, warn),
    precedence: readPrecedence(file, members.get("precedence")?.value),
  };
}

/** A number only: the launcher reads it too, and opens no port for a text. */
function portOf(file: JsonFile, key: string, value: Json | undefined): number | undefined {
  if (value === undefined || value.kind === "null" || textOf(file, key, value) === undefined) return undefined;
  if (value.kind === "number" && value.value >= 1 && value.value <= 65_535) return value.value;
  throw keyProblem(file, value.at, key, "must be a port, 1 to 65535, without quotes");
}

/** The value of a key; `where` is its path in the file. */
function valueOf(file: JsonFile, key: string, where: string, value: Json): string | undefined {
  switch (key) {
    case "duration":
      return durationOf(file, where, value);
    case "policy_arns":
      return arnsOf(file, where, value);
    case "policy":
      return value.kind === "null" ? undefined : checked(file, where, value, readPolicy(textOfJson(value)));
    default:
      return textOf(file, where, value);
  }
}

function durationOf(file: JsonFile, where: string, value: Json): string | undefined {
  if (value.kind === "string" && value.value.trim().toLowerCase() === "max") return "max";
  const seconds = wholeNumberOf(file, where, value, ' or "max"');
  return seconds === undefined || seconds === 0 ? undefined : String(seconds);
}

/** One ARN, or several in an array. */
function arnsOf(file: JsonFile, where: string, value: Json): string | undefined {
  const items = value.kind === "array" ? value.items : [value];
  const arns = items.flatMap((item) => {
    const text = textOf(file, where, item);
    return text === undefined ? [] : [checked(file, where, item, readPolicyArn(text))];
  });
  return arns.join(" ") || undefined;
}

function checked(file: JsonFile, where: string, value: Json, found: ReturnType<typeof readPolicy>): string {
  if ("value" in found) return found.value;
  throw keyProblem(file, value.at, where, `cannot be used: ${found.problem}`, found.hint);
}

function readPrecedence(file: JsonFile, value: Json | undefined): "global" | "profile" {
  const text = value === undefined ? undefined : textOf(file, "precedence", value);
  if (value === undefined || text === undefined) return "global";
  if (text === "global" || text === "profile") return text;
  throw keyProblem(
    file,
    value.at,
    "precedence",
    'must be "global" or "profile"',
    didYouMean(text, ["global", "profile"])[0],
  );
}

function readProfiles(file: JsonFile, value: Json | undefined, warn: Warn): ReadonlyMap<string, ProfileValues> {
  const profiles = new Map<string, ProfileValues>();
  if (value === undefined || value.kind === "null") return profiles;
  if (value.kind !== "object") {
    throw keyProblem(file, value.at, "profiles", `must be an object of profile names, not ${article(value)}`);
  }
  for (const [name, member] of membersOf(file, value, warn)) {
    if (member.value.kind === "null") continue;
    if (member.value.kind !== "object") {
      throw keyProblem(file, member.value.at, `profiles.${name}`, `must be an object, not ${article(member.value)}`);
    }
    profiles.set(name, readProfile(file, `profiles.${name}`, member.value, warn));
  }
  return profiles;
}

function readProfile(file: JsonFile, where: string, value: Json & { kind: "object" }, warn: Warn): ProfileValues {
  const values: { [K in ProfileKey]?: string } & { browser?: boolean } = {};
  for (const [name, member] of membersOf(file, value, warn)) {
    const key = PROFILE_KEYS.find((one) => one === name);
    if (key !== undefined) {
      const text = valueOf(file, key, `${where}.${key}`, member.value);
      if (text !== undefined) values[key] = text;
    } else if (name === "browser") {
      const value = booleanOf(file, `${where}.browser`, member.value);
      if (value !== undefined) values.browser = value;
    } else if (KNOWN.includes(name)) {
      const { line } = positionAt(file.text, member.at);
      warn(`"${file.path}", line ${line}: "${name}" has no effect in a profile, only at the top of the file`);
    } else {
      warn(unknownKey(file, member, PROFILE_KEYS));
    }
  }
  return values;
}
