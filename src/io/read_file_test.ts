import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { FileError } from "./deps.ts";
import { readFile, unlessUnreadable } from "./read_file.ts";

const failing = (error: Error) => ({ read: () => Promise.reject(error) });

Deno.test("readFile(): what cannot be read is an error with the reason and a hint", async () => {
  const cases = [
    ["denied", /^cannot read "\/a\/b": permission denied$/],
    ["directory", /it is a folder$/],
    ["blocked", /the sandbox does not allow it$/],
    ["other", /Input\/output error {2}\[31m\(os error 5\)$/],
  ] as const;
  for (const [kind, words] of cases) {
    const cause = new FileError(kind, "/a/b", "Input/output error \u001b[31m(os error 5)");
    await assert.rejects(readFile(failing(cause), "/a/b"), (error) => {
      assert.ok(error instanceof UserError && error.exit === 2 && error.cause === cause);
      assert.match(error.message, words);
      assert.deepEqual(error.hints, ['check its permissions: ls -ld "/a/b"']);
      return true;
    });
  }
  assert.equal(await readFile({ read: () => Promise.resolve(undefined) }, "/a/b"), undefined);
});

Deno.test("readFile(), unlessUnreadable(): a bug is not hidden", async () => {
  await assert.rejects(readFile(failing(new RangeError("a bug")), "/a"), RangeError);
  await assert.rejects(unlessUnreadable(Promise.reject(new RangeError("a bug"))), RangeError);
});

Deno.test("unlessUnreadable(): what is found, or the other value", async () => {
  assert.equal(await unlessUnreadable(Promise.resolve(1)), 1);
  assert.equal(await unlessUnreadable(Promise.reject(new FileError("denied", "/a", "x"))), undefined);
});
