import assert from "node:assert/strict";
import { Interrupted } from "../../errors.ts";
import { HttpError, type HttpReply } from "../../io/deps.ts";
import { HOMEPAGE, RELEASES_HOST } from "../../repository.ts";
import { fakeHttp } from "../../testing.ts";
import { compareReleases, releaseFinding } from "./release_finding.ts";

/** What is found by a program of this version when github.com answers so. */
async function found(answer: HttpReply | Error, version = "3.0.0") {
  const http = fakeHttp(() => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const finding = await releaseFinding({ http, signal: new AbortController().signal }, { timeoutMs: 5000, version });
  assert.equal(http.requests.length, 1);
  assert.equal(finding.area, "release");
  // Whatever the reply, it never makes a doctor's run fail.
  assert.notEqual(finding.level, "fail");
  assert.equal(finding.exit, undefined);
  return { ...finding, requests: http.requests };
}

function redirect(location: string, status = 302): HttpReply {
  return { status, headers: { location }, body: "" };
}

const tag = (name: string) => redirect(`${HOMEPAGE}/releases/tag/${name}`);

Deno.test("releaseFinding(): sends one request to one address, with nothing about this machine or its user", async () => {
  const { requests: [request] } = await found(tag("v3.0.0"));
  assert.deepEqual([request?.method, request?.url, request?.headers, request?.body, request?.timeoutMs], [
    "GET",
    `${HOMEPAGE}/releases/latest`,
    {},
    undefined,
    5000,
  ]);
  assert.equal(`${new URL(request?.url ?? "").hostname}:443`, RELEASES_HOST);
});

Deno.test("releaseFinding(): a newer release is a remark with the address of its page", async () => {
  for (const [ours, theirs] of [["3.0.0", "v3.0.1"], ["3.0.0-alpha.1", "v3.0.0"], ["3.9.0", "v3.10.0"]] as const) {
    const { level, text, fix } = await found(tag(theirs), ours);
    assert.deepEqual([level, text, fix], [
      "warn",
      `there is a newer release: ${theirs.slice(1)}; this is ${ours}`,
      `see ${HOMEPAGE}/releases/tag/${theirs}`,
    ]);
  }
});

Deno.test("releaseFinding(): the newest, one newer than that, and none at all are in order", async () => {
  const cases: readonly (readonly [string, HttpReply, string])[] = [
    ["3.0.0", tag("v3.0.0"), "this is 3.0.0, the newest release"],
    ["3.0.0", tag("3.0.0"), "this is 3.0.0, the newest release"],
    ["3.0.0", redirect(new URL(`${HOMEPAGE}/releases/tag/v3.0.0`).pathname), "this is 3.0.0, the newest release"],
    ["3.1.0-rc.1", tag("v3.0.0"), "this is 3.1.0-rc.1; the newest release is 3.0.0, which is older"],
    ["3.0.0", redirect(`${HOMEPAGE}/releases`), "no release has been published yet"],
  ];
  for (const [version, reply, words] of cases) {
    const { level, text, fix } = await found(reply, version);
    assert.deepEqual([level, text, fix], ["ok", words, undefined]);
  }
});

Deno.test("releaseFinding(): an answer that is not understood is reported as such, with what to do", async () => {
  const cases: readonly (readonly [HttpReply, RegExp, RegExp])[] = [
    [{ status: 404, headers: {}, body: "" }, /releases\/latest does not exist \(HTTP 404\)/, /moved/],
    [{ status: 429, headers: {}, body: "" }, /github\.com .*\(HTTP 429\)/, /try again later/],
    [{ status: 503, headers: {}, body: "" }, /github\.com .*\(HTTP 503\)/, /try again later/],
    [
      { status: 200, headers: {}, body: "<h1>Welcome to our network" },
      /github\.com \(HTTP 200\)/,
      /proxy/,
    ],
    [{ status: 302, headers: {}, body: "" }, /github\.com \(HTTP 302\)/, /proxy/],
    [redirect("https://["), /github\.com/, /proxy/],
    [redirect("https://portal.example/login"), /points to "https:\/\/portal\.example\/login"/, /browser/],
    [redirect("https://github.com.evil.example/"), /points to/, /browser/],
    [redirect(`${HOMEPAGE.replace("https", "http")}/releases/tag/v9.0.0`), /points to "http:/, /browser/],
    [redirect("https://github.com/new-owner/x/releases/tag/v9.0.0"), /points to/, /browser/],
    [redirect(`${HOMEPAGE}-fork/releases/tag/v9.0.0`), /points to/, /browser/],
    [tag("nightly"), /"nightly"/, /browser/],
  ];
  for (const [reply, words, advice] of cases) {
    const { level, text, fix } = await found(reply);
    assert.equal(level, "warn", text);
    assert.match(text, /^cannot .*newer release: /);
    assert.match(text, words);
    assert.match(fix ?? "", advice);
  }
});

Deno.test("releaseFinding(): a reply from the network cannot write to the terminal", async () => {
  for (const reply of [redirect("https://evil.example/\u001b[2J\u0007\u202e"), tag("v1\u001b[31m"), tag("%1b%5b2J")]) {
    const { text, fix } = await found(reply);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(`${text}${fix}`, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  }
});

Deno.test("releaseFinding(): no answer is a remark with the network's hint", async () => {
  const refused = new HttpError("refused", 'connection refused by "github.com"', false);
  const { level, text, fix } = await found(refused);
  assert.deepEqual([level, text], [
    "warn",
    'cannot tell whether there is a newer release: connection refused by "github.com"',
  ]);
  assert.match(fix ?? "", /HTTPS_PROXY/);
});

Deno.test("releaseFinding(): Ctrl-C and a bug are not findings", async () => {
  await assert.rejects(found(new Interrupted()), Interrupted);
  await assert.rejects(found(new RangeError("a bug")), RangeError);
});

Deno.test("compareReleases(): by the three numbers, a pre-release before its release", () => {
  const ordered = ["0.9.10", "1.0.0-alpha.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "3.0.0-alpha.1", "3.0.0", "10.0.0"];
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      assert.equal(Math.sign(compareReleases(a, b) ?? NaN), Math.sign(i - j), `${a} and ${b}`);
    }
  }
  const wrong = ["", "3", "3.0", "v3.0.0", "3.0.0.0", "3.0.0-", "3.0.0 ", "3.0.0-\u001b[2J", "9999999999.0.0"];
  for (const text of wrong) {
    assert.equal(compareReleases("3.0.0", text), undefined, text);
    assert.equal(compareReleases(text, "3.0.0"), undefined, text);
  }
});
