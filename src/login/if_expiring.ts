/** `--if-expiring`: whether a profile's credentials still live long enough to leave everything as it is. */

import { profileCredentials, readProfiles } from "../aws/credentials_file.ts";
import { Exit, printable, UserError } from "../errors.ts";
import { FileError } from "../io/deps.ts";
import { chooseRole, parseRoleArn } from "../saml/roles.ts";
import type { Settings } from "../config/settings.ts";
import { readChain } from "./chain_wish.ts";
import type { Context } from "./context.ts";
import { assumedRole } from "./saved_credentials.ts";

/**
 * For how long the credentials saved as `profile` live, in milliseconds; undefined when there are none, or they are over,
 * or they are of another role than the one asked for. Only the credentials file is read.
 *
 * @throws UserError exit 2 when the file cannot be read.
 */
export async function lifeLeft({ deps, settings }: Context, profile: string): Promise<number | undefined> {
  const bytes = await readFile(deps.files, settings.credentialsFile);
  const credentials = bytes && profileCredentials(bytes, profile);
  if (!bytes || !credentials) return undefined;
  const left = credentials.expiration - deps.clock.now();
  const arn = readProfiles(bytes).find(({ name }) => name === profile)?.principalArn;
  return left > 0 && fitsWish(settings, arn) ? left : undefined;
}

async function readFile(files: Context["deps"]["files"], path: string): Promise<Uint8Array | undefined> {
  try {
    return await files.read(path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`cannot read "${printable(path)}": ${printable(error.message)}`, {
      exit: Exit.usage,
      hint: `check the owner and mode: ls -ld "${printable(path)}"`,
      cause: error,
    });
  }
}

/** Whether a saved session can be of the role that was asked for. Without an ARN, such as of the Python tool, it may. */
function fitsWish(settings: Settings, arn: string | undefined): boolean {
  // AWS leaves the path of a role out of the ARN of its sessions.
  const session = assumedRole(arn ?? "");
  if (session === undefined) return true;
  const { accountId, name } = session;
  const last = readChain(settings).at(-1);
  if (last !== undefined) return last.accountId === accountId && last.name === name;
  const asked = settings.awsRoleName?.value;
  const askedArn = asked === undefined ? undefined : parseRoleArn(asked);
  if (askedArn !== undefined && askedArn.accountId !== accountId) return false;
  const role = { ...session, roleArn: "", principalArn: "", path: "" };
  const wish = { accountId: settings.awsAccountId?.value, roleName: askedArn?.name ?? asked?.split("/").at(-1) };
  return chooseRole([role], wish, { aliases: settings.accounts }).kind === "chosen";
}
