import { closest } from "../argv/spelling.ts";
import { Exit, type ExitCode, UserError } from "../errors.ts";
import { yesNo } from "../io/prompter.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import { roughly } from "../duration.ts";
import { readChain, warnAboutChainedDuration } from "../login/chain_options.ts";
import { optionValue } from "../settings/settings.ts";
import type { Context } from "../settings/context.ts";
import { resolveSettings } from "../settings/resolve.ts";
import { login } from "../login/one_role.ts";
import { readManyRolesOptions } from "../login/many_roles_options.ts";
import { rememberRoles } from "../store/last_choices.ts";
import { formatOne } from "../ui/formats.ts";
import { PROGRAM } from "../version.ts";
import { deliverer, manyDelivery, savedProfile } from "./deliver.ts";

/** The command without a name: log in and deliver the credentials of one role, or of many. */
export async function loginCommand(context: Context): Promise<ExitCode> {
  const { allRoles, roles } = context.settings;
  if (await wantsSetUp(context)) {
    return await (await import("./configure/configure.ts")).configureCommand(context);
  }
  if (allRoles || roles.length > 0) await loginToMany(context);
  else await loginToOne(context);
  return Exit.done;
}

/** On the very first run there are no settings: offer the wizard. */
async function wantsSetUp({ settings, prompter }: Context): Promise<boolean> {
  const { clientId, subdomain, appId, browser, samlResponseStdin } = settings;
  const isFirst = [clientId, subdomain, appId].every((each) => each === undefined);
  if (!isFirst || browser.value || samlResponseStdin || prompter.kind === "none" || prompter.piped) return false;
  const question = "There are no settings yet. Answer a few questions and write them now?";
  return await prompter.confirm(yesNo(question, "y/N", `run: ${PROGRAM} configure`));
}

async function loginToMany(context: Context): Promise<void> {
  const { settings, reporter } = context;
  const plan = readManyRolesOptions(settings);
  readChain(settings);
  const { checkLastNames, loginMany } = await import("../login/many_roles.ts");
  if (settings.profile !== undefined && plan.template !== undefined) {
    reporter.detail(`the profile "${settings.profile.value}" is not used: each role gets one from --profile-template`);
  }
  await checkLastNames(context, plan);
  if (plan.template !== undefined) await (await import("./save_profiles.ts")).checkTargets(context, []);
  await loginMany(context, plan, manyDelivery(context));
}

async function loginToOne(given: Context): Promise<void> {
  const context = await withKnownProfile(given);
  const { settings, reporter, prompter } = context;
  if (optionValue(settings.profileTemplate) !== undefined) {
    throw new UserError('cannot use "--profile-template" for one role', {
      exit: Exit.usage,
      hint: "use --profile for one role, or choose many with --roles or --all-roles",
    });
  }
  readChain(settings);
  const profile = savedProfile(settings);
  if (await stillGood(context, profile)) return;
  const check = async () => {
    if (profile !== undefined) await (await import("./save_profiles.ts")).checkTargets(context, [profile]);
  };
  // Where no question can be asked, only the password has to wait for it.
  const { browser, cacheSaml, samlResponseStdin } = settings;
  const later = prompter.kind === "none" && !browser.value && !cacheSaml && !samlResponseStdin;
  if (!later) await check();
  warnAboutChainedDuration({ settings, reporter });
  await rememberRoles(context, await login(context, deliverer(context), later ? check : undefined));
}

/** A profile name similar to an existing one: a user is asked which is meant, a script gets a warning. */
async function withKnownProfile(context: Context): Promise<Context> {
  const { deps, settings, reporter, prompter } = context;
  const profile = optionValue(settings.profile);
  if (profile === undefined || settings.profile === undefined) return context;
  const { profileNames } = await import("../aws/files/credentials_file.ts");
  const bytes = await unlessUnreadable(deps.files.read(settings.credentialsFile));
  const saved = new Set(bytes && profileNames(bytes));
  if (saved.has(profile)) return context;
  const { configProfiles } = await import("../aws/files/config_file.ts");
  const config = await unlessUnreadable(deps.files.read(settings.configFile));
  const names = [...saved, ...(config === undefined ? [] : configProfiles(config))];
  const near = names.includes(profile) ? undefined : closest(profile, names);
  if (near === undefined) return context;
  if (prompter.kind === "none" || prompter.piped) {
    reporter.warn(`there is no profile "${profile}" yet, so it will be created; did you mean "${near}"?`);
    return context;
  }
  const question = `There is no profile '${profile}' yet. Use '${near}' instead?`;
  const other = await prompter.confirm(yesNo(question, "y/n", "--profile"));
  return other ? await withProfile(context, near) : context;
}

/** The settings that the other profile has in onelogin.aws.json: its role, its session policy. */
async function withProfile(context: Context, profile: string): Promise<Context> {
  const { deps, settings } = context;
  const { commandLine } = deps;
  if (commandLine instanceof UserError) return context;
  const values = { ...commandLine.values, profile };
  const resolved = await resolveSettings({ ...commandLine, values }, deps);
  // The launcher has started the browser, or has not.
  return { ...context, settings: { ...resolved.settings, browser: settings.browser } };
}

/**
 * True when the profile's live credentials are kept: with `--if-expiring` when they live longer, at a terminal
 * when the user declines new ones. With `--output` they are printed.
 */
async function stillGood(context: Context, profile: string | undefined): Promise<boolean> {
  const { deps, settings, reporter, prompter } = context;
  const { ifExpiring } = settings;
  if (ifExpiring !== undefined && profile === undefined) {
    throw new UserError('cannot use "--if-expiring" without a profile: there is nothing to check', {
      exit: Exit.usage,
      hint: "choose the profile to keep fresh: --profile NAME",
    });
  }
  const once = settings.loop.value === 1 && !settings.interactive && !settings.force;
  const asks = ifExpiring === undefined && prompter.kind !== "none" && !prompter.piped && once;
  if (profile === undefined || (ifExpiring === undefined && !asks)) return false;
  const { liveCredentials } = await import("../login/if_expiring.ts");
  const live = await liveCredentials(context, profile);
  // Credentials of another tool cannot be printed completely: their role is unknown.
  if (live === undefined || (settings.output !== undefined && live.known === undefined)) return false;
  const left = roughly(live.leftMs);
  if (ifExpiring !== undefined) {
    if (live.leftMs <= ifExpiring * 1000) return false;
    reporter.info(`Nothing to do: the credentials of profile '${profile}' are valid for another ${left}.`);
  } else if (
    await prompter.confirm(
      yesNo(`Profile '${profile}' has credentials for another ${left}. Get new ones?`, "y/n", "--force"),
    )
  ) return false;
  if (settings.output !== undefined && live.known !== undefined) {
    deps.terminal.writeOut(formatOne(settings.output, { ...live.known, profile }));
  }
  return true;
}
