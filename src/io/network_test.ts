import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { realFiles } from "./files.ts";
import { httpFor } from "./network.ts";

Deno.test("httpFor(): certificates on a network path of Windows are a usage error that names them", async () => {
  const http = httpFor({
    env: { USERPROFILE: "C:\\Users\\ada", AWS_CA_BUNDLE: "\\\\fs\\share\\ca.pem" },
    cwd: "C:\\work",
    platform: "windows",
    files: realFiles("windows"),
  });
  await assert.rejects(
    http.send({ method: "GET", url: "https://api.us.onelogin.com/", headers: {}, timeoutMs: 1000 }),
    (error) => error instanceof UserError && error.exit === 2 && /AWS_CA_BUNDLE.*is a network path/.test(error.message),
  );
});
