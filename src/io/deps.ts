/**
 * Everything the program needs from outside, as one object. The real one is built in `src/program.ts` from the files
 * beside this one; tests hand in their own. No other room knows Deno, the clock, the network or the disk.
 */

import type { CommandLine } from "../argv/parse.ts";

export type Platform = "linux" | "darwin" | "windows";

/** Time. All values are milliseconds; `now` counts from the Unix epoch (wall clock). */
export interface Clock {
  now(): number;
  /** The services' clock minus this computer's; absent or 0 while nothing is known of it. */
  skewMs?(): number;
  /** Ends after `ms`, or rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One HTTP request. Redirects are never followed: a 3xx is an answer like any other. */
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

/** Why no whole answer came. `sent` is false only when the request certainly did not reach the server. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  constructor(
    readonly kind:
      | "dns"
      | "refused"
      | "connect-timeout"
      | "timeout"
      | "tls"
      /** The proxy refused, or asks for a user and a password. */
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
      /** Another user of the machine owns it or can change it. */
      | "foreign"
      | "other",
    readonly path: string,
    /** The system's own words, such as `No space left on device (os error 28)`. */
    message: string,
    /** What to do about it, where the kind does not tell. */
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** Above any file that is read: 10,000 profiles with temporary keys have 24 MB. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

export interface FileFacts {
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** Permission bits (0o777); undefined where the platform has none (Windows). */
  readonly mode: number | undefined;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number | undefined;
  /** Number of the user that owns it; absent where the platform has none (Windows). */
  readonly owner?: number | undefined;
  readonly group?: number | undefined;
  /** Of a folder that others can write: only its owner can rename or remove a file in it. */
  readonly sticky?: boolean | undefined;
  /** Tells files apart; absent where the platform has no such number. */
  readonly id?: string | undefined;
}

/** Folders that the sandbox hides, as the launcher saw them. */
export type SeenFolders = Readonly<Record<string, FileFacts>>;

/** A lock held on a file; released by `release()`, or by the system when the process ends in any way. */
export interface FileLock {
  release(): Promise<void>;
}

/** The disk. Every method throws {@linkcode FileError}. Paths are absolute. */
export interface Files {
  /** The bytes of a file, or undefined when there is none. Follows symlinks. */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Facts of what a path names, following symlinks; undefined when there is nothing. */
  stat(path: string): Promise<FileFacts | undefined>;
  /** The same without following a symlink at the end. */
  lstat(path: string): Promise<FileFacts | undefined>;
  /** The path with all symlinks resolved, or undefined when it (or a link's target) does not exist. */
  realPath(path: string): Promise<string | undefined>;
  /** The target a symlink holds, as written. */
  readLink(path: string): Promise<string>;
  /** Names in a folder, sorted; empty when it does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** Creates a folder and its parents, each with `mode`. Existing folders are left as they are. */
  makeDir(path: string, mode: number): Promise<void>;
  /**
   * Creates a file that must not exist, with these permission bits from the first moment, writes all bytes and flushes
   * them to the disk. Removes it again on failure. Root's file in a folder of another user is given to that user.
   */
  createNew(path: string, bytes: Uint8Array<ArrayBuffer>, mode: number): Promise<FileFacts>;
  /**
   * The number of the user this program runs as; undefined where the platform has none.
   *
   * @param probe a file that may be created and removed to learn it: the runtime would ask for a further permission.
   */
  user(probe: string): Promise<number | undefined>;
  rename(from: string, to: string): Promise<void>;
  /**
   * Whether a file is a mount of its own (`docker run -v file:file`), which cannot be replaced.
   *
   * @param probe a name beside it that nothing has, and that may be used to find out.
   */
  isMounted(path: string, probe: string): Promise<boolean>;
  /** Writes over a file that is there and flushes it. Without bytes it is only opened for that. */
  overwrite(path: string, bytes: Uint8Array<ArrayBuffer> | undefined): Promise<void>;
  /** Removes a file; no error when there is none. */
  remove(path: string): Promise<void>;
  /** Flushes a folder's entries to the disk where the system can; never throws. */
  syncDir(path: string): Promise<void>;
  /**
   * Waits for the exclusive lock on the lock file `path` (created 0600 when missing, removed on release).
   * The system frees it when its holder dies. Rejects with the signal's reason when aborted.
   */
  lock(path: string, signal?: AbortSignal): Promise<FileLock>;
}

/** The three streams. Writes are synchronous and whole. */
export interface Terminal {
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal on stderr in columns; 80 when unknown. */
  columns(): number;
  /** stdout: the requested data and nothing else. */
  writeOut(text: string): void;
  /** stderr: the conversation. What cannot be seen, line ends aside, becomes a space: most texts hold foreign ones. */
  writeErr(text: string): void;
  /** stderr, unchanged: for this program's own escape codes, with a text between them that is clean already. */
  draw(text: string): void;
  /** The next line of stdin without its line end, or undefined at the end of input. */
  readLine(signal?: AbortSignal): Promise<string | undefined>;
  /** All of stdin's first line for a secret, with echo off when stdin is a terminal. */
  readSecretLine(signal?: AbortSignal): Promise<string | undefined>;
  /** All of stdin; when it is a terminal, one paste that ends with Enter and is not echoed. Undefined when empty. */
  readAll(signal?: AbortSignal): Promise<string | undefined>;
}

/** What is asked of the thread that speaks to the browser; it builds the address itself. */
export type BrowserRequest =
  | { readonly kind: "sign-in"; readonly subdomain: string; readonly appId: string }
  | { readonly kind: "look" };

/** What the person has to do now. */
export interface BrowserStep {
  readonly step: "allow" | "sign-in";
}

export type BrowserAnswer =
  | { readonly kind: "response"; readonly base64: string }
  /** A browser that can be reached; `asks` when it asks its person first. */
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

/** A browser that runs already, behind the thread that alone may reach its port. */
export interface Browser {
  readonly port: number;
  /** Rejects with the signal's reason when aborted, once the tab is closed. One request at a time. */
  ask(
    request: BrowserRequest,
    signal: AbortSignal,
    onStep?: (step: BrowserStep["step"]) => void,
  ): Promise<BrowserAnswer>;
}

export type PermissionKind = "read" | "write" | "net" | "env" | "run" | "ffi" | "sys";

/** What the sandbox of this run grants, for `doctor`. */
export interface Sandbox {
  /** `target` is an absolute path or `host:port`; without one: the permission as a whole. */
  allows(kind: PermissionKind, target?: string): boolean;
}

export interface Deps {
  /** Read once, by the launcher. */
  readonly commandLine: CommandLine;
  /** The snapshot main.ts took: only the names in its list, never the live environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly http: Http;
  readonly files: Files;
  readonly terminal: Terminal;
  /** 0 <= x < 1; jitter only, never for secrets. */
  readonly random: () => number;
  /** Rounds of the hash of a refused password; as many as a guess should cost when absent. Tests have no such time. */
  readonly hashRounds?: number;
  /** Aborts with an {@linkcode Interrupted} as its reason when the person or the system ends the run. */
  readonly signal: AbortSignal;
  readonly sandbox?: Sandbox;
  /** Absent unless the launcher was asked for it. */
  readonly browser?: Browser;
  /** Absolute path of this program when it is a compiled one; absent when it runs from source. */
  readonly programPath?: string;
}
