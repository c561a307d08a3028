/** Gets a login: from the cache if requested and possible, else by signing in. */

import { defined } from "../defined.ts";
import { answerOr, Exit, UserError } from "../errors.ts";
import { cacheAssertion, forgetCachedAssertion, inspectCache, readCachedAssertion } from "../store/assertion_cache.ts";
import type { Context } from "../settings/context.ts";
import { askOwner } from "./identity.ts";
import { signIn } from "./sign_in.ts";
import { anotherUser, furtherSession, type Login, type Session } from "./session.ts";
import type { Owner } from "../store/role_credentials.ts";
import { ownerOf } from "../store/subject.ts";

/** How often another user is offered if one has no role. */
const MORE_USERS = 3;

/**
 * Gets a login that has at least one AWS role.
 *
 * @param beforeOtherUser what to ask before another user's name.
 * @throws UserError exit 5 when the user has none and no other is chosen; and what {@linkcode signIn} throws.
 */
export async function getLogin(
  context: Context,
  session: Session,
  beforeOtherUser: () => Promise<void> = () => Promise.resolve(),
): Promise<Login> {
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
        line: "Do you want to select a new user?  (y/n) ",
        option: "--onelogin-username",
        fallback: false,
      }),
    );
    if (!again) throw error;
    await answerOr(error, beforeOtherUser());
    next = anotherUser(login.session);
  }
}

/** A login with a new assertion, which replaces the cached one. */
export async function newLogin(context: Context, session: Session): Promise<Login> {
  const { samlResponseStdin, browser } = context.settings;
  if (!browser.value && context.deps.browser !== undefined) throw browserTakenBack();
  if (samlResponseStdin || browser.value) {
    const login = samlResponseStdin
      ? await (await import("./handed_in.ts")).handedInLogin(context, session)
      : await (await import("./browser_login.ts")).browserLogin(context, session);
    if (context.settings.cacheSaml) await cacheAssertion(context, login.assertion, login.session.owner);
    return login;
  }
  const login = await signIn(context, session);
  if (context.settings.cacheSaml) {
    const { identity, factorId: id, factorType: type } = login.session;
    const factor = id === undefined || type === undefined ? undefined : { id, type };
    await cacheAssertion(context, login.assertion, identity, factor);
  }
  return login;
}

/**
 * The login for a renewal by `serve`: a cached assertion of the same user if there is one, which another run may have left,
 * else a new one.
 *
 * @param askUser whether to ask for user and password again.
 */
export async function loginAgain(context: Context, session: Session, askUser: boolean): Promise<Login> {
  if (askUser) return await newLogin(context, anotherUser(session));
  const { cacheSaml, samlResponseStdin } = context.settings;
  const owner = cacheSaml && !samlResponseStdin ? session.identity ?? session.owner : undefined;
  return await cachedOrNew(context, furtherSession(session), owner);
}

/** The login with the cached assertion of `owner`, if there is one that AWS accepts, else a new one. */
export async function cachedOrNew(
  context: Context,
  session: Session,
  owner: Partial<Owner> | undefined,
): Promise<Login> {
  const cached = owner && await readCachedAssertion(context, owner);
  return cached ? { session, assertion: cached.assertion } : await newLogin(context, session);
}

async function signInOrCached(context: Context, session: Session): Promise<Login> {
  const { settings, prompter } = context;
  if (settings.samlResponseStdin) return await newLogin(context, session);
  if (settings.browser.value) return await browserOrCached(context, session);
  if (!settings.cacheSaml || session.identity !== undefined || session.askUser) return await newLogin(context, session);
  if (prompter.piped) return await pipedLogin(context, session);
  // A loop signs in again later, when nobody may be there to type the password: ask for it at the start.
  if (settings.loop.value > 1) return await newLogin(context, session);
  if (prompter.kind !== "none") {
    // Everything except the password, which a cached assertion makes unnecessary.
    const owner = await askOwner(context);
    return await cachedOrNew(context, { ...session, owner }, owner);
  }
  const { username, appId, subdomain } = settings;
  const owner = username && appId && subdomain &&
    { username: username.value, appId: appId.value, subdomain: subdomain.value };
  return await cachedOrNew(context, session, owner);
}

/** A browser login asks nothing about the user, so the known values decide about the cache. */
async function browserOrCached(context: Context, session: Session): Promise<Login> {
  const { cacheSaml, loop, username, appId, subdomain } = context.settings;
  const isKnown = cacheSaml && loop.value === 1 && !session.askUser && appId !== undefined && subdomain !== undefined;
  const cached = isKnown
    ? await readCachedAssertion(
      context,
      ownerOf({ username: username?.value, appId: appId.value, subdomain: subdomain.value }),
    )
    : undefined;
  return cached
    ? { session: { ...session, owner: cached.owner }, assertion: cached.assertion }
    : await newLogin(context, session);
}

/** The launcher found the key in ~/.onelogin, but the file in use does not have it. */
function browserTakenBack(): UserError {
  return new UserError('cannot sign in: "browser" in ~/.onelogin/onelogin.aws.json and the file in use differ', {
    exit: Exit.usage,
    hint: "add --browser or --no-browser",
  });
}

/**
 * The Python tool's dialogue from a pipe. A valid cache identifies the user, and nothing is asked. An expired one is
 * followed by "Reuse rest of the data?": user, app and second factor then come from it. Where that tool would use a cached
 * assertion that is not used here, the next lines are for its menus, and none of them is read as a password.
 */
async function pipedLogin(context: Context, session: Session): Promise<Login> {
  const { settings, prompter, reporter } = context;
  const cached = await inspectCache(context);
  if (cached?.kind === "usable" && settings.loop.value === 1 && isRequested(context, cached.owner)) {
    reporter.info(`Found a valid SAML cache for the user ${cached.owner.username}`);
    const { assertion, owner, factorId } = cached;
    return { session: { ...session, owner, ...defined({ factorId }) }, assertion };
  }
  const rest = cached?.kind === "unusable" ? cached.rest : undefined;
  if (cached?.kind === "usable" || rest?.servesPythonTool) {
    reporter.info("The cached SAML assertion is not used: it is from another login, or AWS no longer accepts it");
    prompter.piped?.outOfStep();
  }
  if (cached?.kind === "unusable" && rest === undefined) {
    // The Python tool may treat it as expired, and ask.
    reporter.warn(`the cached SAML assertion is not used: ${cached.message}`);
    prompter.piped?.outOfStep();
  }
  if (rest === undefined || rest.servesPythonTool) return await newLogin(context, session);
  reporter.info(`The cached SAML expired for the user ${rest.owner.username}`);
  const reuse = await prompter.confirm({
    message: "Reuse the rest of its data?",
    line: "Reuse rest of the data?  (y/n) ",
    option: "run without --cache-saml",
    fallback: false,
  });
  if (!reuse) {
    await forgetCachedAssertion(context);
    return await newLogin(context, session);
  }
  const { username, appId } = rest.owner;
  const owner = { username: settings.username?.value ?? username, appId: settings.appId?.value ?? appId };
  const factor = owner.username === username ? defined({ factorId: rest.factorId }) : {};
  // The Python tool asks for the subdomain anyway.
  return await newLogin(context, { ...session, owner, ...factor });
}

/** Whether no other user, app or subdomain is requested. */
function isRequested({ settings: { username, appId, subdomain } }: Context, owner: Owner): boolean {
  const same = (requested: string | undefined, found: string) => requested === undefined || requested === found;
  return same(username?.value, owner.username) && same(appId?.value, owner.appId) &&
    same(subdomain?.value.toLowerCase(), owner.subdomain.toLowerCase());
}
