/**
 * Finds the SAML response in whatever a user copies or pipes: base64, a form body, a curl command, a HAR file, a web
 * page, or the XML itself. Pure, and linear in the length of the text.
 */

import { attempt } from "../errors.ts";
import { utf8 } from "../utf8.ts";

/** The assertion parser refuses larger responses, so no more is encoded. */
const MAX_XML_CHARACTERS = 2 * 1024 * 1024;
const FIELD = "SAMLResponse";

/**
 * The response as base64, or undefined if there is none. The result may be invalid: it is parsed like any other.
 *
 * @param isSamlAddress whether AWS accepts SAML responses at a URL, for HAR files.
 */
export function findResponse(text: string, isSamlAddress: (address: string) => boolean): string | undefined {
  const trimmed = text.replace(/^\ufeff/, "").trim();
  if (trimmed.startsWith("{")) return inHar(trimmed, isSamlAddress) ?? inForm(trimmed);
  if (/^(?:<\?xml[^>]{0,200}\?>\s*)?<(?:[\w-]{1,40}:)?Response[\s>]/.test(trimmed)) return ofXml(trimmed);
  return inPage(trimmed) ?? inForm(trimmed) ?? asBase64(trimmed);
}

function asBase64(text: string): string | undefined {
  const compact = unquoted(text).replace(/\s+/g, "");
  // A word is base64 too; no response is that short.
  return compact.length >= 100 && isBase64(compact) ? compact : undefined;
}

/** Ignores padding rules, which the assertion parser checks. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/=]+$/.test(text);
}

function unquoted(text: string): string {
  return /^(["'`])[^]*\1$/.test(text) ? text.slice(1, -1) : text;
}

function ofXml(text: string): string | undefined {
  if (text.length > MAX_XML_CHARACTERS) return undefined;
  return btoa(Array.from(utf8(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** `SAMLResponse=…` in a form body or a curl command (also cmd's form, with carets), or as developer tools show it. */
function inForm(text: string): string | undefined {
  const at = text.lastIndexOf(FIELD);
  if (at < 0) return undefined;
  const rest = text.slice(at + FIELD.length);
  const [start = ""] = /^["'\\^]{0,4}\s{0,8}(?:%3[dD]|[=:])\s{0,8}["'\\]{0,2}/.exec(rest) ?? [];
  if (start === "") return undefined;
  const [value = ""] = /^[A-Za-z0-9+/=%^\\]+/.exec(rest.slice(start.length)) ?? [];
  // A plus sign is not a space here: base64 has none.
  const plain = value.replace(/[\^\\]/g, "").replace(/%([0-9a-fA-F]{2})/g, (_, hex) => fromCode(parseInt(hex, 16)))
    .replace(/\s+/g, "");
  return isBase64(plain) ? plain : undefined;
}

/** A character, or "" for an invalid code point. */
function fromCode(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : "";
}

// --- A page ---------------------------------------------------------------------------------------------------------

/** The hidden field of the form that posts itself to AWS, or the data of AWS's role selection page. */
function inPage(text: string): string | undefined {
  for (const tag of tagsOf(text)) {
    const name = attribute(tag, "name");
    if (/^input/i.test(tag) && name === FIELD) {
      const value = attribute(tag, "value")?.replace(/\s+/g, "");
      if (value !== undefined && isBase64(value)) return value;
    }
    if (/^meta/i.test(tag) && name === "data") {
      const found = inMeta(attribute(tag, "content") ?? "");
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The text between `<input` or `<meta` and the next `>`. */
function* tagsOf(text: string): Iterable<string> {
  const start = /<(?:input|meta)[\s/]/gi;
  while (start.exec(text) !== null) {
    const from = text.lastIndexOf("<", start.lastIndex) + 1;
    const end = text.indexOf(">", from);
    if (end < 0) return;
    yield text.slice(from, end);
    start.lastIndex = end;
  }
}

function attribute(tag: string, name: string): string | undefined {
  for (
    const [, key, quoted, single, bare] of tag.matchAll(
      /([\w-]{1,60})\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g,
    )
  ) {
    if (key?.toLowerCase() === name) return withoutEntities(quoted ?? single ?? bare ?? "");
  }
  return undefined;
}

function withoutEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|quot|equals|plus|sol));/gi, (_, hex, decimal, name) => {
    if (hex !== undefined) return fromCode(parseInt(hex, 16));
    if (decimal !== undefined) return fromCode(Number(decimal));
    return NAMED[String(name).toLowerCase()] ?? "";
  });
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", quot: '"', equals: "=", plus: "+", sol: "/" };

/** AWS puts what was posted into `<meta name="data">`, as base64 of JSON. */
function inMeta(content: string): string | undefined {
  const json = attempt(() => JSON.parse(atob(content.replace(/\s+/g, ""))));
  const text = field(json, FIELD);
  return typeof text === "string" && isBase64(text) ? text : undefined;
}

// --- A HAR file -----------------------------------------------------------------------------------------------------

/** The last POST to an AWS sign-in address in a HAR file (HAR 1.2, "log.entries"). */
function inHar(text: string, isSamlAddress: (address: string) => boolean): string | undefined {
  const entries = field(field(attempt(() => JSON.parse(text)), "log"), "entries");
  if (!Array.isArray(entries)) return undefined;
  for (const entry of entries.toReversed()) {
    const request = field(entry, "request");
    const url = field(request, "url");
    if (field(request, "method") !== "POST" || typeof url !== "string" || !isSamlAddress(url)) continue;
    const posted = field(request, "postData");
    const body = field(posted, "text");
    const params = field(posted, "params");
    const param = Array.isArray(params) ? params.find((each) => field(each, "name") === FIELD) : undefined;
    const found = (typeof body === "string" ? inForm(body) : undefined) ?? inForm(`${FIELD}=${field(param, "value")}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
