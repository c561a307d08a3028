import assert from "node:assert/strict";
import { FileError, type Files } from "../../io/deps.ts";
import { placesFor } from "../../io/paths.ts";
import { sandboxFindings } from "./sandbox_findings.ts";

Deno.test("sandboxFindings: a path that is granted and that nobody may look at is not open", async () => {
  const context = { env: { USERPROFILE: "C:\\Users\\ada" }, cwd: "C:\\", platform: "windows" } as const;
  const places = placesFor({ file: "D:\\creds" }, context);
  const stat: Files["stat"] = (path) =>
    path.startsWith("D:") ? Promise.reject(new FileError("blocked", path, "x")) : Promise.resolve(undefined);
  const sandbox = { allows: (_: string, what?: string) => what !== undefined };
  const deps = { files: { stat } as Files, platform: "windows" } as const;
  const found = await sandboxFindings(sandbox, places, deps, undefined, []);
  assert.deepEqual(found.map(({ level, text }) => `${level} ${text}`).slice(0, 3), [
    'ok may read and write "C:\\Users\\ada\\.aws"',
    'ok may read and write "C:\\Users\\ada\\.onelogin"',
    'warn may not read and write "D:\\creds"',
  ]);
});
