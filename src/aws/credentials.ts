/** Temporary AWS credentials from STS. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiration: number;
}

/** Session policies: the session gets what both its role and these policies allow (AWS IAM User Guide, Session policies). */
export interface SessionPolicy {
  /** ARNs of managed policies. */
  readonly arns: readonly string[];
  /** A policy as JSON. */
  readonly document?: string;
}
