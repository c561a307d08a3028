/** A login in a company's network: a private certificate authority, a proxy, and the errors when one of them fails. */
import assert from "node:assert/strict";
import { ADA, DEMO_SCENARIO } from "../simulator/demo_world.ts";
import type { Simulator } from "../simulator/server.ts";
import { HOMEPAGE, REPOSITORY } from "../src/repository.ts";
import { VERSION } from "../src/version.ts";
import { connectProxy, pemPath, tlsFront } from "./corporate_network.ts";
import { defaultFiles, runProgram, withSimulator } from "./harness.ts";
import { CLOSED_PORT } from "../src/testing.ts";

const options = { sanitizeOps: false, sanitizeResources: false };
const SCENARIO = { users: [{ ...ADA, devices: [] }], roles: DEMO_SCENARIO.roles.slice(0, 1) };
const CA = pemPath("test_ca");

/** Hosts that nobody has (this machine never goes through a proxy), and an authority that vouches for them. */
const BEHIND_PROXY = {
  ONELOGIN_API_URL: "https://simulator.onelogin.com",
  AWS_ENDPOINT_URL_STS: "https://sts.zz-test-1.amazonaws.com",
  AWS_CA_BUNDLE: pemPath("services_ca"),
};
const TARGETS = ["simulator.onelogin.com:443", "sts.zz-test-1.amazonaws.com:443"];

/** Runs a login without questions against a TLS front of the simulator. */
function login(simulator: Simulator, port: number, env: Record<string, string>) {
  const url = `https://127.0.0.1:${port}`;
  return runProgram({
    args: ["--no-input", "--output", "json", "--timeout", "8"],
    files: defaultFiles,
    simulator,
    env: { ONELOGIN_PASSWORD: ADA.password, ONELOGIN_API_URL: url, AWS_ENDPOINT_URL_STS: url, ...env },
  });
}

for (const variable of ["AWS_CA_BUNDLE", "SSL_CERT_FILE"]) {
  Deno.test(`network: ${variable} makes a private authority trusted, for OneLogin and STS alike`, options, async () => {
    await withSimulator(SCENARIO, async (simulator) => {
      await using tls = tlsFront(Number(new URL(simulator.url).port));
      const { code, stdout, stderr } = await login(simulator, tls.port, { [variable]: CA });
      assert.equal(code, 0, stderr);
      assert.equal(JSON.parse(stdout).Version, 1);
      assert.equal(simulator.passwordPosts, 1);
    });
  });
}

Deno.test(
  "network: REQUESTS_CA_BUNDLE and ca_bundle of ~/.aws/config count, as they did for the Python tool",
  options,
  async () => {
    await withSimulator(SCENARIO, async (simulator) => {
      await using tls = tlsFront(Number(new URL(simulator.url).port));
      const requests = await login(simulator, tls.port, { REQUESTS_CA_BUNDLE: CA });
      assert.equal(requests.code, 0, requests.stderr);
      const url = `https://127.0.0.1:${tls.port}`;
      const env = { ONELOGIN_PASSWORD: ADA.password, ONELOGIN_API_URL: url, AWS_ENDPOINT_URL_STS: url };
      const configured = (text: string, more = {}) =>
        runProgram({
          args: ["--no-input", "--output", "json"],
          files: { ...defaultFiles, ".aws/config": text },
          simulator,
          env: { ...env, ...more },
        });
      const inDefault = await configured(`[default]\nca_bundle = ${CA}\n`);
      assert.equal(inDefault.code, 0, inDefault.stderr);
      const inProfile = await configured(`[profile corp]\nca_bundle = ${CA}\n`, { AWS_PROFILE: "corp" });
      assert.equal(inProfile.code, 0, inProfile.stderr);
      const missing = await configured("[default]\nca_bundle = /nonexistent/ca.pem\n");
      assert.equal(missing.code, 2, missing.stderr);
      assert.match(missing.stderr, /certificates of "ca_bundle".* no file/);
    });
  },
);

Deno.test("network: a private authority that nobody named is refused, with what to set", options, async () => {
  await withSimulator(SCENARIO, async (simulator) => {
    await using tls = tlsFront(Number(new URL(simulator.url).port));
    const { code, stderr } = await login(simulator, tls.port, { SSL_CERT_FILE: "" });
    assert.equal(code, 7, stderr);
    assert.match(stderr, /"127\.0\.0\.1:\d+".* unknown issuer/);
    assert.match(stderr, /hint: .*set AWS_CA_BUNDLE or SSL_CERT_FILE to the PEM file/);
    assert.equal(simulator.requests.length, 0);
  });
});

for (const [certificate, words] of [["elsewhere", "for another host"], ["expired", "expired"]] as const) {
  Deno.test(`network: a certificate that is ${words} is refused even from a trusted authority`, options, async () => {
    await withSimulator(SCENARIO, async (simulator) => {
      await using tls = tlsFront(Number(new URL(simulator.url).port), certificate);
      const { code, stderr } = await login(simulator, tls.port, { AWS_CA_BUNDLE: CA });
      assert.equal(code, 7, stderr);
      assert.ok(stderr.includes(words), stderr);
      assert.equal(simulator.requests.length, 0);
    });
  });
}

Deno.test("network: certificates that cannot be read end the run before anything is sent", options, async () => {
  await withSimulator(SCENARIO, async (simulator) => {
    await using tls = tlsFront(Number(new URL(simulator.url).port));
    const missing = await login(simulator, tls.port, { AWS_CA_BUNDLE: "/nonexistent/ca.pem" });
    assert.equal(missing.code, 2, missing.stderr);
    assert.match(missing.stderr, /certificates of "AWS_CA_BUNDLE".* no file/);
    const damaged = await runProgram({
      args: ["--no-input"],
      files: { ...defaultFiles, "ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" },
      simulator,
      env: { ONELOGIN_PASSWORD: ADA.password, AWS_CA_BUNDLE: "~/ca.pem" },
    });
    assert.equal(damaged.code, 2, damaged.stderr);
    assert.match(damaged.stderr, /"AWS_CA_BUNDLE": a certificate is damaged/);
    assert.equal(simulator.requests.length, 0);
  });
});

Deno.test("network: HTTPS_PROXY carries OneLogin and STS, with a user and an encoded password", options, async () => {
  await withSimulator(SCENARIO, async (simulator) => {
    await using tls = tlsFront(Number(new URL(simulator.url).port), "services");
    await using proxy = connectProxy(tls.port, "ada:p@ss");
    const { code, stderr } = await login(simulator, tls.port, {
      ...BEHIND_PROXY,
      HTTPS_PROXY: `http://ada:p%40ss@127.0.0.1:${proxy.port}`,
    });
    assert.equal(code, 0, stderr);
    assert.ok(!stderr.includes("p%40ss"));
    assert.deepEqual([...new Set(proxy.targets)].sort(), TARGETS);
  });
});

for (const variable of ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]) {
  Deno.test(`network: ${variable} never gets what goes to this machine over http, the password`, options, async () => {
    const heard: string[] = [];
    await using proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      heard.push(`${request.url} ${await request.text()}`);
      return new Response("no", { status: 502 });
    });
    await withSimulator(SCENARIO, async (simulator) => {
      for (const more of [{}, { NO_PROXY: "*" }, { NO_PROXY: "", no_proxy: "" }, { no_proxy: "example.com" }]) {
        const env = { ONELOGIN_PASSWORD: ADA.password, [variable]: `http://127.0.0.1:${proxy.addr.port}`, ...more };
        const args = ["--no-input", "--output", "json"];
        const { code, stderr } = await runProgram({ args, files: defaultFiles, simulator, env });
        assert.deepEqual([code, heard], [0, []], stderr);
      }
      assert.equal(simulator.passwordPosts, 4);
    });
  });
}

Deno.test("network: doctor names which way each host is reached, and what is trusted", options, async () => {
  await withSimulator(SCENARIO, async (simulator) => {
    await using tls = tlsFront(Number(new URL(simulator.url).port), "services");
    await using proxy = connectProxy(tls.port);
    const { code, stdout } = await runProgram({
      args: ["doctor", "--verbose"],
      files: defaultFiles,
      simulator,
      env: {
        ...BEHIND_PROXY,
        HTTPS_PROXY: `http://ada:s3cret@127.0.0.1:${proxy.port}`,
      },
    });
    assert.equal(code, 0, stdout);
    const way = `reached through the proxy 127.0.0.1:${proxy.port} (HTTPS_PROXY)`;
    assert.equal(stdout.split("\n").filter((line) => line.includes(way)).length, 2, stdout);
    assert.match(stdout, /certificates: those in ".*services_ca\.pem" \(AWS_CA_BUNDLE\) are trusted/);
    assert.ok(!stdout.includes("s3cret"));
  });
});

/** Hears what github.com would be asked, behind a proxy that knows the way to it and to the simulator. */
async function withReleases(
  newest: string,
  fn: (
    world: {
      readonly simulator: Simulator;
      readonly heard: readonly string[];
      readonly targets: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    },
  ) => Promise<void>,
): Promise<void> {
  await withSimulator(SCENARIO, async (simulator) => {
    const heard: string[] = [];
    await using github = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const told = [...request.headers].filter(([name]) => !/^(host|accept.*|user-agent)$/.test(name));
      heard.push(`${request.method} ${new URL(request.url).pathname} ${JSON.stringify(told)}${await request.text()}`);
      return new Response(null, { status: 302, headers: { location: `${HOMEPAGE}/releases/tag/${newest}` } });
    });
    await using services = tlsFront(Number(new URL(simulator.url).port), "services");
    await using releases = tlsFront(github.addr.port, "services");
    await using proxy = connectProxy((host) => host === "github.com" ? releases.port : services.port);
    const env = { ...BEHIND_PROXY, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, ONELOGIN_PASSWORD: ADA.password };
    await fn({ simulator, heard, targets: proxy.targets, env });
  });
}

Deno.test("network: no run asks for a newer release automatically, doctor neither", options, async () => {
  await withReleases("v99.0.0", async ({ simulator, heard, targets, env }) => {
    const lines = [
      ["--no-input", "--output", "json"],
      ["roles", "--no-input"],
      ["status", "--verify"],
      ["doctor"],
      ["doctor", "--verbose"],
    ];
    for (const args of lines) {
      const { code, stdout, stderr } = await runProgram({ args, files: defaultFiles, simulator, env });
      assert.equal(code, 0, stderr);
      assert.ok(!`${stdout}${stderr}`.includes("99.0.0"));
    }
    assert.deepEqual([...new Set(targets)].sort(), TARGETS);
    assert.deepEqual(heard, []);
  });
});

Deno.test(
  "network: doctor --check-release asks github.com once, sends nothing of the user, and follows nothing",
  options,
  async () => {
    await withReleases("v99.0.0", async ({ simulator, heard, targets, env }) => {
      const args = ["doctor", "--check-release", "--output", "json"];
      const { code, stdout, stderr } = await runProgram({ args, files: defaultFiles, simulator, env });
      assert.equal(code, 0, stderr);
      const { ok, findings }: { ok: boolean; findings: { area: string; level: string; text: string; fix?: string }[] } =
        JSON.parse(stdout);
      assert.equal(ok, true);
      assert.deepEqual(findings.filter(({ area }) => area === "release"), [{
        area: "release",
        level: "warn",
        text: `there is a newer release: 99.0.0; this is ${VERSION}`,
        fix: `see ${HOMEPAGE}/releases/tag/v99.0.0`,
      }]);
      assert.ok(findings.some(({ level, text }) => level === "ok" && text === "may connect to github.com:443"), stdout);
      assert.deepEqual(heard, [`GET /${REPOSITORY}/releases/latest []`]);
      assert.deepEqual(targets.filter((target) => target.startsWith("github")), ["github.com:443"]);
      assert.deepEqual([...new Set(targets)].sort(), ["github.com:443", ...TARGETS]);
    });
  },
);

Deno.test(
  "network: doctor --check-release that reaches nobody is a remark; as a login's option it is refused",
  options,
  async () => {
    await withSimulator(SCENARIO, async (simulator) => {
      const env = { HTTPS_PROXY: `http://127.0.0.1:${CLOSED_PORT}` };
      const start = { files: defaultFiles, simulator, env };
      const asked = await runProgram({ ...start, args: ["doctor", "--check-release", "--quiet"] });
      assert.equal(asked.code, 0, asked.stdout);
      assert.match(
        asked.stdout,
        /^warn +release +cannot .*newer release: .*proxy "127\.0\.0\.1:\d+".*"github\.com".*\n +fix: .*proxy/m,
      );
      const login = await runProgram({ ...start, args: ["--check-release"] });
      assert.deepEqual([login.code, login.stdout], [2, ""]);
      assert.match(login.stderr, /cannot use "--check-release" without a command: only "doctor" takes it/);
    });
  },
);

Deno.test("network: NO_PROXY goes around the proxy; lower case counts", options, async () => {
  await withSimulator(SCENARIO, async (simulator) => {
    await using tls = tlsFront(Number(new URL(simulator.url).port), "services");
    await using proxy = connectProxy(tls.port);
    const { code } = await login(simulator, tls.port, {
      ...BEHIND_PROXY,
      https_proxy: `127.0.0.1:${proxy.port}`,
      no_proxy: "amazonaws.com",
    });
    // OneLogin is reached through the proxy; STS would be directly, where there is nobody.
    assert.equal(code, 7);
    assert.deepEqual([...new Set(proxy.targets)], TARGETS.slice(0, 1));
  });
});

Deno.test(
  "network: a proxy that wants a login is named, with what to set and without a password",
  options,
  async () => {
    await withSimulator(SCENARIO, async (simulator) => {
      await using tls = tlsFront(Number(new URL(simulator.url).port), "services");
      await using proxy = connectProxy(tls.port, "ada:right");
      const { code, stderr } = await login(simulator, tls.port, {
        ...BEHIND_PROXY,
        HTTPS_PROXY: `http://ada:wr0ngpass@127.0.0.1:${proxy.port}`,
      });
      assert.equal(code, 7, stderr);
      assert.match(
        stderr,
        /proxy "127\.0\.0\.1:\d+".*"simulator\.onelogin\.com".* user and password/,
      );
      assert.match(stderr, /hint: .*HTTPS_PROXY=http:\/\/user:p%40ss@host:port/);
      assert.match(stderr, /hint: .*Kerberos or NTLM.* px or cntlm.*HTTPS_PROXY=http:\/\/127\.0\.0\.1:3128/);
      assert.ok(!stderr.includes("wr0ngpass"));
    });
  },
);

Deno.test(
  "network: a proxy that is not there, or of a kind the sandbox cannot allow, is reported as the cause",
  options,
  async () => {
    await withSimulator(SCENARIO, async (simulator) => {
      await using tls = tlsFront(Number(new URL(simulator.url).port));
      const port = CLOSED_PORT;
      const dead = await login(simulator, tls.port, { ...BEHIND_PROXY, HTTPS_PROXY: `http://127.0.0.1:${port}` });
      assert.equal(dead.code, 7, dead.stderr);
      assert.match(dead.stderr, new RegExp(`connection refused by the proxy "127\\.0\\.0\\.1:${port}"`));
      assert.match(dead.stderr, /hint: check the proxy in HTTPS_PROXY or ALL_PROXY/);
      assert.doesNotMatch(dead.stderr, /behind a proxy set/);
      const socks = await login(simulator, tls.port, { ...BEHIND_PROXY, ALL_PROXY: `socks5://127.0.0.1:${port}` });
      assert.equal(socks.code, 2, socks.stderr);
      assert.match(socks.stderr, /"ALL_PROXY".* sandbox/);
      assert.equal(simulator.requests.length, 0);
    });
  },
);

/** Answers whatever it hears as an HTTP server answers what is no HTTP. */
function plainServer(): { readonly port: number; close(): void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const conn of listener) {
      await conn.read(new Uint8Array(4096));
      await conn.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
      conn.close();
    }
  })().catch(() => {});
  return { port: (listener.addr as Deno.NetAddr).port, close: () => listener.close() };
}

Deno.test(
  "network: a proxy without a name, one that is no TLS proxy, and spaces around one are dealt with",
  options,
  async () => {
    await withSimulator(SCENARIO, async (simulator) => {
      await using tls = tlsFront(Number(new URL(simulator.url).port), "services");
      await using proxy = connectProxy(tls.port);
      const by = (HTTPS_PROXY: string, more = {}) =>
        login(simulator, tls.port, { ...BEHIND_PROXY, HTTPS_PROXY, ...more });
      const unknown = await by("http://nowhere.invalid:3128");
      assert.equal(unknown.code, 7, unknown.stderr);
      assert.match(
        unknown.stderr,
        /cannot find .*proxy.*"nowhere\.invalid:3128".*"simulator\.onelogin\.com"/,
      );
      assert.match(unknown.stderr, /hint: check the proxy in HTTPS_PROXY or ALL_PROXY/);
      const squid = plainServer();
      const wrongScheme = await by(`https://127.0.0.1:${squid.port}`).finally(squid.close);
      assert.equal(wrongScheme.code, 7, wrongScheme.stderr);
      assert.match(wrongScheme.stderr, /proxy "127\.0\.0\.1:\d+".* does not speak TLS/);
      assert.match(wrongScheme.stderr, /hint: start the proxy address .* with http:\/\//);
      assert.equal(simulator.requests.length, 0);
      const spaced = await by(` http://127.0.0.1:${proxy.port}\n`);
      assert.equal(spaced.code, 0, spaced.stderr);
      assert.deepEqual([...new Set(proxy.targets)].sort(), TARGETS);
      const asked = proxy.targets.length;
      const around = await by(`http://127.0.0.1:${proxy.port}`, { NO_PROXY: "simulator.onelogin.com:443" });
      assert.equal(around.code, 7, around.stderr);
      assert.match(around.stderr, /cannot find the host "simulator\.onelogin\.com"/);
      // The connection to AWS is opened ahead, and may come this far.
      assert.deepEqual(proxy.targets.slice(asked).filter((target) => target.includes("onelogin")), []);
    });
  },
);

Deno.test(
  "network: AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT ask the region's host of that kind, which the sandbox allows",
  options,
  async () => {
    await withSimulator(SCENARIO, async (simulator) => {
      for (
        const [name, host] of [
          ["AWS_USE_FIPS_ENDPOINT", "sts-fips.us-east-1.amazonaws.com:443"],
          ["AWS_USE_DUALSTACK_ENDPOINT", "sts.us-east-1.api.aws:443"],
        ] as const
      ) {
        await using tls = tlsFront(Number(new URL(simulator.url).port), "services");
        await using proxy = connectProxy(tls.port);
        await runProgram({
          args: ["--no-input", "--output", "json", "--timeout", "8"],
          files: defaultFiles,
          simulator,
          env: {
            ONELOGIN_PASSWORD: ADA.password,
            ...BEHIND_PROXY,
            AWS_ENDPOINT_URL_STS: "",
            [name]: "true",
            HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
          },
        });
        assert.deepEqual([...new Set(proxy.targets)].sort(), ["simulator.onelogin.com:443", host]);
      }
    });
  },
);

Deno.test("network: a dead AWS_ENDPOINT_URL_STS is named, not the region", async () => {
  await withSimulator(SCENARIO, async (simulator) => {
    const result = await runProgram({
      args: ["--no-input"],
      files: defaultFiles,
      simulator,
      env: { ONELOGIN_PASSWORD: ADA.password, AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${CLOSED_PORT}` },
    });
    assert.equal(result.code, 7, result.stderr);
    assert.match(result.stderr, /hint: .*AWS_ENDPOINT_URL_STS/);
    assert.doesNotMatch(result.stderr, /--aws-region/);
  });
});
