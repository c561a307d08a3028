/** The credentials this program has saved: profiles of the credentials file, and the cache of `credential-process`. */

import { configRegion } from "../aws/files/config_file.ts";
import type { Credentials } from "../aws/credentials.ts";
import { profileCredentials, type ProfileFacts, readProfiles } from "../aws/files/credentials_file.ts";
import { checkRegion, defaultRegion, partitionOfRegion } from "../aws/partitions.ts";
import { defined } from "../defined.ts";
import { readFile } from "../io/read_file.ts";
import type { Place } from "../settings/context.ts";
import { type CachedCredentials, listCached } from "./credentials_cache.ts";
import type { KnownOwner } from "./subject.ts";

export type SavedIn = "credentials-file" | "cache";

/** Saved credentials without their secrets. */
export interface SavedCredentials {
  readonly profile: string;
  /** Both, if the cache and the file contain the same credentials. */
  readonly savedIn: readonly SavedIn[];
  /** `arn:aws:sts::<account>:assumed-role/<name>/<session>`; absent where the Python tool wrote the profile. */
  readonly assumedRoleArn?: string;
  /** Known only for cached ones. */
  readonly roleArn?: string;
  /** Whose login it was, as far as cached. */
  readonly owner?: KnownOwner;
  /** The roles of the chain; absent when unknown. */
  readonly chain?: readonly string[];
  /** The session policy, for cached ones that have one. */
  readonly policy?: string;
  readonly region?: string;
  /** Milliseconds since the epoch; absent when the file has no valid time. */
  readonly expiration?: number;
  readonly accessKeyId?: string;
  /** Written by another tool, with an expiry time that `--if-expiring` uses too. */
  readonly byOthers?: true;
  /** Undefined when they are not complete. */
  readonly credentials: () => Credentials | undefined;
}

/** The account and the name of the role in an assumed role's ARN. */
export function assumedRole(
  arn: string,
): { readonly partition: string; readonly accountId: string; readonly name: string } | undefined {
  const [, partition, accountId, name] = /^arn:([a-z0-9-]+):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/.exec(arn) ?? [];
  return partition && accountId && name ? { partition, accountId, name } : undefined;
}

/**
 * All of them, by profile; credentials in both file and cache are listed once.
 *
 * @param others also temporary credentials that other tools saved with an expiry time.
 *
 * @throws UserError exit 2 when an existing file cannot be read.
 */
export async function savedCredentials(
  place: Place,
  profile?: string,
  others = false,
): Promise<readonly SavedCredentials[]> {
  const bytes = await readFile(place.deps.files, place.settings.credentialsFile) ?? new Uint8Array();
  const config = await readFile(place.deps.files, place.settings.configFile) ?? new Uint8Array();
  const all = await listCached(place, profile);
  const inFile = readProfiles(bytes).filter((facts) =>
    (facts.writtenByUs || (others && facts.keys === "temporary" && facts.expiration !== undefined)) &&
    (profile === undefined || facts.name === profile)
  );
  const fromFile = inFile.map((facts): SavedCredentials => {
    const same = all.find((each) => isSame(each, facts));
    const region = facts.region ?? configRegion(config, facts.name) ?? same?.granted.region;
    const arn = facts.principalArn ?? same?.granted.assumedRoleArn;
    return {
      profile: facts.name,
      savedIn: same ? ["credentials-file", "cache"] : ["credentials-file"],
      ...defined({
        assumedRoleArn: arn,
        roleArn: same?.granted.role.roleArn,
        chain: same?.chain,
        policy: same?.policy,
        owner: same?.owner,
        region,
        expiration: facts.expiration,
        accessKeyId: facts.accessKeyId,
        byOthers: facts.writtenByUs || same ? undefined : true as const,
      }),
      credentials: () => profileCredentials(bytes, facts.name),
    };
  });
  const fromCache = newestOfEach(all)
    .filter((each) => !inFile.some((facts) => isSame(each, facts)))
    .map(({ profile, chain, policy, granted, owner }): SavedCredentials => ({
      owner,
      profile,
      savedIn: ["cache"],
      assumedRoleArn: granted.assumedRoleArn,
      roleArn: granted.role.roleArn,
      chain,
      ...defined({ policy }),
      region: granted.region,
      expiration: granted.credentials.expiration,
      accessKeyId: granted.credentials.accessKeyId,
      credentials: () => granted.credentials,
    }));
  return [...fromFile, ...fromCache].sort((a, b) => a.profile < b.profile ? -1 : a.profile > b.profile ? 1 : 0);
}

function isSame({ profile, granted }: CachedCredentials, facts: ProfileFacts): boolean {
  return profile === facts.name && granted.credentials.accessKeyId === facts.accessKeyId;
}

/** A profile may have had several users or chains; the last one counts. */
function newestOfEach(cached: readonly CachedCredentials[]): readonly CachedCredentials[] {
  return cached.filter((each, index) => cached.findIndex((other) => other.profile === each.profile) === index);
}

/** The region whose STS and console to use for credentials: their own, if it is in their partition. */
export function regionFor({ region, assumedRoleArn }: Pick<SavedCredentials, "region" | "assumedRoleArn">): string {
  const partition = assumedRole(assumedRoleArn ?? "")?.partition;
  if (region !== undefined && checkRegion(region) !== "malformed") {
    if (partition === undefined || partitionOfRegion(region).id === partition) return region;
  }
  return defaultRegion(partition ?? "aws") ?? "us-east-1";
}
