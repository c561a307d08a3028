import type { Sandbox } from "./deps.ts";

/** The permissions of this process, as the launcher narrowed them. */
export function realSandbox(): Sandbox {
  return {
    allows(kind, target) {
      const descriptor = target === undefined
        ? { name: kind }
        : kind === "net"
        ? { name: kind, host: target }
        : { name: kind, path: target };
      return Deno.permissions.querySync(descriptor as Deno.PermissionDescriptor).state === "granted";
    },
  };
}

/** The absolute path of the executable: this program when it is compiled, Deno when it runs from source. */
export function programPath(): string {
  return Deno.execPath();
}
