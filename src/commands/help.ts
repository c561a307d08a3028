import { versionLine } from "../version.ts";
import { parseArgv, type Parsed } from "../argv/parse.ts";

/**
 * The answer to `--help` and `--version`, which needs no settings; undefined for everything
 * else, wrong command lines included.
 */
export async function quickAnswer(args: readonly string[]): Promise<string | undefined> {
  let parsed: Parsed;
  try {
    parsed = parseArgv(args);
  } catch {
    return undefined;
  }
  if (parsed.values["help"]) return (await import("./help_pages.ts")).HELP_PAGES[parsed.command];
  if (parsed.values["version"]) return `${versionLine()}\n`;
  return undefined;
}
