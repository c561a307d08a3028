/** What the program can touch, shown by what it does and by what it cannot. */
import assert from "node:assert/strict";
import { shippedFlags } from "../scripts/start_task.ts";
import { ADA, PROTECT } from "../simulator/demo_world.ts";

import { ENV_NAMES } from "../src/outer_wall.ts";
import { defaultFiles, freshFolder, runProgram, withSimulator } from "./harness.ts";
import { writeProbe } from "./probe/build.ts";
import { ADMIN, complaint, PASSWORD, run } from "./runs.ts";

const compiled = Deno.env.get("OLAWS_BIN") !== undefined;
const windows = Deno.build.os === "windows";
const [, minor = 0] = Deno.version.deno.split(".").map(Number);

/** Folders that are looked at, files that are read or written, each below HOME (`~`) or the working folder (`.`). */
const TOUCHED = `
  .
  ./accounts.yaml
  ./onelogin.aws.json
  ./onelogin.sdk.json
  ~
  ~/.aws
  ~/.aws/config
  ~/.aws/credentials
  ~/.aws/credentials.onelogin-lock
  ~/.aws/credentials.onelogin-tmp
  ~/.aws/saml_cache.txt
  ~/.aws/saml_cache.txt.onelogin-lock
  ~/.aws/saml_cache.txt.onelogin-tmp
  ~/.onelogin
  ~/.onelogin/accounts.yaml
  ~/.onelogin/cache
  ~/.onelogin/cache/HASH.json
  ~/.onelogin/cache/HASH.json.onelogin-lock
  ~/.onelogin/cache/HASH.json.onelogin-tmp
  ~/.onelogin/cache/clock.json
  ~/.onelogin/cache/roles.json
  ~/.onelogin/cache/roles.json.onelogin-lock
  ~/.onelogin/cache/roles.json.onelogin-tmp
  ~/.onelogin/onelogin.aws.json
  ~/.onelogin/onelogin.sdk.json
  ~/.onelogin/refusals.json
  ~/.onelogin/sign_in.lock
  ~/.onelogin/sign_in.lock.onelogin-tmp
  ~/.onelogin/state.json
  ~/.onelogin/team.json
`.trim().split(/\s+/);

Deno.test({
  name: "sandbox: a whole login asks for these paths, hosts and variables, and for nothing else",
  // The runtime writes the log since 2.5, and never in a compiled program.
  ignore: compiled || minor < 5 || windows,
  fn: () =>
    withSimulator({ users: [{ ...ADA, devices: [PROTECT] }], push: { approveAfterPolls: 0 } }, async (simulator) => {
      const log = `${freshFolder("audit")}/log`;
      const result = await run(simulator, {
        args: [...ADMIN, "--profile", "dev", "--no-input", "--cache-saml"],
        env: { ...PASSWORD, DENO_AUDIT_PERMISSIONS: log },
      });
      assert.equal(result.code, 0, result.stderr);
      const checks = (await Deno.readTextFile(log)).trim().split("\n").map((line): Check => JSON.parse(line));
      const of = (permission: string) =>
        checks.filter((check) => check.permission === permission && typeof check.value === "string")
          .map(({ value }) => value as string);
      const masked = (path: string) =>
        path.replace(result.home, "~").replace(result.cwd, ".").replace(
          /[0-9a-f]{16}(-[0-9a-f]{16})?\.json/,
          "HASH.json",
        );
      // The program's own source files, which a compiled program carries within itself.
      const paths = [...of("read"), ...of("write")].filter((path) => !path.startsWith("file://"));
      assert.deepEqual([...new Set(paths.map(masked))].sort(), TOUCHED);
      const hosts = of("net").map((value) => URL.canParse(value) ? new URL(value).host : value);
      assert.deepEqual([...new Set(hosts)], [simulator.url, simulator.awsUrl].map((url) => new URL(url).host));
      assert.deepEqual(of("env").filter((name) => !ENV_NAMES.includes(name)), []);
      assert.deepEqual(
        [...new Set(checks.map(({ permission }) => permission))].filter((kind) =>
          !["read", "write", "net", "env"].includes(kind)
        ),
        [],
      );
    }),
});

interface Check {
  readonly permission: string;
  readonly value: string | null;
}

/** What the program is for. Everything else that the probe tries must be refused, but for the limits. */
const ALLOWED = [
  "write ~/.aws/credentials",
  "read ~/.aws/credentials",
  "write ~/.onelogin/state.json",
  "read onelogin.sdk.json here",
  "connect to the service",
];

/** What the runtime does not stop; SECURITY.md tells of each. */
const LINKS = [
  "read through a link in ~/.aws",
  "write through a link in ~/.aws",
  "read through a linked folder in ~/.aws",
];
/** Wine makes no symlinks, but reports success. */
const hasLinks = hasSymlinks();
const LIMITS = {
  source: ["import a data address", ...hasLinks ? LINKS : []],
  compiled: ["import a data address", "import a file", ...hasLinks ? LINKS : []],
};

function hasSymlinks(): boolean {
  const folder = freshFolder("link");
  Deno.symlinkSync("none", `${folder}/link`, { type: "file" });
  return Array.from(Deno.readDirSync(folder)).length > 0;
}

async function probe(
  program: readonly string[],
  kind: "login" | "browser" | "serve" = "login",
): Promise<Readonly<Record<string, string>>> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const service = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const each of [listener, service]) {
    (async () => {
      for await (const connection of each) connection.close();
    })().catch(() => {});
  }
  try {
    const home = freshFolder("home");
    Deno.mkdirSync(`${home}/.aws`, { mode: 0o700 });
    // By somebody who may write the folder, under names that are none of the program's.
    Deno.mkdirSync(`${home}/.ssh`);
    Deno.writeTextFileSync(`${home}/.ssh/linked`, "a key");
    Deno.symlinkSync(`${home}/.ssh/linked`, `${home}/.aws/planted`, { type: "file" });
    Deno.symlinkSync(`${home}/.ssh`, `${home}/.aws/folder`, { type: "dir" });
    const result = await runProgram({
      program,
      home,
      args: {
        login: [],
        browser: ["--browser", "--browser-port", String(listener.addr.port)],
        serve: ["serve"],
      }[kind],
      env: {
        ...PASSWORD,
        ONELOGIN_API_URL: `http://127.0.0.1:${service.addr.port}`,
        // Tells the probe a port where somebody listens who is none of its business.
        AWS_REGION: String(listener.addr.port),
      },
      files: {
        ...defaultFiles,
        ".aws/config": "",
        ".ssh/id_ed25519": "a key",
        ".ssh/code.js": "export default 1",
        ".awsx": "a neighbour",
        ".bashrc": "",
      },
      cwdFiles: { "onelogin.sdk.json": "{}", "other.txt": "x" },
    });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.file(".bashrc"), "");
    assert.equal(result.file(".ssh/id_ed25519"), "a key");
    assert.equal(result.file(".awsx"), "a neighbour");
    const found: Readonly<Record<string, string>> = JSON.parse(result.stdout);
    return hasLinks ? found : Object.fromEntries(Object.entries(found).filter(([name]) => !LINKS.includes(name)));
  } finally {
    listener.close();
    service.close();
  }
}

function assertWalls(
  all: Readonly<Record<string, string>>,
  limits: readonly string[],
  allowed: readonly string[] = ALLOWED,
): void {
  const found = Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith("spelling: ")));
  const spelled = Object.entries(all).filter(([name]) => name.startsWith("spelling: "));
  // Some of the names mean nothing to the system, whoever asks.
  assert.deepEqual(spelled.filter(([, outcome]) => outcome === "done"), []);
  assert.ok(
    spelled.filter(([, outcome]) => outcome === "NotCapable").length >= spelled.length * 0.9,
    JSON.stringify(spelled, null, 1),
  );
  if (windows) assert.ok(spelled.length >= 80);
  const done = Object.entries(found).filter(([, outcome]) => outcome === "done").map(([name]) => name);
  assert.ok(Object.keys(found).length > 40);
  assert.deepEqual(done.sort(), [...allowed, ...limits].sort(), JSON.stringify(found, null, 1));
  // A refusal for another reason, such as a file that does not exist, would prove nothing.
  const odd = Object.entries(found).filter(([name, outcome]) =>
    !done.includes(name) && !/^(NotCapable|EvalError|Nothing)$/.test(outcome) &&
    !(name.startsWith("import ") && outcome === "TypeError") &&
    // Windows has no such socket, and Wine no settings of name servers: the runtime looks for both before it asks.
    !(windows && ["connect to a unix socket", "look up a name"].includes(name) && outcome === "Error")
  );
  assert.deepEqual(odd, []);
}

Deno.test({
  name: "sandbox: behind the launcher and the shipped flags, a probe reaches nothing but what was granted",
  ignore: compiled,
  async fn() {
    const main = await writeProbe(freshFolder("probe"));
    const flags = ["--no-config", "--no-lock", ...shippedFlags()];
    assertWalls(await probe([Deno.execPath(), "run", ...flags, main]), LIMITS.source);
  },
});

Deno.test({
  name:
    "sandbox: in a run with the browser a probe reaches neither the browser's port nor OneLogin's API, nor any of the rest",
  ignore: compiled,
  async fn() {
    const main = await writeProbe(freshFolder("probe"));
    const flags = ["--no-config", "--no-lock", ...shippedFlags()];
    assertBrowserWalls(await probe([Deno.execPath(), "run", ...flags, main], "browser"), LIMITS.source);
  },
});

Deno.test({
  name: "sandbox: in a run of serve a probe reaches nothing more, and opens no other port",
  ignore: compiled,
  async fn() {
    const main = await writeProbe(freshFolder("probe"));
    const flags = ["--no-config", "--no-lock", ...shippedFlags()];
    const found = await probe([Deno.execPath(), "run", ...flags, main], "serve");
    assertWalls(found, LIMITS.source);
    for (const name of ["listen", "connect to another port here"]) assert.equal(found[name], "NotCapable", name);
  },
});

/** The browser's port is what the probe calls another port; the service is OneLogin's, which is not needed. */
function assertBrowserWalls(found: Readonly<Record<string, string>>, limits: readonly string[]): void {
  assertWalls(found, limits, ALLOWED.filter((name) => name !== "connect to the service"));
  for (
    const name of ["connect to another port here", "a worker that connects elsewhere", "a worker with more permissions"]
  ) {
    assert.equal(found[name], "NotCapable", name);
  }
}

const probeBinary = Deno.env.get("OLAWS_PROBE_BIN");

Deno.test({
  name: "sandbox: a probe that is compiled as a release is reaches nothing more, but for the limits that are known",
  ignore: probeBinary === undefined,
  async fn() {
    assertWalls(await probe([Deno.realPathSync(probeBinary!)]), LIMITS.compiled);
    assertBrowserWalls(await probe([Deno.realPathSync(probeBinary!)], "browser"), LIMITS.compiled);
    assertWalls(await probe([Deno.realPathSync(probeBinary!)], "serve"), LIMITS.compiled);
  },
});

Deno.test({
  name: "sandbox: a file is refused that nobody named, through a symlink in ~/.aws too, and the error reports it",
  ignore: windows,
  fn: () =>
    withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
      const home = freshFolder("home");
      Deno.mkdirSync(`${home}/.aws`, { mode: 0o700 });
      Deno.mkdirSync(`${home}/elsewhere`);
      Deno.writeTextFileSync(`${home}/elsewhere/victim`, "untouched");
      // Not one of the names whose links are granted.
      Deno.symlinkSync(`${home}/elsewhere/victim`, `${home}/.aws/credentials.onelogin-lock`);
      const result = await run(simulator, { home, args: [...ADMIN, "--no-input", "--profile", "dev"] });
      assert.equal(result.code, 2, result.stderr);
      assert.match(complaint(result).error, /cannot write .*credentials/);
      assert.equal(result.file("elsewhere/victim"), "untouched");
    }),
});

Deno.test("sandbox: an endpoint outside of the walls is refused before anything is sent", () =>
  withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
    for (const url of ["https://api.evil.example", "http://api.us.onelogin.com", "https://evilonelogin.com"]) {
      const result = await run(simulator, {
        args: ["--no-input", ...ADMIN],
        env: { ...PASSWORD, ONELOGIN_API_URL: url },
      });
      assert.equal(result.code, 2, result.stderr);
      assert.match(complaint(result).error, /ONELOGIN_API_URL/);
    }
    assert.equal(simulator.requests.length, 0);
  }));

Deno.test("sandbox: with SSLKEYLOGFILE, where the runtime would write the keys of its connections, nothing runs", () =>
  withSimulator({ users: [{ ...ADA, devices: [] }] }, async (simulator) => {
    const keys = `${freshFolder("keys")}/log`;
    const result = await run(simulator, {
      args: ["--no-input", ...ADMIN],
      env: { ...PASSWORD, SSLKEYLOGFILE: keys },
    });
    assert.equal(result.code, 9, result.stderr);
    assert.match(complaint(result).hints.join(), windows ? /set SSLKEYLOGFILE=/ : /unset SSLKEYLOGFILE/);
    assert.equal(simulator.requests.length, 0);
  }));

Deno.test("sandbox: the outer wall forbids by name what no run needs, asks nobody for more, and names hosts and variables", async () => {
  const flags = shippedFlags();
  const needed = ["--no-prompt", "--deny-run", "--deny-ffi", "--deny-sys"];
  assert.deepEqual(needed.filter((flag) => !flags.includes(flag)), []);
  assert.ok(flags.some((flag) => flag.startsWith("--v8-flags=") && flag.includes("disallow-code-generation")));
  const open = [
    "-A",
    "--allow-all",
    "--allow-net",
    "--allow-env",
    "--allow-run",
    "--allow-ffi",
    "--allow-sys",
    "--allow-import",
  ];
  assert.deepEqual(flags.filter((flag) => open.includes(flag) || /^--allow-(run|ffi|sys|import)\b/.test(flag)), []);
});

Deno.test({
  name: "sandbox: a launcher that may not narrow does not start the program",
  ignore: compiled,
  async fn() {
    const main = await writeProbe(freshFolder("probe"));
    // Without --allow-write what the run needs of it cannot be granted.
    const flags = shippedFlags().filter((flag) => !flag.startsWith("--allow-write"));
    const result = await runProgram({
      program: [Deno.execPath(), "run", "--no-config", "--no-lock", ...flags, main],
      args: [],
    });
    assert.equal(result.code, 9, result.stderr);
    assert.match(result.stderr, /cannot start the sandbox/);
    assert.equal(result.stdout, "");
  },
});
