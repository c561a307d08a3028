/**
 * Runs the real program as a process in a home of its own, and looks for secrets in everything it leaves behind.
 *
 * `OLAWS_BIN` names the program to run. Without it Deno runs main.ts with the flags of the `start` task in deno.json, or the
 * bundle of it that `OLAWS_MAIN` names (`deno task test` makes one, since it starts faster).
 */
import assert from "node:assert/strict";
import { ROOT, shippedFlags } from "../scripts/start_task.ts";
import { DEMO_SCENARIO } from "../simulator/demo_world.ts";
import { type Scenario, type Secret, type SecretKind, type Simulator, startSimulator } from "../simulator/server.ts";

/** A file to put in place; a plain text gets mode 0600. */
export type FileText = string | { readonly text: string; readonly mode: number };

/** Settings of the demo world, for `files`: everything but the password, the second factor and the role. */
export const defaultFiles: Readonly<Record<string, FileText>> = {
  ".onelogin/onelogin.sdk.json": JSON.stringify({
    client_id: DEMO_SCENARIO.clientId,
    client_secret: DEMO_SCENARIO.clientSecret,
    region: "us",
    ip: "",
  }),
  ".onelogin/onelogin.aws.json": JSON.stringify({
    app_id: DEMO_SCENARIO.apps[0]?.id ?? "",
    subdomain: DEMO_SCENARIO.subdomain,
    username: DEMO_SCENARIO.users[0]?.email ?? "",
    aws_region: "us-east-1",
  }),
};

/** Where the program may leave secrets, and of which kind. Files are relative to HOME; a folder ends with a slash. */
export interface Allowed {
  /** By default what the command is for: credentials for a login, a sign-in token for `console`, else nothing. */
  readonly stdout?: readonly SecretKind[];
  readonly stderr?: readonly SecretKind[];
  /** Besides {@linkcode ALLOWED_FILES}. What a file held before the run it may always hold. */
  readonly files?: Readonly<Record<string, readonly SecretKind[]>>;
}

const CREDENTIALS: readonly SecretKind[] = ["secret-key", "session-token"];

const ALLOWED_FILES: Readonly<Record<string, readonly SecretKind[]>> = {
  ".aws/credentials": CREDENTIALS,
  ".aws/saml_cache.txt": ["assertion"],
  ".onelogin/cache/": [...CREDENTIALS, "assertion"],
};

/** What a program is started with, in a process or on a terminal. */
export interface Start {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to HOME. */
  readonly files?: Readonly<Record<string, FileText>>;
  readonly cwdFiles?: Readonly<Record<string, FileText>>;
  /** Fresh ones by default; those of another run to continue where it ended. */
  readonly home?: string;
  readonly cwd?: string;
  readonly simulator?: Simulator;
  readonly allow?: Allowed;
  /** Instead of the program under test: the command and its first arguments. */
  readonly program?: readonly string[];
}

export interface RunOptions extends Start {
  /** A text, lines to be ended, nothing ("closed", the default), or answers given while it runs. */
  readonly stdin?: "closed" | string | readonly string[] | ((run: LiveRun) => Promise<void>);
  /** Milliseconds; the run is killed and the test fails. Default 30 s. */
  readonly timeoutMs?: number;
}

/** A run that is under way. */
export interface LiveRun {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  write(text: string | Uint8Array): Promise<void>;
  /** Ends stdin. */
  close(): Promise<void>;
  /** Waits for a text or pattern on stderr (or stdout). Throws after `timeoutMs`, or when the run ends without it. */
  waitFor(expected: string | RegExp, options?: { stream?: "stdout" | "stderr"; timeoutMs?: number }): Promise<void>;
  /** Waits until the condition is true, checking as often as the system allows. Throws after 10 s, or when the run ends before. */
  until(holds: () => boolean): Promise<void>;
  kill(signal: Deno.Signal): void;
}

interface TreeEntry {
  /** Relative to HOME, with slashes. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Permission bits; undefined on Windows. */
  readonly mode: number | undefined;
  /** UTF-8; empty for what is no file. */
  readonly text: string;
}

/** What a home looks like after a run. */
export interface Home {
  readonly home: string;
  readonly cwd: string;
  /** The text of a file under HOME. */
  file(path: string): string;
  exists(path: string): boolean;
  /** Everything under HOME, sorted by path. */
  tree(): readonly TreeEntry[];
}

export interface RunResult extends Home {
  readonly code: number;
  /** The signal that ended the program, when one did. */
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end and checks that no secret and no stack is where it should not be. */
export async function runProgram(options: RunOptions): Promise<RunResult> {
  const prepared = await prepare(options);
  const { stdin = "closed", timeoutMs = 30_000 } = options;
  const [command, ...args] = prepared.command;
  const child = new Deno.Command(command!, {
    args,
    cwd: prepared.cwd,
    env: prepared.env,
    clearEnv: true,
    stdin: stdin === "closed" ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const streams = { stdout: "", stderr: "" };
  const collected = Promise.all([
    collect(child.stdout, (text) => streams.stdout += text),
    collect(child.stderr, (text) => streams.stderr += text),
  ]);
  let ended = false;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill(child, "SIGKILL");
  }, timeoutMs);
  const writer = stdin === "closed" ? undefined : child.stdin.getWriter();
  const close = async () => void await writer?.close().catch(() => {});
  // A program that ends without reading its input breaks the pipe; that is no fault of the test.
  const write = async (text: string | Uint8Array) => {
    await writer?.write(typeof text === "string" ? new TextEncoder().encode(text) : text).catch(() => {});
  };
  const live: LiveRun = {
    pid: child.pid,
    stdout: () => streams.stdout,
    stderr: () => streams.stderr,
    write,
    close,
    kill: (signal) => kill(child, signal),
    async until(holds) {
      const deadline = Date.now() + 10_000;
      while (!holds()) {
        if (ended || Date.now() > deadline) throw new Error(`what was waited for did not come\n${show(streams)}`);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    },
    async waitFor(expected, { stream = "stderr", timeoutMs: waitMs = 10_000 } = {}) {
      const deadline = Date.now() + waitMs;
      const seen = () =>
        typeof expected === "string" ? streams[stream].includes(expected) : expected.test(streams[stream]);
      while (!seen()) {
        if (ended || Date.now() > deadline) {
          throw new Error(
            `${ended ? "the program ended" : `waited ${waitMs} ms`} without ${expected} on ${stream}\n${show(streams)}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
  const feed = async () => {
    if (stdin === "closed") return;
    if (typeof stdin === "function") await stdin(live);
    else await write(typeof stdin === "string" ? stdin : stdin.map((line) => `${line}\n`).join(""));
    await close();
  };
  const feeding = feed().catch(async (error: unknown) => {
    kill(child, "SIGKILL");
    await close();
    return { error };
  });
  const status = await child.status;
  ended = true;
  clearTimeout(timer);
  await collected;
  const failed = await feeding;
  if (timedOut) {
    throw new Error(`killed after ${timeoutMs} ms: ${prepared.command.join(" ")}\n${show(streams)}`);
  }
  if (failed) throw failed.error;
  const result = { ...homeOf(prepared), code: status.code, signal: status.signal, ...streams };
  checkTraces(options, prepared, result);
  return result;
}

/** Runs `fn` with a simulator and fails when it saw a request that is not allowed, or missed a trouble arranged for. */
export async function withSimulator(
  scenario: Partial<Scenario>,
  fn: (simulator: Simulator) => Promise<void>,
): Promise<void> {
  await using simulator = await startSimulator(scenario);
  try {
    await fn(simulator);
  } catch (error) {
    if (error instanceof Error && simulator.unexpected.length > 0) {
      error.message += `\nthe simulator noted:\n  ${simulator.unexpected.join("\n  ")}`;
    }
    throw error;
  }
  const listed = (what: string, lines: readonly string[]) => `${what}:\n  ${lines.join("\n  ")}`;
  assert.ok(
    simulator.unexpected.length === 0,
    listed("requests that the services do not document", simulator.unexpected),
  );
  const logins = simulator.requests.filter(({ route }) => /^token|^assertion$/.test(route)).length;
  assert.ok(simulator.openings.length <= logins, "a connection to STS was opened by a run that did not sign in");
  assert.ok(simulator.unmet.length === 0, listed("trouble that no request met", simulator.unmet));
}

// ---- Starting -----------------------------------------------------------------------------------------------------

export interface Prepared {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly cwd: string;
  readonly before: readonly TreeEntry[];
}

/** Makes the home, the working folder, the environment and the command of a run. */
export async function prepare(start: Start): Promise<Prepared> {
  const home = start.home ?? freshFolder("home");
  const cwd = start.cwd ?? freshFolder("cwd");
  putFiles(home, start.files ?? {});
  putFiles(cwd, start.cwdFiles ?? {});
  start.simulator?.beginRun();
  return {
    command: [...(start.program ?? await programCommand()), ...start.args],
    env: { ...await baseEnvironment(home, start.program === undefined), ...start.simulator?.env, ...start.env },
    home,
    cwd,
    before: treeOf(home),
  };
}

/** The command that starts the program, without its arguments. */
export async function programCommand(): Promise<readonly string[]> {
  const binary = Deno.env.get("OLAWS_BIN");
  if (binary) return [Deno.realPathSync(binary)];
  return [
    Deno.execPath(),
    "run",
    ...await shippedFlags(),
    pathOf(new URL(Deno.env.get("OLAWS_MAIN") ?? "main.ts", ROOT)),
  ];
}

let denoDir: Promise<string> | undefined;

/** Nothing but what a program needs to start; Deno itself gets its cache, which otherwise lies in the real HOME. */
async function baseEnvironment(home: string, underTest: boolean): Promise<Record<string, string>> {
  const inherited = ["PATH", ...(Deno.build.os === "windows" ? ["SystemRoot", "TEMP", "TMP", "PATHEXT"] : [])];
  const own = inherited.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const base = { ...Object.fromEntries(own), HOME: home, TERM: "xterm-256color" };
  const windows = Deno.build.os === "windows" ? { USERPROFILE: home } : {};
  if (underTest && Deno.env.get("OLAWS_BIN")) return { ...base, ...windows };
  denoDir ??= findDenoDir();
  const store = Deno.env.get("DENO_TLS_CA_STORE");
  return {
    ...base,
    ...windows,
    DENO_DIR: await denoDir,
    DENO_NO_UPDATE_CHECK: "1",
    ...(store === undefined ? {} : { DENO_TLS_CA_STORE: store }),
  };
}

async function findDenoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

let scratch: string | undefined;

/** A folder that is removed when the test file ends. */
export function freshFolder(name: string): string {
  if (scratch === undefined) {
    const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "olaws_" }));
    scratch = folder;
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  }
  return Deno.makeTempDirSync({ dir: scratch, prefix: `${name}_` });
}

function putFiles(folder: string, files: Readonly<Record<string, FileText>>): void {
  for (const [path, content] of Object.entries(files)) {
    const { text, mode } = typeof content === "string" ? { text: content, mode: 0o600 } : content;
    const target = `${folder}/${path}`;
    Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(target, text);
    if (Deno.build.os !== "windows") Deno.chmodSync(target, mode);
  }
}

function pathOf(url: URL): string {
  return decodeURIComponent(Deno.build.os === "windows" ? url.pathname.slice(1) : url.pathname);
}

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
  add(decoder.decode());
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended already.
  }
}

function show(streams: { readonly stdout: string; readonly stderr: string }): string {
  return `--- stdout\n${streams.stdout}\n--- stderr\n${streams.stderr}`;
}

// ---- Looking at what is left --------------------------------------------------------------------------------------

export function homeOf({ home, cwd }: { readonly home: string; readonly cwd: string }): Home {
  return {
    home,
    cwd,
    file: (path) => Deno.readTextFileSync(`${home}/${path}`),
    exists: (path) => factsOf(`${home}/${path}`) !== undefined,
    tree: () => treeOf(home),
  };
}

function treeOf(folder: string, prefix = ""): readonly TreeEntry[] {
  return Array.from(Deno.readDirSync(folder))
    .sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap((entry): readonly TreeEntry[] => {
      const path = prefix + entry.name;
      const full = `${folder}/${entry.name}`;
      const info = factsOf(full);
      // Another run in the same home has removed it since.
      if (info === undefined) return [];
      const mode = Deno.build.os === "windows" ? undefined : (info.mode ?? 0) & 0o777;
      if (entry.isDirectory) return [{ path, kind: "directory", mode, text: "" }, ...treeOf(full, `${path}/`)];
      return entry.isSymlink
        ? [{ path, kind: "symlink", mode, text: "" }]
        : [{ path, kind: "file", mode, text: readable(full) }];
    });
}

function factsOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A test may have taken the right to read a file away; another run may have taken the file away. */
function readable(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Throws when a secret or a stack is where it does not belong. */
export function checkTraces(
  start: Start,
  prepared: Prepared,
  streams: { readonly stdout: string; readonly stderr: string },
): void {
  for (const [name, text] of Object.entries({ stdout: streams.stdout, stderr: streams.stderr })) {
    if (/^ {4}at \S|error: Uncaught/m.test(text)) throw new Error(`a stack on ${name}:\n${text}`);
  }
  const secrets = start.simulator?.secrets ?? [];
  const allow = start.allow ?? {};
  const complain = (where: string, kinds: readonly SecretKind[]) => {
    if (kinds.length > 0) throw new Error(`${where} contains a secret: ${kinds.join(", ")}`);
  };
  complain("stdout", leaks(streams.stdout, secrets, allow.stdout ?? defaultStdout(start.args)));
  complain("stderr", leaks(streams.stderr, secrets, allow.stderr ?? []));
  const allowedFiles = { ...ALLOWED_FILES, ...allow.files };
  for (const folder of new Set([prepared.home, prepared.cwd])) {
    for (const entry of treeOf(folder)) {
      const old = folder === prepared.home
        ? prepared.before.find((candidate) => candidate.path === entry.path)
        : { text: givenText(start.cwdFiles?.[entry.path]) };
      const allowed = folder === prepared.home
        ? Object.entries(allowedFiles).filter(([path]) =>
          path.endsWith("/") ? entry.path.startsWith(path) : entry.path === path
        ).flatMap(([, kinds]) => kinds)
        : [];
      const before = old === undefined ? [] : leaks(old.text, secrets, []);
      const found = leaks(entry.text, secrets, []);
      complain(`${folder}/${entry.path}`, found.filter((kind) => !allowed.includes(kind) && !before.includes(kind)));
      if (found.length > 0 && old === undefined && entry.mode !== undefined && (entry.mode & 0o077) !== 0) {
        throw new Error(`${folder}/${entry.path} contains ${found.join(", ")} and has mode 0${entry.mode.toString(8)}`);
      }
    }
  }
}

function givenText(content: FileText | undefined): string {
  return content === undefined ? "" : typeof content === "string" ? content : content.text;
}

function defaultStdout(args: readonly string[]): readonly SecretKind[] {
  switch (args[0]) {
    case "console":
      return ["signin-token"];
    case "roles":
    case "status":
    case "doctor":
    case "configure":
    case "logout":
    case "completion":
      return [];
    default:
      return CREDENTIALS;
  }
}

/** The kinds of secrets in a text that are not allowed there. */
export function leaks(
  text: string,
  secrets: readonly Secret[],
  allowed: readonly SecretKind[],
): readonly SecretKind[] {
  if (text === "") return [];
  const found = secrets.filter(({ kind, value }) => !allowed.includes(kind) && holds(text, kind, value));
  return [...new Set(found.map(({ kind }) => kind))];
}

function holds(text: string, kind: SecretKind, value: string): boolean {
  if (value === "") return false;
  // Six digits may be part of a longer number; a code is not.
  if (kind === "code") return new RegExp(`(?<![0-9A-Za-z])${value}(?![0-9A-Za-z])`).test(text);
  const forms = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
  // The end of the base64 form depends on what follows.
  if (value.length >= 8) forms.push(base64(value).slice(0, -4));
  return forms.some((form) => text.includes(form));
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
