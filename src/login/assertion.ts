/** A login to work with: from the cache when that is asked for and possible, else by signing in. */

import { answerOr, Exit, UserError } from "../errors.ts";
import { cacheAssertion, readCachedAssertion } from "../store/assertion_cache.ts";
import type { Context } from "../settings/context.ts";
import { askIdentity, askOwner } from "./identity.ts";
import { signIn } from "./sign_in.ts";
import { anotherUser, type Login, type Session } from "./session.ts";
import type { Owner } from "../store/role_credentials.ts";

/** How often another user is offered when one has no role. */
const MORE_USERS = 3;

/**
 * Gets a login that has at least one AWS role.
 *
 * @throws UserError exit 5 when the user has none and no other is given; and what {@linkcode signIn} throws.
 */
export async function getLogin(context: Context, session: Session): Promise<Login> {
  let next = session;
  for (let tried = 0;; tried++) {
    const login = await signInOrCached(context, next);
    for (const warning of login.assertion.warnings) context.reporter.warn(warning);
    if (login.assertion.roles.length > 0) return login;
    const error = new UserError("cannot choose a role: this login has no AWS role", {
      exit: Exit.role,
      hint: "an administrator maps AWS roles to the user in the AWS app of OneLogin",
    });
    if (tried === MORE_USERS || context.prompter.kind === "none") throw error;
    context.reporter.warn("this login has no AWS role");
    const again = await answerOr(
      error,
      context.prompter.confirm({
        message: "Sign in as another user?",
        line: "Do you want to try with another user? (y/n) ",
        option: "--onelogin-username",
        fallback: false,
      }),
    );
    if (!again) throw error;
    next = anotherUser(login.session);
  }
}

/** A login with a new assertion, whatever the cache holds, which it then fills. */
export async function newLogin(context: Context, session: Session): Promise<Login> {
  const login = await signIn(context, session);
  if (context.settings.cacheSaml) {
    await cacheAssertion(context, login.assertion, login.session.identity);
  }
  return login;
}

async function signInOrCached(context: Context, session: Session): Promise<Login> {
  const { settings } = context;
  // A loop signs in again later, when nobody may be there to type the password: it is asked for at the start.
  if (!settings.cacheSaml || settings.loop.value > 1 || session.identity !== undefined || session.askUser) {
    return await newLogin(context, session);
  }
  const { reached, whose } = await askWhose(context, session);
  if (!whose) return await newLogin(context, reached);
  const cached = await readCachedAssertion(context, whose);
  return cached ? { session: reached, assertion: cached.assertion } : await newLogin(context, reached);
}

/**
 * Whose cached assertion would do. A person is asked for all but the password, which a cached assertion makes needless;
 * from a pipe the answers come in the order of the Python tool, the password second: all are read before the cache is.
 * Nobody's when that is not known and nobody may be asked.
 */
async function askWhose(
  context: Context,
  session: Session,
): Promise<{ readonly reached: Session; readonly whose: Owner | undefined }> {
  const { settings, prompter } = context;
  const { username, appId, subdomain } = settings;
  if (prompter.kind === "terminal") {
    const owner = await askOwner(context);
    return { reached: { ...session, owner }, whose: owner };
  }
  if (prompter.kind === "lines" && !(username && appId && subdomain)) {
    const identity = await askIdentity(context);
    return { reached: { ...session, identity }, whose: identity };
  }
  const known = username && appId && subdomain;
  const whose = known && {
    username: username.value,
    appId: appId.value,
    subdomain: subdomain.value,
  };
  return { reached: session, whose };
}
