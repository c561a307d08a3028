/** How many requests the program sends. docs/internals/performance.md has the same numbers. */
import assert from "node:assert/strict";
import { ADA, manyRoles, PROTECT } from "../simulator/demo_world.ts";
import { simulatedHttp } from "../simulator/in_process.ts";
import { type Scenario, simulate, type Simulator } from "../simulator/server.ts";
import { readCommandLine } from "../src/argv/parse.ts";
import { run as runInProcess } from "../src/commands/run.ts";
import { fakeClock, fakeDeps, fakeFiles, fakeTerminal } from "../src/testing.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { ada, ADMIN, PASSWORD, run } from "./runs.ts";

/** The requests by route, and how often a connection was opened ahead. */
function counts(routes: readonly string[], openings: number): Readonly<Record<string, number>> {
  const each = Map.groupBy(routes, (route) => route);
  return { ...Object.fromEntries([...each].map(([route, all]) => [route, all.length])), open: openings };
}

async function afterRun(scenario: Partial<Scenario>, args: readonly string[]) {
  let found: Readonly<Record<string, number>> = {};
  await withSimulator(scenario, async (simulator: Simulator) => {
    const { code, stderr } = await run(simulator, { args: ["--no-input", ...args] });
    assert.equal(code, 0, stderr);
    found = counts(simulator.requests.map(({ route }) => route), simulator.openings.length);
  });
  return found;
}

Deno.test("requests: a login is three and a connection opened ahead; a push adds two if it is approved at once", async () => {
  const three = { token: 1, assertion: 1, AssumeRoleWithSAML: 1, open: 1 };
  assert.deepEqual(await afterRun(ada(), [...ADMIN, "--output", "json"]), three);
  const push = { ...ada([PROTECT]), push: { approveAfterPolls: 1 } };
  const { "otp-devices": _, ...approved } = await afterRun(push, [...ADMIN, "--output", "json"]);
  assert.deepEqual(approved, { ...three, "verify-factor": 2 });
});

Deno.test("requests: ten profiles in the morning are one login and ten requests to AWS", async () => {
  const found = await afterRun({ ...ada(), roles: manyRoles(10) }, ["--all-roles", "--profile-template", "{role}"]);
  assert.deepEqual(found, { token: 1, assertion: 1, AssumeRoleWithSAML: 10, open: 1 });
});

Deno.test("requests: roles asks AWS for nothing", async () => {
  assert.deepEqual(await afterRun(ada(), ["roles"]), { token: 1, assertion: 1, open: 0 });
});

Deno.test("requests: eight hours of credential-process, called once a minute, are eleven logins", async () => {
  const clock = fakeClock();
  const http = simulatedHttp(clock, { ...simulate().scenario, users: [{ ...ADA, devices: [] }] });
  const files = fakeFiles(
    Object.fromEntries(Object.entries(defaultFiles).map(([path, text]) => [`/home/ada/${path}`, String(text)])),
  );
  const call = async () => {
    const terminal = fakeTerminal();
    const commandLine = readCommandLine(["credential-process", "--profile", "dev", ...ADMIN]);
    const deps = fakeDeps({ commandLine, env: { HOME: "/home/ada", ...PASSWORD }, clock, http, files, terminal });
    assert.equal(await runInProcess(deps), 0, terminal.err);
    assert.equal(JSON.parse(terminal.out).Version, 1);
  };
  for (let minute = 0; minute < 8 * 60; minute++) {
    await call();
    clock.at += 60_000;
  }
  assert.deepEqual(counts(http.routes(), http.openings.length), {
    token: 11,
    assertion: 11,
    AssumeRoleWithSAML: 11,
    open: 11,
  });
});
