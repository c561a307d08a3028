import { versionLine } from "../version.ts";
import type { CommandLine } from "../argv/parse.ts";
import type { Platform } from "../io/deps.ts";
import { UserError } from "../errors.ts";
import { inWindowsForm } from "../windows_form.ts";

/**
 * The output of `--help`, `help TOPIC`, `--version` and `--licenses`, which need no settings; undefined for everything
 * else, wrong command lines included.
 */
export async function quickAnswer(commandLine: CommandLine, platform: Platform): Promise<string | undefined> {
  if (commandLine instanceof UserError) return undefined;
  const { values, helpPage } = commandLine;
  if (helpPage !== undefined) {
    const page = (await import("./help_pages.ts")).HELP_PAGES[helpPage];
    return platform === "windows" && page !== undefined ? withWindowsPaths(page) : page;
  }
  if (values["version"]) return `${versionLine()}\n`;
  if (values["licenses"]) return (await import("./licenses.ts")).licenseText();
  return undefined;
}

/** Windows knows no `~`. A line that gets too long for 80 columns continues below the start of its text. */
function withWindowsPaths(page: string): string {
  return page.split("\n").map((line) => {
    const own = inWindowsForm(line);
    if (own.length <= 80) return own;
    const indent = " ".repeat(own.search(/(?<= {2})\S(?!.* {2})/) + 1).slice(1);
    return own.replace(/ (?=%USERPROFILE%)/, `\n${indent}`);
  }).join("\n");
}
