/** The AWS CLI and SDKs, as programs that tell who they are at STS. */
import assert from "node:assert/strict";
import type { Simulator } from "../../simulator/server.ts";
import { findPython, hasAwsCli } from "../aws_tools.ts";

const FOLDER = new URL("./", import.meta.url);
const path = (name: string) => decodeURIComponent(new URL(name, FOLDER).pathname);

interface Judge {
  readonly name: string;
  /** Undefined: it is not installed here. */
  readonly command: readonly [string, ...string[]] | undefined;
  /** One process for each answer, which is the ARN alone. */
  readonly once?: boolean;
}

/** `.ci/judges` installs them and sets the variables. */
export async function judges(): Promise<readonly Judge[]> {
  const python = await findPython();
  const hasBoto = python !== undefined && await succeeds([python, "-c", "import boto3"]);
  const js = Deno.env.get("OLAWS_SDK_JS");
  const go = Deno.env.get("OLAWS_SDK_GO");
  const arn = ["--query", "Arn", "--output", "text"];
  return [
    {
      name: "AWS CLI",
      command: hasAwsCli() ? ["aws", "sts", "get-caller-identity", ...arn] : undefined,
      once: true,
    },
    { name: "boto3", command: hasBoto ? [python, path("sdk.py")] : undefined },
    { name: "SDK for JavaScript", command: js ? ["node", path("sdk.mjs")] : undefined },
    { name: "SDK for Go", command: go ? [go] : undefined },
  ];
}

async function succeeds([command, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
}

/** Starts a judge that knows nothing but these variables. `ask` gives its next line. */
export function startJudge([command, ...args]: readonly [string, ...string[]], env: Readonly<Record<string, string>>) {
  const child = new Deno.Command(command, {
    args,
    clearEnv: true,
    env: {
      ...env,
      PATH: Deno.env.get("PATH") ?? "",
      AWS_PAGER: "",
      OLAWS_SDK_JS: Deno.env.get("OLAWS_SDK_JS") ?? "",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complaint = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = child.stdin.getWriter();
  return {
    async ask() {
      await writer.write(new TextEncoder().encode("\n")).catch(() => {});
      const { value } = await lines.read();
      if (value === undefined) throw new Error(`${command} ended: ${await complaint}`);
      return value.trim();
    },
    async end() {
      await writer.close().catch(() => {});
      await lines.cancel();
      await child.status;
      await complaint;
    },
  };
}

/** By the command line, since versions of the CLI before 2.13 do not know the variable. */
export function withEndpoint({ command, once }: Judge, simulator: Simulator): readonly [string, ...string[]] {
  assert.ok(command);
  return once ? [...command, "--endpoint-url", simulator.url] : command;
}
