import assert from "node:assert/strict";
import { person, type Replies, rolesOf, simulatedHttp } from "../../simulator/in_process.ts";
import type { Scenario, SimulatedDevice } from "../../simulator/scenario.ts";
import type { Settings } from "../settings/settings.ts";
import { Exit, UserError } from "../errors.ts";
import { HttpError } from "../io/deps.ts";
import { fakeClock, fakeContext, fakeFiles, fakePrompter, fakeReporter, fakeTerminal, json } from "../testing.ts";
import type { Context } from "../settings/context.ts";
import { listCached } from "../store/credentials_cache.ts";
import { cacheSaved } from "../store/save_credentials.ts";
import { renewUnattended } from "./renew.ts";
import { isDue, unattendedCredentials } from "./answer.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });
const typed = <T>(value: T) => ({ value, source: { kind: "option", name: "--x" } as const });
const MINUTE = 60_000;
const ADMIN = { awsAccountId: set("123456789012"), awsRoleName: set("Admin") };

/** One home and one OneLogin to which callers come one after the other. */
function world(
  scenario: Partial<Scenario> = {},
  replies: Replies = {},
  files: Readonly<Record<string, string>> = {},
) {
  const clock = fakeClock();
  const http = simulatedHttp(clock, scenario, replies);
  const disk = fakeFiles(files);
  const reporter = fakeReporter();
  const contextOf = (settings: Partial<Settings> = {}, stdin: readonly string[] = []): Context =>
    fakeContext({ deps: { clock, http, files: disk, terminal: fakeTerminal(stdin) }, settings, reporter });
  return {
    clock,
    disk,
    reporter,
    contextOf,
    http,
    routes: http.routes,
    log: http.log,
    ask(settings: Partial<Settings> = {}, profile = "dev", stdin: readonly string[] = []) {
      http.services.beginRun();
      return unattendedCredentials(contextOf(settings, stdin), profile, renewUnattended);
    },
  };
}

/** Without what a login needs. */
function noPassword(settings: Partial<Settings> = {}): Partial<Settings> {
  return { ...settings, password: undefined } as unknown as Partial<Settings>;
}

async function failure(work: Promise<unknown>): Promise<UserError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("no error came");
}

const PROTECT: SimulatedDevice = { id: 1, type: "OneLogin Protect" };
/** Ada with these devices. A push is approved at once. */
const withDevices = (...devices: readonly SimulatedDevice[]): Partial<Scenario> => ({
  users: [person("ada", "right", devices)],
  push: { approveAfterPolls: 0 },
});

Deno.test("isDue: in the last 15 minutes, and in the last third of a life shorter than 45", () => {
  const of = (life: number, left: number) =>
    isDue(
      {
        profile: "p",
        owner: {},
        chain: [],
        obtained: 0,
        granted: { credentials: { expiration: life * MINUTE } },
      } as unknown as Parameters<typeof isDue>[0],
      (life - left) * MINUTE,
    );
  assert.deepEqual([of(60, 16), of(60, 15), of(60, -5)], [false, true, true]);
  // A session of 15 minutes would otherwise be renewed at every call.
  assert.deepEqual([of(15, 14), of(15, 6), of(15, 5)], [false, false, true]);
});

Deno.test("unattendedCredentials: logs in once, then serves from the cache until 15 minutes are left", async () => {
  const { ask, routes, clock } = world();
  const first = await ask(ADMIN);
  assert.deepEqual(routes(), ["token", "assertion", "AssumeRoleWithSAML"]);
  clock.at += 44 * MINUTE;
  assert.deepEqual((await ask(noPassword(ADMIN))).credentials, first.credentials);
  assert.equal(routes().length, 3);
  clock.at += 2 * MINUTE;
  const second = await ask(ADMIN);
  assert.equal(routes().length, 6);
  assert.ok(second.credentials.expiration > first.credentials.expiration);
});

Deno.test("unattendedCredentials: without a password the old ones are served to their last minute, then exit 8 with the command", async () => {
  const { ask, routes, clock, reporter } = world();
  await ask(ADMIN);
  const asked = routes().length;
  clock.at += 58 * MINUTE;
  assert.equal((await ask(noPassword(ADMIN))).role.name, "Admin");
  assert.match(reporter.lines.at(-1) ?? "", /^detail: .*cached credentials.* 120 s/);
  clock.at += 1 * MINUTE;
  const slept = clock.slept.length;
  const error = await failure(ask(noPassword({ ...ADMIN, awsRoleName: typed("Admin") })));
  assert.equal(clock.slept.length, slept, "there is nothing to wait for");
  assert.equal(error.exit, Exit.input);
  assert.match(error.message, /^cannot .*"dev".*cached/);
  assert.deepEqual(error.hints, ["run: onelogin-aws-assume-role --profile dev --aws-role-name Admin"]);
  assert.equal(routes().length, asked);
});

Deno.test("unattendedCredentials: credentials near their end outlive a network that fails", async () => {
  const { ask, clock } = world({}, {
    AssumeRoleWithSAML: (_, calls) => {
      if (calls > 1) throw new HttpError("tls", "no network", false);
      return undefined;
    },
  });
  const first = await ask(ADMIN);
  clock.at += 50 * MINUTE;
  assert.deepEqual((await ask(ADMIN)).credentials, first.credentials);
  clock.at += 10 * MINUTE;
  assert.equal((await failure(ask(ADMIN))).exit, Exit.unavailable);
});

Deno.test("unattendedCredentials: a refused password is not posted again for 15 minutes, another one is", async () => {
  const { ask, clock, log } = world();
  const posted = () => log.filter(({ route }) => route === "assertion").map(({ fields }) => fields["password"]);
  const stale = { ...ADMIN, password: set("stale") };
  assert.equal((await failure(ask(stale))).exit, Exit.refused);
  clock.at += 14 * MINUTE;
  for (const profile of ["dev", "other"]) assert.equal((await failure(ask(stale, profile))).exit, Exit.protective);
  assert.deepEqual(posted(), ["stale"]);
  assert.equal((await ask(ADMIN)).role.name, "Admin");
  assert.deepEqual(posted(), ["stale", "right"]);
});

Deno.test("unattendedCredentials: a failure is shared for half a minute, and only with those who ask for the same", async () => {
  const { ask, clock, routes, contextOf } = world({
    users: [person("ada", "right", [PROTECT]), person("bob", "right", [PROTECT])],
    push: { rejectAfterPolls: 1 },
  });
  const pushes = () => routes().filter((route) => route === "assertion").length;
  assert.equal((await failure(ask(ADMIN))).exit, Exit.mfa);
  assert.equal((await failure(ask(ADMIN, "prod"))).exit, Exit.mfa);
  assert.equal(pushes(), 1);
  await failure(ask({ ...ADMIN, username: set("bob") }));
  assert.equal(pushes(), 2);
  clock.at += 31_000;
  await failure(ask(ADMIN));
  assert.equal(pushes(), 3);
  // A person who signs in takes it off the record.
  await cacheSaved(contextOf(), []);
  await failure(ask(ADMIN));
  assert.equal(pushes(), 4);
});

Deno.test("unattendedCredentials: while the old credentials live, a push that nobody answers is repeated after 5 minutes only", async () => {
  let answers = true;
  const { ask, clock, routes } = world(withDevices(PROTECT), {
    "verify-factor": () => answers ? undefined : json(401, { message: "Failed authentication with this factor" }),
  });
  const pushes = () => routes().filter((route) => route === "assertion").length;
  const first = await ask(ADMIN);
  answers = false;
  clock.at += 46 * MINUTE;
  for (let minute = 0; minute < 12; minute++) {
    assert.deepEqual((await ask(ADMIN)).credentials, first.credentials);
    clock.at += MINUTE;
  }
  assert.equal(pushes(), 1 + 3);
});

Deno.test("unattendedCredentials: nobody waits for a push while the old credentials live longer than the wait", async () => {
  let answers = true;
  const { ask, clock, routes } = world(withDevices(PROTECT), {
    "verify-factor": () =>
      answers ? undefined : json(200, { type: "pending", message: "Authentication pending on OL Protect" }),
  });
  const took = async (work: () => Promise<unknown>) => {
    const start = clock.now();
    await work();
    return (clock.now() - start) / 1000;
  };
  const first = await ask(ADMIN);
  const end = first.credentials.expiration;
  answers = false;
  clock.at = end - 10 * MINUTE;
  const waited = await took(async () => assert.deepEqual((await ask(ADMIN)).credentials, first.credentials));
  assert.ok(waited >= 4 && waited <= 8, `${waited} s`);
  const asked = routes().length;
  assert.equal(await took(() => ask(ADMIN)), 0, "the failure is remembered");
  assert.equal(routes().length, asked);
  // Near their end, and after it, there is nothing to lose by waiting.
  clock.at = end - MINUTE;
  assert.ok(await took(() => failure(ask(ADMIN))) >= 90);
});

Deno.test("unattendedCredentials: a network that hangs costs seconds while the old credentials live", async () => {
  const timeouts: number[] = [];
  const { ask, clock, contextOf } = world();
  const first = await ask(ADMIN);
  clock.at = first.credentials.expiration - 10 * MINUTE;
  const context = contextOf(ADMIN);
  const http = {
    open() {},
    send: ({ timeoutMs }: { readonly timeoutMs: number }) => {
      timeouts.push(timeoutMs);
      clock.at += timeoutMs;
      return Promise.reject(new HttpError("timeout", "no answer", true));
    },
  };
  const start = clock.now();
  const served = await unattendedCredentials({ ...context, deps: { ...context.deps, http } }, "dev", renewUnattended);
  assert.deepEqual(served.credentials, first.credentials);
  assert.ok(timeouts.length > 0);
  assert.ok(clock.now() - start <= 8000, `${clock.now() - start} ms, ${timeouts}`);
});

Deno.test("unattendedCredentials: a mistake in the settings is not remembered, since it can be put right at once", async () => {
  const { ask, disk } = world();
  const error = await failure(ask({ ...ADMIN, clientId: undefined } as unknown as Partial<Settings>));
  assert.equal(error.exit, Exit.usage);
  assert.doesNotMatch(error.hints.join(), /--profile/);
  assert.deepEqual([...disk.contents.keys()], []);
  assert.equal((await ask(ADMIN)).role.name, "Admin");
});

Deno.test("unattendedCredentials: takes the push device chosen last, or the only one, and never a code without --otp", async () => {
  const state = "/home/ada/.onelogin/state.json";
  const remembered = (id: string) => ({ [state]: JSON.stringify({ factors: { "acme/ada": id } }) });
  const authenticator = { id: 2, type: "Google Authenticator", code: "111111" };
  const all = [PROTECT, authenticator, { id: 3, type: "OneLogin SMS", code: "222222" }];
  const two = [...all, { ...PROTECT, id: 4 }];
  const ring = async (
    devices: readonly SimulatedDevice[],
    settings: Partial<Settings> = {},
    files: Readonly<Record<string, string>> = {},
  ) => {
    const { ask, log } = world(withDevices(...devices), {}, files);
    const result = await ask({ ...ADMIN, ...settings }).then(() => 0, (error) => error.exit);
    const rung = log.filter(({ route }) => route === "verify-factor").map(({ fields }) =>
      `${fields["device_id"]}${fields["otp_token"] === undefined ? "" : " code"}`
    );
    return [result, ...rung];
  };
  assert.deepEqual(await ring(all), [0, "1"]);
  assert.deepEqual(await ring(two), [Exit.input]);
  assert.deepEqual(await ring(two, {}, remembered("4")), [0, "4"]);
  assert.deepEqual(await ring(all, {}, remembered("2")), [0, "1"], "the one chosen last needs a code");
  assert.deepEqual(await ring(two, { mfaDevice: "1" }, remembered("4")), [0, "1"]);
  assert.deepEqual(await ring(all, { mfaDevice: "2" }), [Exit.input]);
  assert.deepEqual(await ring(all, { mfaDevice: "3" }), [Exit.input], "no message is sent that nobody can answer");
  assert.deepEqual(await ring([authenticator]), [Exit.input]);
  assert.deepEqual(await ring(all, { otp: set("111111") }, remembered("2")), [0, "2 code"]);
});

Deno.test("unattendedCredentials: keeps the role the profile had, and never takes another instead", async () => {
  const { ask, clock, log, http } = world();
  const unsure = await failure(ask());
  assert.equal(unsure.exit, Exit.input);
  assert.match(unsure.hints.join("\n"), /--aws-account-id and --aws-role-name/);
  await ask(ADMIN);
  clock.at += 60 * MINUTE;
  assert.equal((await ask()).role.name, "Admin");
  http.services.set({ roles: rolesOf(["210987654321/Dev"]) });
  clock.at += 60 * MINUTE;
  const lost = await failure(ask());
  assert.equal(lost.exit, Exit.role);
  assert.match(lost.message, /no longer .*"arn:aws:iam::123456789012:role\/Admin"/);
  assert.equal(log.filter(({ route }) => route === "AssumeRoleWithSAML").length, 2);
});

Deno.test("unattendedCredentials: a cached assertion replaces password and second factor", async () => {
  const withCache = (username: string, ageMs = 0) => {
    const home = world();
    const text = JSON.stringify({
      saml_response: home.http.issue(["123456789012/Admin"], ageMs),
      username_or_email: username,
      onelogin_subdomain: "acme",
      app_id: "123456",
    });
    home.disk.contents.set("/home/ada/.aws/saml_cache.txt", text);
    return home;
  };
  const mine = withCache("ada");
  assert.equal((await mine.ask(noPassword())).role.name, "Admin");
  assert.deepEqual(mine.routes(), ["AssumeRoleWithSAML"]);
  assert.equal((await failure(withCache("bob").ask(noPassword()))).exit, Exit.input);
  assert.equal((await failure(withCache("ada", 6 * MINUTE).ask(noPassword()))).exit, Exit.input);
});

Deno.test("unattendedCredentials: a password from a pipe is used, and a pipe that prints nothing is not waited for", async () => {
  const settings = noPassword({ ...ADMIN, passwordStdin: true });
  const { ask, log } = world({ users: [person("ada", "from the pipe")] });
  await ask(settings, "dev", ["from the pipe"]);
  assert.equal(log.find(({ route }) => route === "assertion")?.fields["password"], "from the pipe");
  assert.equal((await failure(world().ask(settings, "dev", []))).exit, Exit.input);

  const clock = fakeClock();
  const terminal = {
    ...fakeTerminal(),
    readSecretLine: (signal?: AbortSignal) =>
      new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true })),
  };
  const silent = fakeContext({ deps: { clock, terminal, files: fakeFiles() }, settings });
  const error = await failure(unattendedCredentials(silent, "dev", renewUnattended));
  assert.match(error.message, /nothing arrived within 2 seconds/);
  const atTerminal = { ...terminal, stdinIsTerminal: true };
  const shown = await failure(
    unattendedCredentials(
      fakeContext({ deps: { terminal: atTerminal, files: fakeFiles() }, settings }),
      "dev",
      renewUnattended,
    ),
  );
  assert.match(shown.message, /it is a terminal/);
});

Deno.test("unattendedCredentials: what is kept contains no password and no code", async () => {
  const devices = [{ id: 2, type: "Google Authenticator", code: "918273" }];
  const { ask, disk, contextOf } = world({ users: [person("ada", "s3cret-pass", devices)] });
  await ask({ ...ADMIN, password: set("s3cret-pass"), otp: set("918273") });
  for (const [path, text] of disk.contents) assert.doesNotMatch(text, /s3cret-pass|918273|client-secret/, path);
  assert.equal((await listCached(contextOf())).length, 1);
});

Deno.test("unattendedCredentials: no question is ever put to anybody", async () => {
  const prompter = fakePrompter([], "none");
  const context = fakeContext({ prompter, settings: noPassword(), deps: { files: fakeFiles() } });
  await failure(unattendedCredentials(context, "dev", renewUnattended));
  assert.deepEqual(prompter.asked, []);
});
