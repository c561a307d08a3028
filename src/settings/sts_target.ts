import type { StsTarget } from "../aws/sts.ts";
import { defined } from "../defined.ts";
import type { AwsChoice, Requests } from "./settings.ts";

/** The STS endpoint for a region, and the time limit of a request. */
export function stsTarget(
  { stsUrl, fips, dualStack, timeout }: Pick<AwsChoice, "stsUrl" | "fips" | "dualStack"> & Requests,
  region: string,
): StsTarget {
  const variable = stsUrl?.source.kind === "environment" ? stsUrl.source.name : undefined;
  return { region, fips, dualStack, timeoutMs: timeout * 1000, ...defined({ endpoint: stsUrl?.value, variable }) };
}
