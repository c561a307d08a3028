/** What a run knows about its logins. */

import { defined } from "../defined.ts";
import type { Identity } from "../onelogin/client.ts";
import type { Token } from "../onelogin/replies.ts";
import type { Assertion } from "../saml/assertion.ts";
import type { Context } from "../settings/context.ts";
import type { AwsChoice, Conversation, Delivery, OneLoginSettings, Places, Requests } from "../settings/settings.ts";
import type { Owner, RoleCredentials } from "../store/role_credentials.ts";

/** What the next login of the same run can reuse. */
export interface Session {
  readonly identity?: Identity;
  /** What is known before the password, from questions, a cache or the last login. */
  readonly owner?: Partial<Owner>;
  readonly token?: Token;
  readonly factorId?: string;
  readonly factorType?: string;
  /** `--otp`, until it was used. */
  readonly otp?: string;
  /** Must succeed before the password is posted; runs while OneLogin answers the first request. */
  readonly beforePassword?: () => Promise<void>;
  /** The piped SAML response has been used. */
  readonly handedIn?: boolean;
  /** Only the roles are listed: AWS is not asked. */
  readonly rolesOnly?: boolean;
  /** Sign in as another user: ignore user and password of the settings. */
  readonly askUser?: boolean;
  /**
   * Nobody can be asked, so use a device that needs no answer: the one chosen last, else the only one. If
   * absent, several devices are a question.
   */
  readonly unattended?: { readonly lastFactorId?: string };
}

export interface SignedIn {
  readonly session: Session & { readonly identity: Identity; readonly token: Token };
  readonly assertion: Assertion;
}

/** What signing in uses. */
export type SignInContext = Context<OneLoginSettings & Places & Requests & Conversation>;

/** What getting credentials from AWS uses. */
export type AwsContext = Context<AwsChoice & Requests & Places & Pick<Delivery, "profile">>;

/** The session at the start of a run. */
export function newSession({ settings }: Pick<Context<OneLoginSettings>, "settings">): Session {
  return settings.otp ? { otp: settings.otp.value } : {};
}

/** A usable login: the session and its last assertion. */
export interface Login {
  readonly session: Session;
  readonly assertion: Assertion;
}

/** The session for signing in as another user: only user and password are asked for again. */
export function anotherUser({ token, identity, owner, rolesOnly }: Session): Session {
  const { appId, subdomain } = identity ?? owner ?? {};
  return { ...defined({ token, rolesOnly }), owner: defined({ appId, subdomain }), askUser: true };
}

/** The session for a further round: `--otp` was for the first. */
export function furtherSession({ otp: _otp, ...kept }: Session): Session {
  return kept;
}

/** Whether this session can sign in again without a person: it has a password, and needed no second factor. */
export function isSilent({ identity, factorId }: Session): boolean {
  return identity !== undefined && factorId === undefined;
}

/** Whose login it was, for {@linkcode RoleCredentials}. */
export function sessionOwner({ identity, owner }: Session): Pick<RoleCredentials, "owner"> {
  const known = identity ?? owner;
  if (!known) return {};
  const { username, appId, subdomain } = known;
  return username === undefined || appId === undefined || subdomain === undefined
    ? {}
    : { owner: { username, appId, subdomain } };
}
