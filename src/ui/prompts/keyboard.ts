import process from "node:process";
import { Readable } from "node:stream";
import { strictDecoder } from "../../io/terminal.ts";

/** The keys that are pressed while one question is open. */
export interface Keys {
  /** For the library of questions: a terminal's input. */
  readonly input: Readable;
  close(): void;
}

interface KeyPress {
  readonly ctrl?: boolean;
  name?: string;
}

/**
 * stdin for one question after the other; each gets what arrives while it is open.
 *
 * After an answer nothing more is read, so that a run in the background is not stopped by the terminal. A question that is
 * taken away leaves a read behind that cannot be called back and that would take the next key with it: stdin is left
 * flowing then, and the next question gets that key.
 *
 * Two keys by which the line editor below the library gives the terminal its echo back while the question stays, so that
 * a password typed after them would show, are dealt with too: on Ctrl-D the line editor closes, which is the end of the
 * input; on Ctrl-Z it would stop this process, which the sandbox does not let it do, so that key is taken away.
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
        // The line editor listens behind this one; only afterwards can it be seen whether it has closed.
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
