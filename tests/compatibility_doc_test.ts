/** docs/internals/compatibility.md names tests: each must exist, and be meant by no other name. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);
const PAGE = Deno.readTextFileSync(new URL("docs/internals/compatibility.md", ROOT));

/** The items of the page's lists: what is promised, and the tests after the last colon. */
function items(): readonly { readonly text: string; readonly tests: string }[] {
  return Array.from(PAGE.matchAll(/^- (.+?): (`[^`]+`(?:, `[^`]+`)*)$|^- (.*)$/gm)).map((
    [, text, tests = "", rest = ""],
  ) => ({ text: text ?? rest, tests }));
}

function testFiles(folder: URL): readonly URL[] {
  return Array.from(Deno.readDirSync(folder)).flatMap((entry) => {
    if (entry.isDirectory) return testFiles(new URL(`${entry.name}/`, folder));
    return entry.name.endsWith("_test.ts") ? [new URL(entry.name, folder)] : [];
  });
}

/** The names of all tests that are written as plain texts. */
function testNames(): readonly string[] {
  const named = /Deno\.test\(\s*(?:\{\s*name:\s*)?(["'])((?:\\.|(?!\1).)*)\1/g;
  return ["src/", "scripts/", "tests/"].flatMap((folder) => testFiles(new URL(folder, ROOT))).flatMap((file) =>
    Array.from(Deno.readTextFileSync(file).matchAll(named), ([, , name = ""]) => name.replace(/\\(["'])/g, "$1"))
  );
}

Deno.test("compatibility.md: every item names tests, and each of them exists", () => {
  const names = testNames();
  assert.ok(names.length > 300, `only ${names.length} tests were found`);
  assert.ok(items().length > 60, `only ${items().length} items were found`);
  const wrong = items().flatMap(({ text, tests }) => {
    const requested = Array.from(tests.matchAll(/`([^`]+)`/g), ([, name = ""]) => name);
    if (requested.length === 0) return [`no test: ${text}`];
    return requested.flatMap((name) => {
      const hits = names.filter((each) => name.endsWith("…") ? each.startsWith(name.slice(0, -1)) : each === name);
      return hits.length === 1 ? [] : [`${hits.length} tests: ${name}`];
    });
  });
  assert.deepEqual(wrong, []);
});

Deno.test("compatibility.md: each of the sixteen bugs has a test that carries its number", () => {
  for (let bug = 1; bug <= 16; bug++) {
    const item = items().find(({ text }) => text.startsWith(`B${bug} `));
    assert.ok(item?.tests.startsWith(`\`B${bug} `), `B${bug}`);
  }
});
