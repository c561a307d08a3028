/**
 * Judges a Signature Version 4 request by what its SignedHeaders name, with the signer of the AWS SDK: it shares no code
 * with the program. Source: AWS, "Signature Version 4 signing process".
 */
import { createHash } from "node:crypto";
import type { WireRequest } from "./http_server.ts";
import type { SimulatedKey } from "./scenario.ts";

export type Verdict =
  | { readonly ok: true; readonly key: SimulatedKey; readonly region: string }
  | { readonly ok: false; readonly status: 400 | 403; readonly code: string; readonly message: string };

const MAX_SKEW_MS = 300_000;

/** The region of the credential scope, when there is one. */
export function signedRegion(authorization: string | undefined): string | undefined {
  return /Credential=[^/,\s]+\/\d{8}\/([^/]+)\//.exec(authorization ?? "")?.[1];
}

/** `now` in milliseconds since the epoch. */
export async function verifySignature(
  request: WireRequest,
  keys: (accessKeyId: string) => SimulatedKey | undefined,
  now: number,
): Promise<Verdict> {
  const authorization = request.headers.get("authorization");
  if (authorization === undefined) {
    return refuse(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
  }
  const parts = new RegExp(
    "^AWS4-HMAC-SHA256 Credential=([^/,\\s]+)/(\\d{8})/([^/,\\s]+)/sts/aws4_request,\\s*" +
      "SignedHeaders=([a-z0-9;-]+),\\s*Signature=([0-9a-f]{64})$",
  ).exec(authorization);
  const stamp = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(request.headers.get("x-amz-date") ?? "");
  if (!parts || !stamp) {
    return refuse(400, "IncompleteSignature", "Request must contain a complete signature for the service sts");
  }
  const [, accessKeyId, day, region, signedNames, signature] = parts as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const names = signedNames.split(";");
  if (!names.includes("host") || !names.includes("x-amz-date")) {
    return refuse(400, "IncompleteSignature", "host and x-amz-date must be signed");
  }
  if (names.join() !== [...names].sort().join() || names.some((name) => !request.headers.has(name))) {
    return refuse(400, "IncompleteSignature", "SignedHeaders are not sorted or name a header that was not sent");
  }
  const [, year, month, date, hour, minute, second] = stamp;
  const signedAt = Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`);
  if (Math.abs(now - signedAt) > MAX_SKEW_MS) {
    return refuse(
      403,
      "SignatureDoesNotMatch",
      `Signature expired: ${stamp[0]} is not within 5 minutes of the time here`,
    );
  }
  if (`${year}${month}${date}` !== day) {
    return refuse(403, "SignatureDoesNotMatch", "Date in Credential scope does not match the date of the request");
  }
  const key = keys(accessKeyId);
  if (!key || key.sessionToken !== request.headers.get("x-amz-security-token")) {
    return refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
  }
  if (key.sessionToken !== undefined && !names.includes("x-amz-security-token")) {
    return refuse(403, "SignatureDoesNotMatch", "x-amz-security-token must be signed");
  }
  const digest = request.headers.get("x-amz-content-sha256");
  if (digest !== undefined && digest !== createHash("sha256").update(request.body).digest("hex")) {
    return refuse(403, "SignatureDoesNotMatch", "x-amz-content-sha256 does not match the body");
  }
  const expected = await signatureOf(request, names, key, region, new Date(signedAt));
  if (expected !== signature) {
    return refuse(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
  }
  if (key.expiresAt !== undefined && now >= key.expiresAt) {
    return refuse(403, "ExpiredToken", "The security token included in the request is expired");
  }
  return { ok: true, key, region };
}

async function signatureOf(
  request: WireRequest,
  names: readonly string[],
  key: SimulatedKey,
  region: string,
  signingDate: Date,
): Promise<string | undefined> {
  // Loaded where it is needed, since that takes 100 ms and few tests sign.
  const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
    import("@smithy/signature-v4"),
    import("@aws-crypto/sha256-js"),
  ]);
  const signer = new SignatureV4({
    service: "sts",
    region,
    sha256: Sha256,
    applyChecksum: false,
    credentials: {
      accessKeyId: key.accessKeyId,
      secretAccessKey: key.secretAccessKey,
      ...(key.sessionToken === undefined ? {} : { sessionToken: key.sessionToken }),
    },
  });
  const signed = await signer.sign({
    method: request.method,
    protocol: "http:",
    hostname: request.headers.get("host") ?? "",
    path: request.path,
    query: Object.fromEntries(request.query),
    headers: Object.fromEntries(names.map((name) => [name, request.headers.get(name) ?? ""])),
    body: request.body,
  }, { signingDate, signableHeaders: new Set(names) });
  return /Signature=([0-9a-f]{64})$/.exec(signed.headers["authorization"] ?? "")?.[1];
}

function refuse(status: 400 | 403, code: string, message: string): Verdict {
  return { ok: false, status, code, message };
}
