import assert from "node:assert/strict";
import { userError } from "../errors.ts";
import { fakePrompter, fakeReporter } from "../testing.ts";
import {
  askValue,
  type Checked,
  readApiCredential,
  readAppId,
  readAwsRegion,
  readDuration,
  readOneloginRegion,
  readPosted,
  readSubdomain,
  readSwitch,
  withoutHyphens,
} from "./values.ts";

function refused(checked: Checked<unknown>): string {
  return "problem" in checked ? `${checked.problem}; ${checked.hint}` : assert.fail(`taken: ${checked.value}`);
}

Deno.test("subdomain: takes the whole host or address that people paste", () => {
  for (
    const typed of [
      "acme",
      " acme ",
      "acme.onelogin.com",
      "https://acme.onelogin.com/",
      "HTTPS://acme.OneLogin.com",
      "http://acme",
      "https://acme.onelogin.com/portal/",
    ]
  ) {
    assert.deepEqual(readSubdomain(typed), { value: "acme" }, typed);
  }
});

Deno.test("withoutHyphens: only the form of the console is changed", () => {
  assert.deepEqual(["1234-5678-9012", "22222222", "1234-5678", "0123", "prod-eu"].map(withoutHyphens), [
    "123456789012",
    "22222222",
    "1234-5678",
    "0123",
    "prod-eu",
  ]);
});

Deno.test("appId, readOneloginRegion: what they take, and why not", () => {
  assert.deepEqual(readAppId("123456"), { value: "123456" });
  for (const path of ["launch/123456", "apps/123456/edit", "client/apps/123456", "launch/123456?x=1"]) {
    assert.deepEqual(readAppId(`https://acme.onelogin.com/${path}`), { value: "123456" });
  }
  assert.match(refused(readAppId("https://evil.example/launch/1")), /is not a number/);
  assert.match(refused(readAppId("Amazon")), /"Amazon" is not a number.*URL of the app/);
  assert.deepEqual(readOneloginRegion("EU"), { value: "eu" });
  assert.match(refused(readOneloginRegion("us-west-2")), /"us-west-2" is not "us" or "eu"/);
});

Deno.test("apiCredential: printable ASCII without spaces, and never shown", () => {
  assert.deepEqual(readApiCredential("0a1b-2c"), { value: "0a1b-2c" });
  for (const text of ["q1 q2", "q1\r\nx: y", "q1ä", "two words", "line\nbreak", ""]) {
    const why = refused(readApiCredential(text));
    assert.ok(text === "" || !why.includes(text), why);
  }
});

Deno.test("awsRegion: in small letters, and never what could change the host that is asked", () => {
  assert.deepEqual(readAwsRegion("EU-Central-1"), { value: "eu-central-1" });
  assert.deepEqual(readAwsRegion("xx-southwest-7"), { value: "xx-southwest-7" });
  for (const text of ["evil.example/", "us-west-2.evil.example", "US West", "-", "us-west", ""]) {
    assert.match(refused(readAwsRegion(text)), /is not an AWS region/);
  }
  for (const [text, region] of [["us-east", "us-east-1"], ["us-east-1a", "us-east-1"], ["Ireland", "eu-west-1"]]) {
    assert.match(refused(readAwsRegion(text ?? "")), new RegExp(`did you mean "${region}"\\?`));
  }
});

Deno.test("askValue(): asks again after what cannot be used, and reports why", async () => {
  const [prompter, reporter] = [fakePrompter(["x", " 12 "]), fakeReporter()];
  const question = { message: "App", line: "App: ", option: "--app" };
  assert.equal(await askValue({ prompter, reporter }, question, readAppId), "12");
  assert.match(reporter.lines.join("\n"), /^warning: cannot use this: it is not a number; the app id is .*$/);
});

Deno.test("askValue(): never quotes the answer, which may be the password of a script that is out of step", async () => {
  const password = "correct-horse";
  const question = { message: "A", line: "A: ", option: "--a" };
  for (const read of [readAppId, readAwsRegion, readDuration, readOneloginRegion, readSwitch]) {
    const [prompter, reporter] = [fakePrompter([password, "1"]), fakeReporter()];
    const piped = { ...prompter, piped: { outOfStep: () => {} } };
    const asked = askValue<unknown>({ prompter: piped, reporter }, question, read);
    const error = await asked.then(() => assert.fail("it was accepted"), userError);
    assert.match(error.message, /^cannot use the answer to "A:": it is n/);
    assert.ok(!JSON.stringify([error.message, error.hints, reporter.lines]).includes(password));
  }
});

Deno.test("readPosted: a text whose bytes were not UTF-8 is refused and not shown", () => {
  assert.deepEqual(readPosted("pässword"), { value: "pässword" });
  assert.match(refused(readPosted("p\ufffdssword")), /^it is not UTF-8 text; .*iconv/);
});
