/**
 * The table of options. Parsing (`parse.ts`), help, shell completion, the man page and docs/options.md all come from
 * it. The drop-in names and short forms are those of the Python tool and never change.
 */

export const COMMANDS = [
  "login",
  "roles",
  "credential-process",
  "console",
  "status",
  "logout",
  "doctor",
  "configure",
  "serve",
  "completion",
] as const;

/** `login` is a run without a command; it is never typed. */
export type Command = typeof COMMANDS[number];

/** A row of {@linkcode OPTIONS}. */
export interface OptionRow {
  /** The name of the value in code, such as `clientId`. */
  readonly key: string;
  /** Long names, the canonical one first. Both underscore and hyphen spellings are listed if both are accepted. */
  readonly long: readonly string[];
  /** Short form, such as `-i`. */
  readonly short?: string;
  /** How the value is parsed. A `flag` has none. */
  readonly type: "flag" | "text" | "integer" | "choice";
  /** The word for the value in help. */
  readonly metavar?: string;
  readonly choices?: readonly string[];
  /** The choices that a command supports, if not all. */
  readonly choicesOf?: { readonly [C in Command]?: readonly string[] };
  /** Integers outside are clamped with a warning, as in the Python tool. */
  readonly clamp?: readonly [number, number];
  /** Smaller integers are refused (exit 2). */
  readonly min?: number;
  /** A word that may be given instead of a number. */
  readonly word?: string;
  /** Zero means unset, as in the Python tool. */
  readonly zeroIsUnset?: boolean;
  readonly repeatable?: boolean;
  /** A name of the Python tool: it wins every prefix match. */
  readonly dropIn?: boolean;
  /** Never printed, not even by `doctor`. */
  readonly secret?: boolean;
  /** A file or folder: completed as such, and granted by the launcher. */
  readonly path?: "file" | "folder";
  /** The environment variable for the same value. */
  readonly env?: string;
  /** The configuration key for the same value. */
  readonly file?: {
    readonly name: "onelogin.sdk.json" | "onelogin.aws.json";
    readonly key: string;
    readonly perProfile?: boolean;
  };
  /** Commands that accept it. */
  readonly commands: readonly Command[];
  /** Its heading in help. */
  readonly group: "OneLogin" | "AWS" | "Delivery" | "Second factor" | "Renewal" | "Many roles" | "Behaviour";
  /** One line of help, lower case start, no full stop. */
  readonly help: string;
  /** Shown in help as the default. */
  readonly default?: string;
}

const LOGINS: readonly Command[] = ["login", "roles", "credential-process", "console", "doctor", "configure", "serve"];
const ALL: readonly Command[] = COMMANDS;
const BROWSER: readonly Command[] = ["login", "roles", "credential-process", "console", "doctor", "serve"];
const SAVES: readonly Command[] = [
  "login",
  "credential-process",
  "console",
  "status",
  "logout",
  "doctor",
  "configure",
  "serve",
];

const ROWS: readonly (Omit<OptionRow, "type"> & { readonly type?: "integer" | "choice" })[] = [
  {
    key: "clientId",
    long: ["--client_id", "--client-id"],
    short: "-i",
    metavar: "ID",
    dropIn: true,
    env: "ONELOGIN_CLIENT_ID",
    file: { name: "onelogin.sdk.json", key: "client_id" },
    commands: LOGINS,
    group: "OneLogin",
    help: "OneLogin API client id",
  },
  {
    key: "clientSecret",
    long: ["--client_secret", "--client-secret"],
    short: "-s",
    metavar: "SECRET",
    dropIn: true,
    secret: true,
    env: "ONELOGIN_CLIENT_SECRET",
    file: { name: "onelogin.sdk.json", key: "client_secret" },
    commands: LOGINS,
    group: "OneLogin",
    help: "OneLogin API client secret; visible in the process list, so prefer the file or environment",
  },
  {
    key: "region",
    long: ["--region"],
    short: "-r",
    type: "choice",
    choices: ["us", "eu"],
    metavar: "us|eu",
    dropIn: true,
    env: "ONELOGIN_REGION",
    file: { name: "onelogin.sdk.json", key: "region" },
    commands: LOGINS,
    group: "OneLogin",
    help: "region of the OneLogin account",
    default: "us",
  },
  {
    key: "time",
    long: ["--time"],
    short: "-t",
    type: "integer",
    metavar: "MINUTES",
    clamp: [15, 60],
    dropIn: true,
    commands: ["login"],
    group: "Renewal",
    help: "minutes between renewals with --loop, 15 to 60",
    default: "45",
  },
  {
    key: "loop",
    long: ["--loop"],
    short: "-l",
    type: "integer",
    metavar: "N",
    dropIn: true,
    commands: ["login"],
    group: "Renewal",
    help: "how many times to get credentials",
    default: "1",
  },
  {
    key: "profile",
    long: ["--profile"],
    short: "-p",
    metavar: "NAME",
    dropIn: true,
    file: { name: "onelogin.aws.json", key: "profile" },
    commands: SAVES,
    group: "Delivery",
    help: "save the credentials as this AWS profile",
  },
  {
    key: "file",
    long: ["--file"],
    short: "-f",
    metavar: "PATH",
    path: "file",
    dropIn: true,
    commands: SAVES,
    group: "Delivery",
    help: "credentials file to write instead of ~/.aws/credentials",
  },
  {
    key: "username",
    long: ["--onelogin-username"],
    short: "-u",
    metavar: "NAME",
    dropIn: true,
    env: "ONELOGIN_USERNAME",
    file: { name: "onelogin.aws.json", key: "username" },
    commands: LOGINS,
    group: "OneLogin",
    help: "user name or email address",
  },
  {
    key: "password",
    long: ["--onelogin-password"],
    metavar: "PASSWORD",
    dropIn: true,
    secret: true,
    env: "ONELOGIN_PASSWORD",
    commands: LOGINS,
    group: "OneLogin",
    help: "password; visible in the process list, prefer --onelogin-password-stdin",
  },
  {
    key: "otp",
    long: ["--otp"],
    metavar: "CODE",
    dropIn: true,
    secret: true,
    env: "ONELOGIN_OTP",
    commands: LOGINS,
    group: "Second factor",
    help: "code for the first second-factor question",
  },
  {
    key: "appId",
    long: ["--onelogin-app-id"],
    short: "-a",
    metavar: "ID",
    dropIn: true,
    env: "ONELOGIN_APP_ID",
    file: { name: "onelogin.aws.json", key: "app_id", perProfile: true },
    commands: LOGINS,
    group: "OneLogin",
    help: "id of the AWS app in OneLogin",
  },
  {
    key: "subdomain",
    long: ["--onelogin-subdomain"],
    short: "-d",
    metavar: "NAME",
    dropIn: true,
    env: "ONELOGIN_SUBDOMAIN",
    file: { name: "onelogin.aws.json", key: "subdomain" },
    commands: LOGINS,
    group: "OneLogin",
    help: 'subdomain of the OneLogin account ("acme" of acme.onelogin.com)',
  },
  {
    key: "duration",
    long: ["--duration"],
    short: "-z",
    type: "integer",
    metavar: "SECONDS",
    clamp: [900, 43200],
    word: "max",
    zeroIsUnset: true,
    dropIn: true,
    file: { name: "onelogin.aws.json", key: "duration", perProfile: true },
    commands: ["login", "credential-process", "console", "serve", "configure"],
    group: "AWS",
    help: "lifetime, 900 to 43200, or max for the longest the role allows",
    default: "3600",
  },
  {
    key: "interactive",
    long: ["--interactive"],
    short: "-x",
    dropIn: true,
    commands: ["login", "serve"],
    group: "Behaviour",
    help: "offer another role, user or profile afterwards",
  },
  {
    key: "configFolder",
    long: ["--config-file-path"],
    short: "-c",
    metavar: "FOLDER",
    path: "folder",
    dropIn: true,
    commands: ALL,
    group: "Behaviour",
    help: "folder to search first for the settings files",
  },
  {
    key: "awsRegion",
    long: ["--aws-region"],
    metavar: "REGION",
    dropIn: true,
    file: { name: "onelogin.aws.json", key: "aws_region", perProfile: true },
    commands: ["login", "credential-process", "console", "status", "doctor", "configure", "serve"],
    group: "AWS",
    help: "AWS region",
  },
  {
    key: "awsAccountId",
    long: ["--aws-account-id"],
    metavar: "ID",
    dropIn: true,
    file: { name: "onelogin.aws.json", key: "aws_account_id", perProfile: true },
    commands: ["login", "credential-process", "console", "roles", "serve"],
    group: "AWS",
    help: "AWS account of the role",
  },
  {
    key: "awsRoleName",
    long: ["--aws-role-name"],
    metavar: "NAME",
    dropIn: true,
    file: { name: "onelogin.aws.json", key: "aws_role_name", perProfile: true },
    commands: ["login", "credential-process", "console", "roles", "serve"],
    group: "AWS",
    help: "name of the role",
  },
  {
    key: "cacheSaml",
    long: ["--cache-saml"],
    dropIn: true,
    commands: ["login", "roles", "credential-process", "console", "serve"],
    group: "OneLogin",
    help: "cache the SAML assertion for later runs (5 minutes)",
  },
  {
    key: "roleOrder",
    long: ["--role_order", "--role-order"],
    dropIn: true,
    commands: ["login", "roles", "console", "serve"],
    group: "AWS",
    help: "sort the list by role name instead of account id",
  },
  {
    key: "samlApiVersion",
    long: ["--saml-api-version"],
    type: "integer",
    metavar: "1|2",
    clamp: [1, 2],
    dropIn: true,
    commands: LOGINS,
    group: "OneLogin",
    help: "version of OneLogin's SAML assertion API",
    default: "2",
  },
  {
    key: "credentialProcess",
    long: ["--credential-process"],
    dropIn: true,
    commands: ["login", "credential-process"],
    group: "Delivery",
    help: "the same as the command credential-process",
  },
  {
    key: "output",
    long: ["--output"],
    type: "choice",
    choices: ["env", "fish", "powershell", "cmd", "dotenv", "json", "credential-process"],
    choicesOf: {
      roles: ["json"],
      status: ["json"],
      doctor: ["json"],
      serve: ["env", "fish", "powershell", "cmd", "dotenv", "json"],
    },
    metavar: "FORMAT",
    commands: ["login", "roles", "credential-process", "status", "doctor", "serve"],
    group: "Delivery",
    help: "print as env, fish, powershell, cmd, dotenv, json or credential-process",
  },
  {
    key: "roles",
    long: ["--roles"],
    metavar: "PATTERN",
    repeatable: true,
    commands: ["login", "serve"],
    group: "Many roles",
    help: "every role that matches account/role, alias/role or ARN (glob, or /regex/); repeatable",
  },
  {
    key: "allRoles",
    long: ["--all-roles"],
    commands: ["login", "serve", "configure"],
    group: "Many roles",
    help: "every role of this login",
  },
  {
    key: "profileTemplate",
    long: ["--profile-template"],
    metavar: "TEMPLATE",
    commands: ["login", "serve", "configure"],
    group: "Many roles",
    help: "profile names for many roles, from {account}, {alias} and {role}",
    default: "{alias|account}-{role}",
  },
  {
    key: "chainRoleArn",
    long: ["--chain-role-arn"],
    metavar: "ARN",
    repeatable: true,
    commands: ["login", "credential-process", "console", "serve"],
    group: "AWS",
    help: "assume this role from the one chosen, for at most 1 hour; repeatable",
  },
  {
    key: "chainExternalId",
    long: ["--chain-external-id"],
    metavar: "ID",
    commands: ["login", "credential-process", "console", "serve"],
    group: "AWS",
    help: "external id that the trust policies of --chain-role-arn require",
  },
  {
    key: "policyArn",
    long: ["--policy-arn"],
    metavar: "ARN",
    repeatable: true,
    file: { name: "onelogin.aws.json", key: "policy_arns", perProfile: true },
    commands: ["login", "credential-process", "console", "serve"],
    group: "AWS",
    help: "restrict the session to this managed policy; repeatable, at most 10",
  },
  {
    key: "policyFile",
    long: ["--policy-file"],
    metavar: "FILE",
    path: "file",
    file: { name: "onelogin.aws.json", key: "policy", perProfile: true },
    commands: ["login", "credential-process", "console", "serve"],
    group: "AWS",
    help: "restrict the session to this policy, as JSON",
  },
  {
    key: "mfaDevice",
    long: ["--mfa-device"],
    metavar: "ID|NAME",
    file: { name: "onelogin.aws.json", key: "mfa_device", perProfile: true },
    commands: LOGINS,
    group: "Second factor",
    help: "the second factor to use, by id or name",
  },
  {
    key: "mfaTimeout",
    long: ["--mfa-timeout"],
    type: "integer",
    metavar: "SECONDS",
    min: 1,
    commands: LOGINS,
    group: "Second factor",
    help: "how long to wait for a push to be approved",
    default: "90",
  },
  {
    key: "timeout",
    long: ["--timeout"],
    type: "integer",
    metavar: "SECONDS",
    min: 1,
    commands: ["login", "roles", "credential-process", "console", "status", "doctor", "configure", "serve"],
    group: "Behaviour",
    help: "how long to wait for each reply",
    default: "30",
  },
  {
    key: "passwordStdin",
    long: ["--onelogin-password-stdin"],
    commands: LOGINS,
    group: "OneLogin",
    help: "read the password from the first line of standard input",
  },
  {
    key: "samlResponseStdin",
    long: ["--saml-response-stdin"],
    commands: ["login", "roles", "console", "serve"],
    group: "OneLogin",
    help: "read a SAML response from standard input, or paste it at a terminal",
  },
  {
    key: "browser",
    long: ["--browser"],
    env: "ONELOGIN_BROWSER",
    file: { name: "onelogin.aws.json", key: "browser", perProfile: true },
    commands: BROWSER,
    group: "OneLogin",
    help: "sign in with a running Chrome, Edge or Chromium: passkeys, Smart MFA, no API client",
  },
  {
    key: "noBrowser",
    long: ["--no-browser"],
    commands: BROWSER,
    group: "OneLogin",
    help: "do not sign in with the browser",
  },
  {
    key: "browserPort",
    long: ["--browser-port"],
    type: "integer",
    metavar: "PORT",
    min: 1,
    file: { name: "onelogin.aws.json", key: "browser_port" },
    commands: BROWSER,
    group: "OneLogin",
    help: "port of the browser's remote debugging",
    default: "9222",
  },
  {
    key: "browserTimeout",
    long: ["--browser-timeout"],
    type: "integer",
    metavar: "SECONDS",
    min: 1,
    commands: BROWSER,
    group: "OneLogin",
    help: "how long to wait for the browser; credential-process waits 50",
    default: "300",
  },
  {
    key: "noInput",
    long: ["--no-input"],
    commands: ALL,
    group: "Behaviour",
    help: "never prompt; exit 8 if an answer is missing",
  },
  {
    key: "ifExpiring",
    long: ["--if-expiring"],
    type: "integer",
    metavar: "SECONDS",
    min: 0,
    commands: ["login"],
    group: "Renewal",
    help: "do nothing if the credentials stay valid longer than this",
  },
  {
    key: "force",
    long: ["--force"],
    commands: ["login", "credential-process", "logout", "configure", "serve"],
    group: "Delivery",
    help: "overwrite a profile that contains long-term keys",
  },
  {
    key: "regionIn",
    long: ["--region-in"],
    type: "choice",
    choices: ["credentials", "config"],
    metavar: "FILE",
    commands: ["login", "serve"],
    group: "Delivery",
    help: "file to write the region to: credentials or config",
    default: "credentials",
  },
  {
    key: "verify",
    long: ["--verify"],
    commands: ["status"],
    group: "Behaviour",
    help: "ask AWS whether the credentials work",
  },
  {
    key: "importTeam",
    long: ["--import"],
    commands: ["configure"],
    group: "Behaviour",
    help: "save the settings of your team, read from standard input",
  },
  {
    key: "exportTeam",
    long: ["--export"],
    commands: ["configure"],
    group: "Behaviour",
    help: "print your settings for --import, without user and secrets",
  },
  {
    key: "checkRelease",
    long: ["--check-release"],
    commands: ["doctor"],
    group: "Behaviour",
    help: "ask github.com for a newer release; nothing else contacts GitHub",
  },
  {
    key: "destination",
    long: ["--destination"],
    metavar: "URL",
    commands: ["console"],
    group: "Delivery",
    help: "page of the AWS console to open",
  },
  {
    key: "port",
    long: ["--port"],
    type: "integer",
    metavar: "PORT",
    min: 1,
    commands: ["serve"],
    group: "Delivery",
    help: "port on 127.0.0.1 instead of any free one",
  },
  { key: "quiet", long: ["--quiet"], commands: ALL, group: "Behaviour", help: "no progress and no success messages" },
  {
    key: "verbose",
    long: ["--verbose"],
    commands: ALL,
    group: "Behaviour",
    help: "show what is read, requested and decided; never a secret",
  },
  { key: "noColor", long: ["--no-color"], commands: ALL, group: "Behaviour", help: "no colours" },
  { key: "version", long: ["--version"], commands: ALL, group: "Behaviour", help: "print the version" },
  {
    key: "licenses",
    long: ["--licenses"],
    commands: ALL,
    group: "Behaviour",
    help: "print the licences of everything the program contains",
  },
  {
    key: "help",
    long: ["--help"],
    short: "-h",
    dropIn: true,
    commands: ALL,
    group: "Behaviour",
    help: "print this help",
  },
];

/** A row without a word for a value is a flag; a value without a type is text. */
export const OPTIONS: readonly OptionRow[] = ROWS.map((row) => ({
  type: row.metavar === undefined ? "flag" : "text",
  ...row,
}));

/** Options of the Python tool that are refused, and what to do instead. They win a prefix like every drop-in name. */
export const REFUSED: readonly { readonly long: string; readonly reason: string; readonly hint: string }[] = [
  {
    long: "--ip",
    reason: 'the IP address is accepted in "onelogin.sdk.json" only, for security reasons',
    hint: 'put "ip" into an onelogin.sdk.json that the user cannot change',
  },
  {
    long: "--keychain-service",
    reason: "this program never starts another program, so it cannot read a keychain",
    hint: "pipe the password from the keychain: security find-generic-password -s SERVICE -a ACCOUNT -w | " +
      "onelogin-aws-assume-role --onelogin-password-stdin",
  },
  {
    long: "--keychain-account",
    reason: "this program never starts another program, so it cannot read a keychain",
    hint: "pipe the password from the keychain: security find-generic-password -s SERVICE -a ACCOUNT -w | " +
      "onelogin-aws-assume-role --onelogin-password-stdin",
  },
];
