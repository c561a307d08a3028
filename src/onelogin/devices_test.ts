import assert from "node:assert/strict";
import { describeFactors, findFactor, numberedDevices } from "./devices.ts";

const device = (id: string, type: string) => ({ id, type });

Deno.test("describeFactors() tells how each type completes, unknown ones by a code", () => {
  const kinds = {
    "OneLogin Protect": "push",
    "onelogin protect": "push",
    "OneLogin Voice": "push",
    "OneLogin SMS": "message",
    "OneLogin OTP SMS": "message",
    "OneLogin Email": "message",
    "Google Authenticator": "code",
    "Authenticator": "code",
    "Yubico YubiKey": "code",
    "Duo Duo Security": "code",
    "Symantec VIP": "code",
    "Something New": "code",
    "WebAuthn": "unsupported",
    "Security Questions": "unsupported",
    "Windows Hello": "unsupported",
  };
  for (const [type, kind] of Object.entries(kinds)) {
    assert.equal(describeFactors([device("1", type)], new Map())[0]?.kind, kind, type);
  }
});

Deno.test("describeFactors() tells devices of one type apart by their id", () => {
  const labels = describeFactors([device("1", "Google Authenticator"), device("2", "Google Authenticator")], new Map());
  assert.deepEqual(labels.map((factor) => factor.label), ["Google Authenticator [1]", "Google Authenticator [2]"]);
});

Deno.test("describeFactors() asks the factor's own name when an administrator renamed the type", () => {
  const label = { text: "UK - NEW (+44)", factor: "OneLogin SMS", active: true };
  const [factor] = describeFactors([device("1", "UK - NEW")], new Map([["1", label]]));
  assert.deepEqual(factor, { id: "1", type: "UK - NEW", kind: "message", label: "UK - NEW (+44)" });
});

Deno.test("describeFactors() lets no label change what a known type does", () => {
  const [factor] = describeFactors(
    [device("1", "OneLogin Protect")],
    new Map([["1", { text: "SMS", factor: "OneLogin SMS", active: true }]]),
  );
  assert.equal(factor?.kind, "push");
});

Deno.test("findFactor() takes an id, a label, a type, or part of a label when only one has it", () => {
  const factors = describeFactors(
    [device("7", "OneLogin Protect"), device("8", "Google Authenticator"), device("9", "Google Authenticator")],
    new Map([["7", { text: "OneLogin Protect (Ada's phone)", factor: "OneLogin Protect", active: true }]]),
  );
  for (const named of ["7", "onelogin protect", "ada's phone", "Protect"]) {
    assert.equal(findFactor(factors, named)?.id, "7", named);
  }
  assert.equal(findFactor(factors, "Google Authenticator [9]")?.id, "9");
  for (const named of ["Google Authenticator", "google", "10", "yubikey"]) {
    assert.equal(findFactor(factors, named), undefined, named);
  }
});

Deno.test("numberedDevices() counts as the Python tool: the list of names without inactive devices, else the challenge's", () => {
  const devices = [device("1", "OneLogin Protect"), device("2", "Google Authenticator"), device("3", "OneLogin SMS")];
  const label = (factor: string, active: boolean) => ({ text: factor, factor, active });
  const labels = new Map([
    ["2", label("Google Authenticator", true)],
    ["3", label("OneLogin SMS", false)],
    ["1", label("Renamed", true)],
    ["4", label("Yubico YubiKey", true)],
  ]);
  assert.deepEqual(numberedDevices(devices, labels), [
    device("2", "Google Authenticator"),
    device("1", "OneLogin Protect"),
    device("4", "Yubico YubiKey"),
  ]);
  assert.equal(numberedDevices(devices, new Map()), devices);
  assert.equal(numberedDevices(devices, new Map([["3", label("OneLogin SMS", false)]])), devices);
});
