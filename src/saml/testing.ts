/** SAML responses for tests, as OneLogin sends them. The program does not import this. */

const ROLE_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/Role";

/** What a test can vary; XML parts are inserted unchanged. */
interface ResponseParts {
  /** Content of the AttributeValues of the Role attribute. */
  readonly roles?: readonly string[];
  /** More Attribute elements. */
  readonly attributes?: string;
  readonly issueInstant?: string;
  readonly conditions?: string;
  /** Instead of the whole Assertion element. */
  readonly assertion?: string;
  /** In front of the root element. */
  readonly prolog?: string;
}

export function responseXml(parts: ResponseParts = {}): string {
  const issued = parts.issueInstant ?? "2027-01-15T08:30:00Z";
  const conditions = parts.conditions ?? 'NotBefore="2027-01-15T08:27:00Z" NotOnOrAfter="2027-01-15T08:33:00Z"';
  const values = (parts.roles ?? [rolePair("123456789012", "Admin")])
    .map((role) => `<saml:AttributeValue xsi:type="xs:string">${role}</saml:AttributeValue>`).join("");
  const assertion = parts.assertion ??
    `<saml:Assertion xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Version="2.0" ID="pfx1d2c3b4a" IssueInstant="${issued}">` +
      `<saml:Issuer>https://app.onelogin.com/saml/metadata/5a3c1e9e</saml:Issuer>` +
      `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignatureValue>RkFLRVNJRw==</ds:SignatureValue></ds:Signature>` +
      `<saml:Subject><saml:NameID>ada@example.com</saml:NameID></saml:Subject>` +
      `<saml:Conditions ${conditions}><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
      `<saml:AuthnStatement AuthnInstant="2027-01-15T08:29:59Z" SessionNotOnOrAfter="2027-01-16T08:30:00Z"/>` +
      `<saml:AttributeStatement>` +
      attributeXml("RoleSessionName", ["ada@example.com"]) +
      attributeXml("SessionDuration", ["28800"]) +
      `<saml:Attribute Name="${ROLE_ATTRIBUTE}">${values}</saml:Attribute>${parts.attributes ?? ""}` +
      `</saml:AttributeStatement></saml:Assertion>`;
  return `${parts.prolog ?? ""}<samlp:Response xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ` +
    `xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="R6f2a" Version="2.0" IssueInstant="${issued}">` +
    `<saml:Issuer>https://app.onelogin.com/saml/metadata/5a3c1e9e</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
    `${assertion}</samlp:Response>\n\n`;
}

/** An Attribute element of AWS's. */
export function attributeXml(name: string, values: readonly string[]): string {
  return `<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/${name}">` +
    values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join("") + "</saml:Attribute>";
}

export function rolePair(account: string, name: string, provider = "OneLogin"): string {
  return `arn:aws:iam::${account}:role/${name},arn:aws:iam::${account}:saml-provider/${provider}`;
}

/** Base64 of text as UTF-8, or of bytes. */
export function toBase64(content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

export function responseBase64(parts: ResponseParts = {}): string {
  return toBase64(responseXml(parts));
}
