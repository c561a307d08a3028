/** The OneLogin API client of the settings. */

import { Exit, UserError } from "../errors.ts";
import type { Api } from "../onelogin/client.ts";
import type { Context } from "../settings/context.ts";
import type { OneLoginSettings, Requests } from "../settings/settings.ts";
import { PROGRAM } from "../version.ts";

/** @throws UserError exit 2 when id or secret is missing. */
export function apiFrom({ settings }: Pick<Context<OneLoginSettings & Requests>, "settings">): Api {
  const clientId = settings.clientId?.value;
  const clientSecret = settings.clientSecret?.value;
  if (clientId === undefined || clientSecret === undefined) {
    const missing = clientId === undefined ? "client_id" : "client_secret";
    throw new UserError(`cannot call the OneLogin API: there is no ${missing}`, {
      exit: Exit.usage,
      hint: [
        `run: ${PROGRAM} configure`,
        'or put "client_id" and "client_secret" into ~/.onelogin/onelogin.sdk.json, or set ONELOGIN_CLIENT_ID and ONELOGIN_CLIENT_SECRET',
        "an administrator creates them in OneLogin: Administration > Developers > API Credentials, scope Authentication Only",
        "or sign in with your browser, without an API client: add --browser",
      ],
    });
  }
  return {
    url: settings.oneloginUrl.value,
    clientId,
    clientSecret,
    version: settings.samlApiVersion.value,
    timeoutMs: settings.timeout * 1000,
  };
}
