/**
 * The issuer of each app's SAML responses, as first seen. Users may edit the file: an issuer
 * that changes is refused; remove its line to accept another.
 */

import { readFile } from "../io/read_file.ts";
import { updateFile } from "../io/safe_file.ts";
import { jsonLines, parseObject, textMembers } from "../json_object.ts";
import type { Context, Place } from "../settings/context.ts";
import type { Places } from "../settings/settings.ts";
import { utf8 } from "../utf8.ts";
import { storePaths } from "./names.ts";
import type { Owner } from "./role_credentials.ts";

type App = Pick<Owner, "subdomain" | "appId">;

export function issuersFile({ deps, settings }: Place): string {
  return storePaths(deps.platform, settings).issuers;
}

/** The name of an app in the file. */
export function appName({ subdomain, appId }: App): string {
  return `${subdomain.toLowerCase()}/${appId}`;
}

/**
 * The first issuer of this app. If there is none yet, `issuer` is remembered.
 *
 * @throws UserError exit 2 when the file cannot be read or written.
 */
export async function firstIssuer(context: Context<Places>, app: App, issuer: string): Promise<string> {
  const name = appName(app);
  const known = decode(await readFile(context.deps.files, issuersFile(context)))[name];
  if (known !== undefined) return known;
  let first = issuer;
  await updateFile(context.deps, issuersFile(context), (old) => {
    const issuers = decode(old);
    first = issuers[name] ?? issuer;
    return utf8(jsonLines({ ...issuers, [name]: first }));
  });
  return first;
}

/** Empty for another kind of file, which is then replaced. */
function decode(bytes: Uint8Array | undefined): Readonly<Record<string, string>> {
  return textMembers(parseObject(bytes));
}
