/** The command line that requests the same credentials. */

import { printable } from "../errors.ts";
import { type AwsChoice, type OneLoginSettings, optionValue } from "../settings/settings.ts";

/** The arguments of the same request, for a shell. */
export function sameChoices(settings: OneLoginSettings & AwsChoice, profile: string): string {
  return sameWords(settings, profile).map(shellWord).join(" ");
}

/** The arguments of the same request: the profile and the typed choices. */
export function sameWords(settings: OneLoginSettings & AwsChoice, profile: string): readonly string[] {
  const { username, appId, subdomain, awsAccountId, awsRoleName, chainRoleArn, browser, policyArn, policyFile } =
    settings;
  const choices = [
    ["--onelogin-username", username],
    ["--onelogin-app-id", appId],
    ["--onelogin-subdomain", subdomain],
    ["--aws-account-id", awsAccountId],
    ["--aws-role-name", awsRoleName],
  ] as const;
  return [
    "--profile",
    profile,
    ...(optionValue(browser) ? ["--browser"] : []),
    ...choices.flatMap(([name, valued]) => optionValue(valued) === undefined ? [] : [name, optionValue(valued) ?? ""]),
    ...chainRoleArn.flatMap((arn) => ["--chain-role-arn", arn]),
    ...policyArn.flatMap((arn) => ["--policy-arn", arn]),
    ...(policyFile === undefined ? [] : ["--policy-file", policyFile]),
  ];
}

function shellWord(text: string): string {
  return /^[\w.@:/+=-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", `'\\''`)}'`;
}
