/** Values from a settings file that OneLogin refused: where they are, and the offer to correct them there. */

import { FileError } from "../io/deps.ts";
import { yesNo } from "../io/prompter.ts";
import { isTeamFile, isWithin } from "../io/paths.ts";
import { updateFile } from "../io/safe_file.ts";
import { UserError } from "../errors.ts";
import type { Identity } from "../onelogin/client.ts";
import { jsonEditor } from "../settings/json.ts";
import { type OneLoginSettings, sourceName, type Valued } from "../settings/settings.ts";
import { editBytes } from "../settings/text_file.ts";
import type { SignInContext } from "./session.ts";

/** The settings that an answer can correct. */
type Correctable = "subdomain" | "appId" | "username";

const NAMES: Readonly<Record<Correctable, string>> = { subdomain: "subdomain", appId: "app id", username: "user" };

/** ` (it is "subdomain" in "…/onelogin.aws.json")`, or nothing if the value was typed. */
export function whereItIs(settings: OneLoginSettings, key: Correctable, value: string): string {
  const set = settings[key];
  const isSet = set?.value === value && (set.source.kind === "file" || set.source.kind === "environment");
  return isSet ? ` (it is ${sourceName(set.source)})` : "";
}

/**
 * Offers to save the answers with which a sign-in worked in place of the values that a file has. Only at a terminal, and
 * only in files that this program may write.
 */
export async function offerToSave(
  context: SignInContext,
  accepted: Identity,
  keys: readonly Correctable[],
): Promise<void> {
  const { settings, prompter, reporter, deps } = context;
  if (prompter.kind !== "terminal") return;
  for (const key of keys) {
    const set: Valued<string> | undefined = settings[key];
    if (set?.source.kind !== "file" || set.value === accepted[key]) continue;
    const { path } = set.source;
    // The next import would undo a change of the team's file.
    if (!isWithin(deps.platform, settings.oneloginFolder, path) || isTeamFile(path)) continue;
    const message = `Save the ${NAMES[key]} ${JSON.stringify(accepted[key])} as ${sourceName(set.source)}?`;
    if (!await prompter.confirm(yesNo(message, "y/N", "edit the file"))) continue;
    try {
      const editJson = await jsonEditor();
      await updateFile(
        deps,
        path,
        (old) =>
          editBytes(path, old, (text) => editJson({ path, text }, [{ key: keyPath(set), value: accepted[key] }])),
      );
      reporter.info(`Wrote ${path}`);
    } catch (error) {
      // The sign-in worked: it is not lost for this.
      if (!(error instanceof UserError) && !(error instanceof FileError)) throw error;
      reporter.warn(error.message);
    }
  }
}

/** A profile may have dots in its name. */
function keyPath({ source }: Valued<string>): readonly string[] {
  const key = source.kind === "file" ? source.key : "";
  const [, profile, name] = /^profiles\.(.+)\.([^.]+)$/.exec(key) ?? [];
  return profile === undefined || name === undefined ? [key] : ["profiles", profile, name];
}
