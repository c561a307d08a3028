import { Exit, type ExitCode } from "../errors.ts";
import type { Context } from "../settings/context.ts";
import { unattendedCredentials } from "../unattended/answer.ts";
import { processJson } from "../ui/process_json.ts";

/** Answers the AWS CLI and SDKs: JSON on stdout, nothing else on success, and never a question. */
export async function credentialProcessCommand(context: Context): Promise<ExitCode> {
  const { deps, settings } = context;
  if (settings.chainRoleArn.length > 0 || settings.chainExternalId !== undefined) {
    (await import("../login/chain_options.ts")).readChain(settings);
  }
  const granted = await unattendedCredentials(
    context,
    settings.profile?.value ?? "default",
    // Most runs serve from the cache and need no login.
    async (...renewal) => {
      deps.catchSignals();
      return await (await import("../unattended/renew.ts")).renewUnattended(...renewal);
    },
  );
  deps.terminal.writeOut(
    settings.output === undefined || settings.output === "credential-process"
      ? processJson(granted)
      : (await import("../ui/formats.ts")).formatOne(settings.output, granted),
  );
  return Exit.done;
}
