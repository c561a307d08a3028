/** The second factor each user chose last, and the roles of the last login. A convenience: trouble with them is no error. */

import { Interrupted } from "../errors.ts";
import type { Deps } from "../io/deps.ts";
import { updateFile } from "../io/safe_file.ts";
import type { Identity } from "../onelogin/client.ts";
import { type Role, sortRoles } from "../saml/roles.ts";
import type { Context } from "../settings/context.ts";
import type { AwsChoice, Conversation, Places } from "../settings/settings.ts";
import { utf8 } from "../utf8.ts";
import { type StoreFolders, storePaths } from "./names.ts";

type Place = Pick<Context<Places>, "deps" | "settings">;

// ---- Second factor: {"factors": {"<subdomain>/<user>": "<device id>"}} ------------------------------------------------

function factorsFile({ deps, settings }: Place): string {
  return storePaths(deps.platform, settings).lastFactors;
}

export async function readLastFactor(context: Place, identity: Identity): Promise<string | undefined> {
  try {
    return decodeFactors(await context.deps.files.read(factorsFile(context)))[keyOf(identity)];
  } catch {
    return undefined;
  }
}

export async function rememberFactor(
  context: Context<Places & Conversation>,
  identity: Identity,
  id: string,
): Promise<void> {
  if (context.settings.noInput || await readLastFactor(context, identity) === id) return;
  try {
    await updateFile(
      context.deps,
      factorsFile(context),
      (old) =>
        utf8(
          `${JSON.stringify({ factors: { ...decodeFactors(old), [keyOf(identity)]: id } }, null, 2)}\n`,
        ),
    );
  } catch {
    context.reporter.detail("the choice of the second factor could not be remembered");
  }
}

function keyOf({ subdomain, username }: Identity): string {
  return `${subdomain}/${username}`;
}

function decodeFactors(bytes: Uint8Array | undefined): Readonly<Record<string, string>> {
  if (!bytes) return {};
  try {
    const { factors } = JSON.parse(new TextDecoder().decode(bytes));
    return Object.fromEntries(Object.entries(factors).filter(([, id]) => typeof id === "string")) as Record<
      string,
      string
    >;
  } catch {
    return {};
  }
}

// ---- Roles: {"version": 1, "roles": [{"accountId", "alias", "role", "path"}]}; alias and path only if there is one ----

/** Keeps the roles of a login, in place of those of the last one. Without any, what is there stays. */
export async function rememberRoles(context: Context<Places & AwsChoice>, roles: readonly Role[]): Promise<void> {
  const { deps, settings, reporter } = context;
  if (roles.length === 0) return;
  const file = storePaths(deps.platform, settings).lastRoles;
  const rows = sortRoles(roles).map(({ accountId, name, path }) => {
    const alias = settings.accounts.get(accountId);
    return {
      accountId,
      ...(alias === undefined ? {} : { alias }),
      role: name,
      ...(path === "" ? {} : { path }),
    };
  });
  const text = `${JSON.stringify({ version: 1, roles: rows }, null, 1)}\n`;
  try {
    // Mostly nothing has changed, and then nothing is locked and written.
    const old = await deps.files.read(file);
    if (old !== undefined && new TextDecoder().decode(old) === text) return;
    await updateFile(deps, file, () => utf8(text));
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    reporter.detail("the roles could not be kept for the completion of the shell");
  }
}

/**
 * The roles of the last login; rows of another shape are left out.
 *
 * @throws FileError, or SyntaxError for a file that is no JSON.
 */
export async function readLastRoles(
  { files, platform }: Pick<Deps, "files" | "platform">,
  folders: StoreFolders,
): Promise<readonly { readonly account: string; readonly alias: string; readonly role: string }[]> {
  const bytes = await files.read(storePaths(platform, folders).lastRoles);
  if (bytes === undefined) return [];
  const content = JSON.parse(new TextDecoder().decode(bytes));
  const rows: unknown = content?.roles;
  return (Array.isArray(rows) ? rows : []).flatMap((row) => {
    const { accountId, alias, role } = Object(row);
    if (typeof accountId !== "string" || !/^\d{12}$/.test(accountId) || typeof role !== "string") return [];
    return [{ account: accountId, alias, role }];
  });
}
