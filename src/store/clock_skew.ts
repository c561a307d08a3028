/**
 * How wrong this computer's clock is (virtual machines and WSL after sleep): every reply of OneLogin and AWS has a date.
 * A wrong clock is remembered, so that `status`, `--if-expiring` and `credential-process` use the right time
 * without a request.
 */

import type { Deps, HttpReply } from "../io/deps.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import { parseObject } from "../json_object.ts";
import type { Reporter } from "../io/prompter.ts";
import type { Places } from "../settings/settings.ts";
import { utf8 } from "../utf8.ts";
import { storePaths } from "./names.ts";

/** A smaller difference is the time that a reply takes. */
const NOTED_MS = 60_000;
/** No affected credentials live longer. */
const KEPT_MS = 12 * 3_600_000;

/** Deps with a clock that knows the skew: the remembered one, then that of the newest reply. The first wrong one is reported. */
export async function watchClock(
  deps: Deps,
  settings: Pick<Places, "awsFolder" | "oneloginFolder">,
  reporter: Reporter,
): Promise<Deps> {
  const path = storePaths(deps.platform, settings).clockSkew;
  const { clock, http, files } = deps;
  let known = await remembered();
  let warned = false;

  async function remembered(): Promise<number> {
    const bytes = await unlessUnreadable(files.read(path));
    if (bytes === undefined) return 0;
    const { skewMs, seen } = parseObject(bytes);
    const age = clock.now() - Number(seen);
    // The clock has been set back since.
    if (typeof skewMs === "number" && Number.isFinite(skewMs) && age > -NOTED_MS && age < KEPT_MS) return skewMs;
    await unlessUnreadable(files.remove(path));
    return 0;
  }

  async function note(skewMs: number): Promise<void> {
    const wrong = Math.abs(skewMs) > NOTED_MS;
    const before = known;
    known = wrong ? skewMs : 0;
    if (wrong && !warned) {
      warned = true;
      const { roughly } = await import("../duration.ts");
      const way = skewMs > 0 ? "behind" : "ahead of";
      reporter.warn(
        `this computer's clock is ${
          roughly(Math.round(Math.abs(skewMs) / 60_000) * 60_000)
        } ${way} that of OneLogin and AWS: ` +
          "turn on time synchronization (expiry times are corrected until then)",
      );
    }
    if (Math.abs(known - before) < NOTED_MS / 2) return;
    const text = JSON.stringify({ skewMs: known, seen: clock.now() });
    // A problem here must not end a login.
    await (wrong ? save(`${text}\n`) : files.remove(path)).catch(() => {});
  }

  async function save(text: string): Promise<void> {
    const { updateFile } = await import("../io/safe_file.ts"); // Hardly any run writes this.
    await updateFile(deps, path, () => utf8(text));
  }

  return {
    ...deps,
    clock: { ...clock, now: () => clock.now(), skewMs: () => known },
    http: {
      ...http,
      async send(request) {
        const reply = await http.send(request);
        const date = dateOf(reply);
        if (date !== undefined) await note(date - clock.now());
        return reply;
      },
    },
  };
}

function dateOf({ headers }: HttpReply): number | undefined {
  // A reply from a proxy's cache has the date of its creation.
  if (headers["age"] !== undefined) return undefined;
  const date = Date.parse(headers["date"] ?? "");
  return Number.isNaN(date) ? undefined : date;
}
