/** All checks of `doctor`. A failed check is a finding; the others continue. */

import type { Parsed } from "../../argv/parse.ts";
import { type Places, placesFor } from "../../io/paths.ts";
import { resolveSettings } from "../../settings/resolve.ts";
import { Exit, type ExitCode, UserError, userError } from "../../errors.ts";
import type { Deps } from "../../io/deps.ts";
import { failure, type Finding, finding } from "./finding.ts";
import { fileFindings } from "./file_findings.ts";
import { browserFinding } from "./browser_finding.ts";
import { RELEASES_HOST } from "../../repository.ts";
import { networkFindings } from "./network_findings.ts";
import { releaseFinding } from "./release_finding.ts";
import { saveFindings } from "./save_findings.ts";
import { sandboxFindings } from "./sandbox_findings.ts";
import { settingsFindings, warningFinding } from "./settings_findings.ts";

/**
 * Checks settings, files, network and sandbox, and for a newer release if requested. Sends no
 * password and starts no second factor; files written as a test are removed at once.
 *
 * @throws UserError exit 2 when there is no home folder.
 */
export async function examine(parsed: Parsed, deps: Deps): Promise<readonly Finding[]> {
  const text = (key: string) => {
    const value = parsed.values[key];
    return typeof value === "string" ? value : undefined;
  };
  const resolved = await resolveSettings(parsed, deps).catch(userError);
  const settings = resolved instanceof UserError ? undefined : resolved.settings;
  const configFolder = settings?.configFolder ?? text("configFolder");
  const places: Places = placesFor({ file: text("file"), configFolder }, deps);
  const release = parsed.values["checkRelease"] === true;
  return [
    ...(resolved instanceof UserError ? [failure("settings", resolved)] : [
      ...settingsFindings(resolved.settings),
      ...resolved.notices.map((line) => finding("settings", "ok", line)),
      ...resolved.warnings.map(warningFinding),
    ]),
    ...await fileFindings(deps, places),
    ...(settings === undefined ? [] : await saveFindings({ deps, settings })),
    ...(settings === undefined ? [] : await networkFindings(deps, settings)),
    ...(settings?.browser.value ? [await browserFinding(deps, settings)] : []),
    ...(deps.sandbox === undefined
      ? []
      : await sandboxFindings(deps.sandbox, places, deps, settings, release ? [RELEASES_HOST] : [])),
    ...(release ? [await releaseFinding(deps, { timeoutMs: (settings?.timeout ?? 30) * 1000 })] : []),
  ];
}

/** The exit code of all findings: the first cause in the order configuration, API client, network. */
export function exitOf(findings: readonly Finding[]): ExitCode {
  const exits = findings.flatMap(({ level, exit }) => level === "fail" && exit !== undefined ? [exit] : []);
  return exits.length === 0 ? Exit.done : exits.reduce((a, b) => a < b ? a : b);
}
