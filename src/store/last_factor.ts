/** Remembers which second factor a user chose last, so that it is offered first. Never an error: it is a convenience. */

import { updateFile } from "../io/safe_file.ts";
import type { Identity } from "../onelogin/client.ts";
import type { Context } from "../settings/context.ts";
import { utf8 } from "../utf8.ts";
import { storePaths } from "./names.ts";

/** `~/.onelogin/state.json`: {"factors": {"<subdomain>/<user>": "<device id>"}}. */
function stateFile({ deps, settings }: Context): string {
  return storePaths(deps.platform, settings).lastFactors;
}

export async function readLastFactor(context: Context, identity: Identity): Promise<string | undefined> {
  try {
    return decode(await context.deps.files.read(stateFile(context)))[keyOf(identity)];
  } catch {
    return undefined;
  }
}

export async function rememberFactor(context: Context, identity: Identity, id: string): Promise<void> {
  if (context.settings.noInput || await readLastFactor(context, identity) === id) return;
  try {
    await updateFile(
      context.deps,
      stateFile(context),
      (old) =>
        utf8(
          `${JSON.stringify({ factors: { ...decode(old), [keyOf(identity)]: id } }, null, 2)}\n`,
        ),
    );
  } catch {
    context.reporter.detail("the choice of the second factor could not be remembered");
  }
}

function keyOf({ subdomain, username }: Identity): string {
  return `${subdomain}/${username}`;
}

function decode(bytes: Uint8Array | undefined): Readonly<Record<string, string>> {
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
