import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { Exit, Interrupted, UserError } from "../errors.ts";
import type { Prompter } from "../io/prompter.ts";
import type { Renewable } from "../login/renewal.ts";
import { fakeClock, fakeContext, fakePrompter, fakeReporter, fakeTerminal } from "../testing.ts";
import type { Context } from "../settings/context.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";
import { keepFresh } from "./keep_fresh.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function granted(profile: string, accessKeyId: string, expiration: number): ProfileCredentials {
  return {
    profile,
    credentials: { accessKeyId, secretAccessKey: "s", sessionToken: "t", expiration },
    role: { partition: "aws", accountId: "1", name: "R", path: "/", roleArn: "arn:r", principalArn: "" },
    assumedRoleArn: "arn:session",
    region: "us-east-1",
  };
}

type Step = (context: Context, anew: boolean) => Promise<void> | void;

/** A keeper over a login whose renewals follow `steps`, one after the other; a missing step succeeds. */
function world(
  steps: readonly Step[] = [],
  { isSilent = true, pastes = false, prompter = fakePrompter([], "none"), names = ["dev"] }: {
    readonly isSilent?: boolean;
    readonly pastes?: boolean;
    readonly prompter?: Prompter;
    readonly names?: readonly string[];
  } = {},
) {
  const clock = fakeClock();
  const reporter = fakeReporter();
  const stop = new AbortController();
  const context = fakeContext({
    deps: { clock, signal: stop.signal, terminal: { ...fakeTerminal(), stdinIsTerminal: pastes } },
    settings: { samlResponseStdin: pastes },
    reporter,
    prompter,
  });
  const renewals: boolean[] = [];
  const login = (number: number): Renewable => ({
    granted: names.map((name) => granted(name, `${name}${number}`, clock.now() + HOUR)),
    isSilent,
    async renew(asking, anew) {
      renewals.push(anew);
      await steps[renewals.length - 1]?.(asking, anew);
      return login(renewals.length);
    },
  });
  const keeper = keepFresh(context, login(0), ({ profile }) => profile ?? "");
  const key = async (name = "dev") => {
    const answer = await keeper.get(name);
    return answer.kind === "live" ? answer.granted.credentials.accessKeyId : answer.kind;
  };
  /** Lets run() watch until the clock has moved on by this time. */
  const watchFor = async (ms: number) => {
    const until = clock.now() + ms;
    while (clock.now() < until) await turn();
  };
  return { clock, reporter, keeper, renewals, key, watchFor, stop };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const settle = async () => {
  for (let count = 0; count < 20; count++) await turn();
};

async function ending(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return error;
  }
}

const network = () => {
  throw new UserError("cannot reach OneLogin", { exit: Exit.unavailable });
};
const refused = () => {
  throw new UserError("OneLogin refused the password", { exit: Exit.refused, cause: "credentials" });
};

Deno.test("keepFresh: until 17 minutes are left there is no login; then one, and callers get the old ones meanwhile", async () => {
  const open = Promise.withResolvers<void>();
  const { key, clock, renewals } = world([() => open.promise]);
  clock.at += 42 * MINUTE;
  assert.equal(await key(), "dev0");
  assert.equal(renewals.length, 0);
  clock.at += MINUTE;
  assert.deepEqual(await Promise.all([key(), key(), key()]), ["dev0", "dev0", "dev0"]);
  assert.equal(renewals.length, 1);
  open.resolve();
  await settle();
  assert.equal(await key(), "dev1");
  assert.equal(renewals.length, 1);
});

Deno.test("keepFresh: a name that is not served is unknown and renews nothing", async () => {
  const { key, clock, renewals } = world();
  clock.at += 2 * HOUR;
  assert.equal(await key("other"), "unknown");
  assert.equal(renewals.length, 0);
});

Deno.test("keepFresh: without live credentials all callers wait for one login, after a night of sleep too", async () => {
  const { key, clock, renewals } = world();
  clock.at += 12 * HOUR;
  assert.deepEqual(await Promise.all([key(), key(), key()]), ["dev1", "dev1", "dev1"]);
  assert.equal(renewals.length, 1);
});

Deno.test("keepFresh: a caller waits 30 seconds, then hears that it may ask again", async () => {
  const { keeper, clock, renewals } = world([() => new Promise(() => {})]);
  clock.at += 2 * HOUR;
  const start = clock.now();
  assert.deepEqual(await keeper.get("dev"), {
    kind: "none",
    why: "the credentials have expired and are being renewed",
  });
  assert.equal(clock.now() - start, 30_000);
  await keeper.get("dev");
  assert.equal(renewals.length, 1);
});

Deno.test("keepFresh: a renewal that needs nobody happens without a caller", async () => {
  const { keeper, renewals, watchFor, stop, reporter, key } = world();
  const run = ending(keeper.run());
  await watchFor(3 * HOUR);
  stop.abort(new Interrupted());
  assert.ok(await run instanceof Interrupted);
  assert.equal(renewals.length, 4);
  assert.deepEqual(
    new Set(reporter.lines),
    new Set(["Renewed the credentials of dev (arn:session), for 1 h"]),
  );
  assert.equal(await key(), "dev4");
});

Deno.test("keepFresh: a renewal that rings a phone happens only if somebody has asked since the last one", async () => {
  const { keeper, renewals, watchFor, stop, key } = world([], { isSilent: false });
  const run = ending(keeper.run());
  await watchFor(3 * HOUR);
  assert.equal(renewals.length, 0);
  assert.equal(await key(), "dev1");
  await key();
  await watchFor(HOUR);
  assert.equal(renewals.length, 2);
  await watchFor(5 * HOUR);
  assert.equal(renewals.length, 2);
  stop.abort(new Interrupted());
  await run;
});

Deno.test("keepFresh: a network that fails is tried again while the old credentials are handed out", async () => {
  const { key, clock, renewals } = world([network, network]);
  clock.at += 50 * MINUTE;
  assert.equal(await key(), "dev0");
  while (renewals.length < 3) await turn();
  await settle();
  assert.equal(await key(), "dev3");
});

Deno.test("keepFresh: after a push that nobody answered the phone is left alone for five minutes", async () => {
  const unanswered = () => {
    throw new UserError("nobody approved the push", { exit: Exit.mfa, cause: "push-timeout" });
  };
  const { keeper, clock, renewals, key } = world([unanswered, unanswered]);
  clock.at += 2 * HOUR;
  // The login itself sends a second push.
  assert.equal(await key(), "none");
  await settle();
  assert.equal(renewals.length, 2);
  clock.at += 4 * MINUTE;
  assert.deepEqual(await keeper.get("dev"), { kind: "none", why: "nobody approved the push" });
  assert.equal(renewals.length, 2);
  clock.at += 2 * MINUTE;
  assert.equal(await key(), "dev3");
});

Deno.test("keepFresh: without a terminal a refused password ends the run when the credentials have expired, and is not sent again", async () => {
  const { keeper, clock, renewals, key, watchFor } = world([refused]);
  clock.at += 50 * MINUTE;
  const run = ending(keeper.run());
  await watchFor(5 * MINUTE);
  assert.equal(await key(), "dev0");
  const error = await run;
  assert.ok(error instanceof UserError && error.exit === Exit.refused);
  assert.equal(await key(), "none");
  assert.deepEqual(renewals, [false]);
});

Deno.test("keepFresh: at a terminal it rings and asks, and after a refused password for user and password", async () => {
  const asks: Step = async ({ prompter }) =>
    void await prompter.secret({ message: "Password", line: "Password: ", option: "" });
  const prompter = fakePrompter(["yes", "other", "no"], "terminal");
  const { key, clock, renewals, reporter } = world([refused, asks, refused], { prompter });
  clock.at += 50 * MINUTE;
  assert.equal(await key(), "dev0");
  await settle();
  assert.equal(await key(), "dev2");
  assert.deepEqual(renewals, [false, true]);
  assert.deepEqual(prompter.asked, ["Sign in again?", "Password"]);
  assert.deepEqual(reporter.lines.filter((line) => line === "(bell)").length, 2);
  assert.ok(reporter.lines.includes("The credentials expire in 10 min. Renewing them needs an answer:"));
  clock.at += 50 * MINUTE;
  await key();
  await settle();
  clock.at += HOUR;
  assert.equal(await key(), "none");
  assert.equal(renewals.length, 3);
});

Deno.test("keepFresh: it rings before a SAML response has to be pasted", async () => {
  const { clock, key, reporter } = world([], { pastes: true, isSilent: false });
  clock.at += 50 * MINUTE;
  await key();
  await settle();
  assert.equal(reporter.lines[0], "(bell)");
});

Deno.test("keepFresh: Ctrl-C at a question ends the run", async () => {
  const { keeper, clock, key } = world([() => {
    throw new Interrupted();
  }]);
  clock.at += 50 * MINUTE;
  const run = ending(keeper.run());
  await key();
  assert.ok(await run instanceof Interrupted);
});

Deno.test("keepFresh: one login renews all roles; one that it did not get keeps its old credentials", async () => {
  const { key, clock, renewals } = world([], { names: ["dev", "prod"] });
  clock.at += 50 * MINUTE;
  await key();
  await settle();
  assert.deepEqual(await Promise.all([key("dev"), key("prod")]), ["dev1", "prod1"]);
  assert.equal(renewals.length, 1);
});
