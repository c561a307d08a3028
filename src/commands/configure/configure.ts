/** `configure`: asks, tries the API client, shows what would change, and writes the files in ~/.onelogin or a folder of it. */

import { writeConfig } from "../../aws/files/config_file.ts";
import { readAwsFile } from "../../settings/aws_file.ts";
import { joinPath } from "../../io/paths.ts";
import { readSdkFile } from "../../settings/sdk_file.ts";
import { decodeText } from "../../settings/text_file.ts";
import { jsonEditor } from "../../settings/json.ts";
import type { JsonChange } from "../../settings/json_values.ts";
import { type Answers, askAnswers, type Present, withAnswers } from "./answers.ts";
import { type InFolder, writableFolder } from "./folder.ts";
import { chooseProfiles, processEntries, profileChanges } from "./profiles.ts";
import { Exit, type ExitCode, quoted, UserError } from "../../errors.ts";
import { readFile, unlessUnreadable } from "../../io/read_file.ts";
import { updateFile } from "../../io/safe_file.ts";
import type { Context } from "../../settings/context.ts";
import type { AwsChoice, OneLoginSettings, Places, Repetition } from "../../settings/settings.ts";
import type { NamedRole } from "../../login/profile_names.ts";
import { PROGRAM } from "../../version.ts";
import { announceWait } from "../save_profiles.ts";
import { exportTeam } from "./team_export.ts";
import { importTeam } from "./team_import.ts";
import { utf8 } from "../../utf8.ts";

/** The keys of each file, by the answer that goes into them. */
const SDK_KEYS = [["client_id", "clientId"], ["client_secret", "clientSecret"], ["region", "region"]] as const;
const AWS_KEYS = [
  ["app_id", "appId"],
  ["subdomain", "subdomain"],
  ["username", "username"],
  ["aws_region", "awsRegion"],
] as const;

/**
 * Runs the wizard. Nothing is written before the person has seen and confirmed it.
 *
 * @throws UserError exit 8 where nobody may be asked, exit 2 for a `-c` folder elsewhere and for files that cannot be read,
 * exit 3 when OneLogin refuses the API client.
 */
export async function configureCommand(context: Context): Promise<ExitCode> {
  const { reporter, prompter, settings } = context;
  if (settings.importTeam) return await importTeam(context);
  if (settings.exportTeam) return await exportTeam(context);
  const folder = writableFolder(context);
  if (prompter.kind === "none") {
    throw new UserError("cannot configure without prompts", {
      exit: Exit.input,
      hint: `leave --no-input out, or write ${quoted(pathOf(context, "onelogin.sdk.json"))} by hand`,
    });
  }
  const [sdk, aws] = [await look(context, "onelogin.sdk.json"), await look(context, "onelogin.aws.json")];
  // A -c folder is looked at first.
  if (folder === undefined) { for (const { name, path } of [sdk, aws]) await warnIfHidden(context, name, path); }
  const there = { ...await sdkValues(sdk), ...await awsValues(aws) };
  const present = { ...givenElsewhere(context), ...there };
  const answers = await askAnswers(context, present);
  const changed = await save(context, [
    { file: sdk, changes: changesOf(SDK_KEYS, answers, there) },
    { file: aws, changes: [...changesOf(AWS_KEYS, answers, there), ...browserChange(answers, settings)] },
  ], "Write this?");
  if (!changed) return Exit.done;
  // This run has no browser to sign in with.
  const wanted = answers.clientId !== undefined && await prompter.confirm({
    message: "Sign in now and add profiles for your roles?",
    line: "Sign in now and add profiles for your roles? (Y/n) ",
    option: "running configure with a person",
    fallback: true,
  });
  const added = wanted
    ? await addProfiles({ ...context, settings: withAnswers(context.settings, answers) })
    : undefined;
  const words = [
    ...(folder === undefined ? [] : ["-c", quoted(folder)]),
    ...(added === undefined ? [] : ["--profile", /^[\w.-]+$/.test(added) ? added : quoted(added)]),
  ];
  reporter.info(`Done. Try it: ${[PROGRAM, ...words].join(" ")}`);
  return Exit.done;
}

interface Target {
  readonly name: "onelogin.sdk.json" | "onelogin.aws.json";
  readonly path: string;
  /** "" when there is no file. */
  readonly text: string;
}

function pathOf(context: InFolder, name: Target["name"]): string {
  return joinPath(context.deps.platform, writableFolder(context) ?? context.settings.oneloginFolder, name);
}

async function look(context: InFolder, name: Target["name"]): Promise<Target> {
  const path = pathOf(context, name);
  const bytes = await readFile(context.deps.files, path);
  return { name, path, text: bytes === undefined ? "" : decodeText(path, bytes) };
}

/** A file of the same name in the working directory is read instead of the one that is written here. */
async function warnIfHidden(
  { deps, reporter }: Pick<Context, "deps" | "reporter">,
  name: string,
  written: string,
): Promise<void> {
  const here = joinPath(deps.platform, deps.cwd, name);
  if (here === written) return;
  const found = await unlessUnreadable(deps.files.stat(here), undefined);
  if (found) reporter.warn(`${quoted(here)} is read instead of ${quoted(written)} in this folder`);
}

async function sdkValues({ path, text }: Target): Promise<Present> {
  return text.trim() === "" ? {} : byAnswer(SDK_KEYS, await readSdkFile(path, text, () => {}));
}

async function awsValues({ path, text }: Target): Promise<Present> {
  return text.trim() === "" ? {} : byAnswer(AWS_KEYS, (await readAwsFile(path, text, () => {})).top);
}

/** The values of a file by the answer they are. */
function byAnswer<K extends string>(
  keys: readonly (readonly [K, keyof Answers])[],
  values: { readonly [P in K]?: string },
): Present {
  return Object.fromEntries(keys.flatMap(([key, answer]) => values[key] === undefined ? [] : [[answer, values[key]]]));
}

/** What the environment or the command line says is offered where the files say nothing. */
function givenElsewhere({ settings }: { readonly settings: OneLoginSettings & AwsChoice }): Present {
  const given = ["region", "clientId", "clientSecret", "subdomain", "username", "appId", "awsRegion"] as const;
  return Object.fromEntries(given.flatMap((key) => {
    const valued = settings[key];
    return valued === undefined || valued.source.kind === "default" ? [] : [[key, valued.value]];
  }));
}

function changesOf(
  keys: readonly (readonly [string, keyof Answers])[],
  answers: Answers,
  old: Present,
): readonly JsonChange[] {
  return keys.flatMap(([key, answer]) => {
    const value = answers[answer];
    return value === undefined || old[answer] === value ? [] : [{ key: [key], value }];
  });
}

/** Without an API client every login is one with the browser. */
function browserChange({ clientId }: Answers, { browser }: OneLoginSettings): readonly JsonChange[] {
  return clientId !== undefined || browser.value ? [] : [{ key: ["browser"], value: true }];
}

/** Shows the changes, asks, and writes. False when the person said no. */
async function save(
  { deps, reporter, prompter }: Omit<Context, "settings">,
  edits: readonly { readonly file: Target; readonly changes: readonly JsonChange[] }[],
  message: string,
): Promise<boolean> {
  const editJson = await jsonEditor();
  const open = edits.filter(({ changes }) => changes.length > 0);
  for (const { file, changes } of open) {
    // Found out before the question: an answer must not be wasted.
    editJson(file, changes);
    reporter.info(`${file.text === "" ? "New file" : "Changes in"} ${file.path}:`);
    for (const { key, value } of changes) {
      reporter.info(`  ${key.join(".")} = ${key[0] === "client_secret" ? "(the secret)" : JSON.stringify(value)}`);
    }
  }
  if (open.length === 0) {
    reporter.info("Everything is set like this already.");
    return true;
  }
  const yes = await prompter.confirm({
    message,
    line: `${message} (Y/n) `,
    option: "running configure with a person",
    fallback: true,
  });
  if (!yes) {
    reporter.info("Nothing was written.");
    return false;
  }
  for (const { file, changes } of open) {
    const written = await updateFile(deps, file.path, (old) => {
      const bom = old?.[0] === 0xef ? "\ufeff" : "";
      const text = old === undefined ? "" : decodeText(file.path, old);
      return new Uint8Array(utf8(bom + editJson({ path: file.path, text }, changes)));
    }, { onWait: announceWait(reporter) });
    if (written.changed && written.looseMode !== undefined) {
      reporter.info(`${written.path} is now readable by you alone (mode 600).`);
    }
    reporter.info(`Wrote ${written.path}`);
  }
  return true;
}

/** @returns the name of a profile that was added, if any. */
async function addProfiles(context: Context): Promise<string | undefined> {
  const { reporter } = context;
  const named = await chooseProfiles(context);
  const file = await look(context, "onelogin.aws.json");
  const content = file.text.trim() === "" ? undefined : await readAwsFile(file.path, file.text, () => {});
  if (!await save(context, [{ file, changes: profileChanges(named) }], "Add these profiles?")) return undefined;
  const over = (["aws_account_id", "aws_role_name"] as const).filter((key) => content?.top[key] !== undefined);
  if (over.length > 0 && content?.precedence === "global") {
    reporter.warn(
      `${over.map((key) => `"${key}"`).join(" and ")} at the top of "${file.path}" come before every profile; ` +
        `take them out, or add "precedence": "profile"`,
    );
  }
  await addProcesses(context, named);
  return named[0]?.profile;
}

async function addProcesses(
  context: Context<Places & AwsChoice & Repetition>,
  named: readonly NamedRole[],
): Promise<void> {
  const { deps, settings, reporter, prompter } = context;
  const region = settings.awsRegion?.value ?? "us-west-2";
  const folder = writableFolder(context);
  const entries = deps.programPath === undefined
    ? undefined
    : processEntries(deps.programPath, deps.platform, named, region, folder);
  if (entries === undefined) {
    reporter.info(
      `To let the AWS CLI fetch credentials itself, put this into [profile NAME] of ${settings.configFile}:`,
    );
    reporter.info(
      `  credential_process = /path/to/${PROGRAM} credential-process ${
        folder === undefined ? "" : `-c ${quoted(folder)} `
      }--profile NAME`,
    );
    return;
  }
  reporter.info(`The AWS CLI and SDKs can call this program by themselves, by a line in ${settings.configFile}:`);
  for (const { profile, credentialProcess } of entries) {
    reporter.info(`  [profile ${profile}] credential_process = ${credentialProcess}`);
  }
  const yes = await prompter.confirm({
    message: "Write these lines?",
    line: "Write these lines? (y/N) ",
    option: "running configure with a person",
    fallback: false,
  });
  if (!yes) return;
  const written = await writeConfig(deps, settings.configFile, entries, { force: settings.force });
  for (const warning of written.warnings) reporter.warn(warning);
  reporter.info(`Wrote ${written.path}`);
}
