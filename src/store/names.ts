/**
 * The names of everything this program keeps on disk for itself. The sandbox policy grants what is named here, and the
 * launcher loads it: so nothing but the joining of paths is imported.
 */

import type { Platform } from "../io/deps.ts";
import { joinPath } from "../io/paths.ts";
import { utf8 } from "../utf8.ts";

/** The two folders that this program keeps files in. */
export interface StoreFolders {
  /** `~/.aws` */
  readonly awsFolder: string;
  /** `~/.onelogin` */
  readonly oneloginFolder: string;
}

/** Absolute paths. */
export interface StorePaths {
  /** The assertion of `--cache-saml`, where the Python tool keeps it. */
  readonly samlCache: string;
  /** The second factor that each user chose last. */
  readonly lastFactors: string;
  /** The refused passwords of the last minutes, hashed. */
  readonly refusals: string;
  /** The issuer of each app's SAML responses, as it was seen first. */
  readonly issuers: string;
  /** The lock of the run that is posting a password. */
  readonly signInLock: string;
  /** The folder of what {@linkcode CACHE_NAMES} lists. */
  readonly cacheFolder: string;
  /** The roles of the last login, for shell completion. */
  readonly lastRoles: string;
  /** How wrong this computer's clock was; there only while it is. */
  readonly clockSkew: string;
}

export function storePaths(platform: Platform, { awsFolder, oneloginFolder }: StoreFolders): StorePaths {
  const cacheFolder = joinPath(platform, oneloginFolder, "cache");
  return {
    samlCache: joinPath(platform, awsFolder, "saml_cache.txt"),
    lastFactors: joinPath(platform, oneloginFolder, "state.json"),
    refusals: joinPath(platform, oneloginFolder, "refusals.json"),
    issuers: joinPath(platform, oneloginFolder, "issuers.json"),
    signInLock: joinPath(platform, oneloginFolder, "sign_in.lock"),
    cacheFolder,
    lastRoles: joinPath(platform, cacheFolder, LAST_ROLES),
    clockSkew: joinPath(platform, cacheFolder, "clock.json"),
  };
}

const LAST_ROLES = "roles.json";

/** What is in the cache folder, by name. */
export const CACHE_NAMES = {
  /** Credentials: the digest of the profile, then that of the user, app and chain. */
  credentials: /^[0-9a-f]{16}-[0-9a-f]{16}\.json$/,
  /** A login that failed. */
  failure: /^[0-9a-f]{16}\.failure\.json$/,
  /** The lock of the run that is getting credentials. */
  lock: /^[0-9a-f]{16}\.lock$/,
  /** All but locks, with the temporary files of a run that was killed. */
  removable: /^(?:[0-9a-f]{16}(?:-[0-9a-f]{16})?(?:\.failure)?\.json(?:\.onelogin-tmp)?|(?:roles|clock)\.json)$/,
} as const;

/** A file in the cache folder. Its name is a digest: it reveals nothing and is valid on every system. */
export async function cachePath(
  platform: Platform,
  folders: StoreFolders,
  parts: readonly unknown[],
  suffix: string,
): Promise<string> {
  return joinPath(platform, storePaths(platform, folders).cacheFolder, `${await digest(parts)}${suffix}`);
}

/** 16 hexadecimal digits. */
export async function digest(parts: readonly unknown[]): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", utf8(JSON.stringify(parts)));
  return [...new Uint8Array(bytes).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
