import assert from "node:assert/strict";
import { renderTable } from "./table.ts";

const titled = (...titles: readonly string[]) => titles.map((title) => ({ title }));

Deno.test("renderTable() puts two spaces between columns and none behind the last", () => {
  assert.deepEqual(renderTable(titled("A", "LONG"), [["wide one", ""], ["x", "y"]], undefined), {
    text: "A         LONG\nwide one\nx         y\n",
    cut: false,
  });
});

Deno.test("renderTable() cuts the widest column first, and only if the terminal is too narrow", () => {
  const rows = [["123456789012", "arn:aws:iam::123456789012:role/Admin"]];
  assert.equal(renderTable(titled("ID", "ARN"), rows, 50).cut, false);
  const cut = renderTable(titled("ID", "ARN"), rows, 40);
  assert.equal(cut.text, "ID            ARN\n123456789012  arn:aws:iam::123456789012…\n");
  assert.ok(cut.cut);
  assert.ok(cut.text.split("\n").every((line) => line.length <= 40));
});

Deno.test("renderTable() leaves columns readable where nothing fits", () => {
  const { text } = renderTable(titled("A", "B"), [["x".repeat(30), "y".repeat(30)]], 3);
  assert.equal(text.split("\n")[1], `${"x".repeat(7)}…  ${"y".repeat(7)}…`);
});

Deno.test("renderTable() counts wide characters twice and marks not at all", () => {
  const { text } = renderTable(titled("NAME", "B"), [["日本", "x"], ["e\u0301", "x"], ["abcd", "x"]], undefined);
  assert.equal(text, "NAME  B\n日本  x\ne\u0301     x\nabcd  x\n");
  assert.equal(renderTable(titled("N", "B"), [["日本日本日本", "x"]], 11).text.split("\n")[1], "日本日…   x");
});

Deno.test("renderTable() takes control characters out of what files and servers report", () => {
  assert.equal(renderTable(titled("A"), [["a\u001b[31m\nb\u202e"]], undefined).text, "A\na [31m b\n");
});

Deno.test("renderTable() leaves out the least important columns before it cuts, and never cuts a time", () => {
  const columns = [{ title: "PROFILE" }, { title: "REGION", leaveOut: 1 }, { title: "EXPIRES", whole: true }, {
    title: "SAVED IN",
    leaveOut: 2,
  }];
  const rows = [["production-administrator", "ap-southeast-2", "2027-01-15 12:27", "credentials file"]];
  const at = (width: number) => renderTable(columns, rows, width).text.split("\n")[1];
  assert.equal(at(100), "production-administrator  ap-southeast-2  2027-01-15 12:27  credentials file");
  assert.equal(at(70), "production-administrator  ap-southeast-2  2027-01-15 12:27");
  assert.equal(at(50), "production-administrator  2027-01-15 12:27");
  assert.equal(at(30), "production-…  2027-01-15 12:27");
  assert.equal(at(10), "product…  2027-01-15 12:27");
});

Deno.test("renderTable() colours cells and keeps the columns where they are", () => {
  const paint = (text: string, row: number) => row === 0 ? `<${text}>` : text;
  const { text } = renderTable(titled("A", "B"), [["x", "y"], ["long", "z"]], undefined, paint);
  assert.equal(text, "A     B\n<x>     <y>\nlong  z\n");
});

Deno.test("renderTable() drops a wide column and keeps a narrow one that still fits, though it is less important", () => {
  const columns = [{ title: "PROFILE" }, { title: "ACCOUNT", leaveOut: 1 }, {
    title: "LEFT",
    whole: true,
    leaveOut: 2,
  }];
  const row = ["dev", "987654321098 prod", "in 59 min"];
  assert.equal(renderTable(columns, [row], 20).text, "PROFILE  LEFT\ndev      in 59 min\n");
  assert.equal(renderTable(columns, [row], 30).text.split("\n")[0], "PROFILE  ACCOUNT");
});
