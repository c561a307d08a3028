/** The settings of one run: plain values, each with the place it came from. */

/** Where a value was found. */
export type Source =
  | { readonly kind: "option"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "file"; readonly path: string; readonly key: string }
  | { readonly kind: "asked" }
  | { readonly kind: "default" };

/** A value and its source. `shadows` lists the places whose value it wins over, for `doctor`. */
export interface Valued<T> {
  readonly value: T;
  readonly source: Source;
  readonly shadows?: readonly Source[];
}

export type OutputFormat = "env" | "fish" | "powershell" | "cmd" | "dotenv" | "json" | "credential-process";

/**
 * What the command line, the environment and the files say together. An absent key means nobody said it (empty
 * strings count as unset); the login asks for it or fails with exit 8.
 */
export interface Settings {
  readonly clientId?: Valued<string>;
  readonly clientSecret?: Valued<string>;
  readonly region: Valued<"us" | "eu">;
  /** From onelogin.sdk.json only. */
  readonly ip?: Valued<string>;
  readonly username?: Valued<string>;
  readonly password?: Valued<string>;
  readonly otp?: Valued<string>;
  readonly appId?: Valued<string>;
  readonly subdomain?: Valued<string>;
  readonly samlApiVersion: Valued<1 | 2>;
  readonly profile?: Valued<string>;
  /** Absolute path of an explicit --file. */
  readonly file?: Valued<string>;
  /** Seconds. */
  readonly duration: Valued<number>;
  readonly awsRegion?: Valued<string>;
  /** AWS_REGION or AWS_DEFAULT_REGION: asked after the file, before the question. Already merged into `awsRegion`. */
  readonly awsAccountId?: Valued<string>;
  readonly awsRoleName?: Valued<string>;
  /** Minutes. */
  readonly time: Valued<number>;
  readonly loop: Valued<number>;
  readonly interactive: boolean;
  readonly cacheSaml: boolean;
  readonly roleOrder: boolean;
  readonly output?: OutputFormat;
  readonly roles: readonly string[];
  readonly allRoles: boolean;
  readonly profileTemplate: string;
  readonly chainRoleArn: readonly string[];
  readonly chainExternalId?: string;
  readonly mfaDevice?: string;
  /** Seconds. */
  readonly mfaTimeout: number;
  /** Seconds, per request. */
  readonly timeout: number;
  readonly passwordStdin: boolean;
  readonly noInput: boolean;
  /** Seconds. */
  readonly ifExpiring?: number;
  readonly force: boolean;
  readonly regionIn: "credentials" | "config";
  readonly verify: boolean;
  readonly destination?: string;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly noColor: boolean;
  /** Account id to alias, from accounts.yaml. */
  readonly accounts: ReadonlyMap<string, string>;
  /** Absolute path of the credentials file in force: --file, AWS_SHARED_CREDENTIALS_FILE, ~/.aws/credentials. */
  readonly credentialsFile: string;
  /** Absolute path of AWS's config file: AWS_CONFIG_FILE, ~/.aws/config. */
  readonly configFile: string;
  /** Absolute path of ~/.onelogin, where this program keeps its own files. */
  readonly oneloginFolder: string;
  /** Absolute path of ~/.aws. */
  readonly awsFolder: string;
  /** ONELOGIN_API_URL or the region's host, without a slash at the end. */
  readonly oneloginUrl: Valued<string>;
  /** AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL, without a slash at the end. */
  readonly stsUrl?: Valued<string>;
  /** AWS_ENDPOINT_URL_SIGNIN, without a slash at the end. */
  readonly signinUrl?: Valued<string>;
  /** Keys of the options that stand on the command line, whatever their value. */
  readonly typed: ReadonlySet<string>;
  /** AWS_PROFILE, for the commands that read a profile. */
  readonly awsProfile?: string;
}
