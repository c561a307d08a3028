/** What `serve` answers to a request: the container credential provider of the AWS SDKs. */

import { attempt } from "../errors.ts";
import type { LoopbackReply, LoopbackRequest } from "../io/deps.ts";
import { errorReply } from "../io/loopback.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";
import { rfc3339 } from "../ui/process_json.ts";
import type { Keeper } from "../unattended/keep_fresh.ts";

/** What a request must bring. */
export interface Access {
  /** `127.0.0.1:PORT`, as printed: another name is one that a web page made up for this address. */
  readonly host: string;
  readonly token: string;
}

/** The reply. Nothing about the credentials depends on what a caller without the token sends. */
export async function serveReply(
  { method, target, headers }: LoopbackRequest,
  access: Access,
  keeper: Pick<Keeper, "get">,
): Promise<LoopbackReply> {
  if (headers["host"] !== access.host) return errorReply(403, "WrongHost", `use http://${access.host}`);
  // A web browser sends one of them with every request that a page makes.
  if (["origin", "sec-fetch-site", "sec-fetch-mode"].some((name) => name in headers)) {
    return errorReply(403, "WebPage", "web pages get no credentials");
  }
  if (method !== "GET") return errorReply(405, "MethodNotAllowed", "use GET");
  if (!isSame(headers["authorization"] ?? "", access.token)) {
    return errorReply(401, "Unauthorized", "the Authorization header does not contain the token that serve printed");
  }
  const name = nameIn(target);
  const answer = name === undefined ? { kind: "unknown" as const } : await keeper.get(name);
  switch (answer.kind) {
    case "live":
      return { status: 200, body: JSON.stringify(containerObject(answer.granted)) };
    case "unknown":
      return errorReply(404, "NotFound", "serve has no credentials at this path");
    case "none":
      return errorReply(503, "NotReady", answer.why);
  }
}

/** AWS SDKs and Tools Reference Guide, "Container credential provider". */
function containerObject({ credentials, role }: ProfileCredentials): Readonly<Record<string, unknown>> {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: rfc3339(credentials.expiration),
    RoleArn: role.roleArn,
    AccountId: role.accountId,
  };
}

export function pathOf(name: string): string {
  return `/${encodeURIComponent(name)}`;
}

function nameIn(target: string): string | undefined {
  return attempt(() => decodeURIComponent(target.slice(1)));
}

/** Compares in a time that does not depend on where the texts differ. */
function isSame(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let index = 0; index < expected.length; index++) {
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index);
  }
  return difference === 0;
}
