/** The session policy in force: the most that a session may do. It is read and checked before any request. */

import type { SessionPolicy } from "../aws/credentials.ts";
import { defined } from "../defined.ts";
import { Exit, printable, UserError } from "../errors.ts";
import { readFile } from "../io/read_file.ts";
import type { ConfigFiles } from "./find_files.ts";
import { readPolicy, readPolicyArn } from "./policy_values.ts";
import { fromFiles, type Levels } from "./precedence.ts";
import { type Source, sourceName, type Valued } from "./settings.ts";
import { decodeText } from "./text_file.ts";
import type { ReadValue } from "./values.ts";

/** AWS STS API, AssumeRoleWithSAML: PolicyArns, Policy. */
const MOST_ARNS = 10;
const MOST_CHARACTERS = 2048;

/**
 * The session policy in force. AWS adds several policies up, so those of two places are never combined: what one of them
 * forbids, the other may allow. The command line comes first, then the levels of onelogin.aws.json.
 *
 * @param typed the options, with the absolute path of the file.
 * @throws UserError exit 2 for a bad ARN, a file that is no policy, and what is too long.
 */
export async function sessionPolicyOf(
  levels: Levels,
  options: { readonly arns: readonly string[]; readonly file: string | undefined },
  files: Pick<ConfigFiles, "read">,
): Promise<Valued<SessionPolicy> | undefined> {
  if (options.arns.length > 0 || options.file !== undefined) {
    const arns = options.arns.map((text) =>
      checked(readPolicyArn, text, (problem) => `cannot use --policy-arn: ${problem}`)
    );
    const document = options.file === undefined ? undefined : await readPolicyFile(files, options.file);
    const name = options.arns.length > 0 ? "--policy-arn" : "--policy-file";
    return checkSize({ arns, ...defined({ document }) }, { kind: "option", name });
  }
  const arns = fromFiles(levels, "policyArn");
  const documents = fromFiles(levels, "policyFile");
  const level = arns.findIndex((each, index) => (each ?? documents[index]) !== undefined);
  const [some, document] = [arns[level], documents[level]];
  const source = some?.source ?? document?.source;
  if (source === undefined) return undefined;
  return checkSize({ arns: some?.value.split(" ") ?? [], ...defined({ document: document?.value }) }, source);
}

async function readPolicyFile(files: Pick<ConfigFiles, "read">, path: string): Promise<string> {
  const bytes = await readFile(files, path);
  if (bytes === undefined) {
    throw usage(`cannot read "${printable(path)}": there is no such file`, "check --policy-file");
  }
  const text = decodeText(path, bytes).replace(/^\ufeff/, "");
  return checked(readPolicy, text, (problem) => `cannot use "${printable(path)}" as a policy: ${problem}`);
}

function checkSize(policy: SessionPolicy, source: Source): Valued<SessionPolicy> {
  const { arns, document = "" } = policy;
  if (arns.length > MOST_ARNS) {
    throw usage(
      `cannot use ${arns.length} policies of ${named(source)}: AWS accepts at most ${MOST_ARNS}`,
      "use fewer policies",
    );
  }
  const { length } = [...arns, document].join("");
  if (length > MOST_CHARACTERS) {
    throw usage(
      `cannot use the session policy: it has ${length} characters, and AWS accepts at most ${MOST_CHARACTERS}`,
      "shorten it: the ARNs count too, spaces between the words of the policy do not",
    );
  }
  return { value: policy, source };
}

function named(source: Source): string {
  return source.kind === "option" ? `"${source.name}"` : sourceName(source);
}

function checked(read: ReadValue, text: string, message: (problem: string) => string): string {
  const found = read(text);
  if ("value" in found) return found.value;
  throw usage(message(found.problem), found.hint);
}

function usage(message: string, hint: string): UserError {
  return new UserError(message, { exit: Exit.usage, hint });
}
