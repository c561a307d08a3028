import assert from "node:assert/strict";
import { Exit, UserError } from "../errors.ts";
import { fakeContext, fakeSettings } from "../testing.ts";
import { withSessionPolicy } from "./session_policy.ts";

const context = (arns: readonly string[]) => ({ ...fakeContext({}), settings: fakeSettings({ policyArn: arns }) });

Deno.test("withSessionPolicy: nothing without the options, else the ARNs without blanks around them", async () => {
  assert.equal((await withSessionPolicy(context([]))).settings.sessionPolicy, undefined);
  for (const arn of ["arn:aws:iam::aws:policy/job-function/Billing", "arn:aws-cn:iam::123456789012:policy/a/b"]) {
    assert.deepEqual((await withSessionPolicy(context([` ${arn} `]))).settings.sessionPolicy, { arns: [arn] });
  }
});

Deno.test("withSessionPolicy: the ARN of anything else is refused", async () => {
  for (const arn of ["arn:aws:iam::123456789012:role/Admin", "arn:aws:iam::12:policy/a", "arn:aws:iam::aws:policy/"]) {
    await assert.rejects(
      withSessionPolicy(context([arn])),
      (error) => error instanceof UserError && error.exit === Exit.usage,
    );
  }
});
