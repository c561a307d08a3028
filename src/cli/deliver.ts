/** Where credentials go: into the credentials file, onto stdout, or both. */

import { writeConfig } from "../aws/config_file.ts";
import { writeProfiles } from "../aws/credentials_file.ts";
import type { Settings } from "../config/settings.ts";
import type { Platform } from "../io/deps.ts";
import type { Context } from "../login/context.ts";
import type { Granted } from "../login/grant.ts";
import type { Deliver } from "../login/login.ts";
import { type Delivered, formatOne, rfc3339 } from "./formats.ts";

/** True when the settings name a place in the credentials file. */
export function savesProfile({ profile, file }: Pick<Settings, "profile" | "file">): boolean {
  return profile !== undefined || file !== undefined;
}

/** The way credentials are delivered for these settings. stdout gets data and nothing else. */
export function deliverer(context: Context): Deliver {
  const { deps, settings, reporter } = context;
  return async (granted, named) => {
    const profile = named ?? (savesProfile(settings) ? "default" : undefined);
    if (profile !== undefined) await saveProfiles(context, [{ ...granted, profile }]);
    if (profile === undefined || settings.output !== undefined) {
      const delivered: Delivered = profile === undefined ? granted : { ...granted, profile };
      const text = formatOne(settings.output ?? defaultFormat(deps.platform), delivered);
      reporter.info(`Success! Assumed role user: ${granted.assumedRoleArn}`);
      deps.terminal.writeOut(text);
    }
  };
}

/** The Python tool prints `set` lines on Windows and `export` lines elsewhere. */
export function defaultFormat(platform: Platform): "env" | "cmd" {
  return platform === "windows" ? "cmd" : "env";
}

/** Saves several deliveries in one locked write, and says where they went. */
export async function saveProfiles(
  context: Context,
  delivered: readonly (Granted & { readonly profile: string })[],
): Promise<void> {
  const { deps, settings, reporter } = context;
  const onWait = (lock: string) => reporter.info(`Waiting for another program that holds ${lock}…`);
  const inCredentials = settings.regionIn === "credentials";
  const { warnings, path } = await writeProfiles(
    deps,
    settings.credentialsFile,
    delivered.map(({ profile, credentials, region, assumedRoleArn }) => ({
      profile,
      credentials,
      principalArn: assumedRoleArn,
      ...(inCredentials ? { region } : {}),
    })),
    { force: settings.force, onWait },
  );
  for (const warning of warnings) reporter.warn(warning);
  if (!inCredentials) {
    const written = await writeConfig(
      deps,
      settings.configFile,
      delivered.map(({ profile, region }) => ({ profile, region })),
      {
        onWait,
      },
    );
    for (const warning of written.warnings) reporter.warn(warning);
  }
  for (const { profile, assumedRoleArn, credentials } of delivered) {
    reporter.info(
      `Success! Updated AWS profile '${profile}' located at ${path} (${assumedRoleArn}, until ${
        rfc3339(credentials.expiration)
      })`,
    );
  }
}
