/** What is different on Windows: drives, network paths, its shell. On other systems there is nothing to look at here. */
import assert from "node:assert/strict";
import { defaultFiles, freshFolder, runProgram, withSimulator } from "./harness.ts";
import { ada, ADMIN, complaint, PASSWORD, run, section } from "./runs.ts";

const options = { ignore: Deno.build.os !== "windows" };
const LOGIN = [...ADMIN, "--no-input"] as const;

Deno.test("windows: a network path anywhere is refused before the sign-in, with what to do", options, async () => {
  await withSimulator(ada(), async (simulator) => {
    const share = "\\\\fs\\home\\ada";
    const cases: readonly (readonly [readonly string[], Readonly<Record<string, string>>, string])[] = [
      [["-f", `${share}\\creds`], {}, "--file"],
      [["-f", "//fs/home/ada/creds"], {}, "--file"],
      [["-f", "\\\\?\\C:\\creds"], {}, "--file"],
      [["-c", share], {}, "--config-file-path"],
      [["-p", "dev"], { AWS_SHARED_CREDENTIALS_FILE: `${share}\\creds` }, "AWS_SHARED_CREDENTIALS_FILE"],
      [["-p", "dev"], { AWS_CONFIG_FILE: `${share}\\config` }, "AWS_CONFIG_FILE"],
      [["-p", "dev"], { USERPROFILE: share }, "USERPROFILE"],
      [["-p", "dev"], { AWS_CA_BUNDLE: `${share}\\ca.pem` }, "AWS_CA_BUNDLE"],
    ];
    for (const [args, env, name] of cases) {
      const result = await run(simulator, { args: [...LOGIN, ...args], env: { ...PASSWORD, ...env } });
      assert.equal(result.code, 2, `${name}: ${result.stderr}`);
      const { error, hints } = complaint(result);
      assert.match(error, /network path/, name);
      assert.ok(`${error} ${hints.join(" ")}`.includes(name), result.stderr);
      assert.ok(!result.stderr.includes("\\\\\\\\"), result.stderr);
    }
    assert.equal(simulator.requests.length, 0);
  });
});

Deno.test(
  "windows: a drive that is not there, or a folder for a file, is an error before the password",
  options,
  async () => {
    await withSimulator(ada(), async (simulator) => {
      const drive = await run(simulator, { args: [...LOGIN, "-f", "Q:\\x\\creds"] });
      assert.equal(drive.code, 2, drive.stderr);
      assert.match(complaint(drive).error, /cannot (write|save credentials in) "Q:\\x\\creds": /);
      const folder = await run(simulator, { args: [...LOGIN, "-f", freshFolder("folder")] });
      assert.equal(folder.code, 2, folder.stderr);
      assert.match(complaint(folder).hints.join("\n"), /--file PATH/);
      const settings = freshFolder("settings");
      Deno.mkdirSync(`${settings}\\onelogin.sdk.json`);
      const config = await run(simulator, { args: [...LOGIN, "-c", settings] });
      assert.equal(config.code, 2, config.stderr);
      assert.match(complaint(config).error, /it is a folder/);
      assert.match(complaint(config).hints.join("\n"), /icacls "[A-Z]:\\[^\\]/);
      assert.equal(simulator.passwordPosts, 0);
    });
  },
);

Deno.test("windows: the home folder counts in any case and with any slashes", options, async () => {
  await withSimulator(ada(), async (simulator) => {
    const home = freshFolder("Home");
    for (const USERPROFILE of [home.toLowerCase(), home.toUpperCase(), home.replaceAll("\\", "/"), `${home}\\`]) {
      const env = { ...PASSWORD, USERPROFILE };
      const result = await run(simulator, { home, args: [...LOGIN, "-p", "dev"], env });
      assert.equal(result.code, 0, result.stderr);
      assert.ok(section(result.file(".aws/credentials"), "dev").length > 5);
    }
  });
});

Deno.test("windows: logins at once lose nothing, and leave no lock file", options, async () => {
  await withSimulator(ada(), async (simulator) => {
    const home = freshFolder("home");
    await runProgram({ home, args: ["status"], files: defaultFiles });
    const names = ["a", "b", "c", "d"];
    const runs = await Promise.all(
      names.map((name) => run(simulator, { home, files: {}, args: [...LOGIN, "-p", name] })),
    );
    for (const { code, stderr } of runs) assert.equal(code, 0, stderr);
    const last = runs[0] ?? assert.fail();
    for (const name of names) assert.ok(section(last.file(".aws/credentials"), name).length > 5, name);
    assert.deepEqual(last.tree().filter(({ path }) => /\.onelogin-(lock|tmp)$/.test(path)), []);
  });
});

Deno.test("windows: cmd takes the lines of --output cmd, and those of the default", options, async () => {
  await withSimulator(ada(), async (simulator) => {
    for (const args of [["--output", "cmd"], []]) {
      const { code, stdout, stderr } = await run(simulator, { args: [...LOGIN, ...args] });
      assert.equal(code, 0, stderr);
      const script = `${freshFolder("cmd")}\\set it.bat`;
      const ask = "@echo [%AWS_ACCESS_KEY_ID%][%AWS_SECRET_ACCESS_KEY%][%AWS_SESSION_TOKEN%][%AWS_REGION%]";
      await Deno.writeTextFile(script, `@echo off\r\n${stdout.replaceAll("\n", "\r\n")}${ask}\r\n`);
      const shell = await new Deno.Command("cmd", { args: ["/d", "/c", script] }).output();
      const said = /\[(\w+)\]\[(.+)\]\[(.+)\]\[([\w-]+)\]/.exec(new TextDecoder().decode(shell.stdout));
      assert.ok(said, "cmd prints the variables");
      const line = (name: string) => new RegExp(`^set "?${name}=(.*?)"?\r?$`, "m").exec(stdout)?.[1];
      const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"];
      assert.deepEqual(said.slice(1), names.map(line));
      assert.equal(said[2], simulator.secrets.findLast(({ kind }) => kind === "secret-key")?.value);
    }
  });
});
