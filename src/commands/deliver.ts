/** Delivers credentials: saves them as profiles, prints them on stdout, or both. */

import { localTime } from "../duration.ts";
import { defined } from "../defined.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import type { Platform } from "../io/deps.ts";
import type { ManyDelivery, Target } from "../login/many_roles.ts";
import type { Deliver } from "../login/one_role.ts";
import type { Context } from "../settings/context.ts";
import type { Delivery } from "../settings/settings.ts";
import { formatMany, formatOne } from "../ui/formats.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";
import { PROGRAM } from "../version.ts";

/** The profile to save; undefined when nothing is saved. */
export function savedProfile({ profile, file }: Pick<Delivery, "profile" | "file">): string | undefined {
  return profile?.value ?? (file === undefined ? undefined : "default");
}

/** The delivery for these settings. Only data goes to stdout. */
export function deliverer(context: Context): Deliver {
  const { deps, settings, reporter } = context;
  return async (granted, named) => {
    const profile = named ?? savedProfile(settings);
    if (profile !== undefined) {
      await (await import("./save_profiles.ts")).saveProfiles(context, [{ ...granted, profile }]);
    }
    if (profile === undefined || settings.output !== undefined) {
      const text = formatOne(settings.output ?? defaultFormat(deps.platform), { ...granted, ...defined({ profile }) });
      reporter.info(assumed(granted));
      deps.terminal.writeOut(text);
      // The lines have no effect on a screen.
      if (profile === undefined && deps.terminal.stdoutIsTerminal && settings.output === undefined) {
        reporter.info(`Nothing was saved. To save a profile: ${PROGRAM} --profile NAME`);
        if (deps.platform !== "windows") reporter.info(`To use them in this shell: eval "$(${PROGRAM})"`);
      }
    }
  };
}

function assumed({ assumedRoleArn, credentials }: RoleCredentials): string {
  return `Success! Assumed role user: ${assumedRoleArn}, until ${localTime(credentials.expiration)}`;
}

/** The same for many roles: one write for all profiles, one array for `--output json`. */
export function manyDelivery(context: Context): ManyDelivery {
  const { deps, settings, reporter } = context;
  return {
    async check(targets) {
      const profiles = targets.flatMap(({ profile }) => profile ?? []);
      if (profiles.length > 0) await (await import("./save_profiles.ts")).checkTargets(context, profiles);
      return await withLongest(context, targets);
    },
    async deliver(granted) {
      const saved = granted.flatMap((each) => each.profile === undefined ? [] : [{ ...each, profile: each.profile }]);
      if (saved.length > 0) await (await import("./save_profiles.ts")).saveProfiles(context, saved);
      else for (const each of granted) reporter.info(assumed(each));
      if (settings.output !== undefined) deps.terminal.writeOut(formatMany(granted));
    },
  };
}

/** A profile whose credential_process asks for the longest session gets that from a login too. */
async function withLongest({ deps, settings }: Context, targets: readonly Target[]): Promise<readonly Target[]> {
  if (settings.file !== undefined || settings.duration.source.kind !== "default") return targets;
  const config = await unlessUnreadable(deps.files.read(settings.configFile));
  if (config === undefined) return targets;
  const { ourProcess } = await import("../aws/files/config_file.ts");
  return targets.map((target) => {
    const command = target.profile && ourProcess(config, target.profile);
    return command && /\s--duration max(\s|$)/.test(command) ? { ...target, duration: "max" } : target;
  });
}

/** The Python tool prints `set` lines on Windows and `export` lines elsewhere. */
export function defaultFormat(platform: Platform): "env" | "cmd" {
  return platform === "windows" ? "cmd" : "env";
}
