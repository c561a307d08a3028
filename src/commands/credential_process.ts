import { Exit, type ExitCode } from "../errors.ts";
import { readChain } from "../login/chain_options.ts";
import type { Context } from "../settings/context.ts";
import { unattendedCredentials } from "../unattended/answer.ts";
import { processJson } from "../ui/process_json.ts";

/** Answers the AWS CLI and SDKs: JSON on stdout, nothing else on success, and never a question. */
export async function credentialProcessCommand(context: Context): Promise<ExitCode> {
  readChain(context.settings);
  const granted = await unattendedCredentials(
    context,
    context.settings.profile?.value ?? "default",
    // Most runs serve from the cache and need no login.
    async (...renewal) => await (await import("../unattended/renew.ts")).renewUnattended(...renewal),
  );
  const { deps, settings } = context;
  deps.terminal.writeOut(
    settings.output === undefined || settings.output === "credential-process"
      ? processJson(granted)
      : (await import("../ui/formats.ts")).formatOne(settings.output, granted),
  );
  return Exit.done;
}
