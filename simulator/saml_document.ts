/**
 * The SAML response OneLogin would issue. Its structure is that of real OneLogin responses; the attributes are those of
 * the IAM User Guide, "Configure SAML assertions for the authentication response". Nothing is signed: a marker in the
 * signature marks a wrong one.
 */
import type { RoleValue, SamlOptions, SimulatedUser } from "./scenario.ts";
import type { IssuedAssertion, World } from "./world.ts";

const ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/";
const RECIPIENT = "https://signin.aws.amazon.com/saml";
/** In the signature of a document whose signature is wrong. */
const BAD_SIGNATURE = "RkFLRUJBREZBS0VCQUQ=";

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Makes a response, remembers it, and registers it as a secret. */
export function issueAssertion(world: World, user: SimulatedUser, appId: string): IssuedAssertion {
  const { scenario, random, clock } = world;
  const options = scenario.saml;
  const issuedAt = Math.floor((clock.now() - (options.ageMs ?? 0)) / 1000) * 1000;
  const windowMs = options.windowMs ?? 180_000;
  const sessionNotOnOrAfter = issuedAt + (options.sessionNotOnOrAfterMs ?? 86_400_000);
  // The same for each response of an app.
  const issuer = options.issuer ??
    `https://app.onelogin.com/saml/metadata/5a3c1e9e-0000-4000-8000-${appId.padStart(12, "0")}`;
  const sessionName = user.sessionName ?? user.email;
  const values = roleValues(
    user.roles ?? scenario.apps.find((app) => app.id === appId)?.roles ?? scenario.roles,
    options,
  );
  const prefix = options.prefix ?? "saml";
  const tag = (name: string) => prefix === "" ? name : `${prefix}:${name}`;
  const xmlns = `xmlns${prefix === "" ? "" : `:${prefix}`}="urn:oasis:names:tc:SAML:2.0:assertion"`;
  const time = (ms: number) => samlTime(ms, options.fractionalTimes === true);
  const element = (name: string, attributes: string, content: string) =>
    `<${tag(name)}${attributes}>${content}</${tag(name)}>`;

  const assertionId = `pfx${random.uuid()}`;
  const signature = signatureXml(
    assertionId,
    random.base64(64) + (options.badSignature ? BAD_SIGNATURE : random.base64(64)),
  );
  const attribute = (name: string, contents: readonly string[]) =>
    element(
      "Attribute",
      ` NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic" Name="${ATTRIBUTE}${name}"`,
      contents.map((content) => element("AttributeValue", ` xsi:type="xs:string"`, content)).join(""),
    );
  const roleXml = options.roleAttribute === "absent"
    ? ""
    : options.splitRoles
    ? values.map((value) => attribute("Role", [value])).join("")
    : attribute("Role", values);
  const duration = options.sessionDuration === undefined
    ? ""
    : attribute("SessionDuration", [String(options.sessionDuration)]);
  const tags = Object.entries(options.tags ?? {}).map(([key, value]) =>
    attribute(`PrincipalTag:${escapeXml(key)}`, [escapeXml(value)])
  ).join("");
  const transitive = options.transitiveTagKeys === undefined
    ? ""
    : attribute("TransitiveTagKeys", options.transitiveTagKeys.map(escapeXml));
  const audience = options.wrongAudience ? "urn:example:other" : "urn:amazon:webservices";

  const signedAssertion = options.signed !== "response";
  const assertion = element(
    "Assertion",
    ` xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
      ` Version="2.0" ID="${assertionId}" IssueInstant="${time(issuedAt)}"`,
    element("Issuer", "", issuer) + (signedAssertion ? signature : "") +
      element(
        "Subject",
        "",
        element(
          "NameID",
          ` Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"`,
          escapeXml(user.email),
        ) + element(
          "SubjectConfirmation",
          ` Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"`,
          `<${tag("SubjectConfirmationData")} NotOnOrAfter="${time(issuedAt + windowMs)}" Recipient="${RECIPIENT}"/>`,
        ),
      ) +
      element(
        "Conditions",
        ` NotBefore="${time(issuedAt - windowMs)}" NotOnOrAfter="${time(issuedAt + windowMs)}"`,
        element("AudienceRestriction", "", element("Audience", "", audience)),
      ) +
      element(
        "AuthnStatement",
        ` AuthnInstant="${time(issuedAt - 1000)}" SessionNotOnOrAfter="${time(sessionNotOnOrAfter)}"` +
          ` SessionIndex="_${random.uuid()}"`,
        element(
          "AuthnContext",
          "",
          element("AuthnContextClassRef", "", "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"),
        ),
      ) +
      element(
        "AttributeStatement",
        "",
        attribute("RoleSessionName", [escapeXml(sessionName)]) + duration + tags + transitive + roleXml,
      ),
  );
  const content = options.encrypted
    ? element("EncryptedAssertion", "", `<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"/>`)
    : assertion;
  const xml = (options.doctype ? `<!DOCTYPE r [<!ENTITY e "x">]>` : "") +
    `<samlp:Response ${xmlns} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="R${random.hex(40)}"` +
    ` Version="2.0" IssueInstant="${time(issuedAt)}" Destination="${RECIPIENT}">` +
    element("Issuer", "", issuer) + (signedAssertion ? "" : signature) +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
    `${content}</samlp:Response>\n\n`;
  const base64 = options.garbage === "no-base64"
    ? "*** this is not base64 ***"
    : toBase64(options.garbage === "no-xml" ? "this is no XML at all\n\n" : xml);

  const issued: IssuedAssertion = {
    base64,
    issuedAt,
    issuer,
    recipient: RECIPIENT,
    sessionName,
    subject: user.email,
    pairs: values.flatMap((value) => pairOf(textOf(value))),
    notOnOrAfter: issuedAt + windowMs,
    sessionNotOnOrAfter,
    sessionDuration: options.sessionDuration,
    badSignature: options.badSignature === true,
    wrongAudience: options.wrongAudience === true,
  };
  world.assertions.push(issued);
  if (options.garbage === undefined) registerSecret(world, xml, base64);
  return issued;
}

/** A message may hold only a part of an assertion: a slice near its start and one within its signature are canaries. */
function registerSecret(world: World, xml: string, base64: string): void {
  for (const marker of [' ID="', "<ds:SignatureValue>"]) {
    const at = xml.indexOf(marker) + marker.length;
    const slice = base64.slice(Math.ceil(at / 3) * 4, Math.ceil(at / 3) * 4 + 40);
    world.secrets.push({ kind: "assertion", value: slice });
    world.secrets.push({ kind: "assertion", value: xml.slice(at, at + 40) });
  }
}

function signatureXml(id: string, value: string): string {
  return `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>` +
    `<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>` +
    `<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>` +
    `<ds:Reference URI="#${id}"><ds:Transforms>` +
    `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>` +
    `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>` +
    `<ds:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</ds:DigestValue></ds:Reference></ds:SignedInfo>` +
    `<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>` +
    `<ds:X509Certificate>RkFLRUNFUlQ=</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`;
}

/** The values of the Role attribute as markup. */
function roleValues(roles: readonly RoleValue[], options: SamlOptions): readonly string[] {
  if (options.roleAttribute === "absent") return [];
  if (options.roleAttribute === "default") return ["Default"];
  if (options.roleAttribute === "empty") return [""];
  return roles.map((role) => {
    if (typeof role === "object" && "xml" in role) return role.xml;
    const text = roleText(role);
    if (options.cdata) return `<![CDATA[${text}]]>`;
    const escaped = escapeXml(text);
    const referenced = options.references ? escaped.replaceAll(",", "&#44;") : escaped;
    return options.comments ? referenced.replace(/(:role\/\w)/, "$1<!-- x -->") : referenced;
  });
}

function roleText(role: Exclude<RoleValue, { readonly xml: string }>): string {
  if (typeof role === "string") return role;
  const parts = role.order === "provider-first" ? [role.providerArn, role.roleArn] : [role.roleArn, role.providerArn];
  return role.blanks ? `\n   ${parts.join(" ,  ")}\n  ` : parts.join(",");
}

/** What a parser that does it right reads: comments gone, CDATA and references resolved. */
function textOf(markup: string): string {
  return markup.split(/(<!\[CDATA\[[\s\S]*?\]\]>)/).map((part) =>
    part.startsWith("<![CDATA[") ? part.slice(9, -3) : part.replace(/<!--[\s\S]*?-->|<[^>]*>/g, "").replace(
      /&#(x?)([0-9a-fA-F]+);/g,
      (_, hex, digits) => String.fromCodePoint(parseInt(digits, hex ? 16 : 10)),
    ).replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'")
      .replaceAll("&amp;", "&")
  ).join("").trim();
}

/** AWS takes the two ARNs in either order. */
function pairOf(text: string): { roleArn: string; providerArn: string }[] {
  const parts = text.split(",").map((part) => part.trim());
  const roleArn = parts.find((part) => part.includes(":role/"));
  const providerArn = parts.find((part) => part.includes(":saml-provider/"));
  return parts.length === 2 && roleArn && providerArn ? [{ roleArn, providerArn }] : [];
}

function samlTime(ms: number, fractional: boolean): string {
  const iso = new Date(ms).toISOString();
  return fractional ? iso.replace("Z", "+00:00") : iso.replace(/\.\d+Z$/, "Z");
}

function toBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
