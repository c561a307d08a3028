/**
 * install.ps1 on Windows, in both PowerShells, with releases from a server on this machine. What counts is that nothing is
 * installed of a download that does not match the release.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { sha256 } from "../scripts/toolchain.ts";
import { freshFolder } from "../tests/harness.ts";
import { names } from "./testing.ts";

const NAME = "onelogin-aws-assume-role";
const ignore = Deno.build.os !== "windows";
const SCRIPT = fileURLToPath(new URL("install.ps1", import.meta.url));
const BUILT = new URL(`../dist/${NAME}.exe`, import.meta.url);
const WORDS = Deno.build.arch === "aarch64" ? "windows-arm64" : "windows-x64";

/** The PowerShell that comes with Windows, and the one that is installed. */
const SHELLS = ["powershell", "pwsh"] as const;

interface Run {
  readonly code: number;
  readonly said: string;
  readonly installed: readonly string[];
  readonly asked: readonly string[];
  readonly folder: string;
}

function archiveOf(version: string): string {
  return `${NAME}-${version}-${WORDS}.zip`;
}

/** An archive as releases have it, with this file as the program. */
async function pack(version: string, program: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const work = freshFolder("install");
  const folder = archiveOf(version).replace(".zip", "");
  Deno.mkdirSync(`${work}\\${folder}`);
  Deno.copyFileSync(program, `${work}\\${folder}\\${NAME}.exe`);
  const command =
    `Compress-Archive -Path '${work}\\${folder}' -DestinationPath '${work}\\a.zip' -CompressionLevel Fastest`;
  const { success } = await new Deno.Command("powershell", { args: ["-NoProfile", "-Command", command] }).output();
  assert.ok(success, "Compress-Archive");
  return Deno.readFileSync(`${work}\\a.zip`);
}

async function install(
  shell: typeof SHELLS[number],
  version: string,
  files: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>,
  { args = [], releases }: { readonly args?: readonly string[]; readonly releases?: string } = {},
): Promise<Run> {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    if (pathname === "/latest") return new Response(null, { status: 302, headers: { location: `/tag/v${version}` } });
    const file = files[pathname.replace(`/download/v${version}/`, "")];
    return file === undefined ? new Response("Not Found", { status: 404 }) : new Response(file);
  });
  const folder = `${freshFolder("install")}\\a b`;
  const output = await new Deno.Command(shell, {
    args: ["-NoProfile", "-ExecutionPolicy", "Bypass", "-File", SCRIPT, "-Dir", folder, ...args],
    env: { OLAWS_RELEASES_URL: releases ?? `http://127.0.0.1:${server.addr.port}`, GH_TOKEN: "", GITHUB_TOKEN: "" },
    stdin: "null",
  }).output();
  await server.shutdown();
  const said = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code: output.code, said, installed: names(folder), asked, folder };
}

function refused(run: Run, reason: RegExp): void {
  assert.notEqual(run.code, 0, run.said);
  // The lines are broken at the width of a window.
  assert.match(run.said.replace(/\s+/g, " "), reason);
  assert.deepEqual(run.installed, [], run.said);
}

for (const shell of SHELLS) {
  Deno.test({
    name: `install.ps1 in ${shell}: what is not the archive of the release is not installed`,
    ignore,
    async fn() {
      const version = "3.1.4";
      const archive = archiveOf(version);
      // A program, but another one.
      const body = await pack(version, `${Deno.env.get("SystemRoot")}\\System32\\whoami.exe`);
      const sum = await sha256(body);
      const args = ["-Version", version];
      for (
        const [sums, reason] of [
          [`${"0".repeat(64)}  ${archive}\n`, /cannot trust .*its checksum/],
          [`${sum}  x${archive}\n`, /does not name it/],
          [`${sum}  ${archive}\n${sum}  ${archive}\n`, /does not name it once/],
          ["", /does not name it/],
          [`${sum}  ${archive}\n`, /cannot trust the new program/],
        ] as const
      ) refused(await install(shell, version, { SHA256SUMS: sums, [archive]: body }, { args }), reason);
      refused(await install(shell, version, { [archive]: body }, { args }), /404/);
      const odd = await install(shell, version, {}, { args: ["-Version", "..\\evil"] });
      refused(odd, /cannot use the version/);
      const elsewhere = await install(shell, version, {}, { args, releases: "http://example.com/releases" });
      refused(elsewhere, /neither https nor on this machine/);
      assert.deepEqual([odd.asked, elsewhere.asked], [[], []]);
      for (const releases of ["http://127.0.0.1:x@example.com/", "https://github.com:x@example.com/"]) {
        refused(await install(shell, version, {}, { args, releases }), /not a plain address/);
      }
      const inside = "http://127.0.0.1.example.com/releases";
      refused(await install(shell, version, {}, { args, releases: inside }), /neither https nor on this machine/);
    },
  });
}

const built = ignore ? undefined : await builtVersion();
if (!ignore && built === undefined) console.error(`install.ps1 installs nothing in a test: there is no ${NAME}.exe`);

for (const shell of SHELLS) {
  Deno.test({
    name: `install.ps1 in ${shell}: installs the latest release, which is what was built here, and it runs`,
    ignore: built === undefined,
    async fn() {
      const version = built ?? "";
      const body = await pack(version, BUILT);
      const files = { SHA256SUMS: `${await sha256(body)}  ${archiveOf(version)}\r\n`, [archiveOf(version)]: body };
      const run = await install(shell, version, files);
      assert.equal(run.code, 0, run.said);
      assert.deepEqual(run.installed, [`${NAME}.exe`]);
      assert.ok(run.asked.includes("/latest"));
      assert.match(run.said, /The checksum is right\./);
      const { stdout } = await new Deno.Command(`${run.folder}\\${NAME}.exe`, { args: ["--version"] }).output();
      assert.ok(new TextDecoder().decode(stdout).startsWith(`${NAME} ${version} (`));
    },
  });
}

async function builtVersion(): Promise<string | undefined> {
  try {
    const { stdout, success } = await new Deno.Command(BUILT, { args: ["--version"], stdin: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim().split(" ")[1] : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
