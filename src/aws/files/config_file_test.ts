import assert from "node:assert/strict";
import { UserError } from "../../errors.ts";
import { realClock } from "../../io/clock.ts";
import { realFiles } from "../../io/files.ts";
import { configRegion, isOurProcess, refuseConfigured, writeConfig } from "./config_file.ts";
import { PLATFORM, threadTime } from "../../testing.ts";

const deps = { files: realFiles(PLATFORM), clock: realClock() };

async function withFile(text: string, work: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/config`, text, { mode: 0o600 });
    await work(`${folder}/config`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("writeConfig: sets the region under [profile NAME] and keeps everything else", async () => {
  const before =
    "[default]\nregion = us-east-1\n\n[profile dev]\n# mine\noutput = json\ns3 =\n  max = 1\n\n[sso-session s]\nx = y\n";
  await withFile(before, async (path) => {
    const written = await writeConfig(deps, path, [{ profile: "dev", region: "eu-west-1" }, {
      profile: "b",
      region: "x",
    }]);
    assert.deepEqual(written, { path, changed: true, warnings: [] });
    assert.equal(
      await Deno.readTextFile(path),
      `${before.replace("  max = 1\n", "  max = 1\nregion = eu-west-1\n")}\n[profile b]\nregion = x\n`,
    );
  });
});

Deno.test("writeConfig: a credential_process with another command is refused without force", async () => {
  const before = "[profile dev]\ncredential_process = /opt/other --x\n";
  await withFile(before, async (path) => {
    const write = { profile: "dev", credentialProcess: '"/usr/local/bin/onelogin-aws-assume-role" credential-process' };
    await assert.rejects(writeConfig(deps, path, [write]), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.exit, 2);
      assert.match(error.message, /^cannot set credential_process of profile "dev"/);
      return true;
    });
    assert.equal(await Deno.readTextFile(path), before);
    await writeConfig(deps, path, [write], { force: true });
    await writeConfig(deps, path, [write]);
    assert.equal(
      await Deno.readTextFile(path),
      '[profile dev]\ncredential_process = "/usr/local/bin/onelogin-aws-assume-role" credential-process\n',
    );
  });
});

Deno.test("writeConfig: a write without values changes nothing", async () => {
  await withFile("[default]\n", async (path) => {
    assert.equal((await writeConfig(deps, path, [{ profile: "dev" }])).changed, false);
  });
});

Deno.test("isOurProcess: the command and the option of that name, abbreviated too, and nothing else", () => {
  const ours = (line: string) =>
    isOurProcess(new TextEncoder().encode(`[profile dev]\ncredential_process = ${line}\n`), "dev");
  for (
    const line of [
      "onelogin-aws-assume-role credential-process --profile dev",
      "onelogin-aws-assume-role --credential-process --profile dev",
      '"/opt/my tools/onelogin-aws-assume-role" --profile dev --credential-process',
      "onelogin-aws-assume-role --cred --profile dev",
    ]
  ) assert.ok(ours(line), line);
  for (const line of ["onelogin-aws-assume-role --profile dev", "/opt/other credential-process", "/opt/other --cred"]) {
    assert.ok(!ours(line), line);
  }
});

Deno.test("configRegion: finds a profile under every spelling of its header", () => {
  const region = (text: string, profile: string) => configRegion(new TextEncoder().encode(text), profile);
  assert.equal(region("[default]\nregion = a\n[profile dev]\nregion=b\n", "default"), "a");
  assert.equal(region("[profile dev]\nregion = a\n", "dev"), "a");
  assert.equal(region('[profile "my dev"]\nregion = a\n', "my dev"), "a");
  assert.equal(region("[dev]\nregion = a\n", "dev"), undefined);
  assert.equal(region("\ufeff[default]\nregion = a\n", "default"), "a");
});

Deno.test("refuseConfigured: 600 profiles are looked up in a file of 10,000 without reading it for each of them", () => {
  const text = Array.from({ length: 10_000 }, (_, i) => `[profile p${i}]\nregion = us-east-1\noutput = json\n\n`).join(
    "",
  );
  const names = Array.from({ length: 600 }, (_, i) => `p${i}`);
  const start = threadTime();
  refuseConfigured("config", new TextEncoder().encode(text), names);
  assert.ok(threadTime() - start < 3000, `${threadTime() - start} ms`);
});
