/**
 * The names of all files that this program keeps for itself. The sandbox policy grants these names, and the
 * launcher loads this file, so it imports nothing but path functions.
 */

import type { Platform } from "../io/deps.ts";
import { joinPath, type Places } from "../io/paths.ts";
import { utf8 } from "../utf8.ts";

/** The two folders with this program's files. */
export type StoreFolders = Pick<Places, "awsFolder" | "oneloginFolder">;

/** Absolute paths. */
interface StorePaths {
  /** The assertion of `--cache-saml`, in the Python tool's place. */
  readonly samlCache: string;
  /** The second factor that each user chose last. */
  readonly lastFactors: string;
  /** Recently refused passwords, hashed. */
  readonly refusals: string;
  /** The first seen issuer of each app's SAML responses. */
  readonly issuers: string;
  /** The lock of the run that is posting a password. */
  readonly signInLock: string;
  /** The folder of what {@linkcode CACHE_NAMES} lists. */
  readonly cacheFolder: string;
  /** The roles of the last login, for shell completion. */
  readonly lastRoles: string;
  /** The longest session that each role allows. */
  readonly longestSessions: string;
  /** The clock skew of this computer; present only while the clock is wrong. */
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
    longestSessions: joinPath(platform, cacheFolder, "durations.json"),
    clockSkew: joinPath(platform, cacheFolder, "clock.json"),
  };
}

const LAST_ROLES = "roles.json";

/** File names in the cache folder. */
export const CACHE_NAMES = {
  /** Credentials: the digest of the profile, then that of the user, app and chain. */
  credentials: /^[0-9a-f]{16}-[0-9a-f]{16}\.json$/,
  /** A login that failed. */
  failure: /^[0-9a-f]{16}\.failure\.json$/,
  /** The lock of the run that is getting credentials. */
  lock: /^[0-9a-f]{16}\.lock$/,
  /** All files except locks, including temporary files of a killed run. */
  removable:
    /^(?:[0-9a-f]{16}(?:-[0-9a-f]{16})?(?:\.failure)?\.json(?:\.onelogin-tmp)?|(?:roles|durations|clock)\.json)$/,
} as const;

/** A file in the cache folder. Its name is a digest, which reveals nothing and is valid on every platform. */
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
