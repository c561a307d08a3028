import assert from "node:assert/strict";
import { UserError } from "../../errors.ts";
import { realClock } from "../../io/clock.ts";
import { realFiles } from "../../io/files.ts";
import type { Credentials } from "../credentials.ts";
import {
  parseExpiration,
  profileCredentials,
  type ProfileWrite,
  readProfiles,
  removeProfiles,
  writeProfiles,
} from "./credentials_file.ts";
import { PLATFORM } from "../../testing.ts";

/** Has no modes, and no links, pipes or signals as other systems do. */
const windows = Deno.build.os === "windows";

const deps = { files: realFiles(PLATFORM), clock: realClock() };

const CREDENTIALS: Credentials = {
  accessKeyId: "ASIANEW",
  secretAccessKey: "new/secret",
  sessionToken: "new+token==",
  expiration: Date.UTC(2027, 0, 15, 9, 30, 0),
};
const ARN = "arn:aws:sts::123456789012:assumed-role/Dev/ada@example.com";

const DEV: ProfileWrite = { profile: "dev", credentials: CREDENTIALS, region: "eu-west-1", principalArn: ARN };

const NEW_SECTION = `[dev]
aws_access_key_id = ASIANEW
aws_secret_access_key = new/secret
aws_session_token = new+token==
aws_session_expiration = 2027-01-15T09:30:00+0000
aws_security_token = new+token==
region = eu-west-1
aws_account_id = 123456789012
x_security_token_expires = 2027-01-15T09:30:00Z
x_principal_arn = ${ARN}
`;

/** Runs `work` with the path of a credentials file that contains `text` (undefined: that does not exist). */
async function withFile(text: string | undefined, work: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/.aws/credentials`;
    if (text !== undefined) {
      await Deno.mkdir(`${folder}/.aws`);
      await Deno.writeTextFile(path, text, { mode: 0o600 });
    }
    await work(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refused(work: Promise<unknown>, pattern: RegExp, exit = 2): Promise<UserError> {
  let caught: unknown;
  await assert.rejects(work, (error) => {
    caught = error;
    return true;
  });
  assert.ok(caught instanceof UserError, String(caught));
  assert.equal(caught.exit, exit);
  assert.match(caught.message, pattern);
  return caught;
}

Deno.test(
  "writeProfiles: a new file has the keys of the Python tool in its order, then account, RFC 3339 time and role",
  { ignore: windows },
  async () => {
    await withFile(undefined, async (path) => {
      assert.deepEqual(await writeProfiles(deps, path, [DEV]), { path, changed: true, warnings: [] });
      assert.equal(await Deno.readTextFile(path), NEW_SECTION);
      assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
      assert.equal((await Deno.stat(path.replace("/credentials", ""))).mode! & 0o777, 0o700);
    });
  },
);

Deno.test("writeProfiles: many profiles are one write, in the order given", async () => {
  await withFile("# mine\n[x]\nk = v\n", async (path) => {
    await writeProfiles(deps, path, [DEV, { ...DEV, profile: "prod" }]);
    assert.equal(
      await Deno.readTextFile(path),
      `# mine\n[x]\nk = v\n\n${NEW_SECTION}\n${NEW_SECTION.replace("[dev]", "[prod]")}`,
    );
  });
});

Deno.test("writeProfiles: a stale aws_security_token, which the AWS CLI prefers, never outlives the new token", async () => {
  const old = "[dev]\naws_access_key_id = OLD\naws_secret_access_key = OLD\naws_security_token = STALE\n";
  await withFile(old, async (path) => {
    await writeProfiles(deps, path, [DEV]);
    const text = await Deno.readTextFile(path);
    assert.doesNotMatch(text, /STALE|OLD/);
    assert.match(text, /^aws_security_token = new\+token==$/m);
  });
});

Deno.test("writeProfiles: long-term keys are refused without force, and nothing of the batch is written", async () => {
  const old = "[dev]\naws_access_key_id = AKIAKEEP\naws_secret_access_key = KEEPSECRET\nregion = us-east-1\n";
  await withFile(old, async (path) => {
    const error = await refused(
      writeProfiles(deps, path, [{ ...DEV, profile: "other" }, DEV]),
      /^cannot overwrite profile "dev" in ".*": it contains long-term keys/,
    );
    assert.doesNotMatch(error.message + error.hints.join(), /KEEP/);
    assert.match(error.hints.join(), /--force/);
    assert.equal(await Deno.readTextFile(path), old);
    await writeProfiles(deps, path, [DEV], { force: true });
    assert.match(await Deno.readTextFile(path), /^\[dev\]\naws_access_key_id = ASIANEW$/m);
  });
});

Deno.test("writeProfiles: long-term keys count in every shape some SDK can read", async () => {
  const shapes = [
    "[dev]\naws_access_key_id: AKIA\naws_secret_access_key: S\n",
    "[dev]\nAWS_ACCESS_KEY_ID = AKIA\n",
    "[dev]\naws_access_key_id = AKIA\naws_session_token =\n",
    "[dev]; mine\naws_access_key_id = AKIA\n",
    "[dev] # not [prod]\naws_access_key_id = AKIA\n",
    "[a]\nk = v\n  [dev]\n  aws_access_key_id = AKIA\n",
    "[dev]\n[a]\nk = v\n[dev]\naws_access_key_id = AKIA\n",
    "\ufeff[dev]\naws_access_key_id = AKIA\n",
    "[dev]\naws_access_key_id = AKIA\naws_access_key_id =\n",
  ];
  for (const shape of shapes) {
    await withFile(shape, async (path) => {
      await refused(writeProfiles(deps, path, [DEV]), /long-term keys/);
      assert.equal(await Deno.readTextFile(path), shape);
    });
  }
});

Deno.test("writeProfiles: a profile with another way to credentials is refused; force removes what would hide the keys", async () => {
  for (const setting of ["role_arn = arn", "source_profile = a", "credential_process = /bin/x", "sso_session = s"]) {
    await withFile(`[dev]\n${setting}\n`, async (path) => {
      await refused(
        writeProfiles(deps, path, [DEV]),
        /another way \("(role_arn|source_profile|credential_process|sso_session)"\)/,
      );
    });
  }
  await withFile("[dev]\nrole_arn = arn\nsource_profile = a\noutput = json\n", async (path) => {
    const { warnings } = await writeProfiles(deps, path, [DEV], { force: true });
    assert.equal(await Deno.readTextFile(path), NEW_SECTION.replace("[dev]\n", "[dev]\noutput = json\n"));
    assert.match(warnings.join(), /removed "role_arn", "source_profile" from \[dev\]/);
  });
});

Deno.test("writeProfiles: without a region the one in the file stays, and a warning names it", async () => {
  const { region: _, ...withoutRegion } = DEV;
  await withFile("[dev]\nregion = us-east-1\n", async (path) => {
    const { warnings } = await writeProfiles(deps, path, [withoutRegion]);
    assert.match(await Deno.readTextFile(path), /^region = us-east-1$/m);
    assert.match(warnings.join(), /region "us-east-1".*config file/);
  });
  await withFile(undefined, async (path) => {
    assert.deepEqual((await writeProfiles(deps, path, [withoutRegion])).warnings, []);
    assert.equal(await Deno.readTextFile(path), NEW_SECTION.replace("region = eu-west-1\n", ""));
  });
});

Deno.test("writeProfiles: the role of an earlier login does not outlive it", async () => {
  await withFile(NEW_SECTION, async (path) => {
    const { principalArn: _, ...withoutArn } = DEV;
    await writeProfiles(deps, path, [withoutArn]);
    assert.doesNotMatch(await Deno.readTextFile(path), /x_principal_arn/);
  });
});

Deno.test("writeProfiles: a name no AWS file can hold is refused before anything is touched; one that some SDKs do not find is a warning", async () => {
  const names = [
    "",
    "a]b",
    "a\nb",
    " a",
    "a ",
    "DEFAULT",
    "__proto__",
    "constructor",
    "a #b",
    "a#b",
    "team;dev",
    "profile a",
    'a"b',
    "\u0007",
  ];
  await withFile(undefined, async (path) => {
    for (const profile of names) {
      await refused(writeProfiles(deps, path, [{ ...DEV, profile }]), /cannot save a profile/);
    }
    await assert.rejects(Deno.stat(path));
    const { warnings } = await writeProfiles(deps, path, [{ ...DEV, profile: "my dev" }]);
    assert.match(warnings.join("\n"), /^the AWS SDKs for Java and Rust do not find .*"my dev".*JavaScript may not$/);
    for (const profile of ["émile", "dev🚀", "dev(eu)", "a,b"]) {
      const saved = await writeProfiles(deps, path, [{ ...DEV, profile }]);
      assert.equal(saved.warnings.length, 1);
      assert.match(
        saved.warnings.join(),
        /Java and Rust do not find .* in the credentials file, .*JavaScript, Go, Java/,
      );
    }
    assert.deepEqual((await writeProfiles(deps, path, [{ ...DEV, profile: "a.b@c:/d+e%f-g_1" }])).warnings, []);
    assert.match(await Deno.readTextFile(path), /^\[my dev\]$/m);
  });
});

Deno.test("writeProfiles: two roles for one profile are refused, since one would be lost", async () => {
  await withFile(undefined, async (path) => {
    await refused(writeProfiles(deps, path, [DEV, DEV]), /two roles.*"dev"/);
  });
});

Deno.test("writeProfiles: a file that others could read is its owner's alone, and that is reported once", {
  ignore: windows,
}, async () => {
  await withFile("", async (path) => {
    await Deno.chmod(path, 0o644);
    const { warnings } = await writeProfiles(deps, path, [DEV]);
    assert.match(warnings.join(), /^other users could access .* \(mode 644\); changed it to mode 600$/);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    assert.deepEqual((await writeProfiles(deps, path, [DEV])).warnings, []);
  });
});

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("readProfiles: reports what is in the file, and no secret", () => {
  const facts = readProfiles(
    bytes(`${NEW_SECTION}[long]\naws_access_key_id=AKIA\naws_secret_access_key=S\n[none]\nregion=x\n`),
  );
  assert.deepEqual(facts, [
    {
      name: "dev",
      keys: "temporary",
      writtenByUs: true,
      accessKeyId: "ASIANEW",
      expiration: CREDENTIALS.expiration,
      region: "eu-west-1",
      principalArn: ARN,
    },
    { name: "long", keys: "long-term", writtenByUs: false, accessKeyId: "AKIA" },
    { name: "none", keys: "none", writtenByUs: false, region: "x" },
  ]);
  assert.deepEqual(readProfiles(bytes("")), []);
});

Deno.test("readProfiles: knows a profile of the Python tool by its expiration", () => {
  const [facts] = readProfiles(
    bytes("[a]\naws_access_key_id=A\naws_session_token=T\naws_session_expiration=2027-01-15T09:30:00+0000\n"),
  );
  assert.deepEqual([facts?.writtenByUs, facts?.expiration], [true, CREDENTIALS.expiration]);
});

Deno.test("profileCredentials: gives back what was saved, and nothing of a profile without a token or an expiration", () => {
  assert.deepEqual(profileCredentials(bytes(NEW_SECTION), "dev"), CREDENTIALS);
  assert.equal(profileCredentials(bytes(NEW_SECTION), "other"), undefined);
  assert.equal(profileCredentials(bytes("[dev]\naws_access_key_id=A\naws_secret_access_key=S\n"), "dev"), undefined);
  assert.equal(profileCredentials(bytes(NEW_SECTION.replace(/^.*(expires|expiration).*\n/gm, "")), "dev"), undefined);
});

Deno.test("parseExpiration: reads RFC 3339 and the Python tool's form, and nothing that is neither", () => {
  for (
    const text of [
      "2027-01-15T09:30:00Z",
      "2027-01-15T09:30:00+0000",
      "2027-01-15 09:30:00+00:00",
      "2027-01-15T10:30:00+01:00",
      "2027-01-15T04:00:00.000-0530",
    ]
  ) assert.equal(parseExpiration(text), CREDENTIALS.expiration, text);
  for (const text of [undefined, "", "tomorrow", "2027-01-15", "2027-13-15T09:30:00Z", "2027-01-15T09:30:00"]) {
    assert.equal(parseExpiration(text), undefined, text);
  }
});

Deno.test("removeProfiles: takes away what this program wrote, and leaves every other profile as it is", async () => {
  const before = `# top\n[long]\naws_access_key_id = AKIA\n\n${NEW_SECTION}\n[tuned]\noutput = json\n${
    NEW_SECTION.replace("[dev]\n", "")
  }`;
  await withFile(before, async (path) => {
    const result = await removeProfiles(deps, path, ["dev", "tuned", "long", "absent"]);
    assert.deepEqual(result.removed, ["dev", "tuned"]);
    assert.deepEqual(result.skipped.map(({ profile }) => profile), ["long", "absent"]);
    assert.equal(
      await Deno.readTextFile(path),
      "# top\n[long]\naws_access_key_id = AKIA\n\n[tuned]\noutput = json\nregion = eu-west-1\n",
    );
  });
});

Deno.test("removeProfiles: only what this program wrote; a missing file stays missing", async () => {
  await withFile(`${NEW_SECTION}\n[long]\naws_access_key_id = AKIA\n`, async (path) => {
    assert.deepEqual((await removeProfiles(deps, path, ["dev", "long"])).removed, ["dev"]);
    assert.equal(await Deno.readTextFile(path), "[long]\naws_access_key_id = AKIA\n");
    const again = await removeProfiles(deps, path, ["dev", "long"]);
    assert.deepEqual([again.removed, again.changed], [[], false]);
  });
  await withFile(undefined, async (path) => {
    assert.equal((await removeProfiles(deps, path, ["dev"])).skipped.length, 1);
    await assert.rejects(Deno.stat(path.replace("/credentials", "")));
  });
});
