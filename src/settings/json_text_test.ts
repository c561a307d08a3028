import assert from "node:assert/strict";
import fc from "fast-check";
import { Exit, UserError } from "../errors.ts";
import { type Json, readJson } from "./json_text.ts";
import { decodeText } from "./text_file.ts";

function plain(json: Json): unknown {
  switch (json.kind) {
    case "object": {
      const result: Record<string, unknown> = Object.create(null);
      for (const { name, value } of json.members) result[name] = plain(value);
      return result;
    }
    case "array":
      return json.items.map(plain);
    case "null":
      return null;
    default:
      return json.value;
  }
}

function failure(text: string): UserError {
  try {
    readJson("/f.json", text);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.exit, Exit.usage);
    return error;
  }
  throw new Error(`accepted: ${text}`);
}

Deno.test("readJson: reads what JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom("", "  ", "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(JSON.stringify(plain(readJson("f", text))), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("readJson: accepts and refuses the same texts as JSON.parse, after any mutation", () => {
  const seed = '{"client_id": "a\\u00e9\\n", "n": -1.5e3, "p": {"x": [1, true, null, {}]}, "e": ""}';
  const char = fc.constantFrom(..."{}[]:,\"\\/ \t\n01-.eEtfnu'#ax\u0000\u00e9");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(seed.length), fc.nat(2), char), { maxLength: 3 }), (edits) => {
      let text = seed;
      for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
      let expected: unknown, valid = true;
      try {
        expected = JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) assert.deepEqual(JSON.stringify(plain(readJson("f", text))), JSON.stringify(expected));
      else failure(text);
    }),
    { numRuns: 4000 },
  );
});

Deno.test("readJson: an error names file, line and column, and never quotes the file", () => {
  const at = (text: string) => failure(text).message;
  assert.equal(at('{\n  "a": 1\n  "b": 2\n}'), 'cannot read "/f.json": line 3, column 3: expected "," or "}"');
  assert.match(at('{\r\n\r\n  "é": tru\r\n}'), /line 3, column 8: expected a value/);
  assert.match(at('{"a": 1,\n}'), /line 2, column 1: expected a name in double quotes/);
  assert.match(at(""), /line 1, column 1: expected a value, the file ends/);
  assert.match(at('{"a" "x"}'), /column 6: expected ":"/);
  assert.match(at('{"a": 0123}'), /column 7: a number may not start with 0/);
  assert.match(at('{"a": "x\n"}'), /line 1, column 7: this text has no closing/);
  assert.match(at('{"a": 1} // note'), /no comments/);
  assert.match(at("{'a': 1}"), /double quotes/);
  assert.match(at('{"a": "\\x"}'), /column 8/);
  assert.match(at('{"😀": x}'), /column 7: expected a value/);
  assert.doesNotMatch(at('{"client_secret": "hunter2'), /hunter2/);
  assert.doesNotMatch(at('{"client_secret": hunter2}'), /hunter2/);
});

Deno.test("readJson: deep nesting is an error, not a crash", () => {
  assert.match(failure("[".repeat(100_000)).message, /too deeply/);
});

Deno.test("readJson: keeps repeated names and the digits of numbers", () => {
  const json = readJson("f", '{"a": 123456789012345678901, "a": 2}');
  assert.ok(json.kind === "object");
  assert.deepEqual(json.members.map((member) => member.value.kind === "number" && member.value.source), [
    "123456789012345678901",
    "2",
  ]);
});

Deno.test("decodeText: UTF-8 with a byte order mark; UTF-16 and broken bytes are named", () => {
  assert.equal(decodeText("f", new Uint8Array([0xef, 0xbb, 0xbf, 0x7b])), "{");
  assert.throws(() => decodeText("f", new Uint8Array([0xff, 0xfe, 0x7b, 0])), /UTF-16/);
  assert.throws(() => decodeText("f", new Uint8Array([0x7b, 0xff])), /not UTF-8/);
});
