/** Each user's last second factor, the roles used last, and the roles of the last login. A convenience: problems are not errors. */

import { defined } from "../defined.ts";
import { Interrupted } from "../errors.ts";
import type { Deps } from "../io/deps.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import { updateFile } from "../io/safe_file.ts";
import { jsonLines, parseObject, textMembers } from "../json_object.ts";
import type { Identity } from "../onelogin/client.ts";
import type { Role } from "../saml/role_arn.ts";
import { sortRoles } from "../saml/roles.ts";
import type { Context, Place } from "../settings/context.ts";
import type { AwsChoice, Conversation, OneLoginSettings, Places } from "../settings/settings.ts";
import { utf8 } from "../utf8.ts";
import { type StoreFolders, storePaths } from "./names.ts";

/** A choice is remembered for somebody who is asked. */
type Remembering = Context<Places & Conversation>;

// ---- Second factor and used roles: {"factors": {"<subdomain>/<user>": "<device id>"}, "usedRoles": ["<role ARN>"]} -----

/** Most used roles that are kept, last one first. */
const USED_ROLES = 20;

interface State {
  readonly factors: Readonly<Record<string, string>>;
  readonly usedRoles: readonly string[];
}

function stateFile({ deps, settings }: Place): string {
  return storePaths(deps.platform, settings).lastFactors;
}

async function readState(context: Place): Promise<State> {
  try {
    return decodeState(await context.deps.files.read(stateFile(context)));
  } catch {
    return decodeState(undefined);
  }
}

async function changeState(context: Remembering, change: (state: State) => State, what: string): Promise<void> {
  try {
    await updateFile(context.deps, stateFile(context), (old) => utf8(jsonLines(change(decodeState(old)))));
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    context.reporter.detail(`${what} could not be remembered`);
  }
}

/** The id of the device that this user chose last. */
export async function readLastFactor(context: Place, identity: Identity): Promise<string | undefined> {
  return (await readState(context)).factors[keyOf(identity)];
}

export async function rememberFactor(context: Remembering, identity: Identity, id: string): Promise<void> {
  if (context.settings.noInput || await readLastFactor(context, identity) === id) return;
  await changeState(
    context,
    (state) => ({ ...state, factors: { ...state.factors, [keyOf(identity)]: id } }),
    "the choice of the second factor",
  );
}

/** ARNs of the roles used at a terminal, last one first. */
export async function readUsedRoles(context: Place): Promise<readonly string[]> {
  return (await readState(context)).usedRoles;
}

/** Puts a role first in the menu of the next login. */
export async function rememberUsedRole(context: Remembering, roleArn: string): Promise<void> {
  if ((await readUsedRoles(context))[0] === roleArn) return;
  await changeState(
    context,
    (state) => ({
      ...state,
      usedRoles: [roleArn, ...state.usedRoles.filter((each) => each !== roleArn)].slice(0, USED_ROLES),
    }),
    "the role",
  );
}

function keyOf({ subdomain, username }: Identity): string {
  return `${subdomain}/${username}`;
}

/** The content of this program's file; anything else is ignored. */
function decodeState(bytes: Uint8Array | undefined): State {
  const { factors, usedRoles } = parseObject(bytes);
  return {
    factors: textMembers(factors),
    usedRoles: (Array.isArray(usedRoles) ? usedRoles : []).filter((each) => typeof each === "string").slice(
      0,
      USED_ROLES,
    ),
  };
}

// ---- Roles: {"version": 1, "owner", "roles": [{"accountId", "alias", "role", "path"}]}; unknown values are omitted ----

/** Saves the roles of a login, replacing those of the last one. An empty list changes nothing. */
export async function rememberRoles(
  context: Context<Places & AwsChoice & OneLoginSettings>,
  roles: readonly Role[],
): Promise<void> {
  const { deps, settings, reporter } = context;
  if (roles.length === 0) return;
  const file = storePaths(deps.platform, settings).lastRoles;
  const rows = sortRoles(roles).map(({ accountId, name, path }) => {
    const alias = settings.accounts.get(accountId);
    return { accountId, ...(alias === undefined ? {} : { alias }), role: name, ...(path === "" ? {} : { path }) };
  });
  const text = jsonLines({ version: 1, ...defined({ owner: ownerOf(settings) }), roles: rows });
  try {
    // Usually nothing has changed: then nothing is locked or written.
    const old = await deps.files.read(file);
    if (old !== undefined && new TextDecoder().decode(old) === text) return;
    await updateFile(deps, file, () => utf8(text));
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    reporter.detail("the roles could not be saved for shell completion");
  }
}

/** The owner of the roles, if the settings name all parts of it. */
function ownerOf({ subdomain, username, appId }: OneLoginSettings): string | undefined {
  const parts = [subdomain?.value, username?.value, appId?.value];
  return parts.includes(undefined) ? undefined : parts.join("/");
}

/** The roles of the last login if it was by the user and app of the settings; none if unknown. */
export async function readOwnLastRoles(
  { deps, settings }: Place<Places & OneLoginSettings>,
): Promise<LastRoles["roles"]> {
  const last = await unlessUnreadable(readLastRoles(deps, settings));
  return last?.owner !== undefined && last.owner === ownerOf(settings) ? last.roles : [];
}

interface LastRoles {
  /** Whose they are, if known. */
  readonly owner: unknown;
  readonly roles: readonly { readonly account: string; readonly alias: string; readonly role: string }[];
}

/**
 * The roles of the last login; malformed rows are skipped.
 *
 * @throws FileError
 */
export async function readLastRoles(
  { files, platform }: Pick<Deps, "files" | "platform">,
  folders: StoreFolders,
): Promise<LastRoles> {
  const { owner, roles: rows } = parseObject(await files.read(storePaths(platform, folders).lastRoles));
  const roles = (Array.isArray(rows) ? rows : []).flatMap((row) => {
    const { accountId, alias, role } = Object(row);
    if (typeof accountId !== "string" || !/^\d{12}$/.test(accountId) || typeof role !== "string") return [];
    return [{ account: accountId, alias, role }];
  });
  return { owner, roles };
}
