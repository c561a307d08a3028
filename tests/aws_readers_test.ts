/**
 * What we write, read by the real readers: botocore (the AWS CLI's own library) and the AWS SDK for JavaScript.
 * `OLAWS_RUNS` sets how many generated files each property takes (default 300).
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../src/errors.ts";
import { decodeIni, firstLineNotUtf8, parseIni, pyStrip } from "../src/aws/files/ini.ts";
import { editingFile } from "../src/aws/files/edit_file.ts";
import type { ProfileEdit } from "../src/aws/files/ini_edit.ts";
import type { AwsFileKind } from "../src/aws/files/profile_name.ts";
import { atOnce } from "../src/io/pieces.ts";
import { isRejected, readAsJavaScript, readAsPython, type Sections } from "../src/aws/files/ini_readers.ts";
import { writeProfiles } from "../src/aws/files/credentials_file.ts";
import { realClock } from "../src/io/clock.ts";
import { realFiles } from "../src/io/files.ts";
import { awsFile, CONFIG_PROFILES, configFile, newKeys, PROFILES, sectionedFile } from "./aws_readers/generator.ts";
import { hasAwsCli } from "./aws_tools.ts";
import { type Botocore, type Read, readWithSmithy, startBotocore } from "./aws_readers/readers.ts";
import { PLATFORM } from "../src/testing.ts";

const numRuns = Number(Deno.env.get("OLAWS_RUNS") ?? 300);
const botocore = await startBotocore();
const SKIPPED = "there is no Python with botocore here; install awscli, or set OLAWS_PYTHON";
if (botocore === undefined) console.error(`tests/aws_readers_test.ts: the botocore half is skipped: ${SKIPPED}`);

/** Of some of these, only the edited sections are proven. The SDK for JavaScript reads nothing of a file with [__proto__]. */
const withSectioned = (files: fc.Arbitrary<Uint8Array<ArrayBuffer>>, kind: AwsFileKind) =>
  fc.oneof(
    { weight: 3, arbitrary: files },
    sectionedFile(kind).filter((bytes) => !decodeIni(bytes).includes("__proto__")),
  );
const credentialsFile = withSectioned(awsFile, "credentials");

function asObject(sections: Sections): Read {
  return Object.fromEntries([...sections].map(([name, values]) => [name, Object.fromEntries(values)]));
}

Deno.test(
  "readAsPython: reads every file like botocore",
  { ignore: botocore === undefined },
  async () => {
    const judge = botocore as Botocore;
    await fc.assert(
      fc.asyncProperty(awsFile, async (bytes) => {
        const text = decodeIni(bytes);
        // Read in binary as lines; a lone carriage return is refused before it matters, and so is text that is not UTF-8.
        fc.pre(!/\r(?!\r*(\n|$))/.test(text) && firstLineNotUtf8(text) === undefined);
        const ours = readAsPython(parseIni(text));
        const theirs = await judge.read(bytes, "credentials");
        // A bad nested value in [DEFAULT] only hurts once a section inherits it.
        fc.pre(!(isRejected(ours) && text.includes("[DEFAULT]") && /nested/.test(ours.reason)));
        if (isRejected(ours)) return assert.ok(theirs.rejected, `accepted, we reject: ${ours.line} ${ours.reason}`);
        const flat = Object.fromEntries(
          Object.entries(theirs.sections ?? assert.fail(`rejected: ${theirs.rejected}`)).map((
            [name, values],
          ) => [name, Object.keys(values).sort()]),
        );
        const defaults = [...ours.get("DEFAULT")?.keys() ?? []];
        const expected = Object.fromEntries(
          [...ours].filter(([name]) => name !== "DEFAULT").map((
            [name, values],
          ) => [name, [...new Set([...values.keys(), ...defaults])].sort()]),
        );
        assert.deepEqual(flat, expected);
        for (const [name, values] of ours) {
          for (const [key, value] of values) {
            const read = theirs.sections?.[name]?.[key];
            // "\r\r\n" counts as one line end with us and as two with Python: a blank line more within a value.
            const once = (text: string) => text.replace(/\n+/g, "\n");
            if (name !== "DEFAULT" && typeof read === "string") assert.equal(once(value), once(read));
          }
        }
      }),
      { numRuns },
    );
  },
);

Deno.test("readAsJavaScript: reads every file like the AWS SDK for JavaScript", async () => {
  await fc.assert(
    fc.asyncProperty(awsFile, async (bytes) => {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      assert.deepEqual(asObject(readAsJavaScript(text) ?? new Map()), {
        ...await readWithSmithy(bytes, "credentials"),
      });
    }),
    { numRuns },
  );
});

/**
 * Every value a reader found before it finds again. It finds no other ones, except such as the other reader had found
 * before: a key that only one of them took for a key may now be one for both.
 */
function assertSameElsewhere(
  [before, after, otherBefore]: readonly [Read, Read, Read],
  profile: string,
  set: readonly (readonly [string, string])[],
  inherited: readonly string[],
): void {
  const named = set.map(([key]) => key);
  const isNamed = (section: string, key: string) =>
    section === profile && named.includes(key.toLowerCase().split(/[.:]/)[0]?.trim() ?? "");
  for (const [section, values] of Object.entries(before)) {
    for (const [key, value] of Object.entries(values)) {
      // The profile's own value, which only the other reader saw, now hides the one inherited from [DEFAULT].
      const hidden = section === profile && inherited.includes(key) && otherBefore[section]?.[key] !== undefined;
      if (!isNamed(section, key) && !hidden) assert.deepEqual(after[section]?.[key], value, `lost [${section}] ${key}`);
    }
  }
  for (const [section, values] of Object.entries(after)) {
    for (const [key, value] of Object.entries(values)) {
      // An empty value was there for neither: the JavaScript SDK drops those.
      if (isNamed(section, key) || before[section]?.[key] !== undefined || value === "") continue;
      const known = [
        ...Object.keys(otherBefore[section] ?? {}).flatMap((other) => [other, other.split(":")[0]?.trim()]),
        // What was nested below an empty value, for the JavaScript SDK, is alone once that value is there.
        ...Object.keys(before[section] ?? {}).map((other) => other.slice(other.indexOf(".") + 1)),
      ];
      const isKnown = known.some((other) => other === key || other?.toLowerCase() === key);
      assert.ok(isKnown || inherited.includes(key), `appeared: [${section}] ${key}`);
    }
  }
}

Deno.test("editingFile: botocore and the JavaScript SDK read the new values, and the old ones everywhere else", async (t) => {
  let edited = 0;
  let refusedSound = 0;
  let repaired = 0;
  await t.step("for every generated file", async () => {
    await fc.assert(
      fc.asyncProperty(credentialsFile, fc.constantFrom(...PROFILES), newKeys, async (bytes, profile, set) => {
        const pythonBefore = await botocore?.read(bytes, "credentials");
        const smithyBefore = await readWithSmithy(bytes, "credentials");
        const result = attempt(bytes, profile, set);
        if (result === undefined) {
          if (pythonBefore !== undefined && pythonBefore.rejected === undefined) refusedSound++;
          return;
        }
        edited++;
        const after = result.bytes;
        if (result.warnings.length > 0) repaired++;
        const notUtf8 = result.warnings.some((warning) => warning.includes("not UTF-8"));

        const smithy = await readWithSmithy(after, "credentials");
        for (const [key, value] of set) assert.equal(smithy[profile]?.[key], value, `JavaScript: ${key}`);
        // A new section inherits the keys of [DEFAULT] at once, in botocore.
        const read = readAsPython(parseIni(result.text));
        const inherited = isRejected(read) ? [] : [...read.get("DEFAULT")?.keys() ?? []];
        // A header among the lines that are moved out of a value is one for every reader then, as the warning explains.
        const headersMoved = result.warnings.some((warning) => /header|indentation|merged|left margin/.test(warning));
        if (!headersMoved) {
          assertSameElsewhere([smithyBefore, smithy, pythonBefore?.sections ?? smithy], profile, set, inherited);
        }
        if (botocore !== undefined && !notUtf8) {
          const python = await botocore.read(after, "credentials", profile);
          // A nested map that botocore could not split before is not ours to correct.
          if (python.rejected !== undefined) assert.ok(pythonBefore?.rejected, `now rejected: ${python.rejected}`);
          else {
            const values = Object.fromEntries(set);
            for (const [key, value] of set) assert.equal(python.sections?.[profile]?.[key], value, `botocore: ${key}`);
            assert.deepEqual(python.credentials, [
              values.aws_access_key_id,
              values.aws_secret_access_key,
              values.aws_session_token,
            ]);
            if (pythonBefore?.sections !== undefined && !headersMoved) {
              assertSameElsewhere(
                [pythonBefore.sections, python.sections ?? {}, smithyBefore],
                profile,
                set,
                inherited,
              );
            }
          }
        }
        const again = edit("credentials", after, [{ profile, set }]);
        assert.equal(again.text, result.text, "a second time changes nothing");
      }),
      { numRuns },
    );
  });
  await t.step("and seldom refuses a file that botocore accepts", () => {
    console.log(`      edited ${edited}, repaired ${repaired}, refused although botocore accepts ${refusedSound}`);
    assert.ok(edited > numRuns / 3);
    assert.ok(refusedSound < Math.max(12, numRuns / 50), `${refusedSound} of ${numRuns}`);
  });
});

function attempt(bytes: Uint8Array<ArrayBuffer>, profile: string, set: readonly (readonly [string, string])[]) {
  return unlessRefused(() => edit("credentials", bytes, [{ profile, set }]));
}

function edit(kind: AwsFileKind, bytes: Uint8Array<ArrayBuffer>, edits: readonly ProfileEdit[]) {
  const edited = atOnce(editingFile({ kind, path: "/f" }, bytes, edits));
  return { ...edited, text: decodeIni(edited.bytes) };
}

function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    assert.ok(error instanceof UserError && error.exit === 2, String(error));
    return undefined;
  }
}

Deno.test("editingFile: a login and a logout after it leave every other profile readable as before", async () => {
  await fc.assert(
    fc.asyncProperty(credentialsFile, newKeys, async (bytes, set) => {
      const pythonBefore = await botocore?.read(bytes, "credentials");
      const smithyBefore = await readWithSmithy(bytes, "credentials");
      const saved = attempt(bytes, "new-one", set);
      if (saved === undefined || saved.warnings.length > 0) return;
      const removal = { profile: "new-one", unset: set.map(([key]) => key), dropEmpty: true };
      const removed = edit("credentials", saved.bytes, [removal]);
      assert.deepEqual(removed.warnings, []);
      const after = removed.bytes;
      assert.deepEqual(await readWithSmithy(after, "credentials"), smithyBefore);
      if (botocore !== undefined) {
        assert.deepEqual((await botocore.read(after, "credentials")).sections, pythonBefore?.sections);
      }
      // Nothing but the blank line that set the section apart, or a last line end, may differ.
      const trimmed = (text: string) => pyStrip(`.${text}`);
      assert.equal(trimmed(removed.text), trimmed(decodeIni(bytes)));
    }),
    { numRuns: numRuns / 4 },
  );
});

Deno.test("editingFile: in the config file both readers find the new region under the profile, whatever its header was", async () => {
  let edited = 0;
  await fc.assert(
    fc.asyncProperty(
      withSectioned(configFile, "config"),
      fc.constantFrom(...CONFIG_PROFILES),
      async (bytes, profile) => {
        const set = [["region", "eu-new-1"], ["credential_process", '"/opt/a b" --x']] as const;
        const pythonBefore = await botocore?.read(bytes, "config");
        const smithyBefore = await readWithSmithy(bytes, "config");
        const result = unlessRefused(() => edit("config", bytes, [{ profile, set }]));
        if (result === undefined) return;
        edited++;
        const after = result.bytes;
        const smithy = await readWithSmithy(after, "config");
        // It cannot read a name with a space, however it is spelled.
        if (profile !== "my dev") {
          for (const [key, value] of set) assert.equal(smithy[profile]?.[key], value, `JavaScript: ${key}`);
        }
        if (result.warnings.length === 0) {
          for (const [section, values] of Object.entries(smithyBefore)) {
            if (section !== profile) assert.deepEqual(smithy[section], values, `JavaScript: ${section}`);
          }
        }
        if (botocore === undefined || result.warnings.some((warning) => warning.includes("not UTF-8"))) return;
        const python = await botocore.read(after, "config");
        if (python.rejected !== undefined) return assert.ok(pythonBefore?.rejected, `now rejected: ${python.rejected}`);
        for (const [key, value] of set) assert.equal(python.sections?.[profile]?.[key], value, `botocore: ${key}`);
        if (result.warnings.length > 0) return;
        for (const [section, values] of Object.entries(pythonBefore?.sections ?? {})) {
          if (section !== profile) assert.deepEqual(python.sections?.[section], values, `botocore: ${section}`);
        }
      },
    ),
    { numRuns: numRuns / 2 },
  );
  assert.ok(edited > numRuns / 6, String(edited));
});

const awsCli = hasAwsCli();
if (!awsCli) console.error("tests/aws_readers_test.ts: the AWS CLI itself is skipped: there is none here");

Deno.test("writeProfiles: takes turns with the real AWS CLI on one file", { ignore: !awsCli }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/credentials`;
    const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: `${folder}/config` };
    const aws = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command("aws", { args: ["configure", ...args], env }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout).trim();
    };
    const deps = { files: realFiles(PLATFORM), clock: realClock() };
    const credentials = {
      accessKeyId: "ASIA1",
      secretAccessKey: "s1",
      sessionToken: "t1==",
      expiration: Date.UTC(2027, 0),
    };
    const write = (sessionToken: string) =>
      writeProfiles(deps, file, [{
        profile: "dev",
        credentials: { ...credentials, sessionToken },
        region: "eu-west-1",
      }]);
    await aws("set", "aws_access_key_id", "AKIALONG", "--profile", "long");
    await write("t1==");
    assert.equal(await aws("get", "aws_session_token", "--profile", "dev"), "t1==");
    await aws("set", "aws_access_key_id", "AKIAOTHER", "--profile", "long");
    await write("t2==");
    assert.equal(
      await Deno.readTextFile(file),
      "[long]\naws_access_key_id = AKIAOTHER\n\n[dev]\naws_access_key_id = ASIA1\naws_secret_access_key = s1\n" +
        "aws_session_token = t2==\naws_session_expiration = 2027-01-01T00:00:00+0000\naws_security_token = t2==\n" +
        "region = eu-west-1\nx_security_token_expires = 2027-01-01T00:00:00Z\n",
    );
    assert.equal(await aws("get", "region", "--profile", "dev"), "eu-west-1");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the judges: end", { ignore: botocore === undefined, sanitizeResources: false }, async () => {
  await botocore?.close();
});
