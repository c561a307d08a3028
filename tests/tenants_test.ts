/**
 * Two OneLogin accounts on one computer, one folder each: neither gets anything of the other, although user, app id and
 * profile have the same names and both use the same host.
 */
import assert from "node:assert/strict";
import { ADA, DEMO_SCENARIO, role } from "../simulator/demo_world.ts";
import { type Simulator, startSimulator } from "../simulator/server.ts";
import { freshFolder, runProgram } from "./harness.ts";

const SECOND = "second horse battery staple";
const ACCOUNT = { acme: "111111111111", initech: "222222222222" } as const;
type Tenant = keyof typeof ACCOUNT;

const files = Object.fromEntries((["acme", "initech"] as const).flatMap((tenant) => [
  [
    `.onelogin/${tenant}/onelogin.sdk.json`,
    JSON.stringify({ client_id: DEMO_SCENARIO.clientId, client_secret: DEMO_SCENARIO.clientSecret }),
  ],
  [`.onelogin/${tenant}/onelogin.aws.json`, JSON.stringify({ username: ADA.email })],
  [
    `.onelogin/${tenant}/team.json`,
    JSON.stringify({ subdomain: tenant, app_id: DEMO_SCENARIO.apps[0]?.id, aws_region: "us-east-1" }),
  ],
]));

/** The services of one account. Both answer at the same address, one after the other. */
function services(tenant: Tenant, port?: number): Promise<Simulator> {
  const user = { ...ADA, devices: [], ...tenant === "initech" ? { password: SECOND } : {} };
  return startSimulator(
    { subdomain: tenant, users: [user], roles: [role(ACCOUNT[tenant], "Admin")] },
    port === undefined ? {} : { port },
  );
}

function account(stdout: string): string {
  return JSON.parse(stdout).AccountId;
}

Deno.test("tenants: two accounts in two folders of one home share no credentials, no assertion and no refusals", async () => {
  const home = freshFolder("home");
  const cwd = freshFolder("cwd");
  let put = false;
  const run = (simulator: Simulator, tenant: Tenant, args: readonly string[], password?: string) => {
    const start = put ? {} : { files };
    put = true;
    return runProgram({
      args: [...args, "-c", `~/.onelogin/${tenant}`],
      home,
      cwd,
      ...start,
      simulator,
      env: password === undefined ? {} : { ONELOGIN_PASSWORD: password },
      allow: {
        files: { [`.onelogin/acme/`]: ["client-secret"], [`.onelogin/initech/`]: ["client-secret"] },
        ...args[0] === "credential-process" ? { stdout: ["secret-key", "session-token"] } : {},
      },
    });
  };
  const process = ["credential-process", "--profile", "dev"];
  const login = ["--profile", "dev", "--no-input", "--cache-saml"];
  let port: number;
  {
    await using acme = await services("acme");
    port = Number(new URL(acme.url).port);
    const done = await run(acme, "acme", login, ADA.password);
    assert.equal(done.code, 0, done.stderr);
    const served = await run(acme, "acme", process);
    assert.equal(account(served.stdout), ACCOUNT.acme, served.stderr);
    // The password of the other account.
    const refused = await run(acme, "acme", ["--profile", "dev", "--no-input"], SECOND);
    assert.equal(refused.code, 3, refused.stderr);
    assert.deepEqual(acme.unexpected, []);
  }
  {
    await using initech = await services("initech", port);
    const before = await run(initech, "initech", process);
    assert.equal(before.code, 8, before.stderr);
    assert.equal(before.stdout, "");
    const requested = await run(initech, "initech", ["roles", "--cache-saml", "--no-input"]);
    assert.equal(requested.code, 8, "the assertion of the other account is not used");
    // What the other account refused is right here, and sent once.
    const done = await run(initech, "initech", login, SECOND);
    assert.equal(done.code, 0, done.stderr);
    assert.equal(initech.passwordPosts, 1);
    const served = await run(initech, "initech", process);
    assert.equal(account(served.stdout), ACCOUNT.initech, served.stderr);
    const other = await run(initech, "acme", process);
    assert.equal(account(other.stdout), ACCOUNT.acme, other.stderr);
    assert.equal(initech.passwordPosts, 1);
    assert.deepEqual(initech.unexpected, []);
  }
  {
    await using acme = await services("acme", port);
    const known = await run(acme, "acme", ["--profile", "dev", "--no-input"], SECOND);
    assert.equal(known.code, 9, "the refusal is still known");
    assert.equal(acme.passwordPosts, 0);
  }
});
