import { Exit, printable, UserError, visibleLines } from "../errors.ts";
import type { Terminal } from "./deps.ts";

type TypedInput = ReturnType<typeof import("./typed_input.ts").typedInput>;

/** The process's own three streams. */
export function realTerminal(): Terminal {
  // Most runs read nothing.
  let loaded: Promise<TypedInput> | undefined;
  const input = () => loaded ??= import("./typed_input.ts").then(({ typedInput }) => typedInput());
  return {
    stdinIsTerminal: Deno.stdin.isTerminal(),
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    stderrIsTerminal: Deno.stderr.isTerminal(),
    columns() {
      try {
        return Deno.consoleSize().columns || 80;
      } catch {
        return 80;
      }
    },
    writeOut(text) {
      try {
        writeAll(Deno.stdout, text);
      } catch (error) {
        throw error instanceof Error ? cannotWriteOut(error) : error;
      }
    },
    writeErr: (text) => writeErr(visibleLines(text)),
    draw: writeErr,
    readLine: async (signal) => (await input()).line(signal),
    readAll: async (signal) =>
      Deno.stdin.isTerminal()
        ? await withoutEcho(async () => (await input()).paste(signal), PASTE)
        : (await input()).toEnd(signal),
    readSecretLine: async (signal) =>
      Deno.stdin.isTerminal()
        ? await withoutEcho(async () => (await input()).secret(signal))
        : (await input()).line(signal),
  };
}

function writeErr(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // Nobody reads stderr: there is nowhere to report it.
  }
}

/** The reader has closed the pipe (`| head`), or a redirection hit a full disk. The output is lost. */
function cannotWriteOut(error: Error): UserError {
  const why = error instanceof Deno.errors.BrokenPipe
    ? "the reading program has ended"
    : error.message.replace(/ ?\(os error \d+\)[^]*$/, "").replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  return new UserError(`cannot write to standard output: ${printable(why, 200)}`, {
    exit: Exit.usage,
    hint: "run this again with an output that accepts everything",
    cause: error,
  });
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes: Uint8Array = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(stream.writeSync(bytes));
    } catch (error) {
      // A full terminal that another program left in non-blocking mode.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Reads from the terminal without echo. Raw mode is set first: what is typed while `read` is loaded may be a secret. */
async function withoutEcho<T>(read: () => Promise<T>, marks = { on: "", off: "" }): Promise<T> {
  Deno.stdin.setRaw(true, { cbreak: Deno.build.os !== "windows" });
  try {
    writeErr(marks.on);
    return await read();
  } finally {
    writeErr(marks.off);
    Deno.stdin.setRaw(false);
    writeErr("\n");
  }
}

/** Bracketed paste (xterm, "Bracketed Paste Mode"): the terminal marks the start and end of a paste. */
const PASTE = { on: "\x1b[?2004h", off: "\x1b[?2004l" } as const;
