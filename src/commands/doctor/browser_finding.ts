/** Whether a browser can be reached for `--browser`. No tab is opened. */

import { Exit, UserError } from "../../errors.ts";
import { withTimeLimit } from "../../io/concurrency.ts";
import type { Deps } from "../../io/deps.ts";
import { waysToStart } from "../../login/browser_login.ts";
import type { Settings } from "../../settings/settings.ts";
import { failure, type Finding, finding } from "./finding.ts";

export async function browserFinding(
  deps: Pick<Deps, "browser" | "clock" | "signal" | "platform">,
  settings: Pick<Settings, "timeout">,
): Promise<Finding> {
  const { browser } = deps;
  if (browser === undefined) {
    const hint = '"browser" counts only in ~/.onelogin/onelogin.aws.json; otherwise add --browser';
    return failure("browser", new UserError("browser: not requested", { exit: Exit.usage, hint }));
  }
  const unreachable = (why: string) =>
    new UserError(`browser: ${why} on port ${browser.port}`, {
      exit: Exit.unavailable,
      hint: waysToStart(browser.port, deps.platform),
    });
  try {
    const late = unreachable("no answer");
    const ms = settings.timeout * 1000;
    const answer = await withTimeLimit(deps, ms, late, (signal) => browser.ask({ kind: "look" }, signal));
    if (answer.kind !== "there") {
      return failure(
        "browser",
        unreachable(answer.kind === "absent" ? "nothing listens" : "it is not Chrome, Edge or Chromium"),
      );
    }
    const asks = answer.asks ? "; it asks before each sign-in" : "";
    return finding("browser", "ok", `browser: reached on port ${browser.port}${asks}`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return failure("browser", error);
  }
}
