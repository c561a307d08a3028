import { Exit, type ExitCode } from "../errors.ts";
import { readChain } from "../login/chain_wish.ts";
import type { Context } from "../login/context.ts";
import { unattendedCredentials } from "../login/unattended.ts";
import { formatOne } from "./formats.ts";

/** Answers the AWS CLI and SDKs: JSON on stdout, on success nothing else anywhere; never a question. */
export async function credentialProcessCommand(context: Context): Promise<ExitCode> {
  readChain(context.settings);
  const granted = await unattendedCredentials(
    context,
    context.settings.profile?.value ?? "default",
    // Most runs serve from the cache and need no login.
    async (...renewal) => await (await import("./commands.ts")).renewUnattended(...renewal),
  );
  context.deps.terminal.writeOut(formatOne("credential-process", granted));
  return Exit.done;
}
