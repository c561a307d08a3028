/**
 * Runs the program on a real pseudo-terminal, for what only a terminal can show: echo, keys, Ctrl-C, the state the
 * terminal is left in. Deno has no such API, so python3 contains the terminal.
 */
import { checkTraces, type Home, homeOf, prepare, type Start } from "./harness.ts";

interface PtyOptions extends Start {
  readonly columns?: number;
  readonly rows?: number;
  /** `pipe`: stdout is a pipe, as in `eval "$(program)"`, and only stdin and stderr are the terminal. */
  readonly stdout?: "terminal" | "pipe";
  /** A file that stderr goes to; the terminal when absent. */
  readonly stderr?: string;
}

interface Modes {
  readonly echo: boolean;
  /** Line by line, as a shell wants it; false is raw mode. */
  readonly canonical: boolean;
}

export interface PtyEnd extends Home {
  /** Null when a signal ended the program. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What came through the pipe; empty when stdout is the terminal. */
  readonly stdout: string;
}

export const KEYS = {
  enter: "\r",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  escape: "\x1b",
  backspace: "\x7f",
  tab: "\t",
  space: " ",
  "ctrl-c": "\x03",
  "ctrl-d": "\x04",
  "ctrl-z": "\x1a",
} as const;

export type Key = keyof typeof KEYS;

export interface Pty {
  readonly pid: number;
  /** Waits for a text after the last one waited for; colours and cursor moves do not count. Default 10 s. */
  expect(expected: string | RegExp, timeoutMs?: number): Promise<string>;
  send(text: string | Uint8Array): Promise<void>;
  sendKey(key: Key): Promise<void>;
  /** Everything shown so far, without escape sequences. */
  screen(): string;
  /** The same with them. */
  raw(): string;
  /** What came through the pipe so far. */
  stdout(): string;
  /** The terminal's modes now: whether a password that is typed would show. */
  modes(): Promise<Modes>;
  resize(columns: number, rows: number): Promise<void>;
  signal(name: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<void>;
  /** Waits for the end and looks for secrets and stacks. Kills the program after `timeoutMs` (20 s) and throws. */
  wait(timeoutMs?: number): Promise<PtyEnd>;
  /** The modes after the end; both true is a terminal as it was. */
  readonly terminalRestored: Promise<Modes>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** For `Deno.test({ ignore })`: reports why on stderr when there can be no pseudo-terminal. */
export async function noPty(): Promise<boolean> {
  const missing = Deno.build.os === "windows"
    ? "Windows has no pseudo-terminal for this"
    : await python() === undefined
    ? "python3 is missing"
    : undefined;
  if (missing) console.error(`tests on a terminal are skipped: ${missing}`);
  return missing !== undefined;
}

/** Alone with its own library: what else is installed for it takes most of its start. */
const ALONE = ["-I", "-S"];
let found: Promise<string | undefined> | undefined;

/** The program itself: a python3 on the path may be a script that looks for it, which takes longer than a test. */
function python(): Promise<string | undefined> {
  return found ??= (async () => {
    const command = Deno.env.get("OLAWS_PYTHON") ?? "python3";
    const args = [...ALONE, "-c", "import pty, sys, termios; print(sys.executable)"];
    try {
      const { success, stdout } = await new Deno.Command(command, { args }).output();
      return success ? new TextDecoder().decode(stdout).trim() : undefined;
    } catch {
      return undefined;
    }
  })();
}

// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/g;
// A sequence whose end has not come yet.
// deno-lint-ignore no-control-regex
const HALF_ESCAPE = /\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*|[ -/]*)?$/;

/** A text as a person reads it: no escape sequences, no carriage returns. */
export function plain(text: string): string {
  return text.replace(ESCAPES, "").replace(HALF_ESCAPE, "").replaceAll("\r", "");
}

/** What the driver reports. */
interface Message {
  readonly pid?: number;
  readonly screen?: string;
  readonly stdout?: string;
  readonly exit?: number | null;
  readonly signal?: string | null;
  readonly modes?: Modes;
}

/** Starts the program on a terminal of its own. Use with `await using`. */
export async function openPty(options: PtyOptions): Promise<Pty> {
  const prepared = await prepare(options);
  const driver = new Deno.Command(await python() ?? "python3", {
    args: [...ALONE, "-u", decodeURIComponent(new URL("pty_driver.py", import.meta.url).pathname)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const orders = driver.stdin.getWriter();
  const order = async (message: unknown) =>
    void await orders.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`)).catch(() => {});
  const shown = decoder();
  const piped = decoder();
  const started = Promise.withResolvers<number>();
  const finished = Promise.withResolvers<Message>();
  finished.promise.catch(() => {});
  started.promise.catch(() => {});
  let asked: PromiseWithResolvers<Modes> | undefined;
  let ended = false;
  let position = 0;

  const take = (message: Message) => {
    if (message.pid !== undefined) started.resolve(message.pid);
    if (message.screen !== undefined) shown.add(message.screen);
    if (message.stdout !== undefined) piped.add(message.stdout);
    if (message.exit !== undefined) {
      ended = true;
      finished.resolve(message);
    } else if (message.modes !== undefined) asked?.resolve(message.modes);
  };
  const reading = (async () => {
    let rest = "";
    const text = new TextDecoder();
    for await (const chunk of driver.stdout) {
      const lines = (rest + text.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(JSON.parse(line));
    }
    ended = true;
    const gone = new Error(`the terminal ended without a word\n${plain(shown.text())}`);
    for (const promise of [started, finished]) promise.reject(gone);
    asked?.reject(gone);
  })();

  await order({
    command: prepared.command,
    env: prepared.env,
    cwd: prepared.cwd,
    columns: options.columns ?? 100,
    rows: options.rows ?? 30,
    pipe: options.stdout === "pipe",
    stderr: options.stderr ?? "",
  });
  const pid = await started.promise;
  const terminalRestored = finished.promise.then(({ modes }) => modes ?? { echo: false, canonical: false });
  terminalRestored.catch(() => {});
  const screen = () => plain(shown.text());
  const send = (text: string | Uint8Array) => order({ input: toBase64(text) });
  return {
    pid,
    send,
    sendKey: (key) => send(KEYS[key]),
    screen,
    raw: shown.text,
    stdout: piped.text,
    resize: (columns, rows) => order({ resize: [columns, rows] }),
    signal: (name) => order({ signal: name }),
    terminalRestored,
    async expect(expected, timeoutMs = 10_000) {
      const deadline = Date.now() + timeoutMs;
      while (true) {
        const over = ended;
        const text = screen();
        const found = find(text.slice(position), expected);
        if (found) {
          position += found.end;
          return found.text;
        }
        if (over || Date.now() > deadline) {
          const why = over ? "the program ended" : `waited ${timeoutMs} ms`;
          throw new Error(`${why} without ${expected} on the screen after position ${position} of:\n${text}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async modes() {
      asked = Promise.withResolvers<Modes>();
      await order({ modes: true });
      return await asked.promise;
    },
    async wait(timeoutMs = 20_000) {
      const late = Symbol("late");
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = await Promise.race([
        finished.promise,
        new Promise<typeof late>((resolve) => timer = setTimeout(() => resolve(late), timeoutMs)),
      ]);
      clearTimeout(timer);
      if (end === late) {
        await order({ signal: "SIGKILL" });
        throw new Error(`the program did not end within ${timeoutMs} ms; the screen:\n${screen()}`);
      }
      // A terminal shows stdout as well.
      const onScreen = options.stdout === "pipe"
        ? []
        : options.allow?.stdout ?? ["secret-key", "session-token"] as const;
      checkTraces(
        { ...options, allow: { ...options.allow, stderr: [...onScreen, ...(options.allow?.stderr ?? [])] } },
        prepared,
        { stdout: piped.text(), stderr: screen() },
      );
      return { ...homeOf(prepared), code: end.exit ?? null, signal: end.signal ?? null, stdout: piped.text() };
    },
    async [Symbol.asyncDispose]() {
      await orders.close().catch(() => {});
      await reading;
      await driver.status;
    },
  };
}

function find(text: string, expected: string | RegExp): { text: string; end: number } | undefined {
  if (typeof expected === "string") {
    const at = text.indexOf(expected);
    return at < 0 ? undefined : { text: expected, end: at + expected.length };
  }
  const match = expected.exec(text);
  return match === null ? undefined : { text: match[0], end: match.index + match[0].length };
}

function decoder(): { add(base64: string): void; text(): string } {
  const utf8 = new TextDecoder();
  let all = "";
  return {
    add: (base64) =>
      void (all += utf8.decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)), { stream: true })),
    text: () => all,
  };
}

function toBase64(text: string | Uint8Array): string {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
