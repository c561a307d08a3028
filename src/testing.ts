/**
 * Fakes for unit tests: a world without Deno, disk, network or time. Imported by tests only (a house rule checks it).
 */

import assert from "node:assert/strict";
import { Exit, type ExitCode, UserError, visibleLines } from "./errors.ts";
import { setImmediate } from "node:timers";
import { parseArgv } from "./argv/parse.ts";
import { type Replies, simulatedHttp } from "../simulator/in_process.ts";
import type { Scenario } from "../simulator/scenario.ts";
import type { Settings } from "./settings/settings.ts";
import type { Clock, Deps, Files, Http, HttpReply, HttpRequest, Platform, Terminal } from "./io/deps.ts";
import type { ChooseQuestion, Prompter, Question, Reporter } from "./io/prompter.ts";
import type { Context } from "./settings/context.ts";
import { cannotAsk } from "./ui/prompts/none.ts";
import { utf8 } from "./utf8.ts";

/**
 * Nothing listens there, and no other test gets it: only root could listen. A port that was free may be taken meanwhile, and
 * `fetch` refuses some, such as 1.
 */
export const CLOSED_PORT = 3;

/** The platform that the tests run on, for tests that use real files. */
export const PLATFORM: Platform = Deno.build.os === "windows" ? "windows" : "linux";

/** A clock that moves only during a sleep. `at` is its time; milliseconds since the epoch. */
export function fakeClock(
  start = Date.parse("2027-01-15T08:30:00Z"),
): Clock & { at: number; readonly slept: number[] } {
  const clock = {
    at: start,
    slept: [] as number[],
    now: () => clock.at,
    sleep(ms: number, signal?: AbortSignal): Promise<void> {
      if (signal?.aborted) return Promise.reject(signal.reason);
      // Yields, so that a competing task gets a turn, then jumps.
      return new Promise((resolve, reject) =>
        setImmediate(() => {
          if (signal?.aborted) return reject(signal.reason);
          clock.slept.push(ms);
          clock.at += ms;
          resolve();
        })
      );
    },
  };
  return clock;
}

/** Answers each request with a function; records the requests. */
export function fakeHttp(
  answer: (request: HttpRequest, index: number) => HttpReply | Promise<HttpReply>,
): Http & { readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    open() {},
    async send(request) {
      if (request.signal?.aborted) throw request.signal.reason;
      requests.push(request);
      return await answer(request, requests.length - 1);
    },
  };
}

/** What `orUserError()` or `.catch(userError)` gave, which must be a UserError with this exit code. */
export function refused(result: unknown, exit: ExitCode = Exit.usage): UserError {
  if (!(result instanceof UserError)) throw new Error(`accepted: ${JSON.stringify(result)}`);
  assert.equal(result.exit, exit, result.message);
  return result;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpReply {
  return { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

/** Files in memory, enough for the rooms above io. */
export function fakeFiles(
  initial: Readonly<Record<string, string>> = {},
): Files & { readonly contents: Map<string, string> } {
  const contents = new Map(Object.entries(initial));
  const encode = (text: string) => utf8(text);
  const isFolder = (path: string) => [...contents.keys()].some((name) => name.startsWith(`${path}/`));
  const stat = (path: string) => {
    const text = contents.get(path);
    if (text !== undefined) return { kind: "file" as const, mode: 0o600, size: text.length, modified: 0 };
    return isFolder(path) ? { kind: "directory" as const, mode: 0o700, size: 0, modified: 0 } : undefined;
  };
  return {
    contents,
    read: (path) => Promise.resolve(contents.has(path) ? encode(contents.get(path) ?? "") : undefined),
    stat: (path) => Promise.resolve(stat(path)),
    lstat: (path) => Promise.resolve(stat(path)),
    realPath: (path) => Promise.resolve(stat(path) ? path : undefined),
    readLink: (path) => Promise.reject(new Error(`${path} is no link`)),
    list: (path) =>
      Promise.resolve(
        [...contents.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1))
          .sort(),
      ),
    makeDir: () => Promise.resolve(),
    createNew(path, bytes) {
      contents.set(path, new TextDecoder().decode(bytes));
      return Promise.resolve({ kind: "file", mode: 0o600, size: bytes.length, modified: 0 });
    },
    user: () => Promise.resolve(undefined),
    rename(from, to) {
      contents.set(to, contents.get(from) ?? "");
      contents.delete(from);
      return Promise.resolve();
    },
    isMounted: () => Promise.resolve(false),
    overwrite: (path, bytes) => Promise.resolve(void (bytes && contents.set(path, new TextDecoder().decode(bytes)))),
    remove: (path) => Promise.resolve(void contents.delete(path)),
    syncDir: () => Promise.resolve(),
    lock: () => Promise.resolve({ release: () => Promise.resolve() }),
  };
}

/** Streams in memory; stdin returns the given lines, then ends. */
export function fakeTerminal(lines: readonly string[] = []): Terminal & { out: string; err: string } {
  const rest = lines[Symbol.iterator]();
  const next = () => Promise.resolve(rest.next().value as string | undefined);
  const terminal = {
    out: "",
    err: "",
    stdinIsTerminal: false,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: () => 80,
    writeOut: (text: string) => void (terminal.out += text),
    writeErr: (text: string) => void (terminal.err += visibleLines(text)),
    draw: (text: string) => void (terminal.err += text),
    readLine: next,
    readSecretLine: next,
    readAll: next,
  };
  return terminal;
}

/**
 * A simulated user: answers questions in turn, with text, or with a label (or part of it) for a choice. `undefined` never answers
 * (until the question is aborted). Running out of answers is the end of the input.
 */
export function fakePrompter(
  answers: readonly (string | undefined)[],
  kind: Prompter["kind"] = "terminal",
): Prompter & { readonly asked: string[] } {
  const rest = [...answers];
  const asked: string[] = [];
  async function next(question: Question): Promise<string> {
    asked.push(question.message);
    if (kind === "none" || rest.length === 0) throw cannotAsk(question, "the input has ended");
    const answer = rest.shift();
    if (answer !== undefined) return answer;
    return await new Promise<never>((_, reject) => {
      question.signal?.addEventListener("abort", () => reject(question.signal?.reason), { once: true });
    });
  }
  function find<T>(question: ChooseQuestion<T>, label: string): T {
    const choice = question.choices.find((each) => each.label === label) ??
      question.choices.find((each) => each.label.includes(label));
    if (!choice) throw new Error(`"${label}" is not offered: ${question.choices.map((each) => each.label).join("; ")}`);
    return choice.value;
  }
  return {
    kind,
    ...(kind === "lines" ? { piped: { outOfStep: () => {} } } : {}),
    asked,
    text: async (question) => (await next(question)) || (question.fallback ?? ""),
    secret: next,
    choose: async (question) => find(question, await next(question)),
    chooseMany: async (question) => (await next(question)).split(",").map((label) => find(question, label.trim())),
    confirm: async (question) => /^y/i.test(await next(question)),
  };
}

export function fakeReporter(): Reporter & { readonly lines: string[]; readonly updates: string[] } {
  const lines: string[] = [];
  const updates: string[] = [];
  return {
    lines,
    updates,
    info: (text) => void lines.push(text),
    warn: (text) => void lines.push(`warning: ${text}`),
    detail: (text) => void lines.push(`detail: ${text}`),
    ring: () => void lines.push("(bell)"),
    progress: (text) => {
      lines.push(text);
      return {
        update: (next) => void updates.push(next),
        end: (last) => void (last === undefined ? 0 : lines.push(last)),
      };
    },
  };
}

export function fakeDeps(parts: Partial<Deps> = {}): Deps {
  return {
    commandLine: parseArgv([]),
    env: {},
    cwd: "/work",
    platform: "linux",
    clock: fakeClock(),
    http: fakeHttp(() => Promise.reject(new Error("no request is expected"))),
    files: fakeFiles(),
    terminal: fakeTerminal(),
    random: () => 0,
    hashRounds: 1,
    signal: new AbortController().signal,
    catchSignals: () => {},
    ...parts,
  };
}

/** Complete settings of a user whose login needs no question; `parts` replaces. */
export function fakeSettings(parts: Partial<Settings> = {}): Settings {
  const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });
  return {
    clientId: set("client-id"),
    clientSecret: set("client-secret"),
    region: set("us" as const),
    username: set("ada"),
    password: set("right"),
    appId: set("123456"),
    subdomain: set("acme"),
    samlApiVersion: set(2 as const),
    duration: set(3600),
    awsRegion: set("eu-west-1"),
    time: set(45),
    loop: set(1),
    interactive: false,
    cacheSaml: false,
    roleOrder: false,
    roles: [],
    allRoles: false,
    profileTemplate: set("{alias|account}-{role}"),
    chainRoleArn: [],
    policyArn: [],
    mfaTimeout: 90,
    timeout: 30,
    passwordStdin: false,
    samlResponseStdin: false,
    browser: set(false),
    browserTimeout: 300,
    noInput: false,
    force: false,
    regionIn: set("credentials" as const),
    verify: false,
    importTeam: false,
    exportTeam: false,
    fips: false,
    dualStack: false,
    quiet: false,
    verbose: false,
    noColor: false,
    accounts: new Map(),
    credentialsFile: "/home/ada/.aws/credentials",
    configFile: "/home/ada/.aws/config",
    oneloginFolder: "/home/ada/.onelogin",
    awsFolder: "/home/ada/.aws",
    oneloginUrl: set("https://api.us.onelogin.com"),
    ...parts,
  } as Settings;
}

export function fakeContext(parts: {
  readonly deps?: Partial<Deps>;
  readonly settings?: Partial<Settings>;
  readonly prompter?: Prompter;
  readonly reporter?: Reporter;
} = {}): Context {
  return {
    deps: fakeDeps(parts.deps),
    settings: fakeSettings(parts.settings),
    prompter: parts.prompter ?? fakePrompter([], "none"),
    reporter: parts.reporter ?? fakeReporter(),
  };
}

/** A step and its services: the context, and what the test inspects afterwards. */
export function simulatedContext(options: {
  readonly scenario?: Partial<Scenario>;
  readonly replies?: Replies;
  readonly settings?: Partial<Settings>;
  readonly prompter?: Prompter;
  readonly deps?: Partial<Deps>;
} = {}) {
  const clock = fakeClock();
  const http = simulatedHttp(clock, options.scenario, options.replies);
  const reporter = fakeReporter();
  const files = fakeFiles();
  const { scenario: _scenario, replies: _replies, ...parts } = options;
  const context = fakeContext({ ...parts, reporter, deps: { clock, http, files, ...options.deps } });
  return { clock, http, reporter, files, context };
}

/** AWS's answer to AssumeRoleWithSAML. */
export function stsGrants(roleArn: string, expiration: number): HttpReply {
  const [, , , , account, resource = ""] = roleArn.split(":");
  const name = resource.split("/").at(-1);
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: `<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithSAMLResult>` +
      `<AssumedRoleUser><AssumedRoleId>AROAQEXAMPLEEXAMPLE77:ada</AssumedRoleId>` +
      `<Arn>arn:aws:sts::${account}:assumed-role/${name}/ada@example.com</Arn></AssumedRoleUser>` +
      `<Credentials><AccessKeyId>ASIAQEXAMPLEEXAMPLE7</AccessKeyId>` +
      `<SecretAccessKey>wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYexampleSK</SecretAccessKey>` +
      `<SessionToken>IQoJb3JpZ2luX2VjEXAMPLEtoken+/==</SessionToken>` +
      `<Expiration>${new Date(expiration).toISOString().slice(0, 19)}Z</Expiration></Credentials>` +
      `</AssumeRoleWithSAMLResult></AssumeRoleWithSAMLResponse>`,
  };
}

export function stsRefuses(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): HttpReply {
  return {
    status,
    headers,
    body:
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  };
}

/**
 * Milliseconds of processor time of this thread. Time used by other programs does not count, if the system can
 * tell (Linux).
 */
export function threadTime(): number {
  try {
    return Number(Deno.readTextFileSync("/proc/thread-self/schedstat").split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
