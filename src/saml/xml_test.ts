import assert from "node:assert/strict";
import fc from "fast-check";
import { elementsOf, textOf, XmlError, xmlReader } from "./xml.ts";
import { XML_LIMITS } from "./xml_simplify.ts";
import { threadTime } from "../testing.ts";

const readXml = await xmlReader();

const textIn = (content: string) => textOf(readXml(`<r>${content}</r>`));

/** Milliseconds. It takes a fraction of it; the rest is for slow machines that run other tests meanwhile. */
const IN_TIME = 2000;

/** Text as an author may write it, with what it means. */
const plain = fc.string({
  unit: fc.constantFrom("a", "Z", "/", ",", " ", "\n", "\t", "é", "😀", "]", "-", ">", "'"),
  maxLength: 6,
});
const piece: fc.Arbitrary<readonly [source: string, meaning: string]> = fc.oneof(
  plain.map((text) => [text.replaceAll("]]>", ""), text.replaceAll("]]>", "")] as const),
  fc.string({ unit: fc.constantFrom("a", "<", "&", "]", ">", " ", "<!--", "-", "x-->", "\n"), maxLength: 6 })
    .map((text) => text.replaceAll("]]>", "")).filter((text) => !text.includes("]]>"))
    .map((text) => [`<![CDATA[${text}]]>`, text] as const),
  fc.string({ unit: fc.constantFrom("x", "<", ">", "&", "<b>", "]]>", "<![CDATA[", " "), maxLength: 6 })
    .map((text) => [`<!--${text}-->`, ""] as const),
  fc.constantFrom(["<?pi <b>?>", ""] as const, ["<?r?>", ""] as const),
  fc.constantFrom(
    ["&amp;", "&"] as const,
    ["&lt;", "<"] as const,
    ["&gt;", ">"] as const,
    ["&quot;", '"'] as const,
    ["&apos;", "'"] as const,
    ["&#44;", ","] as const,
    ["&#x2C;", ","] as const,
    ["&#x2c;", ","] as const,
    ["&#32;", " "] as const,
    ["&#x1F600;", "😀"] as const,
    ["&amp;lt;", "&lt;"] as const,
    ["&#38;lt;", "&lt;"] as const,
  ),
);
const run = fc.array(piece, { maxLength: 8 }).map((pieces) =>
  [
    pieces.map(([source]) => source).join(""),
    pieces.map(([, meaning]) => meaning).join(""),
  ] as const
);

Deno.test("readXml: text is what remains of a run without comments and instructions, spaces and references included", () => {
  fc.assert(
    fc.property(run, ([source, meaning]) => assert.equal(textIn(source), meaning)),
    { numRuns: 1500 },
  );
});

Deno.test("readXml: text around and inside nested elements is joined in document order", () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 3, maxLength: 6 }), (runs) => {
      const source = runs.map(([text], index) => index % 2 === 0 ? text : `<b${index} a='"'>${text}</b${index}>`).join(
        "",
      );
      assert.equal(textIn(source), runs.map(([, meaning]) => meaning).join(""));
    }),
    { numRuns: 500 },
  );
});

Deno.test("readXml: a comment, a CDATA section and a tag inside an attribute's value are only text", () => {
  const root = readXml(`<r a="&lt;!-- x -->" b='"&#39;&#10;' c="one\ntwo"><![CDATA[<!-- -->]]></r>`);
  assert.deepEqual([...root.attributes], [["a", "<!-- x -->"], ["b", "\"'\n"], ["c", "one two"]]);
  assert.equal(textOf(root), "<!-- -->");
});

Deno.test("readXml: namespaces are resolved by declaration, inner before outer, default for elements only", () => {
  const root = readXml(
    '<p:a xmlns:p="urn:1" xmlns="urn:2" x="1" p:y="2"><b><p:c xmlns:p="urn:3"/><p:d/></b><e xmlns=""/></p:a>',
  );
  const [b, e] = elementsOf(root);
  assert.ok(b && e);
  const [c, d] = elementsOf(b);
  assert.deepEqual(
    [root, b, c, d, e].map((each) => [each?.name, each?.namespace]),
    [["a", "urn:1"], ["b", "urn:2"], ["c", "urn:3"], ["d", "urn:1"], ["e", ""]],
  );
  assert.deepEqual([...root.attributes.keys()], ["x"]);
});

Deno.test("readXml: xml:space changes nothing", () => {
  assert.equal(textOf(readXml('<r xml:space="preserve"> a <b> c </b></r>')), " a  c ");
});

Deno.test("readXml: what is not well formed, or defines anything, is refused", async (t) => {
  const bad: Readonly<Record<string, string>> = {
    "nothing": "",
    "text only": "hello",
    "no end tag": "<a><b></b>",
    "wrong end tag": "<a></b>",
    "crossed tags": "<a><b></a></b>",
    "two roots": "<a/><a/>",
    "text behind the root": "<a/>x",
    "CDATA behind the root": "<a/><![CDATA[x]]>",
    "cut in a tag": '<a><b c="d',
    "cut in a comment": "<a><!-- ",
    "a comment of three dashes at the end of input": "<a><!-->",
    "cut in CDATA": "<a><![CDATA[ ]]</a>",
    "cut in an instruction": "<a><?x </a>",
    "doctype": '<!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>',
    "doctype in small letters": "<!doctype r><r/>",
    "doctype inside": "<r><!DOCTYPE r></r>",
    "external doctype": '<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>',
    "entity that nobody defined": "<r>&e;</r>",
    "lone ampersand": "<r>a & b</r>",
    "ampersand in an attribute": '<r a="&b"/>',
    "reference to nothing": "<r>&#0;</r>",
    "reference to a surrogate": "<r>&#xD800;</r>",
    "reference above Unicode": "<r>&#x110000;</r>",
    "control character": "<r>\u0001</r>",
    "NUL": "<r>\u0000</r>",
    "lone surrogate": "<r>\ud800</r>",
    "less-than in an attribute": '<r a="<"/>',
    "attribute twice": '<r a="1" a="2"/>',
    "attribute without quotes": "<r a=1/>",
    "attribute without a value": "<r a/>",
    "attributes that touch": '<r a="1"b="2"/>',
    "undeclared prefix": "<p:r/>",
    "prefix bound to nothing": '<r xmlns:p=""/>',
    "prefix of a prefix": '<a:b:c xmlns:a="u"/>',
    "space before the name": "< r/>",
    "name that JavaScript takes for its own": "<r><__proto__/></r>",
    "constructor": "<r><constructor/></r>",
    "name of the parser's own": "<r><~children/></r>",
    "declaration in the middle": '<r><?xml version="1.0"?></r>',
    "declaration after a space": ' <?xml version="1.0"?><r/>',
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><r/>',
    "Latin 1": "<?xml version='1.0' encoding='iso-8859-1'?><r/>",
  };
  for (const [name, source] of Object.entries(bad)) {
    await t.step(name, () => assert.throws(() => readXml(source), XmlError));
  }
  assert.equal(Object.hasOwn(Object, "#text"), false, "the parser left something behind on a global object");
});

Deno.test("readXml: declaration, comments and instructions around the root are passed over", () => {
  const source =
    '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<!-- a --><?r x?>\n<r>x</r><!-- b --><?r?>\n\n';
  assert.equal(textOf(readXml(source)), "x");
});

Deno.test("readXml: the caps hold and are reached in time", async (t) => {
  const nested = (depth: number) => "<a>".repeat(depth) + "</a>".repeat(depth);
  assert.equal(readXml(nested(XML_LIMITS.depth)).name, "a");
  const big: Readonly<Record<string, string>> = {
    "one level too deep": nested(XML_LIMITS.depth + 1),
    "very deep": nested(100_000),
    "very deep and open": "<a>".repeat(300_000),
    "many elements": `<a>${"<b/>".repeat(250_000)}</a>`,
    "many attributes": `<a ${Array.from({ length: 50_000 }, (_, index) => `a${index}=""`).join(" ")}/>`,
    "many comments that do not end": "<a>" + "<!--".repeat(200_000),
    "many spaces in a tag": `<a${" ".repeat(1_000_000)}`,
    "many half attributes": `<a ${"a = ".repeat(200_000)}>`,
    "many ampersands": `<a>${"&".repeat(1_000_000)}</a>`,
    "billion laughs": `<!DOCTYPE l [<!ENTITY a "lol">${
      Array.from({ length: 20 }, (_, i) => `<!ENTITY l${i} "${`&l${i - 1};`.repeat(10)}">`).join("")
    }]><l>&l19;</l>`,
  };
  for (const [name, source] of Object.entries(big)) {
    await t.step(name, () => {
      const start = threadTime();
      assert.throws(() => readXml(source), XmlError);
      assert.ok(threadTime() - start < IN_TIME, `took ${threadTime() - start} ms`);
    });
  }
});

Deno.test("readXml: the largest document the caps allow is read in time", async (t) => {
  const levels = XML_LIMITS.depth;
  const large: Readonly<Record<string, string>> = {
    "one long text": `<a>${"x".repeat(1_000_000)}</a>`,
    "text at every level": `<a xml:space="preserve">t`.repeat(levels) + "x".repeat(900_000) + "t</a>".repeat(levels),
    "as many elements as may be": `<a>${"<b>t</b>".repeat(XML_LIMITS.elements - 1)}</a>`,
    "many short runs": `<a>${"x<!---->".repeat(125_000)}</a>`,
    "many namespaces": Array.from(
      { length: levels },
      (_, level) => `<a ${Array.from({ length: 60 }, (_, i) => `xmlns:p${level}x${i}="u"`).join(" ")}>`,
    ).join("") + "<p0x0:b/>".repeat(15_000) + "</a>".repeat(levels),
  };
  for (const [name, source] of Object.entries(large)) {
    await t.step(name, () => {
      const start = threadTime();
      assert.equal(readXml(source).name, "a");
      assert.ok(threadTime() - start < IN_TIME, `took ${threadTime() - start} ms`);
    });
  }
});

Deno.test("readXml: what is left out is not there, and the rest is as it was", () => {
  const leaveOut = (name: string, depth: number) => name === "x:gone" && depth <= 2;
  const read = (source: string) => readXml(source, leaveOut);
  const gone = ['<x:gone a="1">t<b/><x:gone/><!-- c --><![CDATA[d]]></x:gone>', "<x:gone/>", "<x:gone></x:gone >"];
  for (const left of gone) {
    for (const [before, after] of [["", ""], ["one ", " two"], ["<k>x</k>", "<k/>"]]) {
      assert.deepEqual(read(`<r>${before}${left}${after}</r>`), readXml(`<r>${before}${after}</r>`), left);
      assert.deepEqual(
        read(`<r><s>${before}${left}${left}${after}</s></r>`),
        readXml(`<r><s>${before}${after}</s></r>`),
      );
    }
  }
  const deeper = "<r xmlns:x='u'><a><b><x:gone>kept</x:gone></b></a></r>";
  assert.deepEqual(read(deeper), readXml(deeper));
  assert.equal(textOf(read("<x:gone xmlns:x='u'>root</x:gone>")), "root");
  for (const source of ["<r><x:gone></r>", "<r><x:gone><a></x:gone></r>", "<r><x:gone><a b></x:gone></r>"]) {
    assert.throws(() => read(source), XmlError, source);
  }
});
