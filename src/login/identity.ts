/** Whose login it is: asks for missing settings, in the order of the Python tool. */

import { defined } from "../defined.ts";
import { Exit, printable, UserError } from "../errors.ts";
import type { Question } from "../io/prompter.ts";
import type { Identity } from "../onelogin/client.ts";
import type { Context } from "../settings/context.ts";
import type { OneLoginSettings } from "../settings/settings.ts";
import type { Owner } from "../store/role_credentials.ts";
import { askValue, readAppId, readSubdomain } from "../settings/values.ts";

export const USERNAME: Question = {
  message: "OneLogin username or email address",
  line: "OneLogin Username: ",
  option: '--onelogin-username, ONELOGIN_USERNAME or "username" in onelogin.aws.json',
};
export const PASSWORD = {
  password: true,
  message: "OneLogin password",
  line: "OneLogin Password: ",
  option: "--onelogin-password-stdin or ONELOGIN_PASSWORD",
} as const;
const APP_ID: Question = {
  message: "Id of the AWS app in OneLogin",
  line: "AWS App ID: ",
  option: '--onelogin-app-id, ONELOGIN_APP_ID or "app_id" in onelogin.aws.json',
};
export const SUBDOMAIN: Question = {
  message: 'OneLogin subdomain ("acme" of acme.onelogin.com)',
  line: "Onelogin Instance Sub Domain: ",
  option: '--onelogin-subdomain, ONELOGIN_SUBDOMAIN or "subdomain" in onelogin.aws.json',
};

export function askSubdomain(context: Omit<Asking, "settings">): Promise<string> {
  return askValue(context, SUBDOMAIN, readSubdomain);
}

export function askAppId(context: Omit<Asking, "settings">): Promise<string> {
  return askValue(context, APP_ID, readAppId);
}

type Asking = Pick<Context<OneLoginSettings>, "settings" | "prompter" | "reporter">;

/** The app and account; asks for what neither the settings nor earlier answers have. */
export async function askApp(
  context: Asking,
  { appId, subdomain }: Partial<Owner> = {},
): Promise<Pick<Owner, "subdomain" | "appId">> {
  const { settings } = context;
  return {
    appId: appId ?? settings.appId?.value ?? await askAppId(context),
    subdomain: subdomain ?? settings.subdomain?.value ?? await askSubdomain(context),
  };
}

/**
 * Asks for missing parts of the owner, without the password.
 *
 * @throws UserError exit 8 for a missing answer.
 */
export async function askOwner(context: Asking): Promise<Owner> {
  const username = context.settings.username?.value ?? await context.prompter.text(USERNAME);
  return { username, ...await askApp(context) };
}

/**
 * Asks for missing parts of the identity. If prompts are forbidden, the first missing value ends the run before any
 * request is sent.
 *
 * @param askUser asks for user and password even if the settings have them.
 * @param owner earlier answers, which are not asked for again.
 * @throws UserError exit 8 for a missing answer.
 */
export async function askIdentity(
  context: Context<OneLoginSettings>,
  askUser = false,
  owner?: Partial<Owner>,
): Promise<Identity> {
  const { settings, prompter, deps } = context;
  const username = (askUser ? undefined : owner?.username ?? settings.username?.value) ?? await prompter.text(USERNAME);
  if (askUser && prompter.piped) refuseAnswer(username);
  // At a terminal the user types it at a normal question.
  const password = settings.passwordStdin && !askUser && prompter.kind !== "terminal"
    ? await passwordFromStdin(deps.terminal, deps.signal)
    : (askUser ? undefined : settings.password?.value) ??
      await prompter.secret({ ...PASSWORD, message: `OneLogin password of ${printable(username, 80)}` });
  return { username, password, ...await askApp(context, owner), ...defined({ ip: settings.ip?.value }) };
}

/** A script that does not expect another user has menu answers here, and the next line would be the password. */
function refuseAnswer(username: string): void {
  if (!/^(?:[yn]|\d{1,3}|[a-z]{2}(?:-[a-z]+)+-\d)$/i.test(username)) return;
  throw new UserError(
    `cannot sign in as ${JSON.stringify(username)}: the line looks like the answer to another question`,
    { exit: Exit.input, hint: "pipe the answers in the order of the questions" },
  );
}

async function passwordFromStdin(
  terminal: Context<OneLoginSettings>["deps"]["terminal"],
  signal: AbortSignal,
): Promise<string> {
  const line = await terminal.readSecretLine(signal);
  if (line) return line;
  throw new UserError("cannot read the password from standard input: it is empty", {
    exit: Exit.input,
    hint: "pipe it in: pass show onelogin | onelogin-aws-assume-role --onelogin-password-stdin",
  });
}
