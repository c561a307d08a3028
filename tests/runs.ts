/** What whole-program tests of the login share: people with this or that second factor, and how a run is looked at. */
import assert from "node:assert/strict";
import { ADA } from "../simulator/demo_world.ts";
import type { Scenario, SimulatedDevice, SimulatedUser, Simulator } from "../simulator/server.ts";
import { defaultFiles, type FileText, freshFolder, type RunOptions, runProgram, type RunResult } from "./harness.ts";

/** Ada with these devices; none means that she has no second factor. */
export function ada(devices: readonly SimulatedDevice[] = [], more: Partial<SimulatedUser> = {}): Partial<Scenario> {
  return { users: [{ ...ADA, devices, ...more }] };
}

/** The mode of a file for its owner alone, as a tree tells it; Windows has none. */
export const PRIVATE_MODE = Deno.build.os === "windows" ? undefined : 0o600;

/** An octal mode as a tree tells it, where the system has modes. */
export function octal(mode: string): string | undefined {
  return Deno.build.os === "windows" ? undefined : mode;
}

/** The line that sets a variable in the shell of this system. */
export const SHELL_LINE = Deno.build.os === "windows" ? /^set "?(\w+)=\S+?"?$/ : /^export (\w+)=\S+$/;

/** The password in the environment, so that a run needs no answer for it. */
export const PASSWORD = { ONELOGIN_PASSWORD: ADA.password } as const;

/** One role of the demo world, chosen by options. */
export const ADMIN = ["--aws-account-id", "123456789012", "--aws-role-name", "Admin"] as const;
export const ADMIN_ARN = "arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com";

/** A run with the demo settings in `~/.onelogin` and the password in the environment, unless stated otherwise. */
export async function run(simulator: Simulator, options: Partial<RunOptions>): Promise<RunResult> {
  return await runProgram({ args: [], files: defaultFiles, env: PASSWORD, simulator, ...options });
}

/** The routes that were asked, in order. */
export function routes(simulator: Simulator): readonly string[] {
  return simulator.requests.map(({ route }) => route);
}

/** The roles that were asked for at STS. */
export function rolesAsked(simulator: Simulator): readonly unknown[] {
  return simulator.to("AssumeRoleWithSAML").map(({ fields }) => fields["RoleArn"]);
}

/** The files under HOME with their text. */
export function filesOf(result: RunResult): Readonly<Record<string, string>> {
  return Object.fromEntries(
    result.tree().filter(({ kind }) => kind === "file").map(({ path, text }) => [path, text]),
  );
}

export function texts(files: Readonly<Record<string, FileText>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files).map(([path, file]) => [path, typeof file === "string" ? file : file.text]),
  );
}

/** The error and hint lines of a failed run, without the program's name. Asserts that there is an error and a hint. */
export function complaint(result: RunResult): { readonly error: string; readonly hints: readonly string[] } {
  const said = (kind: string) =>
    result.stderr.split("\n").filter((line) => line.startsWith(`onelogin-aws-assume-role: ${kind}: `))
      .map((line) => line.slice(`onelogin-aws-assume-role: ${kind}: `.length));
  const errors = said("error");
  const hints = said("hint");
  assert.equal(errors.length, 1, `expected one error line:\n${result.stderr}`);
  assert.ok(hints.length > 0, `expected a hint:\n${result.stderr}`);
  assert.doesNotMatch(errors[0] ?? "", /^(?!OneLogin |AWS )[A-Z][a-z]|\.$/);
  return { error: errors[0] ?? "", hints };
}

/** One section of a credentials file as `key = value` pairs in their order. */
export function section(text: string, profile: string): readonly (readonly [string, string])[] {
  const lines = text.split(/\r?\n/);
  const start = lines.indexOf(`[${profile}]`);
  assert.notEqual(start, -1, `no [${profile}] in:\n${text.replace(/=.*/g, "= …")}`);
  const next = lines.findIndex((line, index) => index > start && line.startsWith("["));
  return lines.slice(start + 1, next < 0 ? undefined : next).flatMap((line) => {
    const [, key, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
}

/** Runs the jobs, at most `width` at a time: the machines that run these tests have few cores. */
export async function together<T>(jobs: readonly (() => Promise<T>)[], width = 3): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, async () => {
    while (next < jobs.length) {
      const index = next++;
      results[index] = await jobs[index]!();
    }
  }));
  return results;
}

/** A fresh folder with a symlink in it: `{ link, target }`, both absolute; the target is made as a folder. */
export function linkedFolder(name: string): { readonly link: string; readonly target: string } {
  const folder = freshFolder(name);
  const target = `${folder}/target`;
  Deno.mkdirSync(target, { mode: 0o700 });
  Deno.symlinkSync(target, `${folder}/link`);
  return { link: `${folder}/link`, target };
}

/** The keys of the `credential_process` protocol, in their order. */
export const PROCESS_KEYS = ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"];
