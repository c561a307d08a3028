/** `serve` as a whole program: what callers get, and what others do not. */
import assert from "node:assert/strict";
import { findChromium } from "./chromium.ts";
import { freshFolder, withSimulator } from "./harness.ts";
import { ada, ADMIN, ADMIN_ARN, complaint, PASSWORD, routes, run } from "./runs.ts";
import { get, NO_INPUT, type Raw, send, serving } from "./serving.ts";

const windows = Deno.build.os === "windows";

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

Deno.test("serve: --port is the port, and one in use is reported before anything is asked or sent", async () => {
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
