/** Plain files: what is read and edited of their sections alone is what is read and edited of all of the file. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { profileNames, readProfile, readProfiles } from "../src/aws/files/credentials_file.ts";
import { editingFile } from "../src/aws/files/edit_file.ts";
import { decodeIni, firstLineNotUtf8, parseIni } from "../src/aws/files/ini.ts";
import { editIni, type ProfileEdit } from "../src/aws/files/ini_edit.ts";
import { isRejected, readAsJavaScript, readAsPython } from "../src/aws/files/ini_readers.ts";
import { plainFile } from "../src/aws/files/plain_file.ts";
import { profileOf } from "../src/aws/files/profile_name.ts";
import { atOnce } from "../src/io/pieces.ts";
import { sectionedFile } from "./aws_readers/generator.ts";
import { startBotocore } from "./aws_readers/readers.ts";

const KINDS = ["credentials", "config"] as const;
const botocore = await startBotocore();

for (const kind of KINDS) {
  Deno.test(`plainFile: both readers accept a plain file, and read its sections alone as in the file (${kind})`, () => {
    let plainOnes = 0;
    fc.assert(
      fc.property(sectionedFile(kind), (bytes) => {
        const text = decodeIni(bytes);
        const plain = plainFile(kind, bytes);
        if (plain === undefined) return;
        plainOnes++;
        assert.equal(firstLineNotUtf8(text), undefined);
        const python = readAsPython(parseIni(text));
        assert.ok(!isRejected(python), isRejected(python) ? `${python.line}: ${python.reason}` : "");
        const parts = [...plain.sections.values()].map((at) =>
          decodeIni(bytes.slice(plain.starts[at], plain.starts[at + 1]))
        );
        const alone = parts.map((part) => readAsPython(parseIni(part)));
        assert.deepEqual(python, new Map(alone.flatMap((read) => isRejected(read) ? [] : [...read])));
        assert.deepEqual([...python.keys()], [...plain.sections.keys()]);
        const javaScript = parts.map((part) => readAsJavaScript(part) ?? assert.fail("rejected"));
        assert.ok(javaScript.every((read) => read.size <= 1));
        assert.deepEqual(readAsJavaScript(text), new Map(javaScript.flatMap((read) => [...read])));
      }),
      { numRuns: 3000 },
    );
    assert.ok(plainOnes > 500, `${plainOnes} plain files`);
  });
}

Deno.test(
  "plainFile: botocore accepts a plain file, with these profiles",
  { ignore: botocore === undefined },
  async () => {
    for (const kind of KINDS) {
      await fc.assert(
        fc.asyncProperty(sectionedFile(kind), async (bytes) => {
          const plain = plainFile(kind, bytes);
          if (plain === undefined) return;
          const { rejected, sections } = await botocore?.read(bytes, kind) ?? {};
          assert.equal(rejected, undefined);
          const profiles = [...plain.sections.keys()].flatMap((name) => profileOf(kind, name) ?? []);
          assert.deepEqual(Object.keys(sections ?? {}).toSorted(), profiles.toSorted());
        }),
        { numRuns: 300 },
      );
    }
  },
);

Deno.test("readProfile, profileNames: find what is found in all of the file", () => {
  fc.assert(
    fc.property(
      sectionedFile("credentials"),
      fc.constantFrom("dev", "c", "default", "a.b@c/d", "profile-e", "my dev", "küche"),
      (bytes, name) => {
        const all = readProfiles(bytes);
        assert.deepEqual(readProfile(bytes, name), all.find((facts) => facts.name === name));
        assert.deepEqual([...profileNames(bytes)].toSorted(), all.map((facts) => facts.name).toSorted());
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("readAsJavaScript: of some sections it reads what it reads of all, less the others", () => {
  fc.assert(
    fc.property(sectionedFile("credentials"), fc.subarray(["a", "dev", "default", "profile.dev"]), (bytes, only) => {
      const text = decodeIni(bytes);
      const all = readAsJavaScript(text);
      const expected = all && new Map([...all].filter(([section]) => only.includes(section)));
      assert.deepEqual(readAsJavaScript(text, new Set(only)), expected);
    }),
    { numRuns: 3000 },
  );
});

/** The result, or the message of the error. */
function outcome<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

for (const kind of KINDS) {
  Deno.test(`editingFile: an edit of the sections alone is the one of the whole file, or its refusal (${kind})`, () => {
    const edit = fc.record({
      profile: fc.constantFrom("dev", "c", "d", "default", "new", "my new", "my dev", "küche", "a.b@c/d"),
      set: fc.subarray([["k", "NEW"], ["t", "TOKEN"]] as const),
      unset: fc.subarray(["x", "e", "k2"]),
      dropEmpty: fc.boolean(),
    });
    let apart = 0;
    fc.assert(
      fc.property(
        sectionedFile(kind),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (bytes, edits: readonly ProfileEdit[]) => {
          const file = { kind, path: "f" };
          const whole = outcome(() => editIni(file, decodeIni(bytes), edits));
          const edited = outcome(() => atOnce(editingFile(file, bytes, edits)));
          assert.deepEqual(
            typeof edited === "string" ? edited : { text: decodeIni(edited.bytes), warnings: edited.warnings },
            whole,
          );
          if (plainFile(kind, bytes)) apart++;
        },
      ),
      { numRuns: 4000 },
    );
    assert.ok(apart > 800, `${apart} plain files`);
  });
}
