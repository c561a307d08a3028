import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import type { OutputFormat } from "../settings/settings.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";
import { formatMany, formatOne, referenceTime } from "./formats.ts";
import { processObject, rfc3339 } from "./process_json.ts";

const EXPIRATION = Date.parse("2027-01-15T09:30:00.750Z");

function delivered(sessionToken = "IQoJb3JpZ2luX2VjEXAMPLE+/==", region = "eu-west-1"): ProfileCredentials {
  return {
    credentials: {
      accessKeyId: "ASIAQEXAMPLEEXAMPLE7",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      sessionToken,
      expiration: EXPIRATION,
    },
    role: {
      roleArn: "arn:aws:iam::123456789012:role/Admin",
      principalArn: "arn:aws:iam::123456789012:saml-provider/OneLogin",
      partition: "aws",
      accountId: "123456789012",
      path: "",
      name: "Admin",
    },
    assumedRoleArn: "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com",
    region,
  };
}

function works(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, [...args], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The tokens whose characters mean something to one shell or another. */
const NASTY = [
  "$(touch /tmp/owned)",
  "`id`",
  "a'b",
  "a''b\\",
  '"; id; "',
  "two  words",
  "$HOME",
  "&PATH&",
  "a;b|c&d<e>f",
  "*?[]{}~#!^()",
  "=start",
  "-n",
  "~root",
  "’quoted’",
  "ä€🔑",
  "\\",
  "'",
];

Deno.test("formatOne() writes the Python tool's six variables in its order and with its time", () => {
  assert.equal(
    formatOne("env", delivered()),
    `export AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjEXAMPLE+/==
export AWS_ACCESS_KEY_ID=ASIAQEXAMPLEEXAMPLE7
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
export AWS_SESSION_EXPIRATION=2027-01-15T09:30:00+0000
export AWS_SECURITY_TOKEN=IQoJb3JpZ2luX2VjEXAMPLE+/==
export AWS_REGION=eu-west-1
`,
  );
});

Deno.test("B15 formatOne() has lines for each shell: set for cmd.exe, others for PowerShell and fish", () => {
  const first = (format: OutputFormat) => formatOne(format, delivered()).split("\n")[1];
  assert.deepEqual((["cmd", "powershell", "fish", "dotenv"] as const).map(first), [
    "set AWS_ACCESS_KEY_ID=ASIAQEXAMPLEEXAMPLE7",
    "$env:AWS_ACCESS_KEY_ID = 'ASIAQEXAMPLEEXAMPLE7'",
    "set -gx AWS_ACCESS_KEY_ID ASIAQEXAMPLEEXAMPLE7",
    "AWS_ACCESS_KEY_ID=ASIAQEXAMPLEEXAMPLE7",
  ]);
});

const SHELLS = [
  { name: "sh", format: "env", args: ["-c", 'eval "$1"; printf %s "$AWS_SESSION_TOKEN"', "sh"] },
  { name: "bash", format: "env", args: ["-c", 'eval "$1"; printf %s "$AWS_SESSION_TOKEN"', "bash"] },
  { name: "zsh", format: "env", args: ["-fc", 'eval "$1"; printf %s "$AWS_SESSION_TOKEN"', "zsh"] },
  { name: "fish", format: "fish", args: ["-N", "-c", "eval $argv[1]; printf %s $AWS_SESSION_TOKEN"] },
] as const;

for (const { name, format, args } of SHELLS) {
  Deno.test(
    `formatOne() gives ${name} every character as it is, by eval`,
    { ignore: !works("sh", ["-c", `command -v ${name}`]) },
    () => {
      // fish writes into its home.
      const home = Deno.makeTempDirSync();
      try {
        for (const token of NASTY) {
          const text = formatOne(format, delivered(token));
          const options = { encoding: "utf8", env: { PATH: Deno.env.get("PATH"), HOME: home } } as const;
          assert.equal(execFileSync(name, [...args, text], options), token, text);
        }
      } finally {
        Deno.removeSync(home, { recursive: true });
      }
    },
  );
}

Deno.test("formatOne() leaves nothing unquoted that PowerShell would expand, typographic quotes included", () => {
  for (const token of NASTY) {
    const line = formatOne("powershell", delivered(token)).split("\n")[0] ?? "";
    const inside = /^\$env:AWS_SESSION_TOKEN = '(.*)'$/.exec(line)?.[1] ?? assert.fail(line);
    // about_Quoting_Rules: every kind of single quote ends a text unless it is doubled.
    assert.equal(inside.replace(/(['\u2018\u2019\u201a\u201b])\1/g, "$1"), token);
    assert.ok(!/['\u2018\u2019\u201a\u201b]/.test(inside.replace(/(['\u2018\u2019\u201a\u201b])\1/g, "")), line);
  }
});

Deno.test("formatOne() refuses what a shell's line cannot hold, and never splits a line", () => {
  const formats = ["env", "fish", "powershell", "cmd", "dotenv"] as const;
  for (const format of formats) {
    for (const token of ["a\nexport X=1", "a\rb", "a\u0000b"]) {
      assert.throws(
        () => formatOne(format, delivered(token)),
        (error) => error instanceof UserError && error.exit === 6 && !error.message.includes("export X"),
        `${format} ${JSON.stringify(token)}`,
      );
    }
  }
  for (const token of ["100%PATH%", 'a"b', "a!b"]) {
    assert.throws(() => formatOne("cmd", delivered(token)), UserError);
  }
  fc.assert(fc.property(fc.constantFrom(...formats), fc.string(), (format, token) => {
    try {
      return formatOne(format, delivered(token)).split(/\r?\n/).length === 7;
    } catch (error) {
      return error instanceof UserError && !error.message.includes("wJalr");
    }
  }));
});

Deno.test("formatOne() gives JSON in the documented keys, with RFC 3339 in UTC", () => {
  assert.deepEqual(JSON.parse(formatOne("json", { ...delivered(), profile: "dev" })), {
    Version: 1,
    AccessKeyId: "ASIAQEXAMPLEEXAMPLE7",
    SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    SessionToken: "IQoJb3JpZ2luX2VjEXAMPLE+/==",
    Expiration: "2027-01-15T09:30:00Z",
    Region: "eu-west-1",
    RoleArn: "arn:aws:iam::123456789012:role/Admin",
    AssumedRoleArn: "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com",
    AccountId: "123456789012",
    Profile: "dev",
  });
  assert.equal("Profile" in JSON.parse(formatOne("json", delivered())), false);
  const process = formatOne("credential-process", delivered());
  assert.equal(process.trimEnd().includes("\n"), false);
  assert.deepEqual(JSON.parse(process), processObject(delivered()));
});

Deno.test("formatMany() is an array, also for one and for none", () => {
  assert.deepEqual(JSON.parse(formatMany([])), []);
  assert.deepEqual(JSON.parse(formatMany([delivered()]))[0].AccountId, "123456789012");
});

Deno.test("rfc3339() and referenceTime() count in UTC and drop fractions", () => {
  assert.deepEqual([rfc3339(EXPIRATION), referenceTime(EXPIRATION)], [
    "2027-01-15T09:30:00Z",
    "2027-01-15T09:30:00+0000",
  ]);
});
