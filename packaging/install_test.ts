/**
 * install.sh end to end: a real archive from a server on this machine, and every way in which a download can be wrong.
 * What counts is that nothing is installed then, and that what was installed before stays.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { sha256 } from "../scripts/toolchain.ts";
import { REPOSITORY } from "../src/repository.ts";
import { freshFolder, withSimulator } from "../tests/harness.ts";
import { ada, ADMIN, run as runInstalled } from "../tests/runs.ts";
import { names } from "./testing.ts";

const NAME = "onelogin-aws-assume-role";
const SCRIPT = fileURLToPath(new URL("install.sh", import.meta.url));
const BUILT = new URL(`../dist/${NAME}`, import.meta.url);
const VERSION = "3.1.4";
const ARCHIVE = `${NAME}-${VERSION}-linux-x64.tar.gz`;
const ignore = Deno.build.os === "windows";
/** A program that is quick to pack: it prints its name and version, as the real one does. */
const PROGRAM = `#!/bin/sh\necho "${NAME} ${VERSION} (test)"\n`;

type Answer = { readonly body: Uint8Array<ArrayBuffer> | string; readonly cutAfter?: number } | "not found";

/** What the server of releases has, by file name. */
type Release = Readonly<Record<string, Answer>>;

interface Run {
  readonly code: number;
  readonly said: string;
  readonly stdout: string;
  readonly folder: string;
  /** Names in the folder it installs into. */
  readonly installed: readonly string[];
  readonly asked: readonly string[];
  readonly home: string;
}

interface Options {
  readonly args?: readonly string[];
  /** The output of "uname -s" and "uname -m". */
  readonly system?: string;
  readonly machine?: string;
  /** Lines of a stand-in for the GitHub CLI; by default it is not signed in; "missing" for none. */
  readonly gh?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where other programs are found. */
  readonly path?: string;
  /** Text of install.sh. */
  readonly script?: string;
  /** A program that is installed already. */
  readonly before?: string;
  readonly releases?: string;
}

/** An archive of a folder as releases have it. `{ link }` is a symlink. */
async function pack(
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer> | { readonly link: string }>>,
  inside = ARCHIVE.replace(".tar.gz", ""),
): Promise<Uint8Array<ArrayBuffer>> {
  const work = freshFolder("install");
  Deno.mkdirSync(`${work}/${inside}`);
  for (const [name, content] of Object.entries(files)) {
    const path = `${work}/${inside}/${name}`;
    if (typeof content === "string") Deno.writeTextFileSync(path, content, { mode: 0o755 });
    else if (content instanceof Uint8Array) Deno.writeFileSync(path, content, { mode: 0o755 });
    else Deno.symlinkSync(content.link, path);
  }
  for (
    const [command, ...args] of [
      ["tar", "-cf", `${work}/a.tar`, "-C", work, inside],
      ["gzip", "-1", `${work}/a.tar`],
    ] as const
  ) assert.ok((await new Deno.Command(command, { args }).output()).success, command);
  return Deno.readFileSync(`${work}/a.tar.gz`);
}

async function sums(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>): Promise<string> {
  const lines = await Promise.all(
    Object.entries(files).map(async ([name, bytes]) => `${await sha256(bytes)}  ${name}\n`),
  );
  return [`${"0".repeat(64)}  ${NAME}-${VERSION}-macos-arm64.tar.gz\n`, ...lines].join("");
}

const archive = ignore ? new Uint8Array() : await pack({ [NAME]: PROGRAM, LICENSE: "MIT" });
const SUMS = await sums({ [ARCHIVE]: archive });
const GOOD: Release = { SHA256SUMS: { body: SUMS }, [ARCHIVE]: { body: archive } };

async function install(release: Release, options: Options = {}): Promise<Run> {
  const home = freshFolder("install");
  const bin = freshFolder("install");
  const folder = `${home}/.local/bin`;
  if (options.before !== undefined) {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/${NAME}`, options.before, { mode: 0o755 });
  }
  const { system = "Linux", machine = "x86_64", gh = "exit 1" } = options;
  standIn(`${bin}/uname`, `case $1 in -s) echo ${system} ;; -m) echo ${machine} ;; esac`);
  if (gh !== "missing") standIn(`${bin}/gh`, gh);
  // Not this machine's C library: that of the system it pretends to be.
  standIn(`${bin}/ldd`, system === "Linux" ? "echo 'ldd (GNU libc) 2.36'" : "exit 127");
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    if (pathname === "/latest") return new Response(null, { status: 302, headers: { location: `/tag/v${VERSION}` } });
    if (pathname === `/tag/v${VERSION}`) return new Response("a page");
    const answer = pathname.startsWith(`/download/v${VERSION}/`)
      ? release[pathname.slice(`/download/v${VERSION}/`.length)] ?? "not found"
      : "not found";
    if (answer === "not found") return new Response("Not Found", { status: 404 });
    if (answer.cutAfter === undefined) return new Response(answer.body);
    const bytes = typeof answer.body === "string" ? new TextEncoder().encode(answer.body) : answer.body;
    const start = bytes.slice(0, answer.cutAfter);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(start);
        // The server notices that the length it has announced was not reached, and ends the connection.
        controller.close();
      },
    });
    return new Response(stream, { headers: { "content-length": String(bytes.length) } });
  });
  const script = `${home}/install.sh`;
  Deno.writeTextFileSync(script, options.script ?? Deno.readTextFileSync(SCRIPT));
  const temp = freshFolder("install");
  const output = await new Deno.Command("sh", {
    args: [script, ...(options.args ?? [])],
    env: {
      HOME: home,
      TMPDIR: temp,
      PATH: `${bin}:${options.path ?? Deno.env.get("PATH")}`,
      ...options.env,
      OLAWS_RELEASES_URL: options.releases ?? `http://127.0.0.1:${server.addr.port}`,
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  await server.shutdown();
  assert.deepEqual(Array.from(Deno.readDirSync(temp)), [], "nothing is left in the folder for temporary files");
  return {
    code: output.code,
    said: new TextDecoder().decode(output.stderr),
    stdout: new TextDecoder().decode(output.stdout),
    folder,
    home,
    installed: names(folder),
    asked,
  };
}

function standIn(path: string, body: string): void {
  Deno.writeTextFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

/** Asserts that the run failed for the reason given, and that the program that was there is there still. */
function refused(run: Run, reason: RegExp, before?: string): void {
  assert.notEqual(run.code, 0, run.said);
  assert.match(run.said, reason);
  assert.deepEqual(run.installed, before === undefined ? [] : [NAME], run.said);
  if (before !== undefined) assert.equal(Deno.readTextFileSync(`${run.folder}/${NAME}`), before);
}

Deno.test({
  name: "install.sh: the latest release goes into ~/.local/bin, runs, and reports what it did",
  ignore,
  async fn() {
    const run = await install(GOOD);
    assert.equal(run.code, 0, run.said);
    assert.deepEqual(run.installed, [NAME]);
    assert.equal(Deno.readTextFileSync(`${run.folder}/${NAME}`), PROGRAM);
    assert.equal((Deno.statSync(`${run.folder}/${NAME}`).mode ?? 0) & 0o777, 0o755);
    assert.match(run.said, /The checksum is right\./);
    assert.match(run.said, /Not checked: who built it/);
    assert.match(run.said, /not on your PATH/);
    assert.equal(run.stdout, "");
    // Nothing else in the home folder: no shell's profile was touched.
    assert.deepEqual(names(run.home).toSorted(), [".local", "install.sh"]);
  },
});

Deno.test({
  name:
    "install.sh: --version and --dir are taken, a certain version asks nobody for the latest one, an old program is replaced",
  ignore,
  async fn() {
    const folder = `${freshFolder("install")}/a b`;
    const run = await install(GOOD, { args: ["--version", `v${VERSION}`, "--dir", folder] });
    assert.equal(run.code, 0, run.said);
    assert.deepEqual(names(folder), [NAME]);
    assert.deepEqual(run.installed, []);
    assert.ok(!run.asked.includes("/latest"));
    const again = await install(GOOD, { before: "#!/bin/sh\necho old\n" });
    assert.equal(again.code, 0, again.said);
    assert.equal(Deno.readTextFileSync(`${again.folder}/${NAME}`), PROGRAM);
  },
});

Deno.test({
  name: "install.sh: an archive that is not the one of SHA256SUMS is not installed, and the old program stays",
  ignore,
  async fn() {
    const corrupted = archive.slice();
    corrupted[corrupted.length >> 1]! ^= 1;
    const before = "#!/bin/sh\necho old\n";
    const other = await pack({ [NAME]: "#!/bin/sh\necho evil\n" });
    for (const body of [corrupted, other, archive.slice(0, -1), new Uint8Array()]) {
      refused(await install({ ...GOOD, [ARCHIVE]: { body } }, { before }), /cannot trust .*: its checksum is/, before);
    }
  },
});

Deno.test({
  name: "install.sh: without a checksum for the archive, or with a damaged or doubled one, nothing is installed",
  ignore,
  async fn() {
    const [sum = ""] = SUMS.split("\n")[1]?.split(" ") ?? [];
    for (
      const [text, reason] of [
        [SUMS.split("\n")[0] + "\n", /does not name it/],
        ["", /does not name it/],
        [`${sum}  x${ARCHIVE}\n${sum}  ${ARCHIVE}.asc\n`, /does not name it/],
        [`${sum.slice(0, 63)}  ${ARCHIVE}\n`, /cannot trust/],
        [`${"g".repeat(64)}  ${ARCHIVE}\n`, /is damaged/],
        [`${sum}  ${ARCHIVE}\n${"0".repeat(64)}  ${ARCHIVE}\n`, /is damaged/],
      ] as const
    ) refused(await install({ ...GOOD, SHA256SUMS: { body: text } }), reason);
    refused(await install({ ...GOOD, SHA256SUMS: "not found" }), /cannot download SHA256SUMS/);
    refused(await install({ ...GOOD, [ARCHIVE]: "not found" }), /cannot download onelogin/);
  },
});

Deno.test({
  name: "install.sh: a download that is cut off installs nothing",
  ignore,
  async fn() {
    refused(await install({ ...GOOD, [ARCHIVE]: { body: archive, cutAfter: 100 } }), /cannot download|cannot trust/);
    refused(
      await install({ ...GOOD, SHA256SUMS: { body: SUMS, cutAfter: 120 } }),
      /cannot download|does not name it/,
    );
  },
});

Deno.test({
  name: "install.sh: a script that was cut off anywhere does nothing",
  ignore,
  async fn() {
    const script = Deno.readTextFileSync(SCRIPT);
    const whole = script.trimEnd().length;
    for (const share of [0.25, 0.5, 0.75, 0.9, 0.99]) {
      const run = await install(GOOD, { script: script.slice(0, Math.floor(whole * share)) });
      assert.deepEqual([run.installed, run.asked], [[], []], `${share}: ${run.said}`);
    }
    // Without its last word: the last line is the only one that starts anything.
    const run = await install(GOOD, { script: script.slice(0, script.lastIndexOf("main")) });
    assert.deepEqual([run.installed, run.asked], [[], []]);
  },
});

Deno.test({
  name: "install.sh: an archive with a link, another version or nothing in place of the program is refused",
  ignore,
  async fn() {
    for (
      const [files, reason] of [
        [{ other: PROGRAM }, /cannot find onelogin/],
        [{ [NAME]: { link: "/bin/echo" } }, /cannot find onelogin/],
        [{ [NAME]: "#!/bin/sh\necho something else\n" }, /it says it is "something else"/],
        [{ [NAME]: `#!/bin/sh\necho "${NAME} ${VERSION}5"\n` }, /cannot trust the new program/],
        [{ [NAME]: "#!/bin/sh\nexit 3\n" }, /cannot run the new program/],
      ] as const
    ) {
      const body = await pack(files);
      refused(await install({ SHA256SUMS: { body: await sums({ [ARCHIVE]: body }) }, [ARCHIVE]: { body } }), reason);
    }
  },
});

Deno.test({
  name: "install.sh: a system or machine without a release is named, and nothing is downloaded",
  ignore,
  async fn() {
    for (
      const [system, machine, reason] of [
        ["FreeBSD", "amd64", /cannot install on "FreeBSD"/],
        ["Linux", "riscv64", /cannot install on "riscv64"/],
        ["MINGW64_NT-10.0", "x86_64", /use install\.ps1/],
      ] as const
    ) {
      const run = await install(GOOD, { system, machine });
      refused(run, reason);
      assert.deepEqual(run.asked, []);
    }
    for (const [system, machine, words] of [["Darwin", "arm64", "macos-arm64"], ["Linux", "aarch64", "linux-arm64"]]) {
      const run = await install(GOOD, { system, machine } as Options);
      assert.ok(run.asked.includes(`/download/v${VERSION}/${NAME}-${VERSION}-${words}.tar.gz`), run.asked.join(" "));
    }
  },
});

Deno.test({
  name: "install.sh: with the GitHub CLI signed in the attestation decides",
  ignore,
  async fn() {
    const gh = (verify: string) => `case "$1" in auth) exit 0 ;; attestation) ${verify} ;; esac`;
    const good = await install(GOOD, {
      gh: gh(
        `case "$*" in *.tar.gz" --repo ${REPOSITORY} --signer-workflow ${REPOSITORY}/.github/workflows/release.yml") exit 0 ;; esac; exit 1`,
      ),
    });
    assert.equal(good.code, 0, good.said);
    assert.match(good.said, /The attestation is right\./);
    refused(await install(GOOD, { gh: gh("exit 1") }), /gh could not verify/);
  },
});

Deno.test({
  name: "install.sh: --require-attestation installs nothing that gh did not verify, signed in or not",
  ignore,
  async fn() {
    const args = ["--require-attestation"];
    const gh = (verify: string) => `case "$1" in attestation) ${verify} ;; *) exit 1 ;; esac`;
    refused(await install(GOOD, { args, gh: gh("exit 4") }), /gh could not verify/);
    const good = await install(GOOD, { args, gh: gh("exit 0") });
    assert.equal(good.code, 0, good.said);
    assert.match(good.said, /The attestation is right\./);
    // As if there were none: every program but gh, by link.
    const tools = freshFolder("install");
    for (
      const tool of ["curl", "tar", "gzip", "mktemp", "awk", "sha256sum", "shasum", "cut", "grep", "rm", "cp", "sh"]
    ) {
      const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${tool}`] }).output();
      const path = new TextDecoder().decode(stdout).trim();
      if (path !== "") Deno.symlinkSync(path, `${tools}/${tool}`);
    }
    refused(await install(GOOD, { args, gh: "missing", path: tools }), /gh\) is not installed/);
  },
});

Deno.test({
  name: "install.sh: the new program is started without any variable of the shell, a token above all",
  ignore,
  async fn() {
    const body = await pack({
      [NAME]: `#!/bin/sh\n[ -z "$GH_TOKEN$SECRET" ] || exit 9\necho "${NAME} ${VERSION} (test)"\n`,
    });
    const release = { SHA256SUMS: { body: await sums({ [ARCHIVE]: body }) }, [ARCHIVE]: { body } };
    const run = await install(release, { env: { GH_TOKEN: "token", SECRET: "x" } });
    assert.equal(run.code, 0, run.said);
  },
});

Deno.test({
  name: "install.sh: other options, other addresses and odd versions are refused before anything is sent",
  ignore,
  async fn() {
    for (
      const [options, reason] of [
        [{ args: ["--prefix", "/usr"] }, /there is no such option/],
        [{ args: ["--version"] }, /needs a value/],
        [{ args: ["--version", "../../evil"] }, /cannot use the version/],
        [{ args: ["--version", "3.0.0;id"] }, /cannot use the version/],
        [{ releases: "http://example.com/releases" }, /neither https nor on this machine/],
        [{ releases: "file:///tmp" }, /neither https nor on this machine/],
        [{ releases: "http://127.0.0.1:x@example.com/" }, /contains a user name/],
        [{ releases: "https://github.com:x@example.com/" }, /contains a user name/],
        [{ releases: "http://localhost:8080.example.com/" }, /is not a port/],
        [{ releases: "http://127.0.0.1.example.com/" }, /neither https nor on this machine/],
        [{ releases: "http://localhost%2eexample.com/" }, /neither https nor on this machine/],
        [{ releases: "http://localhost\\@example.com/" }, /other characters/],
        [{ releases: "https://example.com/?x=" }, /other characters/],
        [{ releases: "https://{a,b}.example.com/" }, /other characters/],
        [{ releases: "https:///releases" }, /names no host/],
      ] as const
    ) {
      const run = await install(GOOD, options);
      refused(run, reason);
      assert.deepEqual(run.asked, []);
    }
    assert.match((await install(GOOD, { args: ["--help"] })).stdout, /^usage: install\.sh/);
  },
});

const built = ignore || Deno.build.target !== "x86_64-unknown-linux-gnu" ? undefined : await builtVersion();
if (built === undefined) console.error(`the built program is not installed in a test: there is no dist/${NAME}`);

Deno.test({
  name: "install.sh: installs the program that was built here, and it logs in",
  ignore: built === undefined,
  async fn() {
    const version = built ?? "";
    const inside = `${NAME}-${version}-linux-x64`;
    const body = await pack({ [NAME]: await Deno.readFile(BUILT) }, inside);
    const name = `${inside}.tar.gz`;
    const home = freshFolder("install");
    const files: Record<string, Uint8Array<ArrayBuffer> | string> = {
      [name]: body,
      SHA256SUMS: `${await sha256(body)}  ${name}\n`,
    };
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const file = files[new URL(request.url).pathname.split("/").at(-1) ?? ""];
      return file === undefined ? new Response(null, { status: 404 }) : new Response(file);
    });
    const { code, stderr } = await new Deno.Command("sh", {
      args: [SCRIPT, "--version", version],
      env: { HOME: home, PATH: Deno.env.get("PATH") ?? "", OLAWS_RELEASES_URL: `http://127.0.0.1:${server.addr.port}` },
      clearEnv: true,
      stdin: "null",
    }).output();
    await server.shutdown();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const program = `${home}/.local/bin/${NAME}`;
    const ran = await new Deno.Command(program, { args: ["--version"], stdin: "null" }).output();
    assert.ok(new TextDecoder().decode(ran.stdout).startsWith(`${NAME} ${version}`));
    await withSimulator(ada(), async (simulator) => {
      const args = [...ADMIN, "--no-input", "--profile", "dev"];
      const login = await runInstalled(simulator, { program: [program], args });
      assert.equal(login.code, 0, login.stderr);
      assert.match(login.file(".aws/credentials"), /^\[dev\]\naws_access_key_id = ASIA/m);
      assert.equal(simulator.to("AssumeRoleWithSAML").length, 1);
    });
  },
});

async function builtVersion(): Promise<string | undefined> {
  try {
    const { stdout, success } = await new Deno.Command(BUILT, { args: ["--version"], stdin: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim().split(" ")[1] : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const shellcheck = await has("shellcheck");
if (!shellcheck) console.error("install.sh is not checked by shellcheck: it is not installed");

Deno.test({
  name: "install.sh: shellcheck finds nothing",
  ignore: !shellcheck,
  async fn() {
    const { stdout } = await new Deno.Command("shellcheck", { args: ["--shell=sh", SCRIPT] }).output();
    assert.equal(new TextDecoder().decode(stdout), "");
  },
});

async function has(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
