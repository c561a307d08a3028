/** The files of this program and of AWS: which ones are used, who can read them, leftovers, and overrides. */

import { decodeIni, parseIni } from "../../aws/files/ini.ts";
import { readProfiles } from "../../aws/files/credentials_file.ts";
import { profileOf } from "../../aws/files/profile_name.ts";
import { printable, quoted } from "../../errors.ts";
import { type Deps, FileError } from "../../io/deps.ts";
import { CONFIG_FILES, joinPath, LOCK_SUFFIX, type Places, removeFile, teamPath, TEMP_SUFFIX } from "../../io/paths.ts";
import { checkOwner, unlessUnreadable } from "../../io/read_file.ts";
import { type Finding, finding } from "./finding.ts";

type Needs = Pick<Deps, "files" | "platform" | "clock">;

/** An older lock or temporary file belongs to no run; milliseconds. */
const LEFT_OVER_MS = 60_000;

const ofFiles = (level: Finding["level"], text: string, fix?: string) => finding("files", level, text, fix);

export async function fileFindings(deps: Needs, places: Places): Promise<readonly Finding[]> {
  return [
    ...(await Promise.all(CONFIG_FILES.map((name) => configFile(deps, places, name)))).flat(),
    ...await teamFile(deps, places),
    ...await credentialsFile(deps, places),
    ...await folder(deps, places.oneloginFolder),
    ...await folder(deps, places.awsFolder),
    ...await hiddenProcesses(deps, places),
  ];
}

async function configFile(deps: Needs, places: Places, name: string): Promise<readonly Finding[]> {
  const paths = [...new Set(places.searchFolders.map((each) => joinPath(deps.platform, each, name)))];
  const there: string[] = [];
  for (const path of paths) if (await unlessUnreadable(deps.files.stat(path))) there.push(path);
  const [first, ...hidden] = there;
  if (first === undefined) {
    return [ofFiles("ok", `${name}: none (searched ${paths.map((each) => quoted(each)).join(", ")})`)];
  }
  if (hidden.length === 0) return [ofFiles("ok", `${name}: ${quoted(first)}`)];
  return [
    ofFiles(
      "warn",
      `${name}: only ${quoted(first)} is used, not ${hidden.map((each) => quoted(each)).join(", ")}`,
      "they are not merged: remove one of them, or run from another folder",
    ),
  ];
}

async function teamFile({ files, platform }: Needs, places: Places): Promise<readonly Finding[]> {
  const path = teamPath(platform, places);
  const found = await unlessUnreadable(files.stat(path));
  return found === undefined
    ? []
    : [ofFiles("ok", `team.json: ${quoted(path)}${found.owner === 0 ? ", owned by root" : ""}`)];
}

async function credentialsFile({ files }: Needs, { credentialsFile: path }: Places): Promise<readonly Finding[]> {
  const found = await unlessUnreadable(files.stat(path));
  if (found === undefined) return [ofFiles("ok", `credentials file: ${quoted(path)}, does not exist yet`)];
  if (found.kind !== "file") {
    return [ofFiles("warn", `credentials file: ${quoted(path)} is not a file`, "choose another one with --file")];
  }
  const link = (await unlessUnreadable(files.lstat(path)))?.kind === "symlink" ? await files.realPath(path) : undefined;
  const where = `credentials file: ${quoted(path)}${link === undefined ? "" : `, a link to ${quoted(link)}`}`;
  return found.mode !== undefined && (found.mode & 0o077) !== 0
    ? [ofFiles("warn", `${where}: other users can access it (mode ${octal(found.mode)})`, `chmod 600 ${quoted(path)}`)]
    : [ofFiles("ok", where)];
}

async function folder({ files, clock, platform }: Needs, path: string): Promise<readonly Finding[]> {
  const found = await unlessUnreadable(files.stat(path));
  if (found === undefined) return [];
  const findings: Finding[] = [];
  if (found.mode !== undefined && (found.mode & 0o022) !== 0) {
    const what = `${quoted(path)} can be changed by other users (mode ${octal(found.mode)})`;
    findings.push(ofFiles("warn", what, `chmod 700 ${quoted(path)}`));
  }
  let names: readonly string[] = [];
  try {
    names = await files.list(path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const what = `${quoted(path)} cannot be read: ${printable(error.message)}`;
    findings.push(ofFiles("warn", what, checkOwner(path)));
  }
  for (const name of names.filter((each) => each.endsWith(LOCK_SUFFIX) || each.endsWith(TEMP_SUFFIX))) {
    const left = joinPath(platform, path, name);
    const age = clock.now() - ((await unlessUnreadable(files.lstat(left)))?.modified ?? clock.now());
    if (name.endsWith(LOCK_SUFFIX)) {
      const what = age < LEFT_OVER_MS ? "another run may be active" : "left by a killed run; the next run cleans it up";
      findings.push(ofFiles("ok", `${quoted(left)}: ${what}`));
    } else if (age >= LEFT_OVER_MS) {
      const what = `${quoted(left)}: left by a killed run, and may contain credentials`;
      findings.push(ofFiles("warn", what, removeFile(left)));
    }
  }
  return findings;
}

/** Keys in the credentials file override a credential_process in the config file (AWS CLI User Guide, precedence). */
async function hiddenProcesses({ files }: Needs, places: Places): Promise<readonly Finding[]> {
  const read = async (path: string) => await unlessUnreadable(files.read(path)) ?? new Uint8Array();
  const processes = processProfiles(decodeIni(await read(places.configFile)));
  const saved = readProfiles(await read(places.credentialsFile));
  return saved.filter(({ name, keys }) => keys !== "none" && processes.has(name)).map(({ name, writtenByUs }) =>
    ofFiles(
      "warn",
      `profile "${printable(name, 100)}" has keys in ${quoted(places.credentialsFile)}, which override its ` +
        `credential_process in ${quoted(places.configFile)}`,
      writtenByUs
        ? `onelogin-aws-assume-role logout --profile ${printable(name, 100)}`
        : `remove the keys from [${printable(name, 100)}]`,
    )
  );
}

function processProfiles(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  let current: string | undefined;
  for (const line of parseIni(text.replace(/^\ufeff+/, ""))) {
    if (line.kind === "header") current = profileOf("config", line.name);
    if (line.kind === "entry" && line.key === "credential_process" && current !== undefined) found.add(current);
  }
  return found;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}
