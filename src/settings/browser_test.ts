import assert from "node:assert/strict";
import { parseArgv } from "../argv/parse.ts";
import { browserKeys, browserPort } from "./browser.ts";

const keysOf = (file: unknown) => file === undefined ? [] : [browserKeys(JSON.stringify(file))];

const port = (args: readonly string[], file?: unknown, env: Readonly<Record<string, string>> = {}) =>
  browserPort(parseArgv(args), env, keysOf(file));

Deno.test("browserPort(): option, variable and key ask for the browser; --no-browser and another way to sign in take it back", () => {
  assert.equal(port([]), undefined);
  assert.equal(port(["--browser"]), 9222);
  assert.equal(port([], undefined, { ONELOGIN_BROWSER: "1" }), 9222);
  assert.equal(port([], { browser: true }), 9222);
  assert.equal(port(["--no-browser"], { browser: true }, { ONELOGIN_BROWSER: "1" }), undefined);
  assert.equal(port([], { browser: true }, { ONELOGIN_BROWSER: "0" }), undefined);
  assert.equal(port(["--saml-response-stdin"], { browser: true }), undefined);
  assert.equal(port(["--browser"], { browser: false }), 9222);
});

Deno.test("browserPort(): the port of the option, else of the file; none that is no port", () => {
  assert.equal(port(["--browser", "--browser-port", "9333"], { browser_port: 9444 }), 9333);
  assert.equal(port(["--browser"], { browser_port: 9444 }), 9444);
  assert.equal(port(["--browser", "--browser-port", "70000"]), undefined);
  assert.equal(port(["--browser"], { browser_port: "9444" }), 9222);
});

Deno.test("browserPort(): the key of a profile counts for that profile, before or behind the top as the file asks", () => {
  const file = { profiles: { dev: { browser: true }, prod: { browser: false } } };
  assert.equal(port(["--profile", "dev"], file), 9222);
  assert.equal(port(["--profile", "prod"], file), undefined);
  assert.equal(port([], { ...file, profile: "dev" }), 9222);
  assert.equal(port(["credential-process"], { profiles: { default: { browser: true } } }), 9222);
  assert.equal(port(["credential-process"], file, { AWS_PROFILE: "dev" }), 9222);
  assert.equal(port(["--profile", "prod"], { ...file, browser: true }), 9222);
  assert.equal(port(["--profile", "prod"], { ...file, browser: true, precedence: "profile" }), undefined);
});

Deno.test("browserPort(): the team's file decides where the person's own file does not", () => {
  const both = (own: unknown, team: unknown, args: readonly string[] = []) =>
    browserPort(parseArgv(args), {}, [...keysOf(own), ...keysOf(team)]);
  assert.equal(both({}, { browser: true, browser_port: 9444 }), 9444);
  assert.equal(both({ browser_port: 9333 }, { browser: true, browser_port: 9444 }), 9333);
  assert.equal(both({ browser: false }, { browser: true }), undefined);
  assert.equal(both({ profile: "dev" }, { profiles: { dev: { browser: true } } }), 9222);
  const team = { browser: true, profiles: { dev: { browser: true } } };
  assert.equal(both({ profiles: { dev: { browser: false } } }, team, ["-p", "dev"]), undefined);
});

Deno.test("browserPort(): commands that sign nobody in start nothing", () => {
  for (const command of ["status", "logout", "configure"]) assert.equal(port([command], { browser: true }), undefined);
});

Deno.test("browserKeys(): nothing of what is no JSON, or no key of it", () => {
  for (const text of ["{", "[]", "1", "null", '{"browser":"yes","profiles":[]}', '{"browser":1}']) {
    assert.equal(browserPort(parseArgv([]), {}, [browserKeys(text)]), undefined, text);
  }
});
