/** docs/internals/compatibility.md names tests: each must exist, and be meant by no other name. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);
const PAGE = Deno.readTextFileSync(new URL("docs/internals/compatibility.md", ROOT));

/** The cells of every row of the page's tables but the headings, with the heading of the last one. */
function rows(): readonly { readonly heading: string; readonly cells: readonly string[] }[] {
  const found: { heading: string; cells: readonly string[] }[] = [];
  let heading: string | undefined;
  for (const line of PAGE.split("\n")) {
    if (!line.startsWith("|")) {
      heading = undefined;
      continue;
    }
    const cells = line.slice(1, -1).split("|").map((cell) => cell.trim());
    if (cells.every((cell) => /^-+$/.test(cell))) continue;
    if (heading === undefined) heading = cells.at(-1) ?? "";
    else found.push({ heading, cells });
  }
  return found;
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

Deno.test("compatibility.md: every row names tests, and each of them exists", () => {
  const names = testNames();
  assert.ok(names.length > 300, `only ${names.length} tests were found`);
  assert.ok(rows().length > 60, `only ${rows().length} rows were found`);
  const wrong = rows().flatMap(({ heading, cells }) => {
    assert.equal(heading, "Shown by");
    const wanted = Array.from((cells.at(-1) ?? "").matchAll(/`([^`]+)`/g), ([, name = ""]) => name);
    if (wanted.length === 0) return [`no test: ${cells[0]}`];
    return wanted.flatMap((name) => {
      const hits = names.filter((each) => name.endsWith("…") ? each.startsWith(name.slice(0, -1)) : each === name);
      return hits.length === 1 ? [] : [`${hits.length} tests: ${name}`];
    });
  });
  assert.deepEqual(wrong, []);
});

Deno.test("compatibility.md: each of the sixteen bugs has a test that carries its number", () => {
  for (let bug = 1; bug <= 16; bug++) {
    const row = rows().find(({ cells }) => cells[0] === `B${bug}`);
    assert.ok(row?.cells.at(-1)?.startsWith(`\`B${bug} `), `B${bug}`);
  }
});
