/** Saving, expiring and removing the credentials that `credential-process` serves. */

import { defined } from "../defined.ts";
import { Interrupted } from "../errors.ts";
import { serviceNow } from "../io/clock.ts";
import { mapAtMost } from "../io/concurrency.ts";
import { joinPath } from "../io/paths.ts";
import { updateFile } from "../io/safe_file.ts";
import { jsonLines } from "../json_object.ts";
import type { Context, Place } from "../settings/context.ts";
import type { AwsChoice, Delivery, OneLoginSettings, Places } from "../settings/settings.ts";
import { utf8 } from "../utf8.ts";
import { cachedByFile, type CachedCredentials, listCached, RESTRICTED, VERSION } from "./credentials_cache.ts";
import { forgetFailures } from "./failures.ts";
import { CACHE_NAMES, cachePath, digest, storePaths } from "./names.ts";
import type { RoleCredentials } from "./role_credentials.ts";
import { ownerOf, type Subject, subjectOf } from "./subject.ts";

/** The parts of a subject's file name: the profile first, so that all files of a profile can be found. */
async function fileOf(place: Place, { profile, owner, chain, policy }: Subject): Promise<string> {
  const { username = "", appId = "", subdomain = "" } = owner;
  const rest = await digest([username, appId, subdomain, chain, ...(policy === undefined ? [] : [policy])]);
  return await cachePath(place.deps.platform, place.settings, [profile], `-${rest}.json`);
}

/** Saves credentials for their subject: 0600, atomically, replacing older ones. Throws as `updateFile` does. */
export async function writeCached(place: Place, cached: CachedCredentials): Promise<void> {
  await updateFile(place.deps, await fileOf(place, cached), () => utf8(jsonLines(encode(cached))));
}

/** Files written at a time. */
const AT_ONCE = 8;

/**
 * Caches the credentials of a login by profile, and clears recorded failures: the next login may be tried. Never
 * ends a login: the caller reports problems. A `--file` without a profile fills no cache, since no profile was requested.
 *
 * @returns whether all were saved.
 */
export async function cacheSaved(
  context: Pick<Context<OneLoginSettings & AwsChoice & Delivery & Places>, "deps" | "settings">,
  saved: readonly (RoleCredentials & { readonly profile: string })[],
): Promise<boolean> {
  const { deps, settings } = context;
  try {
    const toKeep = cachedOf(settings, saved);
    await mapAtMost(AT_ONCE, toKeep, ({ profile, ...granted }) => {
      const subject = subjectOf(settings, profile);
      const owner = { ...subject.owner, ...(granted.owner && ownerOf(granted.owner)) };
      return writeCached(context, { ...subject, owner, granted, obtained: serviceNow(deps) });
    });
    await forgetFailures(context);
    return true;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return false;
  }
}

/** The deliveries that {@linkcode cacheSaved} saves. */
export function cachedOf<T extends { readonly profile: string }>(
  settings: Delivery,
  saved: readonly T[],
): readonly T[] {
  const nameless = settings.file !== undefined && settings.profile === undefined;
  return saved.filter(({ profile }) => !(nameless && profile === "default"));
}

/** Marks cached credentials as expired, after AWS refused them. The role of the profile stays known. */
export async function expireCached(place: Place, accessKeyId: string): Promise<void> {
  const now = serviceNow(place.deps);
  for (const cached of await listCached(place)) {
    const { credentials } = cached.granted;
    if (credentials.accessKeyId !== accessKeyId || credentials.expiration <= now) continue;
    await writeCached(place, {
      ...cached,
      granted: { ...cached.granted, credentials: { ...credentials, expiration: now } },
    });
  }
}

/**
 * The files that a logout removes: those of one profile, or all of this program's files in the cache folder. Lock files are
 * not among them, since a current run would lose its lock; they are empty and removed on release.
 */
export async function cacheFiles(place: Place, profile?: string): Promise<readonly string[]> {
  const folder = storePaths(place.deps.platform, place.settings).cacheFolder;
  const start = profile === undefined ? undefined : `${await digest([profile])}-`;
  // A copy under another name would be served too.
  const served = profile === undefined ? undefined : await cachedByFile(place, profile);
  return (await place.deps.files.list(folder))
    .filter((name) =>
      start === undefined ? CACHE_NAMES.removable.test(name) : name.startsWith(start) || served?.has(name)
    )
    .map((name) => joinPath(place.deps.platform, folder, name));
}

function encode({ profile, owner, chain, policy, granted, obtained }: CachedCredentials): unknown {
  const { credentials, role, assumedRoleArn, region } = granted;
  return {
    version: policy === undefined ? VERSION : RESTRICTED,
    profile,
    owner,
    chain,
    ...defined({ policy }),
    roleArn: role.roleArn,
    principalArn: role.principalArn,
    assumedRoleArn,
    region,
    obtained: new Date(obtained).toISOString(),
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    sessionToken: credentials.sessionToken,
    expiration: new Date(credentials.expiration).toISOString(),
  };
}
