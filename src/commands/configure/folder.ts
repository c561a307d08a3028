/** The folder that `configure` writes to. */

import { Exit, quoted, UserError } from "../../errors.ts";
import { isWithin } from "../../io/paths.ts";
import type { Context } from "../../settings/context.ts";
import type { Places } from "../../settings/settings.ts";

export type InFolder = Pick<Context<Places>, "deps" | "settings">;

/** The `-c` folder, absolute. Only in ~/.onelogin may it be written to: elsewhere the sandbox opens it for reading only. */
export function writableFolder({ deps, settings: { oneloginFolder, configFolder } }: InFolder): string | undefined {
  if (configFolder === undefined || isWithin(deps.platform, oneloginFolder, configFolder)) return configFolder;
  throw new UserError(`cannot configure the folder ${quoted(configFolder)}: the sandbox lets it be read only`, {
    exit: Exit.usage,
    hint: `leave -c out, or name a folder in ${quoted(oneloginFolder)}, from where the files can be copied`,
  });
}
