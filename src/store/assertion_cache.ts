/**
 * `--cache-saml`: the assertion in ~/.aws/saml_cache.txt, in the Python tool's format, so that both can read it. Problems
 * with it are reported and never end a login. The file is 0600: the assertion is a secret while AWS accepts it.
 */

import { serviceNow } from "../io/clock.ts";
import { defined } from "../defined.ts";
import { Interrupted, orUserError, UserError } from "../errors.ts";
import { FileError } from "../io/deps.ts";
import { unlessUnreadable } from "../io/read_file.ts";
import { updateFile } from "../io/safe_file.ts";
import { isJsonObject, parseObject } from "../json_object.ts";
import { type Assertion, assertionEnd, assertionReader, type ReadAssertion } from "../saml/assertion.ts";
import type { Context, Place } from "../settings/context.ts";
import type { Places } from "../settings/settings.ts";
import { utf8 } from "../utf8.ts";
import type { Owner } from "./role_credentials.ts";
import { storePaths } from "./names.ts";

export function samlCacheFile({ deps, settings }: Place): string {
  return storePaths(deps.platform, settings).samlCache;
}

/** The cached assertion, if it belongs to the requested user and AWS would still accept it. */
export async function readCachedAssertion(
  context: Context<Places>,
  requested: Partial<Owner>,
): Promise<{ readonly assertion: Assertion; readonly owner: Owner } | undefined> {
  const { deps, reporter } = context;
  try {
    const bytes = await deps.files.read(samlCacheFile(context));
    if (!bytes) return undefined;
    const decodeSamlCache = await samlCacheReader();
    const cached = decodeSamlCache(new TextDecoder().decode(bytes), requested, serviceNow(deps));
    if (cached.kind === "usable") {
      reporter.info(`Found a valid SAML cache for the user ${cached.owner.username}`);
      return cached;
    }
    if (cached.reason === "corrupt" || cached.reason === "early") {
      reporter.warn(`the cached SAML assertion is not used: ${cached.message}`);
    } else reporter.info(`The cached SAML assertion is not used: ${cached.message}`);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    reporter.warn("the cached SAML assertion cannot be read; signing in instead");
  }
  return undefined;
}

/** The cache of any user; undefined when there is none or it cannot be read. */
export async function inspectCache({ deps, settings }: Place): Promise<
  CachedSaml | undefined
> {
  const bytes = await unlessUnreadable(deps.files.read(samlCacheFile({ deps, settings })));
  return bytes && (await samlCacheReader())(new TextDecoder().decode(bytes), {}, serviceNow(deps));
}

/** Removes the cache; a failure is reported. */
export async function forgetCachedAssertion(context: Context<Places>): Promise<void> {
  try {
    await context.deps.files.remove(samlCacheFile(context));
    context.reporter.info("Cache cleaned.");
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    context.reporter.warn("the cached SAML assertion could not be removed");
  }
}

export async function cacheAssertion(
  context: Context<Places>,
  assertion: Assertion,
  owner: Owner,
  factor?: CachedFactor,
): Promise<void> {
  const { deps, reporter } = context;
  const file = samlCacheFile(context);
  try {
    // The Python tool left it readable by everyone.
    const { looseMode } = await updateFile(deps, file, () => utf8(encodeSamlCache(assertion, owner, factor)));
    if (looseMode !== undefined) reporter.info(`${file} is now readable by you alone (mode 600).`);
    reporter.info(`Writing SAML cache to ${file}`);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    reporter.warn("the SAML assertion could not be cached");
  }
}

// ---- The file ------------------------------------------------------------------------------------------------------

/** The second factor that was used, in the format of both tools. */
interface CachedFactor {
  readonly id: string;
  /** The `device_type`, such as `OneLogin SMS`. */
  readonly type: string;
}

type CachedSaml =
  | {
    readonly kind: "usable";
    readonly assertion: Assertion;
    readonly owner: Owner;
    readonly factorId?: string;
  }
  | {
    readonly kind: "unusable";
    /** `other-*`: made for another user, app or subdomain than requested. `early`: not valid yet, which a wrong clock explains. */
    readonly reason: "corrupt" | "other-user" | "other-app" | "other-subdomain" | "early" | "expired";
    /** Completes "the cached SAML assertion is not used: "; printable. */
    readonly message: string;
    /** The rest of the file; absent when it is damaged. */
    readonly rest?: {
      readonly owner: Owner;
      readonly factorId?: string;
      /** Whether the Python tool would use the assertion: it does so for any user, until NotOnOrAfter. */
      readonly servesPythonTool: boolean;
    };
  };

/**
 * Parses the file and decides whether its assertion may be used: it belongs to the requested user, and
 * `NotBefore <= now < NotOnOrAfter` and `now < IssueInstant + 5 minutes`.
 *
 * @param requested what is known of the user so far; an absent or empty part matches any.
 * @param nowMs milliseconds since the epoch.
 */
type DecodeSamlCache = (
  text: string,
  requested: { readonly [P in keyof Owner]?: string | undefined },
  nowMs: number,
) => CachedSaml;

/** Loads the XML parser. */
export async function samlCacheReader(): Promise<DecodeSamlCache> {
  const readAssertion = await assertionReader();
  return (...input) => decodeSamlCache(readAssertion, ...input);
}

function decodeSamlCache(
  readAssertion: ReadAssertion,
  ...[text, requested, nowMs]: Parameters<DecodeSamlCache>
): CachedSaml {
  const file = parseFile(text);
  if (!file) return unusable("corrupt", "the file is damaged");
  const { owner, factorId } = file;
  if (differs(requested.username, owner.username)) return unusable("other-user", "it belongs to another user");
  if (differs(requested.appId, owner.appId)) return unusable("other-app", "it is for another app");
  if (differs(requested.subdomain?.toLowerCase(), owner.subdomain.toLowerCase())) {
    return unusable("other-subdomain", "it is for another subdomain");
  }
  const assertion = orUserError(() => readAssertion(file.base64));
  if (assertion instanceof UserError) return unusable("corrupt", "the file is damaged");
  const end = assertionEnd(assertion);
  if (end === undefined) return unusable("corrupt", "the file is damaged");
  const early = nowMs < (assertion.notBefore ?? -Infinity);
  const servesPythonTool = !early && nowMs < (assertion.notOnOrAfter ?? -Infinity);
  const rest = { owner, ...defined({ factorId }), servesPythonTool };
  if (early) return { ...unusable("early", "it is not valid yet; check the clock of this computer"), rest };
  if (nowMs >= end) return { ...unusable("expired", "it has expired"), rest };
  return { kind: "usable", assertion, owner, ...defined({ factorId }) };
}

/** The file's text. It contains no password and no code. The Python tool compares the id as a number. */
export function encodeSamlCache(assertion: Assertion, owner: Owner, factor?: CachedFactor): string {
  const number = Number(factor?.id);
  const id = Number.isSafeInteger(number) && String(number) === factor?.id ? number : factor?.id;
  return JSON.stringify({
    saml_response: assertion.base64,
    mfa_verify_info: factor === undefined ? null : { device_id: id, device_type: factor.type },
    username_or_email: owner.username,
    onelogin_subdomain: owner.subdomain,
    app_id: owner.appId,
  });
}

function unusable(reason: Extract<CachedSaml, { kind: "unusable" }>["reason"], message: string) {
  return { kind: "unusable", reason, message } as const;
}

function differs(requested: string | undefined, found: string): boolean {
  return requested !== undefined && requested.trim() !== "" && requested.trim() !== found.trim();
}

/** Undefined for another kind of file; a missing owner is read as an empty name, which is never requested. */
function parseFile(text: string): { base64: string; owner: Owner; factorId?: string } | undefined {
  const file = parseObject(text);
  if (typeof file["saml_response"] !== "string") return undefined;
  const factor = file["mfa_verify_info"];
  const factorId = isJsonObject(factor) ? scalar(factor["device_id"]) : "";
  return {
    base64: file["saml_response"],
    ...(factorId === "" ? {} : { factorId }),
    owner: {
      username: scalar(file["username_or_email"]),
      appId: scalar(file["app_id"]),
      subdomain: scalar(file["onelogin_subdomain"]),
    },
  };
}

/** The Python tool writes ids as numbers or as text. */
function scalar(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
