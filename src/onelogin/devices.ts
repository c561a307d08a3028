/** The kinds of second factor, and how each completes. */

import type { Device, Label } from "./replies.ts";

/**
 * - `push`: OneLogin Protect, or a call. Approved on the phone, or completed with its code.
 * - `message`: a code is sent first (SMS, mail), then typed.
 * - `code`: the user reads a code from the device and types it. Unknown types are treated like this.
 * - `unsupported`: needs a browser; OneLogin's API cannot complete it.
 */
type FactorKind = "push" | "message" | "code" | "unsupported";

/** A device and what is known about it. */
export interface Factor {
  readonly id: string;
  readonly kind: FactorKind;
  /** OneLogin's name of the type, such as `OneLogin Protect`. */
  readonly type: string;
  /** For people; distinguishes devices of one type. */
  readonly label: string;
}

/**
 * Joins the devices of the challenge with the optional labels. The type in the challenge decides what a device does;
 * only if it is unknown does the factor's own name decide, since administrators rename types.
 * Devices with the same label get their id appended.
 */
export function describeFactors(devices: readonly Device[], labels: ReadonlyMap<string, Label>): readonly Factor[] {
  const factors = devices.map((device): Factor => {
    const label = labels.get(device.id);
    const kind = kindOf(device.type);
    return {
      id: device.id,
      type: device.type,
      kind: kind ?? kindOf(label?.factor ?? "") ?? "code",
      label: label?.text ?? device.type,
    };
  });
  return factors.map((factor) =>
    factors.some((other) => other !== factor && other.label === factor.label)
      ? { ...factor, label: `${factor.label} [${factor.id}]` }
      : factor
  );
}

/**
 * The devices in the order in which the Python tool numbers them for piped answers: that of the list of names without the
 * inactive ones, or the challenge's if there is no such list.
 */
export function numberedDevices(devices: readonly Device[], labels: ReadonlyMap<string, Label>): readonly Device[] {
  const active = [...labels].filter(([, label]) => label.active).map(([id, label]) =>
    devices.find((device) => device.id === id) ?? { id, type: label.factor }
  );
  return active.length > 0 ? active : devices;
}

/** The factor that a user named by id or label, or the only one of a type; undefined when none or several match. */
export function findFactor(factors: readonly Factor[], named: string): Factor | undefined {
  const word = named.trim().toLowerCase();
  const exact = factors.find((factor) => factor.id === named.trim());
  if (exact) return exact;
  for (
    const fits of [
      (factor: Factor) => factor.label.toLowerCase() === word || factor.type.toLowerCase() === word,
      (factor: Factor) => factor.label.toLowerCase().includes(word),
    ]
  ) {
    const found = factors.filter(fits);
    if (found.length === 1) return found[0];
    if (found.length > 1) return undefined;
  }
  return undefined;
}

function kindOf(type: string): FactorKind | undefined {
  if (/protect|voice|phone call/i.test(type) || /^onelogin$/i.test(type)) return "push";
  if (/\bsms\b|e-?mail/i.test(type)) return "message";
  if (/webauthn|security.?question|passkey|fido|windows hello|certificate/i.test(type)) return "unsupported";
  if (/authenticator|yubi|duo|symantec|\bvip\b|rsa|securid|onelogin auth|totp/i.test(type)) return "code";
  return undefined;
}
