/** The AWS region of the credentials and of STS. */

import { answerOrElse, printable } from "../errors.ts";
import { isTeamFile } from "../io/paths.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import { checkRegion, defaultRegion, partitionById, partitionOfRegion } from "../aws/partitions.ts";
import type { Role } from "../saml/role_arn.ts";
import { askValue, readAwsRegion } from "../settings/values.ts";
import type { AwsContext } from "./session.ts";

/** The Python tool's default. */
const DEFAULT_REGION = "us-west-2";

/**
 * The region of the command line or onelogin.aws.json, else that of the profile in AWS's config file, else that of the
 * environment, else the answer to a question whose default is us-west-2 (or the default of the role's partition);
 * without prompts the default is used. A region of another partition than the role's cannot be used and
 * is replaced by that partition's default, with a warning.
 *
 * @throws UserError exit 8 when the input ends.
 */
export async function pickRegion(context: AwsContext, role: Role): Promise<string> {
  const { settings, prompter, reporter } = context;
  if (settings.awsRegion !== undefined && settings.awsRegion.source.kind !== "environment") {
    const { value, source } = settings.awsRegion;
    // The person's own region for this profile comes before that of the team.
    const own = source.kind === "file" && isTeamFile(source.path) ? await profileRegion(context) : undefined;
    return fitting(context, own ?? value, role);
  }
  const configured = await profileRegion(context);
  if (configured !== undefined) {
    reporter.detail(`AWS region ${configured}: that of the profile in ${printable(settings.configFile)}`);
  }
  const given = configured ?? settings.awsRegion?.value;
  // The Python tool ignores these two: a script may have a line for its question.
  if (given !== undefined && !prompter.piped) return fitting(context, given, role);
  const partitionDefault = role.partition === "aws" ? DEFAULT_REGION : defaultRegion(role.partition) ?? DEFAULT_REGION;
  const fallback = configured ?? partitionDefault;
  if (prompter.kind === "none") {
    reporter.info(`No AWS region is set: using ${fallback}.`);
    return fallback;
  }
  const question = {
    message: "AWS region",
    line: `AWS Region (${fallback}): `,
    option: '--aws-region, AWS_REGION or "aws_region" in onelogin.aws.json',
    fallback,
  };
  // The Python tool accepts "-" as the default.
  const answer = askValue(context, question, (text, shown) => readAwsRegion(text === "-" ? fallback : text, shown));
  return fitting(context, await (given === undefined ? answer : answerOrElse(answer, () => given)), role);
}

/**
 * The region, if it is known before the role is and no question can change it. That of another partition than the role's
 * is replaced later.
 */
export async function knownRegion(context: AwsContext): Promise<string | undefined> {
  const { settings: { awsRegion }, prompter } = context;
  if (awsRegion !== undefined && awsRegion.source.kind !== "environment") return awsRegion.value;
  return prompter.piped ? undefined : await profileRegion(context) ?? awsRegion?.value;
}

/** The region that AWS's tools use for this profile. An invalid one was refused before the sign-in. */
async function profileRegion({ deps, settings }: AwsContext): Promise<string | undefined> {
  if (settings.profile === undefined) return undefined;
  const bytes = await unlessUnreadable(deps.files.read(settings.configFile));
  if (bytes === undefined) return undefined;
  const { configRegion } = await import("../aws/files/config_file.ts");
  const region = configRegion(bytes, settings.profile.value);
  return region !== undefined && checkRegion(region) !== "malformed" ? region : undefined;
}

function fitting({ reporter }: AwsContext, region: string, role: Role): string {
  const replacement = defaultRegion(role.partition);
  if (partitionOfRegion(region).id === role.partition || replacement === undefined || !partitionById(role.partition)) {
    return region;
  }
  reporter.warn(`region ${region} is not in the partition ${role.partition} of the role; using ${replacement}`);
  return replacement;
}
