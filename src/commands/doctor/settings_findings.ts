/** Each setting with its source and what it overrides. No secret is shown. */

import type { SessionPolicy } from "../../aws/credentials.ts";
import {
  type AwsChoice,
  type CommandSettings,
  type Delivery,
  type OneLoginSettings,
  type Valued,
} from "../../settings/settings.ts";
import { shownValue } from "../../settings/shown.ts";
import { isHostLabel } from "../../settings/values.ts";
import { Exit } from "../../errors.ts";
import { type Finding, finding } from "./finding.ts";

export function settingsFindings(
  settings: OneLoginSettings & AwsChoice & Pick<Delivery, "profile"> & Pick<CommandSettings, "signinUrl">,
): readonly Finding[] {
  const { clientId, clientSecret, subdomain, awsRegion, browser, sessionPolicy } = settings;
  const unset = (name: string, option: string) =>
    finding(
      "settings",
      "warn",
      `${name}: not set, you are asked for it`,
      `set it with "onelogin-aws-assume-role configure", or use ${option}`,
    );
  const needed = (name: string): Finding => ({
    area: "settings",
    level: "fail",
    exit: Exit.usage,
    text: `${name}: not set, and OneLogin's API cannot be called without it`,
    fix: "run: onelogin-aws-assume-role configure",
  });
  return [
    // With the browser OneLogin's API is not called.
    ...optional("client id", clientId) ?? (browser.value ? [] : [needed("client id")]),
    ...optional("client secret", clientSecret, true) ?? (browser.value ? [] : [needed("client secret")]),
    shown("OneLogin region", settings.region),
    shown("OneLogin address", settings.oneloginUrl),
    subdomain === undefined ? unset("subdomain", "--onelogin-subdomain") : plausibleSubdomain(subdomain),
    ...optional("username", settings.username) ?? [unset("username", "--onelogin-username")],
    ...optional("password", settings.password, true) ?? [],
    ...optional("one-time code", settings.otp, true) ?? [],
    ...optional("app id", settings.appId) ?? [unset("app id", "--onelogin-app-id")],
    ...optional("ip", settings.ip) ?? [],
    shown("SAML API version", settings.samlApiVersion),
    awsRegion === undefined
      ? finding("settings", "ok", "AWS region: not set, you are asked for it (us-west-2 with --no-input)")
      : shown("AWS region", awsRegion),
    ...optional("AWS account", settings.awsAccountId) ?? [],
    ...optional("AWS role", settings.awsRoleName) ?? [],
    ...optional("profile", settings.profile) ?? [],
    shown("duration", settings.duration),
    ...optional("session policy", sessionPolicy && { ...sessionPolicy, value: partsOf(sessionPolicy.value) }) ?? [],
    ...optional("STS address", settings.stsUrl) ?? [],
    ...optional("sign-in address", settings.signinUrl) ?? [],
  ];
}

function partsOf({ arns, document }: SessionPolicy): string {
  return [...arns, ...(document === undefined ? [] : ["a policy as JSON"])].join(", ");
}

/** A warning about a file or option, with its fix. */
export function warningFinding(line: string): Finding {
  const warning = (text: string, fix?: string) => finding("settings", "warn", text, fix);
  const [, problem, command] = /^(.*); run: (.+)$/s.exec(line) ?? [];
  if (problem !== undefined && command !== undefined) return warning(problem, command);
  const [, unknown, near] = /^(.* is unknown and ignored)(?:; did you mean (".*")\?)?$/s.exec(line) ?? [];
  if (unknown !== undefined) {
    return warning(
      unknown,
      near === undefined ? "remove the key from the file" : `use ${near} instead, or remove the key`,
    );
  }
  return warning(line, /is repeated; the last one counts$/.test(line) ? "remove one of the two" : undefined);
}

function optional(name: string, valued: Valued<string> | undefined, secret = false): readonly Finding[] | undefined {
  return valued === undefined ? undefined : [shown(name, valued, secret)];
}

function shown(name: string, valued: Valued<string | number>, secret = false): Finding {
  return finding("settings", "ok", shownValue(name, valued, secret));
}

function plausibleSubdomain(valued: Valued<string>): Finding {
  const plain = shown("subdomain", valued);
  return isHostLabel(valued.value) ? plain : {
    ...plain,
    level: "warn",
    fix: 'a subdomain is the first part of the OneLogin address: "acme" of acme.onelogin.com',
  };
}
