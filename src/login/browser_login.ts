/** `--browser`: the user signs in with a running browser, and the SAML response is taken from its tab. */

import { Exit, UserError } from "../errors.ts";
import { withTimeLimit } from "../io/concurrency.ts";
import type { Browser, BrowserAnswer, BrowserStep, Platform } from "../io/deps.ts";
import { readReceived } from "../saml/assertion.ts";
import type { Context } from "../settings/context.ts";
import { askApp } from "./identity.ts";
import { checkOutsideLogin } from "./outside_login.ts";
import type { Owner } from "../store/role_credentials.ts";
import type { Login, Session } from "./session.ts";

/** If it takes longer, the user has something to do; milliseconds. */
const ACT_MS = 2000;

const STEPS: Readonly<Record<BrowserStep["step"], string>> = {
  "allow": 'Click "Allow" in your browser',
  "sign-in": "Sign in in the browser tab that opened",
};

/**
 * Signs in with the browser. It posts no password and sends nothing to OneLogin's API.
 *
 * @throws UserError exit 2, 3, 4, 7, 8, or 9 when it belongs to another user or another issuer's login.
 */
export async function browserLogin(
  context: Context,
  session: Session,
): Promise<Login & { readonly session: { readonly owner: Owner } }> {
  const { deps, settings } = context;
  const browser = browserOf(context);
  if (settings.noInput && session.unattended === undefined) {
    throw new UserError("cannot sign in with the browser: --no-input forbids waiting for a user", {
      exit: Exit.input,
      hint: "run without --no-input, or sign in with --cache-saml first and use its assertion",
    });
  }
  const app = await askApp(context);
  const subdomain = app.subdomain.toLowerCase();
  if (!/^[a-z0-9-]{1,63}$/.test(subdomain)) {
    throw new UserError(`cannot sign in with the browser: "${subdomain}" is not a subdomain of onelogin.com`, {
      exit: Exit.usage,
      hint: "if your company has its own sign-in address, sign in there and use --saml-response-stdin",
    });
  }
  const answer = await inBrowser(context, browser, { subdomain, appId: app.appId });
  if (answer.kind !== "response") throw failureOf(answer, browser.port, deps.platform);
  const assertion = await readReceived(answer.base64, deps);
  const owner = await checkOutsideLogin(context, session, assertion, app);
  const { askUser: _asked, ...kept } = session;
  return { session: { ...kept, owner }, assertion };
}

/** The thread that talks to the browser, or why there is none. */
export function browserOf({ deps, settings }: Context): Browser {
  if (deps.browser !== undefined) return deps.browser;
  const { source } = settings.browser;
  throw new UserError(
    source.kind === "file"
      ? `cannot sign in with the browser: "browser" in "${source.path}" is ignored; only the one in ~/.onelogin/onelogin.aws.json counts`
      : "cannot sign in with the browser: it was not started",
    { exit: Exit.usage, hint: "add --browser" },
  );
}

async function inBrowser(
  context: Context,
  browser: Browser,
  app: { readonly subdomain: string; readonly appId: string },
): Promise<BrowserAnswer> {
  const { deps, settings, reporter } = context;
  const ended = new AbortController();
  let progress = reporter.progress(`Asking the browser on port ${browser.port}`);
  const late = new UserError(
    `the sign-in in the browser was not completed within ${settings.browserTimeout} seconds`,
    { exit: Exit.mfa, hint: "run again; to wait longer: --browser-timeout SECONDS", cause: "browser-timeout" },
  );
  const onStep = (step: BrowserStep["step"]) => {
    progress.end();
    progress = reporter.progress(STEPS[step]);
    if (context.prompter.kind !== "none") return;
    // A program that waits for credentials shows what its user has to do, but only if there is something to do.
    deps.clock.sleep(step === "allow" ? 0 : ACT_MS, ended.signal)
      .then(() => deps.terminal.writeErr(`onelogin-aws-assume-role: ${STEPS[step]}\n`), () => {});
  };
  try {
    return await withTimeLimit(
      deps,
      settings.browserTimeout * 1000,
      late,
      (signal) => browser.ask({ kind: "sign-in", ...app }, signal, onStep),
    );
  } finally {
    ended.abort();
    progress.end();
  }
}

function failureOf(answer: Exclude<BrowserAnswer, { kind: "response" }>, port: number, platform: Platform): UserError {
  const failure = (why: string, exit: 2 | 3 | 4 | 7, hint: string | readonly string[]) =>
    new UserError(`cannot sign in with the browser: ${why}`, { exit, hint, cause: `browser-${answer.kind}` });
  switch (answer.kind) {
    case "absent":
      return failure(`nothing listens on port ${port}`, Exit.unavailable, waysToStart(port, platform));
    case "no-browser":
    case "there":
      return failure(`the program on port ${port} is not Chrome, Edge or Chromium`, Exit.unavailable, [
        "choose another port with --browser-port",
        ...waysToStart(port, platform),
      ]);
    case "declined":
      return failure('"Allow remote debugging?" was declined', Exit.mfa, 'run again and click "Allow"');
    case "tab-closed":
      return failure("its tab was closed before the sign-in was complete", Exit.mfa, "run again");
    case "browser-closed":
      return failure("it was closed before the sign-in was complete", Exit.mfa, "start it, then run again");
    case "unreachable":
      return failure(
        `it cannot open OneLogin's page (${answer.why})`,
        Exit.unavailable,
        "check the network and the subdomain",
      );
    case "too-large":
      return failure("the SAML response is larger than 1 MiB", Exit.refused, "too many roles are mapped to this user");
    default:
      return failure(
        "it did not post a SAML response to AWS",
        Exit.refused,
        "check that --onelogin-app-id is an AWS app",
      );
  }
}

/** Two ways to start a reachable browser. */
export function waysToStart(port: number, platform: Platform): readonly string[] {
  const flags = `--remote-debugging-port=${port} --no-first-run`;
  const commands: Readonly<Record<Platform, string>> = {
    linux: `google-chrome --user-data-dir="$HOME/.cache/onelogin-browser" ${flags} about:blank &`,
    darwin:
      `open -na "Google Chrome" --args --user-data-dir="$HOME/Library/Caches/onelogin-browser" ${flags} about:blank`,
    windows: `start chrome --user-data-dir="%LOCALAPPDATA%\\onelogin-browser" ${flags} about:blank`,
  };
  return [
    'with your own browser (Chrome 144 or newer): open chrome://inspect/#remote-debugging and turn on "Allow remote debugging for this browser instance"',
    `or with a separate browser profile: ${commands[platform]}`,
  ];
}
