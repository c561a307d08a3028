/** Decodes replies of AWS STS. Nothing here throws: every reply becomes one of the kinds below. */

import { attempt, printable } from "../errors.ts";
import type { HttpReply } from "../io/deps.ts";
import { parseInstant } from "../saml/instant.ts";
import { elementsOf, textOf, type XmlElement, xmlReader } from "../saml/xml.ts";
import type { Credentials } from "./credentials.ts";

export interface StsCredentials {
  readonly kind: "credentials";
  readonly credentials: Credentials;
  /** `arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com`; without the role's path. */
  readonly assumedRoleArn: string;
}

export interface CallerIdentity {
  readonly kind: "identity";
  readonly arn: string;
  /** 12 digits. */
  readonly accountId: string;
}

/** An error from AWS. */
export interface StsFault {
  readonly kind: "fault";
  /** Such as `AccessDenied`; printable. */
  readonly code: string;
  /** AWS's words, printable. */
  readonly message: string;
  readonly status: number;
}

/** Not a documented STS reply: a proxy's page, half a document, missing fields. */
export interface StsUnexpected {
  readonly kind: "unexpected";
  /** Completes "unexpected reply from AWS STS: "; printable. */
  readonly message: string;
  readonly status: number;
}

/** Neither contains a character that is special in a shell or file. */
const SECRET = /^[A-Za-z0-9+/=_.:~,@-]+$/;
/** AWS STS API, Credentials: AccessKeyId. */
const ACCESS_KEY_ID = /^[A-Za-z0-9_]{16,128}$/;
/** AWS sets no maximum; this is far more than it sends, and less than breaks an environment. */
const SECRET_MAX = 32 * 1024;
const STS_ARN = /^arn:[a-z0-9-]+:(?:sts|iam)::\d{12}:[\x21-\x7e]{1,2000}$/;

/** The reply to `AssumeRoleWithSAML` or `AssumeRole` (AWS STS API, Credentials and AssumedRoleUser). */
export async function decodeAssumed(
  action: "AssumeRoleWithSAML" | "AssumeRole",
  reply: HttpReply,
): Promise<StsCredentials | StsFault | StsUnexpected> {
  const result = await readResult(action, reply);
  if (result.kind !== "result") return result;
  const text = (...path: readonly string[]) => textAt(result.element, path);
  const accessKeyId = text("Credentials", "AccessKeyId");
  const secretAccessKey = text("Credentials", "SecretAccessKey");
  const sessionToken = text("Credentials", "SessionToken");
  const expiration = parseInstant(text("Credentials", "Expiration") ?? "");
  const assumedRoleArn = text("AssumedRoleUser", "Arn");
  if (accessKeyId === undefined || !ACCESS_KEY_ID.test(accessKeyId)) return missing("access key id", reply);
  if (secretAccessKey === undefined || !isSecret(secretAccessKey)) return missing("secret access key", reply);
  if (sessionToken === undefined || !isSecret(sessionToken)) return missing("session token", reply);
  if (expiration === undefined) return missing("expiration", reply);
  if (assumedRoleArn === undefined || !STS_ARN.test(assumedRoleArn)) return missing("assumed role ARN", reply);
  return {
    kind: "credentials",
    credentials: { accessKeyId, secretAccessKey, sessionToken, expiration },
    assumedRoleArn,
  };
}

/** The reply to `GetCallerIdentity`. */
export async function decodeIdentity(reply: HttpReply): Promise<CallerIdentity | StsFault | StsUnexpected> {
  const result = await readResult("GetCallerIdentity", reply);
  if (result.kind !== "result") return result;
  const arn = textAt(result.element, ["Arn"]);
  const accountId = textAt(result.element, ["Account"]);
  if (arn === undefined || !STS_ARN.test(arn)) return missing("ARN", reply);
  if (accountId === undefined || !/^\d{12}$/.test(accountId)) return missing("account id", reply);
  return { kind: "identity", arn, accountId };
}

function isSecret(text: string): boolean {
  return text.length <= SECRET_MAX && SECRET.test(text);
}

function missing(what: string, reply: HttpReply): StsUnexpected {
  return unexpected(`no usable ${what} in it`, reply);
}

function unexpected(message: string, { status }: HttpReply): StsUnexpected {
  return { kind: "unexpected", message, status };
}

async function readResult(
  action: string,
  reply: HttpReply,
): Promise<{ readonly kind: "result"; readonly element: XmlElement } | StsFault | StsUnexpected> {
  const root = await tryXml(reply.body);
  if (reply.status === 200) {
    if (!root) return unexpected("it is not XML", reply);
    const element = root.name === `${action}Response` ? child(root, `${action}Result`) : undefined;
    return element ? { kind: "result", element } : unexpected(`there is no ${action}Result in it`, reply);
  }
  const error = root?.name === "ErrorResponse" ? child(root, "Error") : undefined;
  const code = error && textAt(error, ["Code"]);
  if (!error || code === undefined || code === "") return unexpected(`HTTP status ${reply.status}`, reply);
  return {
    kind: "fault",
    code: printable(code, 100),
    message: printable(textAt(error, ["Message"]) ?? ""),
    status: reply.status,
  };
}

async function tryXml(body: string): Promise<XmlElement | undefined> {
  // STS replies have a few kilobytes; ignore anything larger.
  if (body.length > 256 * 1024) return undefined;
  const readXml = await xmlReader();
  return attempt(() => readXml(body));
}

/** By local name: some STS emulators use a prefix where AWS uses the default namespace. */
function child(element: XmlElement, name: string): XmlElement | undefined {
  return elementsOf(element).find((each) => each.name === name);
}

function textAt(element: XmlElement, path: readonly string[]): string | undefined {
  const found = path.reduce<XmlElement | undefined>((at, name) => at && child(at, name), element);
  return found && textOf(found).trim();
}
