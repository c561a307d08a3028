/** Credentials as text for a shell or a program. Every value is quoted where its shell needs it: `eval` runs nothing. */

import { defined } from "../defined.ts";
import { Exit, UserError } from "../errors.ts";
import { jsonLines } from "../json_object.ts";
import { processJson, processObject, rfc3339 } from "./process_json.ts";
import type { OutputFormat } from "../settings/settings.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";

/** The Python tool's form, `2027-01-15T09:30:00+0000`. Takes milliseconds since the epoch. */
export function referenceTime(ms: number): string {
  return rfc3339(ms).replace("Z", "+0000");
}

/** The variables of the Python tool in its order. botocore prefers the older `AWS_SECURITY_TOKEN`. */
function variables({ credentials, region }: ProfileCredentials): readonly (readonly [string, string])[] {
  return [
    ["AWS_SESSION_TOKEN", credentials.sessionToken],
    ["AWS_ACCESS_KEY_ID", credentials.accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey],
    ["AWS_SESSION_EXPIRATION", referenceTime(credentials.expiration)],
    ["AWS_SECURITY_TOKEN", credentials.sessionToken],
    ["AWS_REGION", region],
  ];
}

/**
 * The text of one delivery, with a final line end.
 *
 * @throws UserError exit 6 when a value cannot be written safely for the shell.
 */
export function formatOne(format: OutputFormat, delivered: ProfileCredentials): string {
  switch (format) {
    case "json":
      return jsonLines(jsonObject(delivered));
    case "credential-process":
      return processJson(delivered);
    default:
      return formatVariables(format, variables(delivered));
  }
}

/**
 * Variables as lines for a shell.
 *
 * @throws UserError exit 6 when a value cannot be written safely for the shell.
 */
export function formatVariables(
  format: Exclude<OutputFormat, "json" | "credential-process">,
  named: readonly (readonly [name: string, value: string])[],
): string {
  const line = LINES[format];
  return named.map(([name, value]) => `${line(name, value)}\n`).join("");
}

/** Several deliveries: an array for JSON; shell variables can contain only one, so those formats were refused earlier. */
export function formatMany(delivered: readonly ProfileCredentials[]): string {
  return jsonLines(delivered.map(jsonObject));
}

function jsonObject(delivered: ProfileCredentials): Readonly<Record<string, unknown>> {
  const { AccountId, ...credentials } = processObject(delivered);
  return {
    ...credentials,
    Region: delivered.region,
    RoleArn: delivered.role.roleArn,
    AssumedRoleArn: delivered.assumedRoleArn,
    AccountId,
    ...defined({ Profile: delivered.profile }),
  };
}

/** No character that is special in any shell of this file, and no `=`, `-` or `~` at the start. */
const PLAIN = /^[A-Za-z0-9/+][A-Za-z0-9/+=:._@-]*$/;

const LINES: Readonly<
  Record<Exclude<OutputFormat, "json" | "credential-process">, (name: string, value: string) => string>
> = {
  env: (name, value) => `export ${name}=${PLAIN.test(value) ? value : posixQuoted(value)}`,
  fish: (name, value) => `set -gx ${name} ${PLAIN.test(value) ? value : fishQuoted(value)}`,
  powershell: (name, value) => `$env:${name} = ${powershellQuoted(value)}`,
  cmd: (name, value) => `set ${cmdQuoted(name, value)}`,
  dotenv: (name, value) => `${name}=${PLAIN.test(value) ? value : dotenvQuoted(value)}`,
};

/** POSIX.1 Shell Command Language, 2.2.2: between single quotes only a single quote is special. */
function posixQuoted(value: string): string {
  return `'${withoutNul(value).replaceAll("'", `'\\''`)}'`;
}

/** fish documentation, "Quotes": `\'` and `\\` are the only escapes in single quotes. */
function fishQuoted(value: string): string {
  return `'${withoutNul(value).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** PowerShell, about_Quoting_Rules: single quotes are doubled, and the typographic ones count as such. */
function powershellQuoted(value: string): string {
  return `'${withoutNul(value).replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;
}

/** cmd.exe cannot quote every character: refuse what it cannot. */
function cmdQuoted(name: string, value: string): string {
  if (PLAIN.test(value)) return `${name}=${value}`;
  // deno-lint-ignore no-control-regex
  if (/["%!\u0000-\u001f]/.test(value)) throw unsafe("cmd");
  return `"${name}=${value}"`;
}

/** dotenv readers differ; all accept single quotes, and none allows one inside. */
function dotenvQuoted(value: string): string {
  // deno-lint-ignore no-control-regex
  if (/['\u0000-\u001f]/.test(value)) throw unsafe("dotenv");
  return `'${value}'`;
}

function withoutNul(value: string): string {
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u001f]/.test(value)) throw unsafe("shell");
  return value;
}

function unsafe(format: string): UserError {
  return new UserError(
    `cannot write the credentials as ${format} lines: AWS sent a character that cannot be quoted there`,
    { exit: Exit.sts, hint: "use --output json" },
  );
}
