import type { Sandbox } from "./deps.ts";

/** The permissions of this worker. */
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

/** The absolute path of the compiled program. From source the executable is Deno itself, which is not this program. */
export function programPath(): { readonly programPath?: string } {
  return Deno.build.standalone ? { programPath: Deno.execPath() } : {};
}
