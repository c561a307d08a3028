/**
 * The credentials that `credential-process` serves, one file per profile, user, app, chain and session policy in `~/.onelogin/cache`. They
 * stay after they expire: they tell which role the profile had. An unreadable file counts as missing.
 */

import { defined } from "../defined.ts";
import { joinPath } from "../io/paths.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import { parseObject, textMembers } from "../json_object.ts";
import { parseInstant } from "../saml/instant.ts";
import { parseRoleArn } from "../saml/role_arn.ts";
import type { Context, Place } from "../settings/context.ts";
import type { AwsChoice, Places } from "../settings/settings.ts";
import { CACHE_NAMES, digest, storePaths } from "./names.ts";
import type { RoleCredentials } from "./role_credentials.ts";
import { mismatch, type Subject } from "./subject.ts";

export interface CachedCredentials extends Subject {
  readonly granted: RoleCredentials;
  /** Milliseconds since the epoch. */
  readonly obtained: number;
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

const FEW = 4;

/** All cached credentials, or those of one profile, newest first. Damaged files are skipped. */
export async function listCached(place: Place, profile?: string): Promise<readonly CachedCredentials[]> {
  return Array.from((await cachedByFile(place, profile)).values()).sort((a, b) => b.obtained - a.obtained);
}

/** The same by the name of their file. */
export async function cachedByFile(place: Place, profile?: string): Promise<ReadonlyMap<string, CachedCredentials>> {
  const { files, platform } = place.deps;
  const folder = storePaths(platform, place.settings).cacheFolder;
  const names = (await unlessUnreadable(files.list(folder)) ?? []).filter((name) => CACHE_NAMES.credentials.test(name));
  // Hashing wakes another thread, which takes longer than reading a few files.
  const start = profile === undefined || names.length <= FEW ? "" : await digest([profile]);
  const found = new Map<string, CachedCredentials>();
  for (const name of names.filter((name) => name.startsWith(start))) {
    const bytes = await unlessUnreadable(files.read(joinPath(platform, folder, name)));
    const cached = decode(bytes);
    if (cached && (profile === undefined || cached.profile === profile)) found.set(name, cached);
  }
  return found;
}

/** The version of a file. */
export const VERSION = 1;
/** With a session policy: a release that does not know it must not serve these for others. */
export const RESTRICTED = 2;

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
