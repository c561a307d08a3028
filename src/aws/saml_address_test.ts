import assert from "node:assert/strict";
import { isSamlAddress, SAML_ADDRESS_PATTERNS } from "./saml_address.ts";

Deno.test("isSamlAddress(): AWS's sign-in hosts of every partition, by https only", () => {
  const good = [
    "https://signin.aws.amazon.com/saml",
    "https://us-east-1.signin.aws.amazon.com/saml?x=1",
    "https://signin.amazonaws.cn/saml",
    "https://signin.amazonaws-us-gov.com/saml/acs/SAMLSP1",
    "https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml",
  ];
  const bad = [
    "http://signin.aws.amazon.com/saml",
    "https://signin.aws.amazon.com:444/saml",
    "https://signin.aws.amazon.com/",
    "https://signin.aws.amazon.com/samlx",
    "https://evilsignin.aws.amazon.com/saml",
    "https://signin.aws.amazon.com.evil.example/saml",
    "https://evil.example/saml?https://signin.aws.amazon.com/saml",
    "saml",
  ];
  assert.deepEqual(good.filter((each) => !isSamlAddress(each)), []);
  assert.deepEqual(bad.filter(isSamlAddress), []);
  assert.ok(SAML_ADDRESS_PATTERNS.includes("https://*.signin.aws.amazon.com/saml*"));
});
