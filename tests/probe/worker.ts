/**
 * Stands in for src/worker.ts behind the real launcher and the shipped flags, and tries what a bug or a bad package
 * might. Tests only: nothing of it is in a release.
 */

interface Start {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What an attempt came to: `done`, or how it was refused. */
type Outcome = string;

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<{ start?: Start }>) => void) | null;
  postMessage(message: number | string): void;
};

scope.onmessage = async ({ data: { start } }) => {
  if (start === undefined) return;
  const found: Record<string, Outcome> = {};
  for (const [name, work] of Object.entries(attempts(start))) {
    try {
      await work();
      found[name] = "done";
    } catch (error) {
      found[name] = error instanceof Error ? error.name : String(error);
    }
  }
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(found)));
  scope.postMessage(0);
};
scope.postMessage("ready");

function attempts({ env, cwd }: Start): Readonly<Record<string, () => unknown>> {
  const home = env["HOME"] ?? "";
  const service = new URL(env["ONELOGIN_API_URL"] ?? "http://127.0.0.1:1");
  const other = Number(env["AWS_REGION"]);
  const connect = async (hostname: string, port: number) => (await Deno.connect({ hostname, port })).close();
  return {
    // What the program is for.
    "write ~/.aws/credentials": () => Deno.writeTextFile(`${home}/.aws/credentials`, "x"),
    "read ~/.aws/credentials": () => Deno.readTextFile(`${home}/.aws/credentials`),
    "write ~/.onelogin/state.json": () => Deno.writeTextFile(`${home}/.onelogin/state.json`, "{}"),
    "read onelogin.sdk.json here": () => Deno.readTextFile(`${cwd}/onelogin.sdk.json`),
    "connect to the service": () => connect(service.hostname, Number(service.port)),

    // Files.
    "read ~/.ssh/id_ed25519": () => Deno.readTextFile(`${home}/.ssh/id_ed25519`),
    "read ~/.awsx": () => Deno.readTextFile(`${home}/.awsx`),
    "read ~/.aws/../.ssh/id_ed25519": () => Deno.readTextFile(`${home}/.aws/../.ssh/id_ed25519`),
    "list ~": () => Array.from(Deno.readDirSync(home)),
    "read /etc/passwd": () => Deno.readTextFile("/etc/passwd"),
    "read /proc/self/environ": () => Deno.readTextFile("/proc/self/environ"),
    "read another file here": () => Deno.readTextFile(`${cwd}/other.txt`),
    "write onelogin.sdk.json here": () => Deno.writeTextFile(`${cwd}/onelogin.sdk.json`, "x"),
    "write ~/.bashrc": () => Deno.writeTextFile(`${home}/.bashrc`, "x"),
    "write a temporary file": () => Deno.makeTempFile(),
    "make a symlink in ~/.aws": () => Deno.symlink("/etc/passwd", `${home}/.aws/link`),
    "make a hard link into ~/.aws": () => Deno.link(`${home}/.ssh/id_ed25519`, `${home}/.aws/hard`),
    "move a file out of ~/.aws": () => Deno.rename(`${home}/.aws/credentials`, `${home}/out`),
    "watch ~": () => Deno.watchFs(home).close(),

    // Network.
    "connect to another port here": () => connect("127.0.0.1", other),
    "connect to 1.1.1.1:443": () => connect("1.1.1.1", 443),
    "fetch from example.com": async () => void await fetch("https://example.com/"),
    // In the outer wall, for doctor --check-release, which this run is not.
    "fetch from github.com": async () => void await fetch("https://github.com/"),
    "connect to github.com:443": () => connect("github.com", 443),
    "fetch from evilonelogin.com": async () => void await fetch("https://evilonelogin.com/"),
    "fetch from another port here": async () => void await fetch(`http://127.0.0.1:${other}/`),
    "a web socket to example.com": () => new WebSocket("wss://example.com/").close(),
    "look up a name": () => Deno.resolveDns("example.com", "A"),
    "listen": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),

    // Processes, native code, the machine.
    "start a process": () => new Deno.Command("/bin/true").outputSync(),
    "start a process by Node's way": async () => (await import("node:child_process")).execFileSync("/bin/true"),
    "send a signal": () => Deno.kill(1, "SIGTERM"),
    "load native code": () => Deno.dlopen("libc.so.6", {}),
    "read the environment": () => Deno.env.get("ONELOGIN_PASSWORD") ?? fail(),
    "read the environment by Node's way": async () =>
      (await import("node:process")).default.env["ONELOGIN_PASSWORD"] ?? fail(),
    "read the host's name": () => Deno.hostname(),
    "read the network's addresses": () => Deno.networkInterfaces(),

    // Code.
    "eval": () => (0, eval)("1"),
    "new Function": () => new Function("return 1")(),
    "import from the network": () => import(at("https://example.com/x.js")),
    "import a file": () => import(at(`file://${home}/.ssh/code.js`)),
    "import a data address": () => import(at("data:text/javascript,export default 1")),
    "ask for more": async () => {
      if ((await Deno.permissions.request({ name: "read", path: "/etc/passwd" })).state !== "granted") fail();
    },
    "start a worker with more": () =>
      new Worker("data:text/javascript,1", {
        type: "module",
        deno: { permissions: { read: ["/etc/passwd"] } },
      } as WorkerOptions),
  };
}

/** An address that no tool follows beforehand. */
function at(address: string): string {
  return address;
}

function fail(): never {
  throw new DOMException("nothing came", "Nothing");
}
