/** The connection to AWS STS, opened while OneLogin answers: through a proxy it takes as long as four requests. */

import { openSts, stsUrl } from "../aws/sts.ts";
import { stsTarget } from "../settings/sts_target.ts";
import { knownRegion } from "./region.ts";
import type { AwsContext, SignInContext } from "./session.ts";

/**
 * Opens the connection if the host of STS is known, without waiting for it. It changes nothing else: if it fails, the
 * request to STS connects again.
 */
export async function openStsEarly(context: AwsContext & SignInContext): Promise<void> {
  const { deps, settings, reporter } = context;
  const region = await knownRegion(context);
  if (region === undefined) return;
  const target = stsTarget(settings, region);
  const { origin } = new URL(stsUrl(target));
  // Nothing but its own requests may touch the connection that carries the password.
  if (origin === new URL(settings.oneloginUrl.value).origin) return;
  reporter.detail(`connecting to ${origin} while OneLogin answers`);
  openSts(deps, target);
}
