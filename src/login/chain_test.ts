import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import { HttpError, type HttpReply } from "../io/deps.ts";
import { parseRoleArn } from "../saml/role_arn.ts";
import { fakeClock, fakeContext, fakeHttp, fakeReporter, stsGrants, stsRefuses } from "../testing.ts";
import { chainRoles } from "./chain.ts";
import { chainedDuration, readChain, warnAboutChainedDuration } from "./chain_options.ts";
import { warnAboutGaps } from "./renewal.ts";
import type { RoleCredentials } from "../store/role_credentials.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });
const FIRST = "arn:aws:iam::111122223333:role/team/Deploy";
const LAST = "arn:aws:iam::444455556666:role/Admin";

const START: RoleCredentials = {
  credentials: {
    accessKeyId: "ASIASTART",
    secretAccessKey: "start-secret",
    sessionToken: "start-token",
    expiration: 1,
  },
  role: {
    ...parseRoleArn("arn:aws:iam::123456789012:role/Dev")!,
    principalArn: "arn:aws:iam::123456789012:saml-provider/OneLogin",
  },
  assumedRoleArn: "arn:aws:sts::123456789012:assumed-role/Dev/ada@example.com",
  region: "eu-west-1",
};

/** AWS's answer, with keys that tell which call they came from. */
function answer(role: string, call: number, expiration: number): HttpReply {
  const reply = stsGrants(role, expiration);
  return {
    ...reply,
    body: reply.body.replaceAll("AssumeRoleWithSAML", "AssumeRole").replace(
      "ASIAQEXAMPLEEXAMPLE7",
      `ASIACALL${call}EXAMPLE0001`,
    ),
  };
}

async function run(options: {
  readonly settings: Partial<Settings>;
  readonly start?: Partial<RoleCredentials>;
  readonly sessionName?: string;
  readonly reply?: (call: number) => HttpReply | undefined;
}) {
  const clock = fakeClock();
  const http = fakeHttp((request, call) =>
    options.reply?.(call) ??
      answer(new URLSearchParams(request.body).get("RoleArn") ?? "", call, clock.now() + 3_600_000)
  );
  const reporter = fakeReporter();
  const context = fakeContext({ deps: { clock, http }, settings: options.settings, reporter });
  let error: unknown, granted: RoleCredentials | undefined;
  try {
    granted = await chainRoles(context, { ...START, ...options.start }, options.sessionName);
  } catch (thrown) {
    error = thrown;
  }
  const asked = http.requests.map((request) => ({
    ...Object.fromEntries(new URLSearchParams(request.body)),
    signedBy: /Credential=(\w+)\//.exec(request.headers["authorization"] ?? request.headers["Authorization"] ?? "")
      ?.[1],
    url: request.url,
  }));
  return { error, granted, asked, reporter };
}

function assertExit(error: unknown, exit: number, words: RegExp): void {
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exit, exit, error.message);
  assert.match([error.message, ...error.hints].join("\n"), words);
}

Deno.test("chainRoles() leaves what was granted alone when no chain is asked for", async () => {
  const { granted, asked } = await run({ settings: {} });
  assert.deepEqual(granted, START);
  assert.deepEqual(asked, []);
});

Deno.test("chainRoles() signs each hop with the credentials before it, and ends with the last role", async () => {
  const { granted, asked } = await run({ settings: { chainRoleArn: [FIRST, LAST] } });
  assert.deepEqual(asked.map(({ signedBy }) => signedBy), ["ASIASTART", "ASIACALL0EXAMPLE0001"]);
  assert.deepEqual(asked[0], {
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: FIRST,
    RoleSessionName: "ada@example.com",
    DurationSeconds: "3600",
    signedBy: "ASIASTART",
    url: "https://sts.eu-west-1.amazonaws.com/",
  });
  assert.equal(granted?.credentials.accessKeyId, "ASIACALL1EXAMPLE0001");
  assert.equal(granted?.role.roleArn, LAST);
  assert.equal(granted?.role.accountId, "444455556666");
  assert.equal(granted?.role.principalArn, START.role.principalArn);
  assert.equal(granted?.assumedRoleArn, "arn:aws:sts::444455556666:assumed-role/Admin/ada@example.com");
  assert.equal(granted?.region, "eu-west-1");
});

Deno.test("chainRoles() asks for an hour at most, and for less where --duration is less", async () => {
  const seconds = async (duration: number) => {
    const { asked } = await run({ settings: { chainRoleArn: [LAST], duration: set(duration) } });
    return (asked[0] as unknown as Record<string, string>)["DurationSeconds"];
  };
  assert.deepEqual([await seconds(43200), await seconds(900)], ["3600", "900"]);
  assert.deepEqual([chainedDuration({ chainRoleArn: [] }, 43200), chainedDuration({ chainRoleArn: [LAST] }, 43200)], [
    43200,
    3600,
  ]);
});

Deno.test("chainRoles() names the session like the one it comes from, else by the assertion, else by the program", async () => {
  const name = async (assumedRoleArn: string, sessionName?: string) => {
    const { asked } = await run({
      settings: { chainRoleArn: [LAST] },
      start: { assumedRoleArn },
      ...(sessionName === undefined ? {} : { sessionName }),
    });
    return (asked[0] as unknown as Record<string, string>)["RoleSessionName"];
  };
  assert.equal(await name("arn:aws:sts::123456789012:assumed-role/Dev/grace", "other"), "grace");
  assert.equal(await name("unreadable", "ada@example.com"), "ada@example.com");
  assert.equal(await name("unreadable", "not a session"), "onelogin-aws-assume-role");
  assert.equal(await name("unreadable"), "onelogin-aws-assume-role");
});

Deno.test("chainRoles() sends the external id with each hop, and none unless given", async () => {
  const given = await run({ settings: { chainRoleArn: [FIRST, LAST], chainExternalId: "acme:42/x" } });
  assert.deepEqual(given.asked.map((fields) => (fields as Record<string, unknown>)["ExternalId"]), [
    "acme:42/x",
    "acme:42/x",
  ]);
  const none = await run({ settings: { chainRoleArn: [LAST] } });
  assert.ok(!("ExternalId" in none.asked[0]!));
});

Deno.test("chainRoles() explains a refused hop: trust policy, permission and external id; exit 6", async () => {
  const refuse = () => stsRefuses(403, "AccessDenied", `User: x is not authorized to perform: sts:AssumeRole`);
  const first = await run({ settings: { chainRoleArn: [FIRST, LAST] }, reply: refuse });
  assertExit(first.error, 6, /team\/Deploy".*\n.*trust policy.*"arn:aws:iam::123456789012:role\/Dev"/);
  assertExit(first.error, 6, /--chain-external-id ID/);
  assert.equal(first.asked.length, 1);
  const second = await run({
    settings: { chainRoleArn: [FIRST, LAST], chainExternalId: "acme" },
    reply: (call) => call === 0 ? undefined : refuse(),
  });
  assertExit(second.error, 6, /444455556666.*\n.*trust policy.*".*team\/Deploy"/);
  assertExit(second.error, 6, /external id/);
  assert.doesNotMatch((second.error as Error).message, /start-secret|start-token|wJalr/);
});

Deno.test("chainRoles() explains the hour of a chained role, and calls a network that fails unavailable", async () => {
  const long = await run({
    settings: { chainRoleArn: [LAST] },
    reply: () =>
      stsRefuses(
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
      ),
  });
  assertExit(long.error, 6, /an hour at most/);
  const down = await run({
    settings: { chainRoleArn: [LAST] },
    reply: () => {
      throw new HttpError("timeout", "no answer", true);
    },
  });
  assertExit(down.error, 7, /444455556666/);
});

Deno.test("chainRoles() does not leave the partition of the login's role", async () => {
  const { error, asked } = await run({ settings: { chainRoleArn: ["arn:aws-cn:iam::111122223333:role/X"] } });
  assertExit(error, 2, /partition "aws-cn", the other in "aws"/);
  assert.deepEqual(asked, []);
});

Deno.test("readChain() refuses what no request should be made for", () => {
  const read = (chainRoleArn: readonly string[], chainExternalId?: string) => {
    try {
      return readChain({ chainRoleArn, ...(chainExternalId === undefined ? {} : { chainExternalId }) });
    } catch (error) {
      return error;
    }
  };
  for (
    const text of [
      "Admin",
      "arn:aws:iam::123:role/x",
      "arn:aws:iam::123456789012:user/x",
      "arn:aws:iam::123456789012:role/",
      "",
    ]
  ) assertExit(read([text]), 2, /not the ARN of a role\n.*role ARN/);
  assertExit(read([FIRST, "arn:aws-us-gov:iam::111122223333:role/X"]), 2, /partitions separate/);
  assertExit(read([], "acme"), 2, /--chain-role-arn/);
  for (const id of ["x", "a b", "x".repeat(1225), "a\u001b[1m"]) assertExit(read([LAST], id), 2, /2 to 1224/);
  assert.equal((read([LAST], "acme:42/x") as readonly unknown[]).length, 1);
});

Deno.test("warnAboutChainedDuration() and warnAboutGaps() tell of the hour only if it matters", () => {
  const lines = (settings: Partial<Settings>) => {
    const reporter = fakeReporter();
    const context = fakeContext({ settings, reporter });
    warnAboutChainedDuration(context);
    warnAboutGaps(context);
    return reporter.lines;
  };
  assert.deepEqual(lines({ duration: set(43200) }), []);
  assert.deepEqual(lines({ chainRoleArn: [LAST] }), []);
  assert.match(lines({ chainRoleArn: [LAST], duration: set(7200) }).join("\n"), /3600 instead of 7200$/);
  const looped = lines({ chainRoleArn: [LAST], duration: set(7200), loop: set(2), time: set(60) }).join("\n");
  assert.match(looped, /valid for 3600 seconds.*use a shorter --time$/);
});
