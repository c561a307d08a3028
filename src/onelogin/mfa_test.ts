import assert from "node:assert/strict";
import { HttpError, type HttpReply } from "../io/deps.ts";
import type { Prompter } from "../io/prompter.ts";
import { fakeClock, fakeDeps, fakeHttp, fakePrompter, fakeReporter, json } from "../testing.ts";
import { UserError } from "../errors.ts";
import { describeFactors } from "./devices.ts";
import { completeFactor, type MfaOutcome } from "./mfa.ts";

const PENDING = json(200, { message: "Authentication pending on OL Protect" });
const SENT = json(200, { message: "SMS token sent to your mobile device. Authentication pending." });
const SUCCESS = json(200, { message: "Success", data: "QUFB" });
const WRONG = json(401, { statusCode: 401, message: "Failed authentication with this factor" });
const EXPIRED = json(401, { statusCode: 401, message: "State token is invalid or expired" });

interface Sent {
  readonly otp_token?: string;
  readonly do_not_notify: boolean;
  readonly device_id: unknown;
}

/** Runs one factor against answers in turn; the last answer repeats. */
async function complete(
  type: string,
  answers: readonly (HttpReply | HttpError)[],
  options: { readonly prompter?: Prompter; readonly otp?: string; readonly timeoutMs?: number } = {},
) {
  const clock = fakeClock();
  const start = clock.at;
  const times: number[] = [];
  const http = fakeHttp((_, index) => {
    times.push(clock.at);
    const answer = answers[Math.min(index, answers.length - 1)] ?? SUCCESS;
    if (answer instanceof HttpError) throw answer;
    return answer;
  });
  let otp = options.otp;
  const reporter = fakeReporter();
  const [factor] = describeFactors([{ id: "777", type }], new Map());
  assert.ok(factor);
  let outcome;
  let error: unknown;
  try {
    outcome = await completeFactor({
      deps: fakeDeps({ clock, http }),
      prompter: options.prompter ?? fakePrompter([], "none"),
      reporter,
      api: { url: "https://api.us.onelogin.com", clientId: "c", clientSecret: "s", version: 2, timeoutMs: 1000 },
      token: { bearer: "b" },
      appId: "1",
      username: "ada@example.com",
      stateToken: "st",
      timeoutMs: options.timeoutMs ?? 90_000,
      takeCode() {
        const code = otp;
        otp = undefined;
        return code;
      },
    }, factor);
  } catch (thrown) {
    error = thrown;
  }
  const sent = http.requests.map((request) => JSON.parse(request.body ?? "") as Sent);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return { outcome, error, sent, reporter, elapsed: clock.at - start, gaps };
}

function assertExit(error: unknown, exit: number, words: RegExp): void {
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exit, exit);
  assert.match(error.message, words);
}

function assertWrongCodes(outcome: MfaOutcome | undefined): void {
  assertExit(outcome?.kind === "wrong-codes" ? outcome.error : undefined, 4, /code .* was not accepted .*Failed auth/);
}

Deno.test("completeFactor() notifies once, looks after one second, then every second", async () => {
  const { outcome, sent, gaps } = await complete("OneLogin Protect", [PENDING, PENDING, PENDING, SUCCESS]);
  assert.deepEqual(outcome, { kind: "success", assertion: "QUFB" });
  assert.deepEqual(sent.map((body) => body.do_not_notify), [false, true, true, true]);
  assert.deepEqual(gaps, [1000, 1000, 1000]);
  assert.ok(sent.every((body) => body.otp_token === undefined && body.device_id === "777"));
});

Deno.test("completeFactor() stops waiting for a push at the given time, with exit 4", async () => {
  const { error, sent, elapsed } = await complete("OneLogin Protect", [PENDING], { timeoutMs: 5000 });
  assertExit(error, 4, /not approved within 5 seconds/);
  assert.equal(elapsed, 5000);
  assert.equal(sent.filter((body) => !body.do_not_notify).length, 1);
});

Deno.test("completeFactor() polls every second for 20 seconds, then every 3 seconds", async () => {
  const { sent, gaps } = await complete("OneLogin Protect", [PENDING], { timeoutMs: 90_000 });
  assert.deepEqual(gaps.slice(0, 20), Array(20).fill(1000));
  assert.deepEqual(gaps.slice(20), [...Array(23).fill(3000), 1000]);
  assert.equal(sent.length, 45);
});

Deno.test("completeFactor() counts the seconds down in the question, drawn again each second, and rings once", async () => {
  const shown: string[] = [];
  let left = 0;
  const prompter: Prompter = {
    ...fakePrompter([], "terminal"),
    secret(question) {
      const draw = () => void shown.push(question.message);
      draw();
      question.whenDrawn?.(draw);
      return new Promise((_, reject) => question.signal?.addEventListener("abort", () => reject(left++)));
    },
  };
  const { outcome, reporter } = await complete("OneLogin Protect", [PENDING, PENDING, PENDING, SUCCESS], {
    prompter,
    timeoutMs: 3000,
  });
  assert.equal(outcome?.kind, "success");
  assert.deepEqual(
    shown,
    ["3 seconds", "2 seconds", "1 second", "0 seconds"].map((time) =>
      `Approve the sign-in of ada@example.com in OneLogin Protect within ${time}, or type its code`
    ),
  );
  assert.deepEqual([left, reporter.lines.filter((line) => line === "(bell)").length], [1, 1]);
});

Deno.test("completeFactor() counts down in the spinner if no code may be typed", async () => {
  const { reporter } = await complete("OneLogin Protect", [PENDING, PENDING, PENDING, SUCCESS]);
  assert.deepEqual(
    reporter.updates,
    [89, 88, 87].map((seconds) =>
      `Waiting for ada@example.com to approve the sign-in in OneLogin Protect… ${seconds} seconds left`
    ),
  );
});

Deno.test("completeFactor() waits as long as OneLogin requests after HTTP 429, within the limit", async () => {
  const limited = json(429, { message: "Rate limit exceeded" }, { "retry-after": "7" });
  const { outcome, gaps } = await complete("OneLogin Protect", [PENDING, limited, PENDING, SUCCESS]);
  assert.equal(outcome?.kind, "success");
  assert.deepEqual(gaps, [1000, 7000, 1000]);
  const mute = await complete("OneLogin Protect", [PENDING, json(429, ""), json(429, ""), json(429, ""), SUCCESS]);
  assert.equal(mute.outcome?.kind, "success");
  assert.deepEqual(mute.gaps, [1000, 3000, 3000, 3000]);
  const long = json(429, "", { "retry-after": "600" });
  const { error, elapsed } = await complete("OneLogin Protect", [PENDING, long], { timeoutMs: 5000 });
  assertExit(error, 7, /limits the rate/);
  assert.equal(elapsed, 5000);
});

Deno.test("completeFactor() takes a typed code once the push was rejected, timed out or could not be sent", async () => {
  const ends: readonly (readonly [readonly HttpReply[], RegExp])[] = [
    [[PENDING, WRONG, SUCCESS], /rejected/],
    [[...Array(6).fill(PENDING), SUCCESS], /not approved within 5 seconds/],
    [[json(500, "<html>"), SUCCESS], /HTTP 500/],
    [[json(400, { message: "bad request" }), SUCCESS], /bad request/],
    [[PENDING, json(500, ""), json(500, ""), json(500, ""), SUCCESS], /HTTP 500/],
  ];
  for (const [answers, words] of ends) {
    const { outcome, sent, reporter } = await complete("OneLogin Protect", answers, {
      prompter: fakePrompter(["123456"], "lines"),
      timeoutMs: 5000,
    });
    assert.equal(outcome?.kind, "success", String(words));
    assert.match(reporter.lines.join(), words);
    assert.equal(sent.filter((body) => !body.do_not_notify).length, 1);
    assert.deepEqual(sent.filter((body) => body.otp_token !== undefined).map((body) => body.otp_token), ["123456"]);
  }
});

Deno.test("completeFactor() keeps the push's error when the piped answers have ended", async () => {
  const { error } = await complete("OneLogin Protect", [PENDING, WRONG], { prompter: fakePrompter([], "lines") });
  assertExit(error, 4, /rejected/);
});

Deno.test("completeFactor() does not ask for a code when the login itself is refused", async () => {
  const scope = json(401, { message: "Insufficient Permission" });
  const prompter = fakePrompter(["123456"], "lines");
  const { error } = await complete("OneLogin Protect", [scope], { prompter });
  assertExit(error, 3, /Insufficient Permission/);
  assert.deepEqual(prompter.asked, []);
});

Deno.test("completeFactor() asks again after any refusal of a code", async () => {
  for (
    const refusal of [
      WRONG,
      json(400, { message: "Invalid otp_token" }),
      json(401, { status: { error: true, code: 401, message: "Not today" } }),
      json(422, { statusCode: 422, name: "UnprocessableEntityError", message: ["otp_token must be 6 digits"] }),
      json(200, { message: "Authentication pending" }),
    ]
  ) {
    const { outcome, sent } = await complete("Google Authenticator", [refusal, SUCCESS], {
      prompter: fakePrompter(["111111", "222222"]),
    });
    assert.equal(outcome?.kind, "success", refusal.body);
    assert.deepEqual(sent.map((body) => body.otp_token), ["111111", "222222"]);
  }
});

Deno.test("completeFactor() takes an SMS for sent when the answer has no data", async () => {
  for (const message of ["Success", "SMS sent"]) {
    const { outcome } = await complete("OneLogin SMS", [json(200, { message }), SUCCESS], {
      prompter: fakePrompter(["730164"]),
    });
    assert.equal(outcome?.kind, "success", message);
  }
});

Deno.test("completeFactor() reports that a push was rejected", async () => {
  const { error, sent } = await complete("OneLogin Protect", [PENDING, PENDING, WRONG]);
  assertExit(error, 4, /rejected/);
  assert.equal(sent.length, 3);
});

Deno.test("completeFactor() takes a code typed while a push is pending, and the push if that comes first", async () => {
  const typed = await complete("OneLogin Protect", [PENDING, SUCCESS], { prompter: fakePrompter(["123456"]) });
  assert.equal(typed.outcome?.kind, "success");
  assert.deepEqual(typed.sent.map((body) => body.otp_token), [undefined, "123456"]);
  const approved = await complete("OneLogin Protect", [PENDING, PENDING, SUCCESS], {
    prompter: fakePrompter([undefined]),
  });
  assert.equal(approved.outcome?.kind, "success");
  assert.ok(approved.sent.every((body) => body.otp_token === undefined));
});

Deno.test("completeFactor() asks for the code again while the push is still pending, at most three times", async () => {
  const { outcome, sent } = await complete("OneLogin Protect", [PENDING, WRONG], {
    prompter: fakePrompter(["1", "2", "3", "4", "5"]),
  });
  assertWrongCodes(outcome);
  assert.deepEqual(sent.map((body) => body.otp_token), [undefined, "1", "2", "3", "4"]);
  assert.equal(sent.filter((body) => !body.do_not_notify).length, 1);
});

Deno.test("completeFactor() does not ask a pipe while a push is pending: the next line is for another question", async () => {
  const prompter = fakePrompter(["0"], "lines");
  const { outcome } = await complete("OneLogin Protect", [PENDING, PENDING, SUCCESS], { prompter });
  assert.equal(outcome?.kind, "success");
  assert.deepEqual(prompter.asked, []);
});

Deno.test("completeFactor() survives a network that blinks while it waits, not one that is gone", async () => {
  const blink = new HttpError("reset", "the connection broke", true);
  assert.equal(
    (await complete("OneLogin Protect", [PENDING, blink, blink, PENDING, blink, SUCCESS])).outcome?.kind,
    "success",
  );
  const { error, sent } = await complete("OneLogin Protect", [PENDING, blink]);
  assertExit(error, 7, /the connection broke/);
  assert.equal(sent.length, 4);
});

Deno.test("completeFactor() does not wait when the notification itself fails", async () => {
  const { error, sent } = await complete("OneLogin Protect", [json(500, "<html>")]);
  assertExit(error, 7, /HTTP 500/);
  assert.equal(sent.length, 1);
});

Deno.test("completeFactor() uses --otp with Protect at once instead of a push", async () => {
  const { outcome, sent } = await complete("OneLogin Protect", [SUCCESS], { otp: "123456" });
  assert.equal(outcome?.kind, "success");
  assert.deepEqual(
    sent,
    [{
      app_id: "1",
      device_id: "777",
      state_token: "st",
      otp_token: "123456",
      do_not_notify: true,
    }] as unknown as Sent[],
  );
});

Deno.test("B7 completeFactor() posts a code once and never takes 'MFA is required' for a success", async () => {
  const still = json(200, { message: "MFA is required for this user", state_token: "x", devices: [] });
  const { error, sent } = await complete("OneLogin Protect", [still], { otp: "123456" });
  assertExit(error, 4, /still asks/);
  assert.equal(sent.length, 1);
  const again = await complete("Google Authenticator", [WRONG, SUCCESS], {
    otp: "111111",
    prompter: fakePrompter(["222222"]),
  });
  assert.deepEqual(again.sent.map((body) => body.otp_token), ["111111", "222222"]);
});

Deno.test("completeFactor() asks for codes of code devices, keeps leading zeros, and stops after four", async () => {
  const ok = await complete("Google Authenticator", [SUCCESS], { prompter: fakePrompter([" 012345 "]) });
  assert.deepEqual(ok.sent.map((body) => body.otp_token), ["012345"]);
  const { outcome, sent } = await complete("Google Authenticator", [WRONG], {
    prompter: fakePrompter(["1", "2", "3", "4", "5"]),
  });
  assertWrongCodes(outcome);
  assert.equal(sent.length, 4);
});

Deno.test("completeFactor() does not touch a code device when it may not ask", async () => {
  for (const type of ["Google Authenticator", "OneLogin SMS", "Something New"]) {
    const { error, sent } = await complete(type, [SUCCESS]);
    assertExit(error, 8, /needs a code/);
    assert.deepEqual(sent, []);
  }
});

Deno.test("completeFactor() posts a wrong --otp once when it may not ask", async () => {
  const { error, sent } = await complete("Google Authenticator", [WRONG], { otp: "1" });
  assertExit(error, 4, /was not accepted/);
  assert.equal(sent.length, 1);
});

Deno.test("completeFactor() triggers a message before it asks, and again on an empty answer", async () => {
  const { outcome, sent } = await complete("OneLogin SMS", [SENT, SENT, SUCCESS], {
    prompter: fakePrompter(["", "730164"]),
  });
  assert.equal(outcome?.kind, "success");
  assert.deepEqual(sent.map(({ do_not_notify, otp_token }) => [do_not_notify, otp_token]), [
    [false, undefined],
    [false, undefined],
    [true, "730164"],
  ]);
});

Deno.test("completeFactor() reports a dead state token to its caller", async () => {
  assert.deepEqual((await complete("Google Authenticator", [EXPIRED], { otp: "1" })).outcome, { kind: "expired" });
  assert.deepEqual((await complete("OneLogin Protect", [PENDING, EXPIRED])).outcome, { kind: "expired" });
});

Deno.test("completeFactor() refuses what the API cannot complete, without a request", async () => {
  const { error, sent } = await complete("WebAuthn", [SUCCESS]);
  assertExit(error, 4, /does not support/);
  assert.deepEqual(sent, []);
});
