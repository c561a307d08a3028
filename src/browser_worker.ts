/**
 * Signs in through a running browser over the DevTools protocol (CDP): opens a tab on OneLogin's launch address,
 * takes the SAML response from the form that the tab posts to AWS, and closes the tab. AWS receives nothing.
 *
 * Code that can speak CDP can read and write any file through the browser. So this runs in its own thread, which can reach
 * the browser's port and nothing else. It loads no package and builds the address itself; the parent gets
 * one answer per request.
 */

import { isSamlAddress, SAML_ADDRESS_PATTERNS } from "./aws/saml_address.ts";
import { attempt } from "./errors.ts";
import type { BrowserAnswer, BrowserRequest, BrowserStep } from "./io/deps.ts";

declare const self: {
  readonly name: string;
  onmessage: (event: { readonly data: BrowserRequest | "stop" }) => void;
  postMessage(message: BrowserAnswer | BrowserStep | "ready"): void;
};

type Json = Readonly<Record<string, unknown>>;

/** Characters of base64. */
const MAX_RESPONSE = 1024 * 1024;
/** Longest message accepted from the browser; characters. */
const MAX_MESSAGE = 16 * MAX_RESPONSE;
const MAX_VERSION_BYTES = 64 * 1024;
/** Time limit for the browser's first answer, and for closing a tab; milliseconds. */
const ANSWER_MS = 5000;
const CLOSE_MS = 500;

const HOST = `127.0.0.1:${Number(self.name)}`;
let stopped = new AbortController();

self.onmessage = async ({ data }) => {
  if (data === "stop") return stopped.abort();
  stopped = new AbortController();
  self.postMessage(await answer(data, stopped.signal));
};
self.postMessage("ready");

async function answer(request: BrowserRequest, stop: AbortSignal): Promise<BrowserAnswer> {
  const door = await findDoor(stop);
  if (typeof door !== "string") return door;
  if (request.kind === "look") return { kind: "there", asks: door === SWITCH_DOOR };
  const { subdomain, appId } = request;
  if (!/^[a-z0-9-]{1,63}$/.test(subdomain) || !/^\d{1,20}$/.test(appId)) return { kind: "unusable" };
  if (door === SWITCH_DOOR) self.postMessage({ step: "allow" });
  const socket = await open(door, stop);
  if (!(socket instanceof WebSocket)) return socket;
  self.postMessage({ step: "sign-in" });
  return await takeResponse(socket, `https://${subdomain}.onelogin.com/launch/${appId}`, stop);
}

// --- The browser's port ---------------------------------------------------------------------------------------------

/** The address of a browser with the remote debugging switch on; the browser asks its user before it answers. */
const SWITCH_DOOR = "/devtools/browser";

/** The path of the browser's socket. */
async function findDoor(stop: AbortSignal): Promise<string | BrowserAnswer> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(ANSWER_MS)]);
    const response = await fetch(`http://${HOST}/json/version`, { redirect: "manual", signal });
    const text = await beginning(response);
    if (response.status === 404) return SWITCH_DOOR;
    const { webSocketDebuggerUrl } = JSON.parse(text);
    const [path] = /\/devtools\/browser\/[\w-]{1,100}$/.exec(String(webSocketDebuggerUrl)) ?? [];
    return path ?? { kind: "no-browser" };
  } catch (error) {
    if (stop.aborted) return { kind: "stopped" };
    // The runtime's message for a request that could not be sent.
    return { kind: error instanceof TypeError ? "absent" : "no-browser" };
  }
}

async function beginning({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_VERSION_BYTES) throw new RangeError("too much");
  }
  return text;
}

/** The open socket. With the switch it opens only after the user has allowed it. */
function open(path: string, stop: AbortSignal): Promise<WebSocket | BrowserAnswer> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${HOST}${path}`);
    const giveUp = () => (resolve({ kind: "stopped" }), socket.close());
    stop.addEventListener("abort", giveUp);
    socket.onopen = () => (stop.removeEventListener("abort", giveUp), resolve(socket));
    socket.onclose = () => resolve({ kind: "no-browser" });
    socket.onerror = (event) => {
      const { message = "" } = event as ErrorEvent;
      resolve({
        kind: /\b403\b/.test(message) ? "declined" : /refused|connect error/.test(message) ? "absent" : "no-browser",
      });
    };
  });
}

// --- The tab --------------------------------------------------------------------------------------------------------

function takeResponse(socket: WebSocket, address: string, stop: AbortSignal): Promise<BrowserAnswer> {
  /** Our tab, and those it opened. */
  const tabs = new Set<string>();
  const sessions = new Set<string>();
  const waiting = new Map<number, (reply: Json) => void>();
  let sent = 0;
  let ended = false;

  return new Promise((resolve) => {
    const send = (method: string, params: Json = {}, sessionId?: string): Promise<Json> =>
      new Promise((reply) => {
        waiting.set(++sent, reply);
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ id: sent, method, params, sessionId }));
      });

    async function end(answer: BrowserAnswer): Promise<void> {
      if (ended) return;
      ended = true;
      const closed = Promise.all([...tabs].map((targetId) => send("Target.closeTarget", { targetId })));
      const late = new Promise((late) => setTimeout(late, CLOSE_MS));
      if (socket.readyState === WebSocket.OPEN) await Promise.race([closed, late]);
      socket.close();
      resolve(answer);
    }

    async function watch(sessionId: string): Promise<void> {
      sessions.add(sessionId);
      send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }, sessionId);
      send("Network.enable", {}, sessionId);
      const patterns = SAML_ADDRESS_PATTERNS.map((urlPattern) => ({ urlPattern, requestStage: "Request" }));
      await send("Fetch.enable", { patterns }, sessionId);
      send("Runtime.runIfWaitingForDebugger", {}, sessionId);
    }

    async function paused(params: Json, sessionId: string): Promise<void> {
      const request = object(params["request"]);
      const { requestId } = params;
      const goOn = () => send("Fetch.continueRequest", { requestId }, sessionId);
      if (request["method"] !== "POST" || !isSamlAddress(String(request["url"]))) return void goOn();
      const body = request["postData"] ??
        object(
          (await send("Network.getRequestPostData", { requestId: params["networkId"] }, sessionId))["result"],
        )["postData"];
      const response = new URLSearchParams(String(body ?? "")).get("SAMLResponse")?.replace(/\s+/g, "");
      if (response === undefined) return void goOn();
      await Promise.race([
        send("Fetch.fulfillRequest", {
          requestId,
          responseCode: 200,
          responseHeaders: DONE_HEADERS,
          body: btoa("Signed in. You can close this tab."),
        }, sessionId),
        new Promise((late) => setTimeout(late, CLOSE_MS)),
      ]);
      end(
        response.length > MAX_RESPONSE
          ? { kind: "too-large" }
          : /^[A-Za-z0-9+/]+={0,2}$/.test(response)
          ? { kind: "response", base64: response }
          : { kind: "no-response" },
      );
    }

    function happened(method: unknown, params: Json, sessionId: unknown): void {
      const info = object(params["targetInfo"]);
      const targetId = String(info["targetId"] ?? params["targetId"]);
      switch (method) {
        case "Target.targetCreated":
          // A "noopener" link also has an opener here; such a tab is not attached automatically.
          if (!tabs.has(String(info["openerId"])) || info["type"] !== "page") return;
          tabs.add(targetId);
          send("Target.attachToTarget", { targetId, flatten: true });
          return;
        case "Target.attachedToTarget":
          // From our tab, its frames, or a tab that it opened.
          if (!tabs.has(targetId) && !sessions.has(String(sessionId))) return;
          if (info["type"] === "page") tabs.add(targetId);
          watch(String(params["sessionId"]));
          return;
        case "Target.targetDestroyed":
        case "Target.targetCrashed":
          if (tabs.delete(targetId) && tabs.size === 0) end({ kind: "tab-closed" });
          return;
        case "Fetch.requestPaused":
          if (sessions.has(String(sessionId))) paused(params, String(sessionId));
      }
    }

    socket.onmessage = ({ data }) => {
      if (ended && waiting.size === 0) return;
      if (typeof data !== "string" || data.length > MAX_MESSAGE) return void end({ kind: "too-large" });
      const message = object(attempt(() => JSON.parse(data)));
      const reply = waiting.get(Number(message["id"]));
      if (reply !== undefined) {
        waiting.delete(Number(message["id"]));
        reply(message);
      } else if (!ended) happened(message["method"], object(message["params"]), message["sessionId"]);
    };
    socket.onclose = () => end({ kind: "browser-closed" });
    socket.onerror = () => end({ kind: "browser-closed" });
    stop.addEventListener("abort", () => end({ kind: "stopped" }), { once: true });
    if (stop.aborted) return void end({ kind: "stopped" });

    (async () => {
      send("Target.setDiscoverTargets", { discover: true });
      const targetId = object((await send("Target.createTarget", { url: "about:blank" }))["result"])["targetId"];
      if (typeof targetId !== "string") return end({ kind: "no-browser" });
      tabs.add(targetId);
      const attached = object((await send("Target.attachToTarget", { targetId, flatten: true }))["result"]);
      const sessionId = String(attached["sessionId"]);
      if (!sessions.has(sessionId)) await watch(sessionId);
      const { errorText } = object((await send("Page.navigate", { url: address }, sessionId))["result"]);
      // A page that redirects at once ends the navigation with this error.
      if (errorText === undefined || errorText === "" || errorText === "net::ERR_ABORTED") return;
      const [why = "an unknown reason"] = /^net::[A-Z0-9_]{1,60}$/.exec(String(errorText)) ?? [];
      end({ kind: "unreachable", why });
    })();
  });
}

const DONE_HEADERS = [
  { name: "content-type", value: "text/plain; charset=utf-8" },
  { name: "content-security-policy", value: "default-src 'none'" },
  { name: "cache-control", value: "no-store" },
];

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? value as Json : {};
}
