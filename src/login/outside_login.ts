/** Whether a login that this program did not make itself is the one that was meant. */

import { Exit, printable, UserError } from "../errors.ts";
import type { Assertion } from "../saml/assertion.ts";
import type { Context } from "../settings/context.ts";
import { appName, firstIssuer, issuersFile } from "../store/issuers.ts";
import type { Owner } from "../store/role_credentials.ts";
import type { Session } from "./session.ts";

/** The cause of a refusal to use somebody else's login. */
export const OUTSIDE = "outside-login";

/**
 * Shows user and issuer, and compares them with the configured user and with the issuer that this app had first: somebody
 * else's login would put somebody else's keys into a profile.
 *
 * @param app the app it is for, as far as it is known.
 * @returns whose login it is; what is not known is empty.
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
    throw new UserError(
      `will not use this sign-in: it is ${JSON.stringify(printable(shown, 100))}'s, not ${JSON.stringify(expected)}'s`,
      {
        exit: Exit.protective,
        cause: OUTSIDE,
        hint: `sign in as that user, or give --onelogin-username ${shellSafe(shown)}`,
      },
    );
  }
  if (issuer === undefined) {
    throw new UserError("will not use this sign-in: the SAML response does not name its issuer", {
      exit: Exit.protective,
      cause: OUTSIDE,
      hint: "sign in to OneLogin and use the response that its AWS app sends",
    });
  }
  reporter.info(`Signed in as ${printable(shown, 100)} (issuer ${printable(issuer, 200)})`);
  const owner = {
    username: expected ?? names[0] ?? "",
    subdomain: app.subdomain ?? "",
    appId: app.appId ?? "",
  };
  if (owner.subdomain !== "" && owner.appId !== "") await checkIssuer(context, owner, issuer);
  return owner;
}

async function checkIssuer(context: Context, owner: Owner, issuer: string): Promise<void> {
  const first = await firstIssuer(context, owner, issuer);
  if (first === issuer) return;
  throw new UserError(
    `will not use this sign-in: its issuer is "${printable(issuer, 200)}", and for ${appName(owner)} it has been "${
      printable(first, 200)
    }"`,
    {
      exit: Exit.protective,
      cause: OUTSIDE,
      hint: [
        "somebody else's sign-in would give you somebody else's AWS account",
        `if your administrator has replaced the app, remove the line "${appName(owner)}" from "${
          printable(issuersFile(context))
        }"`,
      ],
    },
  );
}

/** OneLogin does not tell upper from lower case; a user name without a domain is the first part of a mail address. */
function isSameUser(name: string, expected: string): boolean {
  const [one, other] = [name, expected].map((each) => each.trim().toLowerCase());
  if (one === undefined || other === undefined) return false;
  return one === other || (!other.includes("@") && one.split("@")[0] === other);
}

function shellSafe(name: string): string {
  return /^[\w.@+-]+$/.test(name) ? name : "NAME";
}
