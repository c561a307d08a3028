/** Settings as text with their sources, for `doctor` and `--verbose`. No secret is shown. */

import { printable } from "../errors.ts";
import { type Settings, sourceName, type Valued } from "./settings.ts";

/** `subdomain: acme (from "subdomain" in "/home/ada/.onelogin/team.json")` */
export function shownValue(name: string, { value, source, shadows }: Valued<string | number>, secret = false): string {
  const hidden = shadows === undefined ? "" : `; overrides ${shadows.map(sourceName).join(", ")}`;
  return `${name}: ${secret ? "set" : printable(String(value), 200)} (from ${sourceName(source)}${hidden})`;
}

/** One line for each value that comes from the command line, the environment or a file. */
export function givenValues(settings: Settings): readonly string[] {
  const { browser, ...all } = settings;
  const named: readonly (readonly [name: string, value: Valued<string | number> | undefined, secret?: boolean])[] = [
    ["client id", all.clientId],
    ["client secret", all.clientSecret, true],
    ["OneLogin region", all.region],
    ["subdomain", all.subdomain],
    ["username", all.username],
    ["password", all.password, true],
    ["one-time code", all.otp, true],
    ["app id", all.appId],
    ["browser", { ...browser, value: String(browser.value) }],
    ["AWS region", all.awsRegion],
    ["AWS account", all.awsAccountId],
    ["AWS role", all.awsRoleName],
    ["profile", all.profile],
    ["duration", all.duration],
  ];
  return named.flatMap(([name, valued, secret]) =>
    valued === undefined || valued.source.kind === "default" ? [] : [shownValue(name, valued, secret)]
  );
}
