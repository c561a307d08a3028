/**
 * Parses OneLogin's SAML response. It is treated as hostile: AWS checks its signature, this program cannot.
 * The parsed values are only for display and selection; AWS gets the original text, byte for byte.
 */

import { Buffer } from "node:buffer";
import { defined } from "../defined.ts";
import { Exit, printable, UserError } from "../errors.ts";
import type { Clock } from "../io/deps.ts";
import { inPieces, type Pieces } from "../io/pieces.ts";
import { parseInstant } from "./instant.ts";
import type { Role } from "./role_arn.ts";
import { readRoles } from "./roles.ts";
import { elementsOf, type ReadXml, textOf, type XmlElement, XmlError, xmlReader } from "./xml.ts";

export interface Assertion {
  /** As received from OneLogin: what AWS STS gets. A secret while it is valid. */
  readonly base64: string;
  /** Without placeholders and duplicates, in the assertion's order; empty when the user has no AWS role. */
  readonly roles: readonly Role[];
  /** Warnings for the user, one line each, safe to print. */
  readonly warnings: readonly string[];
  /** Milliseconds since the epoch. AWS accepts an assertion for five minutes from here. */
  readonly issueInstant?: number;
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
  /** Milliseconds since the epoch. */
  readonly notOnOrAfter?: number;
  /** Milliseconds since the epoch; credentials expire then at the latest. */
  readonly sessionNotOnOrAfter?: number;
  /** Seconds; AWS shortens credentials to it. */
  readonly sessionDuration?: number;
  readonly roleSessionName?: string;
  /** Tags of the session, for conditions in policies. */
  readonly sessionTags?: Readonly<Record<string, string>>;
  /** Keys of the tags that stay when another role is assumed from the session. */
  readonly transitiveTagKeys?: readonly string[];
  /** The name that AWS's logs keep across assumed roles. */
  readonly sourceIdentity?: string;
  /** The issuer: for OneLogin a URL that identifies the app. */
  readonly issuer?: string;
  /** The user name that OneLogin sends, usually the email address. */
  readonly nameId?: string;
}

/** Decoded size. AWS accepts 100 000 characters of base64, which is 75 000 bytes. */
const MAX_BYTES = 1024 * 1024;
/** AWS STS, AssumeRoleWithSAML: SAMLAssertion. */
const STS_MAX_CHARACTERS = 100_000;
const PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol";
const SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
/** AWS IAM User Guide, Configure SAML assertions for the authentication response. Case matters. */
const AWS_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/";
const TAG_ATTRIBUTE = `${AWS_ATTRIBUTE}PrincipalTag:`;

/**
 * Parses a SAML response.
 *
 * @param base64 standard base64; white space is ignored.
 * @throws {UserError} exit 3 when it is not a SAML response with a readable assertion. No role is not an error.
 */
export type ReadAssertion = (base64: string) => Assertion;

/** Loads the XML parser. */
export async function assertionReader(): Promise<ReadAssertion> {
  const readXml = await xmlReader();
  return (base64) => readAssertion(base64, readXml);
}

/**
 * Parses a response that a service has just sent, then checks for a signal that arrived meanwhile.
 *
 * @throws what {@linkcode ReadAssertion} throws, or the signal's reason.
 */
export async function readReceived(
  base64: string,
  deps: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<Assertion> {
  const read = await assertionReader();
  const reading = function* (): Pieces<Assertion> {
    const assertion = read(base64);
    yield;
    return assertion;
  };
  return await inPieces(reading(), deps);
}

function readAssertion(base64: string, readXml: ReadXml): Assertion {
  const response = readRoot(decodeUtf8(decodeBase64(base64)), readXml);
  if (response.name !== "Response" || response.namespace !== PROTOCOL) {
    throw unreadable("it is not a SAML 2.0 response");
  }
  const assertions = childrenNamed(response, "Assertion");
  if (assertions.length === 0) throw noAssertion(response);

  const attributes = assertions
    .flatMap((assertion) => childrenNamed(assertion, "AttributeStatement"))
    .flatMap((statement) => childrenNamed(statement, "Attribute"));
  const values = (name: string) =>
    attributes
      .filter((attribute) => attribute.attributes.get("Name") === AWS_ATTRIBUTE + name)
      .flatMap((attribute) => childrenNamed(attribute, "AttributeValue"))
      .map((value) => textOf(value).trim());
  const { roles, malformed } = readRoles(values("Role"));
  const tags = attributes.flatMap((attribute) => {
    const name = attribute.attributes.get("Name") ?? "";
    if (!name.startsWith(TAG_ATTRIBUTE)) return [];
    const [value] = childrenNamed(attribute, "AttributeValue");
    return [[name.slice(TAG_ATTRIBUTE.length), value === undefined ? "" : textOf(value).trim()] as const];
  });
  const transitive = values("TransitiveTagKeys").filter((key) => key !== "");

  const conditions = assertions.flatMap((assertion) => childrenNamed(assertion, "Conditions"));
  const statements = assertions.flatMap((assertion) => childrenNamed(assertion, "AuthnStatement"));
  const duration = values("SessionDuration")[0];
  const sessionDuration = duration !== undefined && /^\d{1,6}$/.test(duration) ? Number(duration) : undefined;

  return {
    base64,
    roles,
    warnings: [
      ...malformed.map((reason) => `skipping a role of the SAML assertion: ${reason}`),
      ...(base64.length > STS_MAX_CHARACTERS
        ? [
          `the SAML assertion has ${base64.length} characters and AWS accepts at most ${STS_MAX_CHARACTERS}: ` +
          "too many roles are mapped to this user",
        ]
        : []),
      ...(childrenNamed(response, "EncryptedAssertion").length > 0
        ? ["the SAML response also contains an encrypted assertion, whose roles cannot be read"]
        : []),
    ],
    ...defined({
      issueInstant: earliest(instants(assertions, "IssueInstant")) ?? instants([response], "IssueInstant")[0],
      notBefore: latest(instants(conditions, "NotBefore")),
      notOnOrAfter: earliest(instants(conditions, "NotOnOrAfter")),
      sessionNotOnOrAfter: earliest(instants(statements, "SessionNotOnOrAfter")),
      sessionDuration,
      roleSessionName: values("RoleSessionName").find((name) => name !== ""),
      sessionTags: tags.length === 0 ? undefined : Object.fromEntries(tags),
      transitiveTagKeys: transitive.length === 0 ? undefined : transitive,
      sourceIdentity: values("SourceIdentity").find((name) => name !== ""),
      issuer: firstText(assertions.flatMap((assertion) => childrenNamed(assertion, "Issuer"))),
      nameId: firstText(
        assertions.flatMap((assertion) => childrenNamed(assertion, "Subject"))
          .flatMap((subject) => childrenNamed(subject, "NameID")),
      ),
    }),
  };
}

function unreadable(why: string, hint?: string): UserError {
  return new UserError(`cannot read the SAML assertion from OneLogin: ${why}`, {
    exit: Exit.refused,
    hint: hint ?? 'check that --onelogin-app-id is the id of an AWS app: run "onelogin-aws-assume-role doctor"',
  });
}

function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  // Allow twice the size for line ends; check before anything copies the text.
  if (base64.length > MAX_BYTES * 2) throw unreadable("it is larger than 1 MiB");
  const compact = base64.replace(/[ \t\r\n]+/g, "");
  if (compact === "") throw unreadable("it is empty");
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw unreadable("it is not base64");
  if (compact.length / 4 * 3 > MAX_BYTES + 2) throw unreadable("it is larger than 1 MiB");
  return new Uint8Array(Buffer.from(compact, "base64"));
}

function decodeUtf8(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable("it is not UTF-8 text");
  }
}

/** The signature of the response or assertion: AWS checks it, nothing here reads it, and it is often half of the text. */
function isSignature(name: string, depth: number): boolean {
  return depth <= 2 && /^(?:.*:)?Signature$/.test(name);
}

function readRoot(text: string, readXml: ReadXml): XmlElement {
  try {
    return readXml(text, isSignature);
  } catch (error) {
    if (error instanceof XmlError) throw unreadable(error.message);
    throw error;
  }
}

function noAssertion(response: XmlElement): UserError {
  if (childrenNamed(response, "EncryptedAssertion").length > 0) {
    return unreadable(
      "it is encrypted, so its AWS roles cannot be read",
      "ask the OneLogin administrator to turn off assertion encryption for the AWS app",
    );
  }
  const status = elementsOf(response).find((child) => child.name === "Status" && child.namespace === PROTOCOL);
  const code = status &&
    elementsOf(status).find((child) => child.name === "StatusCode")?.attributes.get("Value")?.split(":").at(-1);
  return unreadable(
    code === undefined || code === "Success"
      ? "the SAML response contains no assertion"
      : `the SAML response has the status "${printable(code, 100)}"`,
  );
}

/** AWS accepts an assertion for five minutes after its issue (AWS STS API, ExpiredTokenException). Milliseconds. */
export const ASSERTION_LIFE_MS = 5 * 60_000;

/**
 * The time from which AWS refuses an assertion, in milliseconds since the epoch; undefined when its time of
 * issue is missing.
 */
export function assertionEnd(assertion: Assertion): number | undefined {
  if (assertion.issueInstant === undefined) return undefined;
  return Math.min(assertion.issueInstant + ASSERTION_LIFE_MS, assertion.notOnOrAfter ?? Infinity);
}

function childrenNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return elementsOf(element).filter((child) => child.name === name && child.namespace === SAML);
}

function firstText(elements: readonly XmlElement[]): string | undefined {
  return elements.map((element) => textOf(element).trim()).find((text) => text !== "");
}

function instants(elements: readonly XmlElement[], attribute: string): readonly number[] {
  return elements.map((element) => parseInstant(element.attributes.get(attribute) ?? ""))
    .filter((instant) => instant !== undefined);
}

function earliest(instants: readonly number[]): number | undefined {
  return instants.length === 0 ? undefined : Math.min(...instants);
}

function latest(instants: readonly number[]): number | undefined {
  return instants.length === 0 ? undefined : Math.max(...instants);
}
