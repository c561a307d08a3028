import assert from "node:assert/strict";
import { rolesOf } from "../../../simulator/in_process.ts";
import { Exit, UserError } from "../../errors.ts";
import type { Settings } from "../../settings/settings.ts";
import { simulatedContext } from "../../testing.ts";
import { configureAllRoles } from "./all_roles.ts";

const CONFIG = "/home/ada/.aws/config";
const option = <T>(value: T) => ({ value, source: { kind: "option", name: "--x" } as const });
const filed = <T>(value: T) => ({ value, source: { kind: "file", path: "/f", key: "k" } as const });

function world(settings: Partial<Settings> = {}, programPath: string | undefined = "/opt/my bin/olaws") {
  return simulatedContext({
    scenario: { roles: rolesOf(["123456789012/Admin", "210987654321/a=b"]) },
    settings,
    ...(programPath === "" ? {} : { deps: { programPath } }),
  });
}

async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof UserError, String(error));
  return error;
}

Deno.test("configureAllRoles: each line names the program, the profile and its role", async () => {
  const { context, files, reporter, http } = world();
  assert.deepEqual(await configureAllRoles(context), ["123456789012-Admin", "210987654321-a-b"]);
  const text = files.contents.get(CONFIG) ?? "";
  assert.match(
    text,
    /credential_process = "\/opt\/my bin\/olaws" credential-process --profile 123456789012-Admin --aws-account-id 123456789012 --aws-role-name Admin --duration max\n/,
  );
  assert.match(text, /--aws-role-name "a=b" --duration max\n/);
  assert.equal(files.contents.has("/home/ada/.aws/credentials"), false);
  assert.ok(reporter.lines.includes(`Profiles in ${CONFIG}: 2 added`), reporter.lines.join("\n"));
  assert.deepEqual(http.routes(), ["token", "assertion", "AssumeRoleWithSAML", "AssumeRoleWithSAML"]);
});

Deno.test("configureAllRoles: typed values are in the line, values of a file are read at each call", async () => {
  const { context, files } = world({
    username: option("ada"),
    duration: filed(7200),
    configFolder: "/home/ada/.onelogin/eu",
  });
  await configureAllRoles(context);
  assert.match(
    files.contents.get(CONFIG) ?? "",
    /olaws" credential-process -c \/home\/ada\/\.onelogin\/eu --profile 123456789012-Admin --onelogin-username ada --aws-account-id 123456789012 --aws-role-name Admin\n/,
  );
});

Deno.test("configureAllRoles: refuses before the login what cannot be written", async () => {
  for (
    const [settings, path, words] of [
      [{}, "", /from a checkout/],
      [{}, "/opt/$x/olaws", /credential_process lines with/],
      [{ file: option("/x") }, "/opt/olaws", /"--file"/],
      [{ profile: option("dev") }, "/opt/olaws", /"--profile"/],
    ] as const
  ) {
    const { context, http, files } = world(settings, path);
    const error = await refusal(configureAllRoles(context));
    assert.equal(error.exit, Exit.usage);
    assert.match(error.message, words);
    assert.deepEqual(http.routes(), []);
    assert.equal(files.contents.size, 0);
  }
});

Deno.test("configureAllRoles: the region of the last run is not asked for again", async () => {
  const { context, files } = world({}, "/opt/olaws");
  await configureAllRoles(context);
  const before = files.contents.get(CONFIG);
  const { awsRegion: _, ...settings } = context.settings;
  await configureAllRoles({ ...context, settings });
  assert.equal(files.contents.get(CONFIG), before);
});
