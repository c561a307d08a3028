/**
 * The launcher: narrows the permissions of this process to what `grantsFor()` returns, and only then loads the program.
 * No third-party code runs before that. If the permissions cannot be narrowed, the program does not start.
 */
import { type CommandLine, readCommandLine } from "./src/argv/parse.ts";
import { quickAnswer } from "./src/commands/help.ts";
import { attempt } from "./src/errors.ts";
import type { PermissionsApi } from "./src/narrow.ts";

const { os, standalone } = Deno.build;
const platform = os === "windows" || os === "darwin" ? os : "linux";

/** Returns what the program starts with; throws an Error if this process could do more than was granted. */
async function narrowed(commandLine: CommandLine) {
  // --version and --help need none of these.
  const [{ launchFiles }, { PROXY_NAMES }, { narrow }, policy] = await Promise.all([
    import("./src/io/launch_files.ts"),
    import("./src/io/network_env.ts"),
    import("./src/narrow.ts"),
    import("./src/permissions.ts"),
  ]);
  const cwd = attempt(() => Deno.cwd()) ?? (os === "windows" ? "C:\\" : "/");
  const disk = launchFiles(platform);
  const env = await policy.readEnv((name) => Deno.env.get(name), { cwd, platform, read: disk.read });
  for (const name of PROXY_NAMES) if (env[name] !== undefined) Deno.env.set(name, env[name]); // The runtime reads these.
  Deno.env.set("DENO_TLS_CA_STORE", env["DENO_TLS_CA_STORE"] ?? "system,mozilla"); // Trust a company's own authority too.
  if (env["SSL_CERT_FILE"] === "") Deno.env.delete("SSL_CERT_FILE"); // The runtime would try to open "".
  const start = { commandLine, env, cwd, platform, standalone } as const;
  const world = { ...start, ...disk };
  const grants = policy.grantsFor(world);
  const folders = policy.foldersOf(grants, platform, disk.stat);
  const browserPort = policy.browserPortFor(world);
  const browser = browserPort === undefined
    ? undefined
    : await (await import("./src/io/browser.ts")).startBrowser(browserPort);
  const port = policy.servePortFor(world);
  const loopback = port === undefined ? undefined : (await import("./src/io/loopback.ts")).openLoopback(port);
  narrow(Deno.permissions as PermissionsApi, grants, platform);
  return { ...start, folders, browser, loopback };
}

async function launch(): Promise<number> {
  const commandLine = readCommandLine(Deno.args);
  const answer = await quickAnswer(commandLine, platform);
  if (answer && attempt(() => (console.log(answer.trimEnd()), answer))) return 0; // Otherwise the program reports why not.
  let start;
  try {
    start = await narrowed(commandLine);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    console.error(`onelogin-aws-assume-role: error: cannot start the sandbox: ${words.split("\n")[0]}
onelogin-aws-assume-role: hint: run the released binary, or "deno task start" from a checkout`);
    return 9;
  }
  return await (await import("./src/program.ts")).runProgram(start);
}

Deno.exit(await launch());
