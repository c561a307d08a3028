import assert from "node:assert/strict";
import type { Settings } from "../settings/settings.ts";
import { Exit, UserError } from "../errors.ts";
import { HttpError } from "../io/deps.ts";
import {
  cloudHttp,
  fakeClock,
  type FakeCloud,
  fakeContext,
  fakeFiles,
  fakePrompter,
  fakeReporter,
  fakeTerminal,
  json,
  samlResponse,
  stsGrants,
} from "../testing.ts";
import type { Context } from "../settings/context.ts";
import { cacheSaved, listCached } from "../store/credentials_cache.ts";
import { renewUnattended } from "./renew.ts";
import { isDue, unattendedCredentials } from "./answer.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });
const typed = <T>(value: T) => ({ value, source: { kind: "option", name: "--x" } as const });
const MINUTE = 60_000;
const ADMIN = { awsAccountId: set("123456789012"), awsRoleName: set("Admin") };

/** One home and one cloud in which callers come one after the other. */
function world(cloud: FakeCloud = {}, files: Readonly<Record<string, string>> = {}) {
  const clock = fakeClock();
  const http = cloudHttp(clock, cloud);
  const disk = fakeFiles(files);
  const reporter = fakeReporter();
  const contextOf = (settings: Partial<Settings> = {}, stdin: readonly string[] = []): Context =>
    fakeContext({ deps: { clock, http, files: disk, terminal: fakeTerminal(stdin) }, settings, reporter });
  return {
    clock,
    disk,
    reporter,
    contextOf,
    kinds: () => http.log.map(({ kind }) => kind),
    log: http.log,
    ask: (settings: Partial<Settings> = {}, profile = "dev", stdin: readonly string[] = []) =>
      unattendedCredentials(contextOf(settings, stdin), profile, renewUnattended),
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

const mfa = (...types: readonly (readonly [number, string])[]) => (): ReturnType<typeof json> =>
  json(200, {
    message: "MFA is required for this user",
    state_token: "state",
    devices: types.map(([device_id, device_type]) => ({ device_id, device_type })),
    user: { id: 1 },
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
  const { ask, kinds, clock } = world();
  const first = await ask(ADMIN);
  assert.deepEqual(kinds(), ["token", "assertion", "sts"]);
  clock.at += 44 * MINUTE;
  assert.deepEqual((await ask(noPassword(ADMIN))).credentials, first.credentials);
  assert.equal(kinds().length, 3);
  clock.at += 2 * MINUTE;
  const second = await ask(ADMIN);
  assert.equal(kinds().length, 6);
  assert.ok(second.credentials.expiration > first.credentials.expiration);
});

Deno.test("unattendedCredentials: without a password the old ones are served to their last minute, then exit 8 with the command", async () => {
  const { ask, kinds, clock, reporter } = world();
  await ask(ADMIN);
  const asked = kinds().length;
  clock.at += 58 * MINUTE;
  assert.equal((await ask(noPassword(ADMIN))).role.name, "Admin");
  assert.match(reporter.lines.at(-1) ?? "", /^detail: .*serving the cached credentials, which live 120 s more$/);
  clock.at += 1 * MINUTE;
  const error = await failure(ask(noPassword({ ...ADMIN, awsRoleName: typed("Admin") })));
  assert.equal(error.exit, Exit.input);
  assert.match(error.message, /^cannot give credentials for profile "dev" without asking: the cached ones ended/);
  assert.deepEqual(error.hints, ["run: onelogin-aws-assume-role --profile dev --aws-role-name Admin"]);
  assert.equal(kinds().length, asked);
});

Deno.test("unattendedCredentials: credentials near their end outlive a network that fails", async () => {
  const { ask, clock } = world({
    sts: (request, calls) => {
      if (calls > 1) throw new HttpError("tls", "no network", false);
      return stsGrants(request.fields["RoleArn"] ?? "", clock.now() + 60 * MINUTE);
    },
  });
  const first = await ask(ADMIN);
  clock.at += 50 * MINUTE;
  assert.deepEqual((await ask(ADMIN)).credentials, first.credentials);
  clock.at += 10 * MINUTE;
  assert.equal((await failure(ask(ADMIN))).exit, Exit.unavailable);
});

Deno.test("unattendedCredentials: a refused password is not posted again for 15 minutes, another one is", async () => {
  const { ask, clock, log } = world({
    assertion: ({ fields }) =>
      fields["password"] === "right"
        ? json(200, { message: "Success", data: samlResponse(["123456789012/Admin"], clock.now()) })
        : json(401, { message: "Authentication Failed: Invalid user credentials" }),
  });
  const posted = () => log.filter(({ kind }) => kind === "assertion").map(({ fields }) => fields["password"]);
  const stale = { ...ADMIN, password: set("stale") };
  assert.equal((await failure(ask(stale))).exit, Exit.refused);
  clock.at += 14 * MINUTE;
  for (const profile of ["dev", "other"]) assert.equal((await failure(ask(stale, profile))).exit, Exit.protective);
  assert.deepEqual(posted(), ["stale"]);
  assert.equal((await ask(ADMIN)).role.name, "Admin");
  assert.deepEqual(posted(), ["stale", "right"]);
});

Deno.test("unattendedCredentials: a failure is shared for half a minute, and only with those who ask for the same", async () => {
  const { ask, clock, kinds, contextOf } = world({
    assertion: mfa([1, "OneLogin Protect"]),
    verify: ({ fields }) =>
      String(fields["do_not_notify"]) === "true"
        ? json(401, { message: "Failed authentication with this factor" })
        : json(200, { message: "pending" }),
  });
  const pushes = () => kinds().filter((kind) => kind === "assertion").length;
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
  const { ask, clock, kinds } = world({
    assertion: mfa([1, "OneLogin Protect"]),
    verify: () =>
      answers
        ? json(200, { message: "Success", data: samlResponse(["123456789012/Admin"], clock.now()) })
        : json(401, { message: "Failed authentication with this factor" }),
  });
  const pushes = () => kinds().filter((kind) => kind === "assertion").length;
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
  const { ask, clock, kinds } = world({
    assertion: mfa([1, "OneLogin Protect"]),
    verify: () =>
      answers
        ? json(200, { message: "Success", data: samlResponse(["123456789012/Admin"], clock.now()) })
        : json(200, { type: "pending", message: "Authentication pending on OL Protect" }),
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
  const asked = kinds().length;
  assert.equal(await took(() => ask(ADMIN)), 0, "the failure is remembered");
  assert.equal(kinds().length, asked);
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
  const rung: string[] = [];
  const cloud = (devices: readonly (readonly [number, string])[]): FakeCloud => ({
    assertion: mfa(...devices),
    verify: ({ fields }) => {
      rung.push(`${fields["device_id"]}${fields["otp_token"] === undefined ? "" : " code"}`);
      return json(200, {
        message: "Success",
        data: samlResponse(["123456789012/Admin"], Date.parse("2027-01-15T08:30:00Z")),
      });
    },
  });
  const all = [[1, "OneLogin Protect"], [2, "Google Authenticator"], [3, "OneLogin SMS"]] as const;
  const two = [...all, [4, "OneLogin Protect"]] as const;
  const ring = async (
    devices: Parameters<typeof cloud>[0],
    settings: Partial<Settings> = {},
    files: Readonly<Record<string, string>> = {},
  ) => {
    rung.length = 0;
    const { ask } = world(cloud(devices), files);
    const result = await ask({ ...ADMIN, ...settings }).then(() => 0, (error) => error.exit);
    return [result, ...rung];
  };
  assert.deepEqual(await ring(all), [0, "1"]);
  assert.deepEqual(await ring(two), [Exit.input]);
  assert.deepEqual(await ring(two, {}, remembered("4")), [0, "4"]);
  assert.deepEqual(await ring(all, {}, remembered("2")), [0, "1"], "the one chosen last needs a code");
  assert.deepEqual(await ring(two, { mfaDevice: "1" }, remembered("4")), [0, "1"]);
  assert.deepEqual(await ring(all, { mfaDevice: "2" }), [Exit.input]);
  assert.deepEqual(await ring(all, { mfaDevice: "3" }), [Exit.input], "no message is sent that nobody can answer");
  assert.deepEqual(await ring([[2, "Google Authenticator"]]), [Exit.input]);
  assert.deepEqual(await ring(all, { otp: set("111111") }, remembered("2")), [0, "2 code"]);
});

Deno.test("unattendedCredentials: keeps the role the profile had, and never takes another instead", async () => {
  let roles = ["123456789012/Admin", "210987654321/Dev"];
  const { ask, clock, log } = world({
    assertion: () => json(200, { message: "Success", data: samlResponse(roles, clock.now()) }),
  });
  const unsure = await failure(ask());
  assert.equal(unsure.exit, Exit.input);
  assert.match(unsure.hints.join("\n"), /--aws-account-id and --aws-role-name/);
  await ask(ADMIN);
  clock.at += 60 * MINUTE;
  assert.equal((await ask()).role.name, "Admin");
  roles = ["210987654321/Dev"];
  clock.at += 60 * MINUTE;
  const lost = await failure(ask());
  assert.equal(lost.exit, Exit.role);
  assert.match(lost.message, /has lost the role "arn:aws:iam::123456789012:role\/Admin"/);
  assert.equal(log.filter(({ kind }) => kind === "sts").length, 2);
});

Deno.test("unattendedCredentials: an assertion in the cache stands in for password and second factor", async () => {
  const clock = fakeClock();
  const saml = (username: string, age = 0) => ({
    "/home/ada/.aws/saml_cache.txt": JSON.stringify({
      saml_response: samlResponse(["123456789012/Admin"], clock.now() - age),
      username_or_email: username,
      onelogin_subdomain: "acme",
      app_id: "123456",
    }),
  });
  const mine = world({}, saml("ada"));
  assert.equal((await mine.ask(noPassword())).role.name, "Admin");
  assert.deepEqual(mine.kinds(), ["sts"]);
  assert.equal((await failure(world({}, saml("bob")).ask(noPassword()))).exit, Exit.input);
  assert.equal((await failure(world({}, saml("ada", 6 * MINUTE)).ask(noPassword()))).exit, Exit.input);
});

Deno.test("unattendedCredentials: a password from a pipe is used, and a pipe that says nothing is not waited for", async () => {
  const settings = noPassword({ ...ADMIN, passwordStdin: true });
  const { ask, log } = world();
  await ask(settings, "dev", ["from the pipe"]);
  assert.equal(log.find(({ kind }) => kind === "assertion")?.fields["password"], "from the pipe");
  assert.equal((await failure(world().ask(settings, "dev", []))).exit, Exit.input);

  const clock = fakeClock();
  const terminal = {
    ...fakeTerminal(),
    readSecretLine: (signal?: AbortSignal) =>
      new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true })),
  };
  const silent = fakeContext({ deps: { clock, terminal, files: fakeFiles() }, settings });
  const error = await failure(unattendedCredentials(silent, "dev", renewUnattended));
  assert.match(error.message, /nothing came within 2 seconds/);
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

Deno.test("unattendedCredentials: what is kept holds no password and no code", async () => {
  const { ask, disk, contextOf } = world({ assertion: mfa([2, "Google Authenticator"]), verify: () => verified });
  const verified = json(200, {
    message: "Success",
    data: samlResponse(["123456789012/Admin"], Date.parse("2027-01-15T08:30:00Z")),
  });
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
