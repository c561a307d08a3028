/** The folder that `configure` writes to. */

import { Exit, quoted, UserError } from "../../errors.ts";
import { isWithin } from "../../io/paths.ts";
import type { Context } from "../../settings/context.ts";
import type { Places } from "../../settings/settings.ts";

export type InFolder = Pick<Context<Places>, "deps" | "settings">;

/** The `-c` folder, absolute. It is writable only inside ~/.onelogin: elsewhere the sandbox allows reading only. */
export function writableFolder({ deps, settings: { oneloginFolder, configFolder } }: InFolder): string | undefined {
  if (configFolder === undefined || isWithin(deps.platform, oneloginFolder, configFolder)) return configFolder;
  throw new UserError(`cannot configure the folder ${quoted(configFolder)}: the sandbox allows reading it only`, {
    exit: Exit.usage,
    hint: `omit -c, or choose a folder in ${quoted(oneloginFolder)} and copy the files from there`,
  });
}
