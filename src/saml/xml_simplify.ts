/**
 * Runs before the XML parser: checks that a document is well-formed and small, and rewrites it so that the
 * parser cannot misread it.
 *
 * The parser drops white space between markup, replaces a comment with a space, continues after a missing end tag
 * and handles `xml:space` in a way that can take exponential time. So comments and processing instructions are
 * dropped here, CDATA becomes escaped text (all text between two tags is one run), and what the parser would accept
 * silently is refused. References (`&amp;`, `&#44;`) are not changed.
 */

/** Why a document is refused. The message completes "cannot read …: " and contains no text of the document. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

/**
 * Limits. A SAML response for AWS has at most 75 000 bytes, about ten levels and two elements per role. `characters` counts
 * what the parser gets, which is longer than the document if much is escaped: the parser cannot be interrupted, and
 * must finish within a second.
 */
export const XML_LIMITS = { depth: 32, elements: 20_000, attributes: 64, characters: 1_500_000 } as const;

/** XML 1.0, productions 4 and 4a, without the colon. Unicode's own classes, `\p{L}`, take a millisecond each to compile. */
const NAME_START =
  "A-Z_a-z\\u{c0}-\\u{d6}\\u{d8}-\\u{f6}\\u{f8}-\\u{2ff}\\u{370}-\\u{37d}\\u{37f}-\\u{1fff}\\u{200c}\\u{200d}" +
  "\\u{2070}-\\u{218f}\\u{2c00}-\\u{2fef}\\u{3001}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{fffd}\\u{10000}-\\u{effff}";
const NAME_CHARACTER = `${NAME_START}\\-.0-9\\u{b7}\\u{300}-\\u{36f}\\u{203f}\\u{2040}`;
/** Namespaces in XML 1.0, production 7. */
const NAME = `[${NAME_START}][${NAME_CHARACTER}]*(?::[${NAME_START}][${NAME_CHARACTER}]*)?`;
const START_TAG = new RegExp(`<(${NAME})`, "uy");
const ATTRIBUTE = new RegExp(`[ \\t\\n]+(${NAME})[ \\t\\n]*=[ \\t\\n]*(?:"([^"<]*)"|'([^'<]*)')`, "uy");
const START_TAG_END = /[ \t\n]*(\/?)>/y;
const END_TAG = new RegExp(`</(${NAME})[ \\t\\n]*>`, "uy");
const DECLARATION = /^<\?xml[ \t\n]([^?<>]*)\?>/;
/** Characters outside XML 1.0, production 2, including lone surrogates; carriage returns are already gone. */
const ILLEGAL = /[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Whether to skip an element and its content. `depth` is 0 for the root; the name has its prefix. */
export type LeaveOut = (name: string, depth: number) => boolean;

/**
 * The document without declaration, comments, processing instructions, CDATA, `xml:space` and skipped elements,
 * which must be well-formed too; the meaning of the rest is unchanged.
 *
 * @throws {XmlError} for a DOCTYPE, another encoding than UTF-8, anything unbalanced or malformed, and above a cap.
 */
export function simplifyXml(source: string, leaveOut: LeaveOut = () => false): string {
  const text = source.replace(/\r\n?/g, "\n");
  if (ILLEGAL.test(text)) throw new XmlError("it contains characters that XML does not allow");

  const out: string[] = [];
  const open: string[] = [];
  let run: string[] = [];
  let elements = 0;
  let at = 0;
  /** The depth of the element that is being skipped. */
  let left: number | undefined;

  let characters = 0;
  const say = (markup: string) => {
    if (left !== undefined) return;
    if ((characters += markup.length) > XML_LIMITS.characters) throw new XmlError("it is too large");
    out.push(markup);
  };
  const flush = () => {
    const joined = run.join("");
    run = [];
    if (joined !== "") say(guardBlank(joined));
  };
  const close = (name: string) => {
    say(`</${name}>`);
    if (left === open.length) left = undefined;
  };

  const declaration = DECLARATION.exec(text);
  if (declaration) {
    const encoding = /\bencoding[ \t\n]*=[ \t\n]*["']([^"']*)["']/.exec(declaration[1] ?? "")?.[1];
    if (encoding !== undefined && encoding.toLowerCase() !== "utf-8") {
      throw new XmlError("it declares another encoding than UTF-8");
    }
    at = declaration[0].length;
  }

  while (at < text.length) {
    const next = text.indexOf("<", at);
    const between = text.slice(at, next < 0 ? text.length : next);
    if (between !== "") {
      if (open.length > 0) run.push(between);
      else if (/[^ \t\n]/.test(between)) throw new XmlError("there is text outside the root element");
    }
    if (next < 0) break;

    if (text.startsWith("<!--", next)) {
      at = after(text, "-->", next + 4, "a comment");
    } else if (text.startsWith("<![CDATA[", next)) {
      at = after(text, "]]>", next + 9, "a CDATA section");
      if (open.length === 0) throw new XmlError("there is text outside the root element");
      run.push(text.slice(next + 9, at - 3).replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
    } else if (text.startsWith("<?", next)) {
      if (/^<\?xml[ \t\n?]/i.test(text.slice(next, next + 6))) throw new XmlError("an XML declaration is misplaced");
      at = after(text, "?>", next + 2, "a processing instruction");
    } else if (text.startsWith("<!", next)) {
      throw new XmlError(
        /^<!doctype/i.test(text.slice(next, next + 9))
          ? "it contains a DOCTYPE, which is refused because it can define entities"
          : "it is not well-formed XML",
      );
    } else if (text.startsWith("</", next)) {
      const tag = matchAt(END_TAG, text, next);
      if (!tag || open.pop() !== tag[1]) throw new XmlError("it is not well-formed XML: an end tag does not match");
      flush();
      close(tag[1] ?? "");
      at = next + tag[0].length;
    } else {
      if (open.length === 0 && elements > 0) throw new XmlError("it has more than one root element");
      if (++elements > XML_LIMITS.elements) throw new XmlError(`it has more than ${XML_LIMITS.elements} elements`);
      flush();
      const tag = readStartTag(text, next);
      // Keep the root: a document must have one.
      if (left === undefined && open.length > 0 && leaveOut(tag.name, open.length)) left = open.length;
      say(tag.markup);
      at = tag.end;
      if (tag.empty) close(tag.name);
      else if (open.push(tag.name) > XML_LIMITS.depth) {
        throw new XmlError(`it is nested deeper than ${XML_LIMITS.depth} levels`);
      }
    }
  }
  if (open.length > 0) throw new XmlError("it is not well-formed XML: it ends too early");
  if (elements === 0) throw new XmlError("it contains no XML element");
  return out.join("");
}

/** The position after the next `mark`. */
function after(text: string, mark: string, from: number, what: string): number {
  const found = text.indexOf(mark, from);
  if (found < 0) throw new XmlError(`it is not well-formed XML: ${what} does not end`);
  return found + mark.length;
}

function readStartTag(text: string, from: number): { name: string; markup: string; empty: boolean; end: number } {
  const opening = matchAt(START_TAG, text, from);
  const name = opening?.[1];
  if (!opening || name === undefined || isObjectMember(name)) {
    throw new XmlError("it is not well-formed XML: a tag has no valid name");
  }
  const attributes = new Map<string, string>();
  let at = from + opening[0].length;
  for (let found = matchAt(ATTRIBUTE, text, at); found; found = matchAt(ATTRIBUTE, text, at)) {
    const key = found[1] ?? "";
    if (attributes.has(key)) throw new XmlError("it is not well-formed XML: an attribute is repeated");
    attributes.set(key, (found[2] ?? found[3] ?? "").replace(/[\t\n]/g, " ").replaceAll('"', "&quot;"));
    if (attributes.size > XML_LIMITS.attributes) throw new XmlError("an element has too many attributes");
    at += found[0].length;
  }
  const closing = matchAt(START_TAG_END, text, at);
  if (!closing) throw new XmlError("it is not well-formed XML: a tag is malformed");
  attributes.delete("xml:space");
  const markup = `<${name}${[...attributes].map(([key, value]) => ` ${key}="${value}"`).join("")}>`;
  return { name, markup, empty: closing[1] === "/", end: at + closing[0].length };
}

/** The parser drops a run of white space, but not if the first character is a reference. */
function guardBlank(run: string): string {
  const first = String.fromCodePoint(run.codePointAt(0) ?? 0x20);
  return /^[\x21-\x7e]$/.test(first) ? run : `&#${first.codePointAt(0)};${run.slice(first.length)}`;
}

/**
 * The parser stores children by name in plain objects, which already have "constructor" and similar keys.
 * "__proto__" is listed separately because some versions of Deno remove it.
 */
function isObjectMember(name: string): boolean {
  return name === "__proto__" || name in {};
}
