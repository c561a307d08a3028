/** The outcomes of a call to AWS STS, and why STS refused. */

import type { HttpError } from "../io/deps.ts";
import type { CallerIdentity, StsCredentials, StsFault } from "./sts_reply.ts";

/** The maximum for a role assumed from a role (AWS IAM User Guide, Role chaining). Seconds. */
export const CHAIN_MAX_SECONDS = 3600;

/** Why STS refused, as far as the next step depends on it. */
export type StsCause =
  /** The assertion is older than five minutes: get a new one, once. */
  | "expired-assertion"
  /** The duration exceeds the role's MaxSessionDuration or the limits of the call. */
  | "duration"
  /** The trust policy does not allow this user, or the role does not exist. */
  | "not-authorized"
  | "bad-role-arn"
  | "bad-principal-arn"
  /** The assertion does not satisfy AWS: signature, audience, session name. */
  | "invalid-identity"
  /** No such identity provider in this partition. */
  | "wrong-partition-or-provider"
  | "region-disabled"
  | "packed-policy"
  | "bad-policy"
  /** It has too many roles. */
  | "assertion-too-long"
  /** Signed calls: the credentials have expired. */
  | "expired-credentials"
  /** Signed calls: AWS does not know the credentials. */
  | "invalid-credentials"
  /** Signed calls: the signature or its time is wrong. */
  | "signature"
  | "other";

/** From the `Date` header of a reply, if there was one. */
export interface Dated {
  /** AWS's clock minus this computer's, in milliseconds (accurate to about a second): positive when this computer is behind. */
  readonly dateSkewMs?: number;
}

export interface StsRefused extends Dated {
  readonly kind: "refused";
  readonly cause: StsCause;
  /** AWS's error code, printable. */
  readonly code: string;
  /** AWS's message, printable. */
  readonly message: string;
  readonly status: number;
}

export interface StsUnavailable extends Dated {
  readonly kind: "unavailable";
  /** Completes "cannot …: "; printable. */
  readonly message: string;
  /** Of an unusable reply. */
  readonly status?: number;
  /** AWS's error code, printable, if the reply contained one: then AWS itself replied. */
  readonly code?: string;
  /** Without a reply. */
  readonly network?: HttpError["kind"];
}

/** Credentials with the clock difference, if STS sent its time. */
export type StsGranted = StsCredentials & Dated;
export type StsOutcome = StsGranted | StsRefused | StsUnavailable;
export type IdentityOutcome = (CallerIdentity & Dated) | StsRefused | StsUnavailable;

/** The cause of an AWS error. `proof` is how the request was authenticated: an assertion or signing keys. */
export function refusal(fault: StsFault & Dated, proof: "saml" | "signed"): StsRefused {
  const cause = proof === "signed" ? signedCause(fault) ?? causeOf(fault) : causeOf(fault);
  return { ...fault, kind: "refused", cause };
}

/** AWS STS API, AssumeRoleWithSAML: Errors; AWS IAM User Guide, Troubleshooting SAML federation. */
function causeOf({ code, message }: StsFault): StsCause {
  switch (code.replace(/Exception$/, "")) {
    case "ExpiredToken":
      return "expired-assertion";
    case "AccessDenied":
    case "IDPRejectedClaim":
      return "not-authorized";
    case "RegionDisabled":
      return "region-disabled";
    case "PackedPolicyTooLarge":
      return "packed-policy";
    case "MalformedPolicyDocument":
      return "bad-policy";
    case "InvalidIdentityToken":
      if (/within 5 minutes/i.test(message)) return "expired-assertion";
      return /provider doesn't exist|AuthSamlManifestNotFound/i.test(message)
        ? "wrong-partition-or-provider"
        : "invalid-identity";
    case "ValidationError":
      if (/durationSeconds/i.test(message)) return "duration";
      if (/request arn is invalid|'roleArn'/i.test(message)) return "bad-role-arn";
      if (/principal arn is invalid|'principalArn'/i.test(message)) return "bad-principal-arn";
      if (/'sAMLAssertion'.*less than or equal to/i.test(message)) return "assertion-too-long";
      if (/'sAMLAssertion'/i.test(message)) return "invalid-identity";
      return "other";
    default:
      return "other";
  }
}

/** AWS STS API, Common Errors, of signed requests only. */
function signedCause({ code }: StsFault): StsCause | undefined {
  switch (code.replace(/Exception$/, "")) {
    case "ExpiredToken":
      return "expired-credentials";
    case "InvalidClientTokenId":
    case "UnrecognizedClient":
      return "invalid-credentials";
    case "SignatureDoesNotMatch":
    case "IncompleteSignature":
    case "RequestExpired":
    case "InvalidSignature":
      return "signature";
    default:
      return undefined;
  }
}
