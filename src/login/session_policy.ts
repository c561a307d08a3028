/** `--policy-arn` and `--policy-file`: what the session may do at most, read and checked before any request. */

import { Exit, printable, UserError } from "../errors.ts";
import { readFile } from "../io/read_file.ts";
import type { SessionPolicy } from "../aws/credentials.ts";
import type { Context } from "../settings/context.ts";
import { plainJson } from "../settings/json.ts";
import type { AwsChoice, Repetition } from "../settings/settings.ts";
import { decodeText } from "../settings/text_file.ts";

/** AWS STS API, AssumeRoleWithSAML: PolicyArns, Policy. */
const MOST_ARNS = 10;
const MOST_CHARACTERS = 2048;
const POLICY_ARN = /^arn:aws[a-z-]*:iam::(?:aws|\d{12}):policy\/[\w+=,.@/-]+$/;
const POLICY_CHARACTERS = /^[\t\n\r\x20-\xff]*$/;

/**
 * The context with the session policy of its options, if there is one.
 *
 * @throws UserError exit 2 for a bad ARN, a file that is no policy, what is too long, and `--if-expiring` beside them.
 */
export async function withSessionPolicy<T extends AwsChoice & Repetition>(context: Context<T>): Promise<Context<T>> {
  const { deps, settings } = context;
  const { policyArn, policyFile, ifExpiring } = settings;
  if (policyArn.length === 0 && policyFile === undefined) return context;
  if (ifExpiring !== undefined) {
    throw usage(
      'cannot use "--if-expiring" with a session policy: the live credentials may be allowed more',
      "leave out --if-expiring",
    );
  }
  const arns = policyArn.map(checkArn);
  if (arns.length > MOST_ARNS) {
    throw usage(`cannot use ${arns.length} of "--policy-arn": AWS takes ${MOST_ARNS}`, "give fewer");
  }
  const document = policyFile === undefined ? undefined : await readPolicy(deps.files, policyFile);
  const length = [...arns, document ?? ""].join("").length;
  if (length > MOST_CHARACTERS) {
    throw usage(
      `cannot use the session policy: it is ${length} characters, and AWS takes ${MOST_CHARACTERS}`,
      "blanks between the words do not count; the ARNs of --policy-arn do",
    );
  }
  const sessionPolicy: SessionPolicy = document === undefined ? { arns } : { arns, document };
  return { ...context, settings: { ...settings, sessionPolicy } };
}

function checkArn(text: string): string {
  const arn = text.trim();
  if (POLICY_ARN.test(arn)) return arn;
  throw usage(
    `cannot use "${printable(text, 200)}" for --policy-arn: it is not the ARN of a managed policy`,
    "such an ARN looks like arn:aws:iam::aws:policy/ReadOnlyAccess",
  );
}

/** The policy without the blanks between its words. */
async function readPolicy(files: Context["deps"]["files"], path: string): Promise<string> {
  const bytes = await readFile(files, path);
  if (bytes === undefined) {
    throw usage(`cannot read "${printable(path)}": there is no such file`, "check --policy-file");
  }
  const text = decodeText(path, bytes).replace(/^\ufeff/, "");
  const bad = (why: string) => usage(`cannot use "${printable(path)}" as a policy: ${why}`, POLICY_HINT);
  const root = plainJson(text);
  if (root === undefined) throw bad("it is not JSON, or has a name twice");
  if (root.kind !== "object" || !root.members.some(({ name }) => name === "Statement")) {
    throw bad('it is not an object with "Statement"');
  }
  const packed = JSON.stringify(JSON.parse(text));
  if (!POLICY_CHARACTERS.test(packed)) throw bad("AWS takes no characters beyond Latin-1 in it");
  return packed;
}

const POLICY_HINT = 'it looks like {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", ' +
  '"Resource": "*"}]}';

function usage(message: string, hint: string): UserError {
  return new UserError(message, { exit: Exit.usage, hint });
}
