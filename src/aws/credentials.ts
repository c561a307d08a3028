/** Temporary AWS credentials, as STS grants them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiration: number;
}

/** What a session may do at most: it gets what both its role and these allow (AWS IAM User Guide, Session policies). */
export interface SessionPolicy {
  /** ARNs of managed policies. */
  readonly arns: readonly string[];
  /** A policy as JSON. */
  readonly document?: string;
}
