import assert from "node:assert/strict";
import fc from "fast-check";
import { Exit, UserError } from "../errors.ts";
import { checkRegion, defaultRegion, partitionOfRegion, PARTITIONS, signinHosts, stsHost } from "./partitions.ts";

Deno.test("stsHost: is the regional host of the region's partition", () => {
  const hosts: Readonly<Record<string, string>> = {
    "us-west-2": "sts.us-west-2.amazonaws.com",
    "us-east-1": "sts.us-east-1.amazonaws.com",
    "mx-central-1": "sts.mx-central-1.amazonaws.com",
    "us-gov-west-1": "sts.us-gov-west-1.amazonaws.com",
    "cn-north-1": "sts.cn-north-1.amazonaws.com.cn",
    "eusc-de-east-1": "sts.eusc-de-east-1.amazonaws.eu",
    "us-iso-east-1": "sts.us-iso-east-1.c2s.ic.gov",
    "us-isob-east-1": "sts.us-isob-east-1.sc2s.sgov.gov",
    "eu-isoe-west-1": "sts.eu-isoe-west-1.cloud.adc-e.uk",
    "us-isof-south-1": "sts.us-isof-south-1.csp.hci.ic.gov",
    "xx-southwest-7": "sts.xx-southwest-7.amazonaws.com",
  };
  for (const [region, host] of Object.entries(hosts)) assert.equal(stsHost(region), host);
});

Deno.test("stsHost: a region can never change which domain is asked", () => {
  for (
    const region of [
      "",
      "us-west",
      "us-west2",
      "US-WEST-2",
      "us-west-2.evil.com",
      "us-west-2/",
      "us-west-2#",
      "x@evil.com-1",
      "evil.com/a-b-1",
      "us-west-2\n",
      "us_west_2",
      "aws-global",
      "us-esat-1",
      "us-east-1a",
      `us-${"x".repeat(40)}-1`,
    ]
  ) {
    assert.equal(checkRegion(region), "malformed", region);
    assert.throws(() => stsHost(region), (error) => error instanceof UserError && error.exit === Exit.usage);
  }
  const hostile = fc.string({ unit: fc.constantFrom(..."us-west2.@/#?:%\\ "), maxLength: 20 });
  fc.assert(fc.property(hostile, (region) => {
    if (checkRegion(region) === "malformed") return;
    assert.match(new URL(`https://${stsHost(region)}/`).hostname, /^sts\.[a-z0-9-]+\.amazonaws\.com$/);
  }));
});

Deno.test("PARTITIONS: every known region belongs to its own partition and no other", () => {
  for (const partition of PARTITIONS) {
    for (const region of [...partition.regions, partition.defaultRegion]) {
      assert.equal(checkRegion(region), "known", region);
      assert.equal(partitionOfRegion(region), partition, region);
      assert.deepEqual(PARTITIONS.filter((each) => each.regionPattern.test(region)), [partition], region);
    }
  }
});

Deno.test("partitionOfRegion: an unknown region is commercial, of a known kind its partition's", () => {
  assert.equal(checkRegion("us-gov-north-9"), "unknown");
  assert.equal(partitionOfRegion("us-gov-north-9").id, "aws-us-gov");
  assert.equal(partitionOfRegion("zz-north-1").id, "aws");
});

Deno.test("defaultRegion: one for each partition, none for an unknown one", () => {
  assert.deepEqual(["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-new"].map(defaultRegion), [
    "us-east-1",
    "cn-northwest-1",
    "us-gov-west-1",
    "eusc-de-east-1",
    undefined,
  ]);
});

Deno.test("signinHosts: the partition's, with the region where it belongs in; none is an error with the reason", () => {
  assert.deepEqual(signinHosts("eu-west-1"), { signin: "signin.aws.amazon.com", console: "console.aws.amazon.com" });
  assert.equal(signinHosts("us-gov-east-1").signin, "signin.amazonaws-us-gov.com");
  assert.equal(signinHosts("cn-north-1").console, "console.amazonaws.cn");
  assert.equal(signinHosts("eusc-de-east-1").signin, "eusc-de-east-1.signin.amazonaws-eusc.eu");
  assert.throws(() => signinHosts("us-iso-east-1"), /partition "aws-iso"/);
  assert.throws(() => signinHosts("x"), UserError);
});

Deno.test("stsHost: the FIPS endpoint has a name of its own but in GovCloud", () => {
  assert.equal(stsHost("us-east-1", true), "sts-fips.us-east-1.amazonaws.com");
  assert.equal(stsHost("us-gov-west-1", true), "sts.us-gov-west-1.amazonaws.com");
  assert.equal(stsHost("us-east-1"), "sts.us-east-1.amazonaws.com");
});

Deno.test("stsHost: the dual-stack endpoint has a domain of its own, as botocore names it", () => {
  assert.equal(stsHost("eu-west-1", false, true), "sts.eu-west-1.api.aws");
  assert.equal(stsHost("eu-west-1", true, true), "sts-fips.eu-west-1.api.aws");
  assert.equal(stsHost("us-gov-west-1", true, true), "sts-fips.us-gov-west-1.api.aws");
  assert.equal(stsHost("cn-north-1", false, true), "sts.cn-north-1.api.amazonwebservices.com.cn");
});
