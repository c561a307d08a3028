import assert from "node:assert/strict";
import fc from "fast-check";
import { orUserError, UserError } from "../errors.ts";
import { refused } from "../testing.ts";
import { checkEndpoint, ENDPOINT_DOMAINS, endpointsFrom, type Service } from "./endpoints.ts";

function refusal(service: Service, value: string): UserError {
  return refused(orUserError(() => checkEndpoint(service, "SOME_URL", value)));
}

Deno.test("checkEndpoint: https under the service's domains, and any port on loopback", () => {
  const url = (service: Service, value: string) => checkEndpoint(service, "SOME_URL", value).url;
  assert.equal(url("onelogin", "https://acme.onelogin.com/"), "https://acme.onelogin.com");
  assert.equal(url("onelogin", "HTTPS://API.US.OneLogin.com:443//"), "https://api.us.onelogin.com");
  assert.equal(
    url("sts", "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com"),
    "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com",
  );
  assert.equal(url("sts", "https://sts-fips.us-east-1.api.aws"), "https://sts-fips.us-east-1.api.aws");
  assert.equal(url("sts", "https://sts.cn-north-1.amazonaws.com.cn"), "https://sts.cn-north-1.amazonaws.com.cn");
  assert.equal(url("signin", "https://eu-west-1.signin.aws.amazon.com"), "https://eu-west-1.signin.aws.amazon.com");
  assert.equal(url("sts", "http://127.0.0.1:8123/base/"), "http://127.0.0.1:8123/base");
  assert.equal(url("sts", "http://[::1]:8123"), "http://[::1]:8123");
  assert.equal(url("onelogin", "https://localhost:1"), "https://localhost:1");
});

Deno.test("checkEndpoint: the grant is one host and one port", () => {
  assert.equal(checkEndpoint("sts", "X", "http://127.9.9.9").grant, "127.9.9.9:80");
  assert.equal(checkEndpoint("sts", "X", "https://[::1]").grant, "[::1]:443");
  assert.equal(checkEndpoint("onelogin", "X", "https://acme.onelogin.com/x").grant, "acme.onelogin.com:443");
});

Deno.test("checkEndpoint: anything else is refused with the reason", () => {
  for (
    const [service, value, reason] of [
      ["onelogin", "https://evil.example", /evil\.example/],
      ["onelogin", "https://onelogin.com", /not under/],
      ["onelogin", "https://evilonelogin.com", /not under/],
      ["onelogin", "https://acme.onelogin.com.evil.example", /not under/],
      ["onelogin", "https://acme.onelogin.com.", /not under/],
      ["onelogin", "https://sts.amazonaws.com", /not under/],
      ["sts", "https://acme.onelogin.com", /not under/],
      ["sts", "https://signin.aws.amazon.com", /not under/],
      ["onelogin", "http://acme.onelogin.com", /https only/],
      ["onelogin", "https://acme.onelogin.com:8443", /port 443/],
      ["onelogin", "https://evil.example\\@acme.onelogin.com", /not under/],
      ["onelogin", "https://acme.onelogin.com@evil.example", /user name/],
      ["sts", "http://u:p@127.0.0.1", /user name/],
      ["sts", "http://127.0.0.1/?x", /query/],
      ["sts", "http://127.0.0.1/?", /query/],
      ["sts", "http://127.0.0.1/#x", /fragment/],
      ["sts", "http://127.0.0.1:1/a b", /space/],
      ["sts", "http://127.0.0.1\t.evil.example", /control/],
      ["sts", "http://localhost.evil.example", /not under/],
      ["sts", "http://127.0.0.1.evil.example", /not under/],
      ["sts", "http://0.0.0.0:1", /not under/],
      ["sts", "http://[::ffff:127.0.0.1]:1", /not under/],
      ["sts", "http://169.254.169.254", /not under/],
      ["sts", "ftp://127.0.0.1", /neither/],
      ["sts", "file:///etc/passwd", /neither/],
      ["sts", "127.0.0.1:8080", /not a URL|neither/],
      ["sts", "localhost:8080", /neither/],
    ] as const
  ) {
    assert.match(refusal(service, value).message, reason, value);
  }
});

Deno.test("checkEndpoint: a message never repeats a user name or password of the URL", () => {
  for (const value of ["https://ada:hunter2@evil.example", "https://ada:hunter2@", "ada:hunter2@evil.example"]) {
    const error = refusal("sts", value);
    assert.doesNotMatch([error.message, ...error.hints].join("\n"), /hunter2/);
  }
});

Deno.test("checkEndpoint: whatever is accepted is what the URL parser will connect to", () => {
  const piece = fc.constantFrom(
    "https://",
    "http://",
    "acme",
    ".onelogin.com",
    "@",
    ":",
    "/",
    "\\",
    "evil.example",
    "127.0.0.1",
    "[::1]",
    "?",
    "#",
    "%2e",
    "443",
    "．",
    "\t",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 7 }).map((all) => all.join("")), (value) => {
      try {
        const endpoint = checkEndpoint("onelogin", "X", value);
        const { hostname, protocol } = new URL(`${endpoint.url}/api`);
        const own = ENDPOINT_DOMAINS.onelogin.some((domain) => hostname.endsWith(`.${domain}`));
        assert.ok((own && protocol === "https:") || hostname === "127.0.0.1" || hostname === "[::1]", value);
        assert.equal(hostname, endpoint.hostname);
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});

Deno.test("endpointsFrom: the STS variable before the general one, empty is unset", () => {
  assert.deepEqual(endpointsFrom({ AWS_ENDPOINT_URL: "", ONELOGIN_API_URL: " " }), {});
  assert.equal(endpointsFrom({ AWS_ENDPOINT_URL: "http://127.0.0.1:1" }).sts?.port, 1);
  const both = { AWS_ENDPOINT_URL: "http://localstack:4566", AWS_ENDPOINT_URL_STS: "http://127.0.0.1:2" };
  assert.deepEqual([endpointsFrom(both).sts?.variable, endpointsFrom(both).signin], [
    "AWS_ENDPOINT_URL_STS",
    undefined,
  ]);
  assert.throws(() => endpointsFrom({ AWS_ENDPOINT_URL: "http://localstack:4566" }), /AWS_ENDPOINT_URL.*localstack/);
});

Deno.test("checkEndpoint: a bucket or load balancer under AWS's domains is no STS", () => {
  for (
    const host of [
      "evil.s3.amazonaws.com",
      "sts.s3.amazonaws.com",
      "x.sts.s3-us-west-2.amazonaws.com",
      "evil.s3.us-east-1.amazonaws.com",
      "evil-123.us-east-1.elb.amazonaws.com",
      "x.execute-api.us-east-1.amazonaws.com",
      "ec2-1-2-3-4.us-west-2.compute.amazonaws.com",
      "sts.us-east-1.evil.amazonaws.com",
    ]
  ) {
    assert.throws(() => checkEndpoint("sts", "AWS_ENDPOINT_URL_STS", `https://${host}`), /not one of AWS STS/, host);
    assert.throws(
      () => checkEndpoint("signin", "AWS_ENDPOINT_URL_SIGNIN", `https://${host}`),
      /not one of AWS sign-in/,
      host,
    );
  }
  for (
    const host of [
      "sts.amazonaws.com",
      "sts.eu-west-1.amazonaws.com",
      "sts-fips.us-east-1.amazonaws.com",
      "sts.cn-north-1.amazonaws.com.cn",
      "sts.us-gov-west-1.amazonaws.com",
      "sts.us-east-1.api.aws",
      "vpce-0a1b2c-d3e4f5.sts.us-east-1.vpce.amazonaws.com",
      "vpce-0a1b2c-d3e4f5-us-east-1a.sts.us-east-1.vpce.amazonaws.com",
    ]
  ) assert.equal(checkEndpoint("sts", "AWS_ENDPOINT_URL_STS", `https://${host}`).hostname, host);
});
