import assert from "node:assert/strict";
import fc from "fast-check";
import { orUserError } from "../errors.ts";
import { compileRolePattern, selectRoles } from "./role_patterns.ts";
import type { Role } from "./role_arn.ts";
import { readRoles } from "./roles.ts";
import { rolePair } from "./testing.ts";
import { refused, threadTime } from "../testing.ts";

const A = "111111111111";
const B = "222222222222";
const ROLES = readRoles([
  rolePair(A, "Admin"),
  rolePair(A, "team/dev/ReadOnly"),
  rolePair(B, "Admin"),
  rolePair(B, "Audit.x"),
]).roles;
const ALIASES = new Map([[A, "Prod account"], [B, "dev"]]);
const short = (role: Role) => `${role.accountId[0]}/${role.name}`;

function select(...patterns: string[]): string {
  const { selected, unmatched } = selectRoles(ROLES, patterns.map(compileRolePattern), ALIASES);
  return [selected.map(short).join(" "), ...unmatched.map((each) => `!${each}`)].join(" ").trim();
}

function refusal(pattern: string): string {
  const error = refused(orUserError(() => compileRolePattern(pattern)));
  assert.ok(error.hints.length > 0);
  return error.message;
}

Deno.test("selectRoles: globs fit account/role, alias/role, ARN and a bare role name, whole and by case", async (t) => {
  const cases: Readonly<Record<string, string>> = {
    "*": "1/Admin 1/ReadOnly 2/Admin 2/Audit.x",
    [`${A}/*`]: "1/Admin 1/ReadOnly",
    "*/Admin": "1/Admin 2/Admin",
    "Prod account/Admin": "1/Admin",
    "dev/A*": "2/Admin 2/Audit.x",
    [`${A}/ReadOnly`]: "1/ReadOnly",
    [`${A}/team/dev/ReadOnly`]: "1/ReadOnly",
    [`arn:aws:iam::${B}:role/Admin`]: "2/Admin",
    "arn:aws:iam::*:role/team/*": "1/ReadOnly",
    "Admin": "1/Admin 2/Admin",
    "A?min": "1/Admin 2/Admin",
    "Audit.x": "2/Audit.x",
    "Audit?x": "2/Audit.x",
    "Auditax": "!Auditax",
    "admin": "!admin",
    "dmin": "!dmin",
    "prod account/*": "!prod account/*",
    "/^dev\\//": "2/Admin 2/Audit.x",
    "/^PROD account\\/admin$/i": "1/Admin",
    "/Admin|Audit\\.x/": "1/Admin 2/Admin 2/Audit.x",
    "/^(Prod account|dev)\\/.*(Only|x)$/": "1/ReadOnly 2/Audit.x",
    "/^(?!.*Admin)/": "1/ReadOnly 2/Audit.x",
    "/^(1{4})+\\/Admin$/": "1/Admin",
    "/nobody/": "!/nobody/",
  };
  for (const [pattern, expected] of Object.entries(cases)) {
    await t.step(pattern, () => assert.equal(select(pattern), expected));
  }
});

Deno.test("selectRoles: several patterns add up, each role once, in the roles' order; what fits nothing is named", () => {
  assert.equal(select("dev/*", "Admin", "none/*"), "1/Admin 2/Admin 2/Audit.x !none/*");
});

Deno.test("compileRolePattern: what cannot be used is refused with the reason", async (t) => {
  const cases: Readonly<Record<string, RegExp>> = {
    "": /empty/,
    "  ": /empty/,
    ["x".repeat(501)]: /longer than 500/,
    "/(/": /not a valid regular expression/,
    "/[/": /not a valid/,
  };
  for (const [pattern, why] of Object.entries(cases)) {
    await t.step(pattern.slice(0, 20), () => assert.match(refusal(pattern), why));
  }
  assert.equal(refusal("/(\u001b[31m/").includes("\u001b"), false);
});

Deno.test("compileRolePattern: a glob matches like the regular expression of the same meaning", () => {
  const unit = fc.constantFrom("a", "b", "*", "?", "/", ".", "[", "\\");
  fc.assert(
    fc.property(
      fc.string({ unit, minLength: 1, maxLength: 8 }).filter((glob) => !/^\/.+\/i?$/.test(glob)),
      fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "["), maxLength: 10 }),
      (glob, subject) => {
        const source = glob.replace(/[.[\\/]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
        assert.equal(compileRolePattern(glob).matches(subject), new RegExp(`^${source}$`, "s").test(subject));
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("compileRolePattern: a glob of many stars is quick", () => {
  const pattern = compileRolePattern("*a".repeat(200) + "b");
  const start = threadTime();
  assert.equal(pattern.matches("a".repeat(2000)), false);
  assert.ok(threadTime() - start < 500);
});
