import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { noProxyList, proxyEnv } from "./network_env.ts";
import { proxyFor } from "./proxy.ts";

const API = "https://api.us.onelogin.com/auth";

Deno.test("proxyFor: the runtime's choice among the variables", () => {
  const host = (env: Record<string, string>, url = API) => proxyFor(env, url)?.host;
  assert.equal(host({}), undefined);
  assert.equal(host({ HTTPS_PROXY: "http://proxy.corp:3128" }), "proxy.corp:3128");
  assert.equal(host({ https_proxy: "http://proxy.corp:3128" }), "proxy.corp:3128");
  assert.equal(host({ HTTPS_PROXY: "proxy.corp:3128" }), "proxy.corp:3128");
  assert.equal(host({ HTTPS_PROXY: "http://proxy.corp" }), "proxy.corp:80");
  assert.equal(host({ HTTPS_PROXY: "https://proxy.corp/" }), "proxy.corp:443");
  assert.equal(host({ HTTPS_PROXY: "http://a:1", https_proxy: "http://b:2" }), "a:1");
  assert.equal(host({ HTTPS_PROXY: "http://a:1", ALL_PROXY: "http://b:2" }), "b:2");
  assert.equal(host({ HTTP_PROXY: "http://a:1" }), undefined);
  assert.equal(host({ HTTPS_PROXY: " " }), undefined);
  assert.deepEqual(proxyFor({ all_proxy: "http://a:1" }, API), { variable: "all_proxy", host: "a:1", tls: false });
});

Deno.test("proxyFor: NO_PROXY exempts domains with their subdomains, addresses, ranges and everything", () => {
  const direct = (list: string, url = API) =>
    proxyFor({ HTTPS_PROXY: "http://a:1", NO_PROXY: list }, url) === undefined;
  for (const list of ["onelogin.com", ".onelogin.com", "x, API.us.onelogin.com", "*"]) assert.ok(direct(list), list);
  for (const list of ["*", "[127.0.0.1]"]) assert.ok(!direct(list, "https://127.0.0.1:1/"), list);
  for (const list of ["", "login.com", "eu.onelogin.com", "127.0.0.1"]) assert.ok(!direct(list), list);
  for (const list of ["127.0.0.1", "127.0.0.0/8", "0.0.0.0/0"]) assert.ok(direct(list, "https://127.0.0.1:1/"), list);
  for (const list of ["127.0.0.2", "10.0.0.0/8", "127.0.0.0/33", "0.0.1"]) {
    assert.ok(!direct(list, "https://127.0.0.1:1/"), list);
  }
  assert.ok(direct("::1", "https://[::1]:1/"));
  assert.ok(!direct("[::1]", "https://[::1]:1/"), "the runtime takes no brackets");
  assert.equal(proxyFor({ HTTPS_PROXY: "http://a:1", no_proxy: "onelogin.com" }, API), undefined);
});

Deno.test("proxyFor: what the runtime would silently ignore is an error that does not show the password", () => {
  for (const value of ["http://us er:s3cret@a b:x", "socks5://u:s3cret@a:1", "ftp://u:s3cret@a:1", "http://"]) {
    assert.throws(() => proxyFor({ HTTPS_PROXY: value }, API), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.exit, 2);
      assert.match(error.message, /"HTTPS_PROXY"/);
      assert.ok(![error.message, ...error.hints].join().includes("s3cret"));
      return true;
    });
  }
  assert.doesNotThrow(() => proxyFor({ HTTPS_PROXY: "socks5://a:1", NO_PROXY: "*" }, API));
  assert.ok(!JSON.stringify(proxyFor({ HTTPS_PROXY: "http://u:s3cret@a:1" }, API)).includes("s3cret"));
});

const LOOPBACK = ["http://127.0.0.1:8080/", "http://127.9.9.9/", "http://localhost:8080/", "http://[::1]:8080/"];

Deno.test("noProxyList: with it no proxy is used for this machine, and its other entries still count", () => {
  for (const given of [{}, { NO_PROXY: "" }, { NO_PROXY: "*" }, { NO_PROXY: "a.example" }, { no_proxy: "a.example" }]) {
    for (const variable of ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]) {
      const env = { ...given, [variable]: "http://a:1" };
      for (const url of LOOPBACK) assert.equal(proxyFor({ ...env, NO_PROXY: noProxyList(env) }, url), undefined, url);
    }
  }
  const env = { HTTPS_PROXY: "http://a:1", no_proxy: "a.example, b.example" };
  const direct = (url: string) => proxyFor({ ...env, NO_PROXY: noProxyList(env) }, url) === undefined;
  assert.deepEqual([direct("https://x.b.example/"), direct(API)], [true, false]);
  assert.equal(noProxyList({ NO_PROXY: "", no_proxy: "a.example" }), noProxyList({}), "the empty one counts");
});

Deno.test("proxyEnv: this machine is exempt whichever of NO_PROXY and no_proxy is set last (Windows takes them for one)", () => {
  for (const given of [{ NO_PROXY: "a", no_proxy: "a" }, { no_proxy: "b" }, { NO_PROXY: "", no_proxy: "" }]) {
    const env = proxyEnv(given);
    assert.equal(env["no_proxy"], env["NO_PROXY"]);
    assert.match(env["NO_PROXY"] ?? "", /^localhost,127\.0\.0\.0\/8,::1/);
  }
});

Deno.test("proxyEnv: no space around an address, and no port behind a host of NO_PROXY", () => {
  assert.deepEqual(proxyEnv({ HTTPS_PROXY: " http://a:1\n", http_proxy: "b", X: " " }), {
    HTTPS_PROXY: "http://a:1",
    http_proxy: "b",
    X: " ",
    NO_PROXY: noProxyList({}),
  });
  const direct = (list: string) =>
    proxyFor({ HTTPS_PROXY: "http://a:1", NO_PROXY: noProxyList({ NO_PROXY: list }) }, API) === undefined;
  assert.deepEqual(["api.us.onelogin.com:443", ".onelogin.com:443", "::1, onelogin.com"].map(direct), [
    true,
    true,
    true,
  ]);
  assert.deepEqual(["api.us.onelogin.com:80", "onelogin.com:8443"].map(direct), [false, false]);
});

Deno.test("proxyFor: plain http is never sent through a proxy", () => {
  for (const url of LOOPBACK) {
    for (const variable of ["HTTP_PROXY", "all_proxy"]) {
      assert.throws(() => proxyFor({ [variable]: "http://a:1" }, url), (error) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.exit, 2);
        assert.match(error.message, /http: .*read it/);
        assert.deepEqual(error.hints, [`unset ${variable}, or list the host in NO_PROXY`]);
        return true;
      });
    }
    assert.equal(proxyFor({ HTTPS_PROXY: "http://a:1" }, url), undefined);
  }
});
