/** The questions of `configure`: each explains where to find the value in OneLogin; the current setting is the default. */

import type { AwsChoice, OneLoginSettings, Settings, Valued } from "../../settings/settings.ts";
import { defined } from "../../defined.ts";
import { Exit, UserError, userError } from "../../errors.ts";
import { yesNo } from "../../io/prompter.ts";
import type { Context } from "../../settings/context.ts";
import { apiFrom } from "../../login/api_client.ts";
import { SUBDOMAIN, USERNAME } from "../../login/identity.ts";
import { requestToken } from "../../onelogin/client.ts";
import {
  askValue,
  readApiCredential,
  readAppId,
  readAwsRegion,
  readOneloginRegion,
  readSubdomain,
  type ReadValue,
} from "../../settings/values.ts";

/** What the API client is; `clientSecret` is a secret. */
export interface Client {
  readonly region: "us" | "eu";
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Without a client the person signs in with the browser. */
export interface Answers extends Partial<Client> {
  readonly subdomain: string;
  readonly username: string;
  readonly appId: string;
  readonly awsRegion: string;
}

/** The answers, and whether OneLogin was asked about the API client; false without a network. */
interface CheckedAnswers {
  readonly answers: Answers;
  readonly checked: boolean;
}

/** The current content of the files in ~/.onelogin. */
export type Present = { readonly [K in keyof Answers]?: string };

const CLIENT_TRIES = 3;
/** How to answer a question of `configure`. */
export const AT_TERMINAL = "run configure at a terminal";

type Asking = Pick<Context, "prompter" | "reporter">;
type Trying = Context<OneLoginSettings & Pick<Settings, "timeout">>;

/**
 * Asks for everything. The API client is tried at once, without a password; a refused one may be corrected.
 *
 * @throws UserError exit 8 when the answers end, exit 3 when OneLogin refuses the client three times.
 */
export async function askAnswers(context: Trying, present: Present): Promise<CheckedAnswers> {
  const { reporter } = context;
  reporter.info(
    "The API client: an administrator makes it in OneLogin under Administration > Developers > API Credentials, " +
      'with the scope "Authentication Only". Its id and secret are shown there once.',
  );
  if (mayLackClient(context)) reporter.info("Without one, leave its id empty: you then sign in with your browser.");
  const { client, checked } = await askClient(context, present);
  reporter.info('The account: the address of your portal, or "acme" of https://acme.onelogin.com.');
  const subdomain = await ask(context, { ...SUBDOMAIN, line: "Subdomain" }, present.subdomain, readSubdomain);
  const username = await ask(context, { ...USERNAME, line: "Username" }, present.username, (value) => ({ value }));
  reporter.info(
    "The app: paste the address that the icon of the AWS app on your portal leads to, such as " +
      "https://acme.onelogin.com/launch/123456, or the number in it.",
  );
  const appId = await ask(
    context,
    { message: "Id of the AWS app in OneLogin", line: "App id", option: "--onelogin-app-id" },
    present.appId,
    readAppId,
  );
  const awsRegion = await ask(
    context,
    { message: "AWS region", line: "AWS region", option: "--aws-region" },
    present.awsRegion ?? "us-west-2",
    readAwsRegion,
  );
  return { answers: { ...client, subdomain, username, appId, awsRegion }, checked };
}

async function askClient(
  context: Trying,
  present: Present,
): Promise<{ readonly client: Client | undefined; readonly checked: boolean }> {
  let known: Present = present;
  for (let tried = 1;; tried++) {
    const client = await askClientOnce(context, known);
    if (client === undefined) return { client, checked: true };
    const verdict = await check(context, client);
    if (verdict === "unknown") return { client, checked: false };
    if (verdict === "accepted") return { client, checked: true };
    const moved = await acceptedElsewhere(context, client);
    if (moved !== undefined) return { client: moved, checked: true };
    if (tried === CLIENT_TRIES) throw verdict;
    context.reporter.warn(verdict.message);
    const correct = await context.prompter.confirm(yesNo("Correct the API client?", "Y/n", AT_TERMINAL));
    if (!correct) return { client, checked: true };
    known = { ...known, ...client };
  }
}

/** From a pipe an empty line is no answer: the secret that follows would be taken for something else. */
function mayLackClient({ prompter }: Asking): boolean {
  return prompter.kind === "terminal";
}

/** Undefined when there is none. */
async function askClientOnce(context: Asking, present: Present): Promise<Client | undefined> {
  const region = await ask(
    context,
    { message: "OneLogin region (us or eu)", line: "OneLogin region, us or eu", option: "--region" },
    present.region ?? "us",
    readOneloginRegion,
  );
  const clientId = await ask(
    context,
    { message: "API client id", line: "Client id", option: "--client-id" },
    present.clientId ?? (mayLackClient(context) ? "" : undefined),
    (text) => text === "" ? { value: "" } : readApiCredential(text),
  );
  if (clientId === "") return undefined;
  // The secret belongs to its id: that of another client is no default.
  const kept = present.clientId === clientId ? present.clientSecret : undefined;
  const clientSecret = await askSecret(context, kept);
  return { region, clientId, clientSecret };
}

async function askSecret({ prompter, reporter }: Asking, present: string | undefined): Promise<string> {
  const unchanged = present === undefined ? "" : " (unchanged)";
  while (true) {
    const text = (await prompter.secret({
      message: `API client secret${unchanged}`,
      line: `Client secret${unchanged}: `,
      option: "--client-secret",
      emptyAllowed: present !== undefined,
    })).trim();
    if (text === "" && present !== undefined) return present;
    const read = readApiCredential(text);
    if ("value" in read) return read.value;
    reporter.warn(`this cannot be a client secret: ${read.problem}`);
  }
}

async function ask<T>(
  context: Asking,
  question: { readonly message: string; readonly line: string; readonly option: string },
  present: string | undefined,
  read: ReadValue<T>,
): Promise<T> {
  const line = `${question.line}${present ? ` (${present})` : ""}: `;
  return await askValue(context, { ...question, line, ...defined({ fallback: present }) }, read);
}

/** The settings with these answers in place of what was set. */
export function withAnswers<Part extends OneLoginSettings & Pick<AwsChoice, "awsRegion">>(
  settings: Part,
  answers: Partial<Answers>,
): Part {
  const answered = { kind: "answer" } as const;
  const valued = <K extends keyof Answers>(key: K, value: string | undefined) =>
    (value === undefined ? {} : { [key]: { value, source: answered } }) as { readonly [P in K]?: Valued<string> };
  const { source } = settings.oneloginUrl;
  const isOverridden = (source.kind === "environment" && source.name === "ONELOGIN_API_URL") ||
    (source.kind === "file" && source.key === "api_url");
  const url = isOverridden
    ? settings.oneloginUrl
    : { value: `https://api.${answers.region ?? settings.region.value}.onelogin.com`, source: answered };
  return {
    ...settings,
    region: { value: answers.region ?? settings.region.value, source: answered },
    oneloginUrl: url,
    ...valued("clientId", answers.clientId),
    ...valued("clientSecret", answers.clientSecret),
    ...valued("subdomain", answers.subdomain),
    ...valued("username", answers.username),
    ...valued("appId", answers.appId),
    ...valued("awsRegion", answers.awsRegion),
  };
}

/** The same client in the other region, if OneLogin accepts it there. */
async function acceptedElsewhere(context: Trying, client: Client): Promise<Client | undefined> {
  const other = { ...client, region: client.region === "us" ? "eu" : "us" } as const;
  const settings = withAnswers(context.settings, other);
  // With an address of its own there is no other region.
  if (settings.oneloginUrl.source.kind !== "answer") return undefined;
  const token = await requestToken(context.deps, apiFrom({ settings })).catch(userError);
  if (token instanceof UserError) return undefined;
  context.reporter.info(`OneLogin accepts the API client in region "${other.region}", so that is used.`);
  return other;
}

/** OneLogin's verdict on the API client: the refusal, or "unknown" if it could not be reached. */
async function check(context: Trying, client: Client): Promise<UserError | "accepted" | "unknown"> {
  const progress = context.reporter.progress("Trying the API client…");
  const token = await requestToken(context.deps, apiFrom({ settings: withAnswers(context.settings, client) }))
    .catch((error) => (progress.end(), userError(error)));
  if (!(token instanceof UserError)) {
    progress.end("OneLogin accepts the API client.");
    return "accepted";
  }
  if (token.exit === Exit.refused) return token;
  context.reporter.warn(`the API client could not be tried: ${token.message}`);
  return "unknown";
}
