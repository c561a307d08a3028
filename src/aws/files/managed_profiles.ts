/** The profiles of the AWS config file that `configure --all-roles` keeps: one for each role of a login, marked as its own. */

import { PROGRAM } from "../../version.ts";
import type { SafeFileDeps } from "../../io/safe_file.ts";
import { type AwsUpdate, awsUpdate } from "./aws_update.ts";
import { configValue, MARK, type Profiles, readProfiles } from "./config_file.ts";
import { decodeIni } from "./ini.ts";
import { editingFile } from "./edit_file.ts";
import type { ProfileEdit } from "./ini_edit.ts";
import { setupOf } from "./overwrite_refusals.ts";

/** A profile to keep. */
export interface ManagedProfile {
  readonly profile: string;
  readonly region: string;
  /** A command line. */
  readonly credentialProcess: string;
}

export interface ManagedOptions {
  /** Whose login it is: the profiles of other logins are not touched. */
  readonly owner: string;
  /** Replace the region that a profile has. */
  readonly replaceRegion?: boolean;
  /** Take over a section of the same name that has no other way to credentials. */
  readonly force?: boolean;
}

/** What becomes of the profiles, by name. */
export interface ManagedPlan {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  /** They were ours, and are not among the profiles to keep. */
  readonly removed: readonly string[];
  /** Somebody else wrote a section of that name: it stays as it is. */
  readonly foreign: readonly string[];
}

/** The edit that keeps these profiles and removes the others of the same owner; and what its last run did. */
export function managedUpdate(
  deps: SafeFileDeps,
  path: string,
  keep: readonly ManagedProfile[],
  options: ManagedOptions,
): AwsUpdate & { readonly plan: () => ManagedPlan } {
  let plan: ManagedPlan = { added: [], changed: [], unchanged: [], removed: [], foreign: [] };
  const update = awsUpdate(deps, path, function* (bytes) {
    const profiles = readProfiles(decodeIni(bytes));
    plan = planFor(profiles, keep, options);
    const written = new Set([...plan.added, ...plan.changed]);
    const edits: readonly ProfileEdit[] = [
      ...keep.filter(({ profile }) => written.has(profile)).map((each) => ({
        profile: each.profile,
        set: valuesOf(profiles, each, options),
      })),
      ...plan.removed.map((profile) => ({
        profile,
        unset: ["region", "credential_process", MARK],
        dropEmpty: true,
      })),
    ];
    return edits.length === 0 ? undefined : yield* editingFile({ kind: "config", path }, bytes, edits);
  });
  return { ...update, plan: () => plan };
}

/** The region that the profiles of a former run have, if there are any: the one that most of them have. */
export function managedRegion(bytes: Uint8Array): string | undefined {
  const profiles = readProfiles(decodeIni(bytes));
  const regions = [...profiles.keys()].flatMap((profile) =>
    isManaged(profiles, profile) ? configValue(profiles, profile, "region") ?? [] : []
  );
  const counts = Map.groupBy(regions, (region) => region);
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

function planFor(profiles: Profiles, keep: readonly ManagedProfile[], options: ManagedOptions): ManagedPlan {
  const kindOf = (each: ManagedProfile) => {
    const entries = profiles.get(each.profile);
    if (entries === undefined) return "added";
    const isOurs = configValue(profiles, each.profile, MARK) === markOf(options);
    const isFree = options.force === true && setupOf(new Map(withoutOurs(profiles, each.profile))) === undefined;
    if (!isOurs && !isFree) return "foreign";
    const same = valuesOf(profiles, each, options)
      .every(([key, value]) => configValue(profiles, each.profile, key) === value);
    return same ? "unchanged" : "changed";
  };
  const names = new Set(keep.map(({ profile }) => profile));
  const { added = [], changed = [], unchanged = [], foreign = [] } = Object.groupBy(keep, kindOf);
  const named = (list: readonly ManagedProfile[]) => list.map(({ profile }) => profile);
  return {
    added: named(added),
    changed: named(changed),
    unchanged: named(unchanged),
    foreign: named(foreign),
    removed: [...profiles.keys()].filter((profile) =>
      !names.has(profile) && configValue(profiles, profile, MARK) === markOf(options)
    ),
  };
}

/** What a profile has besides what another login of this program gave it. */
function withoutOurs(profiles: Profiles, profile: string): readonly (readonly [string, string])[] {
  const entries = profiles.get(profile) ?? [];
  return isManaged(profiles, profile) ? entries.filter(([key]) => key !== "credential_process") : entries;
}

/** Whether some login of this program keeps the profile. */
function isManaged(profiles: Profiles, profile: string): boolean {
  return configValue(profiles, profile, MARK)?.startsWith(`${PROGRAM} `) === true;
}

function markOf({ owner }: ManagedOptions): string {
  return `${PROGRAM} ${owner}`;
}

/** A region that is there stays: the person may have changed it. */
function valuesOf(
  profiles: Profiles,
  { profile, region, credentialProcess }: ManagedProfile,
  options: ManagedOptions,
): readonly (readonly [key: string, value: string])[] {
  const own = options.replaceRegion === true ? undefined : configValue(profiles, profile, "region");
  return [
    ["region", own ?? region],
    ["credential_process", credentialProcess],
    [MARK, markOf(options)],
  ];
}
