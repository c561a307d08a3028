/** Errors for OneLogin's replies to a user and password. */

import { Exit, printable, UserError } from "../errors.ts";
import { type Api, type Identity, noRouteHint, unavailable, words } from "../onelogin/client.ts";
import type { Reply } from "../onelogin/replies.ts";

/** The password was correct; a second factor may be required. */
export type Accepted = Extract<Reply, { kind: "success" | "mfa" }>;

/** The message, the hints and the exit code. */
export function signInError(
  reply: Exclude<Reply, Accepted>,
  identity: Identity,
  api: Pick<Api, "url" | "version">,
): UserError {
  if (reply.kind === "unavailable") {
    const cause = reply.status === 429 ? "undecided" : "password-unanswered";
    const hints = reply.status === 500 && api.version === 2 ? [...reply.hints, ...ADDRESS_HINTS] : reply.hints;
    return unavailable({ ...reply, hints }, "sign in to OneLogin", reply.unsent ? undefined : cause);
  }
  if (reply.kind === "pending") {
    return new UserError(`cannot sign in to OneLogin: it has not decided yet (${JSON.stringify(reply.message)})`, {
      exit: Exit.unavailable,
      cause: "undecided",
      hint: "run again in a minute; the password is not sent again automatically",
    });
  }
  const user = JSON.stringify(identity.username);
  const reason = words(reply);
  const refuse = (message: string, hint: string | readonly string[]) =>
    new UserError(message, { exit: Exit.refused, hint, cause: reply.cause });
  switch (reply.cause) {
    case "credentials":
      return refuse(`OneLogin refused the user ${user} or the password (${reason})`, [
        "check both; too many wrong passwords lock the account",
      ]);
    case "locked":
      return refuse(
        `OneLogin reports that the user ${user} is locked (${reason})`,
        "ask your administrator to unlock the user, or wait",
      );
    case "subdomain":
      return refuse(
        `OneLogin does not know the subdomain ${JSON.stringify(identity.subdomain)} (${reason})`,
        'use --onelogin-subdomain with the first part of your OneLogin address ("acme" of acme.onelogin.com)',
      );
    case "username-empty":
    case "password-empty":
      return refuse(`OneLogin refused the sign-in: ${reason}`, "enter a user name and a password");
    case "app":
      return refuse(
        `OneLogin does not know the app ${JSON.stringify(identity.appId)}, or ${user} may not use it (${reason})`,
        [
          "use --onelogin-app-id with the id of the AWS app: the number in its URL in Administration > Applications",
          "an administrator assigns the app to users in OneLogin",
        ],
      );
    case "scope":
      return refuse(`OneLogin does not let this API client sign users in (${reason})`, [
        'the API client needs the scope "Authentication Only" or more, and its IP restriction must allow this address',
      ]);
    case "bearer":
      return refuse(
        `OneLogin refused the access token that it had issued (${reason})`,
        "run again; check that the client belongs to this region",
      );
    case "enrolment":
      return new UserError(`cannot sign in to OneLogin: ${reason}`, {
        exit: Exit.mfa,
        hint: `${browserHint(identity)} and enrol a second factor`,
      });
    case "user-state":
      return refuse(`OneLogin refused the sign-in of ${user}: ${reason}`, browserHint(identity));
    case "ip-address":
      return refuse(`OneLogin refused the sign-in of ${user} from this network: ${reason}`, ADDRESS_HINTS);
    case "no-route":
      return refuse(`OneLogin refused the sign-in of ${user}: ${reason}`, noRouteHint(api));
    default:
      return refuse(`OneLogin refused the sign-in of ${user}: ${reason}`, [
        "check the app id (--onelogin-app-id) and the subdomain (--onelogin-subdomain)",
      ]);
  }
}

/** Switching from version 1 to 2 of the API has broken accounts with address rules in two ways. */
const ADDRESS_HINTS = [
  "if version 1 of the API worked here, use --saml-api-version 1",
  'an administrator can allow this address in OneLogin; "ip" in onelogin.sdk.json sends it with the sign-in',
];

function browserHint({ subdomain }: Identity): string {
  return `sign in at https://${printable(subdomain, 80)}.onelogin.com in a browser`;
}
