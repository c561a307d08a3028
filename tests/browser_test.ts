/** `--browser`, by the whole program with a real browser. */
import assert from "node:assert/strict";
import { type Chromium, findChromium, type LoginPage, soon, startChromium, startLoginPage } from "./chromium.ts";
import { freshFolder, withSimulator } from "./harness.ts";
import { CLOSED_PORT } from "../src/testing.ts";
import { ada, ADMIN, complaint, filesOf, routes, run } from "./runs.ts";
import type { Simulator } from "../simulator/server.ts";

const chromium = Deno.build.os === "windows" ? undefined : findChromium();

const files = {
  ".onelogin/onelogin.aws.json": JSON.stringify({ app_id: "123456", subdomain: "acme", aws_region: "us-east-1" }),
};

interface World {
  readonly simulator: Simulator;
  readonly page: LoginPage;
  readonly browser: Chromium;
  readonly args: readonly string[];
}

type Step = (world: World) => Promise<void>;

Deno.test({
  name: "browser: a passkey, a portal, a key in the file, a closed tab, time up and Ctrl-C, with a real browser",
  ignore: chromium === undefined,
  fn: (test) =>
    withSimulator(ada(), async (simulator) => {
      await using page = startLoginPage(() => simulator.issueAssertion());
      // One for all, since its start takes as long as the rest; who has signed in is forgotten in between.
      await using browser = await startChromium(chromium!, page);
      const world = { simulator, page, browser, args: ["--browser", "--browser-port", String(browser.port)] };
      const step = async (name: string, fn: Step) => {
        await browser.person.command("Storage.clearCookies");
        await test.step(name, () => fn(world));
        assert.deepEqual(page.aws, [], "AWS received something");
        const ofAws = ["AssumeRoleWithSAML", "GetCallerIdentity"];
        assert.deepEqual(routes(simulator).filter((route) => !ofAws.includes(route)), []);
      };
      await step(
        "a passkey gives one role, a live session many, two runs at once and credential-process without a touch",
        passkey,
      );
      await step(
        "credential-process by the key in the file shows what to do, opens no tab for a while after a failure, and one for all",
        byKey,
      );
      await step(
        "a portal whose link opens the app in a new tab; a tab closed, time up, Ctrl-C, the browser closed",
        portalAndEnds,
      );
    }),
});

/** A tab that was asked to close is listed a moment longer. */
async function noTabLeft({ browser }: World): Promise<void> {
  const deadline = Date.now() + 10_000;
  while ((await browser.person.tabs()).some((url) => url.includes("onelogin"))) {
    assert.ok(Date.now() < deadline, String(await browser.person.tabs()));
    await soon();
  }
}

async function passkey(world: World): Promise<void> {
  const { simulator, page, browser, args } = world;
  const home = freshFolder("home");
  const first = run(simulator, { home, args: [...args, ...ADMIN, "--profile", "dev"], files, env: {} });
  await browser.person.touchKey();
  const one = await first;
  assert.equal(one.code, 0, one.stderr);
  assert.match(one.file(".aws/credentials"), /\[dev\]/);
  assert.match(one.stderr, /browser tab/);
  assert.match(one.stderr, /Signed in as ada@example.com/);
  assert.equal(page.signatures(), 1);
  await noTabLeft(world);

  const [many, roles] = await Promise.all([
    run(simulator, { args: [...args, "--all-roles", "--output", "json"], files, env: {} }),
    run(simulator, { args: ["roles", ...args, "--output", "json"], files, env: {} }),
  ]);
  assert.deepEqual([many.code, roles.code], [0, 0], many.stderr + roles.stderr);
  assert.equal(JSON.parse(many.stdout).length, 5);
  assert.equal(JSON.parse(roles.stdout).length, 5);

  const doctor = await run(simulator, { args: ["doctor", ...args, "--verbose"], files, env: {} });
  assert.match(doctor.stdout, new RegExp(`browser: reached on port ${browser.port}`));
  assert.doesNotMatch(doctor.stdout, /client id|onelogin\.com/);

  const process = await run(simulator, {
    args: ["credential-process", ...args, ...ADMIN, "--profile", "other"],
    files,
    env: {},
  });
  assert.deepEqual([process.code, process.stderr], [0, ""]);
  assert.equal(JSON.parse(process.stdout).Version, 1);
  assert.equal(page.signatures(), 1);
  await noTabLeft(world);
}

async function portalAndEnds(world: World): Promise<void> {
  const { simulator, page, browser, args } = world;
  page.portal = true;
  const portal = run(simulator, { args: [...args, ...ADMIN, "--output", "json"], files, env: {} });
  await browser.person.touchKey();
  await browser.person.clickApp();
  const result = await portal;
  assert.equal(result.code, 0, result.stderr);
  await noTabLeft(world);

  const attempt = async (end: () => Promise<unknown>, more: readonly string[] = []) => {
    const going = run(simulator, { args: [...args, ...ADMIN, "--profile", "dev", ...more], files, env: {} });
    await end();
    const failed = await going;
    assert.deepEqual(Object.keys(filesOf(failed)), Object.keys(files));
    return [failed.code, failed.code === 130 ? "" : complaint(failed).error] as const;
  };
  const { launched } = browser.person;
  assert.deepEqual(
    await attempt(async () => browser.person.command("Target.closeTarget", { targetId: await launched() })),
    [4, "cannot sign in with the browser: its tab was closed before the sign-in was complete"],
  );
  assert.deepEqual(await attempt(launched, ["--browser-timeout", "3"]), [
    4,
    "the sign-in in the browser was not completed within 3 seconds",
  ]);
  await noTabLeft(world);
  const interrupted = await run(simulator, {
    args: [...args, ...ADMIN, "--profile", "dev"],
    files,
    env: {},
    stdin: async (live) => {
      await launched();
      live.kill("SIGINT");
    },
  });
  assert.equal(interrupted.code, 130, interrupted.stderr);
  await noTabLeft(world);
  // Its tabs may go a moment before it does.
  const [code, error] = await attempt(async () => (await launched(), await browser.close()));
  assert.equal(code, 4);
  assert.match(
    error,
    /browser.* closed/,
  );
}

async function byKey(world: World): Promise<void> {
  const { simulator, page, browser } = world;
  const home = freshFolder("home");
  const signatures = page.signatures();
  const keyed = {
    ".onelogin/onelogin.aws.json": JSON.stringify({
      ...JSON.parse(files[".onelogin/onelogin.aws.json"]),
      profiles: { dev: { browser: true } },
      browser_port: browser.port,
    }),
  };
  const ask = (more: readonly string[] = [], profile = "dev") =>
    run(simulator, {
      home,
      args: ["credential-process", ...ADMIN, "--profile", profile, ...more],
      files: keyed,
      env: {},
    });
  // Opt-in only: without the key it is as before.
  assert.equal((await ask([], "prod")).code, 8);
  const first = await ask(["--browser-timeout", "4"]);
  assert.equal(first.code, 4, first.stderr);
  assert.match(first.stderr, /^onelogin-aws-assume-role: .*browser tab.*\n/);
  const visits = page.visits.length;
  const again = await ask();
  assert.equal(again.code, 4);
  assert.match(complaint(again).error, /waiting before the next try/);
  assert.equal(page.visits.length, visits);
  await noTabLeft(world);

  // Another home has not failed; three at once wait for one touch.
  const other = freshFolder("home");
  const asking = Array.from({ length: 3 }, () =>
    run(simulator, {
      home: other,
      args: ["credential-process", ...ADMIN, "--profile", "dev"],
      files: keyed,
      env: {},
    }));
  await browser.person.touchKey();
  const done = await Promise.all(asking);
  assert.deepEqual(
    done.map(({ code }) => code),
    [0, 0, 0],
    done.map(({ stderr }) => stderr).join(),
  );
  assert.equal(new Set(done.map(({ stdout }) => JSON.parse(stdout).AccessKeyId)).size, 1);
  assert.equal(page.signatures(), signatures + 1);
  await noTabLeft(world);
}

Deno.test("browser: a key in the working folder starts nothing, and the error names the option", () =>
  withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, {
      args: [...ADMIN, "--no-input"],
      files,
      env: {},
      cwdFiles: {
        "onelogin.aws.json": JSON.stringify({ ...JSON.parse(files[".onelogin/onelogin.aws.json"]), browser: true }),
      },
    });
    assert.equal(result.code, 2, result.stderr);
    assert.deepEqual(complaint(result).hints, ["add --browser"]);
    assert.equal(simulator.requests.length, 0);
  }));

Deno.test("browser: nothing on the port is exit 7 with both ways to start a browser", () =>
  withSimulator(ada(), async (simulator) => {
    const result = await run(simulator, {
      args: [...ADMIN, "--profile", "dev", "--browser-port", String(CLOSED_PORT)],
      files,
      env: { ONELOGIN_BROWSER: "1" },
    });
    assert.equal(result.code, 7, result.stderr);
    const { error, hints } = complaint(result);
    assert.ok(new RegExp(`port ${CLOSED_PORT}\\b`).test(error ?? ""), error);
    assert.match(hints.join("\n"), /chrome:\/\/inspect[^]*--remote-debugging-port=/);
    assert.deepEqual(Object.keys(filesOf(result)), Object.keys(files));
  }));

Deno.test("browser: the command that helps after a failed credential-process has --browser too", () =>
  withSimulator(ada(), async (simulator) => {
    const args = ["credential-process", "--browser", "--browser-port", String(CLOSED_PORT), "--profile", "dev"];
    const result = await run(simulator, { args, files, env: {} });
    assert.equal(result.code, 7, result.stderr);
    assert.equal(complaint(result).hints.at(-1), "run: onelogin-aws-assume-role --profile dev --browser");
  }));
