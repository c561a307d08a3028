/** What a login ends with: credentials, their role and whose they are. Everything after it takes this value. */

import type { Credentials } from "../aws/credentials.ts";
import type { Role } from "../saml/roles.ts";

/** Whose login it is. */
export interface Owner {
  readonly username: string;
  readonly appId: string;
  /** The first part of the tenant's host: `acme` of acme.onelogin.com. */
  readonly subdomain: string;
}

/** Credentials and what they are for. */
export interface RoleCredentials {
  readonly credentials: Credentials;
  /** The role they are of: with `--chain-role-arn` the last one, with the login's identity provider. */
  readonly role: Role;
  /** Where AWS put the session: `arn:aws:sts::<account>:assumed-role/<name>/<session>`. */
  readonly assumedRoleArn: string;
  readonly region: string;
  /** Whose login it was; absent when a cached assertion was used and nobody was asked. */
  readonly owner?: Owner;
}

/** Credentials, and the profile they are saved as, if any. */
export interface ProfileCredentials extends RoleCredentials {
  readonly profile?: string;
}
