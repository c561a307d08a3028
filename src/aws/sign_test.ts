import assert from "node:assert/strict";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import { signPost } from "./sign.ts";

const CREDENTIALS = {
  accessKeyId: "ASIAQEXAMPLEEXAMPLE7",
  secretAccessKey: "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYexampleSK",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLEtoken+/==",
};
const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

Deno.test("signPost: signs GetCallerIdentity as botocore does, to the letter", async () => {
  const headers = await signPost({
    url: "https://sts.eu-west-1.amazonaws.com/",
    headers: FORM,
    body: "Action=GetCallerIdentity&Version=2011-06-15",
    service: "sts",
    region: "eu-west-1",
    credentials: CREDENTIALS,
    nowMs: Date.UTC(2027, 0, 15, 8, 30, 0, 999),
  });
  assert.deepEqual(headers, {
    ...FORM,
    "x-amz-date": "20270115T083000Z",
    "x-amz-security-token": CREDENTIALS.sessionToken,
    "authorization": "AWS4-HMAC-SHA256 Credential=ASIAQEXAMPLEEXAMPLE7/20270115/eu-west-1/sts/aws4_request, " +
      "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, " +
      "Signature=d7c7dcd4ed1bd72bcac16b92c06120f3e8c9257db21eff397ffb6ad027d9694a",
  });
});

Deno.test("signPost: the AWS SDK's own signer comes to the same signature for any body, key, region and time", async () => {
  const key = fc.string({ unit: fc.constantFrom(..."abcXYZ019+/="), minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.record({ accessKeyId: key, secretAccessKey: key, sessionToken: key }),
      fc.constantFrom("us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"),
      fc.constantFrom(
        "https://sts.eu-west-1.amazonaws.com",
        "http://127.0.0.1:8123",
        "https://vpce-1.sts.x.vpce.amazonaws.com",
      ),
      fc.date({ min: new Date("2020-01-01T00:00:00Z"), max: new Date("2090-01-01T00:00:00Z"), noInvalidDate: true }),
      async (body, credentials, region, origin, date) => {
        const url = new URL(`${origin}/`);
        const ours = await signPost({
          url: url.href,
          headers: FORM,
          body,
          service: "sts",
          region,
          credentials,
          nowMs: date.getTime(),
        });
        const judge = new SignatureV4({ credentials, region, service: "sts", sha256: Sha256, applyChecksum: false });
        const theirs = await judge.sign({
          method: "POST",
          protocol: url.protocol,
          hostname: url.hostname,
          path: "/",
          query: {},
          headers: { ...FORM, host: url.host },
          body,
        }, { signingDate: date });
        assert.equal(ours["authorization"], theirs.headers["authorization"]);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("signPost: keys that no header can carry are an error that does not show them", async () => {
  for (const secret of ["sec\nret", "sec ret", "", "sécret"]) {
    for (const field of ["accessKeyId", "secretAccessKey", "sessionToken"] as const) {
      await assert.rejects(
        signPost({
          url: "https://sts.eu-west-1.amazonaws.com/",
          headers: FORM,
          body: "",
          service: "sts",
          region: "eu-west-1",
          credentials: { ...CREDENTIALS, [field]: secret },
          nowMs: 0,
        }),
        (error) => error instanceof UserError && !/ret/.test(error.message.replace("credentials", "")),
      );
    }
  }
});
