import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import { jsonEditor } from "./json.ts";

const editJson = await jsonEditor();
const set = (text: string, key: string, value = "new") =>
  editJson({ path: "/f", text }, [{ key: key.split("."), value }]);

Deno.test("editJson: changes one value and not a byte besides", () => {
  const text = '{\r\n\t"x" : [1, {"y": "}"}],\r\n\t"app_id" : 1234567890123456789012 ,\r\n\t"z": null\r\n}\r\n';
  assert.equal(set(text, "app_id"), text.replace("1234567890123456789012", '"new"'));
});

Deno.test("editJson: a new key follows the last one, formatted like the file", () => {
  assert.equal(set('{\n    "a": "1",\n    "b": "}"\n}', "c"), '{\n    "a": "1",\n    "b": "}",\n    "c": "new"\n}');
  assert.equal(set('{"a":"1","b":{}}', "c"), '{"a":"1","b":{},"c":"new"}');
  assert.equal(set("", "a"), '{\n  "a": "new"\n}\n');
  assert.equal(set("{}", "a"), '{\n  "a": "new"\n}');
});

Deno.test("editJson: of a repeated name the last one is changed", () => {
  assert.equal(set('{"a": "1", "a": "2"}', "a"), '{"a": "1", "a": "new"}');
});

Deno.test("editJson: makes the objects on the way", () => {
  assert.deepEqual(JSON.parse(set('{\n  "x": 1\n}\n', "profiles.dev.app_id")), {
    x: 1,
    profiles: { dev: { app_id: "new" } },
  });
  assert.deepEqual(JSON.parse(set('{"profiles": null}', "profiles.dev.app_id")), {
    profiles: { dev: { app_id: "new" } },
  });
  assert.deepEqual(JSON.parse(set('{"profiles": {"a": {}}}', "profiles.dev.app_id")), {
    profiles: { a: {}, dev: { app_id: "new" } },
  });
});

Deno.test("editJson: what is no object on the way, or no JSON, is left alone with an error", () => {
  for (const text of ["[]", '{"profiles": "x"}', "{", '{"a": 1,}', '"x"']) {
    assert.throws(
      () => set(text, "profiles.dev.app_id"),
      (error) => error instanceof UserError && error.exit === 2,
      text,
    );
  }
});

Deno.test("editJson: for any JSON object the edit does what an assignment does, and keeps the order", () => {
  fc.assert(fc.property(
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.string({ minLength: 1 }),
    fc.string(),
    fc.constantFrom(undefined, 2, "\t"),
    (object, key, value, indent) => {
      fc.pre(key !== "__proto__" && !Object.hasOwn(object, "__proto__"));
      const text = JSON.stringify(object, null, indent);
      const edited = JSON.parse(editJson({ path: "/f", text }, [{ key: [key], value }]));
      const expected = JSON.parse(text);
      expected[key] = value;
      assert.equal(JSON.stringify(edited), JSON.stringify(expected));
    },
  ));
});
