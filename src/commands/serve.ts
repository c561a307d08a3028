/** `serve`: one login, then live credentials for AWS SDKs on a port of this computer until Ctrl-C. */

import { localTime } from "../duration.ts";
import { Exit, type ExitCode, UserError } from "../errors.ts";
import { jsonLines } from "../json_object.ts";
import type { Loopback } from "../io/deps.ts";
import { readChain, warnAboutChainedDuration } from "../login/chain_options.ts";
import { checkLastNames, type ManyDelivery, renewableMany } from "../login/many_roles.ts";
import { readManyRolesOptions } from "../login/many_roles_options.ts";
import { type Deliver, renewableLogin } from "../login/one_role.ts";
import { compileTemplate, nameProfiles } from "../login/profile_names.ts";
import type { Renewable } from "../login/renewal.ts";
import type { Context } from "../settings/context.ts";
import { optionValue, type Settings } from "../settings/settings.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";
import { formatVariables } from "../ui/formats.ts";
import { type Keeper, keepFresh } from "../unattended/keep_fresh.ts";
import { defaultFormat, savedProfile } from "./deliver.ts";
import { checkTargets, saveProfiles } from "./save_profiles.ts";
import { pathOf, serveReply } from "./serve_reply.ts";

/** Serves until the run is ended. */
export async function serveCommand(context: Context): Promise<ExitCode> {
  const { settings, reporter, deps } = context;
  const port = openPort(deps.loopback);
  const isMany = settings.allRoles || settings.roles.length > 0;
  refuseUseless(settings, isMany);
  readChain(settings);
  const login = isMany ? await loginToMany(context) : await loginToOne(context);
  const nameOf = namer(settings);
  const names = firstNamed(login.granted.map(nameOf), isMany ? optionValue(settings.profile) : undefined);
  const keeper: Keeper = keepFresh(context, login, nameOf);

  const host = `127.0.0.1:${port.port}`;
  const token = newToken();
  for (const granted of login.granted) {
    reporter.info(
      `Serving ${nameOf(granted)} (${granted.assumedRoleArn}, until ${
        localTime(granted.credentials.expiration)
      }) at http://${host}${pathOf(nameOf(granted))}`,
    );
  }
  reporter.info("The credentials are renewed before they expire. Press Ctrl-C to stop.");
  deps.terminal.writeOut(variables(context, names, host, token, isMany));
  return await Promise.race([
    port.serve((request) => serveReply(request, { host, token }, keeper), deps.signal),
    keeper.run(),
  ]);
}

function openPort(loopback: Loopback | undefined): Extract<Loopback, { kind: "open" }> {
  if (loopback?.kind === "open") return loopback;
  const { port = 0, why = "the launcher opened no port" } = loopback ?? {};
  throw new UserError(`cannot listen on 127.0.0.1${port === 0 ? "" : `:${port}`}: ${why}`, {
    exit: Exit.unavailable,
    hint: port === 0 ? "run again" : "choose another port with --port, or omit it to use any free one",
  });
}

function refuseUseless({ profileTemplate, interactive }: Settings, isMany: boolean): void {
  if (isMany) return;
  const refuse = (option: string, hint: string) =>
    new UserError(`cannot use "${option}" for one role`, { exit: Exit.usage, hint });
  if (optionValue(profileTemplate) !== undefined) {
    throw refuse("--profile-template", "use --profile for one role, or choose many with --roles or --all-roles");
  }
  if (interactive) throw refuse("--interactive", "omit it, or choose many roles with --roles or --all-roles");
}

// --- The login ------------------------------------------------------------------------------------------------------

/** Saves a profile only if the command line names one. */
async function loginToOne(context: Context): Promise<Renewable> {
  const { settings, reporter } = context;
  const profile = optionValue(settings.profile) ?? (optionValue(settings.file) && savedProfile(settings));
  if (profile !== undefined) await checkTargets(context, [profile]);
  warnAboutChainedDuration({ settings, reporter });
  let isFirst = true;
  const deliver: Deliver = async (granted) => {
    if (profile === undefined) return;
    try {
      await saveProfiles(context, [{ ...granted, profile }]);
    } catch (error) {
      // The new credentials are served, whether or not they can be saved.
      if (isFirst || !(error instanceof UserError)) throw error;
      reporter.warn(error.message);
    }
    isFirst = false;
  };
  return await renewableLogin(context, deliver);
}

/** Saves nothing: the names of the profiles are the paths. */
async function loginToMany(context: Context): Promise<Renewable> {
  const { output: _output, profile: _profile, ...settings } = context.settings;
  const plan = readManyRolesOptions(settings);
  const many = { ...context, settings };
  await checkLastNames(many, plan);
  const nowhere: ManyDelivery = { check: (targets) => Promise.resolve(targets), deliver: () => Promise.resolve() };
  return await renewableMany(many, plan, nowhere);
}

// --- What is printed ------------------------------------------------------------------------------------------------

/** The name of served credentials: their profile, else what the template makes of their role. */
function namer({ profile, profileTemplate, accounts }: Settings): (granted: ProfileCredentials) => string {
  const template = compileTemplate(profileTemplate.value);
  return (granted) =>
    granted.profile ?? profile?.value ?? nameProfiles(template, [granted.role], accounts)[0]?.profile ?? "default";
}

function firstNamed(names: readonly string[], first: string | undefined): readonly string[] {
  if (first === undefined) return names;
  if (!names.includes(first)) {
    throw new UserError(`cannot serve "${first}": no role of this login has that profile name`, {
      exit: Exit.role,
      hint: `the names are ${names.join(", ")}`,
    });
  }
  return [first, ...names.filter((name) => name !== first)];
}

const URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/** The two variables; for shells those of the first name. */
function variables(
  { deps, settings }: Context,
  names: readonly string[],
  host: string,
  token: string,
  isMany: boolean,
): string {
  const of = (name: string) => [[URI, `http://${host}${pathOf(name)}`], [TOKEN, token]] as const;
  const { output = defaultFormat(deps.platform) } = settings;
  if (output !== "json" && output !== "credential-process") return formatVariables(output, of(names[0] ?? ""));
  const objects = names.map((name) => Object.fromEntries([...isMany ? [["Profile", name]] : [], ...of(name)]));
  return jsonLines(isMany ? objects : objects[0]);
}

/** 256 bits. */
function newToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
