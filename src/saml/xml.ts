/** Parses XML to a plain tree, with namespaces resolved and all text kept. Only this file uses the XML parser. */

import { type LeaveOut, simplifyXml, XmlError } from "./xml_simplify.ts";

export { XmlError } from "./xml_simplify.ts";

export interface XmlElement {
  /** The name without its prefix. */
  readonly name: string;
  /** The namespace URI; empty for none. */
  readonly namespace: string;
  /** Attributes without a prefix, references decoded. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Elements and text in document order; adjacent text is one string. */
  readonly children: readonly (XmlElement | string)[];
}

/** The used part of the parser's result. */
interface ParserNode {
  readonly "~name": string;
  readonly "~children"?: readonly ParserNode[];
  readonly "#text"?: string;
}

/** Prefixes in scope; the empty prefix is the default namespace. */
interface Scope {
  readonly own: ReadonlyMap<string, string>;
  readonly outer?: Scope;
}

const OUTERMOST: Scope = {
  own: new Map([["", ""], ["xml", "http://www.w3.org/XML/1998/namespace"]]),
};

/**
 * The root element of a document. Only the five predefined entities exist, and nothing is fetched. Skipped elements
 * cost next to nothing: the parser takes some microseconds per byte.
 *
 * @throws {XmlError} whatever is wrong with the document.
 */
export type ReadXml = (source: string, leaveOut?: LeaveOut) => XmlElement;

/** Loads the parser, which is large. */
export async function xmlReader(): Promise<ReadXml> {
  const { parse } = await import("@libs/xml");
  return (source, leaveOut) => readXml(simplifyXml(source, leaveOut), parse);
}

/** Loads the parser and compiles its WebAssembly functions, which their first call would do otherwise. */
export async function warmXml(): Promise<void> {
  (await xmlReader())("<a/>");
}

function readXml(simple: string, parse: typeof import("@libs/xml").parse): XmlElement {
  let document: ParserNode;
  try {
    document = parse(simple, {
      revive: { trim: false, entities: false },
      flatten: { text: false, empty: true, attributes: false },
    }) as unknown as ParserNode;
  } catch {
    // The parser's message quotes the document, which may contain a secret.
    throw new XmlError("it is not well-formed XML");
  }
  const [root, ...rest] = document["~children"] ?? [];
  if (!root || rest.length > 0) throw new XmlError("it is not well-formed XML");
  return readElement(root, OUTERMOST);
}

function readElement(node: ParserNode, outer: Scope): XmlElement {
  const own = new Map<string, string>();
  const attributes = new Map<string, string>();
  for (const [key, raw] of Object.entries(node)) {
    if (!key.startsWith("@") || typeof raw !== "string") continue;
    const value = decodeReferences(raw);
    if (key === "@xmlns") own.set("", value);
    else if (key.startsWith("@xmlns:")) {
      if (value === "") throw new XmlError("a namespace prefix is bound to an empty URI");
      own.set(key.slice("@xmlns:".length), value);
    } else if (!key.includes(":")) attributes.set(key.slice(1), value);
  }
  const scope: Scope = own.size === 0 ? outer : { own, outer };
  const [name, prefix] = node["~name"].split(":").reverse();
  return {
    name: name ?? "",
    namespace: lookUp(prefix ?? "", scope),
    attributes,
    children: (node["~children"] ?? []).map((child) =>
      child["~children"] ? readElement(child, scope) : decodeReferences(child["#text"] ?? "")
    ),
  };
}

function lookUp(prefix: string, scope: Scope): string {
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    const found = at.own.get(prefix);
    if (found !== undefined) return found;
  }
  throw new XmlError("a namespace prefix is not declared");
}

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["apos", "'"],
  ["quot", '"'],
]);

/** Character and predefined entity references, each decoded once (XML 1.0, 4.1 and 4.6). */
function decodeReferences(raw: string): string {
  return raw.replace(/&(?:#x([0-9a-fA-F]{1,8});|#([0-9]{1,8});|([A-Za-z]{1,8});)?/g, (_, hex, decimal, name) => {
    if (name !== undefined) {
      const character = PREDEFINED.get(name);
      if (character === undefined) throw new XmlError("it uses an entity that XML does not define");
      return character;
    }
    const code = hex !== undefined ? parseInt(hex, 16) : decimal !== undefined ? parseInt(decimal, 10) : NaN;
    if (!isXmlCharacter(code)) throw new XmlError("it contains an invalid character reference");
    return String.fromCodePoint(code);
  });
}

/** XML 1.0, production 2. */
function isXmlCharacter(code: number): boolean {
  return code === 0x9 || code === 0xa || code === 0xd || (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

/** The child elements, in order. */
export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => typeof child !== "string");
}

/** All text inside an element and its descendants, joined without a separator. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => typeof child === "string" ? child : textOf(child)).join("");
}
