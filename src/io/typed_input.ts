/** What is typed or piped in: lines, secrets and whole texts from stdin. */

import { Exit, Interrupted, UserError } from "../errors.ts";

/** The functions that read stdin. Lines that arrive together wait for the next question. */
export function typedInput() {
  return { line: lineReader(), secret: readSecret, paste: readPaste, toEnd: readToEnd };
}

/** Windows PowerShell 5 and Notepad write UTF-16. Posted unchanged, a password would count as wrong. */
function isUtf16(): UserError {
  return new UserError("cannot read standard input: it is UTF-16 text", {
    exit: Exit.usage,
    hint: "write it as UTF-8; in PowerShell: $OutputEncoding = [Text.UTF8Encoding]::new()",
  });
}

/** A Latin-1 letter decoded leniently would be posted as another one: a wrong password every time. */
function notUtf8(): UserError {
  return new UserError("cannot read the input: it is not UTF-8 text", {
    exit: Exit.usage,
    hint: ["set the terminal to UTF-8, or convert the input: iconv -f latin1 -t utf-8", "nothing was sent"],
  });
}

/** Decodes pieces of UTF-8 as they arrive; throws {@linkcode notUtf8}. */
export function strictDecoder(): (bytes?: Uint8Array) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return (bytes) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw notUtf8();
    }
  };
}

/** Reads stdin line by line; the rest waits for the next question. */
function lineReader() {
  const decode = strictDecoder();
  let buffered = "";
  let ended = false;
  let started = false;
  let pending: Promise<void> | undefined;

  async function more(): Promise<void> {
    const bytes = new Uint8Array(4096);
    const count = await Deno.stdin.read(bytes);
    if (count === null) ended = true;
    const [first, second] = bytes;
    if (!started && (first === 0xff && second === 0xfe || first === 0xfe && second === 0xff)) throw isUtf16();
    started = true;
    if (count !== null && bytes.subarray(0, count).includes(0) && !Deno.stdin.isTerminal()) throw isUtf16();
    buffered += count === null ? decode() : decode(bytes.subarray(0, count));
  }

  return async (signal?: AbortSignal): Promise<string | undefined> => {
    while (true) {
      // A withdrawn question takes no line, not even a buffered one.
      signal?.throwIfAborted();
      const end = buffered.indexOf("\n");
      if (end >= 0 || (ended && buffered !== "")) {
        const line = end >= 0 ? buffered.slice(0, end) : buffered;
        buffered = end >= 0 ? buffered.slice(end + 1) : "";
        return line.replace(/\r$/, "");
      }
      if (ended) return undefined;
      // Reuse a read that an abort left pending: its bytes must not be lost.
      pending ??= more().finally(() => pending = undefined);
      await untilAborted(pending, signal);
    }
  };
}

function untilAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Escape sequences of keys such as arrows (ECMA-48: CSI and SS3), or a key with Alt. */
// deno-lint-ignore no-control-regex
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[^[O\u0000-\u001f])/g;
/** An incomplete one. */
// deno-lint-ignore no-control-regex
const OPEN_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*|O)$/;

/** A line from a terminal in raw mode, for when stderr is redirected. */
async function readSecret(signal?: AbortSignal): Promise<string | undefined> {
  const decode = strictDecoder();
  const characters: string[] = [];
  let open = "";
  const bytes = new Uint8Array(1024);
  while (true) {
    const count = await untilAborted(Deno.stdin.read(bytes), signal);
    if (count === null) return characters.length > 0 ? characters.join("") : undefined;
    const text = (open + decode(bytes.subarray(0, count))).replace(ESCAPE_SEQUENCE, "");
    open = OPEN_SEQUENCE.exec(text)?.[0] ?? "";
    for (const character of text.slice(0, text.length - open.length)) {
      if (character === "\r" || character === "\n") return characters.join("");
      if (character === "\u0003") throw new Interrupted();
      if (character === "\u0004") return characters.length > 0 ? characters.join("") : undefined;
      if (character === "\u007f" || character === "\b") characters.pop();
      else if (character === "\u0015") characters.length = 0;
      else if (character >= " ") characters.push(character);
    }
  }
}

/** Larger than any file that is read; HAR files are large. */
const MAX_INPUT_BYTES = 32 * 1024 * 1024;

function tooMuch(): UserError {
  return new UserError("cannot read standard input: it is larger than 32 MiB", {
    exit: Exit.usage,
    hint: "check what is piped in",
  });
}

async function readToEnd(signal?: AbortSignal): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const bytes = new Uint8Array(64 * 1024);
  for (let count; (count = await untilAborted(Deno.stdin.read(bytes), signal)) !== null;) {
    chunks.push(bytes.slice(0, count));
    size += count;
    if (size > MAX_INPUT_BYTES) throw tooMuch();
  }
  const all = new Uint8Array(size);
  chunks.reduce((at, chunk) => (all.set(chunk, at), at + chunk.length), 0);
  const utf16 = all[0] === 0xff && all[1] === 0xfe;
  return new TextDecoder(utf16 ? "utf-16le" : "utf-8").decode(all) || undefined;
}

const PASTE = { begin: "\x1b[200~", end: "\x1b[201~" } as const;

/**
 * A paste, which may have many lines: in normal mode a terminal cuts each at 4095 characters. It ends with Enter after
 * the end mark; in terminals without these marks, with a separate Enter.
 */
async function readPaste(signal?: AbortSignal): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  const bytes = new Uint8Array(64 * 1024);
  while (true) {
    const count = await untilAborted(Deno.stdin.read(bytes), signal);
    const piece = count === null ? "" : decoder.decode(bytes.subarray(0, count), { stream: true });
    if (piece === "\u0003") throw new Interrupted();
    if (count === null || piece === "\u0004") break;
    text += piece;
    if (text.length > MAX_INPUT_BYTES) throw tooMuch();
    const end = text.lastIndexOf(PASTE.end);
    const within = text.lastIndexOf(PASTE.begin) > end;
    if (!within && (/^[\r\n]+$/.test(piece) || (end >= 0 && /[\r\n]/.test(text.slice(end))))) break;
  }
  return text.replaceAll(PASTE.begin, "").replaceAll(PASTE.end, "").trim() || undefined;
}
