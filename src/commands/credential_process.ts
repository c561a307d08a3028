import { Exit, type ExitCode } from "../errors.ts";
import { readChain } from "../login/chain_options.ts";
import type { Context } from "../settings/context.ts";
import { unattendedCredentials } from "../unattended/answer.ts";
import { formatOne } from "../ui/formats.ts";

/** Answers the AWS CLI and SDKs: JSON on stdout, nothing else on success, and never a question. */
export async function credentialProcessCommand(context: Context): Promise<ExitCode> {
  readChain(context.settings);
  const granted = await unattendedCredentials(
    context,
    context.settings.profile?.value ?? "default",
    // Most runs serve from the cache and need no login.
    async (...renewal) => await (await import("../unattended/renew.ts")).renewUnattended(...renewal),
  );
  context.deps.terminal.writeOut(formatOne(context.settings.output ?? "credential-process", granted));
  return Exit.done;
}
