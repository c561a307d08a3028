import assert from "node:assert/strict";
import { isJsonObject, jsonLines, parseObject, textMembers } from "./json_object.ts";
import { utf8 } from "./utf8.ts";

Deno.test("parseObject(): the members of an object, from text or bytes; none of anything else", () => {
  assert.deepEqual(parseObject('{"a": [1]}'), { a: [1] });
  assert.deepEqual(parseObject(utf8('{"a": "ä"}')), { a: "ä" });
  for (const other of [undefined, "", "{", "null", "1", '"a"', "[1]", utf8("[]"), new Uint8Array([0xff])]) {
    assert.deepEqual(parseObject(other), {});
  }
});

Deno.test("textMembers(): only text; none of what is no object", () => {
  assert.deepEqual(textMembers({ a: "x", b: 1, c: null, d: ["y"] }), { a: "x" });
  for (const other of [undefined, null, "ab", ["a"], 1]) assert.deepEqual(textMembers(other), {});
});

Deno.test("isJsonObject(): neither null nor a list", () => {
  assert.deepEqual([{}, null, [], "a", undefined].map(isJsonObject), [true, false, false, false, false]);
});

Deno.test("jsonLines(): two spaces, and a line end at the end", () => {
  assert.equal(jsonLines({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}\n');
});
