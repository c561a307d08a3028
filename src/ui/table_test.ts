import assert from "node:assert/strict";
import { renderTable } from "./table.ts";

Deno.test("renderTable() puts two blanks between columns and none behind the last", () => {
  assert.deepEqual(renderTable(["A", "LONG"], [["wide one", ""], ["x", "y"]], undefined), {
    text: "A         LONG\nwide one\nx         y\n",
    cut: false,
  });
});

Deno.test("renderTable() cuts the widest column first, and only where the terminal is too narrow", () => {
  const rows = [["123456789012", "arn:aws:iam::123456789012:role/Admin"]];
  assert.equal(renderTable(["ID", "ARN"], rows, 50).cut, false);
  const cut = renderTable(["ID", "ARN"], rows, 40);
  assert.equal(cut.text, "ID            ARN\n123456789012  arn:aws:iam::123456789012…\n");
  assert.ok(cut.cut);
  assert.ok(cut.text.split("\n").every((line) => line.length <= 40));
});

Deno.test("renderTable() leaves columns readable where nothing fits", () => {
  const { text } = renderTable(["A", "B"], [["x".repeat(30), "y".repeat(30)]], 3);
  assert.equal(text.split("\n")[1], `${"x".repeat(7)}…  ${"y".repeat(7)}…`);
});

Deno.test("renderTable() counts wide characters twice and marks not at all", () => {
  const { text } = renderTable(["NAME", "B"], [["日本", "x"], ["e\u0301", "x"], ["abcd", "x"]], undefined);
  assert.equal(text, "NAME  B\n日本  x\ne\u0301     x\nabcd  x\n");
  assert.equal(renderTable(["N", "B"], [["日本日本日本", "x"]], 11).text.split("\n")[1], "日本日…   x");
});

Deno.test("renderTable() takes control characters out of what files and servers say", () => {
  assert.equal(renderTable(["A"], [["a\u001b[31m\nb\u202e"]], undefined).text, "A\na [31m b\n");
});
