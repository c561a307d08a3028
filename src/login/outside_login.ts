/** Checks a login that was made outside of this program. */

import { Exit, printable, quoted, UserError } from "../errors.ts";
import type { Assertion } from "../saml/assertion.ts";
import type { Context } from "../settings/context.ts";
import { appName, firstIssuer, issuersFile } from "../store/issuers.ts";
import type { Owner } from "../store/role_credentials.ts";
import type { Session } from "./session.ts";

/** The cause of a refusal to use another user's login. */
export const OUTSIDE = "outside-login";

/**
 * Shows user and issuer, and compares them with the configured user and with the first issuer of this app: another
 * user's login would put that user's keys into a profile.
 *
 * @param app its app, as far as known.
 * @returns whose login it is; unknown parts are empty.
 * @throws UserError exit 9 when it belongs to another user or another issuer's.
 */
export async function checkOutsideLogin(
  context: Context,
  session: Session,
  assertion: Assertion,
  app: { readonly subdomain: string | undefined; readonly appId: string | undefined },
): Promise<Owner> {
  const { settings, reporter } = context;
  const { issuer, roleSessionName, nameId } = assertion;
  const names = [roleSessionName, nameId].filter((name) => name !== undefined);
  const shown = names[0] ?? "an unnamed user";
  const expected = session.askUser ? undefined : settings.username?.value;
  if (expected !== undefined && !names.some((name) => isSameUser(name, expected))) {
    const hint = `sign in as that user, or use --onelogin-username ${shellSafe(shown)}`;
    throw refusal(`the user is ${quoted(shown, 100)}, not ${quoted(expected)}`, hint);
  }
  if (issuer === undefined) {
    throw refusal(
      "the SAML response does not name its issuer",
      "sign in to OneLogin and use the response that its AWS app sends",
    );
  }
  reporter.info(`Signed in as ${printable(shown, 100)} (issuer ${printable(issuer, 200)})`);
  const owner = { username: expected ?? names[0] ?? "", subdomain: app.subdomain ?? "", appId: app.appId ?? "" };
  if (owner.subdomain !== "" && owner.appId !== "") await checkIssuer(context, owner, issuer);
  return owner;
}

async function checkIssuer(context: Context, owner: Owner, issuer: string): Promise<void> {
  const first = await firstIssuer(context, owner, issuer);
  if (first === issuer) return;
  throw refusal(`its issuer is ${quoted(issuer, 200)}, but ${appName(owner)} has had ${quoted(first, 200)}`, [
    "another user's sign-in would give you another user's AWS access",
    `if your administrator has replaced the app, remove the line "${appName(owner)}" from ${
      quoted(issuersFile(context))
    }`,
  ]);
}

function refusal(why: string, hint: string | readonly string[]): UserError {
  return new UserError(`will not use this sign-in: ${why}`, { exit: Exit.protective, cause: OUTSIDE, hint });
}

/** OneLogin ignores case; a user name without a domain is the first part of an email address. */
function isSameUser(name: string, expected: string): boolean {
  const [one, other] = [name, expected].map((each) => each.trim().toLowerCase());
  if (one === undefined || other === undefined) return false;
  return one === other || (!other.includes("@") && one.split("@")[0] === other);
}

function shellSafe(name: string): string {
  return /^[\w.@+-]+$/.test(name) ? name : "NAME";
}
