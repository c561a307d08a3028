/**
 * The credentials that `credential-process` serves, one file per profile, user, app, chain and session policy in `~/.onelogin/cache`. They
 * stay after they expire: they tell which role the profile had. An unreadable file counts as missing.
 */

import { defined } from "../defined.ts";
import { serviceNow } from "../io/clock.ts";
import { joinPath } from "../io/paths.ts";
import type { AwsChoice, Delivery, OneLoginSettings, Places } from "../settings/settings.ts";
import { Interrupted } from "../errors.ts";
import { mapAtMost } from "../io/concurrency.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import { jsonLines, parseObject, textMembers } from "../json_object.ts";
import { parseInstant } from "../saml/instant.ts";
import { parseRoleArn } from "../saml/roles.ts";
import type { Context, Place } from "../settings/context.ts";
import { utf8 } from "../utf8.ts";
import type { RoleCredentials } from "./role_credentials.ts";
import { CACHE_NAMES, cachePath, digest, storePaths } from "./names.ts";
import { mismatch, ownerOf, type Subject, subjectOf } from "./subject.ts";

export interface CachedCredentials extends Subject {
  readonly granted: RoleCredentials;
  /** Milliseconds since the epoch. */
  readonly obtained: number;
}

function folderOf({ deps, settings }: Place): string {
  return storePaths(deps.platform, settings).cacheFolder;
}

/** The parts of a subject's file name: the profile first, so that all files of a profile can be found. */
async function fileOf(place: Place, { profile, owner, chain, policy }: Subject): Promise<string> {
  const { username = "", appId = "", subdomain = "" } = owner;
  const rest = await digest([username, appId, subdomain, chain, ...(policy === undefined ? [] : [policy])]);
  return await cachePath(place.deps.platform, place.settings, [profile], `-${rest}.json`);
}

/** Saves credentials for their subject: 0600, atomically, replacing older ones. Throws as `updateFile` does. */
export async function writeCached(place: Place, cached: CachedCredentials): Promise<void> {
  const { updateFile } = await import("../io/safe_file.ts"); // `credential-process` mostly reads.
  await updateFile(place.deps, await fileOf(place, cached), () => utf8(jsonLines(encode(cached))));
}

/** The cached credentials of a subject, or why there are none to use. */
export type Found =
  | { readonly kind: "found"; readonly cached: CachedCredentials }
  /** `reason` completes "there are no cached ones: "; printable. */
  | { readonly kind: "none"; readonly reason: string };

/**
 * The newest credentials of the subject, live or not. An unknown part of the owner matches any; the chain and the session policy must be the same; the role must match the settings.
 */
export async function findCached(
  place: Pick<Context<Places & AwsChoice>, "deps" | "settings">,
  subject: Subject,
): Promise<Found> {
  const ofProfile = await listCached(place, subject.profile);
  const reasons: string[] = [];
  for (const cached of ofProfile) {
    const reason = mismatch(cached, cached.granted.role, subject, place.settings);
    if (reason === undefined) return { kind: "found", cached };
    reasons.push(reason);
  }
  return { kind: "none", reason: reasons[0] ?? "there has been no login for this profile yet" };
}

/** All cached credentials, or those of one profile, newest first. Damaged files are skipped. */
export async function listCached(place: Place, profile?: string): Promise<readonly CachedCredentials[]> {
  const { files, platform } = place.deps;
  const folder = folderOf(place);
  const start = profile === undefined ? "" : await digest([profile]);
  const names = (await unlessUnreadable(files.list(folder)) ?? []).filter((name) => CACHE_NAMES.credentials.test(name));
  const found: CachedCredentials[] = [];
  for (const name of names.filter((name) => name.startsWith(start))) {
    const bytes = await unlessUnreadable(files.read(joinPath(platform, folder, name)));
    const cached = decode(bytes);
    if (cached && (profile === undefined || cached.profile === profile)) found.push(cached);
  }
  return found.sort((a, b) => b.obtained - a.obtained);
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
    await (await import("./failures.ts")).forgetFailures(context);
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
  const folder = folderOf(place);
  const start = profile === undefined ? undefined : `${await digest([profile])}-`;
  return (await place.deps.files.list(folder))
    .filter((name) => start === undefined ? CACHE_NAMES.removable.test(name) : name.startsWith(start))
    .map((name) => joinPath(place.deps.platform, folder, name));
}

// ---- The file ------------------------------------------------------------------------------------------------------

const VERSION = 1;
/** With a session policy: a release that does not know it must not serve these for others. */
const RESTRICTED = 2;

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

function decode(bytes: Uint8Array | undefined): CachedCredentials | undefined {
  const file = parseObject(bytes);
  const given = (key: string) => {
    const value = file[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const policy = given("policy");
  if (file["version"] !== (policy === undefined ? VERSION : RESTRICTED)) return undefined;
  const [profile, assumedRoleArn, region] = [given("profile"), given("assumedRoleArn"), given("region")];
  const [accessKeyId, secretAccessKey, sessionToken] = [
    given("accessKeyId"),
    given("secretAccessKey"),
    given("sessionToken"),
  ];
  const [obtained, expiration] = [parseInstant(given("obtained") ?? ""), parseInstant(given("expiration") ?? "")];
  const role = parseRoleArn(given("roleArn") ?? "");
  if (!profile || !assumedRoleArn || !region || !role || obtained === undefined || expiration === undefined) {
    return undefined;
  }
  if (!accessKeyId || !secretAccessKey || !sessionToken) return undefined;
  const { chain } = file;
  if (!Array.isArray(chain) || !chain.every((arn) => typeof arn === "string")) return undefined;
  const { username, appId, subdomain } = textMembers(file["owner"]);
  return {
    profile,
    owner: defined({ username, appId, subdomain }),
    chain,
    ...defined({ policy }),
    obtained,
    granted: {
      credentials: { accessKeyId, secretAccessKey, sessionToken, expiration },
      role: { ...role, principalArn: given("principalArn") ?? "" },
      assumedRoleArn,
      region,
    },
  };
}
