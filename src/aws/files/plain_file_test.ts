import assert from "node:assert/strict";
import { decodeIni, encodeIni } from "./ini.ts";
import { plainFile } from "./plain_file.ts";
import type { AwsFileKind } from "./profile_name.ts";

/** The sections of a plain file, each with its text. */
function sectionsOf(text: string, kind: AwsFileKind = "credentials") {
  const bytes = encodeIni(text);
  const plain = plainFile(kind, bytes);
  return plain && Object.fromEntries(
    [...plain.sections].map(([name, at]) => [name, decodeIni(bytes.slice(plain.starts[at], plain.starts[at + 1]))]),
  );
}

Deno.test("plainFile: each section goes from its header to the next one", () => {
  const text = "; mine\n\n[a]\nk = 1\n# é\n\n[b-2.x/y]  # note\nK=\n  s3 = [x]\n  # note\n\nq = v # w\n  z\n[c]";
  assert.deepEqual(sectionsOf(text), {
    a: "[a]\nk = 1\n# é\n\n",
    "b-2.x/y": "[b-2.x/y]  # note\nK=\n  s3 = [x]\n  # note\n\nq = v # w\n  z\n",
    c: "[c]",
  });
  assert.deepEqual(sectionsOf(text.replaceAll("\n", "\r\n"))?.["a"], "[a]\r\nk = 1\r\n# é\r\n\r\n");
  const config = "[default]\nk = 1\n[profile a.b]\n[sso-session a.b]\n[plugins]\n";
  assert.deepEqual(Object.keys(sectionsOf(config, "config") ?? {}), [
    "default",
    "profile a.b",
    "sso-session a.b",
    "plugins",
  ]);
  assert.deepEqual(Object.keys(sectionsOf("[my dev]\n[küche]\n") ?? {}), ["my dev", "küche"]);
  assert.deepEqual(Object.keys(sectionsOf('[profile "my dev"]\n', "config") ?? {}), ['profile "my dev"']);
  assert.deepEqual(sectionsOf(""), {});
  assert.deepEqual(sectionsOf("# only a comment\n"), {});
});

/** A file with this line, or these lines, in the middle. */
const withLine = (line: string) => `[a]\nk = 1\n${line}\n[last]\nk = 1\n`;

Deno.test("plainFile: the readers decide about a section with other lines than keys at the left margin", () => {
  const section = "[a]\nk = 1\n";
  for (
    const line of [
      "k2: 2",
      "l m = 2",
      " k = 3",
      "z =\n  é = 1\n\n  x=y",
      "é = 1",
      "z = \u0085x",
      "\u00a0",
      "  # [b]",
      "\f",
    ]
  ) {
    assert.deepEqual(sectionsOf(withLine(line)), { a: `${section}${line}\n`, last: "[last]\nk = 1\n" }, line);
  }
});

Deno.test("plainFile: a file that a reader rejects, or in which the headers are not the same for both, is not plain", () => {
  const odd = [
    ..."[a]|[ b]|[b ]|[b]; note|[b] # [x]|[b]x|[[b]]|[]|[|[b]]|[DEFAULT]|[__proto__]|[x__proto__]| [b]|\t[b]".split(
      "|",
    ),
    ...'["b"]|[profile b]|k = 2|K = 2|k|k: 2|: 2|= 2|\ufeff|\ufeff[b]|z = x\ry|# x\ry|z = 1\r|z = x\0y'.split("|"),
    ..."z =\n  x|z = 1\n  [b]|[b]\n  [c]|\u00a0[b]|\f[b]|\u2028[b]|\udc80|# \udcff|z = \udc80".split("|"),
  ];
  for (const line of odd) assert.equal(sectionsOf(withLine(line)), undefined, JSON.stringify(line));
  assert.equal(sectionsOf("k = 1\n[a]\n"), undefined);
  assert.equal(sectionsOf("[a]\r\nk = 1\n"), undefined);
  assert.equal(sectionsOf("[a]\nk = 1\r"), undefined);
  assert.equal(sectionsOf("\ufeff[a]\nk = 1\n"), undefined);
  for (
    const header of [
      '[profile "a"]',
      "[profile a b]",
      "[profile.a]",
      "[profile default]",
      "[other a]",
      "[a.b]",
      "[DEFAULT]",
      '[profile "__proto__"]',
      "[profile  a]",
      "[profile 'my dev']",
    ]
  ) {
    assert.equal(sectionsOf(`${header}\n`, "config"), undefined, header);
  }
  assert.equal(sectionsOf("#\n".repeat(200_001)), undefined);
});
