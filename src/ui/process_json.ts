/** Credentials as the AWS CLI and SDKs take them from a program. */

import type { ProfileCredentials } from "../store/role_credentials.ts";

/** One line of JSON with its line end. */
export function processJson(delivered: Pick<ProfileCredentials, "credentials" | "role">): string {
  return `${JSON.stringify(processObject(delivered))}\n`;
}

/** AWS CLI User Guide, "Sourcing credentials with an external process"; SDKs read `AccountId` for their endpoints. */
export function processObject(
  { credentials, role }: Pick<ProfileCredentials, "credentials" | "role">,
): Readonly<Record<string, unknown>> {
  return {
    Version: 1,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: rfc3339(credentials.expiration),
    AccountId: role.accountId,
  };
}

/** For programs: RFC 3339 in UTC without fractions, such as `2027-01-15T09:30:00Z`. Takes milliseconds since the epoch. */
export function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
