/** The live credentials of a profile: `--if-expiring` keeps them, and a login asks before it renews them. */

import { serviceNow } from "../io/clock.ts";
import { isOurProcess } from "../aws/files/config_file.ts";
import { profileCredentials, readProfile } from "../aws/files/credentials_file.ts";
import { sessionNameOf } from "../aws/sts.ts";
import { readFile } from "../io/read_file.ts";
import { parseRoleArn } from "../saml/role_arn.ts";
import {
  type AwsChoice,
  type Delivery,
  type OneLoginSettings,
  optionValue,
  type Places,
  requestedRole,
} from "../settings/settings.ts";
import { readChain } from "./chain_options.ts";
import type { Context } from "../settings/context.ts";
import { type CachedCredentials, findCached, listCached } from "../store/credentials_cache.ts";
import { mismatch, subjectOf } from "../store/subject.ts";
import { isRequested } from "../saml/role_request.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { assumedRole } from "../store/saved.ts";

/** What tells whether a profile has what is requested. */
type ProfileContext = Context<OneLoginSettings & AwsChoice & Delivery & Places>;

/**
 * The live credentials of `profile`; undefined when there are none, or they have expired, or
 * they are, or may be, of another role, user, tenant, app or chain than requested. AWS's tools take the keys in the credentials file; if
 * that has none and the profile's credential_process is this program, the cached credentials count.
 *
 * @throws UserError exit 2 when the credentials file cannot be read.
 */
export async function liveCredentials(context: ProfileContext, profile: string): Promise<Live | undefined> {
  const { deps, settings } = context;
  const saved = await inFile(context, profile) ?? await inCache(context, profile);
  if (saved?.expiration === undefined) return undefined;
  const left = saved.expiration - serviceNow(deps);
  if (left <= 0) return undefined;
  const { cached } = saved;
  const isTheirs = cached === undefined
    ? settings.sessionPolicy === undefined && isSameUser(settings, saved.arn)
    : mismatch(cached, cached.granted.role, subjectOf(settings, profile), settings) === undefined;
  return isTheirs && mayBeRequested(settings, saved.arn) ? { leftMs: left, known: cached?.granted } : undefined;
}

/** Credentials that have not expired. */
export interface Live {
  readonly leftMs: number;
  /** The credentials with everything known about them; undefined if another tool saved them. */
  readonly known: RoleCredentials | undefined;
}

/** AWS puts the user's name into the session name, sometimes without the part after the @. */
function isSameUser({ username }: OneLoginSettings, arn: string | undefined): boolean {
  const session = sessionNameOf(arn ?? "")?.toLowerCase();
  if (session === undefined || username === undefined) return true;
  const name = username.value.toLowerCase();
  return session === name || session.split("@")[0] === name || name.split("@")[0] === session;
}

/** The known facts about a profile's credentials; without an expiration they cannot be used. */
interface Saved {
  /** Milliseconds since the epoch. */
  readonly expiration: number | undefined;
  /** ARN of the assumed role. */
  readonly arn: string | undefined;
  /** What this program knows about their login. */
  readonly cached: CachedCredentials | undefined;
}

/** Undefined when the file has no keys for the profile, so that they can come from elsewhere. */
async function inFile(context: ProfileContext, profile: string): Promise<Saved | undefined> {
  const bytes = await readFile(context.deps.files, context.settings.credentialsFile);
  const facts = bytes && readProfile(bytes, profile);
  if (!bytes || !facts || facts.keys === "none") return undefined;
  // The file has the role at most; the cache knows whose keys they are, if it contains them too.
  const cached = (await listCached(context, profile)).find(({ granted }) =>
    granted.credentials.accessKeyId === facts.accessKeyId
  );
  return {
    expiration: profileCredentials(bytes, profile)?.expiration,
    arn: facts.principalArn ?? cached?.granted.assumedRoleArn,
    cached,
  };
}

async function inCache(context: ProfileContext, profile: string): Promise<Saved | undefined> {
  const { deps, settings } = context;
  // A --file is not related to the credential_process.
  if (settings.file !== undefined) return undefined;
  // As for a login, an unreadable config file counts as missing.
  const config = await deps.files.read(settings.configFile).catch(() => undefined);
  if (!config || !isOurProcess(config, profile)) return undefined;
  const found = await findCached(context, subjectOf(settings, profile));
  if (found.kind === "none") return undefined;
  const { credentials, assumedRoleArn } = found.cached.granted;
  return { expiration: credentials.expiration, arn: assumedRoleArn, cached: found.cached };
}

/**
 * Whether a saved session can be of the requested role. Without an ARN it can, unless a role was requested
 * on the command line: then that one counts, whatever the profile had before.
 */
function mayBeRequested(settings: AwsChoice, arn: string | undefined): boolean {
  // AWS omits the role's path from session ARNs.
  const session = assumedRole(arn ?? "");
  if (session === undefined) {
    const { awsRoleName, awsAccountId, chainRoleArn } = settings;
    return ![awsRoleName, awsAccountId].some(optionValue) && chainRoleArn.length === 0;
  }
  const { accountId, name } = session;
  const last = readChain(settings).at(-1);
  if (last !== undefined) return last.accountId === accountId && last.name === name;
  const requested = settings.awsRoleName?.value;
  const requestedArn = requested === undefined ? undefined : parseRoleArn(requested);
  if (requestedArn !== undefined && requestedArn.accountId !== accountId) return false;
  const role = { ...session, roleArn: "", principalArn: "", path: "" };
  const request = { ...requestedRole(settings), roleName: requestedArn?.name ?? requested?.split("/").at(-1) };
  return isRequested(role, request, settings.accounts);
}
