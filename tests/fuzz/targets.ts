/** What is fed with mutated inputs, and what must hold whatever comes. */
import { Buffer } from "node:buffer";
import { decodeIni, encodeIni, parseIni, printIni } from "../../src/aws/files/ini.ts";
import { editingFile } from "../../src/aws/files/edit_file.ts";
import { editIni } from "../../src/aws/files/ini_edit.ts";
import { plainFile } from "../../src/aws/files/plain_file.ts";
import { atOnce } from "../../src/io/pieces.ts";
import { sameBytes } from "../../src/io/safe_file.ts";
import { isRejected, readAsPython } from "../../src/aws/files/ini_readers.ts";
import { readProfiles } from "../../src/aws/files/credentials_file.ts";
import { decodeAssumed, decodeIdentity } from "../../src/aws/sts_reply.ts";
import { parseArgv, readCommandLine } from "../../src/argv/parse.ts";
import { OPTIONS } from "../../src/argv/options.ts";
import { linePrompter } from "../../src/ui/prompts/lines.ts";
import { accountsReader, plainAccounts } from "../../src/settings/accounts.ts";
import { readAwsFile } from "../../src/settings/aws_file.ts";
import { readSdkFile } from "../../src/settings/sdk_file.ts";
import { UserError } from "../../src/errors.ts";
import type { Question } from "../../src/io/prompter.ts";
import { decodeLabels, decodeReply, decodeToken } from "../../src/onelogin/replies.ts";
import { grantsFor } from "../../src/permissions.ts";
import { findResponse } from "../../src/saml/find_response.ts";
import { assertionReader } from "../../src/saml/assertion.ts";
import { samlCacheReader } from "../../src/store/assertion_cache.ts";
import { compileRolePattern } from "../../src/saml/role_patterns.ts";
import { responseXml, rolePair } from "../../src/saml/testing.ts";
import { fakeTerminal, stsGrants, stsRefuses } from "../../src/testing.ts";
import { type Dice, mutate } from "./mutate.ts";

const readAccounts = await accountsReader();
const readAssertion = await assertionReader();
const decodeSamlCache = await samlCacheReader();

/** Replaces every secret of a seed, and must not appear in a message. */
export const CANARY = "c4naryXk7Qz9wLp2Vt6";

export interface Target {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly words: readonly string[];
  /** How many of a hundred inputs it gets, roughly. */
  readonly share: number;
  /** Texts that may be shown to a person. Throws UserError for what is wrong with the input, anything else is a finding. */
  readonly feed: (input: string, roll: Dice) => readonly string[] | Promise<readonly string[]>;
  /** Their output may contain the input: they are shown as data. */
  readonly quotes?: boolean;
}

/** A rule that does not hold. */
export class Finding extends Error {
  override readonly name = "Finding";
}

function must(holds: boolean, words: string): void {
  if (!holds) throw new Finding(words);
}

const saml = (roles: readonly string[]) => responseXml({ roles });
const reply = (status: number, body: string) => ({ status, headers: {}, body });
const STATUSES = [200, 200, 200, 201, 302, 400, 401, 404, 429, 500, 502];

const AWS_FILE = { kind: "credentials", path: "/home/ada/.aws/credentials" } as const;
const KEYS = `aws_access_key_id = AKIAQEXAMPLEEXAMPLE7\naws_secret_access_key = ${CANARY}\n`;

const ask: Question = { message: "m", line: "l: ", option: "--o" };
const menu = { ...ask, choices: ["a", "b", "c"].map((value) => ({ value, label: value })) };

export const TARGETS: readonly Target[] = [
  {
    name: "SAML response",
    seeds: [
      saml([rolePair("123456789012", "Admin"), rolePair("210987654321", "team/dev/Developer")]),
      saml([`<![CDATA[${rolePair("123456789012", "A")}]]>`, "arn:aws:iam::123456789012:role/Ad<!-- x -->min"]),
      saml([]).replaceAll("saml:", "saml2:"),
    ],
    words: [
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "<!DOCTYPE x [<!ENTITY e 'y'>]>",
      "&e;",
      "&#0;",
      "&#x10FFFF;",
      "<?x?>",
      "</",
      "/>",
      " xmlns=''",
      "<a><a><a>",
      "arn:",
      ":role/",
      "Default ",
    ],
    share: 12,
    quotes: true,
    feed(input, roll) {
      const base64 = Buffer.from(input, "utf8").toString("base64");
      const damaged = roll.below(20) === 0 ? mutate(roll, [base64], ["=", "-", "_"]) : base64;
      const { roles, warnings, roleSessionName } = readAssertion(damaged);
      for (const { roleArn, accountId } of roles) {
        must(/^\d{12}$/.test(accountId), "an account id");
        // deno-lint-ignore no-control-regex
        must(!/[\s\u0000-\u001f\u007f]/.test(roleArn), "a role's ARN contains a space");
      }
      return [...warnings, ...roles.map(({ roleArn }) => roleArn), ...(roleSessionName ? [roleSessionName] : [])];
    },
  },
  {
    name: "pasted SAML response",
    seeds: [
      `RelayState=&SAMLResponse=${encodeURIComponent(Buffer.from(saml([])).toString("base64"))}`,
      `<form><input type="hidden" name="SAMLResponse" value="${Buffer.from(saml([])).toString("base64")}"/></form>`,
      JSON.stringify({
        log: {
          entries: [{ request: { method: "POST", url: "https://a", postData: { text: "SAMLResponse=YQ%3D%3D" } } }],
        },
      }),
      `<meta name="data" content="${Buffer.from('{"SAMLResponse":"YQ=="}').toString("base64")}">`,
      saml([]),
    ],
    words: [
      "<input ",
      "<meta ",
      "name=",
      "SAMLResponse",
      "%3D",
      "&#x2B;",
      "&#1114112;",
      '"',
      "'",
      ">",
      "\\u0026",
      "{",
      "^",
    ],
    share: 4,
    feed(input) {
      const found = findResponse(input, () => true);
      must(found === undefined || /^[A-Za-z0-9+/=]*$/.test(found), "what was found is no base64");
      return [];
    },
  },
  {
    name: "OneLogin reply",
    seeds: [
      JSON.stringify({ message: "Success", data: CANARY }),
      JSON.stringify({ status: { type: "success", message: "Success", error: false, code: 200 }, data: CANARY }),
      JSON.stringify({
        message: "MFA is required for this user",
        state_token: CANARY,
        devices: [{ device_id: 666666, device_type: "Google Authenticator" }],
        user: { id: 1 },
      }),
      JSON.stringify({
        status: { type: "success", message: "MFA is required for this user", code: 200, error: false },
        data: [{
          state_token: CANARY,
          devices: [{ device_id: "7", device_type: "OneLogin Protect" }],
          user: { id: 88 },
        }],
      }),
      JSON.stringify({
        statusCode: 401,
        name: "Unauthorized",
        message: "Authentication Failed: Invalid user credentials",
      }),
      JSON.stringify({
        status: { error: true, code: 400, type: "bad request", message: { description: "Invalid subdomain" } },
      }),
      JSON.stringify({ access_token: CANARY, expires_in: 36000, token_type: "bearer" }),
      JSON.stringify({ status: { error: false, code: 200 }, data: [{ access_token: CANARY, expires_in: 36000 }] }),
      JSON.stringify({ data: { otp_devices: [{ id: 1, auth_factor_name: "OneLogin", user_display_name: "Ada" }] } }),
    ],
    words: [
      '"error":true',
      '"message":',
      '"status":',
      '"data":[',
      "[[[[",
      "{}",
      "pending",
      "Success",
      "\\u0000",
      "\\u001b",
    ],
    share: 22,
    feed(input, roll) {
      const answer = reply(roll.pick(STATUSES), input);
      const decoded = decodeReply(answer);
      const token = decodeToken(answer, 0);
      const labels = [...decodeLabels(answer).values()];
      if (token.kind === "token") must(/^[\x21-\x7e]+$/.test(token.token.bearer), "a token that cannot be a header");
      const said = decoded.kind === "success"
        ? []
        : decoded.kind === "mfa"
        ? decoded.challenge.devices.map(({ type }) => type)
        : [decoded.message];
      return [...said, ...(token.kind === "token" ? [] : [token.message]), ...labels.map(({ text }) => text)];
    },
  },
  {
    name: "STS reply",
    seeds: [
      stsGrants("arn:aws:iam::123456789012:role/Admin", 1_800_000_000_000).body.replace(
        /(<SecretAccessKey>)[^<]+/,
        `$1${CANARY}`,
      ),
      stsRefuses(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML").body,
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/Admin/ada</Arn><UserId>A:ada</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    ],
    words: [
      "<Error>",
      "</Error>",
      "<Message>",
      "<![CDATA[",
      "]]>",
      "<!DOCTYPE x>",
      "&lt;",
      "&x;",
      "<Credentials>",
      "sts:",
    ],
    share: 14,
    async feed(input, roll) {
      const answer = reply(roll.pick([200, 200, 400, 403, 500]), input);
      const results = await Promise.all([
        decodeAssumed("AssumeRoleWithSAML", answer),
        decodeAssumed("AssumeRole", answer),
        decodeIdentity(answer),
      ]);
      return results.flatMap((result) =>
        result.kind === "fault" ? [result.code, result.message] : result.kind === "unexpected" ? [result.message] : []
      );
    },
  },
  {
    name: "AWS credentials file",
    seeds: [
      `[default]\n${KEYS}region = eu-west-1\n\n[dev]\n${KEYS}aws_session_token = ${CANARY}\n# note\n[my prof]\ns3 =\n  max = 1\n`,
      `; top\r\n[a]\r\n  aws_access_key_id=x\r\n  region : y\r\n[b] # c\r\n`,
      "[DEFAULT]\nregion = x\n[profile dev]\nrole_arn = y",
    ],
    words: [
      "[dev]",
      "[default]",
      "[",
      "]",
      " = ",
      "aws_access_key_id",
      "aws_session_token = ",
      "\n\n",
      "\n  ",
      "#",
      ";",
      "\udc80",
      "[__proto__]",
      "a = b\n",
      "[a]\n",
    ],
    share: 16,
    feed(input, roll) {
      const bytes = encodeIni(input);
      const text = decodeIni(bytes);
      must(Buffer.from(encodeIni(text)).equals(Buffer.from(bytes)), "bytes are lost");
      must(printIni(parseIni(text)) === text, "lines are lost");
      const set = [["aws_access_key_id", "ASIAQNEW"], ["region", "eu-north-1"]] as const;
      const profile = roll.pick(["default", "dev", "new", "my prof"]);
      // Facts of a file that cannot be read are none.
      readProfiles(bytes);
      const edited = editIni(AWS_FILE, text, [{ profile, set }]);
      if (plainFile("credentials", bytes)) {
        const quick = atOnce(editingFile(AWS_FILE, bytes, [{ profile, set }]));
        must(sameBytes(quick.bytes, encodeIni(edited.text)), "the sections alone are edited otherwise");
      }
      const read = readAsPython(parseIni(edited.text));
      must(!isRejected(read), "the edited file is one that the AWS CLI refuses");
      return edited.warnings;
    },
  },
  {
    name: "onelogin.sdk.json and onelogin.aws.json",
    seeds: [
      JSON.stringify({ client_id: "abc", client_secret: CANARY, region: "us", ip: "198.51.100.7" }, null, 2),
      JSON.stringify({
        app_id: 123456,
        subdomain: "acme",
        username: "ada",
        password: CANARY,
        profile: "dev",
        duration: 3600,
        profiles: { dev: { aws_account_id: "123456789012" } },
      }),
    ],
    words: [
      '"profiles"',
      '"client_secret"',
      '"password":',
      "//",
      "/*",
      "{",
      "}",
      ",",
      "[1,2]",
      "1e5",
      "\\u00",
      '"precedence": "profile"',
    ],
    share: 16,
    async feed(input) {
      const warnings: string[] = [];
      const path = "/home/ada/.onelogin/x.json";
      let failure: unknown;
      for (const read of [readSdkFile, readAwsFile]) {
        try {
          await read(path, input, (line) => void warnings.push(line));
        } catch (error) {
          failure = error;
          if (!(error instanceof UserError)) throw error;
        }
      }
      if (failure instanceof UserError) warnings.push(failure.message, ...failure.hints);
      return warnings;
    },
  },
  {
    name: "accounts.yaml",
    seeds: ['accounts:\n  "123456789012": Prod\n  987654321098: Dev # x\n', "accounts: &a\n  ? 1\n  : 2\nb: *a\n"],
    words: [
      "- ",
      ": ",
      "&a ",
      "*a",
      "!!js/function",
      "|",
      ">",
      "---\n",
      "? ",
      "\n  ",
      "{a: b}",
      "<<: *a",
      "%YAML 1.1\n",
    ],
    share: 5,
    quotes: true,
    feed(input) {
      const warnings: string[] = [];
      const quick = plainAccounts(input);
      const names = readAccounts("/home/ada/.onelogin/accounts.yaml", input, (line) => void warnings.push(line));
      if (quick !== undefined && (warnings.length > 0 || JSON.stringify([...quick]) !== JSON.stringify([...names]))) {
        throw new Error("the quick reader differs from the YAML parser");
      }
      return [...warnings, ...names.values()];
    },
  },
  {
    name: "command line",
    seeds: [
      "-xz 900 --profile dev",
      "--onelogin-password " + CANARY + " -a1 --loop=3",
      "status --verify",
      "--roles */Admin --all-roles -d acme",
      "completion bash",
    ],
    words: [
      ...OPTIONS.flatMap((row) => [...row.long, ...(row.short ? [row.short] : [])]),
      "--",
      "=",
      "--no-",
      "roles",
      "-z",
      "=900",
    ].map((word) => ` ${word} `),
    share: 8,
    quotes: true,
    feed(input) {
      const args = input.split(/ +/);
      grantsFor({
        commandLine: readCommandLine(args),
        env: { HOME: "/home/ada" },
        cwd: "/w",
        platform: "linux",
        realPath: (path) => path,
        readLink: () => undefined,
        stat: () => undefined,
        read: () => undefined,
      });
      const { warnings } = parseArgv(args);
      return warnings;
    },
  },
  {
    name: "answers from a pipe",
    seeds: ["2\n1 2\nright\ny\nada\n", "0\n0,1\nright\n\nada\n", "9\n\n\n\n\n1\n"],
    words: ["\n", "\n\n", "y", "n", "0", "1,2", "99999999999", "-1", "\u0004"],
    share: 4,
    async feed(input) {
      const terminal = fakeTerminal(input.replaceAll("\u0003", "").split("\n"));
      const prompter = linePrompter(terminal, new AbortController().signal);
      const number = await prompter.choose(menu);
      must(["a", "b", "c"].includes(number), "a choice that is none");
      const many = await prompter.chooseMany(menu);
      must(many.length > 0 && many.every((each) => ["a", "b", "c"].includes(each)), "choices that are none");
      await prompter.secret(ask);
      await prompter.confirm({ ...ask, fallback: true });
      must((await prompter.text(ask)) !== "", "an empty answer");
      return [];
    },
  },
  {
    name: "assertion cache and role patterns",
    seeds: [
      "*/Admin",
      "/^123.*/",
      "prod/*",
      JSON.stringify({ username: "ada", app_id: "1", subdomain: "acme", saml_response: CANARY }),
    ],
    words: ["*", "?", "/", "[a-", "(", ")", "\\", "{1,", "arn:aws:iam::"],
    share: 3,
    quotes: true,
    feed(input) {
      let said: readonly string[] = [];
      try {
        compileRolePattern(input);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        said = [error.message, ...error.hints];
      }
      decodeSamlCache(input, { username: "ada", appId: "1", subdomain: "acme" }, 0);
      return said;
    },
  },
];
