/** `--saml-response-stdin`: uses the piped or pasted SAML response of a login elsewhere. */

import { serviceNow } from "../io/clock.ts";
import { isSamlAddress } from "../aws/saml_address.ts";
import { roughly } from "../duration.ts";
import { Exit, UserError } from "../errors.ts";
import { assertionEnd, readReceived } from "../saml/assertion.ts";
import { findResponse } from "../saml/find_response.ts";
import type { Context } from "../settings/context.ts";
import { checkOutsideLogin } from "./outside_login.ts";
import type { Owner } from "../store/role_credentials.ts";
import type { Login, Session } from "./session.ts";

const HOW =
  "sign in with a browser, open view-source:https://SUBDOMAIN.onelogin.com/launch/APP_ID, and copy everything";

/**
 * Reads the response and checks whose it is. Sends nothing.
 *
 * @throws UserError exit 2 when the input contains none, exit 3 when it cannot be used, exit 8 when the input is empty, exit 9
 * when it belongs to another user or another issuer's.
 */
export async function handedInLogin(
  context: Context,
  session: Session,
): Promise<Login & { readonly session: { readonly owner: Owner } }> {
  const { deps, settings, prompter } = context;
  const { terminal } = deps;
  const refuse = (why: string, exit: 2 | 8, hint = HOW) =>
    new UserError(`cannot use --saml-response-stdin: ${why}`, { exit, hint });
  if (terminal.stdinIsTerminal) {
    if (prompter.kind === "none") throw refuse("--no-input forbids a paste at the terminal", Exit.input, "pipe it in");
    terminal.writeErr("Paste the SAML response (it is not shown), then press Enter: ");
  } else if (session.handedIn) {
    throw refuse("the SAML response from standard input has been used", Exit.input, "run again with a new one");
  } else if (settings.loop.value > 1) {
    throw refuse(
      "--loop needs a new SAML response for each round",
      Exit.usage,
      "run without --loop, or paste at a terminal",
    );
  }
  const text = await terminal.readAll(deps.signal);
  if (text === undefined) throw refuse("standard input is empty", Exit.input);
  const base64 = findResponse(text, isSamlAddress);
  if (base64 === undefined) throw refuse("the input contains no SAML response", Exit.usage);
  const assertion = await readReceived(base64, deps);
  const end = assertionEnd(assertion);
  if (end !== undefined && serviceNow(deps) >= end) {
    throw new UserError(`cannot use the SAML response: it expired ${roughly(serviceNow(deps) - end)} ago`, {
      exit: Exit.refused,
      hint: ["AWS accepts it for five minutes: sign in again and copy the new one", "check the clock of this computer"],
    });
  }
  const owner = await checkOutsideLogin(context, session, assertion, {
    subdomain: settings.subdomain?.value,
    appId: settings.appId?.value,
  });
  return { session: { owner, handedIn: true }, assertion };
}
