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
  const text = "; mine\n\n[a]\nk = 1\n# é\n\n[b-2.x/y]  \nK=\n  s3 = [x]\n  # note\n\nq = v # w\n  z\n[c]";
  assert.deepEqual(sectionsOf(text), {
    a: "[a]\nk = 1\n# é\n\n",
    "b-2.x/y": "[b-2.x/y]  \nK=\n  s3 = [x]\n  # note\n\nq = v # w\n  z\n",
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
  assert.deepEqual(sectionsOf(""), {});
  assert.deepEqual(sectionsOf("# only a comment\n"), {});
});

Deno.test("plainFile: a file with anything that a reader may take otherwise is not plain", () => {
  const odd = [
    ..."[a]|[ b]|[b ]|[b] # note|[b]; note|[b]x|[[b]]|[]|[|[b c]|[DEFAULT]|[__proto__]|[x__proto__]| [b]|\t[b]".split(
      "|",
    ),
    ...'["b"]|[é]|k = 2|K = 2|k|k: 2|: 2|= 2|k l = 2|k" = 2|é = 3|z =\u00a0|z = \u0085x|\ufeff|z = x\ry|# x\ry|z = 1\r|z = x\0y'
      .split("|"),
    ..."z =\n  x|z =\n  é = 1|z = 1\n  [b]|[b]\n  k = 1|\u00a0|z = 1\r|\f|\u2028| \v# c|\udc80|# \udcff|z = \udc80"
      .split("|"),
  ];
  const text = (line: string) => `[a]\nk = 1\n${line}\n[last]\nk = 1\n`;
  assert.ok(sectionsOf(text("kk = 1")));
  for (const line of odd) assert.equal(sectionsOf(text(line)), undefined, JSON.stringify(line));
  assert.equal(sectionsOf("k = 1\n[a]\n"), undefined);
  assert.equal(sectionsOf("[a]\r\nk = 1\n"), undefined);
  assert.equal(sectionsOf("[a]\nk = 1\r"), undefined);
  assert.equal(sectionsOf("\ufeff[a]\nk = 1\n"), undefined);
  for (const header of ['[profile "a"]', "[profile a b]", "[profile.a]", "[profile default]", "[other a]", "[a.b]"]) {
    assert.equal(sectionsOf(`${header}\n`, "config"), undefined, header);
  }
  assert.equal(sectionsOf("#\n".repeat(200_001)), undefined);
});
