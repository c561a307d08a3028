import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeIni,
  encodeIni,
  firstLineNotUtf8,
  lineEnd,
  parseIni,
  printIni,
  type RawLine,
  reclassified,
} from "./ini.ts";

const kinds = (text: string) => parseIni(text).map((line) => line.kind);

Deno.test("printIni: gives back the bytes that were parsed, whatever they are", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom("[a]\n", "k = v\r\n", "\r", "\n", "  x", "\ufeff", "é", "🔑", "# c\n", "\0").map((text) =>
      new TextEncoder().encode(text)
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
      assert.deepEqual(encodeIni(printIni(parseIni(decodeIni(bytes)))), bytes);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("decodeIni: keeps a byte order mark, and every byte of a line that is not UTF-8", () => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0x0a, 0x66, 0xfc, 0xc3, 0xbc, 0x0a, 0xf0, 0x9f, 0x94, 0x91);
  const text = decodeIni(bytes);
  assert.equal(text, "\ufeffa\nf\udcfc\udcc3\udcbc\n🔑");
  assert.deepEqual(encodeIni(text), bytes);
  assert.equal(firstLineNotUtf8(text), 2);
  assert.equal(firstLineNotUtf8("[🔑]\nü = ü\n"), undefined);
});

Deno.test("parseIni: each line means what it means to botocore", () => {
  assert.deepEqual(kinds("# c\n\n  [a] # x\n k : v\n  more\n; c\n k2=\n    s = 1\n[b]\n"), [
    "comment",
    "blank",
    "header",
    "entry",
    "continuation",
    "comment",
    "entry",
    "continuation",
    "header",
  ]);
  assert.deepEqual(kinds("k = v\n[a]\nword\n= v\n"), ["stray", "header", "stray", "stray"]);
});

Deno.test("parseIni: a header may be indented, but below a key it is part of that key's value", () => {
  assert.deepEqual(kinds("  [a]\n  k = v\n  [b]\n"), ["header", "entry", "header"]);
  assert.deepEqual(kinds("[a]\nk = v\n  [b]\n"), ["header", "entry", "continuation"]);
});

Deno.test("parseIni: keys are in lower case, names reach to the last bracket, = and : both delimit", () => {
  const [header, first, second] = parseIni("[a[b]] x]\nAWS_Key : a = b\nk=a:b\n");
  assert.deepEqual(header?.kind === "header" && header.name, "a[b]] x");
  assert.deepEqual(first?.kind === "entry" && [first.key, first.value], ["aws_key", "a = b"]);
  assert.deepEqual(second?.kind === "entry" && [second.key, second.value], ["k", "a:b"]);
});

Deno.test("reclassified: after any change each line means the same as after parsing the whole text again", () => {
  const text = fc.constantFrom(
    "[a]",
    "  [b]",
    "k = v",
    " k = v",
    "    deep = 1",
    "   ",
    "# c",
    "  ; c",
    "word",
    "e =",
    "",
  );
  const fresh = fc.array(text.map((text) => ({ text, end: "\n" })), { maxLength: 3 });
  const end = fc.constantFrom("\n", "\r\n", "\r\r\n");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, end), { maxLength: 12 }),
      text,
      fc.nat(12),
      fc.nat(3),
      fresh,
      (whole, last, at, count, added) => {
        const lines = parseIni(whole.map(([text, end]) => text + end).join("") + last);
        const place = Math.min(at, lines.length - 1);
        // A last line without a line end has to stay the last one.
        const gone = last === "" ? count : Math.min(count, lines.length - 1 - place);
        const from = Math.max(place, 0);
        const most = Math.min(Math.max(gone, 0), lines.length - from);
        const changed: readonly RawLine[] = (lines as readonly RawLine[]).toSpliced(from, most, ...added);
        const anew = reclassified(lines, from, most, added);
        assert.deepEqual(anew.gone, lines.slice(from, from + anew.gone.length));
        assert.deepEqual(
          lines.toSpliced(from, anew.gone.length, ...anew.fresh),
          parseIni(changed.map(({ text, end }) => text + end).join("")),
        );
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("lineEnd: is that of most lines", () => {
  assert.equal(lineEnd(parseIni("")), "\n");
  assert.equal(lineEnd(parseIni("a\r\nb\r\nc\n")), "\r\n");
  assert.equal(lineEnd(parseIni("a\r\nb\nc")), "\n");
  assert.equal(lineEnd(parseIni("a\r\r\nb")), "\r\n");
});

Deno.test("decodeIni: a file with more lines than can be read in a second is refused", () => {
  const lines = (count: number) => new TextEncoder().encode("\n".repeat(count));
  assert.equal(decodeIni(lines(200_000)).length, 200_000);
  assert.throws(() => decodeIni(lines(200_001)), /cannot read an AWS file of more than 200000 lines/);
});
