import assert from "node:assert/strict";
import type { Deps } from "../io/deps.ts";
import { simulatedHttp } from "../../simulator/in_process.ts";
import { fakeClock, fakeDeps, fakeFiles, fakeTerminal } from "../testing.ts";
import { readCommandLine } from "../argv/parse.ts";
import { run } from "./run.ts";

const SDK = "/home/ada/.onelogin/onelogin.sdk.json";
const AWS = "/home/ada/.onelogin/onelogin.aws.json";
const ENV = { HOME: "/home/ada", ONELOGIN_PASSWORD: "right" };
const FILES = {
  [SDK]: JSON.stringify({ client_id: "id", client_secret: "hush", region: "us" }),
  [AWS]: JSON.stringify({ app_id: "1", subdomain: "acme", username: "ada", aws_region: "us-east-1" }),
};

/** Runs the program in a world of fakes. */
async function program(
  args: readonly string[],
  parts: Partial<Deps> & { readonly lines?: readonly string[] } = {},
) {
  const clock = fakeClock();
  const terminal = fakeTerminal(parts.lines);
  const http = simulatedHttp(clock, { clientId: "id", clientSecret: "hush", apps: [{ id: "1" }] });
  const files = fakeFiles(FILES);
  const { lines: _lines, ...deps } = parts;
  const code = await run(
    fakeDeps({ commandLine: readCommandLine(args), env: ENV, clock, terminal, http, files, ...deps }),
  );
  return { code, out: terminal.out, err: terminal.err, log: http.log, files };
}

Deno.test("run() answers --help and --version on stdout, without files and without a request", async () => {
  for (
    const [args, expected] of [[["--help"], /--aws-role-name/], [["-h"], /--aws-role-name/], [
      ["--version"],
      /^onelogin-aws-assume-role \d+\./,
    ]] as const
  ) {
    const { code, out, err, log } = await program(args, { files: fakeFiles(), env: {} });
    assert.deepEqual([code, err, log.length], [0, "", 0]);
    assert.match(out, expected);
  }
});

Deno.test("run() logs in and gives the credentials on stdout, everything else on stderr", async () => {
  const { code, out, err } = await program(["--aws-account-id", "123456789012", "--no-input"]);
  assert.equal(code, 0, err);
  assert.match(out, /^(export \w+=\S+\n){6}$/);
  assert.doesNotMatch(err, /export|wJalr|right|hush/);
});

Deno.test("run() prints an error with the program's name, its hints below, and gives the error's exit code", async () => {
  const { code, out, err } = await program(["--nope"]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^onelogin-aws-assume-role: error: .*"--nope".*\nonelogin-aws-assume-role: hint: .*\n$/);
});

Deno.test("run() treats any other error as a bug: exit 1, and reports it", async () => {
  const http = { open() {}, send: () => Promise.reject(new TypeError("cannot read properties of undefined")) };
  const { code, out, err } = await program(["--no-input"], { http });
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /error: this is a bug/);
});

Deno.test("run() gives 130, 129 or 143 when it is interrupted, and prints nothing", async () => {
  const { Interrupted } = await import("../errors.ts");
  for (const code of [130, 129, 143] as const) {
    const controller = new AbortController();
    controller.abort(new Interrupted(code));
    const result = await program(["--no-input"], { signal: controller.signal });
    assert.equal(result.code, code);
    assert.doesNotMatch(result.err, /error:/);
  }
});

Deno.test("run() asks nothing with --no-input, and sends no request when an answer is missing", async () => {
  const { code, err, log } = await program(["--no-input"], { env: { HOME: "/home/ada" } });
  assert.deepEqual([code, log.length], [8, 0]);
  assert.match(err, /hint: use --onelogin-password-stdin or ONELOGIN_PASSWORD/);
});

Deno.test("run() reads answers from a pipe line by line when stdin is no terminal", async () => {
  const { code, err, log } = await program([], { env: { HOME: "/home/ada" }, lines: ["right", "1"] });
  assert.equal(code, 0, err);
  assert.equal(log.at(-1)?.fields["RoleArn"], "arn:aws:iam::210987654321:role/Dev");
});

Deno.test("run() will not start while the keys of its connections would be logged", async () => {
  const { code, log } = await program(["--no-input"], { env: { ...ENV, SSLKEYLOGFILE: "/tmp/keys" } });
  assert.deepEqual([code, log.length], [9, 0]);
});

Deno.test("run() prints set lines on Windows, finds USERPROFILE, and writes paths with backslashes", async () => {
  const files = fakeFiles({
    "C:\\Users\\Ada\\.onelogin\\onelogin.sdk.json": FILES[SDK] ?? "",
    "C:\\Users\\Ada\\.onelogin\\onelogin.aws.json": FILES[AWS] ?? "",
  });
  const windows = {
    platform: "windows",
    cwd: "C:\\work",
    env: { USERPROFILE: "C:\\Users\\Ada", ONELOGIN_PASSWORD: "right" },
    files,
  } as const;
  const args = ["--no-input", "--aws-account-id", "123456789012"];
  const lines = await program(args, windows);
  assert.equal(lines.code, 0, lines.err);
  assert.match(lines.out, /^(set \w+=\S+\r?\n){6}$/);
  const saved = await program([...args, "-p", "dev"], windows);
  assert.equal(saved.code, 0, saved.err);
  assert.match(files.contents.get("C:\\Users\\Ada\\.aws\\credentials") ?? "", /^\[dev\]\r?\naws_access_key_id = /m);
  assert.match(saved.err, /located at C:\\Users\\Ada\\\.aws\\credentials/);
});
