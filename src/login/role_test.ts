import assert from "node:assert/strict";
import type { Settings } from "../settings/settings.ts";
import { UserError } from "../errors.ts";
import type { ChooseQuestion, Prompter } from "../io/prompter.ts";
import { readRoles } from "../saml/roles.ts";
import { fakeContext, fakePrompter, fakeReporter } from "../testing.ts";
import { describeRole, pickRole } from "./role.ts";

const set = <T>(value: T) => ({ value, source: { kind: "default" } as const });

function pair(account: string, name: string): string {
  return `arn:aws:iam::${account}:role/${name},arn:aws:iam::${account}:saml-provider/OneLogin`;
}

const ROLES = readRoles([
  pair("222222222222", "ReadOnly"),
  pair("111111111111", "Admin"),
  pair("222222222222", "Admin"),
  pair("333333333333", "team/Auditor"),
]).roles;

/** A prompter that remembers the menus it showed and takes the first choice. */
function watching(kind: Prompter["kind"]): Prompter & { readonly menus: ChooseQuestion<unknown>[] } {
  const menus: ChooseQuestion<unknown>[] = [];
  return {
    ...fakePrompter([], kind),
    menus,
    choose<T>(question: ChooseQuestion<T>) {
      menus.push(question);
      return Promise.resolve(question.choices[0]!.value);
    },
  };
}

async function pick(settings: Partial<Settings>, prompter: Prompter = fakePrompter([], "none")) {
  const reporter = fakeReporter();
  const role = await pickRole(fakeContext({ settings, prompter, reporter }), ROLES);
  return { arn: role.roleArn, said: reporter.lines };
}

Deno.test("pickRole() takes the role of the set account and name, without a question", async () => {
  const { arn, said } = await pick({ awsAccountId: set("222222222222"), awsRoleName: set("Admin") });
  assert.equal(arn, "arn:aws:iam::222222222222:role/Admin");
  assert.deepEqual(said, ["AWS Role selected: Admin · 222222222222"]);
});

Deno.test("B1 pickRole() takes the only role of the account when the account alone is given", async () => {
  assert.equal((await pick({ awsAccountId: set("111111111111") })).arn, "arn:aws:iam::111111111111:role/Admin");
  assert.equal((await pick({ awsAccountId: set("333333333333") })).arn, "arn:aws:iam::333333333333:role/team/Auditor");
});

Deno.test("pickRole() asks at a terminal only among the roles that fit", async () => {
  const prompter = watching("terminal");
  await pick({ awsAccountId: set("222222222222") }, prompter);
  assert.deepEqual(prompter.menus[0]?.choices.map(({ label }) => label), [
    "Admin · 222222222222 *",
    "ReadOnly · 222222222222 *",
  ]);
});

Deno.test("pickRole() lists to a pipe all roles in the Python tool's order and words, with its marks", async () => {
  const listing = async (settings: Partial<Settings>) => {
    const prompter = watching("lines");
    await pick(settings, prompter);
    return prompter.menus[0]?.choices.map(({ line }) => line);
  };
  assert.deepEqual(await listing({}), [
    "Admin (Account 111111111111)",
    "Admin (Account 222222222222)",
    "ReadOnly (Account 222222222222)",
    "team/Auditor (Account 333333333333)",
  ]);
  const accounts = new Map([["111111111111", "Prod account"]]);
  assert.deepEqual(await listing({ accounts, roleOrder: true, awsAccountId: set("222222222222") }), [
    "Admin (Account: 111111111111 - Prod account)",
    "Admin (Account 222222222222) *",
    "ReadOnly (Account 222222222222) *",
    "team/Auditor (Account 333333333333)",
  ]);
});

Deno.test("pickRole() names near roles when none fits, and offers all to a person", async () => {
  const requested = { awsAccountId: set("111111111111"), awsRoleName: set("Admon") };
  await assert.rejects(
    pick(requested),
    (error) =>
      error instanceof UserError && error.exit === 5 && /did you mean .*Admin · 111111111111/.test(error.hints.join()),
  );
  const prompter = watching("terminal");
  const { said } = await pick(requested, prompter);
  assert.match(said.join(), /^warning: cannot choose a role/);
  assert.equal(prompter.menus[0]?.choices.length, ROLES.length);
});

Deno.test("pickRole() tells a script that gives no further answer about the role, not about the answer", async () => {
  await assert.rejects(
    pick({ awsRoleName: set("Nope") }, fakePrompter([], "lines")),
    (error) => error instanceof UserError && error.exit === 5,
  );
  await assert.rejects(pick({}, fakePrompter([], "lines")), (error) => error instanceof UserError && error.exit === 8);
});

Deno.test("describeRole() names the account by its alias too", () => {
  const [role] = ROLES;
  assert.equal(describeRole(role!, new Map([["222222222222", "Test"]])), "ReadOnly · 222222222222 Test");
});

Deno.test("B6 pickRole() tells two identity providers of one role apart, and takes one by its ARN behind the role's", async () => {
  const admin = pair("111111111111", "Admin");
  const { roles } = readRoles([admin, admin.replace("OneLogin", "Other"), pair("222222222222", "Dev")]);
  const [one, two] = roles;
  assert.ok(one && two);
  const prompter = watching("lines");
  await pickRole(fakeContext({ prompter }), roles);
  assert.deepEqual(prompter.menus[0]?.choices.map(({ line }) => line), [
    "Admin (Account 111111111111) by OneLogin",
    "Dev (Account 222222222222)",
    "Admin (Account 111111111111) by Other",
  ]);
  const settings = { awsAccountId: set("111111111111"), awsRoleName: set("Admin") };
  await assert.rejects(
    pickRole(fakeContext({ settings }), [one, two]),
    (error) => error instanceof UserError && error.exit === 8 && /provider after the role/.test(error.hints.join()),
  );
  const exact = { awsRoleName: set(`${two.roleArn},${two.principalArn}`) };
  assert.equal((await pickRole(fakeContext({ settings: exact }), [one, two])).principalArn, two.principalArn);
});
