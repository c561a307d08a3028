import assert from "node:assert/strict";
import type { Valued } from "../settings/settings.ts";
import { fakePrompter, simulatedContext } from "../testing.ts";
import { openStsEarly } from "./early_connection.ts";

const valued = (value: string, kind: "option" | "environment" = "option"): Valued<string> => ({
  value,
  source: { kind, name: "AWS_REGION" },
});

/** The hosts to which a connection was opened, and what was reported about it. */
async function opened(options: Parameters<typeof simulatedContext>[0]) {
  const { context, http, reporter, files } = simulatedContext(options);
  files.contents.set("/home/ada/.aws/config", "[profile dev]\nregion = ap-south-1\n");
  await openStsEarly(context);
  return { openings: http.openings, log: http.log, lines: reporter.lines };
}

Deno.test("openStsEarly() opens one connection to the region's host and asks nothing; --verbose names the host", async () => {
  const { openings, log, lines } = await opened({ settings: { awsRegion: valued("eu-west-1") } });
  assert.deepEqual(openings, ["https://sts.eu-west-1.amazonaws.com/"]);
  assert.deepEqual(log, []);
  assert.deepEqual(lines, ["detail: connecting to https://sts.eu-west-1.amazonaws.com while OneLogin answers"]);
});

Deno.test("openStsEarly() takes the region that a login would take, and none that a question may change", async () => {
  const none = undefined as never;
  const profile = valued("dev");
  const environment = valued("eu-west-3", "environment");
  const cases = [
    [{ awsRegion: none, profile }, "none", "ap-south-1"],
    [{ awsRegion: environment, profile }, "none", "ap-south-1"],
    [{ awsRegion: environment }, "terminal", "eu-west-3"],
    [{ awsRegion: environment }, "lines", undefined],
    [{ awsRegion: none, profile }, "lines", undefined],
    [{ awsRegion: valued("eu-west-3") }, "lines", "eu-west-3"],
    [{ awsRegion: none }, "none", undefined],
  ] as const;
  for (const [settings, kind, region] of cases) {
    const { openings } = await opened({ settings, prompter: fakePrompter([], kind) });
    assert.deepEqual(openings, region === undefined ? [] : [`https://sts.${region}.amazonaws.com/`]);
  }
});

Deno.test("openStsEarly() follows an endpoint, but never to the host that gets the password", async () => {
  const region = { awsRegion: valued("eu-west-1") };
  const elsewhere = valued("https://vpce-1.sts.eu-west-1.vpce.amazonaws.com");
  assert.deepEqual((await opened({ settings: { ...region, stsUrl: elsewhere } })).openings, [`${elsewhere.value}/`]);
  const shared = valued("http://127.0.0.1:8080");
  assert.deepEqual((await opened({ settings: { ...region, stsUrl: shared, oneloginUrl: shared } })).openings, []);
});
