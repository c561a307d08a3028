import assert from "node:assert/strict";
import { placesFor } from "../../io/paths.ts";
import { realFiles } from "../../io/files.ts";
import { fileFindings } from "./file_findings.ts";
import { PLATFORM } from "../../testing.ts";

/** Has no modes, and no links, pipes or signals as other systems do. */
const windows = Deno.build.os === "windows";

/** Looks at a home with these files, `later` milliseconds after they were written. */
async function look(files: Record<string, { text?: string; mode?: number }>, later = 0, cwd = "/nonexistent") {
  const home = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    for (const [path, { text = "", mode = 0o600 }] of Object.entries(files)) {
      const target = `${home}/${path}`;
      Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true, mode: 0o700 });
      Deno.writeTextFileSync(target, text);
      if (!windows) Deno.chmodSync(target, mode);
    }
    const places = placesFor({}, {
      env: { HOME: home, USERPROFILE: home },
      cwd: cwd.replace("~", home),
      platform: PLATFORM,
    });
    const clock = { now: () => Date.now() + later, sleep: () => Promise.resolve() };
    const findings = await fileFindings({ files: realFiles(PLATFORM), platform: PLATFORM, clock }, places);
    return findings.map(({ level, text, fix }) =>
      `${level} ${text}${fix ? ` => ${fix}` : ""}`.replaceAll(home, "~").replaceAll("\\", "/")
    );
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

Deno.test("fileFindings: an empty home has no problems", async () => {
  const lines = await look({});
  assert.deepEqual(lines.filter((line) => !line.startsWith("ok ")), []);
  assert.ok(lines.includes('ok credentials file: "~/.aws/credentials", does not exist yet'), lines.join("\n"));
});

Deno.test("fileFindings: of two files the one in the working directory counts", async () => {
  const lines = await look({ "w/accounts.yaml": {}, ".onelogin/accounts.yaml": {} }, 0, "~/w");
  assert.ok(
    lines.some((line) =>
      line.startsWith('warn accounts.yaml: only "~/w/accounts.yaml" is used, not "~/.onelogin/accounts')
    ),
    lines.join("\n"),
  );
});

Deno.test("fileFindings: temporary files of a killed run are named once they are old, locks never alarm", async () => {
  const files = { ".aws/credentials.onelogin-tmp": {}, ".aws/credentials.onelogin-lock": {} };
  const young = await look(files);
  assert.ok(young.some((line) => /^ok .*onelogin-lock": another run/.test(line)), young.join("\n"));
  assert.ok(!young.some((line) => line.includes("onelogin-tmp")));
  const old = await look(files, 120_000);
  assert.ok(
    old.some((line) => /^warn .*onelogin-tmp": left by .* credentials => (rm|del) "~/.test(line)),
    old.join("\n"),
  );
  assert.ok(old.some((line) => /^ok .*onelogin-lock": left by /.test(line)));
});

Deno.test("fileFindings: keys that hide a credential_process, with the way out for those of this program", async () => {
  const config =
    "[default]\ncredential_process = x\n[profile ours]\ncredential_process = x\n[profile free]\ncredential_process = x\n";
  const credentials = "[default]\naws_access_key_id = A\naws_secret_access_key = B\n[ours]\naws_access_key_id = A\n" +
    "aws_secret_access_key = B\naws_session_token = C\naws_session_expiration = 2027-01-15T09:30:00+0000\n[free]\nregion = x\n";
  const lines = await look({ ".aws/config": { text: config }, ".aws/credentials": { text: credentials } });
  const hidden = lines.filter((line) => line.includes("credential_process"));
  assert.equal(hidden.length, 2, lines.join("\n"));
  assert.match(hidden[0] ?? "", /^warn profile "default" .*keys.* => .*\[default\]$/);
  assert.match(hidden[1] ?? "", /^warn profile "ours" .* => onelogin-aws-assume-role logout --profile ours$/);
});

Deno.test("fileFindings: a credentials file or folder that others can use", { ignore: windows }, async () => {
  const lines = await look({ ".aws/credentials": { mode: 0o640 } });
  assert.ok(
    lines.some((line) => /^warn .*other users can access it \(mode 640\) => chmod 600 /.test(line)),
    lines.join("\n"),
  );
});
