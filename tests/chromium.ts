/**
 * A real browser for the tests of `--browser`: Debian's chromium without a window, a stand-in for OneLogin's login page that
 * checks the signature of a passkey, one for AWS that must receive nothing, and a person who touches the key.
 */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, verify, X509Certificate } from "node:crypto";
import { freshFolder } from "./harness.ts";

const TLS = new URL("./fixtures/tls/", import.meta.url);

/** The path of a chromium, or undefined; reports it on stderr. */
export function findChromium(): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const folder of folders) {
      try {
        if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
      } catch { /* not there */ }
    }
  }
  console.error("tests with a browser are skipped: there is no chromium (apt-get install chromium)");
  return undefined;
}

export interface LoginPage {
  readonly port: number;
  /** What OneLogin's page was asked for, in order. */
  readonly visits: readonly string[];
  /** What AWS received: nothing, if all is well. */
  readonly aws: readonly string[];
  /** How many signatures of the passkey were right. */
  readonly signatures: () => number;
  readonly passkey: Passkey;
  /** The launch address shows a portal instead, whose link opens the app in a new tab. */
  portal: boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Passkey {
  readonly id: string;
  /** PKCS #8, base64. */
  readonly privateKey: string;
}

/** Serves `https://acme.onelogin.com` and `https://signin.aws.amazon.com`; `response` is what the app posts to AWS. */
export function startLoginPage(response: () => string): LoginPage {
  const visits: string[] = [];
  const aws: string[] = [];
  let signatures = 0;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const passkey = {
    id: btoa("a passkey of Ada"),
    privateKey: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
  };
  const html = (body: string, headers: Record<string, string> = {}) =>
    new Response(`<!DOCTYPE html><meta charset=utf-8><title>OneLogin</title>${STYLE}<main>${body}</main>`, {
      headers: { "content-type": "text/html", ...headers },
    });
  const form = (headers: Record<string, string> = {}) =>
    html(
      `<form method=post action="https://signin.aws.amazon.com/saml"><input type=hidden name=RelayState value="">` +
        `<input type=hidden name=SAMLResponse value="${response()}"></form><script>document.forms[0].submit()</script>`,
      headers,
    );
  const state = { portal: false };
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: Deno.readTextFileSync(new URL("localhost.pem", TLS)),
    key: Deno.readTextFileSync(new URL("localhost_key.pem", TLS)),
    onListen() {},
  }, async (request) => {
    const { hostname, pathname } = new URL(request.url);
    if (hostname !== "acme.onelogin.com") {
      aws.push(`${request.method} ${hostname}${pathname}`);
      return new Response("AWS");
    }
    if (pathname === "/favicon.ico") return new Response(null, { status: 404 });
    visits.push(`${request.method} ${pathname}`);
    const signedIn = request.headers.get("cookie")?.includes("session=ada") ?? false;
    if (pathname === "/passkey") {
      const { authenticatorData, clientDataJSON, signature } = await request.json();
      const bytes = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      const client = JSON.parse(new TextDecoder().decode(bytes(clientDataJSON)));
      const signed = new Uint8Array([
        ...bytes(authenticatorData),
        ...createHash("sha256").update(bytes(clientDataJSON)).digest(),
      ]);
      const good = client.origin === "https://acme.onelogin.com" &&
        client.challenge === btoa(CHALLENGE).replace(/=+$/, "") &&
        verify("sha256", signed, publicKey, bytes(signature));
      if (good) signatures++;
      return new Response(null, good ? { headers: { "set-cookie": "session=ada; Secure; Path=/" } } : { status: 403 });
    }
    if (!signedIn) return html(LOGIN);
    if (state.portal && pathname.startsWith("/launch/")) {
      return html(`<h1>Your apps</h1><a id=app href="/app" target=_blank rel=noopener>AWS</a>`);
    }
    return form();
  });
  return {
    port: server.addr.port,
    visits,
    aws,
    signatures: () => signatures,
    passkey,
    set portal(on: boolean) {
      state.portal = on;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const CHALLENGE = "sixteen bytes 16";
const STYLE = `<style>body{font:16px system-ui;background:#eef1f4;display:grid;place-items:center;height:90vh}
main{background:#fff;padding:3em 4em;border-radius:8px;box-shadow:0 2px 12px #0002}
button{font:inherit;padding:.7em 2em;border:0;border-radius:4px;background:#1c64f2;color:#fff}</style>`;
const LOGIN = `<h1>acme</h1><p>Sign in as ada@example.com</p><button onclick="login()">Use your passkey</button><script>
async function login() {
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const { response } = await navigator.credentials.get({ publicKey: {
    challenge: new TextEncoder().encode(${
  JSON.stringify(CHALLENGE)
}), rpId: "onelogin.com", userVerification: "required" } });
  const { authenticatorData, clientDataJSON, signature } = response;
  const body = JSON.stringify({ authenticatorData: text(authenticatorData), clientDataJSON: text(clientDataJSON), signature: text(signature) });
  const { ok } = await fetch("/passkey", { method: "POST", body });
  if (ok) location.reload();
}</script>`;

export interface Chromium {
  readonly port: number;
  readonly person: Person;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a chromium of its own that takes the two hosts for the page's port. */
export async function startChromium(path: string, page: LoginPage): Promise<Chromium> {
  const profile = freshFolder("chromium");
  const { publicKey } = new X509Certificate(Deno.readTextFileSync(new URL("localhost.pem", TLS)));
  const spki = createHash("sha256").update(publicKey.export({ type: "spki", format: "der" })).digest("base64");
  const child = new Deno.Command(path, {
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-extensions",
      "--disable-sync",
      "--no-proxy-server",
      "--window-size=900,600",
      `--user-data-dir=${profile}`,
      // A free one: a port that is chosen here could meanwhile go to another test.
      "--remote-debugging-port=0",
      `--host-resolver-rules=MAP acme.onelogin.com 127.0.0.1:${page.port},MAP signin.aws.amazon.com 127.0.0.1:${page.port}`,
      `--ignore-certificate-errors-spki-list=${spki}`,
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const deadline = Date.now() + 20_000;
  let found: RegExpMatchArray | null = null;
  while (found === null) {
    assert.ok(Date.now() < deadline, "the browser does not start");
    found = (await Deno.readTextFile(`${profile}/DevToolsActivePort`).catch(() => "")).match(/^(\d+)\n(\/.+)/);
    if (found === null) await soon();
  }
  const port = Number(found[1]);
  const person = await openPerson(`ws://127.0.0.1:${port}${found[2]}`, page);
  const close = async () => {
    await person.command("Browser.close").catch(() => {});
    await child.status;
  };
  let closed: Promise<void> | undefined;
  return {
    port,
    person,
    close: () => closed ??= close(),
    [Symbol.asyncDispose]: () => closed ??= close(),
  };
}

/** Between two looks at a browser, which is busy when it answers each of them. */
export function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

interface Person {
  command(method: string, params?: unknown, sessionId?: string): Promise<any>;
  /** Waits for a tab on this address and returns its target id. */
  tab(start: string): Promise<string>;
  tabs(): Promise<readonly string[]>;
  /** Waits for a whole page on the launch address and returns its target id. */
  launched(): Promise<string>;
  /** Touches the key on the login page. */
  touchKey(): Promise<void>;
  /** Clicks the app in the portal. */
  clickApp(): Promise<void>;
  /** A picture of a tab, PNG. */
  picture(target: string): Promise<Uint8Array>;
}

async function openPerson(address: string, page: LoginPage): Promise<Person> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, (reply: any) => void>();
  let sent = 0;
  await new Promise((open, failed) => (socket.onopen = open, socket.onerror = failed));
  socket.onmessage = ({ data }) => {
    const reply = JSON.parse(data);
    waiting.get(reply.id)?.(reply.result ?? reply);
    waiting.delete(reply.id);
  };
  socket.onclose = () => waiting.forEach((end) => end({}));
  const command: Person["command"] = (method, params = {}, sessionId) =>
    new Promise((resolve) => {
      waiting.set(++sent, resolve);
      socket.send(JSON.stringify({ id: sent, method, params, sessionId }));
    });
  const tabs = async () =>
    (await command("Target.getTargets")).targetInfos as readonly { url: string; targetId: string }[];
  const tab = async (start: string) => {
    const deadline = Date.now() + 15_000;
    while (true) {
      const found = (await tabs()).find(({ url }) => url.startsWith(start));
      if (found) return found.targetId;
      assert.ok(Date.now() < deadline, `no tab on ${start}: ${JSON.stringify(await tabs())}`);
      await soon();
    }
  };
  const attach = async (targetId: string) =>
    (await command("Target.attachToTarget", { targetId, flatten: true })).sessionId as string;
  const evaluate = async (session: string, expression: string) =>
    await command(
      "Runtime.evaluate",
      { expression, userGesture: true, awaitPromise: false, returnByValue: true },
      session,
    );
  const until = async (session: string, expression: string) => {
    const deadline = Date.now() + 10_000;
    while ((await evaluate(session, expression)).result?.value !== true) {
      assert.ok(Date.now() < deadline, expression);
      await soon();
    }
  };
  return {
    command,
    tab,
    tabs: async () => (await tabs()).map(({ url }) => url),
    async launched() {
      const target = await tab("https://acme.onelogin.com/launch/");
      await until(await attach(target), "document.readyState === 'complete'");
      return target;
    },
    async touchKey() {
      const session = await attach(await tab("https://acme.onelogin.com/launch/"));
      await command("WebAuthn.enable", {}, session);
      const { authenticatorId } = await command("WebAuthn.addVirtualAuthenticator", {
        options: {
          protocol: "ctap2",
          transport: "internal",
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
        },
      }, session);
      await command("WebAuthn.addCredential", {
        authenticatorId,
        credential: {
          credentialId: page.passkey.id,
          isResidentCredential: true,
          rpId: "onelogin.com",
          privateKey: page.passkey.privateKey,
          userHandle: btoa("ada"),
          signCount: 1,
        },
      }, session);
      await until(session, "typeof login === 'function'");
      await evaluate(session, "void login()");
    },
    async clickApp() {
      const session = await attach(await tab("https://acme.onelogin.com/launch/"));
      await until(session, "document.querySelector('#app') !== null");
      await evaluate(session, "document.querySelector('#app').click()");
    },
    async picture(target) {
      const { data } = await command("Page.captureScreenshot", { format: "png" }, await attach(target));
      return Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    },
  };
}
