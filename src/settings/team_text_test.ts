import assert from "node:assert/strict";
import fc from "fast-check";
import { parseArgv } from "../argv/parse.ts";
import { userError } from "../errors.ts";
import { refused } from "../testing.ts";
import { type AwsFile, readAwsFile } from "./aws_file.ts";
import { fromFiles, type Levels } from "./precedence.ts";
import { sessionPolicyOf } from "./session_policy.ts";
import { readTeamFile, type TeamFile } from "./team.ts";
import { readImport, sharedPart, teamText, teamValues } from "./team_text.ts";

const KEYS = ["subdomain", "app_id", "aws_region", "aws_account_id", "aws_role_name", "duration"] as const;
/** By the key in the file, the option that reads it. */
const OPTION_OF = {
  subdomain: "subdomain",
  app_id: "appId",
  aws_region: "awsRegion",
  aws_account_id: "awsAccountId",
  aws_role_name: "awsRoleName",
  duration: "duration",
} as const;
const NAMES = ["dev", "prod", "a.b"];

/** Few values, so that levels often agree. */
const value = {
  app_id: fc.constantFrom("1", 2),
  aws_region: fc.constantFrom("us-east-1", "eu-west-1"),
  aws_account_id: fc.constantFrom("123456789012", "Dev"),
  aws_role_name: fc.constantFrom("Admin", "Leiter ü", "team/Dev"),
  duration: fc.constantFrom<string | number>("max", 900, 43200),
  policy_arns: fc.constantFrom(["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"], "arn:aws:iam::aws:policy/A"),
  policy: fc.constantFrom({ Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] }),
  browser: fc.boolean(),
};
const profile = fc.record(value, { requiredKeys: [] });
const common = {
  ...value,
  subdomain: fc.constantFrom("acme", "initech"),
  profile: fc.constantFrom("dev", "prod"),
  browser_port: fc.constantFrom(9222, 9333),
  precedence: fc.constantFrom("global", "profile"),
  profiles: fc.dictionary(fc.constantFrom(...NAMES), profile),
};
const accounts = fc.dictionary(fc.constantFrom("123456789012", "000000000001"), fc.string({ minLength: 1 }));
const own = fc.record({ ...common, username: fc.constant("ada"), mfa_device: fc.constant("7") }, { requiredKeys: [] });
const shared = fc.record({ ...common, region: fc.constantFrom("us", "eu"), accounts }, { requiredKeys: [] });

function strict(line: string): never {
  throw new Error(line);
}

async function levels(ownFile: unknown, teamFile: TeamFile): Promise<Omit<Levels, "profile">> {
  const aws: AwsFile = await readAwsFile("/own", JSON.stringify(ownFile), strict);
  return {
    parsed: parseArgv([]),
    env: {},
    sdk: {},
    aws: { path: "/own", content: aws },
    team: { path: "/team", content: teamFile },
  };
}

/** What each profile gets for each key. */
function inUse(all: Omit<Levels, "profile">): Promise<unknown> {
  return Promise.all([undefined, ...NAMES, "other"].map(async (profile) => [
    ...KEYS.map((key) => fromFiles({ ...all, profile }, OPTION_OF[key]).find((each) => each !== undefined)?.value),
    (await sessionPolicyOf({ ...all, profile }, { arns: [], file: undefined }, { read: () => assert.fail() }))?.value,
  ]));
}

Deno.test("sharedPart: what is exported is imported, and gives each profile the same values on another machine", async () => {
  await fc.assert(fc.asyncProperty(own, shared, async (ownFile, teamFile) => {
    const team = await readTeamFile("/team", JSON.stringify(teamFile), () => {}).catch((error) => {
      throw new Error(String(error));
    });
    const here = await levels(ownFile, team);
    const part = { sdk: here.sdk, aws: here.aws, team: here.team, accounts: new Map() };
    const text = teamText(sharedPart(part)).replace(/[\ufffd]/g, "?");
    assert.doesNotMatch(text, /"ada"|mfa_device|username/);
    const imported = await readImport(text);
    const there = await levels({}, imported);
    assert.deepEqual(await inUse(there), await inUse(here));
    // Once more changes nothing.
    const again = sharedPart({ sdk: {}, aws: {}, team: there.team, accounts: new Map() });
    assert.deepEqual(teamValues(again), teamValues(imported));
    assert.equal(teamText(again), text);
  }));
});

Deno.test("sharedPart: personal values come first, without the user, the second factor and the API client", async () => {
  const here = await levels(
    { username: "ada", mfa_device: "7", subdomain: "https://acme.onelogin.com/", duration: 60, profiles: { dev: {} } },
    await readTeamFile("/t", '{"subdomain": "x", "region": "eu", "accounts": {"123456789012": "Dev"}}', strict),
  );
  const accounts = new Map([["123456789012", "Mine"], ["alias", "no account id"]]);
  const sdk = { content: { client_id: "id", client_secret: "hunter2", region: "US", ip: "1.2.3.4" } };
  assert.deepEqual(JSON.parse(teamText(sharedPart({ ...here, sdk, accounts }))), {
    $schema: "https://github.com/onelogin/onelogin-aws-assume-role/raw/main/docs/schema/team.schema.json",
    subdomain: "acme",
    region: "us",
    duration: 900,
    accounts: { "123456789012": "Mine" },
    profiles: { dev: {} },
  });
});

async function refusal(text: string): Promise<string> {
  return refused(await readImport(text).catch(userError)).message;
}

Deno.test("readImport: what a run would ignore is refused, with its line", async () => {
  assert.equal(
    await refusal('{\n  "subdomian": "a"}'),
    'cannot import "standard input", line 2: the key "subdomian" is unknown; did you mean "subdomain"?',
  );
  assert.equal(
    await refusal('{"app_id": 1,\n"app_id": 2}'),
    'cannot import "standard input", line 2: "app_id" is repeated',
  );
  assert.match(await refusal('{"__proto__": {"app_id": 1}}'), /the key "__proto__" is unknown/);
  assert.match(await refusal('{"profiles": {"__proto__": {}}}'), /cannot save a profile named "__proto__"/);
  assert.match(
    await refusal('{"profiles": {"dev\\u001b[2J": {}}}'),
    /a profile named "dev \[2J": it contains a control/,
  );
  assert.match(await refusal('{"accounts": {"123456789012": "\\u001b]0;x\\u0007"}}'), /contains invisible characters/);
  assert.match(await refusal('{"keychain_service": "x"}'), /"keychain_service" is ignored/);
  assert.match(await refusal('{"a": "\ufffd"}'), /it is not UTF-8 text/);
  assert.match(await refusal(`{"a": "${"x".repeat(1024 * 1024)}"}`), /it has more than 262144 characters/);
  assert.match(await refusal("[".repeat(100_000)), /cannot read "standard input"/);
});

Deno.test("readImport: a large text of repeated keys is refused at the first one", async () => {
  const start = performance.now();
  assert.match(await refusal(`{${'"app_id":1,'.repeat(20_000)}"app_id":1}`), /"app_id" is repeated/);
  assert.ok(performance.now() - start < 5000);
});
