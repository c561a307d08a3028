/** `configure --export`: prints what a team can share of the settings in the files, for `configure --import`. */

import { Exit, type ExitCode, UserError } from "../../errors.ts";
import { placesFor } from "../../io/paths.ts";
import type { Context } from "../../settings/context.ts";
import { configPlaces } from "../../settings/find_files.ts";
import { loadFiles } from "../../settings/resolve.ts";
import type { Places } from "../../settings/settings.ts";
import { readImport, sharedPart, teamText } from "../../settings/team_text.ts";

/** @throws UserError exit 2 for a value that no team file can have. */
export async function exportTeam({ deps, settings }: Context<Places>): Promise<ExitCode> {
  const { commandLine: parsed, files, platform } = deps;
  if (parsed instanceof UserError) throw parsed;
  // The warnings were printed when the settings were read.
  const quiet = () => {};
  const places = placesFor({ configFolder: settings.configFolder, command: parsed.command }, deps);
  const text = teamText(
    sharedPart(await loadFiles(parsed, await configPlaces(places, files, platform, quiet), deps, quiet)),
  );
  await proven(text);
  deps.terminal.writeOut(text);
  return Exit.done;
}

/** Reads the text as an import does. */
async function proven(text: string): Promise<void> {
  try {
    await readImport(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const problem = error.message.replace(/^cannot (?:read|import) "[^"]*"(?::|,) line \d+(?:, column \d+)?: /, "");
    throw new UserError(`cannot export the settings: ${problem}`, {
      exit: Exit.usage,
      hint: "find its file and correct it: onelogin-aws-assume-role doctor --verbose",
    });
  }
}
