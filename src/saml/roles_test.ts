import assert from "node:assert/strict";
import fc from "fast-check";
import { fullName, parseRoleArn, type Role, roleKey } from "./role_arn.ts";
import { twelveDigits } from "./role_request.ts";
import { chooseRole, markRoles, parseRoleValue, readRoles, sortRoles } from "./roles.ts";
import { rolePair } from "./testing.ts";
import { threadTime } from "../testing.ts";

const A = "111111111111";
const B = "222222222222";
const PROVIDER = `arn:aws:iam::${A}:saml-provider/OneLogin`;

function role(account: string, fullName: string, provider = "OneLogin"): Role {
  const read = parseRoleValue(rolePair(account, fullName, provider));
  assert.equal(read.kind, "role");
  return (read as { role: Role }).role;
}

Deno.test("parseRoleValue: takes the two ARNs in either order, with spaces around", () => {
  const arn = `arn:aws:iam::${A}:role/service-role/X`;
  for (const value of [`${arn},${PROVIDER}`, `${PROVIDER},${arn}`, ` ${PROVIDER} ,\n ${arn} `]) {
    assert.deepEqual(parseRoleValue(value), {
      kind: "role",
      role: { roleArn: arn, principalArn: PROVIDER, partition: "aws", accountId: A, path: "service-role/", name: "X" },
    });
  }
});

Deno.test("parseRoleValue: any partition is taken; a comma and a provider's word may be in a role's name", () => {
  for (const partition of ["aws-cn", "aws-us-gov", "aws-eusc", "aws-iso-b", "aws-new-9"]) {
    const value = `arn:${partition}:iam::${A}:role/X,arn:${partition}:iam::${A}:saml-provider/P`;
    assert.equal((parseRoleValue(value) as { role: Role }).role.partition, partition);
  }
  assert.equal(role(A, "a,b=c+d@e.f-g_h").name, "a,b=c+d@e.f-g_h");
});

Deno.test("parseRoleValue: what OneLogin sends for no role is a placeholder", () => {
  for (
    const value of [
      "",
      "  ",
      "Default",
      "Default,",
      " Default , ",
      `arn:aws:iam::${A}:role/A,`,
      `arn:aws:iam::${A}:role/A, `,
    ]
  ) {
    assert.equal(parseRoleValue(value).kind, "placeholder", value);
  }
});

Deno.test("parseRoleValue: everything else is malformed and reports why", () => {
  for (
    const value of [
      `arn:aws:iam::${A}:role/A`,
      PROVIDER,
      `,${PROVIDER}`,
      `${PROVIDER},${PROVIDER}`,
      `arn:aws:iam::${A}:role/A,arn:aws:iam::${A}:role/B`,
      `arn:aws:iam::${A}:role/A,${PROVIDER},${PROVIDER}`,
      `arn:aws:iam::1:role/A,${PROVIDER}`,
      `arn:aws:iam::${A}:role/,${PROVIDER}`,
      `arn:aws:iam::${A}:role/x/,${PROVIDER}`,
      `arn:aws:iam::${A}:role/A b,${PROVIDER}`,
      `arn:aws:iam::${A}:role/Ad\u0000min,${PROVIDER}`,
      `arn:aws:iam::${A}:role/${"x".repeat(65)},${PROVIDER}`,
      `arn:aws:iam::${A}:role/${"x/".repeat(1100)}A,${PROVIDER}`,
      `arn:aws:iam::${A}:user/A,${PROVIDER}`,
      `ARN:aws:iam::${A}:role/A,${PROVIDER}`,
      "Defaults,Something",
    ]
  ) {
    const read = parseRoleValue(value);
    assert.equal(read.kind, "malformed", value);
    assert.match((read as { reason: string }).reason, /^it .*: ".*"$/);
  }
});

Deno.test("parseRoleArn: is the inverse of putting the parts together", () => {
  const segment = fc.string({ unit: fc.constantFrom(..."abcXYZ019_+=,.@-"), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
      const name = segments.at(-1) ?? "";
      const path = segments.slice(0, -1).map((each) => `${each}/`).join("");
      const roleArn = `arn:aws:iam::${A}:role/${path}${name}`;
      assert.deepEqual(parseRoleArn(roleArn), { roleArn, partition: "aws", accountId: A, path, name });
    }),
  );
});

Deno.test("readRoles: the same pair counts once, the same role with another provider twice", () => {
  const read = readRoles([rolePair(A, "X"), rolePair(A, "X"), rolePair(A, "X", "Other"), "Default", "nonsense"]);
  assert.deepEqual(read.roles.map(roleKey), [rolePair(A, "X"), rolePair(A, "X", "Other")]);
  assert.equal(read.malformed.length, 1);
});

Deno.test("sortRoles: the Python tool's order, by account or by name with its path, whatever the order before", () => {
  const names = (roles: readonly Role[]) => roles.map((each) => `${each.accountId[0]}:${fullName(each)}`);
  const roles = [role(B, "Admin"), role(A, "billing"), role(A, "Zed"), role(A, "team/Admin"), role(A, "Admin")];
  fc.assert(
    fc.property(fc.shuffledSubarray(roles, { minLength: roles.length }), (shuffled) => {
      assert.deepEqual(names(sortRoles(shuffled)), ["1:Admin", "1:Zed", "1:billing", "1:team/Admin", "2:Admin"]);
      assert.deepEqual(names(sortRoles(shuffled, true)), ["1:Admin", "2:Admin", "1:Zed", "1:billing", "1:team/Admin"]);
    }),
  );
});

const ROLES = [
  role(A, "Admin"),
  role(A, "team/ReadOnly"),
  role(B, "Admin"),
  role("333333333333", "Audit"),
  role("012345678901", "Only"),
];
const ALIASES = new Map([[A, "prod"], [B, "dev"]]);

/** The choice in short: the role's ARN after the account, or the candidates', or the reason. */
function short(requested: Parameters<typeof chooseRole>[1], roles: readonly Role[] = ROLES): string {
  const choice = chooseRole(roles, requested, { aliases: ALIASES });
  const name = (each: Role) => `${each.accountId[0]}/${fullName(each)}`;
  if (choice.kind === "chosen") return `${choice.how} ${name(choice.role)}`;
  if (choice.kind === "ask") {
    const marks = markRoles(choice.candidates, requested ?? {}, ALIASES);
    return `ask ${
      choice.candidates.map((each) => `${name(each)} ${marks.get(roleKey(each)) ?? ""}`.trim()).join(", ")
    }`;
  }
  return `none: ${choice.reason} [${choice.near.map(name).join(", ")}]`;
}

Deno.test("chooseRole: every combination of account and role", async (t) => {
  const all = "ask 0/Only, 1/Admin, 1/team/ReadOnly, 2/Admin, 3/Audit";
  const cases: readonly (readonly [string, Parameters<typeof chooseRole>[1], string])[] = [
    ["no request", {}, all],
    ["empty means nothing", { accountId: " ", roleName: "" }, all],
    ["both fit", { accountId: B, roleName: "Admin" }, "requested 2/Admin"],
    ["path and name", { accountId: A, roleName: "team/ReadOnly" }, "requested 1/team/ReadOnly"],
    ["path and name from the root", { roleName: "/team/ReadOnly" }, "requested 1/team/ReadOnly"],
    ["name without its path", { accountId: A, roleName: "ReadOnly" }, "requested 1/team/ReadOnly"],
    ["whole ARN", { roleName: `arn:aws:iam::${B}:role/Admin` }, "requested 2/Admin"],
    [
      "ARN of another account",
      { accountId: A, roleName: `arn:aws:iam::${B}:role/Admin` },
      `none: this login has no AWS role named "arn:aws:iam::${B}:role/Admin" in account "${A}" [2/Admin, 1/Admin, 1/team/ReadOnly]`,
    ],
    ["account with one role", { accountId: "333333333333" }, "requested 3/Audit"],
    ["account with several", { accountId: A }, "ask 1/Admin partial, 1/team/ReadOnly partial"],
    ["account that lost its zero", { accountId: "12345678901" }, "requested 0/Only"],
    ["account with dashes", { accountId: "2222-2222-2222", roleName: "Admin" }, "requested 2/Admin"],
    ["alias", { accountId: "dev" }, "requested 2/Admin"],
    ["name in one account", { roleName: "Audit" }, "requested 3/Audit"],
    ["name in several", { roleName: "Admin" }, "ask 1/Admin partial, 2/Admin partial"],
    ["account unknown", { accountId: "999999999999" }, 'none: this login has no AWS role in account "999999999999" []'],
    [
      "role of another account",
      { accountId: B, roleName: "Audit" },
      `none: this login has no AWS role named "Audit" in account "${B}" [3/Audit, 2/Admin]`,
    ],
    [
      "case differs",
      { accountId: B, roleName: "admin" },
      `none: this login has no AWS role named "admin" in account "${B}" [2/Admin, 1/Admin]`,
    ],
    ["part of a name", { roleName: "Read" }, 'none: this login has no AWS role named "Read" [1/team/ReadOnly]'],
    ["control characters", { roleName: "A\u001b[31m" }, 'none: this login has no AWS role named "A [31m" []'],
  ];
  for (const [name, requested, expected] of cases) await t.step(name, () => assert.equal(short(requested), expected));
});

Deno.test("chooseRole: the only role is taken, but not against what was asked for", () => {
  const one = [role(A, "Admin")];
  assert.equal(short({}, one), "only 1/Admin");
  assert.equal(short({ accountId: A }, one), "requested 1/Admin");
  assert.equal(short({ accountId: B }, one), `none: this login has no AWS role in account "${B}" []`);
  assert.equal(short({ roleName: "Other" }, one), 'none: this login has no AWS role named "Other" []');
  assert.equal(short({}, []), "none: this login has no AWS role []");
});

Deno.test("chooseRole: one role by two identity providers is asked for, both exact", () => {
  const two = [role(A, "Admin", "Okta"), role(A, "Admin", "OneLogin")];
  assert.equal(short({ accountId: A, roleName: "Admin" }, two), "ask 1/Admin exact, 1/Admin exact");
});

Deno.test("chooseRole: candidates are in the requested order", () => {
  const choice = chooseRole(ROLES, {}, { byName: true });
  assert.equal(choice.kind, "ask");
  assert.deepEqual((choice as { candidates: readonly Role[] }).candidates.map(({ name }) => name), [
    "Admin",
    "Admin",
    "Audit",
    "Only",
    "ReadOnly",
  ]);
});

Deno.test("chooseRole: what is chosen always fits every request", () => {
  const requested = fc.record({
    accountId: fc.option(fc.constantFrom(A, B, "333333333333", "prod", "dev", "nope", ""), { nil: undefined }),
    roleName: fc.option(fc.constantFrom("Admin", "ReadOnly", "team/ReadOnly", "Audit", "Nope", ""), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.subarray(ROLES), requested, (roles, asked) => {
      const choice = chooseRole(roles, asked, { aliases: ALIASES });
      const fits = (each: Role) =>
        (!asked.accountId || each.accountId === asked.accountId || ALIASES.get(each.accountId) === asked.accountId) &&
        (!asked.roleName || each.name === asked.roleName || fullName(each) === asked.roleName);
      const fitting = roles.filter(fits);
      assert.equal(choice.kind, fitting.length === 0 ? "none" : fitting.length === 1 ? "chosen" : "ask");
      if (choice.kind === "chosen") assert.ok(fits(choice.role));
      if (choice.kind === "ask") assert.deepEqual(new Set(choice.candidates), new Set(fitting));
    }),
  );
});

Deno.test("markRoles: both requests are exact, one of two is partial, none is absent", () => {
  const marks = markRoles(ROLES, { accountId: A, roleName: "Admin" }, ALIASES);
  assert.deepEqual([...marks], [[roleKey(ROLES[0]!), "exact"], [roleKey(ROLES[1]!), "partial"], [
    roleKey(ROLES[2]!),
    "partial",
  ]]);
  assert.equal(markRoles(ROLES, {}).size, 0);
  assert.deepEqual([...markRoles(ROLES, { accountId: "prod" }, ALIASES).values()], ["partial", "partial"]);
});

Deno.test("twelveDigits: digits with dashes and lost zeros, else undefined", () => {
  assert.equal(twelveDigits("1111-1111-1111"), A);
  assert.equal(twelveDigits("12345678901"), "012345678901");
  for (const text of ["prod", "1234567890123", "", "12a"]) assert.equal(twelveDigits(text), undefined);
});

Deno.test("parseRoleValue: a long value is skipped at once (attacker: who writes the assertion)", () => {
  const start = threadTime();
  for (const piece of [":role/", "arn:", "arn:aws:iam::123456789012:role/", ", arn:", "Default ", " ,"]) {
    const value = `arn:${piece.repeat(360_000 / piece.length)},`;
    const read = parseRoleValue(value);
    assert.equal(read.kind, "malformed", piece);
    assert.ok(read.kind === "malformed" && read.reason.length < 300);
  }
  // It took 34 seconds for the first of them.
  assert.ok(threadTime() - start < 2000);
});
