/** `console`: the URL that signs in to the AWS console. It is a secret, so it goes only to stdout. */

import { serviceNow } from "../io/clock.ts";
import type { Credentials } from "../aws/credentials.ts";
import { checkDestination, consoleUrl, getSigninToken, signinError } from "../aws/federation.ts";
import { partitionOfRegion, PARTITIONS, signinHosts } from "../aws/partitions.ts";
import { defined } from "../defined.ts";
import { Exit, type ExitCode, orUserError, UserError } from "../errors.ts";
import { readChain } from "../login/chain_options.ts";
import { optionValue } from "../settings/settings.ts";
import { isHostLabel } from "../settings/values.ts";
import type { Context } from "../settings/context.ts";
import { login } from "../login/one_role.ts";
import { findCached } from "../store/credentials_cache.ts";
import { subjectOf } from "../store/subject.ts";
import { assumedRole, regionFor, savedCredentials } from "../store/saved.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { link, showsLinks } from "../ui/voice.ts";

/** Minimum time left for a console session. Milliseconds. */
const LAST_MS = 60_000;

/** Whose console it is. */
interface Visitor {
  readonly credentials: Credentials;
  readonly assumedRoleArn?: string;
  readonly region?: string;
  /** False also when the origin of the credentials is unknown. */
  readonly unchained: boolean;
}

/**
 * Prints the URL, from live credentials of the profile or else from a login that saves nothing.
 *
 * @throws UserError exit 2 for a destination that is not a console page; what a login throws; exit 6 or 7 when AWS
 * sign-in refuses or cannot be reached.
 */
export async function consoleCommand(context: Context): Promise<ExitCode> {
  const { deps, settings, reporter } = context;
  if (settings.destination !== undefined) checkAnyDestination(settings.destination);
  readChain(settings);
  const visitor = await liveVisitor(context) ?? await newVisitor(context);
  const region = regionOf(context, visitor);
  const target = { endpoint: settings.signinUrl?.value, region };
  const duration = optionValue(settings.duration);
  if (settings.destination !== undefined) checkDestination(settings.destination, signinHosts(region).console);
  const outcome = await getSigninToken(deps, {
    ...target,
    credentials: visitor.credentials,
    // Without it the session ends when the credentials expire. AWS refuses it for a chained role.
    ...(visitor.unchained && typeof duration === "number" ? { sessionSeconds: duration } : {}),
    timeoutMs: settings.timeout * 1000,
  });
  if (outcome.kind !== "token") throw signinError(outcome);
  const url = consoleUrl({
    ...target,
    token: outcome.token,
    ...defined({ destination: settings.destination }),
    ...issuerOf(settings.subdomain?.value),
  });
  reporter.info("The address works for 15 minutes; whoever has it is signed in.");
  deps.terminal.writeOut(`${deps.terminal.stdoutIsTerminal && showsLinks(deps) ? link(url) : url}\n`);
  return Exit.done;
}

/** A typing error must not cost a login, although the partition is known only after it. */
function checkAnyDestination(destination: string): void {
  const hosts = PARTITIONS.flatMap(({ signin }) => signin ? [signin.console] : []);
  const fits = hosts.some((host) => !(orUserError(() => checkDestination(destination, host)) instanceof UserError));
  const [usual] = hosts;
  if (!fits && usual !== undefined) checkDestination(destination, usual);
}

/** Live saved credentials of the profile that match the command line. */
async function liveVisitor(context: Context): Promise<Visitor | undefined> {
  const { deps, settings, reporter } = context;
  const profile = settings.profile?.value ?? "default";
  const isLive = (expiration = 0) => expiration - serviceNow(deps) > LAST_MS;
  const { username, appId, subdomain, awsAccountId, awsRoleName, chainRoleArn, sessionPolicy } = settings;
  const requested = [username, appId, subdomain, awsAccountId, awsRoleName].some(optionValue);
  if (requested || chainRoleArn.length > 0 || sessionPolicy !== undefined) {
    // Owner and role are known only for cached credentials.
    const found = await findCached(context, subjectOf(settings, profile));
    if (found.kind !== "found" || !isLive(found.cached.granted.credentials.expiration)) return undefined;
    return visitorOf(found.cached.granted, found.cached.chain);
  }
  for (const saved of await savedCredentials(context, profile)) {
    const fits = saved.policy === undefined && isLive(saved.expiration);
    const credentials = fits ? saved.credentials() : undefined;
    if (!credentials) continue;
    reporter.detail(`using the saved credentials of profile ${JSON.stringify(profile)}`);
    return {
      credentials,
      ...defined({ assumedRoleArn: saved.assumedRoleArn, region: saved.region }),
      unchained: saved.chain?.length === 0,
    };
  }
  return undefined;
}

/** Logs in as a run without a command would, and saves nothing. */
async function newVisitor(context: Context): Promise<Visitor> {
  let granted: RoleCredentials | undefined;
  await login(context, (each) => {
    granted = each;
    return Promise.resolve();
  });
  if (!granted) throw new Error("a login without a delivery");
  return visitorOf(granted, context.settings.chainRoleArn);
}

function visitorOf({ credentials, assumedRoleArn, region }: RoleCredentials, chain: readonly string[]): Visitor {
  return { credentials, assumedRoleArn, region, unchained: chain.length === 0 };
}

/** The region on the command line, if the credentials are in its partition. */
function regionOf({ settings }: Context, visitor: Visitor): string {
  const own = regionFor(visitor);
  const requested = optionValue(settings.awsRegion);
  if (requested === undefined) return own;
  const partition = assumedRole(visitor.assumedRoleArn ?? "")?.partition ?? partitionOfRegion(own).id;
  return partitionOfRegion(requested).id === partition ? requested : own;
}

/** Where the console sends a user after the session. */
function issuerOf(subdomain: string | undefined): { readonly issuer?: string } {
  return subdomain !== undefined && isHostLabel(subdomain) ? { issuer: `https://${subdomain}.onelogin.com/` } : {};
}
