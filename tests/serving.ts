/** What the tests of `serve` share: a run of it, and requests as a program sends them. */
import type { Simulator } from "../simulator/server.ts";
import type { LiveRun, RunOptions, RunResult } from "./harness.ts";
import { ADMIN, run } from "./runs.ts";

const windows = Deno.build.os === "windows";
export const NO_INPUT = ["serve", "--no-input"] as const;

interface Served {
  readonly live: LiveRun;
  readonly uri: string;
  readonly token: string;
}

export interface Raw {
  readonly status: number;
  readonly headers: string;
  readonly body: Readonly<Record<string, string>>;
}

/** Starts `serve`, works with it, and ends it by Ctrl-C. */
export async function serving(
  simulator: Simulator,
  options: Partial<RunOptions>,
  work: (served: Served) => Promise<void>,
): Promise<RunResult> {
  return await run(simulator, {
    args: [...NO_INPUT, ...ADMIN, "--output", "env"],
    allow: { stdout: [] },
    ...options,
    async stdin(live) {
      await live.waitFor(/AWS_CONTAINER_AUTHORIZATION_TOKEN[^\n]*\n/, { stream: "stdout" });
      await work({ live, ...printed(live.stdout()) });
      live.kill(windows ? "SIGKILL" : "SIGINT");
    },
  });
}

export function printed(stdout: string): Pick<Served, "uri" | "token"> {
  const [, uri = ""] = /AWS_CONTAINER_CREDENTIALS_FULL_URI\W+(http:[^\s'"]+)/.exec(stdout) ?? [];
  const [, token = ""] = /AWS_CONTAINER_AUTHORIZATION_TOKEN\W+(\w+)/.exec(stdout) ?? [];
  return { uri, token };
}

/** One request, byte for byte: `fetch` chooses some headers itself. */
export async function send(uri: string, text: string): Promise<Raw> {
  const { hostname, port } = new URL(uri);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(text));
  const reply = await new Response(connection.readable).text();
  const [headers = "", body = ""] = reply.split("\r\n\r\n");
  return { status: Number(headers.split(" ")[1]), headers, body: JSON.parse(body) };
}

export async function get(
  uri: string,
  headers: Readonly<Record<string, string>>,
  { method = "GET", host = new URL(uri).host } = {},
): Promise<Raw> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return await send(
    uri,
    `${method} ${new URL(uri).pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines}\r\n`,
  );
}
