/**
 * Takes the place of src/program.ts behind the real launcher and the shipped flags, and tries what a bug or a bad package
 * might. Tests only: nothing of it is in a release.
 */

interface Start {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What an attempt came to: `done`, or how it was refused. */
type Outcome = string;

/** Called by the launcher in place of the program. */
export async function runProgram(start: Start): Promise<number> {
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
  return 0;
}

const windows = Deno.build.os === "windows";
/** A file of the system that anybody may read. */
const SYSTEMS = windows ? "C:\\windows\\win.ini" : "/etc/passwd";

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
    "read a file of the system": () => Deno.readTextFile(SYSTEMS),
    "read /proc/self/environ": () => Deno.readTextFile("/proc/self/environ"),
    "read another file here": () => Deno.readTextFile(`${cwd}/other.txt`),
    "write onelogin.sdk.json here": () => Deno.writeTextFile(`${cwd}/onelogin.sdk.json`, "x"),
    "write ~/.bashrc": () => Deno.writeTextFile(`${home}/.bashrc`, "x"),
    "write a temporary file": () => Deno.makeTempFile(),
    "make a symlink in ~/.aws": () => Deno.symlink(SYSTEMS, `${home}/.aws/link`, { type: "file" }),
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
    "import a file": () => import(at(`file://${windows ? "/" : ""}${home.replaceAll("\\", "/")}/.ssh/code.js`)),
    "import a data address": () => import(at("data:text/javascript,export default 1")),
    ...Object.fromEntries(MORE.map((permission) => [
      `ask for ${Object.values(permission).join(" ")}`,
      async () => void ((await Deno.permissions.request(permission)).state === "granted" || fail()),
    ])),
    // A symlink that somebody else makes after the narrowing, by way of a link that was there before.
    "read through a link in ~/.aws": () => Deno.readTextFile(`${home}/.aws/planted`),
    "write through a link in ~/.aws": () => Deno.writeTextFile(`${home}/.aws/planted`, "x"),
    "read through a linked folder in ~/.aws": () => Deno.readTextFile(`${home}/.aws/folder/id_ed25519`),
    "read by Node's way": async () => (await import("node:fs")).readFileSync(SYSTEMS),
    "read ~/.ssh/id_ed25519 by Node's way": async () =>
      (await import("node:fs")).readFileSync(`${home}/.ssh/id_ed25519`),
    "fetch a file": async () =>
      void await (await fetch(windows ? "file:///C:/windows/win.ini" : "file:///etc/passwd")).text(),
    "connect to a unix socket": async () => (await Deno.connect({ transport: "unix", path: `${home}/socket` })).close(),
    "connect to the service's neighbour": () => connect("localhost", Number(service.port)),
    "connect to another host of OneLogin": () => connect("other.onelogin.com", 443),
    "connect to another host of AWS": () => connect("bucket.s3.amazonaws.com", 443),

    ...Object.fromEntries(
      (windows ? spellings(home) : []).flatMap((path) => [
        [`spelling: read ${path}`, () => Deno.readFile(path)],
        [`spelling: write ${path}`, () => Deno.writeTextFile(path, "x")],
      ]),
    ),

    // Workers, which are no way around.
    "a worker that reads a file": () => inWorker(`Deno.readTextFileSync(${JSON.stringify(SYSTEMS)})`),
    "a worker that reads the environment": () => inWorker("Deno.env.get('HOME')"),
    "a worker with more permissions": () => {
      const deno = { permissions: { net: [`127.0.0.1:${other}`] } };
      new Worker("data:text/javascript,1", { type: "module", deno } as WorkerOptions).terminate();
    },
    "a worker that connects elsewhere": () =>
      inWorker(`(await Deno.connect({ hostname: "127.0.0.1", port: ${other} })).close()`),
  };
}

/** Other names that Windows has, or may be taken to have, for a file beside the granted folder, and for its devices. */
function spellings(home: string): readonly string[] {
  const key = `${home}\\.ssh\\id_ed25519`;
  const [drive = "", rest = ""] = [key.slice(0, 1), key.slice(3)];
  const slashes = (path: string) => path.replaceAll("\\", "/");
  return [
    key,
    slashes(key),
    `${home}/.ssh\\id_ed25519`,
    key.toLowerCase(),
    key.toUpperCase(),
    slashes(key).toLowerCase(),
    key.replaceAll("\\", "\\\\"),
    `${home}\\.\\.ssh\\.\\id_ed25519`,
    `${home}\\.aws\\..\\.ssh\\id_ed25519`,
    `${home}/.aws/../.ssh/id_ed25519`,
    `${home}\\.aws\\credentials\\..\\..\\.ssh\\id_ed25519`,
    `${home}\\.AWS\\..\\.SSH\\ID_ED25519`,
    `${home}\\.aws\\.. \\.ssh\\id_ed25519`,
    `${home}\\.aws.\\..\\.ssh\\id_ed25519`,
    `${home}\\.aws \\..\\.ssh\\id_ed25519`,
    `${home}\\.onelogin\\..\\.ssh\\id_ed25519`,
    `${key}.`,
    `${key} `,
    `${key}...`,
    `${key}::$DATA`,
    `${key}:hidden`,
    `${home}\\.ssh.\\id_ed25519`,
    `${home}\\.ssh::$INDEX_ALLOCATION\\id_ed25519`,
    `${home}\\SSH~1\\ID_ED2~1`,
    `\\${rest}`,
    `/${slashes(rest)}`,
    `${drive}:${rest}`,
    `${drive}:..\\..\\..\\..\\..\\..\\..\\..\\${rest}`,
    `\\\\?\\${key}`,
    `\\\\?\\${key.toLowerCase()}`,
    `//?/${slashes(key)}`,
    `\\\\.\\${key}`,
    `//./${slashes(key)}`,
    `\\??\\${key}`,
    `\\\\?\\GLOBALROOT\\??\\${key}`,
    `\\\\?\\UNC\\localhost\\${drive}$\\${rest}`,
    `\\\\localhost\\${drive}$\\${rest}`,
    `\\\\127.0.0.1\\${drive}$\\${rest}`,
    `//localhost/${drive}$/${slashes(rest)}`,
    `\\\\?\\${home}\\.aws\\..\\.ssh\\id_ed25519`,
    `${home}\\.awsx`,
    "\\\\.\\PhysicalDrive0",
    `\\\\.\\pipe\\olaws-probe`,
    "CONIN$",
  ];
}

/** What the outer wall has, or has not, and nobody can get back. */
const MORE: readonly Deno.PermissionDescriptor[] = [
  { name: "read" },
  { name: "read", path: windows ? "C:\\" : "/" },
  { name: "read", path: SYSTEMS },
  { name: "write" },
  { name: "write", path: windows ? "C:\\" : "/" },
  { name: "net" },
  { name: "net", host: "other.onelogin.com:443" },
  { name: "net", host: "127.0.0.1:1" },
  { name: "env" },
  { name: "env", variable: "HOME" },
  { name: "run" },
  { name: "run", command: "sh" },
  { name: "ffi" },
  { name: "sys" },
  { name: "import" as "env" },
];

/** Runs a statement in a worker, which has the permissions of its parent. Throws what the statement throws. */
async function inWorker(statement: string): Promise<void> {
  const code = `try { ${statement}; postMessage("done"); } catch (error) { postMessage(error.name); }`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
  const outcome = await new Promise<string>((end) => {
    worker.onmessage = ({ data }) => end(data);
    worker.onerror = (event) => (event.preventDefault(), end("Nothing"));
  });
  worker.terminate();
  if (outcome !== "done") throw new DOMException(outcome, outcome);
}

/** An address that no tool follows beforehand. */
function at(address: string): string {
  return address;
}

function fail(): never {
  throw new DOMException("nothing came", "Nothing");
}
