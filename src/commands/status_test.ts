import { localTime } from "../duration.ts";
import assert from "node:assert/strict";
import { Exit, UserError } from "../errors.ts";
import { HttpError } from "../io/deps.ts";
import { fakeClock, fakeContext, fakeFiles, fakeHttp, fakeTerminal, stsRefuses } from "../testing.ts";
import { shortTime, statusCommand } from "./status.ts";

const CREDENTIALS = "/home/ada/.aws/credentials";

function section(profile: string, expires: string): string {
  return `[${profile}]\naws_access_key_id = ASIA${profile.toUpperCase()}\naws_secret_access_key = s\n` +
    `aws_session_token = t\naws_session_expiration = ${expires}\n` +
    `x_principal_arn = arn:aws:sts::123456789012:assumed-role/Admin/ada\n\n`;
}

function identity() {
  return {
    status: 200,
    headers: {},
    body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
      `<Arn>arn:aws:sts::123456789012:assumed-role/Admin/ada</Arn><UserId>x:y</UserId><Account>123456789012</Account>` +
      `</GetCallerIdentityResult></GetCallerIdentityResponse>`,
  };
}

Deno.test("localTime: the clock of this computer, with its offset, is the same instant", () => {
  for (const ms of [Date.parse("2027-01-15T09:30:00Z"), Date.parse("2027-07-15T23:45:00Z")]) {
    const text = localTime(ms);
    assert.match(text, /^\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d$/);
    assert.equal(Date.parse(text.replace(/^(\S+) (\S+) (\S+)$/, "$1T$2:00$3")), ms);
  }
});

Deno.test("statusCommand: live, expired and unreadable times stand side by side, and no name can disturb the terminal", async () => {
  const terminal = fakeTerminal();
  const files = fakeFiles({
    [CREDENTIALS]: section("b\u001b[2Jlive", "2027-01-15T09:30:00+0000") + section("a", "2027-01-15T08:29:59+0000") +
      section("odd", "soon"),
  });
  const accounts = new Map([["123456789012", "Prod"]]);
  const context = fakeContext({ deps: { terminal, files }, settings: { accounts } });
  assert.equal(await statusCommand(context), Exit.done);
  const rows = terminal.out.trimEnd().split("\n").slice(1).map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows.map((row) => [row[0], row[1], row[2], row[5]]), [
    ["a", "Admin", "123456789012 Prod", "expired"],
    ["b [2Jlive", "Admin", "123456789012 Prod", "1 h"],
    ["odd", "Admin", "123456789012 Prod", "?"],
  ]);
});

Deno.test("statusCommand: --verify asks about every profile that lives, and a refusal outranks a network that failed", async () => {
  const refused = new Set(["ASIAC"]);
  const http = fakeHttp((request) => {
    const key = /Credential=(\w+)\//.exec(request.headers["authorization"] ?? "")?.[1] ?? "";
    if (key === "ASIAB") throw new HttpError("timeout", 'no reply from "sts"', true);
    return refused.has(key) ? stsRefuses(403, "InvalidClientTokenId", "The security token is invalid.") : identity();
  });
  const live = "2027-01-15T09:30:00+0000";
  const files = fakeFiles({
    [CREDENTIALS]: section("a", live) + section("b", live) + section("c", live) + section("d", live) +
      section("old", "2027-01-15T08:00:00+0000"),
  });
  const run = async () => {
    const terminal = fakeTerminal();
    const context = fakeContext({
      deps: { terminal, files, http, clock: fakeClock() },
      settings: { verify: true, output: "json" },
    });
    const error = await statusCommand(context).then(() => undefined, (thrown: UserError) => thrown);
    return { error, verified: JSON.parse(terminal.out).map((each: { Verified: unknown }) => each.Verified) };
  };
  const first = await run();
  assert.deepEqual(first.verified, [true, false, false, true, null]);
  assert.equal(http.requests.length, 4);
  assert.equal(first.error?.exit, Exit.sts);
  assert.match(first.error?.message ?? "", /^profile "c": .*\(2 profiles failed\)$/);
  refused.clear();
  const second = await run();
  assert.equal(second.error?.exit, Exit.unavailable);
  assert.match(second.error?.message ?? "", /^profile "b": cannot ask AWS/);
});

Deno.test("shortTime(): the time alone today, the date before and after", () => {
  const noon = new Date(2027, 0, 15, 12, 0).getTime();
  assert.equal(shortTime(noon + 27 * 60_000, noon), "12:27");
  assert.equal(shortTime(noon + 13 * 3_600_000, noon), "2027-01-16 01:00");
  assert.equal(shortTime(noon - 24 * 3_600_000, noon), "2027-01-14 12:00");
});

Deno.test("statusCommand: profiles of other tools that report when they expire are listed, as --if-expiring counts them", async () => {
  const keys = "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n";
  const files = fakeFiles({
    [CREDENTIALS]: `[saml]\n${keys}x_security_token_expires = 2027-01-15T09:30:00Z\n[sts]\n${keys}[long]\n` +
      "aws_access_key_id = AKIAX\naws_secret_access_key = s\nx_security_token_expires = 2027-01-15T09:30:00Z\n",
  });
  const terminal = fakeTerminal();
  assert.equal(await statusCommand(fakeContext({ deps: { terminal, files } })), Exit.done);
  const rows = terminal.out.trimEnd().split("\n").slice(1).map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows.map((row) => [row[0], row[5], row.at(-1)]), [
    ["saml", "1 h", "credentials file, by another tool"],
  ]);
});
