/** Which credentials are requested (profile, login, chain), and whether cached ones match. */

import { defined } from "../defined.ts";
import type { Role } from "../saml/role_arn.ts";
import { isRequested } from "../saml/role_request.ts";
import { type AwsChoice, type OneLoginSettings, requestedRole } from "../settings/settings.ts";
import type { Owner } from "./role_credentials.ts";

/** Whose login it is, as far as known. The subdomain is in lower case. */
export type KnownOwner = Partial<Owner>;

/** What credentials are requested for, or were issued for. */
export interface Subject {
  readonly profile: string;
  readonly owner: KnownOwner;
  /** `--chain-role-arn`, hop by hop. */
  readonly chain: readonly string[];
  /** The session policy, as it is compared; absent for none. */
  readonly policy?: string;
}

export function subjectOf(settings: OneLoginSettings & AwsChoice, profile: string): Subject {
  const { username, appId, subdomain, chainRoleArn } = settings;
  const owner = ownerOf({ username: username?.value, appId: appId?.value, subdomain: subdomain?.value });
  return { profile, owner, chain: chainRoleArn, ...defined({ policy: policyOf(settings) }) };
}

/** The session policy as one text. The order of the ARNs does not matter to AWS. */
function policyOf({ sessionPolicy }: AwsChoice): string | undefined {
  if (sessionPolicy === undefined) return undefined;
  const { arns, document = "" } = sessionPolicy.value;
  return JSON.stringify([arns.toSorted(), document]);
}

/** The known parts of the owner, normalised for comparison. */
export function ownerOf(
  { username, appId, subdomain }: { readonly [Key in keyof Owner]: string | undefined },
): KnownOwner {
  return defined({ username, appId, subdomain: subdomain?.toLowerCase() });
}

/** Why credentials of `role`, issued for `own`, do not match the request; undefined when they do. */
export function mismatch(own: Subject, role: Role, requested: Subject, settings: AwsChoice): string | undefined {
  const other = (key: keyof KnownOwner) => {
    const [theirs, ours] = [requested.owner[key], own.owner[key]];
    return theirs !== undefined && ours !== undefined && theirs !== ours;
  };
  if (other("username")) return `the last login of this profile was by ${JSON.stringify(own.owner.username)}`;
  if (other("appId")) return `the last login of this profile was for the app ${JSON.stringify(own.owner.appId)}`;
  if (other("subdomain")) {
    return `the last login of this profile was at the subdomain ${JSON.stringify(own.owner.subdomain)}`;
  }
  if (own.chain.join(" ") !== requested.chain.join(" ")) {
    return own.chain.length === 0
      ? "the last login of this profile did not use --chain-role-arn"
      : `the last login of this profile used ${own.chain.map((arn) => `--chain-role-arn ${arn}`).join(" ")}`;
  }
  if (own.policy !== requested.policy) {
    return own.policy === undefined
      ? "the last login of this profile had no session policy"
      : `the last login of this profile had ${requested.policy === undefined ? "a" : "another"} session policy`;
  }
  // A chain ends at the role that it names, wherever it began.
  if (own.chain.length === 0 && !isRequested(role, requestedRole(settings), settings.accounts)) {
    return `the last login of this profile was for the role ${JSON.stringify(role.roleArn)}`;
  }
  return undefined;
}
