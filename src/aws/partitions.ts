/**
 * AWS partitions and their hosts: the separate AWS worlds (commercial, China, GovCloud, …), each with its own regions
 * and domains. Source: botocore, partitions.json and the STS and sign-in endpoint rules.
 */

import { Exit, printable, UserError } from "../errors.ts";

export interface Partition {
  /** As in an ARN: `aws-us-gov`. */
  readonly id: string;
  /** Matches its regions. The patterns do not overlap. */
  readonly regionPattern: RegExp;
  readonly dnsSuffix: string;
  /** The domain of endpoints that also support IPv6. */
  readonly dualStackSuffix: string;
  readonly defaultRegion: string;
  /** Known regions; AWS adds new ones, so an unknown one is not an error. */
  readonly regions: readonly string[];
  /** Hosts of the console sign-in (with `{region}` filled in), if AWS publishes a federation endpoint. */
  readonly signin?: { readonly host: string; readonly console: string };
}

const AWS: Partition = {
  id: "aws",
  regionPattern: /^(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
  dnsSuffix: "amazonaws.com",
  dualStackSuffix: "api.aws",
  defaultRegion: "us-east-1",
  regions: (
    "us-east-1 us-east-2 us-west-1 us-west-2 af-south-1 ap-east-1 ap-east-2 ap-northeast-1 " +
    "ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 " +
    "ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 " +
    "eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 " +
    "me-central-1 me-south-1 mx-central-1 sa-east-1"
  ).split(" "),
  signin: { host: "signin.aws.amazon.com", console: "console.aws.amazon.com" },
};

export const PARTITIONS: readonly Partition[] = [
  AWS,
  {
    id: "aws-cn",
    regionPattern: /^cn-\w+-\d+$/,
    dnsSuffix: "amazonaws.com.cn",
    dualStackSuffix: "api.amazonwebservices.com.cn",
    defaultRegion: "cn-northwest-1",
    regions: ["cn-north-1", "cn-northwest-1"],
    signin: { host: "signin.amazonaws.cn", console: "console.amazonaws.cn" },
  },
  {
    id: "aws-us-gov",
    regionPattern: /^us-gov-\w+-\d+$/,
    dnsSuffix: "amazonaws.com",
    dualStackSuffix: "api.aws",
    defaultRegion: "us-gov-west-1",
    regions: ["us-gov-east-1", "us-gov-west-1"],
    signin: { host: "signin.amazonaws-us-gov.com", console: "console.amazonaws-us-gov.com" },
  },
  {
    id: "aws-eusc",
    regionPattern: /^eusc-(?:de)-\w+-\d+$/,
    dnsSuffix: "amazonaws.eu",
    dualStackSuffix: "api.amazonwebservices.eu",
    defaultRegion: "eusc-de-east-1",
    regions: ["eusc-de-east-1"],
    signin: { host: "{region}.signin.amazonaws-eusc.eu", console: "console.amazonaws-eusc.eu" },
  },
  {
    id: "aws-iso",
    regionPattern: /^us-iso-\w+-\d+$/,
    dnsSuffix: "c2s.ic.gov",
    dualStackSuffix: "api.aws.ic.gov",
    defaultRegion: "us-iso-east-1",
    regions: ["us-iso-east-1", "us-iso-west-1"],
  },
  {
    id: "aws-iso-b",
    regionPattern: /^us-isob-\w+-\d+$/,
    dnsSuffix: "sc2s.sgov.gov",
    dualStackSuffix: "api.aws.scloud",
    defaultRegion: "us-isob-east-1",
    regions: ["us-isob-east-1", "us-isob-west-1"],
  },
  {
    id: "aws-iso-e",
    regionPattern: /^eu-isoe-\w+-\d+$/,
    dnsSuffix: "cloud.adc-e.uk",
    dualStackSuffix: "api.cloud-aws.adc-e.uk",
    defaultRegion: "eu-isoe-west-1",
    regions: ["eu-isoe-west-1"],
  },
  {
    id: "aws-iso-f",
    regionPattern: /^us-isof-\w+-\d+$/,
    dnsSuffix: "csp.hci.ic.gov",
    dualStackSuffix: "api.aws.hci.ic.gov",
    defaultRegion: "us-isof-south-1",
    regions: ["us-isof-east-1", "us-isof-south-1"],
  },
];

const distinct = (domains: readonly string[]) => [...new Set(domains)];

/** The domains of AWS's API hosts, in the order of {@linkcode PARTITIONS}. */
export const AWS_API_DOMAINS: readonly string[] = distinct([
  ...PARTITIONS.map(({ dnsSuffix }) => dnsSuffix),
  ...PARTITIONS.map(({ dualStackSuffix }) => dualStackSuffix),
]);

/** The domains of the console's sign-in hosts (AWS General Reference, AWS Sign-In endpoints). */
export const AWS_SIGNIN_DOMAINS: readonly string[] = distinct(
  PARTITIONS.flatMap(({ signin }) =>
    signin === undefined ? [] : [signin.host.replace(/^(?:\{region\}\.)?signin\./, "")]
  ),
);

/** The partition of an id, such as that of an ARN; undefined if unknown. */
export function partitionById(id: string): Partition | undefined {
  return PARTITIONS.find((partition) => partition.id === id);
}

/** The partition of a region; an unknown region counts as commercial, as in the AWS SDKs. */
export function partitionOfRegion(region: string): Partition {
  return PARTITIONS.find((partition) => partition.regionPattern.test(region)) ?? AWS;
}

/** The region for a role of this partition if none is set, or the set one is in another partition. */
export function defaultRegion(partitionId: string): string | undefined {
  return partitionById(partitionId)?.defaultRegion;
}

/** The second to last word is always a direction: `us-esat-1` is a typing error, but `eu-west-9` may exist one day. */
export const LIKE_A_REGION =
  /^[a-z]{2,8}(?:-[a-z]{2,16}){0,2}-(?:central|north|south|(?:north|south)?(?:east|west))-\d{1,2}$/;

/**
 * Whether a region name is `known`; `unknown`, but valid (AWS adds regions); or `malformed`.
 * A name that is not malformed is one label of a host name, so it cannot change the host.
 */
export function checkRegion(region: string): "known" | "unknown" | "malformed" {
  if (PARTITIONS.some((partition) => partition.regions.includes(region))) return "known";
  return LIKE_A_REGION.test(region) ? "unknown" : "malformed";
}

/**
 * The regional STS host, such as `sts.us-west-2.amazonaws.com`; `sts-fips.…` for the endpoint with FIPS 140 validated
 * cryptography, which in GovCloud is the regular one; `sts.us-west-2.api.aws` for the one that supports IPv6 too (botocore,
 * STS endpoint rules).
 *
 * @throws {UserError} exit 2 when `region` is not named like a region.
 */
export function stsHost(region: string, fips = false, dualStack = false): string {
  return stsHostIn(partitionOfRegion(region), requireRegion(region), fips, dualStack);
}

/** The STS hosts of all known regions. */
export function allStsHosts(fips: boolean, dualStack: boolean): readonly string[] {
  return PARTITIONS.flatMap((partition) =>
    partition.regions.map((region) => stsHostIn(partition, region, fips, dualStack))
  );
}

function stsHostIn(partition: Partition, region: string, fips: boolean, dualStack: boolean): string {
  const { id, dnsSuffix, dualStackSuffix } = partition;
  const name = fips && (dualStack || id !== "aws-us-gov") ? "sts-fips" : "sts";
  return `${name}.${region}.${dualStack ? dualStackSuffix : dnsSuffix}`;
}

/**
 * The hosts of the console sign-in for a region.
 *
 * @throws {UserError} exit 2 when `region` is not named like a region, or AWS publishes none for its partition.
 */
export function signinHosts(region: string): { readonly signin: string; readonly console: string } {
  requireRegion(region);
  const { id, signin } = partitionOfRegion(region);
  if (!signin) {
    throw new UserError(`cannot make a console sign-in URL for partition "${id}": AWS publishes no URL for it`, {
      exit: Exit.usage,
      hint: "ask the administrators of that partition how to open its console",
    });
  }
  return { signin: signin.host.replace("{region}", region), console: signin.console };
}

function requireRegion(region: string): string {
  if (checkRegion(region) === "malformed") {
    throw new UserError(`cannot use AWS region "${printable(region, 60)}": it is not a region name`, {
      exit: Exit.usage,
      hint: "use a region such as us-west-2, eu-central-1 or us-gov-west-1: --aws-region REGION",
    });
  }
  return region;
}
