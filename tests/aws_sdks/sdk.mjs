// For each line on stdin: who the SDK for JavaScript is at STS, by the credentials that it finds itself, on one line.
// OLAWS_SDK_JS is a folder with the package in node_modules.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.env.OLAWS_SDK_JS}/`);
const { GetCallerIdentityCommand, STSClient } = require("@aws-sdk/client-sts");

const sts = new STSClient({ endpoint: process.env.AWS_ENDPOINT_URL_STS });
for await (const _ of createInterface({ input: process.stdin })) {
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  const { accessKeyId } = await sts.config.credentials();
  console.log(Arn, accessKeyId);
}
