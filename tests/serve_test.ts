/** `serve` as a whole program: what callers get, what others do not, and renewals. */
import assert from "node:assert/strict";
import { AUTHENTICATOR, PROTECT } from "../simulator/demo_world.ts";
import type { Simulator } from "../simulator/server.ts";
import { findChromium } from "./chromium.ts";
import { defaultFiles, freshFolder, type LiveRun, type RunOptions, type RunResult, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, ADMIN, ADMIN_ARN, complaint, PASSWORD, routes, run } from "./runs.ts";

const windows = Deno.build.os === "windows";
const NO_INPUT = ["serve", "--no-input"] as const;
/** The credentials are as good as expired after two seconds. */
const SHORT = { sessionDuration: 62 } as const;

interface Served {
  readonly live: LiveRun;
  readonly uri: string;
  readonly token: string;
}

interface Raw {
  readonly status: number;
  readonly headers: string;
  readonly body: Readonly<Record<string, string>>;
}

/** Starts `serve`, works with it, and ends it by Ctrl-C. */
async function serving(
  simulator: Simulator,
  options: Partial<RunOptions>,
  work: (served: Served) => Promise<void>,
): Promise<RunResult> {
  return await run(simulator, {
    args: [...NO_INPUT, ...ADMIN, "--output", "env"],
    allow: { stdout: [] },
    ...options,
    async stdin(live) {
      await live.waitFor(/AWS_CONTAINER_AUTHORIZATION_TOKEN[^\n]*\n/, { stream: "stdout" });
      await work({ live, ...printed(live.stdout()) });
      live.kill(windows ? "SIGKILL" : "SIGINT");
    },
  });
}

function printed(stdout: string): Pick<Served, "uri" | "token"> {
  const [, uri = ""] = /AWS_CONTAINER_CREDENTIALS_FULL_URI\W+(http:[^\s'"]+)/.exec(stdout) ?? [];
  const [, token = ""] = /AWS_CONTAINER_AUTHORIZATION_TOKEN\W+(\w+)/.exec(stdout) ?? [];
  return { uri, token };
}

/** One request, byte for byte: `fetch` chooses some headers itself. */
async function send(uri: string, text: string): Promise<Raw> {
  const { hostname, port } = new URL(uri);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(text));
  const reply = await new Response(connection.readable).text();
  const [headers = "", body = ""] = reply.split("\r\n\r\n");
  return { status: Number(headers.split(" ")[1]), headers, body: JSON.parse(body) };
}

async function get(
  uri: string,
  headers: Readonly<Record<string, string>>,
  { method = "GET", host = new URL(uri).host } = {},
): Promise<Raw> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return await send(
    uri,
    `${method} ${new URL(uri).pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines}\r\n`,
  );
}

Deno.test("serve: prints the two variables and hands out the credentials of the role until Ctrl-C", async () => {
  await withSimulator(ada(), async (simulator) => {
    let answer: Raw | undefined;
    const result = await serving(simulator, {}, async ({ live, uri, token }) => {
      assert.match(uri, /^http:\/\/127\.0\.0\.1:\d+\/123456789012-Admin$/);
      assert.match(token, /^[0-9a-f]{64}$/);
      assert.equal(
        live.stdout(),
        `export AWS_CONTAINER_CREDENTIALS_FULL_URI=${uri}\nexport AWS_CONTAINER_AUTHORIZATION_TOKEN=${token}\n`,
      );
      answer = await get(uri, { Authorization: token });
      for (let request = 0; request < 3; request++) await get(uri, { Authorization: token });
    });
    if (!windows) assert.equal(result.code, 130, result.stderr);
    assert.equal(answer?.status, 200);
    const issued = simulator.secrets.map(({ value }) => value);
    const { AccessKeyId, SecretAccessKey, Token, Expiration, ...rest } = answer.body;
    assert.match(AccessKeyId ?? "", /^ASIA/);
    for (const value of [SecretAccessKey, Token]) {
      assert.ok(value !== undefined && issued.some((part) => part !== "" && value.includes(part)));
    }
    assert.match(Expiration ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(rest, { RoleArn: "arn:aws:iam::123456789012:role/Admin", AccountId: "123456789012" });
    assert.match(answer.headers, /\r\nContent-Type: application\/json\r\n[^]*\r\nCache-Control: no-store\r\n/);
    assert.match(result.stderr, new RegExp(`^Serving 123456789012-Admin \\(${ADMIN_ARN}, until `, "m"));
    // Four requests, one login, and nothing about them on stderr.
    assert.deepEqual(routes(simulator), ["token", "assertion", "AssumeRoleWithSAML"]);
    assert.doesNotMatch(result.stderr, /GET|Renew/);
    // No keys on disk.
    assert.ok(!result.exists(".aws/credentials"));
    assert.deepEqual(result.tree().filter(({ text }) => text.includes(SecretAccessKey ?? "")), []);
  });
});

Deno.test("serve: without the token, with another Host, from a web page or by another method there are no credentials", async () => {
  await withSimulator(ada(), async (simulator) => {
    await serving(simulator, {}, async ({ uri, token }) => {
      const key = { Authorization: token };
      const { port } = new URL(uri);
      const attempts: readonly (readonly [string, number, Promise<Raw>])[] = [
        ["no token", 401, get(uri, {})],
        ["another token", 401, get(uri, { Authorization: `${token.slice(1)}0` })],
        ["the start of the token", 401, get(uri, { Authorization: token.slice(0, 32) })],
        ["more than the token", 401, get(uri, { Authorization: `${token}0` })],
        [
          "two tokens",
          401,
          send(
            uri,
            `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${token}\r\nAuthorization: ${token}\r\n\r\n`,
          ),
        ],
        ["a rebound name", 403, get(uri, key, { host: `evil.example:${port}` })],
        ["localhost", 403, get(uri, key, { host: `localhost:${port}` })],
        ["no port", 403, get(uri, key, { host: "127.0.0.1" })],
        ["a page", 403, get(uri, { ...key, Origin: "https://evil.example" })],
        ["a file of a page", 403, get(uri, { ...key, Origin: "null" })],
        ["an image of a page", 403, get(uri, { ...key, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" })],
        ["POST", 405, get(uri, key, { method: "POST" })],
        ["OPTIONS", 405, get(uri, key, { method: "OPTIONS" })],
        ["another path", 404, get(new URL("/other", uri).href, key)],
        ["no path", 404, get(new URL("/", uri).href, key)],
        ["a body", 400, get(uri, { ...key, "Content-Length": "5" })],
        ["a chunked body", 400, get(uri, { ...key, "Transfer-Encoding": "chunked" })],
        ["a huge header", 431, get(uri, { ...key, "X-Filler": "x".repeat(20_000) })],
        ["no HTTP", 400, send(uri, "hello\r\n\r\n")],
      ];
      for (const [what, status, attempt] of attempts) {
        const { body, headers, ...reply } = await attempt;
        assert.equal(reply.status, status, what);
        assert.deepEqual(Object.keys(body), ["code", "message"], what);
        assert.doesNotMatch(headers, /access-control/i, what);
        assert.ok(!JSON.stringify(body).includes(token), what);
      }
      assert.equal((await get(uri, key)).status, 200);
    });
  });
});

Deno.test("serve: a thousand silent connections and a slow one keep nobody from the credentials", async () => {
  await withSimulator(ada(), async (simulator) => {
    await serving(simulator, {}, async ({ uri, token }) => {
      const { hostname, port } = new URL(uri);
      const connect = () => Deno.connect({ hostname, port: Number(port) });
      const slow = await connect();
      await slow.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost:"));
      const silent: Deno.TcpConn[] = [];
      for (let count = 0; count < 1000; count++) silent.push(await connect());
      const answers = await Promise.all(Array.from({ length: 64 }, () => get(uri, { Authorization: token })));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      for (const each of [slow, ...silent]) each.close();
    });
  });
});

Deno.test("serve: credentials are renewed before they end, by one login for all who ask, and one line says so", async () => {
  await withSimulator({ ...ada(), saml: SHORT }, async (simulator) => {
    const result = await serving(simulator, {}, async ({ uri, token, live }) => {
      const ask = () => get(uri, { Authorization: token });
      const first = await ask();
      // Those with less than a minute left are handed out no more, so that all of these wait for the new ones.
      await live.until(() => Date.parse(first.body["Expiration"] ?? "") - Date.now() < 59_000);
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
        await live.until(() => Date.parse(first.body["Expiration"] ?? "") - Date.now() < 59_000);
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
      await serving(simulator, {}, async ({ uri, token, live }) => {
        const ask = () => get(uri, { Authorization: token });
        const first = await ask();
        await live.until(() => Date.parse(first.body["Expiration"] ?? "") - Date.now() < 59_000);
        const answers = await Promise.all(Array.from({ length: 10 }, ask));
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      });
      assert.equal(routes(simulator).filter((route) => route === "assertion").length, 2);
    },
  );
});

Deno.test("serve: many roles have a path each, by profile name; --profile names the one of the variables", async () => {
  await withSimulator(ada(), async (simulator) => {
    const template = ["--profile-template", "{account}/{role}"];
    const result = await serving(simulator, {
      args: [...NO_INPUT, "--all-roles", ...template, "--profile", "123456789012/Admin", "--output", "json"],
    }, async ({ live, token }) => {
      const list: readonly Record<string, string>[] = JSON.parse(live.stdout());
      assert.ok(list.length > 1);
      assert.equal(list[0]?.["Profile"], "123456789012/Admin");
      for (const { Profile = "", AWS_CONTAINER_CREDENTIALS_FULL_URI = "" } of list) {
        assert.ok(AWS_CONTAINER_CREDENTIALS_FULL_URI.endsWith(`/${encodeURIComponent(Profile)}`));
        const { status, body } = await get(AWS_CONTAINER_CREDENTIALS_FULL_URI, { Authorization: token });
        assert.equal(status, 200);
        assert.ok(Profile.endsWith(`/${body["RoleArn"]?.split("/").at(-1)}`), `${Profile}: ${body["RoleArn"]}`);
      }
    });
    assert.equal(routes(simulator).filter((route) => route === "assertion").length, 1);
    assert.ok(!result.exists(".aws/credentials"));
  });
});

Deno.test("serve: --profile saves the credentials too, and names the path", async () => {
  await withSimulator(ada(), async (simulator) => {
    const result = await serving(simulator, {
      args: [...NO_INPUT, ...ADMIN, "--profile", "dev", "--output", "dotenv"],
    }, async ({ uri, token }) => {
      assert.equal(new URL(uri).pathname, "/dev");
      assert.equal((await get(uri, { Authorization: token })).status, 200);
    });
    assert.match(result.file(".aws/credentials"), /^\[dev\]$/m);
  });
});

Deno.test("serve: --port is the port, and one in use is said before anything is asked or sent", async () => {
  await withSimulator(ada(), async (simulator) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const taken = await run(simulator, { args: [...NO_INPUT, ...ADMIN, "--port", String(port)] });
    assert.equal(taken.code, 7);
    assert.match(
      complaint(taken).error,
      new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: another program uses the port`),
    );
    assert.deepEqual(routes(simulator), []);
    listener.close();
    await serving(
      simulator,
      { args: [...NO_INPUT, ...ADMIN, "--output", "env", "--port", String(port)] },
      ({ uri }) => {
        assert.equal(new URL(uri).port, String(port));
        return Promise.resolve();
      },
    );
  });
});

Deno.test("serve: what it cannot do is refused before a login", async () => {
  await withSimulator(ada(), async (simulator) => {
    for (
      const args of [["--interactive"], ["--profile-template", "{role}"], ["--output", "credential-process"], [
        "--loop",
        "2",
      ]]
    ) {
      const result = await run(simulator, { args: [...NO_INPUT, ...ADMIN, ...args], env: PASSWORD });
      assert.equal(result.code, 2);
      complaint(result);
    }
    assert.deepEqual(routes(simulator), []);
  });
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
      while (Date.parse(first.body["Expiration"] ?? "") - Date.now() > 59_000) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
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

const chromium = windows ? undefined : findChromium();

Deno.test({
  name: "serve: pages in a real browser get nothing from it, not even with the token or under a rebound name",
  ignore: chromium === undefined,
  fn: () =>
    withSimulator(ada(), async (simulator) => {
      await serving(simulator, {}, async ({ uri, token }) => {
        const { pathname, port } = new URL(uri);
        const rebound = `http://rebound.example:${port}${pathname}`;
        const script = `
          const tries = {
            plain: () => fetch(${JSON.stringify(uri)}),
            opaque: () => fetch(${JSON.stringify(uri)}, { mode: "no-cors" }),
            token: () => fetch(${JSON.stringify(uri)}, { headers: { Authorization: ${JSON.stringify(token)} } }),
            rebound: () => fetch(${JSON.stringify(rebound)}, { headers: { Authorization: ${JSON.stringify(token)} } }),
          };
          (async () => {
            const found = {};
            for (const [name, work] of Object.entries(tries)) {
              found[name] = await work().then(async (reply) => reply.type + await reply.text(), () => "refused");
            }
            await fetch("/found", { method: "POST", body: JSON.stringify(found) });
          })();`;
        const found = Promise.withResolvers<Readonly<Record<string, string>>>();
        await using page = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
          if (request.method === "POST") found.resolve(await request.json());
          return new Response(`<script>${script}</script>`, { headers: { "content-type": "text/html" } });
        });
        const browser = new Deno.Command(chromium!, {
          args: [
            "--headless=new",
            "--no-sandbox",
            "--no-first-run",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            `--user-data-dir=${freshFolder("chromium")}`,
            "--host-resolver-rules=MAP rebound.example 127.0.0.1",
            "--no-proxy-server",
            "--remote-debugging-port=0",
            `http://127.0.0.1:${page.addr.port}/`,
          ],
          stdout: "null",
          stderr: "null",
        }).spawn();
        const timer = setTimeout(() => found.reject(new Error("the page did not report")), 20_000);
        try {
          const seen = await found.promise;
          assert.deepEqual(seen, { plain: "refused", opaque: "opaque", token: "refused", rebound: "refused" });
        } finally {
          clearTimeout(timer);
          browser.kill("SIGKILL");
          await browser.status;
        }
      });
    }),
});
