import { versionLine } from "../version.ts";
import type { CommandLine } from "../argv/parse.ts";
import { UserError } from "../errors.ts";

/**
 * The answer to `--help`, `help TOPIC`, `--version` and `--licenses`, which needs no settings; undefined for everything
 * else, wrong command lines included.
 */
export async function quickAnswer(commandLine: CommandLine): Promise<string | undefined> {
  if (commandLine instanceof UserError) return undefined;
  const { values, helpPage } = commandLine;
  if (helpPage !== undefined) return (await import("./help_pages.ts")).HELP_PAGES[helpPage];
  if (values["version"]) return `${versionLine()}\n`;
  if (values["licenses"]) return (await import("./licenses.ts")).licenseText();
  return undefined;
}
