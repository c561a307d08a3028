/** `completion SHELL` prints the script; `completion SHELL -- WORDS` answers it. */

import { profileNames } from "../../aws/files/credentials_file.ts";
import { findFile, findTeamFile, type FoundFile } from "../../settings/find_files.ts";
import { type Places, placesFor } from "../../io/paths.ts";
import { readLastRoles } from "../../store/last_choices.ts";
import { readAwsFile } from "../../settings/aws_file.ts";
import { readTeamFile } from "../../settings/team.ts";
import { Exit, type ExitCode, UserError } from "../../errors.ts";
import { type Deps, FileError } from "../../io/deps.ts";
import type { Parsed } from "../../argv/parse.ts";
import { complete, completionScript, encodeCompletions, type KnownNames } from "./suggestions.ts";

type Needs = Pick<Deps, "env" | "cwd" | "platform" | "files" | "terminal">;

/**
 * Answers a script without output on stderr, whatever the files contain: it is called while a user types.
 */
export async function completionCommand({ shell, words }: Parsed, deps: Needs): Promise<ExitCode> {
  if (shell === undefined) throw new Error("a completion without a shell");
  deps.terminal.writeOut(
    words === undefined
      ? await completionScript(shell)
      : await encodeCompletions(shell, complete(words, await knownNames(deps)), words.at(-1) ?? ""),
  );
  return Exit.done;
}

/** The names on this machine. A missing or broken file has none. */
async function knownNames(deps: Pick<Needs, "env" | "cwd" | "platform" | "files">): Promise<KnownNames> {
  const places = await orElse(() => Promise.resolve(placesFor({}, deps)), undefined);
  if (places === undefined) return { profiles: [], roles: [], accounts: new Map() };
  const [saved, named, remembered] = await Promise.all([
    orElse(() => savedProfiles(deps, places), []),
    orElse(() => namedProfiles(deps, places), []),
    orElse(async () => (await readLastRoles(deps, places)).roles, []),
  ]);
  return {
    profiles: [...new Set([...saved, ...named])].filter(isWord),
    roles: [...new Set(remembered.map(({ role }) => role))].filter(isWord),
    accounts: new Map(remembered.map(({ account, alias }) => [account, isWord(alias) ? alias : ""])),
  };
}

/** A script splits its answer by lines: a name with a control character would become two. */
function isWord(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return name !== "" && !/[\u0000-\u001f\u007f-\u009f]/.test(name);
}

type FileNeeds = Pick<Needs, "files" | "platform">;

async function savedProfiles({ files }: FileNeeds, places: Places): Promise<readonly string[]> {
  const bytes = await files.read(places.credentialsFile);
  return bytes === undefined ? [] : [...profileNames(bytes)];
}

async function namedProfiles({ files, platform }: FileNeeds, places: Places): Promise<readonly string[]> {
  const read = async ({ path, text }: FoundFile, reader: typeof readAwsFile) =>
    path === undefined || text === undefined ? [] : [...(await reader(path, text, () => {})).profiles.keys()];
  const own = orElse(
    async () => await read(await findFile("onelogin.aws.json", places, files, platform), readAwsFile),
    [],
  );
  const team = orElse(async () => await read(await findTeamFile(places, files, platform), readTeamFile), []);
  return [...await own, ...await team];
}

async function orElse<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError || error instanceof FileError || error instanceof SyntaxError) return otherwise;
    throw error;
  }
}
