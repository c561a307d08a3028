/** `configure --import`: replaces team.json by the text on standard input. It never touches the person's own files. */

import { Exit, type ExitCode, quoted, UserError } from "../../errors.ts";
import { yesNo } from "../../io/prompter.ts";
import { teamPath, TEMP_SUFFIX } from "../../io/paths.ts";
import { readFile, unlessUnreadable } from "../../io/read_file.ts";
import { updateFile } from "../../io/safe_file.ts";
import type { Context } from "../../settings/context.ts";
import type { Places } from "../../settings/settings.ts";
import { readTeamFile } from "../../settings/team.ts";
import { readImport, teamText, teamValues } from "../../settings/team_text.ts";
import { decodeText } from "../../settings/text_file.ts";
import { utf8 } from "../../utf8.ts";
import { PROGRAM } from "../../version.ts";
import { announceWait } from "../save_profiles.ts";
import { writableFolder } from "./folder.ts";

/** Lines of changes that are shown. */
const MOST_LINES = 40;

/**
 * Shows what changes. A person who pastes the text at a terminal is asked before it is written; text from a pipe or a file
 * is written at once, because running this command is the consent.
 *
 * @throws UserError exit 2 for text that a team file must not have, and for a file that root placed; nothing is written then
 */
export async function importTeam(context: Context<Places>): Promise<ExitCode> {
  const { deps, settings, reporter, prompter } = context;
  const folder = writableFolder(context);
  const path = teamPath(deps.platform, {
    oneloginFolder: settings.oneloginFolder,
    ...folder && { configFolder: folder },
  });
  await refuseAdministrators(context, path);
  const team = await readImport(await input(context));
  const before = await present(context, path);
  const lines = changes(before?.values ?? new Map(), teamValues(team));
  if (lines.length === 0 && before?.sound) {
    reporter.info(`Nothing changed: ${path} has these values already.`);
    return Exit.done;
  }
  reporter.info(`${before === undefined ? "New file" : "Changes in"} ${path}:`);
  for (const line of lines.slice(0, MOST_LINES)) reporter.info(`  ${line}`);
  if (lines.length > MOST_LINES) reporter.info(`  … and ${lines.length - MOST_LINES} more`);
  if (deps.terminal.stdinIsTerminal) {
    if (!await prompter.confirm(yesNo("Save this?", "Y/n", "pass the file on standard input"))) {
      reporter.info("Nothing was written.");
      return Exit.done;
    }
  }
  await updateFile(deps, path, () => utf8(teamText(team)), { onWait: announceWait(reporter) });
  reporter.info(`Wrote ${path}`);
  return Exit.done;
}

async function input({ deps, prompter, reporter }: Pick<Context, "deps" | "prompter" | "reporter">): Promise<string> {
  const refuse = (why: string, exit: ExitCode) =>
    new UserError(`cannot import a team file: ${why}`, {
      exit,
      hint: `pass it: ${PROGRAM} configure --import < team.json`,
    });
  if (deps.terminal.stdinIsTerminal) {
    if (prompter.kind === "none") throw refuse("--no-input forbids a paste at the terminal", Exit.input);
    reporter.info("Paste the team file (it is not shown), then press Enter:");
  }
  const text = await deps.terminal.readAll(deps.signal);
  if (text === undefined || text.trim() === "") throw refuse("standard input is empty", Exit.usage);
  return text;
}

/** The values of the file that is replaced; it is not `sound` if it has to be written in any case. */
async function present(
  { deps, reporter }: Pick<Context, "deps" | "reporter">,
  path: string,
): Promise<{ readonly values: ReadonlyMap<string, string>; readonly sound: boolean } | undefined> {
  const bytes = await readFile(deps.files, path);
  if (bytes === undefined) return undefined;
  try {
    let sound = true;
    const team = await readTeamFile(path, decodeText(path, bytes), () => sound = false);
    return { values: teamValues(team), sound };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    reporter.warn(`replacing the file: ${error.message}`);
    return { values: new Map(), sound: false };
  }
}

/** Lines such as `+ app_id = "7"`; a value that changes has two. */
function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((key) => {
    const [old, value] = [before.get(key), after.get(key)];
    if (old === value) return [];
    return [
      ...(old === undefined ? [] : [`- ${key} = ${old}`]),
      ...(value === undefined ? [] : [`+ ${key} = ${value}`]),
    ];
  });
}

/** What root placed, the administrator updates: replacing it would work, because the folder is the user's own. */
async function refuseAdministrators({ deps: { files } }: Pick<Context, "deps">, path: string): Promise<void> {
  const facts = await unlessUnreadable(files.stat(path));
  if (facts?.owner !== 0) return;
  if (await unlessUnreadable(files.user(`${path}${TEMP_SUFFIX}`)) === 0) return;
  throw new UserError(`will not replace ${quoted(path)}: it belongs to root, so your administrator updates it`, {
    exit: Exit.usage,
    hint: "put values of your own into onelogin.aws.json: they come first",
  });
}
