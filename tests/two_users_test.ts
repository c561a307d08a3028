/**
 * Two users of one machine, with the compiled program: one runs it, the other attacks. Only root can make the users, and
 * a program run from source lies where they may not read it.
 */
import assert from "node:assert/strict";
import { ACCOUNTS, ADA as PERSON, role } from "../simulator/demo_world.ts";
import { LOCK_SUFFIX, TEMP_SUFFIX } from "../src/io/paths.ts";
import { defaultFiles, freshFolder, runProgram, type RunResult, withSimulator } from "./harness.ts";
import type { Simulator } from "../simulator/server.ts";

const ADA = 41001;
const EVE = 41002;
const binary = Deno.env.get("OLAWS_BIN");

/** Undefined where two users cannot be had, which is reported. */
const program = await setUp();

async function setUp(): Promise<string | undefined> {
  const why = Deno.build.os === "windows"
    ? "Windows has other permissions"
    : !binary
    ? "OLAWS_BIN names no compiled program"
    : Deno.uid() !== 0
    ? "only root can run a program as two users"
    : undefined;
  if (why !== undefined) {
    console.log(`      two users: skipped, ${why}`);
    return undefined;
  }
  const folder = freshFolder("bin");
  const copy = `${folder}/program`;
  await Deno.copyFile(binary ?? "", copy);
  await Deno.chmod(copy, 0o755);
  for (let at = folder; at !== "/tmp" && at !== "/"; at = at.slice(0, at.lastIndexOf("/")) || "/") {
    await Deno.chmod(at, 0o755);
  }
  return (await as(ADA, ["true"]).output().catch(() => undefined))?.success ? copy : undefined;
}

function as(user: number, [command = "", ...args]: readonly string[]): Deno.Command {
  return new Deno.Command("setpriv", {
    args: [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", command, ...args],
    stdout: "piped",
  });
}

interface World {
  readonly home: string;
  readonly simulator: Simulator;
  readonly login: (user: number, args: readonly string[]) => Promise<RunResult>;
}

/** A home of Ada's with her settings, and a way to log in as anybody. */
async function inHome(work: (world: World) => Promise<void>): Promise<void> {
  await withSimulator(
    { users: [{ ...PERSON, devices: [] }], roles: [role(ACCOUNTS.dev, "Admin")] },
    async (simulator) => {
      const home = freshFolder("ada");
      await Deno.mkdir(`${home}/.aws`);
      await Deno.mkdir(`${home}/.onelogin`);
      for (const [path, text] of Object.entries(defaultFiles)) {
        await Deno.writeTextFile(`${home}/${path}`, typeof text === "string" ? text : text.text, { mode: 0o600 });
      }
      await give(ADA, home);
      await work({
        home,
        simulator,
        login: (user, args) =>
          runProgram({
            args,
            home,
            cwd: home,
            simulator,
            env: { ONELOGIN_PASSWORD: PERSON.password },
            program: ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", program ?? ""],
            allow: { files: { ".aws/": ["secret-key", "session-token"], "shared/": ["secret-key", "session-token"] } },
          }),
      });
    },
  );
}

async function give(user: number, path: string): Promise<void> {
  await new Deno.Command("chown", { args: ["-Rh", `${user}:${user}`, path] }).output();
}

const ignore = program === undefined;
const posts = (simulator: Simulator) => simulator.requests.filter(({ path }) => path.includes("saml_assertion")).length;

Deno.test(
  "two users: a file, folder or link of Eve's is refused before Ada's password is sent",
  { ignore },
  async () => {
    await inHome(async ({ home, simulator, login }) => {
      await Deno.mkdir(`${home}/shared`, { mode: 0o700 });
      await Deno.chmod(`${home}/shared`, 0o777);
      await give(ADA, `${home}/shared`);
      await Deno.mkdir(`${home}/eves`);
      await Deno.chmod(`${home}/eves`, 0o777);
      await give(EVE, `${home}/eves`);
      await Deno.writeTextFile(`${home}/hers`, "");
      await Deno.chmod(`${home}/hers`, 0o666);
      await give(EVE, `${home}/hers`);
      await Deno.symlink(`${home}/.aws/other`, `${home}/link`);
      await give(EVE, `${home}/link`);
      const cases: readonly (readonly [string, RegExp])[] = [
        [`${home}/hers`, /the file ".*\/hers" belongs to another user \(user id 41002\)/],
        [`${home}/link`, /the symlink ".*\/link" belongs to another user/],
        [`${home}/eves/creds`, /the folder ".*\/eves" belongs to another user/],
        [`${home}/shared/creds`, /other users .*".*\/shared"/],
      ];
      for (const [file, pattern] of cases) {
        const { code, stderr } = await login(ADA, ["-p", "dev", "-f", file]);
        assert.match(stderr, pattern);
        assert.equal(code, 2, stderr);
        assert.equal(posts(simulator), 0);
      }
    });
  },
);

Deno.test(
  "two users: Ada's own file with bits for others is hers alone before the keys are in it",
  { ignore },
  async () => {
    await inHome(async ({ home, login }) => {
      await Deno.writeTextFile(`${home}/.aws/credentials`, "[other]\nregion = x\n");
      await give(ADA, `${home}/.aws/credentials`);
      await Deno.chmod(`${home}/.aws/credentials`, 0o666);
      // Eve reads in a loop what she can.
      await Deno.chmod(home, 0o755);
      await Deno.chmod(`${home}/.aws`, 0o755);
      const files = `"${home}/.aws/credentials" "${home}/.aws/credentials.onelogin-tmp"`;
      const eve = as(EVE, [
        "sh",
        "-c",
        `while [ -d "${home}" ] && [ ! -e "${home}/stop" ]; do cat ${files}; done 2>/dev/null`,
      ]).spawn();
      const seen = new Response(eve.stdout).text();
      const { code, stderr } = await login(ADA, ["-p", "dev"]);
      await Deno.writeTextFile(`${home}/stop`, "");
      await eve.status;
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /other users could access ".*credentials" \(mode 666\); changed it to mode 600/,
      );
      assert.match(await seen, /\[other\]/, "Eve could read the old file");
      assert.doesNotMatch(await seen, /aws_secret_access_key/);
      assert.equal((await Deno.stat(`${home}/.aws/credentials`)).mode! & 0o777, 0o600);
    });
  },
);

Deno.test("two users: while Eve swaps links, root gives no file away and opens none", { ignore }, async () => {
  await inHome(async ({ home, simulator }) => {
    const secret = `${freshFolder("root")}/key`;
    await Deno.writeTextFile(secret, "PRIVATE KEY\n", { mode: 0o600 });
    const file = `${home}/.aws/credentials`;
    // The home is the attacker's here: she runs as its owner and waits for a run as root.
    const swap = (suffix: string) => `ln -sfn "${secret}" "${file}${suffix}"; rm -f "${file}${suffix}"`;
    const loop = `while [ -d "${home}" ] && [ ! -e "${home}/stop" ]; do ${swap(TEMP_SUFFIX)}; ${
      swap(LOCK_SUFFIX)
    }; done 2>/dev/null`;
    const eve = as(ADA, ["sh", "-c", loop]).spawn();
    eve.stdout.cancel();
    const ends: number[] = [];
    for (let run = 0; run < 12; run++) {
      // It may be a link of hers by now, within what is hers: the test must not follow it either.
      await Deno.remove(file).catch(() => {});
      await Deno.writeTextFile(file, `[other]\nregion = x${run}\n`, { createNew: true });
      await give(ADA, file);
      await Deno.chmod(file, 0o666);
      const root = new Deno.Command(program ?? "", {
        args: ["-p", "dev"],
        env: { HOME: home, ONELOGIN_PASSWORD: PERSON.password, ...simulator.env },
        clearEnv: true,
        cwd: home,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      });
      ends.push((await root.output()).code);
      const { uid, mode } = await Deno.lstat(secret);
      assert.deepEqual([uid, (mode ?? 0) & 0o777], [0, 0o600], `run ${run}`);
      assert.equal(await Deno.readTextFile(secret), "PRIVATE KEY\n");
    }
    await Deno.writeTextFile(`${home}/stop`, "");
    await eve.status;
    assert.ok(ends.every((code) => [0, 2, 9].includes(code)), ends.join());
  });
});

Deno.test("two users: what root writes in Ada's home is Ada's, and Ada can continue", { ignore }, async () => {
  await inHome(async ({ home, login }) => {
    const first = await login(0, ["-p", "dev"]);
    assert.equal(first.code, 0, first.stderr);
    for (const { path } of first.tree()) assert.equal((await Deno.lstat(`${home}/${path}`)).uid, ADA, path);
    const second = await login(ADA, ["-p", "dev"]);
    assert.equal(second.code, 0, second.stderr);
  });
});

Deno.test("two users: a lock that root left is named, with the way to remove it", { ignore }, async () => {
  await inHome(async ({ home, login }) => {
    const lock = `${home}/.aws/credentials.onelogin-lock`;
    await Deno.writeTextFile(lock, "", { mode: 0o600 });
    const { code, stderr } = await login(ADA, ["-p", "dev"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /the lock ".*credentials\.onelogin-lock" belongs to another user \(user id 0\)/);
    assert.match(stderr, /hint: .*rm ".*credentials\.onelogin-lock"/);
  });
});

Deno.test(
  "two users: settings that Eve put into Ada's working folder send no password anywhere",
  { ignore },
  async () => {
    await inHome(async ({ home, simulator }) => {
      const cwd = freshFolder("repository");
      const evil = { client_id: "e", client_secret: "e", region: "us" };
      await Deno.writeTextFile(`${cwd}/onelogin.sdk.json`, JSON.stringify(evil));
      await Deno.writeTextFile(`${cwd}/onelogin.aws.json`, JSON.stringify({ subdomain: "eve", app_id: "1" }));
      await give(EVE, cwd);
      await Deno.chmod(cwd, 0o755);
      const run = (...args: string[]) =>
        runProgram({
          args,
          home,
          cwd,
          simulator,
          env: { ONELOGIN_PASSWORD: PERSON.password },
          program: ["setpriv", `--reuid=${ADA}`, `--regid=${ADA}`, "--clear-groups", program ?? ""],
        });
      const login = await run("--no-input");
      assert.equal(login.code, 2, login.stderr);
      assert.match(
        login.stderr,
        /will not use ".*onelogin\.sdk\.json" in the working directory: the folder belongs to/,
      );
      assert.match(login.stderr, /hint: if you trust it, add: -c \.\n/);
      const process = await run("credential-process", "--profile", "dev", "--verbose");
      assert.doesNotMatch(process.stderr + process.stdout, /eve/);
      assert.ok(
        !simulator.requests.some((request) => JSON.stringify(request).includes("eve")),
        "the other tenant was asked",
      );
    });
  },
);

Deno.test(
  "two users: Ada uses a team file that root placed, cannot replace it, and uses none of Eve's",
  { ignore },
  async () => {
    await inHome(async ({ home, simulator, login }) => {
      const path = `${home}/.onelogin/team.json`;
      await Deno.writeTextFile(path, '{"profiles": {"dev": {"aws_role_name": "Admin"}}}', { mode: 0o644 });
      const used = await login(ADA, ["--profile", "dev", "--no-input", "--verbose"]);
      assert.equal(used.code, 0, used.stderr);
      assert.match(used.stderr, /AWS role: Admin \(from "profiles\.dev\.aws_role_name" in ".*team\.json"\)/);
      const imported = await runProgram({
        args: ["configure", "--import"],
        home,
        cwd: home,
        simulator,
        stdin: "{}",
        program: ["setpriv", `--reuid=${ADA}`, `--regid=${ADA}`, "--clear-groups", program ?? ""],
        allow: { files: { ".aws/": ["secret-key", "session-token"] } },
      });
      assert.equal(imported.code, 2, imported.stderr);
      assert.match(imported.stderr, /will not replace ".*team\.json": it belongs to root/);
      await Deno.chown(path, EVE, EVE);
      const refused = await login(ADA, ["--profile", "dev", "--no-input"]);
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, /will not use ".*team\.json": the file belongs to another user/);
    });
  },
);
