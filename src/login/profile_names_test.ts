import assert from "node:assert/strict";
import fc from "fast-check";
import { checkProfileName } from "../aws/files/profile_name.ts";
import { UserError } from "../errors.ts";
import { parseRoleArn, type Role } from "../saml/role_arn.ts";
import { compileTemplate, nameProfiles } from "./profile_names.ts";

function role(account: string, name: string): Role {
  const parsed = parseRoleArn(`arn:aws:iam::${account}:role/${name}`);
  assert.ok(parsed, name);
  return { ...parsed, principalArn: `arn:aws:iam::${account}:saml-provider/OneLogin` };
}

const DEV = "123456789012";
const PROD = "987654321098";

function names(template: string, roles: readonly Role[], aliases: Readonly<Record<string, string>> = {}) {
  return nameProfiles(compileTemplate(template), roles, new Map(Object.entries(aliases))).map(({ profile }) => profile);
}

function refusal(run: () => unknown): UserError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.exit, 2);
    assert.ok(error.hints.length > 0);
    return error;
  }
  assert.fail("nothing was refused");
}

Deno.test("nameProfiles() takes the alias where there is one and the account where there is none", () => {
  const roles = [role(DEV, "Admin"), role(PROD, "team/dev/Admin")];
  assert.deepEqual(names("{alias|account}-{role}", roles, { [PROD]: "prod" }), [`${DEV}-Admin`, "prod-Admin"]);
  assert.deepEqual(names("aws/{account}/{role}@x", roles), [`aws/${DEV}/Admin@x`, `aws/${PROD}/Admin@x`]);
  assert.deepEqual(names("{ alias | account }:{role}", roles, { [DEV]: "d" }), ["d:Admin", `${PROD}:Admin`]);
});

Deno.test("nameProfiles() turns what a profile cannot hold into a dash, and drops accents", () => {
  const of = (alias: string) => names("{alias|account}-{role}", [role(DEV, "R")], { [DEV]: alias })[0];
  assert.equal(of("Müller & Söhne (EU)"), "Muller-Sohne-EU-R");
  assert.equal(of("[default]"), "default-R");
  assert.equal(of(" x\ny\u001b[31m "), "x-y-31m-R");
  assert.equal(of("日本"), `${DEV}-R`, "an alias without anything that fits is none");
  assert.deepEqual(names("my [{role}] 1", [role(DEV, "a=b,c")]), ["my-a-b-c-1"]);
});

Deno.test("compileTemplate() refuses # and ;, which some SDKs take for the start of a comment", () => {
  for (const text of ["{account}#{role}", "{role};", "a; {role}"]) {
    assert.throws(() => compileTemplate(text), { message: /some AWS SDKs read what follows # or ; as a comment$/ });
  }
});

Deno.test("nameProfiles() refuses {alias} for an account without one, and names the account", () => {
  const error = refusal(() => names("{alias}-{role}", [role(DEV, "R"), role(PROD, "R")], { [DEV]: "dev" }));
  assert.match(error.message, new RegExp(`no alias for account ${PROD}`));
  assert.match(error.hints.join(" "), /\{alias\|account\}-\{role\}/);
});

Deno.test("nameProfiles() refuses two roles for one profile, names both and a template that tells them apart", () => {
  const roles = [role(DEV, "Admin"), role(PROD, "Admin")];
  const byName = refusal(() => names("{role}", roles));
  assert.match(byName.message, new RegExp(`"Admin".*${DEV}:role/Admin.*${PROD}:role/Admin`));
  assert.match(byName.hints[0] ?? "", /--profile-template "\{alias\|account\}-\{role\}"/);
  const sameAlias = refusal(() => names("{alias|account}-{role}", roles, { [DEV]: "x", [PROD]: "x" }));
  assert.match(sameAlias.hints[0] ?? "", /--profile-template "\{account\}-\{role\}"/);
  const inOneAccount = refusal(() => names("{account}-{role}", [role(DEV, "a,b"), role(DEV, "a=b")]));
  assert.match(inOneAccount.hints[0] ?? "", /--roles/);
});

Deno.test("nameProfiles() refuses names that mean something else in an AWS file", () => {
  for (const name of ["DEFAULT", "constructor", "__proto__"]) {
    const error = refusal(() => names("{role}", [role(DEV, name)]));
    assert.match(error.hints[0] ?? "", /--profile-template/);
  }
});

Deno.test("compileTemplate() refuses unknown placeholders, lone braces and templates that name all roles alike", () => {
  for (
    const [template, why] of [
      ["{rol}", /no placeholder "rol"/],
      ["{}", /no placeholder ""/],
      ["{alias|}", /no placeholder ""/],
      ["{role", /"\{" is unmatched/],
      ["role}-{role}", /"\}" is unmatched/],
      ["{{role}}", /is unmatched/],
      ["dev", /no placeholder, so every role/],
    ] as const
  ) assert.match(refusal(() => compileTemplate(template)).message, why);
});

Deno.test("nameProfiles() gives usable, different names or refuses, whatever template, alias and role", () => {
  const piece = fc.oneof(
    fc.constantFrom("{account}", "{alias}", "{role}", "{alias|account}", "{role|alias}"),
    fc.string({ maxLength: 4 }),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const roleName = fc.stringMatching(/^[A-Za-z0-9_+=,.@-]{1,8}$/);
  const accounts = fc.constantFrom(DEV, PROD, "210987654321");
  let named = 0;
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("")),
      fc.uniqueArray(fc.tuple(accounts, roleName), { selector: ([a, n]) => `${a}/${n}`, minLength: 1, maxLength: 6 }),
      fc.dictionary(accounts, fc.string({ unit: "grapheme", maxLength: 6 })),
      (template, pairs, aliases) => {
        let profiles;
        try {
          profiles = names(template, pairs.map(([account, name]) => role(account, name)), aliases);
        } catch (error) {
          assert.ok(error instanceof UserError && error.exit === 2 && error.hints.length > 0);
          // deno-lint-ignore no-control-regex
          assert.doesNotMatch(error.message, /[\u0000-\u001f]/);
          return;
        }
        named++;
        assert.equal(new Set(profiles).size, pairs.length);
        for (const profile of profiles) assert.equal(checkProfileName(profile), undefined, "not even a warning");
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(named > 30, "most templates must not be refused");
});
