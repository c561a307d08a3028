/** AWS files as people, tools and accidents leave them, for the property tests. */

import fc from "fast-check";
import { encodeIni } from "../../src/aws/files/ini.ts";
import type { AwsFileKind } from "../../src/aws/files/profile_name.ts";

/** The profiles that tests edit; the generated files hold them too. */
export const PROFILES = ["default", "dev", "a.b@c/d", "küche"] as const;

const OTHERS = ["prod", "x", "DEFAULT", "my prof two", "a[b", "profile dev", "0"] as const;

const KEYS = [
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "aws_security_token",
  "aws_session_expiration",
  "region",
  "output",
  "s3",
  "role_arn",
  "cli_pager",
  "ünïcode",
] as const;

const VALUES = [
  "AKIAEXAMPLE",
  "wJalr/XUtn+FEMI=",
  "us-east-1",
  "json",
  "a#b;c",
  "x[1]",
  "[x]",
  "v # note",
  "v ; note",
  "a = b",
  "a: b",
  '"quoted"',
  "%(x)s",
  "ключ",
  "🔑",
  "arn:aws:iam::123456789012:role/Dev",
] as const;

/** Weighted towards what is really found; the odd ones are what this project is afraid of. */
const plain = fc.constant("");
const indent = fc.oneof({ weight: 12, arbitrary: plain }, fc.constantFrom(" ", "  ", "\t", "    "));
const sign = fc.oneof(
  { weight: 8, arbitrary: fc.constant(" = ") },
  fc.constantFrom("=", ": ", " : ", " =", "= ", "\t=\t"),
);
const tail = fc.oneof({ weight: 12, arbitrary: plain }, fc.constantFrom(" ", "\t", " # note", " ; note [x]"));

const key = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(...KEYS) },
  fc.constantFrom("AWS_Access_Key_Id", "Region", "aws_access_key_id:x", "k"),
);
const value = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...VALUES) }, fc.constantFrom("", "  "));

const entry = fc.tuple(indent, key, sign, value, tail).map((parts) => parts.join(""));
const nested = fc.tuple(
  fc.constantFrom("s3 =", "s3=", "api_versions =", "region ="),
  fc.array(
    fc.constantFrom("  max = 1", "    addressing_style = path", "\tec2 = 2015-03-01", "  # inside", "  region = q"),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
).map(([head, rest]) => [head, ...rest].join("\n"));
const comment = fc.constantFrom(
  "# comment",
  "; comment",
  "  # indented [x]",
  "#[dev]",
  "#",
  "# aws_access_key_id = old",
  "#\u00fc",
);
const blank = fc.constantFrom("", "", "  ", "\t", "\u00a0", "\x1c");
const headerTail = fc.oneof(
  { weight: 14, arbitrary: plain },
  fc.constantFrom(" ", " # note", " ; see [b]", "; note", " junk", "#x", " ]"),
);
const header = (names: readonly string[], oddNames: readonly string[]) =>
  fc.tuple(
    fc.oneof({ weight: 14, arbitrary: plain }, fc.constantFrom(" ", "  ", "\t")),
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, fc.constantFrom(...oddNames)),
    headerTail,
  ).map(([blanks, name, rest]) => `${blanks}[${name}]${rest}`);
const junk = fc.oneof(
  { weight: 40, arbitrary: entry },
  fc.constantFrom(
    "<<<<<<< HEAD",
    "=======",
    "word",
    "= x",
    ": y",
    "[open",
    "\ufeffk = v",
    "a\rb = c",
    "\0",
    "k\0 = \0v",
  ),
);

const section = (head: fc.Arbitrary<string>) =>
  fc.tuple(
    head,
    fc.array(
      fc.oneof(
        { weight: 12, arbitrary: entry },
        { weight: 2, arbitrary: nested },
        { weight: 2, arbitrary: comment },
        { weight: 2, arbitrary: blank },
        { weight: 1, arbitrary: junk },
      ),
      { maxLength: 7 },
    ),
  ).map(([head, body]) => [head, ...body].join("\n"));

/** A whole section moved to the right, as editors and YAML habits do. */
const shifted = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.constantFrom("  ", "\t")).map(([text, blanks]) =>
    text.split("\n").map((line, i) => i === 0 ? line : blanks + line).join("\n")
  );

function file(head: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const one = section(head);
  return fc.tuple(
    fc.array(fc.oneof(comment, blank), { maxLength: 2 }),
    fc.array(fc.oneof({ weight: 9, arbitrary: one }, { weight: 1, arbitrary: shifted(one) }), { maxLength: 4 }),
    fc.constantFrom("\n", "\n", "\n", "", "\n\n"),
  ).map(([top, sections, end]) => [...top, ...sections].join("\n") + (top.length + sections.length === 0 ? "" : end));
}

const lineEnds = fc.constantFrom("lf", "lf", "lf", "crlf", "mixed", "double");

function withLineEnds(text: string, kind: string): string {
  if (kind === "crlf") return text.replaceAll("\n", "\r\n");
  if (kind === "double") return text.replaceAll("\n", "\r\r\n");
  let count = 0;
  return kind === "mixed" ? text.replaceAll("\n", () => count++ % 3 === 0 ? "\r\n" : "\n") : text;
}

const encoder = new TextEncoder();

/** A tenth with a byte order mark, some with a byte that is not UTF-8, or with bytes changed at random. */
function asBytes(text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.tuple(
    text,
    lineEnds,
    fc.nat(19).map((n) => n === 0),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant([]) },
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(0xff, 0xe9, 0x20, 0x5b, 0x5d, 0x3d, 0x0a, 0x0d, 0x23, 0x00)), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
  ).map(([text, ends, mark, changes]) => {
    const bytes = new Uint8Array(encoder.encode((mark ? "\ufeff" : "") + withLineEnds(text, ends)));
    for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return bytes;
  });
}

export const awsFile: fc.Arbitrary<Uint8Array<ArrayBuffer>> = asBytes(file(header(PROFILES, OTHERS)));

/** The profiles that tests edit in the config file. */
export const CONFIG_PROFILES = ["default", "dev", "a.b@c/d", "my dev"] as const;

const CONFIG_HEADERS = ["default", "profile dev", 'profile "dev"', "profile a.b@c/d", 'profile "my dev"'] as const;
const ODD_CONFIG_HEADERS = [
  "profile   dev",
  "profile\tdev",
  "profile 'dev'",
  "profile default",
  "profile my dev",
  "dev",
  "sso-session s",
  "services dev",
  "DEFAULT",
  "plugins",
] as const;

export const configFile: fc.Arbitrary<Uint8Array<ArrayBuffer>> = asBytes(
  file(header(CONFIG_HEADERS, ODD_CONFIG_HEADERS)),
);

const token = fc.stringMatching(/^[A-Za-z0-9+/=]{4,24}$/);

/** The keys a login writes, with values of its shape. */
export const newKeys: fc.Arbitrary<readonly (readonly [string, string])[]> = fc.tuple(
  token,
  token,
  token,
  fc.option(fc.constantFrom("eu-west-1", "us-gov-west-1")),
).map(([id, secret, session, region]) => [
  ["aws_access_key_id", `ASIA${id}`],
  ["aws_secret_access_key", secret],
  ["aws_session_token", session],
  ["aws_session_expiration", "2027-01-15T09:30:00+0000"],
  ["aws_security_token", session],
  ...(region === null ? [] : [["region", region] as const]),
  ["x_security_token_expires", "2027-01-15T09:30:00Z"],
]);

const PLAIN_LINES = ["k = 1", "x = 2", "K2=NEW", "e =", "  n = 4", "  # c", "# c", "; [z]", "", "  ", "t = OLD # c"];
const ODD_LINES = [
  ..."[a]|[DEFAULT]|[profile.dev]|[dev] # note|[dev]; note| [dev]|  [c]|[ dev ]|[[dev]]|[dev]x|[__proto__]|[dev]]|\t[d]"
    .split("|"),
  ..."k = 1|K = 2|  x|k: 5|x| k = 3|\tk =|k = 1 = 2|é = 1|z = \u00a0|\u00a0k = 1|  \u2028|z = x\ry|# x\ry|\udc80|# \0"
    .split("|"),
];
const SECTIONS = {
  credentials: ["[dev]", "[c]", "[default]", "[d] ", "[profile-e]", "[a.b@c/d]", "[my dev]", "[küche]"],
  config: [
    "[profile dev]",
    "[profile c]",
    "[default]",
    "[sso-session dev]",
    "[profile a.b@c/d]",
    "[plugins]",
    '[profile "my dev"]',
  ],
};

/** Short sections of different names; in about half of the cases nothing in them is odd. */
export function sectionedFile(kind: AwsFileKind): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const body = fc.array(fc.constantFrom(...PLAIN_LINES), { maxLength: 4 });
  const sections = fc.shuffledSubarray(SECTIONS[kind]).chain((names) =>
    fc.tuple(body, ...names.map((name) => body.map((lines) => [name, ...lines])))
  ).map((all) => all.flat());
  const odd = fc.array(fc.tuple(fc.constantFrom(...ODD_LINES), fc.nat(20)), { maxLength: 2 });
  return fc.tuple(sections, odd, fc.constantFrom("\n", "\r\n"), fc.boolean(), fc.boolean()).map(
    ([lines, strange, end, isOdd, isEnded]) => {
      const first = lines.findIndex((line) => line.startsWith("["));
      const all = lines.filter((line, i) => i >= first || /^\s*([#;]|$)/.test(line));
      if (isOdd) { for (const [piece, at] of strange) all.splice(at % (all.length + 1), 0, piece); }
      return encodeIni(all.join(end) + (isEnded ? end : ""));
    },
  );
}
