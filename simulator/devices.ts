import type { SimulatedDevice } from "./world.ts";

/**
 * How a second factor completes:
 * - `push`: a push that is approved while the client polls, or the code of the app;
 * - `message`: a code that is sent first (SMS, mail);
 * - `call`: a call that is answered while the client polls, or a code;
 * - `code`: a code the person has (TOTP, YubiKey);
 * - `impossible`: not through this API.
 */
export type DeviceKind = "push" | "message" | "call" | "code" | "impossible";

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
