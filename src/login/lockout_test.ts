import assert from "node:assert/strict";
import type { Settings } from "../settings/settings.ts";
import { person } from "../../simulator/in_process.ts";
import type { Context } from "../settings/context.ts";
import { UserError } from "../errors.ts";
import { FileError, type Files, type HttpReply } from "../io/deps.ts";
import type { Prompter } from "../io/prompter.ts";
import { fakeFiles, fakePrompter, fakeReporter, json, simulatedContext } from "../testing.ts";
import { signIn } from "./sign_in.ts";
import { newSession } from "./session.ts";

const FILE = "/home/ada/.onelogin/refusals.json";
const MINUTE = 60_000;
const LOCKED = json(401, { statusCode: 401, message: "User is locked. Access is unauthorized" });
const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });

/** A disk, a clock and a OneLogin that outlive runs; Ada's password is "right". */
function world() {
  const posts: string[] = [];
  let answer: HttpReply | undefined;
  const { context, clock, files, http } = simulatedContext({
    scenario: { users: [person("ada", "right"), person("bob", "right")] },
    replies: {
      assertion({ fields }) {
        posts.push(fields["password"] ?? "");
        return answer;
      },
    },
  });
  const run = async (
    typed: string,
    options: { prompter?: Prompter; settings?: Partial<Settings>; files?: Files; isTyped?: boolean } = {},
  ) => {
    const before = http.log.length;
    // OneLogin has no memory here, so that only the guard's counts.
    http.services.set({ users: http.services.scenario.users });
    http.services.beginRun();
    const reporter = fakeReporter();
    const password = { value: typed, source: { kind: "environment", name: "ONELOGIN_PASSWORD" } } as const;
    const { password: _stored, ...others } = context.settings;
    const own: Context = {
      deps: { ...context.deps, files: options.files ?? files },
      settings: { ...others, ...(options.isTyped ? {} : { password }), ...options.settings },
      prompter: options.prompter ?? context.prompter,
      reporter,
    };
    const error = await signIn(own, newSession(own)).then(() => undefined, (thrown: unknown) => thrown);
    if (error !== undefined && !(error instanceof UserError)) throw error;
    return { exit: error?.exit ?? 0, error, lines: reporter.lines, requests: http.log.length - before };
  };
  return { clock, files, posts, run, answerWith: (reply: HttpReply | undefined) => void (answer = reply) };
}

Deno.test("guard: a run without a person does not post a password again that an earlier run had refused", async () => {
  const { run, posts, clock } = world();
  assert.equal((await run("stale")).exit, 3);
  clock.at += 3 * MINUTE;
  const { exit, error, requests } = await run("stale");
  assert.deepEqual([exit, requests], [9, 0]);
  assert.equal(error?.message, 'will not send the password of "ada" again: OneLogin refused it 3 minutes ago');
  assert.deepEqual(error?.hints, [
    "correct the password in ONELOGIN_PASSWORD before you run this again",
    "or wait 12 minutes, or type the password at a terminal: onelogin-aws-assume-role",
  ]);
  assert.deepEqual(posts, ["stale"]);
});

Deno.test("guard: a loop of a day posts a wrong password four times an hour, not more", async () => {
  const { run, posts, clock } = world();
  for (let minute = 0; minute < 60; minute++, clock.at += MINUTE) await run("stale");
  assert.equal(posts.length, 4);
});

Deno.test("guard: another password is let through, the right one clears, and then all is forgotten", async () => {
  const { run, posts, files } = world();
  await run("stale");
  assert.equal((await run("right")).exit, 0);
  assert.deepEqual(JSON.parse(files.contents.get(FILE) ?? "").refusals, []);
  assert.equal((await run("stale")).exit, 3);
  assert.deepEqual(posts, ["stale", "right", "stale"]);
});

Deno.test("guard: a second factor that is asked for means that the password was right", async () => {
  const { run, files, answerWith } = world();
  await run("w1");
  answerWith(json(200, { message: "MFA is required for this user", state_token: "st", devices: [] }));
  assert.equal((await run("right")).exit, 4);
  assert.deepEqual(JSON.parse(files.contents.get(FILE) ?? "").refusals, []);
});

Deno.test("guard: after three different refused passwords a run without a person posts none, not even the right one", async () => {
  const { run, posts, clock } = world();
  for (const wrong of ["w1", "w2", "w3"]) assert.equal((await run(wrong)).exit, 3);
  const stopped = await run("right");
  assert.equal(stopped.exit, 9);
  assert.match(stopped.error?.message ?? "", /refused at least 3 different ones within 15 minutes/);
  assert.deepEqual(posts, ["w1", "w2", "w3"]);
  clock.at += 15 * MINUTE;
  assert.equal((await run("right")).exit, 0);
});

Deno.test("guard: refusals count for 15 minutes of the last one, for each user, subdomain and service apart", async () => {
  const { run, posts, clock } = world();
  await run("stale");
  const others = [{ username: set("bob") }, { subdomain: set("other") }, {
    oneloginUrl: set("https://api.eu.onelogin.com"),
  }];
  for (const settings of others) assert.equal((await run("stale", { settings })).exit, 3);
  assert.equal((await run("stale", { settings: { username: set(" ADA ") } })).exit, 9);
  assert.equal(posts.length, 4);
  clock.at += 15 * MINUTE - 1;
  assert.equal((await run("stale")).exit, 9);
  clock.at += 1;
  assert.equal((await run("stale")).exit, 3);
});

Deno.test("guard: only refused passwords count, not what else goes wrong", async () => {
  for (
    const reply of [
      json(404, { message: "App could not be found" }),
      json(400, { message: "Invalid subdomain" }),
      json(401, { message: "Insufficient Permission" }),
      json(429, ""),
      json(500, "<html>"),
      json(200, { message: "Authentication pending" }),
    ]
  ) {
    const { run, posts, files, answerWith } = world();
    answerWith(reply);
    await run("right");
    await run("right");
    assert.deepEqual([posts.length, files.contents.has(FILE)], [2, false], reply.body);
  }
});

Deno.test("guard: a locked user stops runs without a person, whatever the password; a person is asked", async () => {
  const { run, posts, answerWith } = world();
  answerWith(LOCKED);
  assert.equal((await run("right")).exit, 3);
  answerWith(undefined);
  const stopped = await run("changed");
  assert.deepEqual([stopped.exit, /is locked/.test(stopped.error?.message ?? "")], [9, true]);
  const no = await run("right", { prompter: fakePrompter(["n"]) });
  assert.equal(no.exit, 9);
  assert.deepEqual(posts, ["right"]);
  assert.equal((await run("right", { prompter: fakePrompter(["y"]) })).exit, 0);
  assert.equal((await run("right")).exit, 0);
});

Deno.test("guard: a person is asked for another password; typed once more at a terminal, the refused one is sent", async () => {
  const { run, posts } = world();
  await run("stale");
  const prompter = fakePrompter(["right"]);
  const other = await run("stale", { prompter });
  assert.deepEqual([other.exit, posts], [0, ["stale", "right"]]);
  assert.match(prompter.asked[0] ?? "", /the same again: send it anyway/);
  assert.ok(other.lines.some((line) => /^warning: will not send .* refused it/.test(line)));
  await run("stale");
  await run("stale", { prompter: fakePrompter(["stale"]) });
  assert.deepEqual(posts, ["stale", "right", "stale", "stale"]);
});

Deno.test("guard: in one run a refused password stays refused, also when it is insisted on", async () => {
  const { run, posts } = world();
  const { exit } = await run("stale", { prompter: fakePrompter(["w2", "stale", "stale", "stale", "stale", "stale"]) });
  assert.deepEqual([exit, posts], [3, ["stale", "w2"]]);
});

Deno.test("guard: what this run has posted without success cannot be sent again through one that an earlier run had refused", async () => {
  const { run, posts } = world();
  await run("w1");
  const typed = ["w1", "w2", "w2", "w2", "w2", "w2"];
  const { exit } = await run("w2", { prompter: fakePrompter(typed) });
  assert.deepEqual([exit, posts], [9, ["w1", "w2"]]);
});

Deno.test("guard: a password that an earlier run had refused is not posted as a second try either", async () => {
  const { run, posts } = world();
  await run("w1");
  const { exit } = await run("w2", { prompter: fakePrompter(["w1", "right"]) });
  assert.deepEqual([exit, posts], [0, ["w1", "w2", "right"]]);
});

Deno.test("guard: with piped lines a remembered password is the protective stop, and no further line is read", async () => {
  const { run, posts } = world();
  await run("stale");
  assert.equal((await run("stale", { prompter: fakePrompter(["stale", "stale"], "lines") })).exit, 9);
  assert.equal((await run("stale", { prompter: fakePrompter(Array(50).fill("stale"), "lines") })).exit, 9);
  const prompter = fakePrompter(["0"], "lines");
  assert.equal((await run("stale", { prompter })).exit, 9);
  assert.deepEqual([posts, prompter.asked], [["stale"], []]);
  assert.equal((await run("right", { prompter: fakePrompter([], "lines") })).exit, 0);
});

Deno.test("guard: a person who has had three passwords refused is asked before the next is sent", async () => {
  const { run, posts } = world();
  for (const wrong of ["w1", "w2", "w3"]) await run(wrong);
  assert.equal((await run("w4", { prompter: fakePrompter([], "lines") })).exit, 9);
  assert.equal((await run("w4", { prompter: fakePrompter(["n"]) })).exit, 9);
  assert.equal(posts.length, 3);
  assert.equal((await run("right", { prompter: fakePrompter(["y"]) })).exit, 0);
});

Deno.test("guard: another user can be typed instead", async () => {
  const { run, posts } = world();
  await run("stale");
  assert.equal((await run("stale", { prompter: fakePrompter(["", "bob", "right"]) })).exit, 0);
  assert.deepEqual(posts, ["stale", "right"]);
});

Deno.test("guard: a clock that is set back neither frees a password at once nor locks it out for long", async () => {
  const { run, clock } = world();
  await run("stale");
  clock.at -= 5 * MINUTE;
  const soon = await run("stale");
  assert.equal(soon.exit, 9);
  assert.match(soon.error?.hints[1] ?? "", /wait 15 minutes/);
  clock.at -= 365 * 24 * 60 * MINUTE;
  assert.equal((await run("stale")).exit, 3);
});

Deno.test("guard: the file contains neither password nor user in a form that can be found again", async () => {
  const { run, files } = world();
  await run("stale password");
  const text = files.contents.get(FILE) ?? "";
  const sha = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("stale password")));
  const forms = ["stale", "ada", "acme", btoa("stale password").slice(0, -4), btoa(String.fromCharCode(...sha))];
  for (const form of forms) assert.ok(!text.includes(form), form);
  const other = world();
  await other.run("stale password");
  const [one, two] = [text, other.files.contents.get(FILE) ?? ""].map((each) => JSON.parse(each).refusals[0]);
  assert.notEqual(one.password, two.password);
  assert.notEqual(one.user, two.user);
});

Deno.test("guard: a file that is damaged is recreated; one that cannot be used stops a run without a person, and no person", async () => {
  for (
    const text of [
      "",
      "{",
      "[]",
      "null",
      '{"key": 7, "refusals": "x"}',
      `{"key": "${"A".repeat(43)}=", "refusals": [3, {}]}`,
    ]
  ) {
    const { run, files } = world();
    files.contents.set(FILE, text);
    assert.equal((await run("stale")).exit, 3, text);
    assert.equal((await run("stale")).exit, 9, text);
    files.contents.set(FILE, text);
    assert.equal((await run("right")).exit, 0, text);
  }
  const { run, files, posts } = world();
  let posted = 0;
  const fail = () => Promise.reject(new FileError("denied", FILE, "Permission denied (os error 13)"));
  for (
    const broken of [
      { ...files, read: fail },
      { ...files, lock: fail },
      { ...files, makeDir: fail },
      { ...files, createNew: fail },
    ] as Files[]
  ) {
    const alone = await run("right", { files: broken });
    assert.equal(alone.exit, 9);
    assert.equal(posts.length, posted);
    const person = await run("right", { files: broken, prompter: fakePrompter([]) });
    assert.equal(person.exit, 0);
    assert.equal(posts.length, ++posted);
  }
});

Deno.test("guard: a file that was recreated between reading and writing keeps both runs' refusals", async () => {
  const { run, files } = world();
  await run("w1");
  const first = files.contents.get(FILE) ?? "";
  let reads = 0;
  const late: Files = {
    ...files,
    // The other run's file appears after the first check.
    read: (path) => path === FILE && reads++ < 3 ? Promise.resolve(undefined) : files.read(path),
  };
  assert.equal((await run("w2", { files: late })).exit, 3);
  const { key, refusals } = JSON.parse(files.contents.get(FILE) ?? "");
  assert.deepEqual([key, refusals.length], [JSON.parse(first).key, 2]);
});

Deno.test("guard: runs with a stored password take turns, one that waits too long stops or asks, and a typed password never waits", async () => {
  const { run, files, posts } = world();
  let held = false;
  const waiting: (() => void)[] = [];
  const locking: Files = {
    ...files,
    async lock(path) {
      if (!path.endsWith("sign_in.lock")) return { release: () => Promise.resolve() };
      if (held) await new Promise<void>((resolve) => waiting.push(resolve));
      held = true;
      return { release: () => (held = false, waiting.shift()?.(), Promise.resolve()) };
    },
  };
  const ends = await Promise.all(Array.from({ length: 6 }, () => run("stale", { files: locking })));
  assert.deepEqual([posts, ends.map(({ exit }) => exit).sort()], [["stale"], [3, 9, 9, 9, 9, 9]]);

  const stuck: Files = {
    ...files,
    lock: (path, signal) =>
      path.endsWith("sign_in.lock")
        ? new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
        : files.lock(path),
  };
  assert.equal((await run("right", { files: stuck })).exit, 9);
  assert.equal((await run("right", { files: stuck, prompter: fakePrompter(["n"]) })).exit, 9);
  assert.equal((await run("right", { files: stuck, prompter: fakePrompter(["y"]) })).exit, 0);
  const typed = { files: stuck, isTyped: true, prompter: fakePrompter(["right"]) };
  assert.equal((await run("right", typed)).exit, 0);
});

Deno.test("guard: at a terminal the first question ends the turn, and a folder that cannot be used takes none", async () => {
  const { run, files, posts } = world();
  const events: string[] = [];
  const locking: Files = {
    ...files,
    lock: (path) => {
      if (!path.endsWith("sign_in.lock")) return files.lock(path);
      events.push("taken");
      return Promise.resolve({ release: () => (events.push("released"), Promise.resolve()) });
    },
  };
  const prompter = fakePrompter(["right"]);
  const secret: Prompter["secret"] = (question) => (events.push("asked"), prompter.secret(question));
  assert.equal((await run("stale", { files: locking, prompter: { ...prompter, secret } })).exit, 0);
  assert.deepEqual([events, posts], [["taken", "released", "asked"], ["stale", "right"]]);

  const refuse = (path: string) => Promise.reject(new FileError("read-only", path, "Read-only file system"));
  const readOnly: Files = { ...files, createNew: refuse, lock: refuse };
  assert.equal((await run("right", { files: readOnly, prompter: fakePrompter([]) })).exit, 0);
});

Deno.test("guard: a run that is asked to end while it waits for its turn ends", async () => {
  const stop = new AbortController();
  const files: Files = {
    ...fakeFiles(),
    lock: (_, signal) => {
      queueMicrotask(() => stop.abort(new Error("ended")));
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    },
  };
  const { context } = simulatedContext({ deps: { files, signal: stop.signal } });
  await assert.rejects(signIn(context, newSession(context)), /ended/);
});
