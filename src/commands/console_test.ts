import assert from "node:assert/strict";
import type { Settings } from "../settings/settings.ts";
import { Exit, UserError } from "../errors.ts";
import { fakeContext, fakeFiles, fakeHttp, fakeReporter, fakeTerminal, json } from "../testing.ts";
import { consoleCommand } from "./console.ts";

const option = <T>(value: T) => ({ value, source: { kind: "option", name: "--x" } as const });
const profile = option("dev");

function section(arn: string, region: string): string {
  return `[dev]\naws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\nregion = ${region}\n` +
    `aws_session_expiration = 2027-01-15T09:30:00+0000\nx_principal_arn = ${arn}\n`;
}

async function open(credentials: string, settings: Partial<Settings> = {}, status = 200) {
  const http = fakeHttp(() => json(status, { SigninToken: "TOKEN" }));
  const terminal = fakeTerminal();
  const reporter = fakeReporter();
  const files = fakeFiles({ "/home/ada/.aws/credentials": credentials });
  const context = fakeContext({ deps: { http, terminal, files }, reporter, settings: { profile, ...settings } });
  const error = await consoleCommand(context).then(() => undefined, (thrown: UserError) => thrown);
  return { error, out: terminal.out, urls: http.requests.map(({ url }) => url), said: reporter.lines.join("\n"), http };
}

const DEV = "arn:aws:sts::123456789012:assumed-role/Admin/ada";
const GOV = "arn:aws-us-gov:sts::123456789012:assumed-role/Admin/ada";
const CHINA = "arn:aws-cn:sts::123456789012:assumed-role/Admin/ada";

Deno.test("consoleCommand: each partition has its own sign-in and console, which the role decides and not the region", async () => {
  const gov = await open(section(GOV, "us-gov-east-1"));
  assert.deepEqual(gov.urls, ["https://signin.amazonaws-us-gov.com/federation"]);
  const url = new URL(gov.out);
  assert.equal(url.host, "signin.amazonaws-us-gov.com");
  assert.equal(
    url.searchParams.get("Destination"),
    "https://console.amazonaws-us-gov.com/console/home?region=us-gov-east-1",
  );
  assert.equal(url.searchParams.get("Issuer"), "https://acme.onelogin.com/");
  const china = await open(section(CHINA, "eu-west-1"), { awsRegion: option("eu-central-1") });
  assert.match(china.out, /^https:\/\/signin\.amazonaws\.cn\/federation\?.*cn-northwest-1/);
  const asked = await open(section(DEV, "eu-west-1"), { awsRegion: option("eu-central-1") });
  assert.match(asked.out, /region%3Deu-central-1/);
});

Deno.test("consoleCommand: a destination of another partition is refused before a token is asked for", async () => {
  const { error, urls, out } = await open(section(DEV, "eu-west-1"), {
    destination: "https://console.amazonaws.cn/s3/",
  });
  assert.deepEqual([error?.exit, urls, out], [Exit.usage, [], ""]);
  assert.match(error?.hints.join() ?? "", /https:\/\/console\.aws\.amazon\.com\//);
});

Deno.test("consoleCommand: the address and its token are on stdout and nowhere else; a refusal is exit 6", async () => {
  const good = await open(section(DEV, "eu-west-1"));
  assert.match(good.out, /SigninToken=TOKEN\n$/);
  assert.doesNotMatch(good.said, /TOKEN|federation/);
  const refused = await open(section(DEV, "eu-west-1"), {}, 400);
  assert.deepEqual([refused.error?.exit, refused.out], [Exit.sts, ""]);
});

Deno.test("consoleCommand: a session length is sent only when asked for and the credentials are known to be no chain's", async () => {
  const { http } = await open(section(DEV, "eu-west-1"), { duration: option(7200) });
  assert.doesNotMatch(http.requests[0]?.body ?? "", /SessionDuration/);
});
