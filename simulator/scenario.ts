/** What a test chooses: the people, devices, apps and roles there are, and what goes wrong. */
import type { Reply } from "./http_server.ts";

export type Route =
  | "token"
  | "token-legacy"
  | "revoke"
  | "rate-limit"
  | "assertion"
  | "verify-factor"
  | "otp-devices"
  | "mfa-devices"
  | "AssumeRoleWithSAML"
  | "AssumeRole"
  | "GetCallerIdentity"
  /** Nothing is asked of STS: the connection is opened for the request that follows. */
  | "open"
  | "getSigninToken"
  | "login"
  | "unknown";

/**
 * How a second factor completes:
 * - `push`: a push that is approved while the client polls, or the code of the app;
 * - `message`: a code that is sent first (SMS, mail);
 * - `call`: a call that is answered while the client polls, or a code;
 * - `code`: a code the person has (TOTP, YubiKey);
 * - `impossible`: not through this API.
 */
export type DeviceKind = "push" | "message" | "call" | "code" | "impossible";

export interface SimulatedDevice {
  /** Digits as a text are a number on the wire too: one above 2^53 cannot be written otherwise. */
  readonly id: number | string;
  /** `device_type`, as the service spells it. */
  readonly type: string;
  /** How it completes; by default what the documented type does, and "code" for an unknown type. */
  readonly kind?: DeviceKind;
  /** The code that is right, once it was sent for devices that send one. */
  readonly code?: string;
  /** `user_display_name` in the device details. */
  readonly label?: string;
  /** `type_display_name` in the device details; the type when absent. */
  readonly displayType?: string;
  readonly active?: boolean;
  readonly isDefault?: boolean;
  /** Further fields in the list of the assertion call, such as Duo's `duo_api_hostname`. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface SimulatedUser {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly id: number;
  readonly firstname?: string;
  readonly lastname?: string;
  /** Empty: no second factor. */
  readonly devices: readonly SimulatedDevice[];
  /** A second factor is asked for and the list of devices is missing or empty in the reply. */
  readonly deviceList?: "missing" | "empty";
  /** Wrong passwords until the account locks; 0 is never. Default 5. */
  readonly lockAfter?: number;
  readonly locked?: boolean;
  /** Apps the user is assigned to; all when absent. */
  readonly apps?: readonly string[];
  /** Those of the app when absent. */
  readonly roles?: readonly RoleValue[];
  /** Refuses even the right password with this text, such as an expired password or a device to enrol. */
  readonly refusal?: { readonly status: number; readonly message: string };
  /** The reply has no `user`, or one without `id`. */
  readonly userField?: "missing" | "without-id";
  /** RoleSessionName; the mail address when absent. */
  readonly sessionName?: string;
}

/** A pair in the Role attribute. A plain string is the value itself, `xml` is markup put in unescaped. */
export type RoleValue = string | { readonly xml: string } | SimulatedRole;

export interface SimulatedRole {
  readonly roleArn: string;
  readonly providerArn: string;
  readonly order?: "role-first" | "provider-first";
  /** Spaces and line ends around the parts. */
  readonly blanks?: boolean;
}

interface SimulatedApp {
  readonly id: string;
  /** The scenario's roles when absent. */
  readonly roles?: readonly RoleValue[];
}

/** What AWS knows about a role. Unlisted roles trust the provider and allow 43200 s. */
interface RoleRule {
  /** Seconds. */
  readonly maxSessionDuration?: number;
  /** False: the trust policy refuses. */
  readonly trusted?: boolean;
  /** The trust policy asks for this external id. */
  readonly externalId?: string;
}

/** Keys that exist before the test begins, such as long-term keys of an IAM user. */
export interface SimulatedKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly arn: string;
  readonly account: string;
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Came from a role session through AssumeRole: the console takes no SessionDuration for these. */
  readonly chained?: boolean;
}

/** When a push, or a call, is answered by its owner. */
export type PushAnswer =
  /** The nth poll after the push is answered with success; 0: the push itself is. */
  | { readonly approveAfterPolls: number }
  /** On the simulator's clock, from the push on. */
  | { readonly approveAfterMs: number }
  | { readonly rejectAfterPolls: number }
  | "never";

export interface SamlOptions {
  /** Instead of the one that names the app. */
  readonly issuer?: string;
  /** Prefix of the assertion namespace; "" is the default namespace. */
  readonly prefix?: "saml" | "saml2" | "";
  /** Seconds; the attribute is left out when absent. */
  readonly sessionDuration?: number;
  /** Session tags: `PrincipalTag:<key>` attributes. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitiveTagKeys?: readonly string[];
  /** A comment inside every ARN. */
  readonly comments?: boolean;
  /** Every value as CDATA. */
  readonly cdata?: boolean;
  /** Commas as numeric references. */
  readonly references?: boolean;
  readonly doctype?: boolean;
  /** Several Role attributes with one value each, instead of one with several values. */
  readonly splitRoles?: boolean;
  /** "absent": no Role attribute. "default": the single value "Default". "empty": one empty value. */
  readonly roleAttribute?: "absent" | "default" | "empty";
  readonly encrypted?: boolean;
  /** The signature carries a marker that STS refuses. */
  readonly badSignature?: boolean;
  readonly wrongAudience?: boolean;
  /** Times with milliseconds and an offset instead of whole seconds and Z. */
  readonly fractionalTimes?: boolean;
  /** The document was issued this long before it was handed out, in milliseconds. */
  readonly ageMs?: number;
  /** NotBefore and NotOnOrAfter lie this far from the issue, in milliseconds. Default 3 minutes. */
  readonly windowMs?: number;
  /** After the issue, in milliseconds. Default 24 hours. */
  readonly sessionNotOnOrAfterMs?: number;
  readonly signed?: "response" | "assertion";
  /** Handed out instead of the document: base64 of something that is no XML, or no base64 at all. */
  readonly garbage?: "no-xml" | "no-base64";
}

/**
 * Something that happens to one request. Unless `handled`, the service does not act on it: no state changes.
 * Times are milliseconds.
 */
export type Fault =
  | { readonly kind: "reset" | "close" | "stall"; readonly handled?: boolean }
  /** The real answer, broken off after `bytes` bytes of its body (default: half). */
  | { readonly kind: "reset-mid-body" | "close-mid-body" | "stall-mid-body"; readonly bytes?: number }
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: "delay"; readonly ms: number }
  | {
    readonly kind: "answer";
    readonly status: number;
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
  }
  | { readonly kind: "raw"; readonly bytes: string | Uint8Array }
  | { readonly kind: "rewrite"; readonly reply: (reply: Reply) => Reply };

export type Trouble =
  | Fault
  | "rate-limited"
  | "error-500-html"
  | "gateway-502-html"
  | "gateway-504-html"
  | "error-under-200"
  | "bearer-401"
  | "insufficient-permission"
  | "truncated"
  | "wrong-types"
  | "empty-body"
  | "empty-object"
  | "throttling"
  | "unavailable-503"
  | "malformed-xml"
  | "missing-credentials"
  | "reset";

export interface Scenario {
  readonly seed: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly subdomain: string;
  readonly users: readonly SimulatedUser[];
  readonly apps: readonly SimulatedApp[];
  readonly roles: readonly RoleValue[];
  readonly push: PushAnswer;
  /** What the API client may do: only assertions, or also read users, their devices and the rate limit. */
  readonly scope: "authentication-only" | "read-users";
  /** Addresses for which no second factor is asked when sent as `ip_address`. */
  readonly mfaBypassAddresses: readonly string[];
  /** How often an assertion request is answered "pending" first. */
  readonly pendingAssertions: number;
  /** Seconds. */
  readonly tokenLife: number;
  /** Shape of the token reply: flat, or `data` as an array or an object beside `status`. */
  readonly tokenBody: "flat" | "array" | "object";
  /** Milliseconds. */
  readonly stateTokenLifeMs: number;
  readonly stateExpiredStatus: 400 | 401;
  /** Host in `callback_url`: another one than that of the simulator, so that a client that follows it fails. */
  readonly callbackHost: string;
  /** OneLogin's errors arrive with HTTP status 200, the code only in the body. */
  readonly errorsUnder200: boolean;
  readonly rateLimit: { readonly limit: number; readonly remaining: number; readonly resetSeconds: number };
  readonly saml: SamlOptions;
  readonly roleRules: Readonly<Record<string, RoleRule>>;
  readonly keys: readonly SimulatedKey[];
  /** The partition of the STS endpoint; roles of another one are unknown there. Any when absent. */
  readonly stsPartition: string | undefined;
  /** STS accepts an assertion for this long after it was issued, in milliseconds. */
  readonly assertionLifeMs: number;
  /** Characters of base64. AWS takes 100000, which is some 400 roles. */
  readonly maxAssertionLength: number;
  /** Characters of session policies that fit into AWS's packed form; session tags take of it too. */
  readonly maxPackedPolicy: number;
  /** Namespace prefix in STS replies; the default namespace when empty. */
  readonly stsPrefix: string;
  /** `Expiration` with milliseconds. */
  readonly fractionalExpiration: boolean;
  /** Before each answer, in milliseconds. */
  readonly latencyMs: number | Partial<Record<Route, number>>;
  /** The Date header is this far from the clock, in milliseconds. */
  readonly dateSkewMs: number;
  /** What goes wrong: one entry for every request to the route, an array for the first requests one by one. */
  readonly trouble: Partial<Record<Route, Trouble | readonly (Trouble | undefined)[]>>;
  /** Asked before each request is handled. */
  readonly faults: (request: Recorded) => Fault | undefined;
}

/** One request as a test may look at it. Contains no secret. */
export interface Recorded {
  readonly index: number;
  /** The simulator's clock. */
  readonly time: number;
  /** Counts `beginRun()` calls, so that the requests of two runs of the program can be told apart. */
  readonly run: number;
  readonly service: "onelogin" | "sts" | "signin" | "unknown";
  readonly route: Route;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly apiVersion?: 1 | 2;
  /** Lower case. */
  readonly headerNames: readonly string[];
  readonly userAgent: string;
  readonly contentType: string | undefined;
  /** Keys of the body, or of the query for the console. */
  readonly keys: readonly string[];
  /** Values of the fields that are not secret, with the type they had. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Region in the signature, for signed requests. */
  readonly signedRegion?: string;
  /** When the answer was ready, by the same clock; undefined before. */
  readonly answered?: number;
  /** The status answered; undefined while the answer is due, and when there was none (reset, stall, raw bytes). */
  readonly status: number | undefined;
}
