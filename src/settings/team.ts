/** team.json: what a team shares. It ranks below each person's own files. */

import { checkProfileName } from "../aws/files/profile_name.ts";
import { defined } from "../defined.ts";
import { oneLine, orUserError, printable, UserError } from "../errors.ts";
import { type AwsFile, readAwsValues } from "./aws_file.ts";
import { article, type JsonFile, readJson } from "./json.ts";
import { keyProblem, membersOf, objectOf, textOf } from "./json_members.ts";
import type { Json, Member } from "./json_values.ts";
import { fileProblem, positionAt, type Warn } from "./text_file.ts";
import {
  isHostLabel,
  readAppId,
  readAwsRegion,
  readDuration,
  readOneloginRegion,
  readSubdomain,
  type ReadValue,
  withoutHyphens,
} from "./values.ts";

export interface TeamFile extends Omit<AwsFile, "top"> {
  readonly top: AwsFile["top"] & {
    /** The OneLogin region, elsewhere a key of onelogin.sdk.json. */
    readonly region?: string;
  };
  /** Account id to name. */
  readonly accounts: ReadonlyMap<string, string>;
}

/** About five times what 240 roles in 120 accounts need. */
const MOST_CHARACTERS = 256 * 1024;

/** Each warning costs a walk through the text to its line. */
const MOST_WARNINGS = 100;

type Members = ReadonlyMap<string, Member>;

/** Keys that team.json has besides those of onelogin.aws.json. */
const FURTHER = ["region", "accounts"] as const;

/** Keys that a team file must not have, and where each belongs. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ...["username", "mfa_device"].map((key) => [key, "belongs to one person: put it in onelogin.aws.json"] as const),
  ...["client_id", "client_secret"].map((key) =>
    [key, "is never part of a team file: put it in onelogin.sdk.json or the environment"] as const
  ),
  ...["ip", "api_url"].map((key) => [key, "is accepted in onelogin.sdk.json only"] as const),
  ...["password", "onelogin_password", "otp"].map((key) => [key, "is never stored in a file"] as const),
  ["credential_process", "is never accepted: this program starts no other program"],
]);

const CHECKS: ReadonlyMap<string, ReadValue<unknown>> = new Map<string, ReadValue<unknown>>([
  ["region", readOneloginRegion],
  ["subdomain", readTenant],
  ["app_id", readAppId],
  ["aws_region", readAwsRegion],
  ["duration", readDuration],
]);

/** The subdomain becomes part of an address, and nobody sees it before a password is posted. */
function readTenant(text: string): ReturnType<ReadValue> {
  const found = readSubdomain(text);
  if ("problem" in found || isHostLabel(found.value)) return found;
  return {
    problem: `"${printable(text, 60)}" is not a subdomain`,
    hint: 'use the first part of the OneLogin address: "acme" of acme.onelogin.com',
  };
}

/**
 * Parses team.json.
 *
 * @param warn gets one line for everything that an import refuses although a run can ignore it: a key that is unknown or
 * repeated, a name with invisible characters
 * @throws UserError exit 2 with the file, position and key
 */
export function readTeamFile(path: string, text: string, warn: Warn): Promise<TeamFile> {
  if (text.length > MOST_CHARACTERS) {
    throw fileProblem(path, undefined, `it has more than ${MOST_CHARACTERS} characters`);
  }
  return readJson({ path, text }, warn, (root, warn) => {
    let warnings = 0;
    return readValues({ path, text }, root, (line) => {
      if (++warnings > MOST_WARNINGS) throw fileProblem(path, undefined, `more than ${MOST_WARNINGS} keys are wrong`);
      warn(line);
    });
  });
}

function readValues(file: JsonFile, json: Json, warn: Warn): TeamFile {
  const root = objectOf(file, json);
  const members = lastOfEach(root);
  refuseKeys(file, members, "");
  const profiles = [...(objectAt(members, "profiles")?.members ?? [])].map((member) => ({
    member,
    where: `profiles.${member.name}.`,
    own: member.value.kind === "object" ? lastOfEach(member.value) : undefined,
  }));
  for (const { own, where } of profiles) if (own !== undefined) refuseKeys(file, own, where);
  const values = readAwsValues(file, root, warn, FURTHER);
  const region = members.get("region");
  const top = { ...values.top, ...defined({ region: region && textOf(file, "region", region.value) }) };
  checkValues(file, members, top, "", warn);
  for (const { member, own, where } of profiles) {
    checkName(file, member, warn);
    if (own !== undefined) checkValues(file, own, values.profiles.get(member.name) ?? {}, where, warn);
  }
  return { ...values, top, accounts: readAccounts(file, members.get("accounts")?.value, warn) };
}

/** The last member of each name. The reader of onelogin.aws.json reports repeated ones. */
function lastOfEach(object: Json & { kind: "object" }): Members {
  return new Map(object.members.map((member) => [member.name, member]));
}

function objectAt(members: Members, name: string): (Json & { kind: "object" }) | undefined {
  const value = members.get(name)?.value;
  return value?.kind === "object" ? value : undefined;
}

function refuseKeys(file: JsonFile, members: Members, where: string): void {
  for (const [name, member] of members) {
    const reason = REFUSED.get(name);
    if (reason !== undefined) throw keyProblem(file, member.at, where + name, reason, "remove the key");
  }
}

function checkValues(file: JsonFile, members: Members, values: object, where: string, warn: Warn): void {
  const all: ReadonlyMap<string, unknown> = new Map(Object.entries(values));
  for (const [name, { value }] of members) {
    const text = all.get(name);
    if (typeof text !== "string") continue;
    checkVisible(file, value, text, where + name, warn);
    const found = CHECKS.get(name)?.(text);
    if (found === undefined || "value" in found) continue;
    const problem = `"${printable(where + name, 100)}": ${found.problem}`;
    throw fileProblem(file.path, positionAt(file.text, value.at), problem, found.hint);
  }
}

function checkVisible(file: JsonFile, value: Json, text: string, key: string, warn: Warn): void {
  if (oneLine(text) === text) return;
  const { line } = positionAt(file.text, value.at);
  warn(`"${file.path}", line ${line}: "${printable(key, 100)}" contains invisible characters`);
}

/** A profile name that no AWS file can contain is never used. */
function checkName(file: JsonFile, { name, at }: Member, warn: Warn): void {
  const found = orUserError(() => checkProfileName(name));
  if (found instanceof UserError) warn(`"${file.path}", line ${positionAt(file.text, at).line}: ${found.message}`);
}

function readAccounts(file: JsonFile, value: Json | undefined, warn: Warn): ReadonlyMap<string, string> {
  const accounts = new Map<string, string>();
  if (value === undefined || value.kind === "null") return accounts;
  if (value.kind !== "object") {
    throw keyProblem(file, value.at, "accounts", `must be an object of account ids and names, not ${article(value)}`);
  }
  for (const [written, member] of membersOf(file, value, warn)) {
    const id = withoutHyphens(written.trim());
    if (!/^\d{12}$/.test(id)) {
      throw keyProblem(file, member.at, `accounts.${written}`, "is not an account id of 12 digits");
    }
    const name = textOf(file, `accounts.${written}`, member.value);
    if (name === undefined) continue;
    checkVisible(file, member.value, name, `accounts.${written}`, warn);
    const shown = printable(name, 100);
    if (shown !== "") accounts.set(id, shown);
  }
  return accounts;
}
