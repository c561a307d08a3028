import assert from "node:assert/strict";
import fc from "fast-check";
import { Exit, UserError } from "../errors.ts";
import { HttpError, type HttpReply, type HttpRequest } from "../io/deps.ts";
import { consoleUrl, getSigninToken, signinError, type SigninOutcome } from "./federation.ts";

const CREDENTIALS = {
  accessKeyId: "ASIAQEXAMPLEEXAMPLE7",
  secretAccessKey: "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYexampleSK",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLEtoken+/==",
  expiration: 0,
};
const TOKEN = "VCQgs5qZZt3Q6fn8Tr5EXAMPLEmLnwB7JjUc-SHwnUUWabcRdnWsi4DBn-dvC";

async function call(
  step: HttpReply | Error,
  more: { endpoint?: string; region?: string; sessionSeconds?: number } = {},
): Promise<{ outcome: SigninOutcome; sent: readonly HttpRequest[] }> {
  const sent: HttpRequest[] = [];
  const send = (request: HttpRequest) => {
    sent.push(request);
    return step instanceof Error ? Promise.reject(step) : Promise.resolve(step);
  };
  const deps = { http: { open() {}, send }, signal: new AbortController().signal };
  const outcome = await getSigninToken(deps, {
    region: "eu-west-1",
    credentials: CREDENTIALS,
    timeoutMs: 1000,
    ...more,
  });
  return { outcome, sent };
}

const reply = (status: number, body: string): HttpReply => ({ status, headers: {}, body });
const good = reply(200, JSON.stringify({ SigninToken: TOKEN }));

Deno.test("getSigninToken: sends the keys in a body, never in a URL, once", async () => {
  const { outcome, sent } = await call(good);
  assert.deepEqual(outcome, { kind: "token", token: TOKEN });
  const [request, ...more] = sent;
  assert.ok(request && more.length === 0);
  assert.equal(request.method, "POST");
  assert.equal(request.url, "https://signin.aws.amazon.com/federation");
  const form = Object.fromEntries(new URLSearchParams(request.body));
  assert.deepEqual(Object.keys(form), ["Action", "Session"]);
  assert.equal(form["Action"], "getSigninToken");
  assert.deepEqual(JSON.parse(form["Session"] ?? ""), {
    sessionId: CREDENTIALS.accessKeyId,
    sessionKey: CREDENTIALS.secretAccessKey,
    sessionToken: CREDENTIALS.sessionToken,
  });
});

Deno.test("getSigninToken: goes to the partition's host or the endpoint; a session length only when given", async () => {
  assert.equal(
    (await call(good, { region: "us-gov-west-1" })).sent[0]?.url,
    "https://signin.amazonaws-us-gov.com/federation",
  );
  assert.equal((await call(good, { region: "cn-north-1" })).sent[0]?.url, "https://signin.amazonaws.cn/federation");
  assert.equal((await call(good, { endpoint: "http://127.0.0.1:1" })).sent[0]?.url, "http://127.0.0.1:1/federation");
  assert.match((await call(good, { sessionSeconds: 43_200 })).sent[0]?.body ?? "", /&SessionDuration=43200&/);
  await assert.rejects(call(good, { region: "us-iso-east-1" }), UserError);
});

Deno.test("getSigninToken: every other answer is refused or unavailable, and its error shows nothing of it", async (t) => {
  const cases: readonly (readonly [string, HttpReply | Error, SigninOutcome["kind"]])[] = [
    ["400", reply(400, "<html>secret</html>"), "refused"],
    ["401", reply(401, "secret"), "refused"],
    ["403", reply(403, ""), "refused"],
    ["404", reply(404, "secret"), "unavailable"],
    ["407", reply(407, "secret"), "unavailable"],
    ["429", reply(429, "secret"), "unavailable"],
    ["302", reply(302, "secret"), "unavailable"],
    ["503", reply(503, "secret"), "unavailable"],
    ["HTML", reply(200, "<html>secret</html>"), "unavailable"],
    ["no token", reply(200, '{"secret":1}'), "unavailable"],
    ["null", reply(200, "null"), "unavailable"],
    ["empty token", reply(200, '{"SigninToken":""}'), "unavailable"],
    ["token with a line end", reply(200, '{"SigninToken":"secret\\nx"}'), "unavailable"],
    ["token that is a number", reply(200, '{"SigninToken":7}'), "unavailable"],
    ["network", new HttpError("dns", 'cannot find "signin.aws.amazon.com"', false), "unavailable"],
  ];
  for (const [name, step, kind] of cases) {
    await t.step(name, async () => {
      const { outcome } = await call(step);
      assert.equal(outcome.kind, kind);
      assert.ok(outcome.kind !== "token");
      const error = signinError(outcome);
      assert.equal(error.exit, kind === "refused" ? Exit.sts : Exit.unavailable);
      assert.match(error.message, /^cannot get a console sign-in token: .*[^.]$/);
      assert.equal(error.message.includes("secret"), false);
      assert.ok(error.hints.length > 0);
    });
  }
  const reason = new Error("interrupted");
  await assert.rejects(call(reason), (error) => error === reason);
});

Deno.test("consoleUrl: opens the console's start page in the region, or the destination", () => {
  const url = new URL(consoleUrl({ region: "eu-west-1", token: TOKEN, issuer: "https://acme.onelogin.com/?a=b&c" }));
  assert.equal(url.origin + url.pathname, "https://signin.aws.amazon.com/federation");
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    Action: "login",
    Issuer: "https://acme.onelogin.com/?a=b&c",
    Destination: "https://console.aws.amazon.com/console/home?region=eu-west-1",
    SigninToken: TOKEN,
  });
  const gov = new URL(consoleUrl({ region: "us-gov-west-1", token: TOKEN }));
  assert.equal(gov.host, "signin.amazonaws-us-gov.com");
  assert.equal(
    gov.searchParams.get("Destination"),
    "https://console.amazonaws-us-gov.com/console/home?region=us-gov-west-1",
  );
  assert.equal(gov.searchParams.has("Issuer"), false);
  const local = consoleUrl({ region: "eu-west-1", token: TOKEN, endpoint: "http://127.0.0.1:1" });
  assert.ok(local.startsWith("http://127.0.0.1:1/federation?Action=login&"));
});

Deno.test("consoleUrl: a destination must be an https page of this partition's console", () => {
  const to = (destination: string, region = "eu-west-1") =>
    new URL(consoleUrl({ region, token: TOKEN, destination })).searchParams.get("Destination");
  for (
    const page of [
      "https://console.aws.amazon.com/s3/home?region=eu-west-1#x",
      "https://eu-west-1.console.aws.amazon.com/ec2/",
      "https://health.aws.amazon.com/",
    ]
  ) assert.equal(to(page), page);
  for (
    const page of [
      "",
      "s3",
      "//console.aws.amazon.com/",
      "http://console.aws.amazon.com/",
      "https://evil.com/",
      "https://aws.amazon.com.evil.com/",
      "https://evilaws.amazon.com/",
      "https://console.aws.amazon.com@evil.com/",
      "https://user:pass@console.aws.amazon.com/",
      "https://console.aws.amazon.com:8443/",
      "javascript:alert(1)//console.aws.amazon.com",
      "https://console.amazonaws.cn/",
    ]
  ) assert.throws(() => to(page), (error) => error instanceof UserError && error.exit === Exit.usage, page);
  assert.equal(to("https://console.amazonaws.cn/x", "cn-north-1"), "https://console.amazonaws.cn/x");
});

Deno.test("consoleUrl: token and destination come back as they were put in", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.webPath(), (token, path) => {
      const url = new URL(
        consoleUrl({ region: "eu-west-1", token, destination: `https://console.aws.amazon.com${path}` }),
      );
      assert.equal(url.searchParams.get("SigninToken"), token.toWellFormed());
      assert.equal(url.searchParams.get("Destination"), new URL(`https://console.aws.amazon.com${path}`).href);
    }),
  );
});
