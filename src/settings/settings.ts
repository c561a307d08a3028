/** The settings of one run: plain values, each with its source. */

import type { SessionPolicy } from "../aws/credentials.ts";
import type { Places as RunPlaces } from "../io/paths.ts";
import type { RoleRequest } from "../saml/role_request.ts";

/** Where a value was found. */
export type Source =
  | { readonly kind: "option"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "file"; readonly path: string; readonly key: string }
  | { readonly kind: "answer" }
  | { readonly kind: "default" };

/** A value and its source. `shadows` lists the weaker sources that it overrides, for `doctor`. */
export interface Valued<T> {
  readonly value: T;
  readonly source: Source;
  readonly shadows?: readonly Source[];
}

export function sourceName(source: Source): string {
  switch (source.kind) {
    case "option":
      return source.name;
    case "environment":
      return source.name;
    case "file":
      return `"${source.key}" in "${source.path}"`;
    case "answer":
      return "the answer";
    case "default":
      return "the default";
  }
}

/** The value, if it was given on the command line. */
export function optionValue<T>(valued: Valued<T> | undefined): T | undefined {
  return valued?.source.kind === "option" ? valued.value : undefined;
}

export type OutputFormat = "env" | "fish" | "powershell" | "cmd" | "dotenv" | "json" | "credential-process";

/** How to reach OneLogin and whose login it is. The login asks for an absent value, or fails with exit 8. */
export interface OneLoginSettings {
  readonly clientId?: Valued<string>;
  readonly clientSecret?: Valued<string>;
  readonly region: Valued<"us" | "eu">;
  /** From onelogin.sdk.json only. */
  readonly ip?: Valued<string>;
  readonly username?: Valued<string>;
  readonly password?: Valued<string>;
  readonly passwordStdin: boolean;
  readonly otp?: Valued<string>;
  readonly appId?: Valued<string>;
  readonly subdomain?: Valued<string>;
  readonly samlApiVersion: Valued<1 | 2>;
  /** ONELOGIN_API_URL or the region's host, without a slash at the end. */
  readonly oneloginUrl: Valued<string>;
  readonly mfaDevice?: string;
  /** Seconds. */
  readonly mfaTimeout: number;
  readonly cacheSaml: boolean;
  /** The SAML response comes from standard input or a paste: no request goes to OneLogin. */
  readonly samlResponseStdin: boolean;
  /** Sign in with a running browser: no request goes to OneLogin's API. */
  readonly browser: Valued<boolean>;
  /** Seconds. */
  readonly browserTimeout: number;
}

/** How long credentials live: seconds, or the longest that their role allows. */
export type Duration = number | "max";

/** Which AWS role, where, and for how long. */
export interface AwsChoice {
  readonly awsAccountId?: Valued<string>;
  readonly awsRoleName?: Valued<string>;
  /** AWS_REGION and AWS_DEFAULT_REGION are merged into it. */
  readonly awsRegion?: Valued<string>;
  readonly duration: Valued<Duration>;
  /** Role patterns, each of which may match several roles. */
  readonly roles: readonly string[];
  readonly allRoles: boolean;
  readonly roleOrder: boolean;
  readonly chainRoleArn: readonly string[];
  readonly chainExternalId?: string;
  readonly policyArn: readonly string[];
  /** Absolute path. */
  readonly policyFile?: string;
  /** The policy of these options, else that of onelogin.aws.json. */
  readonly sessionPolicy?: Valued<SessionPolicy>;
  /** Account id to alias, from accounts.yaml. */
  readonly accounts: ReadonlyMap<string, string>;
  /** AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL, without a slash at the end. */
  readonly stsUrl?: Valued<string>;
  /** AWS_USE_FIPS_ENDPOINT. */
  readonly fips: boolean;
  /** AWS_USE_DUALSTACK_ENDPOINT. */
  readonly dualStack: boolean;
}

export function requestedRole(
  { awsAccountId, awsRoleName }: Pick<AwsChoice, "awsAccountId" | "awsRoleName">,
): RoleRequest {
  return { accountId: awsAccountId?.value, roleName: awsRoleName?.value };
}

/** Where the credentials go. */
export interface Delivery {
  readonly profile?: Valued<string>;
  readonly profileTemplate: Valued<string>;
  /** Absolute path of an explicit --file. */
  readonly file?: Valued<string>;
  readonly output?: OutputFormat;
  readonly regionIn: Valued<"credentials" | "config">;
}

/** When a login is repeated or skipped. */
export interface Repetition {
  /** Minutes. */
  readonly time: Valued<number>;
  readonly loop: Valued<number>;
  readonly interactive: boolean;
  /** Seconds. */
  readonly ifExpiring?: number;
  readonly force: boolean;
}

/** Absolute paths of the files and folders in use. */
export type Places = Pick<
  RunPlaces,
  "credentialsFile" | "configFile" | "oneloginFolder" | "configFolder" | "awsFolder"
>;

/** How requests are sent. */
export interface Requests {
  /** Seconds, per request. */
  readonly timeout: number;
}

/** How the program talks to the user. */
export interface Conversation {
  readonly noInput: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly noColor: boolean;
}

/** Settings of the console, status, configure and doctor commands only. */
export interface CommandSettings {
  readonly verify: boolean;
  /** `configure --import` */
  readonly importTeam: boolean;
  /** `configure --export` */
  readonly exportTeam: boolean;
  readonly destination?: string;
  /** AWS_ENDPOINT_URL_SIGNIN, without a slash at the end. */
  readonly signinUrl?: Valued<string>;
}

/**
 * The merged settings of command line, environment and files, validated and normalised. An absent key was set
 * nowhere (empty strings count as unset). A step takes the part that it uses.
 */
export interface Settings
  extends OneLoginSettings, AwsChoice, Delivery, Repetition, Places, Requests, Conversation, CommandSettings {}
