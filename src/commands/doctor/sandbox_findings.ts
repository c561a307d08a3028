/** What this run may touch, according to the sandbox itself. */

import { stsHost } from "../../aws/partitions.ts";
import { quoted } from "../../errors.ts";
import { isWithin, type Places } from "../../io/paths.ts";
import type { Settings } from "../../settings/settings.ts";
import { type Deps, FileError, type Files, type Sandbox } from "../../io/deps.ts";
import { type Finding, finding } from "./finding.ts";

/** @param more hosts that this run checks, `host:port`, besides those of a login. */
export async function sandboxFindings(
  sandbox: Sandbox,
  places: Places,
  { files, platform }: Pick<Deps, "files" | "platform">,
  settings: Pick<Settings, "oneloginUrl" | "browser" | "stsUrl" | "fips" | "dualStack" | "awsRegion"> | undefined,
  more: readonly string[],
): Promise<readonly Finding[]> {
  const paths = [...new Set([places.awsFolder, places.oneloginFolder, places.credentialsFile, places.configFile])];
  const inside = (path: string) =>
    [places.awsFolder, places.oneloginFolder].some((each) => path !== each && isWithin(platform, each, path));
  const named = paths.filter((path) => !inside(path));
  const hosts = settings === undefined ? [] : [
    ...new Set([
      ...(settings.browser.value ? [] : [settings.oneloginUrl.value]),
      settings.stsUrl?.value ??
        `https://${stsHost(settings.awsRegion?.value ?? "us-west-2", settings.fips, settings.dualStack)}`,
    ].map(hostAndPort)),
  ];
  const wide = (["read", "write", "net", "env", "run", "ffi", "sys"] as const).filter((kind) => sandbox.allows(kind));
  return [
    ...await Promise.all(named.map(async (path) => {
      const allowed = sandbox.allows("read", path) && sandbox.allows("write", path) && !await isBlocked(files, path);
      return granted(allowed, `read and write ${quoted(path)}`);
    })),
    ...[...hosts, ...more].map((host) => granted(sandbox.allows("net", host), `connect to ${host}`)),
    wide.length === 0
      ? finding(
        "sandbox",
        "ok",
        "may not: start programs, load native code, read the environment, touch other files or hosts",
      )
      : finding("sandbox", "warn", `does not restrict ${wide.join(", ")}`, "run the released binary"),
  ];
}

/** The runtime reports some paths as granted but never opens them: Windows network paths. */
function isBlocked(files: Files, path: string): Promise<boolean> {
  return files.stat(path).then(() => false, (error) => error instanceof FileError && error.kind === "blocked");
}

function granted(allowed: boolean, what: string): Finding {
  return allowed ? finding("sandbox", "ok", `may ${what}`) : finding(
    "sandbox",
    "warn",
    `may not ${what}`,
    "check the address or path in the environment and on the command line",
  );
}

function hostAndPort(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}
