import assert from "node:assert/strict";
import { type Replies, rolesOf, simulatedHttp } from "../../simulator/in_process.ts";
import { UserError } from "../errors.ts";
import { type Prompter } from "../io/prompter.ts";
import { assertionReader } from "../saml/assertion.ts";
import { fakeClock, fakeContext, fakePrompter, fakeReporter, stsRefuses } from "../testing.ts";
import { getCredentials } from "./one_role.ts";

const readAssertion = await assertionReader();

const ROLES = ["123456789012/Admin", "210987654321/Dev"];
const IDENTITY = { username: "ada", password: "right", appId: "123456", subdomain: "acme" };

async function run(cloud: Replies, prompter: Prompter = fakePrompter([], "none")) {
  const clock = fakeClock();
  const http = simulatedHttp(clock, { roles: rolesOf(ROLES) }, cloud);
  const reporter = fakeReporter();
  const context = fakeContext({ deps: { clock, http }, prompter, reporter });
  const assertion = readAssertion(http.issue(ROLES));
  const [role] = assertion.roles;
  assert.ok(role);
  let outcome, error: unknown;
  try {
    outcome = await getCredentials(context, { session: { identity: IDENTITY }, assertion }, role, "eu-west-1", 7200);
  } catch (thrown) {
    error = thrown;
  }
  const sts = http.log.filter((request) => request.route === "AssumeRoleWithSAML");
  return {
    outcome,
    error,
    sts,
    log: http.log,
    reporter,
    posts: http.log.filter((request) => request.route === "assertion").length,
  };
}

function assertExit(error: unknown, exit: number, words: RegExp): asserts error is UserError {
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exit, exit, error.message);
  assert.match(`${error.message} ${error.hints.join(" ")}`, words);
}

const OLD = () => stsRefuses(400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance");
const TOO_LONG = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";

Deno.test("getCredentials() hands the assertion to STS untouched, with role and principal", async () => {
  const { outcome, sts } = await run({});
  assert.ok(outcome?.kind === "credentials");
  assert.equal(outcome.granted.assumedRoleArn, "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com");
  assert.equal(sts[0]?.fields["SAMLAssertion"], outcome.login.assertion.base64);
  assert.equal(sts[0]?.fields["PrincipalArn"], "arn:aws:iam::123456789012:saml-provider/OneLogin");
});

Deno.test("getCredentials() gets one new assertion when AWS finds it too old, never two", async () => {
  const once = await run({
    AssumeRoleWithSAML: (_, calls) => calls === 1 ? OLD() : undefined,
  });
  assert.ok(once.outcome?.kind === "credentials");
  assert.equal(once.posts, 1);
});

Deno.test("B5 getCredentials() ends when STS keeps refusing: one further password post, no loop", async () => {
  const old = await run({ AssumeRoleWithSAML: OLD });
  assertExit(old.error, 6, /5 minutes/);
  assert.equal(old.posts, 1);
  assert.equal(old.sts.length, 2);
  const arn = await run(
    { AssumeRoleWithSAML: () => stsRefuses(400, "ValidationError", "Request ARN is invalid") },
    fakePrompter([
      ...["Choose another", "Choose another", "Choose another", "Choose another", "Choose another"],
    ]),
  );
  assertExit(arn.error, 6, /ARN/i);
  assert.equal(arn.sts.length, 4);
});

Deno.test("getCredentials() names a wrong clock as the cause, without another sign-in", async () => {
  const date = new Date(Date.parse("2027-01-15T09:30:00Z")).toUTCString();
  const { error, posts } = await run({
    AssumeRoleWithSAML: () =>
      stsRefuses(400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance", { date }),
  });
  assertExit(error, 6, /clock is 60 minutes behind/);
  assert.equal(posts, 0);
});

Deno.test("B12 getCredentials() asks for another duration and takes 43200", async () => {
  const cloud: Replies = {
    AssumeRoleWithSAML: (_, calls) => calls === 1 ? stsRefuses(400, "ValidationError", TOO_LONG) : undefined,
  };
  const { outcome, sts } = await run(cloud, fakePrompter(["899", "43201", "abc", "43200"]));
  assert.ok(outcome?.kind === "credentials");
  assert.deepEqual(sts.map((request) => request.fields["DurationSeconds"]), ["7200", "43200"]);
  assert.equal(outcome.duration, 43200);
});

Deno.test("getCredentials() names MaxSessionDuration and --duration when it may not ask, or the input has ended", async () => {
  for (const prompter of [fakePrompter([], "none"), fakePrompter([], "lines")]) {
    const { error, sts } = await run(
      { AssumeRoleWithSAML: () => stsRefuses(400, "ValidationError", TOO_LONG) },
      prompter,
    );
    assertExit(error, 6, /MaxSessionDuration/);
    assert.match(error.hints.join(), /--duration/);
    assert.equal(sts.length, 1);
  }
});

Deno.test("getCredentials() offers another role, another user or the end when the role does not let the user in", async () => {
  const cloud: Replies = {
    AssumeRoleWithSAML: (request) =>
      request.fields["RoleArn"]?.endsWith("Admin")
        ? stsRefuses(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
        : undefined,
  };
  const role = await run(cloud, fakePrompter(["Choose another role"]));
  assert.ok(role.outcome?.kind === "credentials");
  assert.equal(role.outcome.granted.role.name, "Dev");
  const user = await run(cloud, fakePrompter(["another user"]));
  assert.equal(user.outcome?.kind, "another-user");
  const stop = await run(cloud, fakePrompter(["Stop"]));
  assertExit(stop.error, 6, /Not authorized|not let/i);
  const silent = await run(cloud);
  assertExit(silent.error, 6, /Not authorized|not let/i);
});

Deno.test("getCredentials() calls an STS that cannot be reached unavailable", async () => {
  const { error, sts } = await run({ AssumeRoleWithSAML: () => ({ status: 503, headers: {}, body: "<html>" }) });
  assertExit(error, 7, /503/);
  assert.equal(sts.length, 3);
});
