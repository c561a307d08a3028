/**
 * The launcher, the only code with wide permissions: takes a snapshot of arguments and environment, starts the program in
 * a worker that may touch exactly what `grantsFor()` says, drops its own permissions, forwards signals and the exit code.
 * No third-party code runs here, and when it cannot narrow, it does not start.
 */

import { quickAnswer } from "./src/commands/help.ts";
import { grantsFor, readEnv } from "./src/permissions.ts";

const windows = Deno.build.os === "windows";
const SIGNALS = windows ? { SIGINT: 130 } : { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

function fail(reason: unknown): never {
  const words = reason instanceof Error ? reason.message : String(reason);
  console.error(`onelogin-aws-assume-role: error: cannot start the sandbox: ${words.split("\n")[0]}
onelogin-aws-assume-role: hint: run the released binary, or "deno task start" from a checkout`);
  Deno.exit(9);
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return; // undefined
  }
}

async function launch(): Promise<void> {
  const answer = await quickAnswer(Deno.args);
  // Where it cannot be printed, the program says so.
  if (answer !== undefined && attempt(() => (console.log(answer.trimEnd()), answer))) return;
  const env = readEnv((name) => Deno.env.get(name));
  // The runtime reads it when the first request is sent, and would hand plain http on loopback to a proxy.
  Deno.env.set("NO_PROXY", env["NO_PROXY"] ?? "");
  // What the system trusts (a company's certificate authority) is trusted here too.
  Deno.env.set("DENO_TLS_CA_STORE", env["DENO_TLS_CA_STORE"] ?? "system,mozilla");
  if (env["SSL_CERT_FILE"] === "") Deno.env.delete("SSL_CERT_FILE"); // The runtime would look for a file of that name.
  const platform = windows ? "windows" : Deno.build.os === "darwin" ? "darwin" : "linux";
  const cwd = attempt(() => Deno.cwd()) ?? (windows ? "C:\\" : "/");
  const start = { args: Deno.args, env, cwd, platform, standalone: Deno.build.standalone } as const;
  const realPath = (path: string) => attempt(() => Deno.realPathSync(path));
  const readLink = (path: string) => attempt(() => Deno.readLinkSync(path));
  const deno = { permissions: grantsFor({ ...start, realPath, readLink }) };
  const worker = new Worker(new URL("./src/worker.ts", import.meta.url), { type: "module", deno } as WorkerOptions);
  worker.onerror = (event) => (event.preventDefault(), fail(event.message));
  for (const [signal, code] of Object.entries(SIGNALS)) {
    Deno.addSignalListener(signal as Deno.Signal, () => {
      worker.postMessage({ stop: code });
      setTimeout(() => Deno.exit(code), 1000);
    });
  }
  // Its modules are loaded with this thread's permissions: only then they can go.
  await new Promise((ready) => worker.onmessage = ready);
  worker.onmessage = ({ data }) => typeof data === "number" ? Deno.exit(data) : fail(data);
  for (const name of ["read", "write", "net", "env"] as const) Deno.permissions.revokeSync({ name });
  worker.postMessage({ start });
}

await launch().catch(fail);
