/** The independent judges: the real readers of AWS files, not our models of them. */

import { fileURLToPath } from "node:url";
import { findPython } from "../aws_tools.ts";
import { externalDataInterceptor, loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";

export type Read = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

let files = 0;

/** What the AWS SDK for JavaScript v3 takes from the bytes of a file. */
export async function readWithSmithy(bytes: Uint8Array, kind: "credentials" | "config"): Promise<Read> {
  // Its own hook for giving it a file's text; each file gets its own name, since it caches by name.
  const path = `/nowhere/${files++}`;
  const absent = `${path}.absent`;
  const intercepted = externalDataInterceptor.getFileRecord();
  intercepted[path] = Promise.resolve(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  intercepted[absent] = Promise.resolve("");
  const loaded = await loadSharedConfigFiles(
    kind === "config" ? { configFilepath: path, filepath: absent } : { filepath: path, configFilepath: absent },
  );
  delete intercepted[path];
  delete intercepted[absent];
  return (kind === "config" ? loaded.configFile : loaded.credentialsFile) as Read;
}

interface PythonAnswer {
  readonly sections?: Read;
  readonly rejected?: string;
  readonly credentials?: readonly [string, string, string | null] | null;
}

export interface Botocore {
  /** Reads a file's bytes; `profile` also asks botocore's credential provider. */
  read(bytes: Uint8Array, kind: "credentials" | "config", profile?: string): Promise<PythonAnswer>;
  close(): Promise<void>;
}

/** One python process that reads many files. Undefined when there is no botocore here. */
export async function startBotocore(): Promise<Botocore | undefined> {
  const python = await findPython();
  if (python === undefined) return undefined;
  const script = fileURLToPath(new URL("./botocore_reader.py", import.meta.url));
  const process = new Deno.Command(python, {
    args: ["-X", "utf8", "-u", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const folder = await Deno.makeTempDir({ prefix: "olaws-readers-" });
  const writer = process.stdin.getWriter();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  async function line(): Promise<string> {
    while (!buffer.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error("the botocore reader ended");
      buffer += value;
    }
    const end = buffer.indexOf("\n");
    const text = buffer.slice(0, end);
    buffer = buffer.slice(end + 1);
    return text;
  }
  return {
    async read(bytes, kind, profile) {
      const path = `${folder}/file`;
      await Deno.writeFile(path, bytes);
      await writer.write(new TextEncoder().encode(`${JSON.stringify({ path, kind, profile })}\n`));
      return JSON.parse(await line());
    },
    async close() {
      await writer.close();
      await reader.cancel();
      await process.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
