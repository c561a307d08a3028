import assert from "node:assert/strict";
import type { LoopbackRequest } from "../io/deps.ts";
import type { ProfileCredentials } from "../store/role_credentials.ts";
import type { Answer } from "../unattended/keep_fresh.ts";
import { pathOf, serveReply } from "./serve_reply.ts";

const TOKEN = "ab".repeat(32);
const ACCESS = { host: "127.0.0.1:8911", token: TOKEN };
const GRANTED: ProfileCredentials = {
  credentials: {
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: "secret/+=",
    sessionToken: "token",
    expiration: Date.parse("2027-01-15T09:30:00.900Z"),
  },
  role: {
    partition: "aws",
    accountId: "123456789012",
    name: "Admin",
    path: "/",
    roleArn: "arn:aws:iam::123456789012:role/Admin",
    principalArn: "",
  },
  assumedRoleArn: "arn:aws:sts::123456789012:assumed-role/Admin/ada",
  region: "us-east-1",
};

/** The reply, and the names that the keeper was asked for. */
async function ask(
  parts: { readonly method?: string; readonly target?: string; readonly headers?: Record<string, string> } = {},
  answer: Answer = { kind: "live", granted: GRANTED },
) {
  const names: string[] = [];
  const request: LoopbackRequest = {
    method: "GET",
    target: "/dev",
    ...parts,
    headers: { host: ACCESS.host, authorization: TOKEN, ...parts.headers },
  };
  const { status, body } = await serveReply(request, ACCESS, {
    get(name) {
      names.push(name);
      return Promise.resolve(answer);
    },
  });
  return { status, body: JSON.parse(body), names };
}

Deno.test("serveReply: the fields of the container credential provider", async () => {
  assert.deepEqual(await ask(), {
    status: 200,
    body: {
      AccessKeyId: "ASIAEXAMPLE",
      SecretAccessKey: "secret/+=",
      Token: "token",
      Expiration: "2027-01-15T09:30:00Z",
      RoleArn: "arn:aws:iam::123456789012:role/Admin",
      AccountId: "123456789012",
    },
    names: ["dev"],
  });
});

Deno.test("serveReply: the path is the name, percent-encoded or not", async () => {
  for (const name of ["dev", "a/b", "ü ber", "100%", "a+b@c:d"]) {
    assert.deepEqual((await ask({ target: pathOf(name) })).names, [name]);
  }
  assert.deepEqual((await ask({ target: "/a+b@c:d" })).names, ["a+b@c:d"]);
  const broken = await ask({ target: "/%E0%A4" });
  assert.deepEqual([broken.status, broken.names], [404, []]);
});

Deno.test("serveReply: whoever is not allowed learns nothing about names and credentials", async () => {
  const refused: readonly (readonly [number, Parameters<typeof ask>[0]])[] = [
    [401, { headers: { authorization: "" } }],
    [401, { headers: { authorization: TOKEN.toUpperCase() } }],
    [401, { headers: { authorization: `Bearer ${TOKEN}` } }],
    [401, { headers: { authorization: TOKEN.slice(1) } }],
    [401, { headers: { authorization: `${TOKEN}a` } }],
    [401, { headers: { authorization: `${TOKEN}, ${TOKEN}` } }],
    [403, { headers: { host: "localhost:8911" } }],
    [403, { headers: { host: "127.0.0.1:8911.evil.example" } }],
    [403, { headers: { host: "" } }],
    [403, { headers: { origin: "http://127.0.0.1:8911" } }],
    [403, { headers: { origin: "" } }],
    [403, { headers: { "sec-fetch-site": "same-origin" } }],
    [405, { method: "HEAD" }],
    [405, { method: "PUT", headers: { authorization: "" } }],
  ];
  for (const [status, request] of refused) {
    const reply = await ask(request);
    assert.deepEqual([reply.status, reply.names], [status, []], JSON.stringify(request));
    assert.doesNotMatch(JSON.stringify(reply.body), /secret|abab/);
  }
});

Deno.test("serveReply: an unknown path is final, credentials that are missing now are worth another request", async () => {
  assert.equal((await ask({}, { kind: "unknown" })).status, 404);
  const none = await ask({}, { kind: "none", why: "cannot reach OneLogin" });
  assert.deepEqual([none.status, none.body], [503, { code: "NotReady", message: "cannot reach OneLogin" }]);
});
