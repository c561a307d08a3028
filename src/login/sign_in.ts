/**
 * From settings to an assertion: token, user and password, second factor.
 *
 * A password is posted once per entry. A refused value is asked for again at most three
 * times; nothing is posted again automatically, except one restart after the time for the second factor ran out.
 */

import { answerOr, type UserError } from "../errors.ts";
import { type Api, type Identity, requestAssertion, requestToken } from "../onelogin/client.ts";
import type { Reply, Token } from "../onelogin/replies.ts";
import { readReceived } from "../saml/assertion.ts";
import { warmXml } from "../saml/xml.ts";
import { apiFrom } from "./api_client.ts";
import { offerToSave, whereItIs } from "./corrections.ts";
import { askAppId, askIdentity, askSubdomain, PASSWORD, USERNAME } from "./identity.ts";
import { noteReply } from "../store/refusals.ts";
import { guardPassword, oneAtATime } from "./lockout.ts";
import { type Accepted, signInError } from "./sign_in_error.ts";
import { openStsEarly } from "./early_connection.ts";
import type { AwsContext, Session, SignedIn, SignInContext } from "./session.ts";

/** How often to ask again for a refused value. */
const MORE_TRIES = 3;
/** A token with less time left is not used for a new login; milliseconds. */
const TOKEN_MARGIN_MS = 5 * 60_000;

/**
 * Signs in to OneLogin and gets an assertion.
 *
 * @throws UserError exit 2, 3, 4, 7, 8 or 9.
 */
export async function signIn(context: SignInContext & AwsContext, session: Session): Promise<SignedIn> {
  const api = apiFrom(context);
  const early = session.token === undefined && context.prompter.kind === "terminal"
    ? requestToken(context.deps, api)
    : undefined;
  // It is awaited below; until then a failure must not end the run in the middle of a question.
  early?.catch(() => {});
  const entered = session.identity ?? await askIdentity(context, session.askUser, session.owner);
  const { token, ...accepted } = await oneAtATime(context, entered.password, async (context) => {
    const identity = await guardPassword(context, entered, { rules: "all" });
    const requested = early ?? freshToken(context, api, session);
    const checked = session.beforePassword?.();
    // What takes long to start is started while OneLogin answers: the XML parser, and the connection to AWS.
    const [token] = await Promise.all([
      requested,
      checked,
      session.rolesOnly ? undefined : openStsEarly(context),
      warmXml(),
    ]).catch(async (error) => {
      // A check is not left in the middle, and what it finds comes first.
      await checked;
      throw error;
    });
    return await postUntilAccepted(context, api, { token, isOld: token === session.token }, identity);
  });
  const { beforePassword: _, ...kept } = session;
  const reached = { ...kept, identity: accepted.identity, token };
  // Another user may have been chosen on purpose.
  const correctable = ["subdomain", "appId", ...session.askUser ? [] : ["username"] as const] as const;
  if (accepted.reply.kind === "success") {
    await offerToSave(context, accepted.identity, correctable);
    return { session: reached, assertion: await readReceived(accepted.reply.assertion, context.deps) };
  }
  const again = () => post(context, api, token, accepted.identity);
  const { completeSecondFactor } = await import("./second_factor.ts");
  const signedIn = await completeSecondFactor(context, api, reached, accepted.reply.challenge, again);
  await offerToSave(context, accepted.identity, correctable);
  return signedIn;
}

function freshToken({ deps, reporter }: SignInContext, api: Api, session: Session): Promise<Token> | Token {
  const { token } = session;
  if (token && (token.expires ?? 0) > deps.clock.now() + TOKEN_MARGIN_MS) return token;
  reporter.detail(`asking ${api.url} for an access token`);
  return requestToken(deps, api);
}

async function postUntilAccepted(
  context: SignInContext,
  api: Api,
  from: { readonly token: Token; /** Of an earlier login of this run. */ readonly isOld: boolean },
  first: Identity,
): Promise<{ readonly identity: Identity; readonly reply: Accepted; readonly token: Token }> {
  const refused = new Set<string>();
  let identity = first;
  let { token, isOld } = from;
  const isRefused = (each: Identity) => refused.has(fingerprint(each));
  for (let tries = 0;;) {
    let reply = await post(context, api, token, identity);
    if (isOld && reply.kind === "refused" && reply.cause === "bearer") {
      // OneLogin checks the token first: this proves nothing about the password.
      context.reporter.detail("the access token is no longer accepted; requesting a new one");
      token = await requestToken(context.deps, api);
      reply = await post(context, api, token, identity);
    }
    isOld = false;
    if (reply.kind === "success" || reply.kind === "mfa") return { identity, reply, token };
    const error = signInError(reply, identity, api);
    if (reply.kind !== "refused" || context.prompter.kind === "none") throw error;
    if (reply.cause === "credentials") refused.add(fingerprint(identity));
    let next: Identity | undefined;
    do {
      if (tries++ === MORE_TRIES) throw error;
      next = await answerOr(error, askAgain(context, identity, reply, error));
      if (!next) throw error;
      if (isRefused(next)) context.reporter.warn("that password was just refused and is not sent again");
    } while (isRefused(next));
    identity = await guardPassword(context, next, { rules: "same", isRefused });
  }
}

async function post(context: SignInContext, api: Api, token: Token, identity: Identity): Promise<Reply> {
  const { deps, reporter } = context;
  reporter.detail(
    `posting user and password of ${JSON.stringify(identity.username)} to ${api.url} (API version ${api.version})`,
  );
  const progress = reporter.progress("Signing in to OneLogin…");
  try {
    const reply = await requestAssertion(deps, api, token, identity);
    await noteReply(context, identity, reply);
    return reply;
  } finally {
    progress.end();
  }
}

/** A corrected identity, or undefined if no answer can correct this refusal. */
async function askAgain(
  context: SignInContext,
  identity: Identity,
  reply: Extract<Reply, { kind: "refused" }>,
  error: UserError,
): Promise<Identity | undefined> {
  const { prompter, reporter } = context;
  switch (reply.cause) {
    case "credentials":
    case "password-empty": {
      reporter.warn(error.message + whereItIs(context.settings, "username", identity.username));
      let username = identity.username;
      while (true) {
        const password = await prompter.secret({
          ...PASSWORD,
          message: `OneLogin password of ${username} (empty: another user)`,
          emptyAllowed: true,
        });
        if (password !== "") return { ...identity, username, password };
        username = await prompter.text(USERNAME);
      }
    }
    case "username-empty":
      reporter.warn(error.message);
      return { ...identity, username: await prompter.text(USERNAME) };
    case "subdomain":
      reporter.warn(error.message + whereItIs(context.settings, "subdomain", identity.subdomain));
      return { ...identity, subdomain: await askSubdomain(context) };
    case "app":
      // The Python tool does not ask again.
      if (prompter.kind !== "terminal") return undefined;
      reporter.warn(error.message + whereItIs(context.settings, "appId", identity.appId));
      return { ...identity, appId: await askAppId(context) };
    default:
      return undefined;
  }
}

function fingerprint({ username, password }: Pick<Identity, "username" | "password">): string {
  return `${username}\n${password}`;
}
