import assert from "node:assert/strict";
import fc from "fast-check";
import { Exit, UserError } from "../errors.ts";
import { HttpError, type HttpReply, type HttpRequest } from "../io/deps.ts";
import {
  assumeRole,
  assumeRoleWithSaml,
  CHAIN_MAX_SECONDS,
  describeSkew,
  getCallerIdentity,
  isSessionName,
  sessionNameOf,
  type StsCause,
  stsError,
  type StsOutcome,
} from "./sts.ts";
import { USER_AGENT } from "../version.ts";

const NOW = Date.UTC(2027, 0, 15, 8, 30);
const ROLE = {
  roleArn: "arn:aws:iam::123456789012:role/team/dev/Admin",
  principalArn: "arn:aws:iam::123456789012:saml-provider/OneLogin",
};
const ASSERTION = { base64: "PHNhbWw+/w==" };
const CREDENTIALS = {
  accessKeyId: "ASIAQEXAMPLEEXAMPLE7",
  secretAccessKey: "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYexampleSK",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLEtoken+/==",
  expiration: Date.UTC(2027, 0, 15, 9, 30),
};
const ASSUMED = "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com";

type Step = HttpReply | HttpError | Error;

/** Answers in turn; fails the test on a request too many, and `left()` tells of one too few. */
function fake(...steps: Step[]) {
  const sent: HttpRequest[] = [];
  const slept: number[] = [];
  const rest = [...steps];
  let now = NOW;
  const controller = new AbortController();
  return {
    sent,
    slept,
    controller,
    left: () => rest.length,
    deps: {
      http: {
        open() {},
        send(request: HttpRequest): Promise<HttpReply> {
          sent.push(request);
          const step = rest.shift();
          if (step === undefined) throw new Error("a request too many");
          return step instanceof Error ? Promise.reject(step) : Promise.resolve(step);
        },
      },
      clock: {
        now: () => now,
        sleep: (ms: number) => {
          slept.push(ms);
          now += ms;
          return controller.signal.aborted ? Promise.reject(controller.signal.reason) : Promise.resolve();
        },
      },
      random: () => 0.5,
      signal: controller.signal,
    },
  };
}

function reply(status: number, body: string, headers: Record<string, string> = {}): HttpReply {
  return { status, headers: { "content-type": "text/xml", ...headers }, body };
}

function granted(action = "AssumeRoleWithSAML", change: (xml: string) => string = (xml) => xml): HttpReply {
  return reply(
    200,
    change(
      `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
    <Audience>https://signin.aws.amazon.com/saml</Audience>
    <AssumedRoleUser><AssumedRoleId>AROAQEXAMPLEEXAMPLE77:ada@example.com</AssumedRoleId><Arn>${ASSUMED}</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${CREDENTIALS.accessKeyId}</AccessKeyId>
      <SecretAccessKey>${CREDENTIALS.secretAccessKey}</SecretAccessKey>
      <SessionToken>${CREDENTIALS.sessionToken}</SessionToken>
      <Expiration>2027-01-15T09:30:00Z</Expiration>
    </Credentials>
  </${action}Result><ResponseMetadata><RequestId>c6104cbe</RequestId></ResponseMetadata></${action}Response>`,
    ),
  );
}

function fault(status: number, code: string, message: string, headers: Record<string, string> = {}): HttpReply {
  return reply(
    status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${message}</Message></Error><RequestId>c7a2f1b0</RequestId></ErrorResponse>`,
    headers,
  );
}

const ask = (stage: ReturnType<typeof fake>, more: { endpoint?: string; region?: string } = {}) =>
  assumeRoleWithSaml(stage.deps, {
    region: "eu-west-1",
    role: ROLE,
    assertion: ASSERTION,
    durationSeconds: 3600,
    timeoutMs: 30_000,
    ...more,
  });

const after = async (...steps: Step[]): Promise<StsOutcome> => {
  const stage = fake(...steps);
  const outcome = await ask(stage);
  assert.equal(stage.left(), 0);
  return outcome;
};

Deno.test("assumeRoleWithSaml: one unsigned POST to the regional host, the assertion byte for byte", async () => {
  const stage = fake(granted());
  const outcome = await ask(stage);
  const [request, ...more] = stage.sent;
  assert.ok(request && more.length === 0);
  assert.equal(request.method, "POST");
  assert.equal(request.url, "https://sts.eu-west-1.amazonaws.com/");
  assert.deepEqual(request.headers, {
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "user-agent": USER_AGENT,
  });
  assert.equal(request.timeoutMs, 30_000);
  assert.equal(request.signal, stage.deps.signal);
  assert.equal(
    request.body,
    "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fteam%2Fdev%2FAdmin" +
      "&PrincipalArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Asaml-provider%2FOneLogin&SAMLAssertion=PHNhbWw%2B%2Fw%3D%3D&DurationSeconds=3600",
  );
  assert.deepEqual(outcome, { kind: "credentials", credentials: CREDENTIALS, assumedRoleArn: ASSUMED });
});

Deno.test("assumeRoleWithSaml: the partition's host, or the endpoint given", async () => {
  for (
    const [more, url] of [
      [{ region: "cn-north-1" }, "https://sts.cn-north-1.amazonaws.com.cn/"],
      [{ region: "us-gov-west-1" }, "https://sts.us-gov-west-1.amazonaws.com/"],
      [{ endpoint: "http://127.0.0.1:8123" }, "http://127.0.0.1:8123/"],
    ] as const
  ) {
    const stage = fake(granted());
    await ask(stage, more);
    assert.equal(stage.sent[0]?.url, url);
  }
  const stage = fake();
  await assert.rejects(ask(stage, { region: "evil.com/" }), UserError);
  assert.equal(stage.sent.length, 0);
});

Deno.test("assumeRoleWithSaml: reads credentials in any order, with a prefix, fractions, comments and spaces", async (t) => {
  const forms: Readonly<Record<string, (xml: string) => string>> = {
    "prefix": (xml) => xml.replace(/<(\/?)(?=[A-Z])/g, "<$1sts:").replace("xmlns=", "xmlns:sts="),
    "no namespace": (xml) => xml.replace(/ xmlns="[^"]*"/, ""),
    "declaration": (xml) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`,
    "fraction": (xml) => xml.replace("09:30:00Z", "09:30:00.000Z"),
    "offset": (xml) => xml.replace("09:30:00Z", "10:30:00+01:00"),
    "spaces": (xml) => xml.replace(/<(AccessKeyId|Arn)>/g, "<$1>\n  ").replace("</SessionToken>", "\n</SessionToken>"),
    "order": (xml) => xml.replace(/(<AccessKeyId>.*?<\/AccessKeyId>)([\s\S]*)(<\/Credentials>)/, "$2$1$3"),
    "comment": (xml) => xml.replace("ASIAQ", "ASI<!-- -->AQ"),
    "more elements": (xml) => xml.replace("<Credentials>", "<PackedPolicySize>6</PackedPolicySize><Credentials>"),
  };
  for (const [name, form] of Object.entries(forms)) {
    await t.step(name, async () => {
      const outcome = await after(granted(undefined, form));
      assert.ok(outcome.kind === "credentials", JSON.stringify(outcome));
      assert.deepEqual(outcome.credentials, CREDENTIALS);
    });
  }
});

Deno.test("assumeRoleWithSaml: an answer that cannot be used is unexpected, asked for once, shows no secret", async (t) => {
  const swap = (from: string | RegExp, to: string) => granted(undefined, (xml) => xml.replace(from, to));
  const answers: Readonly<Record<string, HttpReply>> = {
    "empty": reply(200, ""),
    "HTML": reply(200, "<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>"),
    "JSON": reply(200, '{"AccessKeyId":"x"}'),
    "cut": granted(undefined, (xml) => xml.slice(0, 500)),
    "huge": granted(undefined, (xml) => xml + " ".repeat(300_000)),
    "another action": granted("AssumeRole"),
    "an error with status 200": reply(200, fault(400, "AccessDenied", "x").body),
    "no credentials": swap(/<Credentials>[\s\S]*<\/Credentials>/, ""),
    "no key id": swap(/<AccessKeyId>.*<\/AccessKeyId>/, ""),
    "no secret": swap(/<SecretAccessKey>.*<\/SecretAccessKey>/, ""),
    "no token": swap(/<SessionToken>.*<\/SessionToken>/, ""),
    "no expiration": swap(/<Expiration>.*<\/Expiration>/, ""),
    "no assumed role": swap(/<Arn>.*<\/Arn>/, ""),
    "expiration that is no time": swap("2027-01-15T09:30:00Z", "tomorrow"),
    "expiration that does not exist": swap("2027-01-15T", "2027-02-30T"),
    "line end in the secret": swap("wJalr", "wJa&#10;lr"),
    "line end in the token": swap("IQoJ", "IQ\noJ"),
    "quote in the secret": swap("wJalr", "wJa&quot;lr"),
    "command in the token": swap("IQoJ", "IQ$(id)oJ"),
    "semicolon in the key id": swap("ASIAQ", "ASI;AQ"),
    "short key id": swap("ASIAQEXAMPLEEXAMPLE7", "ASIA"),
    "control character in the ARN": swap("assumed-role/Admin", "assumed-role/Ad&#9;min"),
    "no ARN": swap(ASSUMED, "me"),
    "doctype": granted(undefined, (xml) => `<!DOCTYPE x>${xml}`),
    "redirect": reply(302, "", { location: "https://example.com/" }),
    "not found": reply(404, "<html>Not Found</html>"),
    "proxy": reply(407, "Proxy Authentication Required"),
    "forbidden by something else": reply(403, "<html>blocked</html>"),
    "half an error": reply(400, "<ErrorResponse><Error><Code></Code></Error></ErrorResponse>"),
  };
  for (const [name, answer] of Object.entries(answers)) {
    await t.step(name, async () => {
      const outcome = await after(answer);
      assert.ok(outcome.kind === "unavailable", JSON.stringify(outcome));
      assert.match(outcome.message, /^unexpected reply from AWS STS: /);
      assert.equal(outcome.status, answer.status);
      for (const secret of ["wJa", "IQ", "hotel"]) assert.equal(outcome.message.includes(secret), false);
      assert.equal(stsError(outcome, { roleArn: ROLE.roleArn, region: "eu-west-1" }).exit, Exit.unavailable);
    });
  }
});

const EXPIRED = "Token must be redeemed within 5 minutes of issuance";
const MANIFEST =
  "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: AuthSamlManifestNotFoundException; Request ID: 1)";

Deno.test("assumeRoleWithSaml: every refusal has its cause, is not asked again, and its error has a hint", async (t) => {
  const cases: readonly (readonly [StsCause, number, string, string, RegExp])[] = [
    ["expired-assertion", 400, "ExpiredTokenException", EXPIRED, /log in again/],
    ["expired-assertion", 400, "ExpiredToken", EXPIRED, /log in again/],
    [
      "duration",
      400,
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      /--duration/,
    ],
    [
      "duration",
      400,
      "ValidationError",
      "1 validation error detected: Value '300' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
      /--duration/,
    ],
    ["not-authorized", 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", /trust policy/],
    ["not-authorized", 403, "IDPRejectedClaim", "x", /trust policy/],
    ["bad-role-arn", 400, "ValidationError", "Request ARN is invalid", /roles/],
    [
      "bad-role-arn",
      400,
      "ValidationError",
      "1 validation error detected: Value '' at 'roleArn' failed to satisfy constraint",
      /roles/,
    ],
    ["bad-principal-arn", 400, "ValidationError", "Principal ARN is invalid", /saml-provider\/OneLogin/],
    ["invalid-identity", 400, "InvalidIdentityToken", "Response signature invalid", /metadata/],
    ["invalid-identity", 400, "InvalidIdentityToken", "Response does not contain the required audience", /metadata/],
    [
      "invalid-identity",
      400,
      "InvalidIdentityToken",
      "Issuer not present in specified provider (Service: X; Status Code: 400; Error Code: AuthSamlInvalidSamlResponseException)",
      /metadata/,
    ],
    ["wrong-partition-or-provider", 400, "InvalidIdentityToken", MANIFEST, /no SAML provider/],
    ["region-disabled", 403, "RegionDisabledException", "STS is not activated", /--aws-region/],
    ["packed-policy", 400, "PackedPolicyTooLarge", "x", /--policy-file/],
    ["bad-policy", 400, "MalformedPolicyDocument", "Syntax errors in policy.", /--policy-arn/],
    ["other", 400, "ValidationError", "something else", /doctor/],
    ["other", 400, "InvalidAction", "Could not find operation X for version 2011-06-15", /doctor/],
    ["other", 400, "NewCode", "new words", /doctor/],
  ];
  for (const [cause, status, code, message, hint] of cases) {
    await t.step(`${code}: ${message.slice(0, 50)}`, async () => {
      const outcome = await after(fault(status, code, message));
      assert.deepEqual(outcome, { kind: "refused", cause, code, message, status });
      assert.ok(outcome.kind === "refused");
      const error = stsError(outcome, { ...ROLE, region: "eu-west-1", durationSeconds: 7200 });
      assert.equal(error.exit, Exit.sts);
      assert.equal(error.cause, cause);
      assert.match(
        error.message,
        /^cannot assume role "arn:aws:iam::123456789012:role\/team\/dev\/Admin": AWS reports ".*" \(\w+\)$/,
      );
      assert.match(error.hints.join("\n"), hint);
    });
  }
});

Deno.test("assumeRoleWithSaml: text of a refusal is safe to print", async () => {
  const outcome = await after(fault(403, "Access\u009bDenied", `x&#10;y&#x202E;${"z".repeat(2000)}`));
  assert.ok(outcome.kind === "refused");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(outcome.message + outcome.code, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  assert.ok(outcome.message.length < 600);
});

Deno.test("assumeRoleWithSaml: passing failures are tried three times in all, with growing waits", async (t) => {
  const passing: Readonly<Record<string, Step>> = {
    "500": reply(500, "oops"),
    "503 with a code": fault(503, "ServiceUnavailable", "later"),
    "429": reply(429, ""),
    "throttling with status 400": fault(400, "Throttling", "Rate exceeded"),
    "throttling by another name": fault(400, "RequestLimitExceeded", "Rate exceeded"),
    "reset": new HttpError("reset", "connection reset", true),
    "dns": new HttpError("dns", 'cannot find "sts.eu-west-1.amazonaws.com"', false),
    "refused": new HttpError("refused", "connection refused", false),
    "connect timeout": new HttpError("connect-timeout", "cannot connect", false),
  };
  for (const [name, step] of Object.entries(passing)) {
    await t.step(`${name}, then credentials`, async () => {
      const stage = fake(step, step, granted());
      assert.equal((await ask(stage)).kind, "credentials");
      assert.deepEqual(stage.slept, [250, 500]);
    });
    await t.step(`${name} for good`, async () => {
      const stage = fake(step, step, step);
      const outcome = await ask(stage);
      assert.ok(outcome.kind === "unavailable");
      assert.equal(stage.sent.length, 3);
      assert.deepEqual(stage.slept, [250, 500]);
      const error = stsError(outcome, { roleArn: ROLE.roleArn, region: "eu-west-1" });
      assert.equal(error.exit, Exit.unavailable);
      assert.match(error.message, /^cannot assume role "[^"]+": .*[^.]$/);
      assert.ok(error.hints.length > 0);
    });
  }
});

Deno.test("stsError: a proxy is suspected only if no error of AWS came", async () => {
  const hint = async (...steps: readonly Step[]) => {
    const outcome = await after(...steps);
    assert.ok(outcome.kind === "unavailable");
    return stsError(outcome, { region: "eu-west-1" }).hints.join();
  };
  const [busy, down] = [fault(400, "Throttling", "Rate exceeded"), reply(503, "<html>")];
  assert.equal(await hint(busy, busy, busy), "try again in a minute");
  assert.equal(await hint(down, down, down), "try again in a minute");
  assert.match(await hint(reply(403, "<html>blocked</html>")), /check the proxy/);
});

Deno.test("assumeRoleWithSaml: what the next attempt would meet again is tried once", async (t) => {
  for (const kind of ["timeout", "tls", "too-large", "blocked"] as const) {
    await t.step(kind, async () => {
      const outcome = await after(new HttpError(kind, `no luck with "sts"\u001b`, kind === "timeout"));
      assert.deepEqual(outcome, { kind: "unavailable", message: 'no luck with "sts"', network: kind });
    });
  }
});

Deno.test("assumeRoleWithSaml: an abort ends it with its reason, between attempts too", async () => {
  const reason = new Error("interrupted");
  await assert.rejects(after(reason), (error) => error === reason);
  const stage = fake(reply(503, ""));
  stage.controller.abort(reason);
  await assert.rejects(ask(stage), (error) => error === reason);
  assert.equal(stage.sent.length, 1);
});

Deno.test("stsError: a wrong clock is named as the cause only if it explains the refusal, above four minutes", async () => {
  const at = (offsetMs: number) => ({ date: new Date(NOW + offsetMs).toUTCString() });
  const context = { roleArn: ROLE.roleArn, region: "eu-west-1" };
  for (
    const [offset, code, said] of [
      [7 * 60_000, "ExpiredTokenException", /clock is 7 minutes behind AWS's/],
      [-7 * 60_000, "ExpiredTokenException", /clock is 7 minutes ahead of AWS's/],
      [5 * 3_600_000, "InvalidIdentityToken", /clock is 5 hours behind AWS's/],
      [4 * 60_000, "ExpiredTokenException", undefined],
      [7 * 60_000, "AccessDenied", undefined],
    ] as const
  ) {
    const outcome = await after(fault(400, code, EXPIRED, at(offset)));
    assert.ok(outcome.kind === "refused");
    assert.equal(outcome.dateSkewMs, offset);
    const error = stsError(outcome, context);
    if (said) {
      assert.match(error.message, said);
      assert.match(error.hints.join(), /set the clock/);
    } else assert.doesNotMatch(error.message + error.hints.join(), /clock/);
  }
  const granting = await after({ ...granted(), headers: at(-3000) });
  assert.equal(granting.dateSkewMs, -3000);
  for (const date of ["yesterday", "", "Fri, 99 Jan 2027 08:30:00 GMT"]) {
    assert.equal((await after({ ...granted(), headers: { date } })).dateSkewMs, undefined);
  }
  assert.equal(describeSkew(undefined), undefined);
});

Deno.test("stsError: a duration that is too long gets the one that always works, a short one the shortest and the limits", async () => {
  const outcome = await after(fault(400, "ValidationError", "The requested DurationSeconds exceeds the limit"));
  assert.ok(outcome.kind === "refused");
  const hints = (durationSeconds: number) => stsError(outcome, { region: "eu-west-1", durationSeconds }).hints.join();
  assert.match(hints(43_200), /less than 43200 seconds: --duration 3600.*MaxSessionDuration/);
  assert.match(
    hints(3600),
    /less than 3600 seconds: --duration 900.*MaxSessionDuration.*at most 3600 for a role assumed/,
  );
  assert.match(hints(900), /^--duration accepts 900 to 43200 seconds.*MaxSessionDuration/);
});

Deno.test("stsError: an address of the environment that serves nobody is named by its variable, not by the region", () => {
  const target = { region: "eu-west-1", variable: "AWS_ENDPOINT_URL_STS" };
  const hints = (more: { network?: "refused" | "dns" | "proxy"; status?: number; code?: string }) =>
    stsError({ kind: "unavailable", message: "no", ...more }, target).hints.join();
  for (const more of [{ network: "refused" }, { network: "dns" }, { status: 500 }, { status: 404 }] as const) {
    assert.equal(hints(more), "check the address in AWS_ENDPOINT_URL_STS, or unset it to use AWS's own");
  }
  assert.match(hints({ network: "proxy" }), /^put the user and password into HTTPS_PROXY/);
  assert.match(hints({ status: 503, code: "ServiceUnavailable" }), /^try again/);
});

Deno.test("stsError: an assertion that is too long means too many roles", async () => {
  const message = "1 validation error detected: Value '' at 'sAMLAssertion' failed to satisfy constraint: " +
    "Member must have length less than or equal to 100000";
  const outcome = await after(fault(400, "ValidationError", message));
  assert.ok(outcome.kind === "refused");
  assert.equal(outcome.cause, "assertion-too-long");
  assert.match(stsError(outcome, { region: "eu-west-1" }).hints.join(), /fewer roles/);
});

Deno.test("stsError: a missing provider names the partition when the region is of another one", async () => {
  const outcome = await after(fault(400, "InvalidIdentityToken", MANIFEST));
  assert.ok(outcome.kind === "refused");
  const error = stsError(outcome, { roleArn: "arn:aws-us-gov:iam::123456789012:role/A", region: "eu-west-1" });
  assert.match(error.hints.join(), /partition "aws-us-gov" but region "eu-west-1" is in "aws"/);
});

Deno.test("assumeRole: signed, with session name and external id, at most an hour", async () => {
  const stage = fake(granted("AssumeRole"));
  const outcome = await assumeRole(stage.deps, {
    region: "eu-west-1",
    credentials: CREDENTIALS,
    roleArn: "arn:aws:iam::210987654321:role/Next",
    roleSessionName: "ada@example.com",
    externalId: "a&b=c",
    durationSeconds: 43_200,
    timeoutMs: 1000,
  });
  assert.equal(outcome.kind, "credentials");
  const request = stage.sent[0];
  assert.ok(request);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(request.body)), {
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: "arn:aws:iam::210987654321:role/Next",
    RoleSessionName: "ada@example.com",
    DurationSeconds: String(CHAIN_MAX_SECONDS),
    ExternalId: "a&b=c",
  });
  assert.match(
    request.headers["authorization"] ?? "",
    /^AWS4-HMAC-SHA256 Credential=ASIAQEXAMPLEEXAMPLE7\/20270115\/eu-west-1\/sts\//,
  );
  assert.equal(request.headers["x-amz-security-token"], CREDENTIALS.sessionToken);
  assert.equal(JSON.stringify(request).includes(CREDENTIALS.secretAccessKey), false);
});

Deno.test("assumeRole: each attempt is signed at its own time", async () => {
  const stage = fake(reply(503, ""), reply(503, ""), granted("AssumeRole"));
  stage.deps.random = () => 0.99999;
  const clock = stage.deps.clock;
  const sleep = clock.sleep;
  clock.sleep = (ms: number) => sleep(ms * 10);
  await assumeRole(stage.deps, {
    region: "eu-west-1",
    credentials: CREDENTIALS,
    roleArn: ROLE.roleArn,
    roleSessionName: "ada",
    durationSeconds: 900,
    timeoutMs: 1000,
  });
  const dates = stage.sent.map((request) => request.headers["x-amz-date"]);
  assert.equal(new Set(dates).size, 3, dates.join());
});

Deno.test("isSessionName: what AWS accepts", () => {
  for (const name of ["ada@example.com", "ab", "x".repeat(64)]) assert.ok(isSessionName(name), name);
  for (const name of ["a", "ada lovelace", "x".repeat(65), ""]) assert.ok(!isSessionName(name), name);
});

Deno.test("getCallerIdentity: the identity of the credentials, or why AWS refused them", async () => {
  const call = async (step: HttpReply) => {
    const stage = fake(step);
    const outcome = await getCallerIdentity(stage.deps, {
      region: "eu-west-1",
      credentials: CREDENTIALS,
      timeoutMs: 1000,
    });
    assert.match(
      stage.sent[0]?.headers["authorization"] ?? "",
      /Signature=d7c7dcd4ed1bd72bcac16b92c06120f3e8c9257db21eff397ffb6ad027d9694a$/,
    );
    return outcome;
  };
  const identity = (arn: string, account: string) =>
    reply(
      200,
      `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>A:b</UserId><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    );
  assert.deepEqual(await call(identity(ASSUMED, "123456789012")), {
    kind: "identity",
    arn: ASSUMED,
    accountId: "123456789012",
  });
  assert.equal((await call(identity(ASSUMED, "12"))).kind, "unavailable");
  assert.equal((await call(identity("", "123456789012"))).kind, "unavailable");
  for (
    const [code, cause, exit] of [
      ["ExpiredToken", "expired-credentials", Exit.sts],
      ["InvalidClientTokenId", "invalid-credentials", Exit.sts],
      ["SignatureDoesNotMatch", "signature", Exit.sts],
      ["AccessDenied", "not-authorized", Exit.sts],
    ] as const
  ) {
    const outcome = await call(fault(403, code, "The security token included in the request is invalid."));
    assert.ok(outcome.kind === "refused");
    assert.equal(outcome.cause, cause);
    const error = stsError(outcome, { region: "eu-west-1" });
    assert.equal(error.exit, exit);
    assert.match(
      error.message,
      /^cannot ask AWS whose credentials these are: AWS reports "The security token included in the request is invalid" \(/,
    );
  }
});

Deno.test("sessionNameOf: the person's name in an assumed role's ARN, or nothing", () => {
  assert.equal(sessionNameOf(ASSUMED), "ada@example.com");
  for (
    const arn of ["", "arn:aws:iam::123456789012:role/Admin", `${ASSUMED}/x`, ASSUMED.replace("ada@example.com", "a b")]
  ) {
    assert.equal(sessionNameOf(arn), undefined);
  }
});

Deno.test("assumeRoleWithSaml: whatever STS answers, it is an outcome, and credentials are safe for files and shells", async () => {
  const seed = granted().body;
  const body = fc.oneof(
    fc.string({ unit: "binary", maxLength: 100 }),
    fc.array(
      fc.record({
        at: fc.nat(seed.length),
        cut: fc.nat(30),
        put: fc.oneof(
          fc.constantFrom("<", ">", "&", "&#10;", "&quot;", "'", "]]>", "<!--"),
          fc.string({ maxLength: 4 }),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ).map((edits) => edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), seed)),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(200, 400, 403, 500), body, async (status, text) => {
      const stage = fake(reply(status, text), reply(status, text), reply(status, text));
      const outcome = await ask(stage);
      assert.ok(["credentials", "refused", "unavailable"].includes(outcome.kind));
      if (outcome.kind !== "credentials") return;
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = outcome.credentials;
      for (const value of [accessKeyId, secretAccessKey, sessionToken]) assert.match(value, /^[A-Za-z0-9+/=_.:~,@-]+$/);
      assert.ok(Number.isFinite(expiration));
      assert.match(outcome.assumedRoleArn, /^[\x21-\x7e]+$/);
    }),
    { numRuns: 400 },
  );
});
