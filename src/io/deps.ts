/**
 * Everything that the program needs from outside, in one object. `src/program.ts` builds the real one from the files
 * in this room; tests pass their own. No other room uses Deno, the clock, the network or the disk directly.
 */

import type { CommandLine } from "../argv/parse.ts";

export type Platform = "linux" | "darwin" | "windows";

/** Time. All values are milliseconds; `now` counts from the Unix epoch (wall clock). */
export interface Clock {
  now(): number;
  /** The services' clock minus this computer's; absent or 0 while unknown. */
  skewMs?(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One HTTP request. Redirects are never followed: a 3xx is returned like any other reply. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
  /** Largest body accepted, in bytes. Default 4 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded as UTF-8; invalid bytes become U+FFFD. */
  readonly body: string;
}

/** Why no complete reply arrived. `sent` is false only when the request certainly did not reach the server. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  constructor(
    readonly kind:
      | "dns"
      | "refused"
      | "connect-timeout"
      | "timeout"
      | "tls"
      /** The proxy refused, or requires a user and password. */
      | "proxy"
      | "reset"
      | "too-large"
      | "blocked"
      | "other",
    /** Names the host, never the body or a header. */
    message: string,
    readonly sent: boolean,
  ) {
    super(message);
  }
}

/** Sends one request. Throws {@linkcode HttpError}, or the signal's reason when aborted. */
export interface Http {
  send(request: HttpRequest): Promise<HttpReply>;
  /**
   * Connects to a host ahead of the request that follows, by a GET whose reply is dropped. Returns at once and never
   * fails: if the host cannot be reached, the request that follows reports it.
   */
  open(request: Omit<HttpRequest, "method" | "body" | "maxBytes">): void;
}

/** Why a file could not be used. */
export class FileError extends Error {
  override readonly name = "FileError";
  constructor(
    readonly kind:
      | "missing"
      | "denied"
      | "exists"
      | "full"
      | "read-only"
      | "directory"
      | "blocked"
      | "busy"
      /** Another user of this machine owns it or can change it. */
      | "foreign"
      | "other",
    readonly path: string,
    /** The system's message, such as `No space left on device (os error 28)`. */
    message: string,
    /** What to do about it, if `kind` does not tell. */
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** Larger than any file that is read: 10,000 profiles with temporary keys take 24 MB. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

export interface FileFacts {
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** Permission bits (0o777); undefined where the platform has none (Windows). */
  readonly mode: number | undefined;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number | undefined;
  /** User id of the owner; absent on platforms without one (Windows). */
  readonly owner?: number | undefined;
  readonly group?: number | undefined;
  /** The sticky bit of a folder: only owners can rename or remove a file in it. */
  readonly sticky?: boolean | undefined;
  /** Device and inode; absent on platforms without them. */
  readonly id?: string | undefined;
}

/** Folders that the sandbox hides, as seen by the launcher. */
export type SeenFolders = Readonly<Record<string, FileFacts>>;

/** A lock on a file; released by `release()`, or by the system when the process ends. */
export interface FileLock {
  release(): Promise<void>;
}

/** The disk. Every method throws {@linkcode FileError}. Paths are absolute. */
export interface Files {
  /** The bytes of a file, or undefined when there is none. Follows symlinks. */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Information about a path, following symlinks; undefined when there is nothing. */
  stat(path: string): Promise<FileFacts | undefined>;
  /** The same without following a symlink at the end. */
  lstat(path: string): Promise<FileFacts | undefined>;
  /** The path with all symlinks resolved, or undefined when it (or a link's target) does not exist. */
  realPath(path: string): Promise<string | undefined>;
  /** The target of a symlink, as written. */
  readLink(path: string): Promise<string>;
  /** Names in a folder, sorted; empty when it does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** Creates a folder and its parents, each with `mode`. Existing folders are not changed. */
  makeDir(path: string, mode: number): Promise<void>;
  /**
   * Creates a file that must not exist, with these permission bits from the start, writes all bytes and flushes
   * them to the disk. Removes it on failure. If root creates a file in another user's folder, that user becomes its owner.
   */
  createNew(path: string, bytes: Uint8Array<ArrayBuffer>, mode: number): Promise<FileFacts>;
  /**
   * The user id of this process; undefined on platforms without one.
   *
   * @param probe a file that may be created and removed to find out: Deno's own call needs another permission.
   */
  user(probe: string): Promise<number | undefined>;
  rename(from: string, to: string): Promise<void>;
  /**
   * Whether a file is a mount point (`docker run -v file:file`), which cannot be replaced.
   *
   * @param probe an unused name beside it that may be used to find out.
   */
  isMounted(path: string, probe: string): Promise<boolean>;
  /** Overwrites an existing file and flushes it. Without bytes the file is only opened for writing. */
  overwrite(path: string, bytes: Uint8Array<ArrayBuffer> | undefined): Promise<void>;
  /** Removes a file; no error when there is none. */
  remove(path: string): Promise<void>;
  /** Flushes a folder's entries to the disk if the system can; never throws. */
  syncDir(path: string): Promise<void>;
  /**
   * Waits for the exclusive lock on the lock file `path` (created 0600 when missing, removed on release).
   * The system frees it when the process that has it dies. Rejects with the signal's reason when aborted.
   */
  lock(path: string, signal?: AbortSignal): Promise<FileLock>;
}

/** The three streams. Writes are synchronous and complete. */
export interface Terminal {
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal on stderr in columns; 80 when unknown. */
  columns(): number;
  /** stdout: the requested data and nothing else. */
  writeOut(text: string): void;
  /** stderr: the conversation. Invisible characters become spaces, except line ends: most texts quote foreign text. */
  writeErr(text: string): void;
  /** stderr, unchanged: for this program's own escape codes around text that is already clean. */
  draw(text: string): void;
  /** The next line of stdin without its line end, or undefined at the end of input. */
  readLine(signal?: AbortSignal): Promise<string | undefined>;
  /** The first line of stdin, for a secret; echo is off when stdin is a terminal. */
  readSecretLine(signal?: AbortSignal): Promise<string | undefined>;
  /** All of stdin; at a terminal, one paste ended by Enter and not echoed. Undefined when empty. */
  readAll(signal?: AbortSignal): Promise<string | undefined>;
}

/** A request to the browser thread, which builds the address itself. */
export type BrowserRequest =
  | { readonly kind: "sign-in"; readonly subdomain: string; readonly appId: string }
  | { readonly kind: "look" };

/** What the user has to do now. */
export interface BrowserStep {
  readonly step: "allow" | "sign-in";
}

export type BrowserAnswer =
  | { readonly kind: "response"; readonly base64: string }
  /** A reachable browser; `asks` when it asks its user first. */
  | { readonly kind: "there"; readonly asks: boolean }
  /** An error of the browser, such as `net::ERR_NAME_NOT_RESOLVED`. */
  | { readonly kind: "unreachable"; readonly why: string }
  | {
    readonly kind:
      | "absent"
      | "no-browser"
      | "declined"
      | "tab-closed"
      | "browser-closed"
      | "no-response"
      | "too-large"
      | "unusable"
      | "stopped";
  };

/** A running browser, behind the only thread that can reach its port. */
export interface Browser {
  readonly port: number;
  /** Rejects with the signal's reason when aborted, once the tab is closed. One request at a time. */
  ask(
    request: BrowserRequest,
    signal: AbortSignal,
    onStep?: (step: BrowserStep["step"]) => void,
  ): Promise<BrowserAnswer>;
}

/** A request to the port of `serve`. */
export interface LoopbackRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoopbackReply {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** The port on 127.0.0.1 that the launcher opened for `serve`, or why it could not. */
export type Loopback =
  | {
    readonly kind: "open";
    readonly port: number;
    /** Answers requests until the signal aborts; then rejects with its reason. */
    serve(answer: (request: LoopbackRequest) => Promise<LoopbackReply>, signal: AbortSignal): Promise<never>;
  }
  | { readonly kind: "closed"; readonly port: number; readonly why: string };

type PermissionKind = "read" | "write" | "net" | "env" | "run" | "ffi" | "sys";

/** The grants of this run's sandbox, for `doctor`. */
export interface Sandbox {
  /** `target` is an absolute path or `host:port`; without one: the permission as a whole. */
  allows(kind: PermissionKind, target?: string): boolean;
}

export interface Deps {
  /** Read once, by the launcher. */
  readonly commandLine: CommandLine;
  /** The snapshot taken by main.ts: only the names in its list, never the live environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly http: Http;
  readonly files: Files;
  readonly terminal: Terminal;
  /** 0 <= x < 1; jitter only, never for secrets. */
  readonly random: () => number;
  /** Hash rounds for a refused password; the secure number when absent. Tests use fewer. */
  readonly hashRounds?: number;
  /** Aborts with an {@linkcode Interrupted} when the user or the system ends the run. */
  readonly signal: AbortSignal;
  /** From now on `signal` aborts. Call it once, before there is something to clean up. */
  readonly catchSignals: () => void;
  readonly sandbox?: Sandbox;
  /** Absent unless the launcher was asked for it. */
  readonly browser?: Browser;
  /** Absent unless the command is `serve`. */
  readonly loopback?: Loopback;
  /** Absolute path of this program if compiled; absent when it runs from source. */
  readonly programPath?: string;
}
