import assert from "node:assert/strict";
import fc from "fast-check";
import { Exit, orUserError, UserError } from "../errors.ts";
import { refused } from "../testing.ts";
import { accountsReader, plainAccounts, readAccountNames } from "./accounts.ts";

const readAccounts = await accountsReader();

function read(text: string): { accounts: Record<string, string>; warnings: string[] } {
  const warnings: string[] = [];
  const accounts = Object.fromEntries(readAccounts("/accounts.yaml", text, (line) => warnings.push(line)));
  return { accounts, warnings };
}

function failure(text: string): UserError {
  return refused(orUserError(() => read(text)));
}

Deno.test("readAccounts: quoted and unquoted ids stay as written", () => {
  const { accounts, warnings } = read(
    'accounts:\n  "987654321012": Prod account\n  123456789012: Dev Account\n  012345678901: Octal\n' +
      "  000000000001: 42\n  1234-5678-9013: 'Hyphens'\n",
  );
  assert.deepEqual(accounts, {
    "987654321012": "Prod account",
    "123456789012": "Dev Account",
    "012345678901": "Octal",
    "000000000001": "42",
    "123456789013": "Hyphens",
  });
  assert.deepEqual(warnings, []);
});

Deno.test("readAccounts: nothing in the file, or nothing under accounts, is no account", () => {
  for (const text of ["", "# only a comment\n", "accounts:\n", "accounts: {}\n", "---\n", 'accounts: ""']) {
    assert.deepEqual(read(text), { accounts: {}, warnings: [] }, text);
  }
});

Deno.test("readAccounts: an id without a name is left out, an alias is followed, controls are made safe", () => {
  const text = 'accounts:\n  111111111111:\n  222222222222: &a "x\\e[31m"\n  333333333333: *a\n';
  assert.deepEqual(read(text).accounts, { "222222222222": "x [31m", "333333333333": "x [31m" });
});

Deno.test("readAccounts: wrong shapes name line and column", () => {
  assert.match(failure("- a\n").message, /"\/accounts\.yaml": line 1, column 1: expected "accounts:"/);
  assert.match(failure("\n123456789012: Prod\n").message, /line 2, column 1: .*under "accounts:"/);
  assert.match(failure("accounts:\n  - id: 1\n").message, /line 2, column 3: "accounts" must be/);
  assert.match(failure("accounts:\n  123456789012: [a]\n").message, /line 2, column 17: expected the name/);
  assert.match(failure("accounts:\n  ? [1]\n  : x\n").message, /line 2, column 5: expected an account id/);
  assert.match(failure("accounts: a: b\n").message, /line 1, column 11: nested mappings/);
  assert.match(failure("accounts:\n\t1: x\n").message, /line 2, column 1: tabs/);
  assert.match(failure("accounts: {}\n---\naccounts: {}\n").message, /multiple documents/);
  assert.doesNotMatch(failure("accounts: a: b\n").message, /\n/);
});

Deno.test("readAccounts: odd ids, unknown and repeated keys are warnings", () => {
  const { accounts, warnings } = read("acounts: x\naccounts:\n  12: a\n  111111111111: b\n  111111111111: c\n");
  assert.deepEqual(accounts, { "12": "a", "111111111111": "c" });
  assert.equal(warnings.length, 3);
  assert.match(
    warnings.join("\n"),
    /"acounts" is unknown[^]*line 3: "12" is not[^]*line 5: "111111111111" is repeated/,
  );
});

Deno.test("readAccounts: any text gives accounts or a usage error", () => {
  const piece = fc.constantFrom(
    "accounts:",
    "\n",
    "  ",
    "\t",
    "123456789012",
    ": ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<",
    "|",
    ">",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "!!str ",
    "%YAML",
    "---",
    "#",
    "é",
    "\r",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }).map((all) => all.join("")), (text) => {
      try {
        read(text);
      } catch (error) {
        assert.ok(error instanceof UserError && error.exit === Exit.usage, `${JSON.stringify(text)}: ${error}`);
      }
    }),
    { numRuns: 3000 },
  );
  failure("[".repeat(20_000));
});

Deno.test("accounts.yaml: what would keep the parser busy is refused with its place (attacker: who writes the file)", () => {
  const row = '\n  "123456789012": Name';
  const cases: readonly (readonly [string, RegExp])[] = [
    [`accounts:${row.repeat(200_000)}`, /: it has more than 131072 characters$/],
    [`accounts:\n  a: ${"{a: b}".repeat(40_000 / 6)}`, /: line 2, column 201: the line has more than 200 characters$/],
    [
      `accounts:\n  "123456789012": &a Name${'\n  "123456789013": *a'.repeat(2000)}`,
      /: line 103, column 19: there are more than 100 aliases$/,
    ],
  ];
  for (const [text, pattern] of cases) {
    assert.throws(() => readAccounts("/a.yaml", text, () => {}), (error) => {
      assert.ok(error instanceof UserError && error.exit === 2);
      assert.match(error.message, pattern);
      return true;
    });
  }
  const many = Array.from({ length: 3000 }, (_, at) => `\n  "${String(at).padStart(12, "0")}": Account number ${at}`);
  assert.equal(readAccounts("/a.yaml", `accounts:${many.join("")}`, () => {}).size, 3000);
  assert.equal(readAccounts("/a.yaml", `accounts:\r  "123456789012": One\r\n  "123456789013": Two`, () => {}).size, 2);
});

Deno.test("plainAccounts: the usual file needs no YAML parser, anything else does", async () => {
  const text =
    "# ours\r\naccounts:\r\n  \"123456789012\": Dev (eu)  \r\n\r\n  1234-5678-9013: 'Köln & Co.'\r\n  # end\r\n";
  assert.deepEqual(
    [...plainAccounts(text) ?? []],
    [["123456789012", "Dev (eu)"], ["123456789013", "Köln & Co."]],
  );
  assert.deepEqual([...plainAccounts("accounts:\n") ?? [1]], []);
  const row = "  123456789012: Dev\n";
  const others = [
    "",
    row,
    `accounts:\n${row}${row}`,
    `accounts:\n${row}   123456789013: Prod\n`,
    `accounts:\n${row}accounts:\n`,
    `accounts:\n\t123456789012: Dev\n`,
    "accounts:\n  12: Dev\n",
    "accounts:\n  123456789012:\n",
    "accounts:\n  123456789012: Dev # one\n",
    "accounts:\n  123456789012: a: b\n",
    "accounts:\n  123456789012: &a Dev\n",
    "accounts:\n  123456789012: \"Dev'\n",
    "accounts:\n123456789012: Dev\n",
    `accounts:\n  123456789012: ${"x".repeat(101)}\n`,
    `accounts:\n${row.repeat(10_001)}`,
    // What is refused as too large: in lines that are no accounts too.
    `accounts:\n# ${"c".repeat(199)}\n${row}`,
    `accounts:\n${" ".repeat(201)}\n${row}`,
    `accounts:${" ".repeat(200)}\n${row}`,
    `accounts:\n${"# c\n".repeat(10_000)}`,
    // What is cut, by UTF-16 units.
    `accounts:\n  123456789012: ${"\u{20000}".repeat(51)}\n`,
  ];
  for (const other of others) assert.equal(plainAccounts(other), undefined, JSON.stringify(other));
  assert.deepEqual([...await readAccountNames("/a.yaml", "accounts: {123456789012: Dev}", () => {})], [
    ["123456789012", "Dev"],
  ]);
});

Deno.test("plainAccounts: never differs from the YAML parser (attacker: who writes the file)", () => {
  const id = fc.integer({ min: 0, max: 40 }).map((number) => String(123456789000 + number));
  const name = fc.oneof(
    { weight: 9, arbitrary: fc.stringMatching(/^[A-Za-z0-9äß ._/()&+#:'"-]{1,12}$/) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("x".repeat(100), "x".repeat(101), "\u{20000}".repeat(60), "x".repeat(190)),
    },
  );
  const quote = fc.constantFrom("", "", '"', "'");
  const line = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(quote, id, name, quote).map(([a, id, name, b]) => `  ${a}${id}${a}: ${b}${name}${b}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        "  ",
        "# note",
        "  # é",
        `# ${"c".repeat(198)}`,
        `# ${"c".repeat(199)}`,
        "   123456789099: In",
        "---",
        "...",
        "a: b",
        "  - x",
      ),
    },
  );
  let plain = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 3 }), fc.constantFrom("\n", "\r\n"), (lines, end) => {
      const text = ["accounts:", ...lines, ""].join(end);
      const quick = plainAccounts(text);
      if (quick === undefined) return;
      plain++;
      assert.deepEqual(read(text), { accounts: Object.fromEntries(quick), warnings: [] }, JSON.stringify(text));
    }),
    { numRuns: 4000 },
  );
  assert.ok(plain > 500, `${plain} of them were plain`);
});
