/** What AWS's own model of STS, as in botocore, requires of the requests that are sent here. */
import assert from "node:assert/strict";
import { findPython } from "./aws_tools.ts";

const python = await findPython();
if (python === undefined) console.error("AWS's model of STS is not read in a test: there is no Python with botocore");

Deno.test({
  name: "botocore: AssumeRoleWithSAML is not signed, AssumeRole and GetCallerIdentity are",
  ignore: python === undefined,
  async fn() {
    const source = `import botocore.session, json
sts = botocore.session.get_session().get_service_model("sts")
print(json.dumps({name: sts.operation_model(name).auth_type for name in ("AssumeRoleWithSAML", "AssumeRole", "GetCallerIdentity")}))`;
    const { stdout } = await new Deno.Command(python ?? "", { args: ["-c", source] }).output();
    // No type of its own is the type of the service: signed.
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
      AssumeRoleWithSAML: "none",
      AssumeRole: null,
      GetCallerIdentity: null,
    });
  },
});
