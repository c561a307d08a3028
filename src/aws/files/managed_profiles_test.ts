import assert from "node:assert/strict";
import { fakeDeps, fakeFiles } from "../../testing.ts";
import { utf8 } from "../../utf8.ts";
import { writeAwsFile } from "./aws_update.ts";
import { type ManagedOptions, managedRegion, managedUpdate } from "./managed_profiles.ts";

const CONFIG = "/home/ada/.aws/config";
const profile = (name: string, region = "eu-west-1") => ({
  profile: name,
  region,
  credentialProcess: `/bin/olaws credential-process --profile ${name}`,
});
const section = (name: string, owner = "a", region = "eu-west-1") =>
  `[profile ${name}]\nregion = ${region}\ncredential_process = /bin/olaws credential-process --profile ${name}\n` +
  `x_managed_by = onelogin-aws-assume-role ${owner}\n`;

async function update(text: string, names: readonly string[], options: Partial<ManagedOptions> = {}) {
  const files = fakeFiles(text === "" ? {} : { [CONFIG]: text });
  const edit = managedUpdate(fakeDeps({ files }), CONFIG, names.map((name) => profile(name)), {
    owner: "a",
    ...options,
  });
  const { changed } = await writeAwsFile(fakeDeps({ files }), edit, {});
  return { text: files.contents.get(CONFIG), changed, plan: edit.plan() };
}

Deno.test("managedUpdate: adds profiles with a mark, and finds nothing to do the second time", async () => {
  const first = await update("", ["dev", "prod"]);
  assert.equal(first.text, `${section("dev")}\n${section("prod")}`);
  assert.deepEqual(first.plan.added, ["dev", "prod"]);
  const second = await update(first.text ?? "", ["dev", "prod"]);
  assert.equal(second.changed, false);
  assert.deepEqual(second.plan.unchanged, ["dev", "prod"]);
});

Deno.test("managedUpdate: removes what is gone, but neither another login's profiles nor what a person added", async () => {
  const other = section("other", "b");
  const { text, plan } = await update(
    `${section("dev")}\n${section("gone")}\n${section("kept")}output = json\n\n${other}`,
    [
      "dev",
    ],
  );
  assert.deepEqual(plan.removed, ["gone", "kept"]);
  assert.equal(text, `${section("dev")}\n[profile kept]\noutput = json\n\n${other}`);
});

Deno.test("managedUpdate: a section of the same name stays; --force takes one without another way to credentials", async () => {
  const sso = "[profile dev]\nsso_session = x\n";
  const plain = "[profile prod]\noutput = json\n";
  const left = await update(sso + plain, ["dev", "prod"]);
  assert.equal(left.changed, false);
  assert.deepEqual(left.plan.foreign, ["dev", "prod"]);
  const forced = await update(sso + plain + section("old", "b"), ["dev", "prod", "old"], { force: true });
  assert.deepEqual(forced.plan.foreign, ["dev"]);
  assert.ok(forced.text?.startsWith(sso));
  assert.match(forced.text ?? "", /\[profile prod\]\noutput = json\nregion = eu-west-1\n/);
  assert.ok(forced.text?.includes(section("old")));
});

Deno.test("managedUpdate: a region stays unless another one is asked for", async () => {
  const own = section("dev", "a", "ap-south-1");
  assert.equal((await update(own, ["dev"])).changed, false);
  const replaced = await update(own, ["dev"], { replaceRegion: true });
  assert.deepEqual(replaced.plan.changed, ["dev"]);
  assert.equal(replaced.text, section("dev"));
});

Deno.test("managedRegion: what most marked profiles have", () => {
  const text = `[profile x]\nregion = sa-east-1\n\n${section("a", "a", "eu-west-3")}${section("b")}${
    section("c", "b")
  }`;
  assert.equal(managedRegion(new Uint8Array(utf8(text))), "eu-west-1");
  assert.equal(managedRegion(new Uint8Array(utf8("[profile x]\nregion = sa-east-1\n"))), undefined);
});
