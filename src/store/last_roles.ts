/** The roles of the last login, kept for the completion of a shell. Never an error: it is a convenience. */

import { Interrupted } from "../errors.ts";
import { updateFile } from "../io/safe_file.ts";
import { type Role, sortRoles } from "../saml/roles.ts";
import type { Context } from "../settings/context.ts";
import { utf8 } from "../utf8.ts";
import { storePaths } from "./names.ts";

/**
 * `~/.onelogin/cache/roles.json`, 0600, no secret in it: `{"version": 1, "roles": [{"accountId": "123456789012",
 * "alias": "Prod", "role": "Admin", "path": "team/dev/"}]}`; `alias` and `path` only where there is one.
 */
export function roleCacheFile({ deps, settings }: Pick<Context, "deps" | "settings">): string {
  return storePaths(deps.platform, settings).lastRoles;
}

/** Keeps the roles of a login, in place of those of the last one. Without any, what is there stays. */
export async function rememberRoles(context: Context, roles: readonly Role[]): Promise<void> {
  const { deps, settings, reporter } = context;
  if (roles.length === 0) return;
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
    const old = await deps.files.read(roleCacheFile(context));
    if (old !== undefined && new TextDecoder().decode(old) === text) return;
    await updateFile(deps, roleCacheFile(context), () => utf8(text));
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    reporter.detail("the roles could not be kept for the completion of the shell");
  }
}
