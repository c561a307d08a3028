/**
 * The longest session that each role allows (its MaxSessionDuration), as far as AWS has shown it by refusing more. AWS
 * tells it to nobody who may not read IAM. A convenience: trouble with the file is no error.
 */

import { Interrupted } from "../errors.ts";
import { serviceNow } from "../io/clock.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import { updateFile } from "../io/safe_file.ts";
import { jsonLines, parseObject } from "../json_object.ts";
import { parseInstant } from "../saml/instant.ts";
import type { Place } from "../settings/context.ts";
import { utf8 } from "../utf8.ts";
import { storePaths } from "./names.ts";

/** An administrator may have raised it since: after this time AWS is asked for more again. Milliseconds. */
const KEPT_MS = 7 * 24 * 3_600_000;
/** An assertion has some 400 roles at most. */
const MOST_ROLES = 1000;

/** Seconds by role ARN. */
export type LongestSessions = ReadonlyMap<string, number>;

interface Entry {
  readonly seconds: number;
  /** Milliseconds since the epoch. */
  readonly seen: number;
}

/** What is known and not too old. */
export async function readLongestSessions(place: Place): Promise<LongestSessions> {
  const bytes = await unlessUnreadable(place.deps.files.read(fileOf(place)));
  return new Map(fresh(place, decode(bytes)).map(([arn, { seconds }]) => [arn, seconds]));
}

/** Adds what a login has learnt. */
export async function rememberLongestSessions(place: Place, learnt: LongestSessions): Promise<void> {
  if (learnt.size === 0) return;
  const seen = serviceNow(place.deps);
  try {
    await updateFile(place.deps, fileOf(place), (old) => {
      const kept = fresh(place, decode(old)).filter(([arn]) => !learnt.has(arn));
      const added = [...learnt].map(([arn, seconds]): [string, Entry] => [arn, { seconds, seen }]);
      return encode([...added, ...kept].slice(0, MOST_ROLES));
    });
  } catch (error) {
    if (error instanceof Interrupted) throw error;
  }
}

function fileOf({ deps, settings }: Place): string {
  return storePaths(deps.platform, settings).longestSessions;
}

function fresh({ deps }: Place, entries: readonly (readonly [string, Entry])[]): readonly (readonly [string, Entry])[] {
  const now = serviceNow(deps);
  return entries.filter(([, { seen }]) => Math.abs(now - seen) < KEPT_MS);
}

// ---- {"version": 1, "roles": {"<role ARN>": {"seconds": 3600, "seen": "2027-01-15T08:30:00.000Z"}}}, the newest first ----

function encode(entries: readonly (readonly [string, Entry])[]) {
  const roles = Object.fromEntries(
    entries.map(([arn, { seconds, seen }]) => [arn, { seconds, seen: new Date(seen).toISOString() }]),
  );
  return utf8(jsonLines({ version: 1, roles }));
}

/** What is not this program's counts as nothing. */
function decode(bytes: Uint8Array | undefined): readonly (readonly [string, Entry])[] {
  const { roles } = parseObject(bytes);
  return Object.entries(Object(roles)).slice(0, MOST_ROLES).flatMap(([arn, value]) => {
    const { seconds, seen } = Object(value);
    const at = typeof seen === "string" ? parseInstant(seen) : undefined;
    const isDuration = Number.isInteger(seconds) && seconds >= 900 && seconds <= 43_200;
    return isDuration && at !== undefined ? [[arn, { seconds, seen: at }] as const] : [];
  });
}
