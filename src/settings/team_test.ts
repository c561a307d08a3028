import assert from "node:assert/strict";
import { type UserError, userError } from "../errors.ts";
import { refused } from "../testing.ts";
import { readTeamFile } from "./team.ts";

async function read(file: unknown) {
  const warnings: string[] = [];
  const text = typeof file === "string" ? file : JSON.stringify(file);
  return { ...await readTeamFile("/h/team.json", text, (line) => warnings.push(line)), warnings };
}

async function failure(file: unknown): Promise<UserError> {
  return refused(await read(file).catch(userError));
}

Deno.test("readTeamFile: the keys of onelogin.aws.json, the OneLogin region and the accounts", async () => {
  const { top, profiles, accounts, browser, browserPort, precedence, warnings } = await read({
    $schema: "x",
    region: "EU",
    subdomain: "acme",
    app_id: 123456,
    duration: 43200,
    browser: true,
    browser_port: 9333,
    precedence: "profile",
    accounts: { "1234-5678-9012": " Dev ", "000000000001": null },
    profiles: { dev: { duration: "MAX", browser: false }, none: null },
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual(top, { region: "EU", subdomain: "acme", app_id: "123456", duration: "43200" });
  assert.deepEqual([...profiles], [["dev", { duration: "max", browser: false }]]);
  assert.deepEqual([...accounts], [["123456789012", "Dev"]]);
  assert.deepEqual([browser, browserPort, precedence], [true, 9333, "profile"]);
});

Deno.test("readTeamFile: what belongs to one person, or is a secret, is refused with its place, in a profile too", async () => {
  const keys = [
    ...["username", "mfa_device", "client_id", "client_secret", "ip", "api_url"],
    ...["password", "onelogin_password", "otp", "credential_process"],
  ];
  for (const key of keys) {
    const { message, hints } = await failure(`{\n  "${key}": "hunter2"}`);
    assert.match(
      message,
      new RegExp(`"/h/team\\.json": line 2, column 3: "${key}" (belongs|is never|is accepted)`),
      key,
    );
    assert.doesNotMatch(message + hints.join(), /hunter2/);
    assert.match((await failure({ profiles: { dev: { [key]: null } } })).message, new RegExp(`"profiles.dev.${key}"`));
  }
});

Deno.test("readTeamFile: each value is checked as that of the command line, at its place", async () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ region: "us-east-1" }, /line 1, column 11: "region": "us-east-1" is not "us" or "eu"/],
    [{ subdomain: "evil.example/x" }, /"subdomain": .* is not a subdomain/],
    [{ app_id: "abc" }, /"app_id": "abc" is not a number/],
    [{ aws_region: "us-esat-1" }, /"aws_region": "us-esat-1" is not an AWS region/],
    [{ duration: 899 }, /"duration": 899 is not a lifetime/],
    [{ profiles: { dev: { duration: 43201 } } }, /"profiles\.dev\.duration": 43201/],
    [{ profiles: { dev: { app_id: "x" } } }, /"profiles\.dev\.app_id"/],
    [{ accounts: [] }, /"accounts" must be an object of account ids and names, not an array/],
    [{ accounts: { "12345": "Dev" } }, /"accounts\.12345" is not an account id of 12 digits/],
    [{ accounts: { "123456789012": {} } }, /"accounts\.123456789012" must be text/],
    ["[]", /the file must be an object/],
    ['{"a": }', /line 1, column 7: expected a value/],
  ];
  for (const [file, message] of cases) assert.match((await failure(file)).message, message);
  const { hints } = await failure("{");
  assert.match(hints.join(), /configure --import < FILE/);
});

Deno.test("readTeamFile: what a run can ignore is a warning", async () => {
  const text = '{"subdomian": "a", "app_id": 1, "app_id": 2, "accounts": {"123456789012": "De\\u001b[31mv"},' +
    '"profiles": {"a]b": {}, "__proto__": {"app_id": 3}, "dev": {"aws_role_name": "A\\u202eB"}}}';
  const { top, accounts, warnings } = await read(text);
  assert.equal(top.app_id, "2");
  assert.equal(accounts.get("123456789012"), "De [31mv");
  assert.equal(({} as Record<string, unknown>)["app_id"], undefined);
  const expected = [/subdomian.*did you mean "subdomain"/, /"app_id" is repeated/, /a\]b.*bracket/, /__proto__/];
  for (const each of [...expected, /accounts.*invisible/, /aws_role_name" contains invisible/]) {
    assert.ok(warnings.some((line) => each.test(line)), `${each}\n${warnings.join("\n")}`);
  }
});
