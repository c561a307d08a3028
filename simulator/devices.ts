import type { DeviceKind, SimulatedDevice } from "./scenario.ts";

/** `device_type` values that are known; anything else asks for a code. */
const KINDS: Readonly<Record<string, DeviceKind>> = {
  "OneLogin Protect": "push",
  "OneLogin SMS": "message",
  "OneLogin OTP SMS": "message",
  "OneLogin Email": "message",
  "OneLogin Voice": "call",
  "Google Authenticator": "code",
  "Authenticator": "code",
  "OneLogin Auth": "code",
  "Yubico YubiKey": "code",
  "Duo Duo Security": "code",
  "Duo Security": "code",
  "Symantec VIP": "code",
  "RSA SecurID": "code",
  "WebAuthn": "impossible",
  "Security Questions": "impossible",
};

export function deviceKind(device: SimulatedDevice): DeviceKind {
  return device.kind ?? KINDS[device.type] ?? "code";
}
