/** Signs requests to AWS (Signature Version 4). It sends nothing: all requests use the one HTTP client. */

import { defined } from "../defined.ts";
import { AwsV4Signer } from "aws4fetch";
import { Exit, UserError } from "../errors.ts";
import type { Credentials } from "./credentials.ts";

interface SignInput {
  readonly url: string;
  /** All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly service: string;
  readonly region: string;
  readonly credentials: Pick<Credentials, "accessKeyId" | "secretAccessKey"> & { readonly sessionToken?: string };
  /** The signing time: milliseconds since the epoch. AWS takes five minutes to either side. */
  readonly nowMs: number;
}

/**
 * The headers of a signed POST: those given, `authorization`, `x-amz-date` and `x-amz-security-token`; names in lower
 * case. Source: AWS IAM User Guide, Create a signed AWS API request.
 *
 * @throws {UserError} exit 6 when the credentials contain characters that are invalid in a header.
 */
export async function signPost(input: SignInput): Promise<Readonly<Record<string, string>>> {
  const { accessKeyId, secretAccessKey, sessionToken } = input.credentials;
  if (![accessKeyId, secretAccessKey, sessionToken ?? "-"].every((text) => /^[\x21-\x7e]+$/.test(text))) {
    throw new UserError(
      "cannot sign a request to AWS: the credentials contain spaces or characters that no AWS key has",
      { exit: Exit.sts, hint: "get new credentials and try again" },
    );
  }
  const signer = new AwsV4Signer({
    method: "POST",
    url: input.url,
    headers: { ...input.headers },
    body: input.body,
    accessKeyId,
    secretAccessKey,
    ...defined({ sessionToken }),
    service: input.service,
    region: input.region,
    datetime: new Date(input.nowMs).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    // Without it the content type is not signed.
    allHeaders: true,
  });
  const { headers } = await signer.sign();
  return Object.fromEntries(headers);
}
