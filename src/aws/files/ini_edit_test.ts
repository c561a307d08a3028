import assert from "node:assert/strict";
import { UserError } from "../../errors.ts";
import { decodeIni, parseIni } from "./ini.ts";
import { editingIni, editIni, type ProfileEdit } from "./ini_edit.ts";
import { isRejected, readAsJavaScript, readAsPython } from "./ini_readers.ts";
import { threadTime } from "../../testing.ts";

const FILE = { kind: "credentials", path: "/home/ada/.aws/credentials" } as const;
const CONFIG = { kind: "config", path: "/home/ada/.aws/config" } as const;

const KEYS = [["aws_access_key_id", "NEW"], ["aws_session_token", "TOK"]] as const;

function edited(text: string, edit: Partial<ProfileEdit> = {}, file: typeof FILE | typeof CONFIG = FILE) {
  return editIni(file, text, [{ profile: "dev", set: KEYS, ...edit }]);
}

/** The text, when nothing had to be repaired. */
function clean(text: string, edit: Partial<ProfileEdit> = {}, file: typeof FILE | typeof CONFIG = FILE): string {
  const result = edited(text, edit, file);
  assert.deepEqual(result.warnings, []);
  return result.text;
}

function refused(text: string, pattern: RegExp, edit: Partial<ProfileEdit> = {}): void {
  assert.throws(() => edited(text, edit), (error) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.exit, 2);
    assert.match(error.message, pattern);
    return true;
  });
}

Deno.test("editIni: an empty file gets the section alone", () => {
  assert.equal(clean(""), "[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n");
});

Deno.test("editIni: a new section gets a blank line, and never starts on the last line of a file without a line end", () => {
  const section = "\n[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n";
  assert.equal(clean("[a]\nk = v"), `[a]\nk = v\n${section}`);
  assert.equal(clean("[a]\nk = v\n"), `[a]\nk = v\n${section}`);
  assert.equal(clean("[a]\nk = v\n\n"), `[a]\nk = v\n${section}`);
  assert.equal(clean("# only a comment"), `# only a comment\n${section}`);
  assert.equal(clean("[a]\r\nk = v\r\n"), `[a]\r\nk = v\r\n${section.replaceAll("\n", "\r\n")}`);
});

Deno.test("editIni: changes the named keys of the named section only, and nothing else in it", () => {
  const before = [
    "; mine",
    "[prod]",
    "aws_access_key_id=KEEP # really",
    "",
    "[dev] # my dev",
    "# the key",
    "aws_access_key_id =   OLD",
    "s3 =",
    "    max = 1",
    "",
    "output=json",
    "",
    "# about x",
    "[x]",
    "aws_access_key_id : KEEP",
  ].join("\n");
  const after = before.replace("aws_access_key_id =   OLD", "aws_access_key_id = NEW").replace(
    "output=json\n",
    "output=json\naws_session_token = TOK\n",
  );
  assert.equal(clean(before), after);
  assert.equal(clean(after), after);
});

Deno.test("editIni: keeps Windows line ends, in changed and in added lines", () => {
  assert.equal(
    clean("[dev]\r\naws_access_key_id = OLD\r\n[b]\r\nk = v\r\n"),
    "[dev]\r\naws_access_key_id = NEW\r\naws_session_token = TOK\r\n[b]\r\nk = v\r\n",
  );
});

Deno.test("editIni: a line whose value is right already keeps its spelling", () => {
  assert.equal(
    clean("[dev]\naws_access_key_id=NEW\naws_session_token\t=\tTOK\n"),
    "[dev]\naws_access_key_id=NEW\naws_session_token\t=\tTOK\n",
  );
});

Deno.test("editIni: a bracket in a value does not end the section", () => {
  assert.equal(
    clean("[dev]\naws_access_key_id = x[1]\nnote = [prod]\naws_session_token = OLD\n"),
    "[dev]\naws_access_key_id = NEW\nnote = [prod]\naws_session_token = TOK\n",
  );
});

Deno.test("editIni: writes key = value over key : value, other case and comments behind values", () => {
  assert.equal(
    clean("[dev]\nAWS_Access_Key_Id : OLD\naws_session_token = OLD ; note\n"),
    "[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n",
  );
});

Deno.test("editIni: an indented second key is a continuation for botocore; both readers find both keys afterwards", () => {
  const { text, warnings } = edited(
    "[dev]\naws_access_key_id = OLD\n  aws_session_token = OLD\n  region = eu-west-1\n",
  );
  assert.equal(text, "[dev]\naws_access_key_id = NEW\nregion = eu-west-1\naws_session_token = TOK\n");
  assert.equal(warnings.length, 1);
});

Deno.test("editIni: a section indented as a whole stays so where both readers can read it", () => {
  assert.equal(
    clean("[dev]\n  aws_access_key_id = OLD\n  output = json\n  [b]\n  k = v\n"),
    "[dev]\n  aws_access_key_id = NEW\n  output = json\n  aws_session_token = TOK\n  [b]\n  k = v\n",
  );
});

Deno.test("editIni: an indented section with a nested map loses the indentation that the JavaScript SDK stumbles on", () => {
  const { text, warnings } = edited("[dev]\n  s3 =\n    max = 1\n  aws_access_key_id = OLD\n[b]\nk = v\n");
  assert.equal(text, "[dev]\ns3 =\n  max = 1\naws_access_key_id = NEW\naws_session_token = TOK\n[b]\nk = v\n");
  assert.match(warnings.join(), /removed the indentation of \[dev\]/);
});

Deno.test("editIni: the header after the edited section is repaired when its keys would count as the section's own", () => {
  const { text, warnings } = edited("[dev]\naws_access_key_id = OLD\n[prod]; live\naws_access_key_id = KEEP\n");
  assert.equal(
    text,
    "[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n; live\n[prod]\naws_access_key_id = KEEP\n",
  );
  assert.match(warnings.join(), /rewrote the header \[prod\]/);
});

Deno.test("editIni: a header that botocore reads otherwise is this profile's all the same", () => {
  const { text } = edited("[dev] # see [b]\naws_access_key_id = OLD\n");
  assert.equal(text, "# see [b]\n[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n");
});

Deno.test("editIni: a header swallowed by the value above it comes back", () => {
  const { text, warnings } = edited("[a]\nk = v\n  [dev]\n  aws_access_key_id = OLD\n");
  assert.equal(text, "[a]\nk = v\n[dev]\n  aws_access_key_id = NEW\n  aws_session_token = TOK\n");
  assert.equal(warnings.length, 1);
});

Deno.test("editIni: a byte order mark, which botocore rejects, goes with a warning", () => {
  const { text, warnings } = edited("\ufeff[dev]\naws_access_key_id = OLD\n");
  assert.equal(text, "[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n");
  assert.match(warnings.join(), /byte order mark/);
});

Deno.test("editIni: values that other profiles have too are no obstacle to a repair", () => {
  const set = [["aws_access_key_id", "NEW"], ["region", "eu-west-1"]] as const;
  const other = "[prod]\nregion = eu-west-1\n";
  assert.equal(
    edited(`\ufeff${other}`, { set }).text,
    `${other}\n[dev]\naws_access_key_id = NEW\nregion = eu-west-1\n`,
  );
  assert.match(
    edited("[dev]\nk = v\n[prod]; live\nregion = eu-west-1\n", { set }).text,
    /^region = eu-west-1\n; live\n\[prod\]$/m,
  );
});

Deno.test("editIni: never lets credentials fall into a profile that only one reader sees", () => {
  const before = "[profile my dev two]\nx = 1\n  [default]\noutput = json\n";
  assert.throws(
    () => editIni(CONFIG, '[profile "my dev"]\nk = v\n [default]\noutput = json\n', [{ profile: "my dev", set: KEYS }]),
    /cannot edit .* safely/,
  );
  assert.match(editIni(CONFIG, before, [{ profile: "dev", set: KEYS }]).text, /\n\[profile dev\]\n/);
});

Deno.test("editIni: two sections of one name, which botocore rejects, become one when they do not contradict", () => {
  const before =
    "[b]\nk = 1\n\n[dev]\naws_access_key_id = OLD\n\n# two\n[b] ; again\nk = 1\nm = 2\n\n# three\n[c]\nx = 1";
  const { text, warnings } = edited(before);
  assert.equal(
    text,
    "[b]\nk = 1\n; again\nm = 2\n\n[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n\n# two\n\n# three\n[c]\nx = 1",
  );
  assert.equal(warnings.length, 2);
});

Deno.test("editIni: two values for one key stop the edit, unless the key is being replaced", () => {
  refused("[dev]\nregion = a\nregion = b\n", /line 3: "region" is repeated in \[dev\]/);
  refused("[b]\nk = 1\n[dev]\n[b]\nk = 2\n", /"k" is repeated in \[b\]/);
  assert.equal(
    edited("[dev]\naws_access_key_id = A\naws_access_key_id = B\n").text,
    "[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n",
  );
});

Deno.test("editIni: of two equal keys the one that both readers read stays", () => {
  const expected = "[b]\nk = 1\n\n[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n";
  for (const twice of ["k : 1\nk = 1", "k = 1\nk : 1"]) {
    assert.equal(edited(`[b]\n${twice}\n`).text, expected);
  }
});

Deno.test("editIni: a file botocore cannot read is left alone, with the line to look at", () => {
  refused("k = v\n[dev]\n", /line 1: .*first \[section\]/);
  refused("[a]\nk = v\n<<<<<<< HEAD\n", /line 3: it is neither a \[section\] nor a key = value/);
  refused("[a]\nk = v\rj = w\n", /line 2: .*carriage return/);
  refused("[a]\ns3 =\n  word\n", /line 3: .*nested setting/);
});

Deno.test("editIni: what is wrong with Mac line ends and UTF-16 is named, and not put on the AWS CLI", () => {
  const fault = (bytes: Iterable<number>): UserError => {
    try {
      edited(decodeIni(new Uint8Array(bytes)));
    } catch (error) {
      assert.ok(error instanceof UserError);
      return error;
    }
    assert.fail("it was edited");
  };
  const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
  const mac = fault(ascii("[a]\rk = v\r"));
  assert.equal(mac.exit, 2);
  assert.match(mac.hints.join(), /^save the file with LF or CRLF line ends/);
  for (const mark of [[0xff, 0xfe], []]) {
    const wide = fault([...mark, ...ascii("[a]\nk = v\n").flatMap((byte) => [byte, 0])]);
    assert.match(wide.message, /it is UTF-16 text/);
    assert.match(wide.hints.join(), /^save it as UTF-8/);
  }
});

Deno.test("editIni: names the file and its line in the message, never a value", () => {
  assert.throws(() => edited("[a]\nSECRETSECRET\n"), (error: UserError) => {
    assert.match(error.message, /^cannot edit "\/home\/ada\/.aws\/credentials": line 2: /);
    assert.doesNotMatch(error.message + error.hints.join(), /SECRET/);
    return true;
  });
});

Deno.test("editIni: refuses values that a reader would cut, split or drop, without showing them", () => {
  for (
    const value of ["", " s3cret", "s3cret\nk = v", "s3cret # x", "s3cret ;x", "#s3cret", "s3cret\0", "s3cret\ufeff"]
  ) {
    assert.throws(() => edited("", { set: [["region", value]] }), (error: UserError) => {
      assert.match(error.message, /^cannot save "region"/);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    }, JSON.stringify(value));
  }
});

Deno.test("editIni: a text that is not UTF-8 is kept byte for byte, with a warning", () => {
  const { text, warnings } = edited("# f\udcfcr\n[dev]\n");
  assert.equal(text, "# f\udcfcr\n[dev]\naws_access_key_id = NEW\naws_session_token = TOK\n");
  assert.match(warnings.join(), /line 1 of .* is not UTF-8/);
});

const REMOVE = { set: [], unset: KEYS.map(([key]) => key), dropEmpty: true };

Deno.test("editIni: removing the last key removes the section, but no comment", () => {
  assert.equal(clean("[a]\nk = v\n\n[dev]\naws_access_key_id = X\n", REMOVE), "[a]\nk = v\n");
  assert.equal(
    clean("[a]\nk = v\n\n[dev]\naws_access_key_id = X\n\n# of b\n[b]\nk = v\n", REMOVE),
    "[a]\nk = v\n\n# of b\n[b]\nk = v\n",
  );
  assert.equal(clean("[dev]\naws_access_key_id = X\naws_session_token = Y\n", REMOVE), "");
  assert.equal(clean("[dev]\naws_access_key_id = X\n# mine\n", REMOVE), "[dev]\n# mine\n");
  assert.equal(clean("[dev]\naws_access_key_id = X\nregion = r\n", REMOVE), "[dev]\nregion = r\n");
  assert.equal(clean("[a]\nk = v\n", REMOVE), "[a]\nk = v\n");
});

const REGION = { set: [["region", "eu-west-1"]] as const };

Deno.test("editIni: the config file has [profile NAME], quoted where there are spaces, and [default]", () => {
  const one = (profile: string, text = "") => editIni(CONFIG, text, [{ profile, ...REGION }]).text;
  assert.equal(one("dev"), "[profile dev]\nregion = eu-west-1\n");
  assert.equal(one("my dev"), '[profile "my dev"]\nregion = eu-west-1\n');
  assert.equal(one("default"), "[default]\nregion = eu-west-1\n");
  assert.equal(one("default", "[profile default]\nregion = x\n"), "[profile default]\nregion = eu-west-1\n");
  assert.equal(
    one("dev", '[dev]\nregion = x\n[profile "dev"]\n'),
    "[dev]\nregion = x\n[profile dev]\nregion = eu-west-1\n",
  );
});

Deno.test("editIni: a profile with two headers in the config file gets the value under both", () => {
  assert.equal(
    clean('[profile dev]\nregion = a\n[profile "dev"]\noutput = json\n', REGION, CONFIG),
    '[profile dev]\nregion = eu-west-1\n[profile "dev"]\noutput = json\nregion = eu-west-1\n',
  );
});

Deno.test("editIni: a header in quotes or with several spaces, which some SDKs do not find, is spelled for all", () => {
  assert.equal(edited("[profile   dev]\n", REGION, CONFIG).text, "[profile dev]\nregion = eu-west-1\n");
  for (const header of ["[profile   dev]", '[profile "dev"]', "[profile 'dev'] # mine", '[profile   "dev"]']) {
    const { text, warnings } = edited(`[default]\nk = v\n${header}\noutput = json\n[profile x]\n`, REGION, CONFIG);
    const comment = header.includes("#") ? "# mine\n" : "";
    const section = `${comment}[profile dev]\noutput = json\nregion = eu-west-1\n`;
    assert.equal(text, `[default]\nk = v\n${section}[profile x]\n`);
    assert.equal(warnings.length, 1, warnings.join());
  }
  // Other profiles' headers are theirs to spell.
  assert.equal(
    clean('[profile "x"]\nk = v\n', REGION, CONFIG),
    '[profile "x"]\nk = v\n\n[profile dev]\nregion = eu-west-1\n',
  );
});

Deno.test("readAsPython and readAsJavaScript: show the differences the edit has to bridge", () => {
  const text = "[a]\nk = v # n\nx : y\n  z = 1\nEmpty =\n[b]; c\nq = 1\n";
  const python = readAsPython(parseIni(text));
  assert.ok(!isRejected(python));
  assert.deepEqual([...python.get("a") ?? []], [["k", "v # n"], ["x", "y\nz = 1"], ["empty", ""]]);
  assert.deepEqual([...python.get("b") ?? []], [["q", "1"]]);
  assert.deepEqual([...readAsJavaScript(text)?.get("a") ?? []], [["k", "v"], ["z", "1"], ["q", "1"]]);
  assert.equal(readAsJavaScript("[__proto__]\n"), undefined);
});

Deno.test("editIni: sections repeated and again are merged up to a number; beyond it the file is refused soon", () => {
  const section = "[other]\naws_access_key_id = A\nregion = eu-west-1\n\n";
  assert.equal(edited(section.repeat(60)).text.match(/\[other\]/g)?.length, 1);
  refused(section.repeat(1000), /more than 200 .*repeated/);
});

Deno.test("editingIni: 10,000 profiles are edited in pieces, none of which takes a second", () => {
  const section = (i: number) => `[p${i}]\naws_access_key_id = A${i}\naws_session_token = ${"t".repeat(600)}${i}\n\n`;
  const text = Array.from({ length: 10_000 }, (_, i) => section(i)).join("");
  const edits = Array.from({ length: 600 }, (_, i) => ({ profile: `p${i * 3}`, set: KEYS }));
  const longest = () => {
    const work = editingIni(FILE, text, edits);
    let [most, pieces] = [0, 0];
    for (let before = threadTime(), step = work.next(); !step.done; step = work.next()) {
      most = Math.max(most, threadTime() - before);
      before = threadTime();
      pieces++;
    }
    assert.ok(pieces > 600, `${pieces} pieces`);
    return most;
  };
  // Again where other programs had the machine.
  assert.ok([1, 2, 3].some(() => longest() < 1000));
});

Deno.test("editIni: thousands of headers that stand indented below values are refused, not moved one by one for minutes", () => {
  const text = Array.from({ length: 2000 }, (_, i) => `[p${i}]\na =\n  b = c\n  [x${i}]\n`).join("");
  refused(text, /more than 200 headers/);
});
