/** The program's side of the only thread that can reach the browser's port. */

import type { Browser, BrowserAnswer, BrowserRequest, BrowserStep } from "./deps.ts";

/** Time for the thread to close its tab, in milliseconds: less than a signal leaves. */
const CLOSING_MS = 800;

/** Starts the thread. It loads its modules with this thread's permissions, so start it before narrowing. */
export async function startBrowser(port: number): Promise<Browser> {
  const nothing = { read: false, write: false, env: false, run: false, ffi: false, sys: false, import: false };
  const deno = { permissions: { ...nothing, net: [`127.0.0.1:${port}`] } };
  const worker = new Worker(new URL("../browser_worker.ts", import.meta.url), {
    type: "module",
    name: String(port),
    deno,
  } as WorkerOptions);
  await new Promise<void>((ready, failed) => {
    worker.onmessage = () => ready();
    worker.onerror = (event) => (event.preventDefault(), failed(new Error(event.message)));
  });
  return { port, ask: (...question) => ask(worker, ...question) };
}

function ask(
  worker: Worker,
  request: BrowserRequest,
  signal: AbortSignal,
  onStep: (step: BrowserStep["step"]) => void = () => {},
): Promise<BrowserAnswer> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (end: () => void) => {
      signal.removeEventListener("abort", stop);
      clearTimeout(timer);
      end();
    };
    const stop = () => {
      worker.postMessage("stop");
      timer = setTimeout(() => settle(() => reject(signal.reason)), CLOSING_MS);
    };
    signal.addEventListener("abort", stop, { once: true });
    worker.onmessage = ({ data }: MessageEvent<BrowserAnswer | BrowserStep>) => {
      if ("step" in data) return onStep(data.step);
      settle(() => data.kind === "stopped" ? reject(signal.reason) : resolve(data));
    };
    worker.onerror = (event) => (event.preventDefault(), settle(() => reject(new Error(event.message))));
    worker.postMessage(request);
  });
}
