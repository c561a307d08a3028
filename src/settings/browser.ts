/** Whether a run signs in with the browser. The launcher decides first, from what it may read; the settings then agree or report why not. */

import type { Parsed } from "../argv/parse.ts";
import { type Command, OPTIONS } from "../argv/options.ts";
import { isJsonObject, parseObject } from "../json_object.ts";
import { readSwitch } from "./values.ts";

const BROWSER_PORT = 9222;

/** The part of onelogin.aws.json or team.json that is about the browser. */
interface BrowserKeys {
  readonly browser?: boolean | undefined;
  readonly port?: number | undefined;
  readonly profile?: string | undefined;
  readonly precedence?: "global" | "profile" | undefined;
  readonly ofProfile: (profile: string) => boolean | undefined;
}

/** Commands that read an existing profile: they use AWS_PROFILE, as the AWS CLI does. */
export const READS_PROFILE: readonly Command[] = ["credential-process", "console"];

/**
 * The browser's port if the command line, ONELOGIN_BROWSER or a file requests the browser. `--saml-response-stdin`
 * overrides the variable and the files.
 *
 * @param files the strongest first
 */
export function browserPort(
  { command, values }: Parsed,
  env: Readonly<Record<string, string>>,
  files: readonly BrowserKeys[],
): number | undefined {
  const takes = OPTIONS.some((row) => row.key === "browser" && row.commands.includes(command));
  if (!takes || values["noBrowser"] === true || values["samlResponseStdin"] === true) return undefined;
  const variable = readSwitch(env["ONELOGIN_BROWSER"] ?? "");
  const inVariable = "value" in variable ? variable.value : undefined;
  const chosen = (values["browser"] === true || undefined) ?? inVariable ??
    browserFile({ command, values }, env, files)?.value;
  if (!chosen) return undefined;
  const port = typeof values["browserPort"] === "number"
    ? values["browserPort"]
    : files.find((keys) => keys.port !== undefined)?.port ?? BROWSER_PORT;
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** The first file that decides for or against the browser. */
export function browserFile<T extends BrowserKeys>(
  { command, values }: Pick<Parsed, "command" | "values">,
  env: Readonly<Record<string, string>>,
  files: readonly T[],
): { readonly file: T; readonly value: boolean } | undefined {
  const option = values["profile"];
  const reads = READS_PROFILE.includes(command);
  const profile = (typeof option === "string" ? option.trim() : "") || (reads ? env["AWS_PROFILE"]?.trim() : "") ||
    files.find((keys) => keys.profile !== undefined)?.profile || (reads ? "default" : undefined);
  for (const file of files) {
    const own = profile === undefined ? undefined : file.ofProfile(profile);
    const value = file.precedence === "profile" ? own ?? file.browser : file.browser ?? own;
    if (value !== undefined) return { file, value };
  }
  return undefined;
}

/** The keys in the text of onelogin.aws.json, for the launcher; none if it cannot be parsed. */
export function browserKeys(text: string): BrowserKeys {
  const { browser, browser_port: port, profile, precedence, profiles } = parseObject(text);
  const boolean = (value: unknown) => typeof value === "boolean" ? value : undefined;
  return {
    browser: boolean(browser),
    port: typeof port === "number" && Number.isInteger(port) ? port : undefined,
    profile: typeof profile === "string" && profile.trim() !== "" ? profile.trim() : undefined,
    precedence: precedence === "profile" ? "profile" : "global",
    ofProfile: (name) => {
      const own = isJsonObject(profiles) && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
      return isJsonObject(own) ? boolean(own["browser"]) : undefined;
    },
  };
}
