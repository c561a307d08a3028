/** The name of this program, as typed. */
export const PROGRAM = "onelogin-aws-assume-role";

/** The version of this program, the same as in deno.json (a test compares them). */
export const VERSION = "3.0.0-alpha.1";

/** The User-Agent that OneLogin and AWS log: CloudTrail shows who uses which version. */
export const USER_AGENT = `${PROGRAM}/${VERSION}`;

/** The commit of this build; the build fills it in. */
const COMMIT = "from source";

/** The answer to `--version`: `onelogin-aws-assume-role 3.0.0 (1a2b3c4d5e6f, Deno 2.9.6)`. */
export function versionLine(): string {
  return `${PROGRAM} ${VERSION} (${COMMIT}, ${navigator.userAgent.replace("/", " ")})`;
}
