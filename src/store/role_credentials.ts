/** The result of a login: credentials, their role and owner. */

import type { Credentials } from "../aws/credentials.ts";
import type { Role } from "../saml/role_arn.ts";

/** Whose login it is. */
export interface Owner {
  readonly username: string;
  readonly appId: string;
  /** The first label of the tenant's host: `acme` of acme.onelogin.com. */
  readonly subdomain: string;
}

/** Credentials and what they are for. */
export interface RoleCredentials {
  readonly credentials: Credentials;
  /** Their role: with `--chain-role-arn` the last one, with the login's identity provider. */
  readonly role: Role;
  /** The session: `arn:aws:sts::<account>:assumed-role/<name>/<session>`. */
  readonly assumedRoleArn: string;
  readonly region: string;
  /** Whose login it was; absent when a cached assertion was used without a question. */
  readonly owner?: Owner;
}

/** Credentials, and the profile they are saved as, if any. */
export interface ProfileCredentials extends RoleCredentials {
  readonly profile?: string;
}
