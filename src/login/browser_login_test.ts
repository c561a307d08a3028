import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import type { Browser, BrowserAnswer } from "../io/deps.ts";
import type { Settings } from "../settings/settings.ts";
import { fakePrompter, fakeTerminal, simulatedContext } from "../testing.ts";
import { newLogin } from "./assertion.ts";
import { getLogin } from "./assertion.ts";
import type { Session } from "./session.ts";

const on = { value: true, source: { kind: "option", name: "--browser" } } as const;
const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });

/** A context whose browser gives this answer, or the simulated OneLogin's response; `hang` waits until it is stopped. */
function contextWith(options: {
  readonly answer?: BrowserAnswer | "hang";
  readonly settings?: Partial<Settings>;
  readonly answers?: readonly string[];
  readonly unattended?: boolean;
  readonly absent?: boolean;
} = {}) {
  const asked: unknown[] = [];
  const terminal = fakeTerminal();
  const simulated = simulatedContext({
    settings: { browser: on, password: undefined as never, clientId: undefined as never, ...options.settings },
    prompter: options.unattended ? fakePrompter([], "none") : fakePrompter(options.answers ?? []),
  });
  const browser: Browser = {
    port: 9222,
    async ask(request, signal, onStep) {
      asked.push(request);
      onStep?.("sign-in");
      if (options.answer !== "hang") {
        return options.answer ?? { kind: "response", base64: simulated.http.issue(["123456789012/Admin"]) };
      }
      return await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  };
  const deps = { ...simulated.context.deps, terminal, ...(options.absent ? {} : { browser }) };
  return { ...simulated, terminal, asked, context: { ...simulated.context, deps } };
}

async function refusal(options: Parameters<typeof contextWith>[0], session: Session = {}) {
  const world = contextWith(options);
  const error = await newLogin(world.context, session).then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof UserError, String(error));
  assert.equal(world.files.contents.size, 0);
  return { exit: error.exit, message: error.message, hints: error.hints.join("\n"), ...world };
}

Deno.test("browserLogin(): no password, no client, no request of OneLogin's API; the owner is known afterwards", async () => {
  const { context, asked, http, reporter } = contextWith();
  const { session, assertion } = await newLogin(context, {});
  assert.deepEqual(assertion.roles.map(({ name }) => name), ["Admin"]);
  assert.deepEqual(asked, [{ kind: "sign-in", subdomain: "acme", appId: "123456" }]);
  assert.deepEqual(session.owner, { username: "ada", appId: "123456", subdomain: "acme" });
  assert.deepEqual(http.routes(), []);
  assert.ok(reporter.lines.some((line) => /browser tab/.test(line)));
});

Deno.test("browserLogin(): asks for app and subdomain where the settings have none, and for nothing else", async () => {
  const none = { appId: undefined as never, subdomain: undefined as never, username: undefined as never };
  const { context, asked } = contextWith({ settings: none, answers: ["123456", "acme"] });
  await newLogin(context, {});
  assert.deepEqual(asked, [{ kind: "sign-in", subdomain: "acme", appId: "123456" }]);
});

Deno.test("browserLogin(): each fault has its exit code, and nothing is written", async () => {
  const faults: readonly (readonly [BrowserAnswer, number])[] = [
    [{ kind: "absent" }, 7],
    [{ kind: "no-browser" }, 7],
    [{ kind: "unreachable", why: "net::ERR_NAME_NOT_RESOLVED" }, 7],
    [{ kind: "declined" }, 4],
    [{ kind: "tab-closed" }, 4],
    [{ kind: "browser-closed" }, 4],
    [{ kind: "too-large" }, 3],
    [{ kind: "no-response" }, 3],
    [{ kind: "response", base64: "eA==" }, 3],
  ];
  for (const [answer, exit] of faults) assert.equal((await refusal({ answer })).exit, exit, answer.kind);
  const { hints } = await refusal({ answer: { kind: "absent" } });
  assert.match(hints, /chrome:\/\/inspect\/#remote-debugging/);
  assert.match(hints, /google-chrome --user-data-dir="\$HOME\/\.cache\/onelogin-browser" --remote-debugging-port=9222/);
});

Deno.test("browserLogin(): time up is exit 4; another user's login is exit 9", async () => {
  const late = await refusal({ answer: "hang", settings: { browserTimeout: 20 } });
  assert.deepEqual([late.exit, late.message], [4, "the sign-in in the browser was not completed within 20 seconds"]);
  assert.equal((await refusal({ settings: { username: set("bob") } })).exit, 9);
});

Deno.test("browserLogin(): --no-input opens no tab; credential-process does, and prints nothing when it is quick", async () => {
  const refused = await refusal({ settings: { noInput: true } });
  assert.deepEqual([refused.exit, refused.asked], [8, []]);
  const quick = contextWith({ settings: { noInput: true }, unattended: true });
  await newLogin(quick.context, { unattended: {} });
  assert.equal(quick.terminal.err, "");
});

Deno.test("browserLogin(): a key that did not start the thread is named; one that was taken back too", async () => {
  const source = { kind: "file", path: "/work/onelogin.aws.json", key: "browser" } as const;
  const inFile = await refusal({ absent: true, settings: { browser: { value: true, source } } });
  assert.deepEqual([inFile.exit, inFile.hints], [2, "add --browser"]);
  assert.match(inFile.message, /"browser" in "\/work\/onelogin\.aws\.json" is ignored/);
  const off = await refusal({ settings: { browser: set(false) } });
  assert.deepEqual([off.exit, off.hints], [2, "add --browser or --no-browser"]);
});

Deno.test("getLogin(): with --cache-saml a cached assertion needs no tab, also with --no-input", async () => {
  const first = contextWith({ settings: { cacheSaml: true } });
  await getLogin(first.context, {});
  const second = contextWith({ settings: { cacheSaml: true, noInput: true } });
  const context = { ...second.context, deps: { ...second.context.deps, files: first.files } };
  assert.equal((await getLogin(context, {})).assertion.roles.length, 1);
  assert.deepEqual(second.asked, []);
});
