/** Credentials that identify their write, and the check that a whole set belongs to one write. */

import type { Credentials } from "../../src/aws/credentials.ts";

export function credentialsNumber(id: string, n: number): Credentials {
  // Long, as real tokens are: a write of several blocks shows a torn file sooner.
  const pad = "x".repeat(600 + (n * 37) % 900);
  return {
    accessKeyId: `ASIAW${id}N${n}`,
    secretAccessKey: `secret/${id}/${n}`,
    sessionToken: `token/${id}/${n}/${pad}`,
    expiration: Date.UTC(2027, 0, 15) + n * 1000,
  };
}

/** The number of the write a section contains, or undefined when it is not whole: keys of different writes, or cut off. */
export function numberOf(id: string, values: ReadonlyMap<string, string> | undefined): number | undefined {
  const n = Number(/N(\d+)$/.exec(values?.get("aws_access_key_id") ?? "")?.[1]);
  if (values === undefined || !Number.isInteger(n)) return undefined;
  const want = credentialsNumber(id, n);
  const whole = values.get("aws_access_key_id") === want.accessKeyId &&
    values.get("aws_secret_access_key") === want.secretAccessKey &&
    values.get("aws_session_token") === want.sessionToken &&
    values.get("aws_security_token") === want.sessionToken &&
    values.get("x_security_token_expires") === `${new Date(want.expiration).toISOString().slice(0, 19)}Z`;
  return whole ? n : undefined;
}
