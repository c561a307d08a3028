import assert from "node:assert/strict";
import { all, ALLOWED, findings, isAllowed, wordsOf } from "./english.ts";

Deno.test("english: no page, message or comment has a word of the list", () => {
  const wrong = all().filter((each) => !isAllowed(each));
  assert.deepEqual(
    wrong.map(({ path, line, found, better }) => `${path}:${line}: ${found} -> ${better}`),
    [],
  );
});

Deno.test("english: each allowed finding has a reason and is still there", () => {
  const here = all();
  for (const [path, turn, why] of ALLOWED) {
    assert.ok(why.length > 10, path);
    assert.ok(here.some((each) => each.path.startsWith(path) && each.found.toLowerCase() === turn), `${path}: ${turn}`);
  }
});

Deno.test("english: finds words in prose, comments and strings, and not in code", () => {
  const found = (path: string, text: string) => findings(path, text).map(({ line, found }) => `${line} ${found}`);
  assert.deepEqual(found("a.md", "It says no.\n```\nit says\n```\n`says` A blank, a blank line."), [
    "1 says",
    "5 blank",
  ]);
  assert.deepEqual(found("a.ts", 'const blank = wanted("by itself"); // in vain\n/** Only where\n * it stands. */'), [
    "1 in vain",
    "1 by itself",
    "2 Only where",
    "3 stands",
  ]);
  assert.deepEqual(found("a.ts", "f(`${wanted(`${blank}`)} is said`);"), ["1 is said"]);
});

Deno.test("english: wordsOf keeps every line where it is", () => {
  assert.equal(wordsOf('a("x")\n// y\nb'), '  "x" \n// y\n ');
});
