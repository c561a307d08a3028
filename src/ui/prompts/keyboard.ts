import process from "node:process";
import { Readable } from "node:stream";
import { strictDecoder } from "../../io/typed_input.ts";

/** The input of one open question. */
export interface Keys {
  /** A terminal's input, for the prompt library. */
  readonly input: Readable;
  close(): void;
}

interface KeyPress {
  readonly ctrl?: boolean;
  name?: string;
}

/**
 * Shares stdin between successive questions; each gets what arrives while it is open.
 *
 * After an answer nothing more is read, so that the terminal does not stop a background run. A withdrawn question
 * leaves a pending read that cannot be cancelled and that would consume the next key: stdin is left
 * flowing then, and the next question gets that key.
 *
 * Two keys make the line editor below the library restore the terminal's echo while the question stays open, so that
 * a password typed after them would be visible. They are handled too: on Ctrl-D the line editor closes, which is the end of the
 * input; on Ctrl-Z it would stop this process, which the sandbox forbids, so that key is dropped.
 */
export function stdinKeyboard(): {
  open(signal: AbortSignal, onEnd: (error?: unknown) => void): Keys;
  ended(): boolean;
} {
  const { stdin } = process;
  let keys: Readable | undefined;
  let ends: ((error?: unknown) => void) | undefined;
  let listens = false;
  let ended = false;

  function listen(): void {
    listens = true;
    const decode = strictDecoder();
    stdin.on("data", (bytes: Uint8Array) => {
      try {
        decode(bytes);
      } catch (error) {
        return ends?.(error);
      }
      keys?.emit("data", bytes);
    });
    stdin.on("end", () => {
      ended = true;
      ends?.();
    });
  }

  return {
    ended: () => ended,
    open(signal, onEnd) {
      const input = Object.assign(new Readable({ read() {} }), {
        isTTY: true,
        setRawMode: (raw: boolean) => void stdin.setRawMode(raw),
      });
      input.prependListener("keypress", (_: unknown, key?: KeyPress) => {
        if (key?.ctrl && key.name === "z") key.name = "";
        // The line editor's listener runs after this one; only then is it known whether it has closed.
        if (key?.ctrl && key.name === "d") queueMicrotask(() => stdin.isRaw ? undefined : onEnd());
      });
      // The line editor pauses its input when it closes, while the key that closed it is still being handled.
      input.on("pause", () => signal.aborted ? undefined : stdin.pause());
      [keys, ends] = [input, onEnd];
      if (!listens) listen();
      stdin.resume();
      return {
        input,
        close() {
          [keys, ends] = [undefined, undefined];
          input.destroy();
        },
      };
    },
  };
}
