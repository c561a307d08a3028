/** Text of the help pages, manual page and completion: commands, variables and exit codes. */

import { SHELLS } from "./parse.ts";
import type { Command, OptionRow } from "./options.ts";

interface CommandHelp {
  /** The first line of its help, and its line in the list of commands; lower case start, no full stop. */
  readonly brief: string;
  readonly description: string;
  /** Command lines without the program's name. */
  readonly examples: readonly string[];
  /** Help of options that mean something else here than in a login, by `OptionRow.key`. */
  readonly wording?: Readonly<Record<string, string>>;
  /** Name the options that mean the same as in a login, without their help. */
  readonly asLogin?: true;
  /** What follows the command. */
  readonly operand?: string;
}

/** Commands with one format for people and one for programs. */
const JSON_ONLY = { output: "print as json, the only format here" };

export const COMMAND_HELP: { readonly [C in Command]: CommandHelp } = {
  login: {
    brief: "log in to OneLogin and get temporary AWS credentials",
    description:
      "Logs in with password and second factor, lists your AWS roles and gets temporary credentials for one " +
      "of them. Prints them as shell lines, or saves them as a profile with --profile. You are asked for anything " +
      "missing.",
    examples: [
      "--profile dev",
      "--profile dev --aws-role-name Admin",
      "--all-roles",
      "--output json",
      "--profile dev --if-expiring 900 --quiet",
    ],
  },
  roles: {
    brief: "list the AWS roles that you may assume",
    description: "Logs in and prints one role per line. Assumes no role and changes no file.",
    examples: ["roles", "roles --aws-account-id 123456789012 --output json"],
    wording: JSON_ONLY,
  },
  "credential-process": {
    brief: "give credentials to the AWS CLI and SDKs; never prompts",
    description: "Prints the JSON that the AWS CLI and SDKs expect from a credential_process line: from the cache " +
      "that a login fills, or by a login that needs no answer. If an answer is needed, it exits with code 8.",
    examples: ["credential-process --profile dev", "credential-process --profile dev --output env"],
    wording: {
      profile: "the profile whose credentials to print",
      file: "credentials file instead of ~/.aws/credentials",
      duration: "lifetime, 900 to 43200 or max",
      credentialProcess: "no effect: it is this command",
      output: "print as env, fish, powershell, cmd, dotenv, json or credential-process, the default",
      force: "renew cached credentials that are still live",
    },
  },
  console: {
    brief: "print a URL that signs in to the AWS console",
    description: "The URL works for 15 minutes and is as good as a password: anyone who opens it is signed in.",
    examples: ["console --profile dev", "console --destination https://s3.console.aws.amazon.com/"],
    wording: {
      profile: "use the live credentials of this profile",
      file: "credentials file to read",
      duration: "lifetime, 900 to 43200 or max",
      policyArn: "restrict it to a managed policy; repeatable",
    },
  },
  status: {
    brief: "show which profiles have live credentials and when they expire",
    description: "Reads the credentials file and the cache, and logs in nowhere. With --verify it also asks AWS.",
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
    description:
      "Shows which files are used, where each value comes from, and what is wrong with the next step to take. " +
      "Sends no password.",
    examples: ["doctor", "doctor --output json", "doctor --check-release"],
    wording: { ...JSON_ONLY, profile: "the profile to check", file: "credentials file to check" },
  },
  configure: {
    brief: "write the settings files by asking a few questions",
    description: "Asks for the API client, the account and the app, checks them and writes onelogin.sdk.json and " +
      "onelogin.aws.json into ~/.onelogin or a -c folder in it. With --all-roles it asks nothing that is set: it " +
      "signs in and writes an AWS profile with a credential_process for each role.",
    examples: ["configure", "configure --all-roles", "configure --export"],
    wording: {
      allRoles: "write an AWS profile for every role",
      duration: "lifetime of the credentials with --all-roles",
      profile: "the profile to save by default",
      file: "credentials file to use",
      force: "overwrite existing settings files",
    },
  },
  serve: {
    brief: "give live credentials to AWS SDKs through a port of this computer",
    description:
      "Logs in, then answers AWS SDKs on 127.0.0.1 until you press Ctrl-C, and renews the credentials before " +
      "they expire. Prints the two variables that a program needs. Writes no keys to disk unless --profile is given.",
    examples: ["serve", "serve --aws-role-name Admin --output fish", "serve --all-roles --port 8911"],
    asLogin: true,
    wording: {
      profile: "save the credentials as this AWS profile too; with many roles, the role that the variables name",
      output: "print the two variables as env, fish, powershell, cmd, dotenv or json",
      interactive: "choose among the roles of --roles or --all-roles",
    },
  },
  completion: {
    brief: "print a completion script for a shell",
    operand: SHELLS.join("|"),
    description: "The script asks this program for the words, so it stays correct after an update. Where to put it:",
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

/** Environment variables without an option of the same meaning. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["ONELOGIN_API_URL", "URL of OneLogin's API, instead of the region's"],
  ["AWS_ENDPOINT_URL_STS", "URL of AWS STS; AWS_ENDPOINT_URL does the same"],
  ["AWS_USE_FIPS_ENDPOINT", "true uses the region's FIPS endpoint of AWS STS"],
  ["AWS_USE_DUALSTACK_ENDPOINT", "true uses the endpoint of AWS STS with IPv6"],
  ["AWS_ENDPOINT_URL_SIGNIN", "URL of AWS sign-in, for console"],
  ["AWS_PROFILE", "profile for console and credential-process without --profile"],
  ["AWS_REGION", "AWS region if nothing else sets one; then AWS_DEFAULT_REGION"],
  ["AWS_SHARED_CREDENTIALS_FILE", "credentials file instead of ~/.aws/credentials"],
  ["AWS_CONFIG_FILE", "config file instead of ~/.aws/config"],
  [
    "AWS_CA_BUNDLE",
    "extra certificates to trust; also REQUESTS_CA_BUNDLE, SSL_CERT_FILE and ca_bundle in ~/.aws/config",
  ],
  ["HTTPS_PROXY", "proxy; NO_PROXY lists hosts that bypass it"],
  ["NO_COLOR", "no colours"],
  ["ACCESSIBLE", "1 prompts in plain lines, for screen readers"],
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
  ["8", "an answer is needed and prompts are forbidden"],
  ["9", "stopped to protect the account or a file"],
  ["129, 130, 143", "hung up, interrupted, terminated"],
];
