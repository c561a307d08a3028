/** `configure`: asks, tries the API client, shows what would change, and writes the files in ~/.onelogin or a folder of it. */

import { writeConfig } from "../../aws/files/config_file.ts";
import { readAwsFile } from "../../settings/aws_file.ts";
import { isTeamFile, joinPath, parentFolder } from "../../io/paths.ts";
import { yesNo } from "../../io/prompter.ts";
import { readSdkFile } from "../../settings/sdk_file.ts";
import { decodeText, editBytes } from "../../settings/text_file.ts";
import { jsonEditor } from "../../settings/json.ts";
import type { JsonChange } from "../../settings/json_values.ts";
import { type Answers, askAnswers, AT_TERMINAL, type Present, withAnswers } from "./answers.ts";
import { configureAllRoles } from "./all_roles.ts";
import { type InFolder, writableFolder } from "./folder.ts";
import { nameRoles, processEntries, profileChanges } from "./profiles.ts";
import { accountsEditor } from "../../settings/edit_accounts.ts";
import { answerOr, Exit, type ExitCode, quoted, UserError, userError } from "../../errors.ts";
import { getLogin } from "../../login/assertion.ts";
import { deliverChosen } from "../../login/many_roles.ts";
import { type Login, newSession } from "../../login/session.ts";
import { manyDelivery } from "../deliver.ts";
import { readFile, unlessUnreadable } from "../../io/read_file.ts";
import { updateFile } from "../../io/safe_file.ts";
import type { Context } from "../../settings/context.ts";
import type { AwsChoice, OneLoginSettings, Places, Repetition, Source } from "../../settings/settings.ts";
import type { NamedRole } from "../../login/profile_names.ts";
import { PROGRAM } from "../../version.ts";
import { announceWait } from "../save_profiles.ts";
import { exportTeam } from "./team_export.ts";
import { importTeam } from "./team_import.ts";

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
  if (settings.allRoles) {
    await configureAllRoles(context);
    return Exit.done;
  }
  const folder = writableFolder(context);
  if (prompter.kind === "none") {
    throw new UserError("cannot configure without prompts", {
      exit: Exit.input,
      hint: `run without --no-input, or write ${quoted(pathOf(context, "onelogin.sdk.json"))} yourself`,
    });
  }
  const [sdk, aws] = [await look(context, "onelogin.sdk.json"), await look(context, "onelogin.aws.json")];
  // A -c folder is looked at first.
  if (folder === undefined) { for (const { name, path } of [sdk, aws]) await warnIfHidden(context, name, path); }
  // A value of the team's file is not copied into the person's own.
  const there = { ...valuesFrom(context, isTeams), ...await sdkValues(sdk), ...await awsValues(aws) };
  const present = { ...valuesFrom(context, ({ kind }) => kind !== "default"), ...there };
  const { answers: given, checked } = await askAnswers(context, present);
  const signedIn = await signInNow(context, given);
  const answers = { ...given, ...signedIn?.corrected };
  const names = signedIn === undefined ? undefined : await nameRoles(signedIn.context, signedIn.login);
  const saved = await save(context, [
    await jsonEdit(sdk, changesOf(SDK_KEYS, answers, there)),
    await jsonEdit(aws, [
      ...changesOf(AWS_KEYS, answers, there),
      ...browserChange(answers, settings),
      ...profileChanges(names?.named ?? []),
    ]),
    await accountsEdit(await look(context, "accounts.yaml"), names?.accounts ?? new Map()),
  ], checked);
  if (!saved) return Exit.done;
  const [first] = names?.named ?? [];
  if (signedIn !== undefined && names !== undefined) {
    await warnAboutTop(context, aws);
    await addProcesses(signedIn.context, names.named);
    await saveCredentials(signedIn, names.named);
  }
  const words = [
    ...(folder === undefined ? [] : ["-c", quoted(folder)]),
    ...(first === undefined
      ? []
      : ["--profile", /^[\w.-]+$/.test(first.profile) ? first.profile : quoted(first.profile)]),
  ];
  reporter.info(`Done. To sign in: ${[commandName(context.deps), ...words].join(" ")}`);
  return Exit.done;
}

/** A login that was made before anything is written: it has checked the answers. */
interface Checked {
  readonly context: Context;
  readonly login: Login;
  /** Answers that had to be corrected while signing in. */
  readonly corrected: Partial<Answers>;
}

/** Undefined if the person wants no login now, or it failed and the answers may be written nevertheless. */
async function signInNow(given: Context, answers: Answers): Promise<Checked | undefined> {
  const { prompter, reporter } = given;
  // This run has no browser to sign in with.
  if (answers.clientId === undefined) return undefined;
  const agreed = await prompter.confirm(yesNo("Sign in now and add profiles?", "Y/n", AT_TERMINAL));
  if (!agreed) return undefined;
  const context = { ...given, settings: withAnswers(given.settings, answers) };
  try {
    const login = await getLogin(context, newSession(context));
    const { subdomain, username, appId } = login.session.identity ?? answers;
    return { context, login, corrected: { subdomain, username, appId } };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    reporter.warn([error.message, ...error.hints].join("; "));
    const anyway = await answerOr(
      error,
      prompter.confirm(yesNo("Write the answers although the sign-in failed?", "y/N", AT_TERMINAL)),
    );
    if (!anyway) throw error;
    return undefined;
  }
}

/** Credentials for the new profiles, from the login that was made for their names. */
async function saveCredentials({ context, login }: Checked, named: readonly NamedRole[]): Promise<void> {
  const failure = await deliverChosen(context, login, named, manyDelivery(context)).catch(userError);
  if (failure instanceof UserError) context.reporter.warn([failure.message, ...failure.hints].join("; "));
}

/** The program as a shell finds it: by its path if it was started from the folder that it is in. */
function commandName({ programPath, platform, cwd }: Context["deps"]): string {
  if (programPath === undefined || parentFolder(platform, programPath) !== cwd) return PROGRAM;
  return /^[\w./:\\-]+$/.test(programPath) ? programPath : quoted(programPath);
}

interface Target {
  readonly name: "onelogin.sdk.json" | "onelogin.aws.json" | "accounts.yaml";
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
  const found = await unlessUnreadable(deps.files.stat(here));
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

/** The settings from certain sources. */
function valuesFrom(
  { settings }: { readonly settings: OneLoginSettings & AwsChoice },
  counts: (source: Source) => boolean,
): Present {
  const given = ["region", "clientId", "clientSecret", "subdomain", "username", "appId", "awsRegion"] as const;
  return Object.fromEntries(given.flatMap((key) => {
    const valued = settings[key];
    return valued === undefined || !counts(valued.source) ? [] : [[key, valued.value]];
  }));
}

function isTeams(source: Source): boolean {
  return source.kind === "file" && isTeamFile(source.path);
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

/** What changes in a file: for the person, and in its text. */
interface Edit {
  readonly file: Target;
  readonly shown: readonly string[];
  apply(text: string): string;
}

async function jsonEdit(file: Target, changes: readonly JsonChange[]): Promise<Edit> {
  const editJson = await jsonEditor();
  return {
    file,
    shown: changes.map(({ key, value }) =>
      `${key.join(".")} = ${key[0] === "client_secret" ? "(the secret)" : JSON.stringify(value)}`
    ),
    apply: (text) => editJson({ path: file.path, text }, changes),
  };
}

async function accountsEdit(file: Target, names: ReadonlyMap<string, string>): Promise<Edit> {
  const nameAccounts = await accountsEditor();
  return {
    file,
    shown: [...names].map(([id, name]) => `${id}: ${name}`),
    apply: (text) => nameAccounts(file.path, text, names),
  };
}

/** Shows the changes, asks, and writes. False when the user declined. */
async function save(
  { deps, reporter, prompter }: Omit<Context, "settings">,
  edits: readonly Edit[],
  checked: boolean,
): Promise<boolean> {
  const open = edits.filter(({ shown }) => shown.length > 0);
  for (const { file, shown, apply } of open) {
    // Found out before the question: an answer must not be wasted.
    apply(file.text);
    reporter.info(`${file.text === "" ? "New file" : "Changes in"} ${file.path}:`);
    for (const line of shown) reporter.info(`  ${line}`);
  }
  if (open.length === 0) {
    reporter.info("Nothing to write: the files already have these values.");
    return true;
  }
  const yes = await prompter.confirm(
    checked ? yesNo("Write this?", "Y/n", AT_TERMINAL) : yesNo("Write this unchecked?", "y/N", AT_TERMINAL),
  );
  if (!yes) {
    reporter.info("Nothing was written.");
    return false;
  }
  for (const { file, apply } of open) {
    const written = await updateFile(deps, file.path, (old) => editBytes(file.path, old, apply), {
      onWait: announceWait(reporter),
    });
    if (written.changed && written.looseMode !== undefined) {
      reporter.info(`${written.path} is now readable by you alone (mode 600).`);
    }
    reporter.info(`Wrote ${written.path}`);
  }
  return true;
}

/** An account or a role at the top of the file comes before those of the new profiles. */
async function warnAboutTop({ reporter }: Pick<Context, "reporter">, { path, text }: Target): Promise<void> {
  const content = text.trim() === "" ? undefined : await readAwsFile(path, text, () => {});
  const over = (["aws_account_id", "aws_role_name"] as const).filter((key) => content?.top[key] !== undefined);
  if (over.length === 0 || content?.precedence !== "global") return;
  reporter.warn(
    `${over.map((key) => `"${key}"`).join(" and ")} at the top of "${path}" override every profile; ` +
      `remove them, or add "precedence": "profile"`,
  );
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
  reporter.info(`The AWS CLI and SDKs can run this program automatically, with this line in ${settings.configFile}:`);
  for (const { profile, credentialProcess } of entries) {
    reporter.info(`  [profile ${profile}] credential_process = ${credentialProcess}`);
  }
  if (!await prompter.confirm(yesNo("Write these lines?", "y/N", AT_TERMINAL))) return;
  const written = await writeConfig(deps, settings.configFile, entries, { force: settings.force });
  for (const warning of written.warnings) reporter.warn(warning);
  reporter.info(`Wrote ${written.path}`);
}
