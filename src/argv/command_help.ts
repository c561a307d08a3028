/** What help pages, manual page and completion say of commands, variables and exit codes. */

import { SHELLS } from "./parse.ts";
import type { Command, OptionRow } from "./options.ts";

/** What a command does, in its own words. */
export interface CommandHelp {
  /** The first line of its help, and its line in the list of commands; lower case start, no full stop. */
  readonly brief: string;
  readonly description: string;
  /** Command lines without the program's name. */
  readonly examples: readonly string[];
  /** The help of options that mean something else here than in a login, by `OptionRow.key`. */
  readonly wording?: Readonly<Record<string, string>>;
  /** What follows the command. */
  readonly operand?: string;
}

/** These print for people, and in one format for programs. */
const JSON_ONLY = { output: "print as json, the only format here" };

export const COMMAND_HELP: { readonly [C in Command]: CommandHelp } = {
  login: {
    brief: "log in to OneLogin and get temporary AWS credentials",
    description: "Logs in (password, second factor), shows the AWS roles of the login and swaps one for temporary " +
      "credentials. They are printed as lines for the shell, or saved as a profile with --profile. What is not given " +
      "is asked for.",
    examples: [
      "--profile dev",
      "--profile dev --aws-role-name Admin",
      "--all-roles",
      "--output json",
      "--profile dev --if-expiring 900 --quiet",
    ],
  },
  roles: {
    brief: "list the AWS roles this login may assume",
    description: "Logs in and prints one role a line; nothing is assumed and no file is changed.",
    examples: ["roles", "roles --aws-account-id 123456789012 --output json"],
    wording: JSON_ONLY,
  },
  "credential-process": {
    brief: "give credentials to the AWS CLI and SDKs; never asks",
    description: "Prints the JSON that a credential_process line in ~/.aws/config is to answer with: from the cache " +
      "that a login fills, or by a login in which no question arises. Where one would, it ends with exit code 8.",
    examples: ["credential-process --profile dev", "credential-process --profile dev --output env"],
    wording: {
      profile: "the profile whose credentials are asked for",
      output: "print as env, fish, powershell, cmd, dotenv, json or credential-process, the default",
      force: "renew cached credentials that live",
    },
  },
  console: {
    brief: "print an address that signs in to the AWS console",
    description: "The address works for 15 minutes and is as good as a password: whoever has it is signed in.",
    examples: ["console --profile dev", "console --destination https://s3.console.aws.amazon.com/"],
    wording: { profile: "use the live credentials of this profile", file: "credentials file to read" },
  },
  status: {
    brief: "show which profiles hold live credentials and when they expire",
    description: "Reads the credentials file and the cache; it logs in nowhere. With --verify AWS is asked as well.",
    examples: ["status", "status --profile dev --verify"],
    wording: { ...JSON_ONLY, profile: "this profile only", file: "credentials file to read" },
  },
  logout: {
    brief: "remove saved credentials and caches",
    description: "Removes what this program saved: the temporary credentials of a profile and its cached answers. " +
      "AWS still accepts credentials already handed out until they expire.",
    examples: ["logout --profile dev", "logout"],
    wording: { profile: "this profile only", file: "credentials file to change", force: "do not ask" },
  },
  doctor: {
    brief: "check settings, files, clock, hosts and sandbox",
    description: "Says which files are used, where each value comes from and what is wrong, with the next step. " +
      "No password is sent.",
    examples: ["doctor", "doctor --output json", "doctor --check-release"],
    wording: { ...JSON_ONLY, profile: "the profile to check", file: "credentials file to check" },
  },
  configure: {
    brief: "write the settings files by asking a few questions",
    description: "Asks for the API client, the account and the app, checks them and writes onelogin.sdk.json and " +
      "onelogin.aws.json into ~/.onelogin or a -c folder in it.",
    examples: ["configure"],
    wording: {
      profile: "the profile to save by default",
      file: "credentials file to use",
      force: "overwrite existing settings files",
    },
  },
  completion: {
    brief: "print a completion script for a shell",
    operand: SHELLS.join("|"),
    description: "The script asks this program for the words, so it stays right after an update. Where it goes:",
    examples: [],
  },
};

export const GROUPS: readonly OptionRow["group"][] = [
  "OneLogin",
  "Second factor",
  "AWS",
  "Delivery",
  "Many roles",
  "Renewal",
  "Behaviour",
];

/** Environment variables beyond those that stand beside an option. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["ONELOGIN_API_URL", "address of OneLogin's API, instead of the region's"],
  ["AWS_ENDPOINT_URL_STS", "address of AWS STS; AWS_ENDPOINT_URL does the same"],
  ["AWS_USE_FIPS_ENDPOINT", "true asks the region's FIPS endpoint of AWS STS"],
  ["AWS_ENDPOINT_URL_SIGNIN", "address of AWS sign-in, for console"],
  ["AWS_PROFILE", "profile of console and credential-process without --profile"],
  ["AWS_REGION", "AWS region when nothing else names one; then AWS_DEFAULT_REGION"],
  ["AWS_SHARED_CREDENTIALS_FILE", "credentials file instead of ~/.aws/credentials"],
  ["AWS_CONFIG_FILE", "config file instead of ~/.aws/config"],
  [
    "AWS_CA_BUNDLE",
    "certificates to trust as well; so do REQUESTS_CA_BUNDLE, SSL_CERT_FILE and ca_bundle in ~/.aws/config",
  ],
  ["HTTPS_PROXY", "proxy; NO_PROXY names the hosts without one"],
  ["NO_COLOR", "no colours"],
  ["ACCESSIBLE", "1 asks in plain lines, for screen readers"],
];

/** The exit codes in brief; the table itself is `Exit` in errors.ts. */
export const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "done"],
  ["1", "unexpected: a bug"],
  ["2", "wrong usage or configuration"],
  ["3", "OneLogin refused: API client, user, password, app, locked"],
  ["4", "second factor not completed"],
  ["5", "no AWS role, or none that matches"],
  ["6", "AWS STS refused"],
  ["7", "network or service unavailable, timeout"],
  ["8", "an answer is needed and may not be asked for"],
  ["9", "stopped to protect the account or a file"],
  ["129, 130, 143", "hung up, interrupted, terminated"],
];
