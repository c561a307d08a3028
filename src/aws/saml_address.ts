/** Where a browser posts a SAML response to sign in to AWS (AWS General Reference, "AWS sign-in endpoints"). */

import { PARTITIONS } from "./partitions.ts";

/** The sign-in hosts, each with an optional region in front. */
const HOSTS: readonly string[] = PARTITIONS.flatMap(({ signin }) =>
  signin ? [signin.host.replace("{region}.", "")] : []
);

/** The same as DevTools protocol patterns, where `*` matches any text. */
export const SAML_ADDRESS_PATTERNS: readonly string[] = HOSTS.flatMap((
  host,
) => [`https://${host}/saml*`, `https://*.${host}/saml*`]);

/** Whether a form posted to this URL sends a SAML response to AWS. */
export function isSamlAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, pathname } = new URL(address);
  return protocol === "https:" && /^\/saml(?:$|[/;])/.test(pathname) &&
    HOSTS.some((each) => host === each || host.endsWith(`.${each}`));
}
