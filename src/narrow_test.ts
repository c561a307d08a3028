import assert from "node:assert/strict";
import { narrow, type Permission, type PermissionsApi } from "./narrow.ts";
import { ENV_NAMES, OUTER_HOSTS, rootFolders } from "./outer_wall.ts";
import type { Grants } from "./permissions.ts";

const GRANTS: Grants = {
  read: ["/home/ada/.aws", "/work/onelogin.sdk.json"],
  write: ["/home/ada/.aws"],
  net: ["api.us.onelogin.com:443", "127.0.0.1:8080", "localhost:1"],
};

/** Whether a rule of a list covers what is asked about, as Deno reads it. */
function covers(rule: string, asked: string): boolean {
  if (rule.startsWith("*.")) return asked.endsWith(rule.slice(1));
  if (rule === "127.0.0.0/8") return asked.startsWith("127.");
  if (["localhost", "[::1]"].includes(rule)) return asked === rule || asked.startsWith(`${rule}:`);
  return asked === rule || rule.endsWith("/") && asked.startsWith(rule) || asked.startsWith(`${rule}/`) ||
    /^[A-Z]:\\$/.test(rule) && asked.startsWith(rule);
}

interface World {
  readonly granted: Map<string, string[]>;
  readonly api: PermissionsApi;
}

/** Deno's permissions as they are after a start with the flags of the outer wall. */
function wide(roots: readonly string[] = ["/"]): World {
  const granted = new Map<string, string[]>([
    ["read", [...roots]],
    ["write", [...roots]],
    ["net", [...OUTER_HOSTS]],
    ["env", [...ENV_NAMES]],
    ["import", ["deno.land:443", "jsr.io:443"]],
  ]);
  const listOf = ({ name }: Permission) => granted.get(name) ?? [];
  const aboutOf = ({ path, host, variable }: Permission) => path ?? host ?? variable;
  const state = (permission: Permission) => {
    const about = aboutOf(permission);
    return {
      state: about !== undefined && listOf(permission).some((rule) => covers(rule, about)) ? "granted" : "prompt",
    };
  };
  const api: PermissionsApi = {
    querySync: state,
    requestSync(permission) {
      const about = aboutOf(permission);
      if (about !== undefined && state(permission).state === "granted") granted.get(permission.name)?.push(about);
      return state(permission);
    },
    revokeSync(permission) {
      const about = aboutOf(permission);
      const left = about === undefined ? [] : listOf(permission).filter((rule) => !covers(rule, about));
      granted.set(permission.name, left);
      return state(permission);
    },
  };
  return { granted, api };
}

Deno.test("narrow(): leaves exactly what was granted", () => {
  const { api, granted } = wide();
  narrow(api, GRANTS, "linux");
  assert.deepEqual(Object.fromEntries(granted), {
    read: ["/home/ada/.aws", "/work/onelogin.sdk.json"],
    write: ["/home/ada/.aws"],
    net: ["api.us.onelogin.com:443", "127.0.0.1:8080", "localhost:1"],
    env: [],
    import: [],
  });
});

Deno.test("narrow(): takes every drive of Windows, and keeps the one host of the wall that is named whole", () => {
  const { api, granted } = wide(rootFolders("windows"));
  narrow(api, { read: ["C:\\Users\\ada\\.aws"], write: [], net: ["github.com:443"] }, "windows");
  assert.deepEqual(granted.get("read"), ["C:\\Users\\ada\\.aws"]);
  assert.deepEqual(granted.get("write"), []);
  assert.ok(granted.get("net")?.every((host) => host === "github.com:443"));
});

Deno.test("narrow(): fails when something wide is left", () => {
  const faults: Readonly<Record<string, (world: World) => PermissionsApi>> = {
    "revoking does nothing": ({ api }) => ({ ...api, revokeSync: (permission) => api.querySync(permission) }),
    "a bare permission stays": ({ api }) => ({
      ...api,
      querySync: (permission) =>
        permission.name === "write" && permission.path === undefined ? { state: "granted" } : api.querySync(permission),
    }),
    "a program may be started": ({ api }) => ({
      ...api,
      querySync: (permission) => permission.name === "run" ? { state: "granted" } : api.querySync(permission),
    }),
    "a state nobody knows": ({ api }) => ({
      ...api,
      querySync: (permission) => permission.name === "env" ? { state: "granted-partial" } : api.querySync(permission),
    }),
    "a variable stays": ({ api }) => ({
      ...api,
      querySync: (permission) =>
        permission.variable === "ONELOGIN_PASSWORD" ? { state: "granted" } : api.querySync(permission),
    }),
    "modules may be loaded from the network": ({ api }) => ({
      ...api,
      querySync: (permission) => permission.host === "jsr.io:443" ? { state: "granted" } : api.querySync(permission),
    }),
    ...Object.fromEntries(OUTER_HOSTS.map((rule) => [`the rule ${rule} stays`, ({ api }: World) => ({
      ...api,
      revokeSync: (permission: Permission) =>
        permission.host !== undefined && covers(rule, permission.host)
          ? api.querySync(permission)
          : api.revokeSync(permission),
    })])),
  };
  for (const [what, fault] of Object.entries(faults)) {
    assert.throws(() => narrow(fault(wide()), GRANTS, "linux"), /still has the permission/, what);
  }
});

Deno.test("narrow(): fails when something granted is missing, and on Windows' flags elsewhere", () => {
  const { api } = wide();
  const deaf: PermissionsApi = { ...api, requestSync: (permission) => api.querySync(permission) };
  assert.throws(() => narrow(deaf, GRANTS, "linux"), /permission read/);
  assert.throws(() => narrow(wide(["/home"]).api, { ...GRANTS, read: ["/etc/x"] }, "linux"), /does not have/);
  assert.throws(() => narrow(wide().api, { ...GRANTS, read: ["/"] }, "linux"), /the permission read \//);
});
