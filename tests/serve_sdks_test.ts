/** The real AWS CLI and SDKs read from `serve`, and have new credentials when the old ones end. */
import assert from "node:assert/strict";
import { findPython, hasAwsCli } from "./aws_readers/readers.ts";
import type { Simulator } from "../simulator/server.ts";
import { freshFolder, withSimulator } from "./harness.ts";
import { ada, ADMIN, ADMIN_ARN, routes, run } from "./runs.ts";

const FOLDER = new URL("./aws_sdks/", import.meta.url);
const path = (name: string) => decodeURIComponent(new URL(name, FOLDER).pathname);

interface Judge {
  readonly name: string;
  /** Undefined: it is not installed here. */
  readonly command: readonly [string, ...string[]] | undefined;
  /** One process for each answer, which is the ARN alone. */
  readonly once?: boolean;
}

/** `.ci/judges` installs them and sets the variables. */
async function judges(): Promise<readonly Judge[]> {
  const python = await findPython();
  const hasBoto = python !== undefined && await succeeds([python, "-c", "import boto3"]);
  const js = Deno.env.get("OLAWS_SDK_JS");
  const go = Deno.env.get("OLAWS_SDK_GO");
  const arn = ["--query", "Arn", "--output", "text"];
  return [
    {
      name: "AWS CLI",
      command: await hasAwsCli() ? ["aws", "sts", "get-caller-identity", ...arn] : undefined,
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

/** Starts a judge that knows nothing but the two variables. `ask` gives its next line. */
function start([command, ...args]: readonly [string, ...string[]], env: Readonly<Record<string, string>>) {
  const child = new Deno.Command(command, {
    args,
    clearEnv: true,
    env: { ...env, PATH: Deno.env.get("PATH") ?? "", HOME: freshFolder("judge"), AWS_PAGER: "" },
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
function withEndpoint({ command, once }: Judge, simulator: Simulator): readonly [string, ...string[]] {
  assert.ok(command);
  return once ? [...command, "--endpoint-url", simulator.url] : command;
}

for (const judge of await judges()) {
  if (judge.command === undefined) console.error(`a test is skipped: ${judge.name} is not installed here`);
  Deno.test({
    name: `serve: ${judge.name} reads from it, and has new credentials when the old ones end`,
    ignore: judge.command === undefined,
    fn: () =>
      // They are as good as expired after two seconds.
      withSimulator({ ...ada(), saml: { sessionDuration: 62 } }, async (simulator) => {
        await run(simulator, {
          args: ["serve", "--no-input", ...ADMIN, "--output", "json"],
          allow: { stdout: [] },
          timeoutMs: 60_000,
          async stdin(live) {
            await live.waitFor("}\n", { stream: "stdout" });
            const env = {
              ...JSON.parse(live.stdout()) as Record<string, string>,
              AWS_REGION: "us-east-1",
              AWS_DEFAULT_REGION: "us-east-1",
              AWS_ENDPOINT_URL_STS: simulator.url,
              OLAWS_SDK_JS: Deno.env.get("OLAWS_SDK_JS") ?? "",
              NO_PROXY: "127.0.0.1",
            };
            const command = withEndpoint(judge, simulator);
            let process = start(command, env);
            const first = await process.ask();
            assert.equal(first.split(" ")[0], ADMIN_ARN);
            const [, until = ""] = /until ([^)]+)\)/.exec(live.stderr()) ?? [];
            await live.until(() => Date.parse(until) - Date.now() < 59_000);
            if (judge.once) {
              await process.end();
              process = start(command, env);
            }
            let second = await process.ask();
            // The SDK for JavaScript renews in the background.
            for (let tries = 0; tries < 20 && second === first && !judge.once; tries++) second = await process.ask();
            await process.end();
            assert.equal(second.split(" ")[0], ADMIN_ARN);
            if (!judge.once) assert.notEqual(second, first);
            live.kill("SIGINT");
          },
        });
        assert.ok(routes(simulator).filter((route) => route === "assertion").length >= 2, "it was renewed");
      }),
  });
}
