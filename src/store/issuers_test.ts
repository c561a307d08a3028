import assert from "node:assert/strict";
import { fakeContext, fakeFiles } from "../testing.ts";
import { firstIssuer } from "./issuers.ts";

const PATH = "/home/ada/.onelogin/issuers.json";

Deno.test("firstIssuer(): the first one stays, for each app separately; a damaged file starts again", async () => {
  const files = fakeFiles({ [PATH]: "damaged" });
  const context = fakeContext({ deps: { files } });
  const app = { subdomain: "Acme", appId: "1" };
  assert.equal(await firstIssuer(context, app, "one"), "one");
  assert.equal(await firstIssuer(context, app, "two"), "one");
  assert.equal(await firstIssuer(context, { ...app, appId: "2" }, "two"), "two");
  assert.deepEqual(JSON.parse(files.contents.get(PATH) ?? ""), { "acme/1": "one", "acme/2": "two" });
});
