import assert from "node:assert/strict";
import fc from "fast-check";
import { type UserError, userError } from "../errors.ts";
import { refused } from "../testing.ts";
import { plainJson, readJson } from "./json.ts";
import type { Json } from "./json_values.ts";
import { parseJson } from "./json_positions.ts";
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

function parsed(text: string): Json {
  const result = parseJson(text);
  return "problem" in result ? assert.fail(result.problem) : result;
}

async function failure(text: string): Promise<UserError> {
  return refused(await readJson({ path: "/f.json", text }, () => {}, () => {}).catch(userError));
}

Deno.test("parseJson: reads what JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom("", "  ", "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(JSON.stringify(plain(parsed(text))), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseJson: accepts and refuses the same texts as JSON.parse, after any mutation", async () => {
  const seed = '{"client_id": "a\\u00e9\\n", "n": -1.5e3, "p": {"x": [1, true, null, {}]}, "e": ""}';
  const char = fc.constantFrom(..."{}[]:,\"\\/ \t\n01-.eEtfnu'#ax\u0000\u00e9");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(seed.length), fc.nat(2), char), { maxLength: 3 }), async (edits) => {
      let text = seed;
      for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
      let expected: unknown, valid = true;
      try {
        expected = JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) assert.deepEqual(JSON.stringify(plain(parsed(text))), JSON.stringify(expected));
      else await failure(text);
    }),
    { numRuns: 4000 },
  );
});

Deno.test("parseJson: an error names file, line and column, and never quotes the file", async () => {
  const at = async (text: string) => (await failure(text)).message;
  assert.equal(await at('{\n  "a": 1\n  "b": 2\n}'), 'cannot read "/f.json": line 3, column 3: expected "," or "}"');
  assert.match(await at('{\r\n\r\n  "é": tru\r\n}'), /line 3, column 8: expected a value/);
  assert.match(await at('{"a": 1,\n}'), /line 2, column 1: .*double quotes/);
  assert.match(await at(""), /line 1, column 1: .*file ends/);
  assert.match(await at('{"a" "x"}'), /column 6: expected ":"/);
  assert.match(await at('{"a": 0123}'), /column 7: .*start with 0/);
  assert.match(await at('{"a": "x\n"}'), /line 1, column 7: .*no closing/);
  assert.match(await at('{"a": 1} // note'), /no comments/);
  assert.match(await at("{'a': 1}"), /double quotes/);
  assert.match(await at('{"a": "\\x"}'), /column 8/);
  assert.match(await at('{"😀": x}'), /column 7: expected a value/);
  assert.doesNotMatch(await at('{"client_secret": "hunter2'), /hunter2/);
  assert.doesNotMatch(await at('{"client_secret": hunter2}'), /hunter2/);
});

Deno.test("parseJson: deep nesting is an error, not a crash", async () => {
  assert.match((await failure("[".repeat(100_000))).message, /too deeply/);
});

Deno.test("parseJson: keeps repeated names and the digits of numbers", () => {
  const json = parsed('{"a": 123456789012345678901, "a": 2}');
  assert.ok(json.kind === "object");
  assert.deepEqual(json.members.map((member) => member.value.kind === "number" && member.value.source), [
    "123456789012345678901",
    "2",
  ]);
});

/** A value without its places. */
function shape(json: Json | undefined): unknown {
  return JSON.parse(JSON.stringify(json, (key, value) => key === "at" || key === "end" ? undefined : value) ?? "null");
}

Deno.test("plainJson: what the parser with the places finds, or nothing where JSON.parse loses something", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(json, fc.constantFrom("", "  ", "\t"), fc.constantFrom("\n", "\r\n"), (value, indent, newline) => {
      const text = JSON.stringify(value, null, indent).replaceAll("\n", newline);
      assert.deepEqual(shape(plainJson(text)), shape(parsed(text)));
    }),
    { numRuns: 500 },
  );
  for (
    const text of [
      '{"a": 1, "a": 1}',
      '{"a": {"b": 1, "b": 2}}',
      "[123456789012345678901]",
      "[1.0]",
      "[1e3]",
      "[-0]",
      '{"__proto__": 1, "__proto__": 2}',
      "{",
      "[".repeat(100_000),
      "[".repeat(100_000) + "]".repeat(100_000),
    ]
  ) {
    assert.equal(plainJson(text), undefined, text.slice(0, 40));
  }
});

Deno.test("readJson: reads once where nothing is to be reported, and again with the places where something is", async () => {
  const file = { path: "f", text: '{\n "a": 1}' };
  const places: number[] = [];
  const reader = (say: boolean) => (root: Json, warn: (line: string) => void) => {
    places.push(root.kind === "object" ? root.members[0]?.at ?? NaN : NaN);
    if (say) warn("a remark");
    return "read";
  };
  const lines: string[] = [];
  assert.equal(await readJson(file, (line) => lines.push(line), reader(false)), "read");
  assert.deepEqual([places, lines], [[0], []]);
  assert.equal(await readJson(file, (line) => lines.push(line), reader(true)), "read");
  assert.deepEqual([places, lines], [[0, 0, 3], ["a remark"]]);
});

Deno.test("decodeText: UTF-8 with a byte order mark; UTF-16 and broken bytes are named", () => {
  assert.equal(decodeText("f", new Uint8Array([0xef, 0xbb, 0xbf, 0x7b])), "{");
  assert.throws(() => decodeText("f", new Uint8Array([0xff, 0xfe, 0x7b, 0])), /UTF-16/);
  assert.throws(() => decodeText("f", new Uint8Array([0x7b, 0xff])), /not UTF-8/);
});
