/** `serve` renews: by one login for all callers, in its own terminal if it has to ask. */
import assert from "node:assert/strict";
import { AUTHENTICATOR, PROTECT } from "../simulator/demo_world.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, ADMIN, complaint, PASSWORD, routes, run } from "./runs.ts";
import { get, NO_INPUT, printed, type Raw, serving } from "./serving.ts";

/** The credentials are as good as expired after three seconds. */
const SHORT = { sessionDuration: 63 } as const;

/** Credentials with less than a minute left are handed out no more, so that whoever asks waits for new ones. */
async function untilRenewable(reply: Raw | undefined): Promise<void> {
  const end = Date.parse(reply?.body["Expiration"] ?? "");
  await new Promise((resolve) => setTimeout(resolve, end - Date.now() - 59_000));
}

Deno.test("serve: credentials are renewed before they end, by one login for all who ask, and one line reports it", async () => {
  await withSimulator({ ...ada(), saml: SHORT }, async (simulator) => {
    const result = await serving(simulator, {}, async ({ uri, token }) => {
      const ask = () => get(uri, { Authorization: token });
      const first = await ask();
      await untilRenewable(first);
      const answers = await Promise.all(Array.from({ length: 20 }, ask));
      assert.equal(new Set(answers.map(({ body }) => body["AccessKeyId"])).size, 1);
      assert.notEqual(answers[0]?.body["AccessKeyId"], first.body["AccessKeyId"]);
    });
    assert.equal(routes(simulator).filter((route) => route === "assertion").length, 2);
    assert.equal(result.stderr.match(/^Renewed the credentials of 123456789012-Admin \(/gm)?.length, 1, result.stderr);
  });
});

Deno.test("serve: a refused password is not sent again; the live credentials last, then the run ends", async () => {
  await withSimulator({ ...ada(), saml: SHORT }, async (simulator) => {
    const result = await run(simulator, {
      args: [...NO_INPUT, ...ADMIN, "--output", "env"],
      allow: { stdout: [] },
      timeoutMs: 60_000,
      async stdin(live) {
        await live.waitFor(/TOKEN=\w+\n/, { stream: "stdout" });
        const { uri, token } = printed(live.stdout());
        const first = await get(uri, { Authorization: token });
        simulator.set(ada([], { password: "changed since" }));
        await untilRenewable(first);
        for (let request = 0; request < 3; request++) {
          const { status, body } = await get(uri, { Authorization: token });
          assert.equal(status, 503);
          assert.match(body["message"] ?? "", /^OneLogin refused the user/);
        }
        await live.waitFor("error:", { timeoutMs: 20_000 });
      },
    });
    assert.equal(result.code, 3);
    assert.match(complaint(result).error, /^OneLogin refused the user/);
    assert.equal(simulator.requests.filter(({ route }) => route === "assertion").length, 2);
  });
});

Deno.test("serve: a push rings the phone once for a renewal, however many ask", async () => {
  await withSimulator(
    { ...ada([PROTECT]), saml: SHORT, push: { approveAfterMs: 1000 } },
    async (simulator) => {
      await serving(simulator, {}, async ({ uri, token }) => {
        const ask = () => get(uri, { Authorization: token });
        const first = await ask();
        await untilRenewable(first);
        const answers = await Promise.all(Array.from({ length: 10 }, ask));
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      });
      assert.equal(routes(simulator).filter((route) => route === "assertion").length, 2);
    },
  );
});

Deno.test("serve: many roles are renewed by one login too, from a cached assertion without any", async () => {
  for (const cache of [[], ["--cache-saml"]]) {
    await withSimulator({ ...ada(), saml: SHORT }, async (simulator) => {
      const args = [...NO_INPUT, "--roles", "*/Admin", ...cache, "--output", "json"];
      await serving(simulator, { args }, async ({ live, token }) => {
        const list: readonly Record<string, string>[] = JSON.parse(live.stdout());
        const ask = () =>
          Promise.all(
            list.map(({ AWS_CONTAINER_CREDENTIALS_FULL_URI = "" }) =>
              get(AWS_CONTAINER_CREDENTIALS_FULL_URI, { Authorization: token })
            ),
          );
        const first = await ask();
        await untilRenewable(first[0]);
        for (const [index, { status, body }] of (await ask()).entries()) {
          assert.equal(status, 200);
          assert.notEqual(body["AccessKeyId"], first[index]?.body["AccessKeyId"]);
        }
      });
      assert.equal(routes(simulator).filter((route) => route === "assertion").length, 2 - cache.length);
    });
  }
});

Deno.test({
  name: "serve: a renewal that needs a code rings and asks in the terminal of serve, while callers wait",
  ignore: await noPty(),
  fn: () =>
    withSimulator({ ...ada([AUTHENTICATOR]), saml: SHORT }, async (simulator) => {
      await using pty = await openPty({
        args: ["serve", ...ADMIN, "--output", "env"],
        env: PASSWORD,
        files: defaultFiles,
        simulator,
        stdout: "pipe",
        allow: { stdout: [], stderr: ["code"] },
      });
      const answer = async () => {
        await pty.expect("Google Authenticator");
        await pty.send(AUTHENTICATOR.code ?? "");
        await pty.sendKey("enter");
      };
      await answer();
      await pty.expect("Press Ctrl-C to stop");
      const { uri, token } = printed(pty.stdout());
      const ask = () => get(uri, { Authorization: token });
      const first = await ask();
      await untilRenewable(first);
      const rings = pty.raw().split("\u0007").length;
      const callers = Promise.all([ask(), ask(), ask()]);
      await pty.expect(/The credentials expire in \d+ s\. Renewing them needs an answer:/);
      await answer();
      const [second, ...others] = await callers;
      assert.equal(second.status, 200);
      assert.notEqual(second.body["AccessKeyId"], first.body["AccessKeyId"]);
      assert.deepEqual(others.map(({ body }) => body), [second.body, second.body]);
      assert.ok(pty.raw().split("\u0007").length > rings, "the bell rings");
      await pty.expect("Renewed the credentials of 123456789012-Admin");
      await pty.sendKey("ctrl-c");
      const end = await pty.wait();
      assert.equal(end.code, 130, pty.screen());
      assert.deepEqual(await pty.terminalRestored, { echo: true, canonical: true });
    }),
});
