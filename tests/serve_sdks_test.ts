/** The real AWS CLI and SDKs read from `serve`, and have new credentials when the old ones end. */
import assert from "node:assert/strict";
import { judges, startJudge, withEndpoint } from "./aws_sdks/judges.ts";
import { freshFolder, withSimulator } from "./harness.ts";
import { ada, ADMIN, ADMIN_ARN, routes, run } from "./runs.ts";

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
              HOME: freshFolder("judge"),
              AWS_REGION: "us-east-1",
              AWS_DEFAULT_REGION: "us-east-1",
              AWS_ENDPOINT_URL_STS: simulator.url,
              NO_PROXY: "127.0.0.1",
            };
            const command = withEndpoint(judge, simulator);
            let process = startJudge(command, env);
            const first = await process.ask();
            assert.equal(first.split(" ")[0], ADMIN_ARN);
            await new Promise((ended) => setTimeout(ended, 3000));
            if (judge.once) {
              await process.end();
              process = startJudge(command, env);
            }
            let second = await process.ask();
            // The SDK for JavaScript renews in the background.
            for (const late = Date.now() + 10_000; second === first && !judge.once && Date.now() < late;) {
              await new Promise((soon) => setTimeout(soon, 20));
              second = await process.ask();
            }
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
