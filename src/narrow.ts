/** Revokes everything of the outer wall that a run was not granted, and checks by query that it is gone. */

import { printable } from "./errors.ts";
import { ENV_NAMES, OUTER_HOSTS, rootFolders } from "./outer_wall.ts";
import type { Platform } from "./io/deps.ts";
import { separatorOf } from "./io/paths.ts";
import type { Grants } from "./permissions.ts";

/** A permission descriptor (Deno API, "Permissions"). */
export interface Permission {
  readonly name: "read" | "write" | "net" | "env" | "run" | "ffi" | "sys" | "import";
  readonly path?: string;
  readonly host?: string;
  readonly variable?: string;
}

/** The part of `Deno.permissions` that is used. */
export interface PermissionsApi {
  requestSync(permission: Permission): { readonly state: string };
  revokeSync(permission: Permission): { readonly state: string };
  querySync(permission: Permission): { readonly state: string };
}

/**
 * Narrows the permissions of this isolate to `grants`. Requesting something narrower than a rule adds it to the list;
 * revoking something that only the wide rule covers removes that rule.
 *
 * @throws Error when a wide rule is left, or a granted permission is missing.
 */
export function narrow(permissions: PermissionsApi, grants: Grants, platform: Platform): void {
  const granted: readonly Permission[] = [
    ...FILES.flatMap((name) => outermost(grants[name], platform).map((path) => ({ name, path }))),
    ...grants.net.map((host) => ({ name: "net" as const, host })),
  ];
  for (const each of granted) permissions.requestSync(each);

  const wide: readonly Permission[] = [
    ...FILES.flatMap((name) => rootFolders(platform).map((path) => ({ name, path }))),
    ...OUTER_HOSTS.filter((rule) => !grants.net.includes(rule)).map((rule) => ({
      name: "net" as const,
      host: coveredOnlyBy(rule, grants.net),
    })),
    { name: "env" },
    { name: "import" },
  ];
  for (const each of wide) permissions.revokeSync(each);

  const forbidden: readonly Permission[] = [
    ...wide,
    ...(["read", "write", "net", "run", "ffi", "sys"] as const).map((name) => ({ name })),
    ...ENV_NAMES.map((variable) => ({ name: "env" as const, variable })),
    ...IMPORT_HOSTS.map((host) => ({ name: "import" as const, host })),
  ];
  const left = forbidden.find((each) => !["prompt", "denied"].includes(permissions.querySync(each).state));
  if (left !== undefined) throw new Error(`it still has ${named(left)}`);
  const missing = granted.find((each) => permissions.querySync(each).state !== "granted");
  if (missing !== undefined) throw new Error(`it does not have ${named(missing)}`);
}

const FILES = ["read", "write"] as const;
/** Hosts that a runtime may import from by default. */
const IMPORT_HOSTS = ["deno.land:443", "jsr.io:443"];

/** The paths that are not inside one of the others: a granted folder includes its contents. */
function outermost(paths: readonly string[], platform: Platform): readonly string[] {
  const all = new Set(paths);
  const separator = separatorOf(platform);
  return paths.filter((path) => {
    let end = path.lastIndexOf(separator);
    while (end > 0 && !all.has(path.slice(0, end))) end = path.lastIndexOf(separator, end - 1);
    return end <= 0;
  });
}

function named(permission: Permission): string {
  return `the permission ${printable(Object.values(permission).join(" "))}`;
}

/** A host that the rule covers and no granted host does. */
function coveredOnlyBy(rule: string, granted: readonly string[]): string {
  if (rule.startsWith("*.")) return `not-granted.invalid${rule.slice(1)}`;
  if (/[^:\]]:\d+$/.test(rule)) return rule;
  const host = rule === "127.0.0.0/8" ? "127.255.255.254" : rule;
  let port = 1;
  while (granted.includes(`${host}:${port}`)) port++;
  return `${host}:${port}`;
}
