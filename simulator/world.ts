/** The state of the simulated services, which requests change. */
import type { Random } from "./random.ts";
import type { Scenario, SimulatedKey, SimulatedUser } from "./scenario.ts";

/** Milliseconds since the epoch. */
export interface SimulatedClock {
  now(): number;
  advance(ms: number): void;
  set(ms: number): void;
}

export type SecretKind =
  | "password"
  | "code"
  | "client-secret"
  | "bearer"
  | "state-token"
  | "assertion"
  | "secret-key"
  | "session-token"
  | "signin-token";

export interface Secret {
  readonly kind: SecretKind;
  readonly value: string;
}

export interface IssuedAssertion {
  readonly base64: string;
  readonly issuedAt: number;
  readonly issuer: string;
  readonly recipient: string;
  readonly sessionName: string;
  readonly subject: string;
  readonly pairs: readonly { readonly roleArn: string; readonly providerArn: string }[];
  /** Milliseconds since the epoch. */
  readonly notOnOrAfter: number;
  readonly sessionNotOnOrAfter: number;
  /** Seconds. */
  readonly sessionDuration: number | undefined;
  readonly badSignature: boolean;
  readonly wrongAudience: boolean;
}

/** A login that waits for its second factor. */
export interface PendingLogin {
  readonly stateToken: string;
  readonly user: SimulatedUser;
  readonly appId: string;
  readonly apiVersion: 1 | 2;
  readonly expiresAt: number;
  used: boolean;
  /** Devices that were sent a push, a message or a call. */
  readonly notified: Map<number | string, { readonly at: number; polls: number }>;
  decision: "approved" | "rejected" | undefined;
}

export interface World {
  scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly unexpected: string[];
  readonly secrets: Secret[];
  readonly startedAt: number;
  run: number;
  notifications: number;
  passwordPosts: number;
  resourceCalls: number;
  pendingAssertionsLeft: number;
  /** Access token to the time it expires. */
  readonly tokens: Map<string, number>;
  currentToken: string | undefined;
  readonly logins: Map<string, PendingLogin>;
  readonly assertions: IssuedAssertion[];
  readonly issuedKeys: Map<string, SimulatedKey>;
  readonly signinTokens: Map<string, number>;
  /** Wrong passwords per user name. */
  readonly wrongPasswords: Map<string, number>;
  /** Users that know that they are locked. */
  readonly toldLocked: Set<string>;
  /** User name and password pairs that were refused. */
  readonly refused: Set<string>;
  /** Whole logins that ended in an error during this run of the program. */
  readonly failedInRun: Set<string>;
}

/** Where a handler reports that a request is not one the documentation allows. */
export type Complain = (why: string) => void;
