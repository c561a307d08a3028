import assert from "node:assert/strict";
import fc from "fast-check";
import { changedPart } from "./changed_part.ts";
import { hasPlainProfile, readProfiles } from "./credentials_file.ts";
import { parseIni } from "./ini.ts";
import { type EditedIni, editIni, type ProfileEdit, type Proof } from "./ini_edit.ts";
import { readAsJavaScript } from "./ini_readers.ts";

function partOf(before: string, after: string, profile = "b", kind: "credentials" | "config" = "credentials") {
  return changedPart(kind, parseIni(before), parseIni(after), new Set([profile]));
}

const A = "[a]\nk = 1\n\n";
const B = "# about b\n[b]\nk = 1\n";
const C = "\n[c]\nk = 1\n";

Deno.test("changedPart() is the changed section, up to the next header", () => {
  const part = partOf(A + B + C, A + B.replace("1", "2") + C);
  assert.deepEqual(part, { before: "[b]\nk = 1\n\n", after: "[b]\nk = 2\n\n" });
  assert.deepEqual(partOf(A, A + B), { before: A, after: A + B });
  assert.deepEqual(partOf("", B), { before: "", after: B });
});

Deno.test("changedPart() reaches over headers that the readers take differently", () => {
  const odd = "[x]; note\nk = 1\n";
  assert.deepEqual(partOf(A + odd + B + C, A + odd + B.replace("1", "2") + C)?.before, "[b]\nk = 1\n\n");
  assert.equal(partOf(A + B + odd + C, A + B.replace("1", "2") + odd + C)?.before, `[b]\nk = 1\n${odd}\n`);
  const indented = "[y]\n  k = 1\n  [z]\n  k = 2\n";
  assert.equal(partOf(indented + B, indented.replace("2", "3") + B, "y")?.before.startsWith("[y]\n"), true);
});

Deno.test("changedPart() needs the whole file if a section of the part or an edited profile is elsewhere too", () => {
  for (const elsewhere of ["[b]\n", "[b] # again\n", "[a]\nk =\n  [b]\n", "[__proto__]\n"]) {
    assert.equal(partOf(elsewhere + A + B + C, elsewhere + A + B.replace("1", "2") + C), undefined, elsewhere);
  }
  const one = "[profile b]\nk = 1\n";
  for (const elsewhere of ['[profile "b"]\n', "[profile.b]\n", "[profile b]\n"]) {
    const text = `${elsewhere}${one.replace("b", "c")}`;
    assert.equal(partOf(text + one, text + one.replace("1", "2"), "b", "config"), undefined, elsewhere);
  }
});

/** Pieces that the readers take for different things in different places. */
const piece = fc.constantFrom(
  ...'[a]|[b]|[c]|[d]|[default]|[DEFAULT]|[profile a]|[profile b]|[profile "b"]|[profile.b]|[b] # note|[b]; note'.split(
    "|",
  ),
  ..." [b]|  [c]|[ b ]|[[b]]|[b]x|[__proto__]|[sso-session b]|[b]]|\t[d]".split("|"),
  ..."k = 1|K = 2|k=NEW|  k = 3|  nested = 4|k =|k: 5|t = OLD # c|t = OLD|  t = OLD|x|  x|# c|; c|  # c||  |k = 1 = 2"
    .split("|"),
);

Deno.test("editIni() with the proof of the part does what it does with the proof of the whole file", () => {
  const outcome = (run: () => EditedIni) => {
    try {
      return run();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const edit = fc.record({
    profile: fc.constantFrom("a", "b", "default", "new"),
    set: fc.subarray([["k", "NEW"], ["t", "TOKEN"]] as const),
    unset: fc.subarray(["x", "nested"]),
    dropEmpty: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.constantFrom("credentials", "config"),
      fc.array(piece, { maxLength: 14 }),
      fc.constantFrom("\n", "\r\n"),
      fc.array(edit, { minLength: 1, maxLength: 2 }),
      (kind, lines, end, edits: readonly ProfileEdit[]) => {
        const text = `[first]\nk = 1\n${lines.join(end)}${end}[last]\nk = 1\n`;
        const by = (proof: Proof) => outcome(() => editIni({ kind, path: "f" } as const, text, edits, proof));
        assert.deepEqual(by("part"), by("whole"));
      },
    ),
    { numRuns: 5000 },
  );
});

Deno.test("readAsJavaScript() of some sections is what it reads of all, less the others", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.subarray(["a", "b", "default", "profile.b"]), (lines, only) => {
      const text = lines.join("\n");
      const all = readAsJavaScript(text);
      const expected = all && new Map([...all].filter(([section]) => only.includes(section)));
      assert.deepEqual(readAsJavaScript(text, new Set(only)), expected);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("hasPlainProfile() is true only for a profile that readProfiles() finds", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assert.equal(hasPlainProfile(bytes("[a]\n[b]\nk = v\n"), "b"), true);
  assert.equal(hasPlainProfile(bytes("[a]\n[b]; note\nk = v\n"), "b"), false);
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 14 }),
      fc.constantFrom("a", "b", "c", "b]", "__proto__"),
      (lines, name) => {
        const file = bytes(`${lines.join("\n")}\n`);
        if (hasPlainProfile(file, name)) assert.ok(readProfiles(file).some((profile) => profile.name === name));
      },
    ),
    { numRuns: 1000 },
  );
});
