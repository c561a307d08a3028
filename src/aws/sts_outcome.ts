/** What a call to AWS STS can come to, and why STS refused. */

import type { HttpError } from "../io/deps.ts";
import type { CallerIdentity, StsCredentials, StsFault } from "./sts_reply.ts";

/** A role assumed from a role lives one hour at most (AWS IAM User Guide, Role chaining). Seconds. */
export const CHAIN_MAX_SECONDS = 3600;

/** Why STS refused, as far as the next step depends on it. */
export type StsCause =
  /** The assertion is older than five minutes: get a new one, once. */
  | "expired-assertion"
  /** The duration is above the role's MaxSessionDuration or outside what the call takes. */
  | "duration"
  /** The trust policy does not let this user in, or the role does not exist. */
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
  /** Too many roles are in it. */
  | "assertion-too-long"
  /** Signed calls: the credentials are over. */
  | "expired-credentials"
  /** Signed calls: AWS does not know the credentials. */
  | "invalid-credentials"
  /** Signed calls: the signature or its time is wrong. */
  | "signature"
  | "other";

/** What the `Date` header of an answer told, when there was one. */
export interface Dated {
  /** AWS's clock minus this computer's, in milliseconds (precise to a second or so): positive when this one is behind. */
  readonly dateSkewMs?: number;
}

export interface StsRefused extends Dated {
  readonly kind: "refused";
  readonly cause: StsCause;
  /** AWS's error code, printable. */
  readonly code: string;
  /** AWS's words, printable. */
  readonly message: string;
  readonly status: number;
}

export interface StsUnavailable extends Dated {
  readonly kind: "unavailable";
  /** Completes "cannot …: "; printable. */
  readonly message: string;
  /** When an answer came, though none that can be used. */
  readonly status?: number;
  /** AWS's error code, printable, when the answer held one: AWS itself has answered then. */
  readonly code?: string;
  /** When no answer came. */
  readonly network?: HttpError["kind"];
}

/** Credentials with the clock difference, when STS sent its time. */
export type StsGranted = StsCredentials & Dated;
export type StsOutcome = StsGranted | StsRefused | StsUnavailable;
export type IdentityOutcome = (CallerIdentity & Dated) | StsRefused | StsUnavailable;

/** What an error that AWS named means. `proof` is what the request was made with: an assertion or signing keys. */
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

/** AWS STS API, Common Errors, for what only a signed request can meet. */
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
