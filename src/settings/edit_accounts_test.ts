import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { accountsReader, plainAccounts } from "./accounts.ts";
import { accountsEditor } from "./edit_accounts.ts";

const NAMES = new Map([["012345678901", 'Prod: "eu"']]);

Deno.test("accountsEditor() adds names, and keeps comments, order and the names that are there", async () => {
  const [edit, read] = [await accountsEditor(), await accountsReader()];
  const none = () => assert.fail("no warning is expected");
  for (
    const text of [
      "",
      "# ours\n",
      "accounts:\n",
      "# ours\naccounts:\n  # the first\n  111111111111: Dev # here\n",
      '{"accounts": {"111111111111": "Dev"}}\n',
      "accounts:\r\n  111111111111: Dev\r\n",
    ]
  ) {
    const edited = edit("accounts.yaml", text, NAMES);
    const names = read("accounts.yaml", edited, none);
    assert.equal(names.get("012345678901"), 'Prod: "eu"', edited);
    assert.equal(names.get("111111111111"), text.includes("Dev") ? "Dev" : undefined);
    for (const comment of text.match(/#[^\r\n]*/g) ?? []) assert.ok(edited.includes(comment), edited);
    assert.equal(/[^\r]\n/.test(edited), !text.includes("\r"), JSON.stringify(edited));
  }
  assert.equal(edit("accounts.yaml", "", NAMES), 'accounts:\n  "012345678901": "Prod: \\"eu\\""\n');
  assert.equal(edit("accounts.yaml", "accounts: {a: b", new Map()), "accounts: {a: b", "nothing to do is nothing read");
});

Deno.test("accountsEditor() writes a file that needs no YAML parser to be read", async () => {
  const names = new Map([["012345678901", "Prod (eu)"], ["111111111111", "Dev"]]);
  assert.deepEqual(plainAccounts((await accountsEditor())("accounts.yaml", "# ours\n", names)), names);
});

Deno.test("accountsEditor() changes no file that cannot be read", async () => {
  const edit = await accountsEditor();
  for (const text of ["accounts: [", "accounts: 1\n", "- a\n"]) {
    assert.throws(() => edit("accounts.yaml", text, NAMES), UserError, text);
  }
});
