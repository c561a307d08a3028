/** sign.sh with stand-ins for Apple's tools: what is asked of them, in which order, and that nothing is left behind. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("sign.sh", import.meta.url));
const NAME = "onelogin-aws-assume-role";
const SECRETS = {
  APPLE_CERTIFICATE: btoa("a certificate"),
  APPLE_CERTIFICATE_PASSWORD: "pass word",
  APPLE_API_KEY: "a key",
  APPLE_API_KEY_ID: "KEY",
  APPLE_API_ISSUER: "issuer",
} as const;
const ignore = Deno.build.os === "windows";

interface Signing {
  readonly code: number;
  readonly said: string;
  /** One line for each call of a tool, the name first; the folder for temporary files is written W. */
  readonly calls: readonly string[];
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** The last line that the notary service prints. */
  readonly status?: string;
  /** What the certificate is for. */
  readonly identity?: string;
  /** A tool that fails. */
  readonly broken?: string;
  readonly adHoc?: boolean;
  /** Folders with a program each. */
  readonly folders?: readonly string[];
}

async function sign(options: Options = {}): Promise<Signing> {
  const { env = SECRETS, status = "Accepted", identity = "Developer ID Application: Acme (TEAM)" } = options;
  const root = Deno.makeTempDirSync();
  try {
    const [bin, temp, log] = [`${root}/bin`, `${root}/temp`, `${root}/log`];
    for (const folder of [bin, temp]) Deno.mkdirSync(folder);
    const answers: Readonly<Record<string, string>> = {
      security: `case $1 in
        create-keychain) : >"$4" ;;
        import) [ "$(cat "$2")" = "a certificate" ] || exit 1 ;;
        delete-keychain) rm "$2" ;;
        list-keychains) [ $# -gt 3 ] || echo '    "/Users/runner/login.keychain-db"' ;;
        find-identity) echo '  1) ABCDEF "${identity}"' ;;
      esac`,
      codesign: "",
      ditto: ': >"$4"',
      xcrun: `[ "$(cat "$5")" = "a key" ] && printf 'id: 1\\n  status: ${status}\\n'`,
      openssl: "echo 00112233",
    };
    for (const [tool, answer] of Object.entries(answers)) {
      const body = tool === options.broken ? "exit 1" : answer;
      const script = `#!/bin/sh\necho "${tool} $*" >>"${log}"\n${body}\n`;
      Deno.writeTextFileSync(`${bin}/${tool}`, script, { mode: 0o755 });
    }
    const programs = (options.folders ?? ["macos-x64", "macos-arm64"]).map((folder) => {
      Deno.mkdirSync(`${root}/${folder}`, { recursive: true });
      Deno.writeTextFileSync(`${root}/${folder}/${NAME}`, "a program");
      return `${root}/${folder}/${NAME}`;
    });
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: [SCRIPT, ...(options.adHoc ? ["--ad-hoc"] : []), ...programs],
      env: { ...env, TMPDIR: temp, PATH: `${bin}:${Deno.env.get("PATH")}` },
      clearEnv: true,
      stdin: "null",
    }).output();
    assert.deepEqual(Array.from(Deno.readDirSync(temp)), [], "no key and no keychain is left behind");
    const lines = code === 0 || exists(log) ? Deno.readTextFileSync(log).trim().split("\n") : [];
    return {
      code,
      said: [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join(""),
      calls: lines.map((line) => line.replace(new RegExp(`${temp}/[^/ ]+`, "g"), "W").replaceAll(root, "R")),
    };
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: "sign.sh: signs each program under the hardened runtime, has both notarised at once, and deletes its keychain",
  ignore,
  async fn() {
    const { code, said, calls } = await sign();
    assert.equal(code, 0, said);
    assert.deepEqual(calls.map((line) => line.split(" ").slice(0, 2).join(" ")), [
      "openssl rand",
      "security create-keychain",
      "security set-keychain-settings",
      "security unlock-keychain",
      "security import",
      "security set-key-partition-list",
      "security list-keychains",
      "security list-keychains",
      "security find-identity",
      "codesign --force",
      "codesign --verify",
      "codesign --force",
      "codesign --verify",
      "ditto -c",
      "xcrun notarytool",
      "security delete-keychain",
    ]);
    for (const words of ["macos-x64", "macos-arm64"]) {
      const line = calls.find((each) => each.startsWith("codesign --force") && each.endsWith(`R/${words}/${NAME}`));
      assert.match(line ?? "", /--sign ABCDEF --keychain W\/sign\.keychain-db --options runtime --timestamp/);
      assert.match(line ?? "", /--entitlements \S+\/entitlements\.plist /);
    }
    // The person's own keychains stay in the list.
    assert.ok(calls.includes("security list-keychains -d user -s W/sign.keychain-db /Users/runner/login.keychain-db"));
    assert.match(calls.find((each) => each.startsWith("xcrun")) ?? "", /--key W\/key\.p8 --key-id KEY --issuer issuer/);
  },
});

Deno.test({
  name: "sign.sh: what Apple does not accept, or a tool does not do, ends in failure",
  ignore,
  async fn() {
    for (const status of ["Invalid", "In Progress", "Rejected"]) {
      const { code, said } = await sign({ status });
      assert.notEqual(code, 0);
      assert.match(said, /Apple has not accepted it/);
    }
    const other = await sign({ identity: "Apple Development: Ada" });
    assert.match(other.said, /is no "Developer ID Application"/);
    for (const broken of ["security", "codesign", "ditto", "xcrun"]) {
      const { code, calls } = await sign({ broken });
      assert.notEqual(code, 0, broken);
      if (broken !== "xcrun") assert.ok(!calls.some((line) => line.startsWith("xcrun")), broken);
    }
  },
});

Deno.test({
  name: "sign.sh: a missing secret or program is reported before anything is done",
  ignore,
  async fn() {
    for (const name of Object.keys(SECRETS)) {
      const { code, said, calls } = await sign({ env: { ...SECRETS, [name]: "" } });
      assert.notEqual(code, 0);
      assert.match(said, new RegExp(`${name} is not set`));
      assert.deepEqual(calls, []);
    }
    const none = await sign({ folders: [] });
    assert.match(none.said, /no program is named/);
    const twice = await sign({ folders: ["a/macos", "b/macos"] });
    assert.match(twice.said, /two programs lie in folders of one name/);
  },
});

Deno.test({
  name: "sign.sh: --ad-hoc signs and verifies each program, and asks for no secret",
  ignore,
  async fn() {
    const { code, said, calls } = await sign({ adHoc: true, env: {} });
    assert.equal(code, 0, said);
    assert.deepEqual(calls.map((line) => line.replace(/ --identifier \S+/, "")), [
      `codesign --force --sign - R/macos-x64/${NAME}`,
      `codesign --verify --strict R/macos-x64/${NAME}`,
      `codesign --force --sign - R/macos-arm64/${NAME}`,
      `codesign --verify --strict R/macos-arm64/${NAME}`,
    ]);
    assert.notEqual((await sign({ adHoc: true, env: {}, broken: "codesign" })).code, 0);
  },
});

Deno.test("entitlements.plist: what V8 needs, and no door for the code of others", () => {
  const text = Deno.readTextFileSync(new URL("entitlements.plist", import.meta.url));
  assert.deepEqual(Array.from(text.matchAll(/<key>(.*)<\/key>\s*<true\/>/g), ([, key]) => key), [
    "com.apple.security.cs.allow-jit",
    "com.apple.security.cs.allow-unsigned-executable-memory",
  ]);
  assert.equal(text.match(/<key>/g)?.length, 2);
});
