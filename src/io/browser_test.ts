/** The thread that speaks to the browser, against a browser that does what it should not. */
import assert from "node:assert/strict";
import type { BrowserAnswer, BrowserRequest } from "./deps.ts";
import { startBrowser } from "./browser.ts";

type Message = { readonly id: number; readonly method: string; readonly params: any; readonly sessionId?: string };

interface Fake {
  readonly version?: () => Response;
  /** Instead of accepting the socket. */
  readonly upgrade?: () => Response | Promise<Response>;
  /** A reply in place of the usual one; false sends none. */
  readonly reply?: (message: Message, browser: Live) => unknown;
}

interface Live {
  readonly calls: Message[];
  event(method: string, params: unknown, sessionId?: string): void;
  close(): void;
}

const RESPONSE = btoa("x".repeat(300));
const REQUEST: BrowserRequest = { kind: "sign-in", subdomain: "acme", appId: "123456" };
const post = (url: string, postData: string | undefined, method = "POST") => ({
  requestId: "R",
  networkId: "N",
  request: { url, method, postData },
});
const AWS = "https://signin.aws.amazon.com/saml";
const FORM = `RelayState=&SAMLResponse=${encodeURIComponent(RESPONSE)}`;

/** Replies as a browser does; the navigation is followed by the form that is posted to AWS. */
function usual({ method, params }: Message, browser: Live): unknown {
  switch (method) {
    case "Target.createTarget":
      browser.event("Target.targetCreated", { targetInfo: { targetId: "T", type: "page" } });
      return { targetId: "T" };
    case "Target.attachToTarget":
      browser.event("Target.attachedToTarget", {
        sessionId: `S${params.targetId}`,
        targetInfo: { targetId: params.targetId, type: "page" },
      });
      return { sessionId: `S${params.targetId}` };
    case "Page.navigate":
      queueMicrotask(() => browser.event("Fetch.requestPaused", post(AWS, FORM), "ST"));
      return {};
  }
  return {};
}

async function ask(
  fake: Fake,
  options: { readonly request?: BrowserRequest; readonly signal?: AbortSignal; readonly port?: number } = {},
) {
  const sockets: WebSocket[] = [];
  const calls: Message[] = [];
  const steps: string[] = [];
  let port = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: (address) => void (port = address.port) },
    async (request): Promise<Response> => {
      if (new URL(request.url).pathname === "/json/version") {
        return fake.version?.() ??
          Response.json({ webSocketDebuggerUrl: `ws://127.0.0.1:${port}/devtools/browser/a-b` });
      }
      if (fake.upgrade) return await fake.upgrade();
      const { socket, response } = Deno.upgradeWebSocket(request);
      sockets.push(socket);
      const live: Live = {
        calls,
        event: (method, params, sessionId) => socket.send(JSON.stringify({ method, params, sessionId })),
        close: () => socket.close(),
      };
      socket.onmessage = ({ data }) => {
        const message: Message = JSON.parse(data);
        calls.push(message);
        const own = fake.reply?.(message, live);
        if (own === false || socket.readyState !== WebSocket.OPEN) return;
        socket.send(
          JSON.stringify({ id: message.id, sessionId: message.sessionId, result: own ?? usual(message, live) }),
        );
      };
      return response;
    },
  );
  const browser = await startBrowser(options.port ?? port);
  const signal = options.signal ?? AbortSignal.timeout(20_000);
  try {
    const answer = await browser!.ask(options.request ?? REQUEST, signal, (step) => steps.push(step));
    return { answer, calls, steps, methods: calls.map(({ method }) => method) };
  } finally {
    for (const socket of sockets) socket.close();
    await server.shutdown();
  }
}

function test(name: string, fn: () => Promise<void>): void {
  // The thread lives as long as the program.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

test("browser: the response is taken out of the post, which is answered here, and the tab is closed", async () => {
  const { answer, calls, steps, methods } = await ask({});
  assert.deepEqual(answer, { kind: "response", base64: RESPONSE });
  assert.deepEqual(steps, ["sign-in"]);
  const of = (method: string) => calls.find((call) => call.method === method)?.params;
  assert.equal(of("Page.navigate").url, "https://acme.onelogin.com/launch/123456");
  assert.equal(of("Fetch.fulfillRequest").responseCode, 200);
  assert.deepEqual(of("Target.closeTarget"), { targetId: "T" });
  assert.ok(methods.indexOf("Fetch.enable") < methods.indexOf("Page.navigate"));
  assert.ok(!methods.includes("Fetch.continueRequest"));
  assert.deepEqual([...new Set(methods)].sort(), [
    "Fetch.enable",
    "Fetch.fulfillRequest",
    "Network.enable",
    "Page.navigate",
    "Runtime.runIfWaitingForDebugger",
    "Target.attachToTarget",
    "Target.closeTarget",
    "Target.createTarget",
    "Target.setAutoAttach",
    "Target.setDiscoverTargets",
  ]);
});

test("browser: with the switch (404) the person is asked to allow it, and no UUID is needed", async () => {
  const { answer, steps } = await ask({ version: () => new Response("", { status: 404 }) });
  assert.equal(answer.kind, "response");
  assert.deepEqual(steps, ["allow", "sign-in"]);
});

const notFound = () => new Response("", { status: 404 });
const onNavigate = (happen: (browser: Live) => void): Fake => ({
  reply: ({ method }, browser) => method === "Page.navigate" ? (queueMicrotask(() => happen(browser)), {}) : undefined,
});
const FAULTS: Readonly<Record<string, readonly [Fake, BrowserAnswer]>> = {
  "Cancel in the dialog": [{ version: notFound, upgrade: () => new Response("", { status: 403 }) }, {
    kind: "declined",
  }],
  "another server on the port": [{ version: () => new Response("hello") }, { kind: "no-browser" }],
  "another server without the page": [{ version: notFound, upgrade: () => new Response("", { status: 404 }) }, {
    kind: "no-browser",
  }],
  "a redirect": [{ version: () => Response.redirect("https://evil.example/") }, { kind: "no-browser" }],
  "a version without end": [{ version: () => new Response("x".repeat(1024 * 1024)) }, { kind: "no-browser" }],
  "another host in the version": [{
    version: () => Response.json({ webSocketDebuggerUrl: "ws://evil.example/other" }),
  }, { kind: "no-browser" }],
  "the tab is closed": [onNavigate((browser) => browser.event("Target.targetDestroyed", { targetId: "T" })), {
    kind: "tab-closed",
  }],
  "the tab crashes": [onNavigate((browser) => browser.event("Target.targetCrashed", { targetId: "T" })), {
    kind: "tab-closed",
  }],
  "the browser is closed": [onNavigate((browser) => browser.close()), { kind: "browser-closed" }],
  "the browser is closed at once": [{ reply: (_, browser) => (browser.close(), false) }, { kind: "browser-closed" }],
  "no such host": [{
    reply: ({ method }) => method === "Page.navigate" ? { errorText: "net::ERR_NAME_NOT_RESOLVED" } : undefined,
  }, { kind: "unreachable", why: "net::ERR_NAME_NOT_RESOLVED" }],
  "an error with a text of its own": [{
    reply: ({ method }) => method === "Page.navigate" ? { errorText: "\x1b[2J" } : undefined,
  }, { kind: "unreachable", why: "an unknown reason" }],
  "a tab that cannot be opened": [{
    reply: ({ method }) => method === "Target.createTarget" ? {} : undefined,
  }, { kind: "no-browser" }],
  "a huge response": [
    onNavigate((browser) =>
      browser.event("Fetch.requestPaused", post(AWS, `SAMLResponse=${"A".repeat(1024 * 1024 + 4)}`), "ST")
    ),
    { kind: "too-large" },
  ],
  "a huge message": [onNavigate((browser) => browser.event("x", "A".repeat(17 * 1024 * 1024))), { kind: "too-large" }],
  "no base64": [
    onNavigate((browser) => browser.event("Fetch.requestPaused", post(AWS, "SAMLResponse=<script>"), "ST")),
    { kind: "no-response" },
  ],
  "rubbish, then the response": [
    onNavigate((browser) => {
      browser.event("Fetch.requestPaused", null);
      browser.event("Target.attachedToTarget", { targetInfo: 1 });
      browser.event("Fetch.requestPaused", post(AWS, FORM), "ST");
    }),
    { kind: "response", base64: RESPONSE },
  ],
  "a body that has to be asked for": [{
    reply: ({ method }, browser) =>
      method === "Page.navigate"
        ? (queueMicrotask(() => browser.event("Fetch.requestPaused", post(AWS, undefined), "ST")), {})
        : method === "Network.getRequestPostData"
        ? { postData: FORM }
        : undefined,
  }, { kind: "response", base64: RESPONSE }],
};

for (const [name, [fake, expected]] of Object.entries(FAULTS)) {
  test(`browser: ${name}`, async () => assert.deepEqual((await ask(fake)).answer, expected));
}

test("browser: nothing on the port", async () => {
  // A port that was free a moment ago may be another test's by now; nobody is given this one.
  assert.deepEqual((await ask({}, { port: 1 })).answer, { kind: "absent" });
});

test("browser: other posts, and posts of tabs that are not ours, continue or are left alone", async () => {
  const { answer, calls } = await ask(onNavigate((browser) => {
    for (
      const url of ["https://acme.onelogin.com/saml", "https://evil.example/saml", "http://signin.aws.amazon.com/saml"]
    ) {
      browser.event("Fetch.requestPaused", post(url, `SAMLResponse=${btoa("evil")}`), "ST");
    }
    browser.event("Fetch.requestPaused", post(AWS, undefined, "GET"), "ST");
    browser.event("Fetch.requestPaused", post(AWS, "RelayState=1"), "ST");
    // A tab that somebody else opened.
    browser.event("Target.targetCreated", { targetInfo: { targetId: "X", type: "page", openerId: "Y" } });
    browser.event("Target.attachedToTarget", { sessionId: "SX", targetInfo: { targetId: "X", type: "page" } });
    browser.event("Fetch.requestPaused", post(AWS, `SAMLResponse=${btoa("evil".repeat(50))}`), "SX");
    browser.event("Target.targetDestroyed", { targetId: "X" });
    browser.event("Fetch.requestPaused", post(AWS, FORM), "ST");
  }));
  assert.deepEqual(answer, { kind: "response", base64: RESPONSE });
  assert.equal(calls.filter(({ method }) => method === "Fetch.continueRequest").length, 5);
  assert.ok(!calls.some(({ sessionId, params }) => sessionId === "SX" || params.targetId === "X"));
});

test("browser: a tab that ours opens is followed, and both are closed", async () => {
  const { answer, calls } = await ask({
    reply: ({ method, params }, browser) => {
      if (method === "Page.navigate") {
        queueMicrotask(() =>
          browser.event("Target.targetCreated", { targetInfo: { targetId: "U", type: "page", openerId: "T" } })
        );
        return {};
      }
      if (method === "Fetch.enable" && browser.calls.filter((call) => call.method === method).length === 2) {
        queueMicrotask(() => browser.event("Fetch.requestPaused", post(AWS, FORM), "SU"));
      }
      return params.none;
    },
  });
  assert.equal(answer.kind, "response");
  const closed = calls.filter(({ method }) => method === "Target.closeTarget").map(({ params }) => params.targetId);
  assert.deepEqual(closed.sort(), ["T", "U"]);
});

test("browser: the address is built in the thread: what is no subdomain or number opens nothing", async () => {
  for (
    const [subdomain, appId] of [["evil.example/", "1"], ["a@b", "1"], ["", "1"], ["acme", "1/../x"], [
      "acme",
      "",
    ]] as const
  ) {
    const { answer, calls } = await ask({}, { request: { kind: "sign-in", subdomain, appId } });
    assert.deepEqual([answer, calls], [{ kind: "unusable" }, []]);
  }
});

test("browser: told to stop, it closes its tab first; also while the person has not allowed it yet", async () => {
  const stop = new AbortController();
  let closed = false;
  const fake: Fake = {
    reply: ({ method }) => {
      if (method === "Page.navigate") return (queueMicrotask(() => stop.abort(new Error("stop"))), {});
      if (method === "Target.closeTarget") closed = true;
      return undefined;
    },
  };
  await assert.rejects(ask(fake, { signal: stop.signal }), /stop/);
  assert.ok(closed);
  const hung = new AbortController();
  const dialog: Fake = {
    version: notFound,
    upgrade: () => {
      queueMicrotask(() => hung.abort(new Error("stop")));
      return new Promise((later) => setTimeout(() => later(new Response("", { status: 403 })), 2000));
    },
  };
  await assert.rejects(ask(dialog, { signal: hung.signal }), /stop/);
});

test("browser: a check opens no tab", async () => {
  const there = await ask({}, { request: { kind: "look" } });
  assert.deepEqual([there.answer, there.calls], [{ kind: "there", asks: false }, []]);
  assert.deepEqual((await ask({ version: notFound }, { request: { kind: "look" } })).answer, {
    kind: "there",
    asks: true,
  });
});
