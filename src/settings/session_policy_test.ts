import assert from "node:assert/strict";
import { parseArgv } from "../argv/parse.ts";
import { UserError } from "../errors.ts";
import { fakeFiles } from "../testing.ts";
import { readAwsFile } from "./aws_file.ts";
import { sessionPolicyOf } from "./session_policy.ts";

const ARN = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const OTHER = "arn:aws:iam::123456789012:policy/a/b";
const POLICY = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:Get*", Resource: "*" }] };
const FILE = "/home/ada/policy.json";

async function policy(options: {
  readonly arns?: readonly string[];
  readonly file?: string;
  /** The text of the policy file. */
  readonly text?: string;
  readonly json?: object;
  readonly profile?: string;
} = {}) {
  const warnings: string[] = [];
  const path = "/home/ada/.onelogin/onelogin.aws.json";
  const content = options.json && await readAwsFile(path, JSON.stringify(options.json), (line) => warnings.push(line));
  assert.deepEqual(warnings, []);
  const levels = {
    parsed: parseArgv([]),
    env: {},
    sdk: {},
    aws: content === undefined ? {} : { path, content },
    team: {},
    profile: options.profile,
  };
  const files = fakeFiles(options.text === undefined ? {} : { [FILE]: options.text });
  return (await sessionPolicyOf(levels, { arns: options.arns ?? [], file: options.file }, files))?.value;
}

const refused = (words: RegExp, options: Parameters<typeof policy>[0]) =>
  assert.rejects(
    policy(options),
    (error) => error instanceof UserError && error.exit === 2 && words.test(error.message),
  );

Deno.test("session policy: none, the options, or the keys of the file", async () => {
  assert.equal(await policy(), undefined);
  assert.deepEqual(await policy({ arns: [` ${ARN} `] }), { arns: [ARN] });
  assert.deepEqual(await policy({ file: FILE, text: JSON.stringify(POLICY, null, 2) }), {
    arns: [],
    document: JSON.stringify(POLICY),
  });
  assert.deepEqual(await policy({ json: { policy_arns: ARN } }), { arns: [ARN] });
  assert.deepEqual(await policy({ json: { policy_arns: [ARN, OTHER], policy: POLICY } }), {
    arns: [ARN, OTHER],
    document: JSON.stringify(POLICY),
  });
  assert.equal(
    await policy({ json: { policy_arns: [], policy: null, profiles: { dev: { policy_arns: "" } } } }),
    undefined,
  );
});

Deno.test("session policy: of two places one counts, since AWS adds policies up", async () => {
  const json = { policy: POLICY, profiles: { dev: { policy_arns: [OTHER] }, all: {} } };
  assert.deepEqual(await policy({ json, arns: [ARN], profile: "dev" }), { arns: [ARN] });
  assert.deepEqual(await policy({ json, profile: "dev" }), { arns: [], document: JSON.stringify(POLICY) });
  assert.deepEqual(await policy({ json: { ...json, precedence: "profile" }, profile: "dev" }), { arns: [OTHER] });
  const whole = { arns: [], document: JSON.stringify(POLICY) };
  assert.deepEqual(await policy({ json: { ...json, precedence: "profile" }, profile: "all" }), whole);
  assert.deepEqual(await policy({ json: { profiles: { dev: { policy: POLICY } } }, profile: "dev" }), whole);
  assert.equal(await policy({ json: { profiles: { dev: { policy: POLICY } } }, profile: "prod" }), undefined);
});

Deno.test("session policy: what AWS would not take is refused, from either place", async () => {
  for (const arn of ["arn:aws:iam::123456789012:role/Admin", "arn:aws:iam::12:policy/a", "arn:aws:iam::aws:policy/"]) {
    await refused(/not the ARN of a managed policy/, { arns: [arn] });
    await refused(/"policy_arns" cannot be used: .* not the ARN/, { json: { policy_arns: [ARN, arn] } });
  }
  await refused(/"--policy-arn": AWS accepts at most 10/, { arns: Array(11).fill(ARN) });
  await refused(/"policy_arns" in ".*": AWS accepts at most 10/, { json: { policy_arns: Array(11).fill(ARN) } });
  const long = { Statement: "x".repeat(2048) };
  await refused(/2064 characters/, { file: FILE, text: JSON.stringify(long) });
  await refused(/2064 characters/, { json: { policy: long } });
  for (const text of ["", "{", '{"Statement":1,"Statement":2}', "[]", '{"statement":[]}', '{"Statement":"\u20ac"}']) {
    await refused(/as a policy: /, { file: FILE, text });
  }
  await refused(/"profiles.dev.policy" cannot be used: it is not an object with "Statement"/, {
    json: { profiles: { dev: { policy: {} } } },
  });
  await refused(/"policy" cannot be used/, { json: { policy: JSON.stringify(POLICY) } });
  await refused(/"policy_arns" must be text/, { json: { policy_arns: {} } });
  await refused(/no such file/, { file: FILE });
});

Deno.test("session policy: a policy in the file with a name twice is refused with its place", async () => {
  const text = `{"policy": {"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}}`;
  await assert.rejects(readAwsFile("f", text, () => {}), /line 1, column 12: "policy" cannot be used: .*a name twice/);
});
