import type { Sandbox } from "./deps.ts";

/** The permissions of this process, as narrowed by the launcher. */
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

/** The absolute path of the executable: this program if compiled, else Deno. */
export function programPath(): string {
  return Deno.execPath();
}
