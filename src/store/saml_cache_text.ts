/**
 * The file `saml_cache.txt` of `--cache-saml`, in the Python tool's form, so that both can read it. Text in, value out:
 * reading, locking and writing (0600: the assertion is a secret while AWS takes it) are done elsewhere.
 */

import { UserError } from "../errors.ts";
import { type Assertion, assertionReader, type ReadAssertion } from "../saml/assertion.ts";

/** Whose assertion it is. */
export interface CacheOwner {
  readonly username: string;
  readonly appId: string;
  readonly subdomain: string;
}

/** The second factor that was used. */
export interface CachedDevice {
  readonly deviceId: string;
  readonly deviceType: string;
}

export type CachedSaml =
  | {
    readonly kind: "usable";
    readonly assertion: Assertion;
    readonly owner: CacheOwner;
    readonly device?: CachedDevice;
    /** Milliseconds since the epoch: AWS takes it until then at the latest. */
    readonly usableUntil: number;
  }
  | {
    readonly kind: "unusable";
    /** `other-*`: made for another user, app or subdomain than asked for. `early`: not valid yet, which a wrong clock explains. */
    readonly reason: "corrupt" | "other-user" | "other-app" | "other-subdomain" | "early" | "expired";
    /** Completes "the cached SAML assertion is not used: "; printable. */
    readonly message: string;
  };

/** AWS takes an assertion for five minutes after its issue (AWS STS API, ExpiredTokenException). Milliseconds. */
export const ASSERTION_LIFE_MS = 5 * 60_000;

/**
 * The moment from which AWS refuses an assertion, in milliseconds since the epoch; undefined when it does not say when
 * it was issued.
 */
export function assertionEnd(assertion: Assertion): number | undefined {
  if (assertion.issueInstant === undefined) return undefined;
  return Math.min(assertion.issueInstant + ASSERTION_LIFE_MS, assertion.notOnOrAfter ?? Infinity);
}

/**
 * Reads the file and says whether its assertion may be used: it belongs to whom is asked for, and
 * `NotBefore <= now < NotOnOrAfter` and `now < IssueInstant + 5 minutes`.
 *
 * @param wanted what is known of the user so far; an absent or empty part fits any.
 * @param nowMs milliseconds since the epoch.
 */
export type DecodeSamlCache = (
  text: string,
  wanted: { readonly [P in keyof CacheOwner]?: string | undefined },
  nowMs: number,
) => CachedSaml;

/** Loads the XML parser. */
export async function samlCacheReader(): Promise<DecodeSamlCache> {
  const readAssertion = await assertionReader();
  return (...input) => decodeSamlCache(readAssertion, ...input);
}

function decodeSamlCache(
  readAssertion: ReadAssertion,
  ...[text, wanted, nowMs]: Parameters<DecodeSamlCache>
): CachedSaml {
  const file = parseFile(text);
  if (!file) return unusable("corrupt", "the file is damaged");
  const { owner } = file;
  if (differs(wanted.username, owner.username)) return unusable("other-user", "it is another user's");
  if (differs(wanted.appId, owner.appId)) return unusable("other-app", "it is for another app");
  if (differs(wanted.subdomain?.toLowerCase(), owner.subdomain.toLowerCase())) {
    return unusable("other-subdomain", "it is for another subdomain");
  }
  const assertion = tryAssertion(file.base64, readAssertion);
  const end = assertion && assertionEnd(assertion);
  if (!assertion || end === undefined) return unusable("corrupt", "the file is damaged");
  if (assertion.notBefore !== undefined && nowMs < assertion.notBefore) {
    return unusable("early", "it is not valid yet; check the clock of this computer");
  }
  if (nowMs >= end) return unusable("expired", "it has expired");
  return {
    kind: "usable",
    assertion,
    owner,
    ...(file.device ? { device: file.device } : {}),
    usableUntil: end,
  };
}

/** The file's text. No password and no code is in it. */
export function encodeSamlCache(assertion: Assertion, owner: CacheOwner, device?: CachedDevice): string {
  return JSON.stringify({
    saml_response: assertion.base64,
    mfa_verify_info: device ? { device_id: device.deviceId, device_type: device.deviceType } : null,
    username_or_email: owner.username,
    onelogin_subdomain: owner.subdomain,
    app_id: owner.appId,
  });
}

function unusable(reason: Extract<CachedSaml, { kind: "unusable" }>["reason"], message: string): CachedSaml {
  return { kind: "unusable", reason, message };
}

function differs(wanted: string | undefined, found: string): boolean {
  return wanted !== undefined && wanted.trim() !== "" && wanted.trim() !== found.trim();
}

/** Undefined for what is no such file; a missing owner is read as nobody, whom no wish fits. */
function parseFile(text: string): { base64: string; owner: CacheOwner; device: CachedDevice | undefined } | undefined {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(file) || typeof file["saml_response"] !== "string") return undefined;
  const device = file["mfa_verify_info"];
  const deviceId = isRecord(device) ? scalar(device["device_id"]) : "";
  return {
    base64: file["saml_response"],
    owner: {
      username: scalar(file["username_or_email"]),
      appId: scalar(file["app_id"]),
      subdomain: scalar(file["onelogin_subdomain"]),
    },
    device: isRecord(device) && deviceId !== "" ? { deviceId, deviceType: scalar(device["device_type"]) } : undefined,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The Python tool writes ids as numbers or as text. */
function scalar(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function tryAssertion(base64: string, readAssertion: ReadAssertion): Assertion | undefined {
  try {
    return readAssertion(base64);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
