/** `--browser`, by the whole program with a real browser. */
import assert from "node:assert/strict";
import { type Chromium, findChromium, type LoginPage, startChromium, startLoginPage } from "./chromium.ts";
import { freshFolder, withSimulator } from "./harness.ts";
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

async function withBrowser(fn: (world: World) => Promise<void>): Promise<void> {
  await withSimulator(ada(), async (simulator) => {
    await using page = startLoginPage(() => simulator.issueAssertion());
    await using browser = await startChromium(chromium!, page);
    await fn({ simulator, page, browser, args: ["--browser", "--browser-port", String(browser.port)] });
    assert.deepEqual(page.aws, [], "AWS received something");
    assert.deepEqual(routes(simulator).filter((route) => route !== "AssumeRoleWithSAML"), []);
  });
}

/** A tab that was told to close is listed a moment longer. */
async function noTabLeft({ browser }: World): Promise<void> {
  const deadline = Date.now() + 3000;
  while ((await browser.person.tabs()).some((url) => url.includes("onelogin"))) {
    assert.ok(Date.now() < deadline, String(await browser.person.tabs()));
  }
}

Deno.test({
  name:
    "browser: a passkey gives one role, a live session many, two runs at once and credential-process without a touch",
  ignore: chromium === undefined,
  fn: () =>
    withBrowser(async (world) => {
      const { simulator, page, browser, args } = world;
      const home = freshFolder("home");
      const first = run(simulator, { home, args: [...args, ...ADMIN, "--profile", "dev"], files, env: {} });
      await browser.person.touchKey();
      const one = await first;
      assert.equal(one.code, 0, one.stderr);
      assert.match(one.file(".aws/credentials"), /\[dev\]/);
      assert.match(one.stderr, /Sign in in the browser tab that opened/);
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

      const process = await run(simulator, {
        args: ["credential-process", ...args, ...ADMIN, "--profile", "other"],
        files,
        env: {},
      });
      assert.deepEqual([process.code, process.stderr], [0, ""]);
      assert.equal(JSON.parse(process.stdout).Version, 1);
      assert.equal(page.signatures(), 1);
      await noTabLeft(world);
    }),
});

Deno.test({
  name: "browser: a portal whose link opens the app in a new tab; a tab closed, time up, Ctrl-C, the browser closed",
  ignore: chromium === undefined,
  fn: () =>
    withBrowser(async (world) => {
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
        /^cannot sign in with the browser: (?:it|its tab) was closed before the sign-in was complete$/,
      );
    }),
});
