// Made by "deno task generate" from the option table. Do not edit.
import type { Command } from "../argv/options.ts";
import type { HelpTopic } from "../argv/parse.ts";

const COMMANDS = `Commands:
  roles                          list the AWS roles that you may assume
  credential-process             give credentials to the AWS CLI and SDKs;
                                 never prompts
  console                        print a URL that signs in to the AWS console
  status                         show which profiles have live credentials and
                                 when they expire
  logout                         remove saved credentials and caches
  doctor                         check settings, files, clock, hosts and
                                 sandbox
  configure                      write the settings files by asking a few
                                 questions
  serve                          give live credentials to AWS SDKs through a
                                 port of this computer
  completion                     print a completion script for a shell
`;

const OPTIONS = `OneLogin options:
  -i, --client_id ID             OneLogin API client id
                                 [env: ONELOGIN_CLIENT_ID]
  -s, --client_secret SECRET     OneLogin API client secret; visible in the
                                 process list, so prefer the file or
                                 environment [env: ONELOGIN_CLIENT_SECRET]
  -r, --region us|eu             region of the OneLogin account
                                 [env: ONELOGIN_REGION] [default: us]
  -u, --onelogin-username NAME   user name or email address
                                 [env: ONELOGIN_USERNAME]
  --onelogin-password PASSWORD   password; visible in the process list, prefer
                                 --onelogin-password-stdin
                                 [env: ONELOGIN_PASSWORD]
  -a, --onelogin-app-id ID       id of the AWS app in OneLogin
                                 [env: ONELOGIN_APP_ID]
  -d, --onelogin-subdomain NAME  subdomain of the OneLogin account ("acme" of
                                 acme.onelogin.com) [env: ONELOGIN_SUBDOMAIN]
  --cache-saml                   cache the SAML assertion for later runs (5
                                 minutes)
  --saml-api-version 1|2         version of OneLogin's SAML assertion API
                                 [default: 2]
  --onelogin-password-stdin      read the password from the first line of
                                 standard input
  --saml-response-stdin          read a SAML response from standard input, or
                                 paste it at a terminal
  --browser                      sign in with a running Chrome, Edge or
                                 Chromium: passkeys, Smart MFA, no API client
                                 [env: ONELOGIN_BROWSER]
  --no-browser                   do not sign in with the browser
  --browser-port PORT            port of the browser's remote debugging
                                 [default: 9222]
  --browser-timeout SECONDS      how long to wait for the browser;
                                 credential-process waits 50 [default: 300]

Second factor options:
  --otp CODE                     code for the first second-factor question
                                 [env: ONELOGIN_OTP]
  --mfa-device ID|NAME           the second factor to use, by id or name
  --mfa-timeout SECONDS          how long to wait for a push to be approved
                                 [default: 90]

AWS options:
  -z, --duration SECONDS         lifetime, 900 to 43200, or max for the
                                 longest the role allows [default: 3600]
  --aws-region REGION            AWS region
  --aws-account-id ID            AWS account of the role
  --aws-role-name NAME           name of the role
  --role_order                   sort the list by role name instead of account
                                 id
  --chain-role-arn ARN           assume this role from the one chosen, for at
                                 most 1 hour; repeatable
  --chain-external-id ID         external id that the trust policies of
                                 --chain-role-arn require
  --policy-arn ARN               restrict the session to this managed policy;
                                 repeatable, at most 10
  --policy-file FILE             restrict the session to this policy, as JSON

Delivery options:
  -p, --profile NAME             save the credentials as this AWS profile
  -f, --file PATH                credentials file to write instead of
                                 ~/.aws/credentials
  --credential-process           the same as the command credential-process
  --output FORMAT                print as env, fish, powershell, cmd, dotenv,
                                 json or credential-process
  --force                        overwrite a profile that contains long-term
                                 keys
  --region-in FILE               file to write the region to: credentials or
                                 config [default: credentials]

Many roles options:
  --roles PATTERN                every role that matches account/role,
                                 alias/role or ARN (glob, or /regex/);
                                 repeatable
  --all-roles                    every role of this login
  --profile-template TEMPLATE    profile names for many roles, from {account},
                                 {alias} and {role}
                                 [default: {alias|account}-{role}]

Renewal options:
  -t, --time MINUTES             minutes between renewals with --loop, 15 to
                                 60 [default: 45]
  -l, --loop N                   how many times to get credentials [default: 1]
  --if-expiring SECONDS          do nothing if the credentials stay valid
                                 longer than this

Behaviour options:
  -x, --interactive              offer another role, user or profile afterwards
  -c, --config-file-path FOLDER  folder to search first for the settings files
  --timeout SECONDS              how long to wait for each reply [default: 30]
  --no-input                     never prompt; exit 8 if an answer is missing
  --quiet                        no progress and no success messages
  --verbose                      show what is read, requested and decided;
                                 never a secret
  --no-color                     no colours
  --version                      print the version
  --licenses                     print the licences of everything the program
                                 contains
  -h, --help                     print this help
`;

const EXIT_CODES = `Exit codes:
  0                              done
  1                              unexpected: a bug
  2                              wrong usage or configuration
  3                              OneLogin refused: API client, user, password,
                                 app, locked
  4                              second factor not completed
  5                              no AWS role, or none that matches
  6                              AWS STS refused
  7                              network or service unavailable, timeout
  8                              an answer is needed and prompts are forbidden
  9                              stopped to protect the account or a file
  129, 130, 143                  hung up, interrupted, terminated
`;

const GENERAL = `General options: --config-file-path --timeout --no-input --quiet --verbose
--no-color --version --licenses --help

They are explained in: onelogin-aws-assume-role help options
`;

/** The help of each command and topic, for a terminal of 80 columns. */
export const HELP_PAGES: { readonly [Page in Command | HelpTopic]: string } = {
  "login": `Log in to OneLogin and get temporary AWS credentials

Usage: onelogin-aws-assume-role [COMMAND] [OPTIONS]

Logs in with password and second factor, lists your AWS roles and gets
temporary credentials for one of them. Prints them as shell lines, or saves
them as a profile with --profile. You are asked for anything missing.

${COMMANDS}
Options people use most:
  -p, --profile NAME             save the credentials as this AWS profile
  --aws-account-id ID            AWS account of the role
  --aws-role-name NAME           name of the role
  --all-roles                    every role of this login
  -z, --duration SECONDS         lifetime, 900 to 43200, or max for the
                                 longest the role allows [default: 3600]
  --aws-region REGION            AWS region
  --output FORMAT                print as env, fish, powershell, cmd, dotenv,
                                 json or credential-process
  -f, --file PATH                credentials file to write instead of
                                 ~/.aws/credentials
  -u, --onelogin-username NAME   user name or email address
                                 [env: ONELOGIN_USERNAME]
  --mfa-device ID|NAME           the second factor to use, by id or name
  -x, --interactive              offer another role, user or profile afterwards
  -l, --loop N                   how many times to get credentials [default: 1]
  --no-input                     never prompt; exit 8 if an answer is missing
  --verbose                      show what is read, requested and decided;
                                 never a secret

Examples:
  onelogin-aws-assume-role --profile dev
  onelogin-aws-assume-role --profile dev --aws-role-name Admin
  onelogin-aws-assume-role --all-roles
  onelogin-aws-assume-role --output json
  onelogin-aws-assume-role --profile dev --if-expiring 900 --quiet

More: help COMMAND, help options, help environment, help exit-codes,
all of it at once: --help --all, or man onelogin-aws-assume-role
`,
  "roles": `List the AWS roles that you may assume

Usage: onelogin-aws-assume-role roles [OPTIONS]

Logs in and prints one role per line. Assumes no role and changes no file.

Options:
  --aws-account-id ID            AWS account of the role
  --aws-role-name NAME           name of the role
  --role_order                   sort the list by role name instead of account
                                 id
  --output FORMAT                print as json, the only format here

Examples:
  onelogin-aws-assume-role roles
  onelogin-aws-assume-role roles --aws-account-id 123456789012 --output json

Login options: --client_id --client_secret --region --onelogin-username
--onelogin-password --otp --onelogin-app-id --onelogin-subdomain --cache-saml
--saml-api-version --mfa-device --mfa-timeout --onelogin-password-stdin
--saml-response-stdin --browser --no-browser --browser-port --browser-timeout

${GENERAL}`,
  "credential-process": `Give credentials to the AWS CLI and SDKs; never prompts

Usage: onelogin-aws-assume-role credential-process [OPTIONS]

Prints the JSON that the AWS CLI and SDKs expect from a credential_process
line: from the cache that a login fills, or by a login that needs no answer.
If an answer is needed, it exits with code 8.

Options:
  -p, --profile NAME             the profile whose credentials to print
  -f, --file PATH                credentials file instead of ~/.aws/credentials
  -z, --duration SECONDS         lifetime, 900 to 43200 or max [default: 3600]
  --aws-region REGION            AWS region
  --aws-account-id ID            AWS account of the role
  --aws-role-name NAME           name of the role
  --credential-process           no effect: it is this command
  --output FORMAT                print as env, fish, powershell, cmd, dotenv,
                                 json or credential-process, the default
  --chain-role-arn ARN           assume this role from the one chosen, for at
                                 most 1 hour; repeatable
  --chain-external-id ID         external id that the trust policies of
                                 --chain-role-arn require
  --policy-arn ARN               restrict the session to this managed policy;
                                 repeatable, at most 10
  --policy-file FILE             restrict the session to this policy, as JSON
  --force                        renew cached credentials that are still live

Examples:
  onelogin-aws-assume-role credential-process --profile dev
  onelogin-aws-assume-role credential-process --profile dev --output env

Login options: --client_id --client_secret --region --onelogin-username
--onelogin-password --otp --onelogin-app-id --onelogin-subdomain --cache-saml
--saml-api-version --mfa-device --mfa-timeout --onelogin-password-stdin
--browser --no-browser --browser-port --browser-timeout

${GENERAL}`,
  "console": `Print a URL that signs in to the AWS console

Usage: onelogin-aws-assume-role console [OPTIONS]

The URL works for 15 minutes and is as good as a password: anyone who opens it
is signed in.

Options:
  -p, --profile NAME             use the live credentials of this profile
  -f, --file PATH                credentials file to read
  -z, --duration SECONDS         lifetime, 900 to 43200 or max [default: 3600]
  --aws-region REGION            AWS region
  --aws-account-id ID            AWS account of the role
  --aws-role-name NAME           name of the role
  --role_order                   sort the list by role name instead of account
                                 id
  --chain-role-arn ARN           assume this role from the one chosen, for at
                                 most 1 hour; repeatable
  --chain-external-id ID         external id that the trust policies of
                                 --chain-role-arn require
  --policy-arn ARN               restrict it to a managed policy; repeatable
  --policy-file FILE             restrict the session to this policy, as JSON
  --destination URL              page of the AWS console to open

Examples:
  onelogin-aws-assume-role console --profile dev
  onelogin-aws-assume-role console --destination
  https://s3.console.aws.amazon.com/

Login options: --client_id --client_secret --region --onelogin-username
--onelogin-password --otp --onelogin-app-id --onelogin-subdomain --cache-saml
--saml-api-version --mfa-device --mfa-timeout --onelogin-password-stdin
--saml-response-stdin --browser --no-browser --browser-port --browser-timeout

${GENERAL}`,
  "status": `Show which profiles have live credentials and when they expire

Usage: onelogin-aws-assume-role status [OPTIONS]

Reads the credentials file and the cache, and logs in nowhere. With --verify
it also asks AWS.

Options:
  -p, --profile NAME             this profile only
  -f, --file PATH                credentials file to read
  --aws-region REGION            AWS region
  --output FORMAT                print as json, the only format here
  --verify                       ask AWS whether the credentials work

Examples:
  onelogin-aws-assume-role status
  onelogin-aws-assume-role status --profile dev --verify

${GENERAL}`,
  "logout": `Remove saved credentials and caches

Usage: onelogin-aws-assume-role logout [OPTIONS]

Removes what this program saved: the temporary credentials of a profile and
its cached answers. AWS still accepts credentials already handed out until
they expire.

Options:
  -p, --profile NAME             this profile only
  -f, --file PATH                credentials file to change
  --force                        do not ask

Examples:
  onelogin-aws-assume-role logout --profile dev
  onelogin-aws-assume-role logout

General options: --config-file-path --no-input --quiet --verbose --no-color
--version --licenses --help

They are explained in: onelogin-aws-assume-role help options
`,
  "doctor": `Check settings, files, clock, hosts and sandbox

Usage: onelogin-aws-assume-role doctor [OPTIONS]

Shows which files are used, where each value comes from, and what is wrong
with the next step to take. Sends no password.

Options:
  -p, --profile NAME             the profile to check
  -f, --file PATH                credentials file to check
  --aws-region REGION            AWS region
  --output FORMAT                print as json, the only format here
  --check-release                ask github.com for a newer release; nothing
                                 else contacts GitHub

Examples:
  onelogin-aws-assume-role doctor
  onelogin-aws-assume-role doctor --output json
  onelogin-aws-assume-role doctor --check-release

Login options: --client_id --client_secret --region --onelogin-username
--onelogin-password --otp --onelogin-app-id --onelogin-subdomain
--saml-api-version --mfa-device --mfa-timeout --onelogin-password-stdin
--browser --no-browser --browser-port --browser-timeout

${GENERAL}`,
  "configure": `Write the settings files by asking a few questions

Usage: onelogin-aws-assume-role configure [OPTIONS]

Asks for the API client, the account and the app, checks them and writes
onelogin.sdk.json and onelogin.aws.json into ~/.onelogin or a -c folder in it.
With --all-roles it asks nothing that is set: it signs in and writes an AWS
profile with a credential_process for each role.

Options:
  -p, --profile NAME             the profile to save by default
  -f, --file PATH                credentials file to use
  -z, --duration SECONDS         lifetime of the credentials with --all-roles
                                 [default: 3600]
  --aws-region REGION            AWS region
  --all-roles                    write an AWS profile for every role
  --profile-template TEMPLATE    profile names for many roles, from {account},
                                 {alias} and {role}
                                 [default: {alias|account}-{role}]
  --force                        overwrite existing settings files
  --import                       save the settings of your team, read from
                                 standard input
  --export                       print your settings for --import, without
                                 user and secrets

Examples:
  onelogin-aws-assume-role configure
  onelogin-aws-assume-role configure --all-roles
  onelogin-aws-assume-role configure --export

Login options: --client_id --client_secret --region --onelogin-username
--onelogin-password --otp --onelogin-app-id --onelogin-subdomain
--saml-api-version --mfa-device --mfa-timeout --onelogin-password-stdin

${GENERAL}`,
  "serve": `Give live credentials to AWS SDKs through a port of this computer

Usage: onelogin-aws-assume-role serve [OPTIONS]

Logs in, then answers AWS SDKs on 127.0.0.1 until you press Ctrl-C, and renews
the credentials before they expire. Prints the two variables that a program
needs. Writes no keys to disk unless --profile is given.

Options:
  -p, --profile NAME             save the credentials as this AWS profile too;
                                 with many roles, the role that the variables
                                 name
  -x, --interactive              choose among the roles of --roles or
                                 --all-roles
  --output FORMAT                print the two variables as env, fish,
                                 powershell, cmd, dotenv or json
  --port PORT                    port on 127.0.0.1 instead of any free one

Examples:
  onelogin-aws-assume-role serve
  onelogin-aws-assume-role serve --aws-role-name Admin --output fish
  onelogin-aws-assume-role serve --all-roles --port 8911

Login options: --client_id --client_secret --region --file --onelogin-username
--onelogin-password --otp --onelogin-app-id --onelogin-subdomain --duration
--aws-region --aws-account-id --aws-role-name --cache-saml --role_order
--saml-api-version --roles --all-roles --profile-template --chain-role-arn
--chain-external-id --policy-arn --policy-file --mfa-device --mfa-timeout
--onelogin-password-stdin --saml-response-stdin --browser --no-browser
--browser-port --browser-timeout --force --region-in

${GENERAL}`,
  "completion": `Print a completion script for a shell

Usage: onelogin-aws-assume-role completion bash|zsh|fish|pwsh [OPTIONS]

The script asks this program for the words, so it stays correct after an
update. Where to put it:

bash, in ~/.bashrc:
  eval "$(onelogin-aws-assume-role completion bash)"

zsh, in ~/.zshrc after compinit:
  eval "$(onelogin-aws-assume-role completion zsh)"

fish, in ~/.config/fish/config.fish:
  onelogin-aws-assume-role completion fish | source

pwsh, in $PROFILE:
  onelogin-aws-assume-role completion pwsh | Out-String | Invoke-Expression

General options: --config-file-path --no-input --quiet --verbose --no-color
--version --licenses --help

They are explained in: onelogin-aws-assume-role help options
`,
  "options": `All options of a login

Usage: onelogin-aws-assume-role [COMMAND] [OPTIONS]

${OPTIONS}
Each command has its own help: onelogin-aws-assume-role help roles
`,
  "environment": `The environment variables that are read

Usage: onelogin-aws-assume-role [COMMAND] [OPTIONS]

Environment:
  ONELOGIN_CLIENT_ID             OneLogin API client id
  ONELOGIN_CLIENT_SECRET         OneLogin API client secret
  ONELOGIN_REGION                region of the OneLogin account
  ONELOGIN_USERNAME              user name or email address
  ONELOGIN_PASSWORD              password
  ONELOGIN_OTP                   code for the first second-factor question
  ONELOGIN_APP_ID                id of the AWS app in OneLogin
  ONELOGIN_SUBDOMAIN             subdomain of the OneLogin account ("acme" of
                                 acme.onelogin.com)
  ONELOGIN_BROWSER               sign in with a running Chrome, Edge or
                                 Chromium: passkeys, Smart MFA, no API client
  ONELOGIN_API_URL               URL of OneLogin's API, instead of the region's
  AWS_ENDPOINT_URL_STS           URL of AWS STS; AWS_ENDPOINT_URL does the same
  AWS_USE_FIPS_ENDPOINT          true uses the region's FIPS endpoint of AWS
                                 STS
  AWS_USE_DUALSTACK_ENDPOINT     true uses the endpoint of AWS STS with IPv6
  AWS_ENDPOINT_URL_SIGNIN        URL of AWS sign-in, for console
  AWS_PROFILE                    profile for console and credential-process
                                 without --profile
  AWS_REGION                     AWS region if nothing else sets one; then
                                 AWS_DEFAULT_REGION
  AWS_SHARED_CREDENTIALS_FILE    credentials file instead of ~/.aws/credentials
  AWS_CONFIG_FILE                config file instead of ~/.aws/config
  AWS_CA_BUNDLE                  extra certificates to trust; also
                                 REQUESTS_CA_BUNDLE, SSL_CERT_FILE and
                                 ca_bundle in ~/.aws/config
  HTTPS_PROXY                    proxy; NO_PROXY lists hosts that bypass it
  NO_COLOR                       no colours
  ACCESSIBLE                     1 prompts in plain lines, for screen readers

Each command has its own help: onelogin-aws-assume-role help roles
`,
  "exit-codes": `What the exit code of a run means

Usage: onelogin-aws-assume-role [COMMAND] [OPTIONS]

${EXIT_CODES}
Each command has its own help: onelogin-aws-assume-role help roles
`,
  "all": `Log in to OneLogin and get temporary AWS credentials

Usage: onelogin-aws-assume-role [COMMAND] [OPTIONS]

Logs in with password and second factor, lists your AWS roles and gets
temporary credentials for one of them. Prints them as shell lines, or saves
them as a profile with --profile. You are asked for anything missing.

${COMMANDS}
${OPTIONS}
Environment:
  ONELOGIN_API_URL               URL of OneLogin's API, instead of the region's
  AWS_ENDPOINT_URL_STS           URL of AWS STS; AWS_ENDPOINT_URL does the same
  AWS_USE_FIPS_ENDPOINT          true uses the region's FIPS endpoint of AWS
                                 STS
  AWS_USE_DUALSTACK_ENDPOINT     true uses the endpoint of AWS STS with IPv6
  AWS_ENDPOINT_URL_SIGNIN        URL of AWS sign-in, for console
  AWS_PROFILE                    profile for console and credential-process
                                 without --profile
  AWS_REGION                     AWS region if nothing else sets one; then
                                 AWS_DEFAULT_REGION
  AWS_SHARED_CREDENTIALS_FILE    credentials file instead of ~/.aws/credentials
  AWS_CONFIG_FILE                config file instead of ~/.aws/config
  AWS_CA_BUNDLE                  extra certificates to trust; also
                                 REQUESTS_CA_BUNDLE, SSL_CERT_FILE and
                                 ca_bundle in ~/.aws/config
  HTTPS_PROXY                    proxy; NO_PROXY lists hosts that bypass it
  NO_COLOR                       no colours
  ACCESSIBLE                     1 prompts in plain lines, for screen readers

${EXIT_CODES}
Each command has its own help: onelogin-aws-assume-role help roles
`,
};
