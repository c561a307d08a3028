/** Recent failed logins, kept across runs so that no run tries again at once. */

import { roughly } from "../duration.ts";
import { Exit, type ExitCode, printable, UserError } from "../errors.ts";
import { joinPath } from "../io/paths.ts";
import { updateFile } from "../io/safe_file.ts";
import { jsonLines, parseObject } from "../json_object.ts";
import type { Place } from "../settings/context.ts";
import { utf8 } from "../utf8.ts";
import { CACHE_NAMES, cachePath, storePaths } from "./names.ts";

/** The failure of a login that should not be repeated for a while. */
interface Failure {
  readonly exit: ExitCode;
  readonly message: string;
  readonly hints: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Records that the login of `key` failed. Never throws: the failure itself must be reported. */
export async function noteFailure(place: Place, key: readonly unknown[], error: UserError): Promise<void> {
  const at = place.deps.clock.now();
  const failure: Failure = { exit: error.exit, message: error.message, hints: error.hints, at };
  try {
    await updateFile(place.deps, await failurePath(place, key), () => utf8(jsonLines(failure)));
  } catch { /* the next run tries again */ }
}

/**
 * The last failure of the login of `key`, as an error, while it is too early to try again; undefined otherwise.
 *
 * @param pauseMs how long not to try again, in milliseconds.
 */
export async function recentFailure(
  place: Place,
  key: readonly unknown[],
  pauseMs: number,
): Promise<UserError | undefined> {
  // Ignore an unreadable record; the login decides.
  const bytes = await place.deps.files.read(await failurePath(place, key)).catch(() => undefined);
  const failure = decode(bytes);
  const now = place.deps.clock.now();
  // A record from the future: the clock has been set back since.
  if (!failure || now >= failure.at + pauseMs || now < failure.at) return undefined;
  return new UserError(`${failure.message} (${roughly(now - failure.at)} ago; waiting before the next try)`, {
    exit: failure.exit,
    hint: failure.hints,
  });
}

export async function forgetFailure(place: Place, key: readonly unknown[]): Promise<void> {
  await place.deps.files.remove(await failurePath(place, key)).catch(() => {});
}

export async function forgetFailures({ deps, settings }: Place): Promise<void> {
  const folder = storePaths(deps.platform, settings).cacheFolder;
  for (const name of await deps.files.list(folder)) {
    if (CACHE_NAMES.failure.test(name)) await deps.files.remove(joinPath(deps.platform, folder, name));
  }
}

function failurePath(place: Place, key: readonly unknown[]): Promise<string> {
  return cachePath(place.deps.platform, place.settings, key, ".failure.json");
}

function decode(bytes: Uint8Array | undefined): Failure | undefined {
  const { exit, message, hints, at } = parseObject(bytes);
  const code = Object.values(Exit).find((each) => each === exit);
  if (code === undefined || typeof message !== "string" || typeof at !== "number" || !Array.isArray(hints)) {
    return undefined;
  }
  if (!hints.every((hint) => typeof hint === "string")) return undefined;
  return { exit: code, message: printable(message), hints: hints.map((hint) => printable(hint)), at };
}
