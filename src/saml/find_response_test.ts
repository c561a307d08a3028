import assert from "node:assert/strict";
import fc from "fast-check";
import { findResponse } from "./find_response.ts";
import { responseBase64, responseXml, toBase64 } from "./testing.ts";
import { threadTime } from "../testing.ts";

const AWS = "https://signin.aws.amazon.com/saml";
const BASE64 = responseBase64();
const find = (text: string) => findResponse(text, (address) => address === AWS);
const wrapped = BASE64.replace(/.{76}/g, "$&\r\n");
const entities = BASE64.replaceAll("+", "&#x2B;").replaceAll("=", "&#61;").replaceAll("/", "&#x2f;");

const har = (...entries: readonly (readonly [method: string, url: string, postData: unknown])[]) =>
  JSON.stringify({
    log: { entries: entries.map(([method, url, postData]) => ({ request: { method, url, postData } })) },
  });
const posted = { text: `RelayState=&SAMLResponse=${encodeURIComponent(BASE64)}` };

const SHAPES: Readonly<Record<string, string>> = {
  "base64": BASE64,
  "base64 with lines": `\n${wrapped}\n`,
  "base64 in quotes": `"${BASE64}"`,
  "a form body": `RelayState=x&SAMLResponse=${encodeURIComponent(BASE64)}&y=1`,
  "a form body that is not encoded": `SAMLResponse=${BASE64}`,
  "what developer tools show": `RelayState: \nSAMLResponse: ${BASE64}\n`,
  "a curl command": `curl '${AWS}' -H 'a: b' --data-raw 'SAMLResponse=${encodeURIComponent(BASE64)}&RelayState='`,
  "a curl command of cmd": `curl ^"${AWS}^" --data-raw ^"SAMLResponse=${
    encodeURIComponent(BASE64).replaceAll("%", "^%^")
  }^"`,
  "a HAR file": har(["POST", AWS, { text: `SAMLResponse=${toBase64("an older one")}` }], ["GET", AWS, undefined], [
    "POST",
    AWS,
    posted,
  ], ["POST", "https://acme.onelogin.com/saml", { text: "SAMLResponse=xxxx" }]),
  "a HAR file with fields": har(["POST", AWS, {
    params: [{ name: "SAMLResponse", value: encodeURIComponent(BASE64) }],
  }]),
  "a page": `<html><form method=post><input type="hidden" name="SAMLResponse" value="${BASE64}"></form></html>`,
  "a page in another order":
    `<form><input name="RelayState" value="a"><INPUT value='${wrapped}' type=hidden name='SAMLResponse'/>`,
  "a page with entities": `<input name="SAMLResponse" value="${entities}" />`,
  "AWS's page": `<!DOCTYPE html><head><meta name="data" content="${
    toBase64(JSON.stringify({ SAMLResponse: BASE64, RelayState: "" }))
  }">`,
};

for (const [name, text] of Object.entries(SHAPES)) {
  Deno.test(`findResponse(): ${name}`, () => assert.equal(find(text), BASE64));
}

Deno.test("findResponse(): the XML itself, byte for byte", () => {
  const xml = responseXml({ prolog: '<?xml version="1.0"?>' }).replace("Admin", "Ädmin");
  const found = find(`\ufeff${xml}`);
  assert.equal(new TextDecoder().decode(Uint8Array.from(atob(found ?? ""), (c) => c.charCodeAt(0))), xml.trim());
});

Deno.test("findResponse(): undefined for what contains none", () => {
  const none = ["", "hello", "<html></html>", "{}", "SAMLResponse", "SAMLResponse=<", '<input name="SAMLResponse">'];
  const others = [har(["POST", "https://evil.example/saml", posted]), "a".repeat(99), "<meta name=data content=!!>"];
  assert.deepEqual([...none, ...others.slice(1)].filter((text) => find(text) !== undefined), []);
});

Deno.test("findResponse(): never throws, and answers base64 or nothing", () => {
  const piece = fc.constantFrom(
    "<input ",
    "<meta ",
    "name=",
    "SAMLResponse",
    "=",
    '"',
    "'",
    ">",
    "{",
    "%2",
    "&#x110000;",
  );
  const text = fc.array(fc.oneof(piece, fc.string())).map((pieces) => pieces.join(""));
  fc.assert(fc.property(text, (text) => /^[A-Za-z0-9+/=]*$/.test(find(text) ?? "")), { numRuns: 2000 });
});

Deno.test("findResponse(): a hostile text of a megabyte costs little", () => {
  for (
    const piece of ["<input ", '<input name="', "name='", "SAMLResponse=", "SAMLResponse ", "&#x", "name =", " ", "%3d"]
  ) {
    const began = threadTime();
    find(piece.repeat(1_000_000 / piece.length));
    find(`<input ${piece.repeat(1_000_000 / piece.length)}>`);
    assert.ok(threadTime() - began < 3000, piece);
  }
});
