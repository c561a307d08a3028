/** `--cache-saml`: the assertion in ~/.aws/saml_cache.txt. Every trouble with it is a remark, never the end of a login. */

import { Interrupted } from "../errors.ts";
import { updateFile } from "../io/safe_file.ts";
import { type CacheOwner, encodeSamlCache, samlCacheReader } from "./saml_cache_text.ts";
import type { Assertion } from "../saml/assertion.ts";
import type { Context } from "../settings/context.ts";
import { utf8 } from "../utf8.ts";
import { storePaths } from "./names.ts";

export function samlCacheFile({ deps, settings }: Pick<Context, "deps" | "settings">): string {
  return storePaths(deps.platform, settings).samlCache;
}

/** The cached assertion when it belongs to whom is asked for and AWS would still take it. */
export async function readCachedAssertion(
  context: Context,
  wanted: Partial<CacheOwner>,
): Promise<{ readonly assertion: Assertion; readonly owner: CacheOwner } | undefined> {
  const { deps, reporter } = context;
  try {
    const bytes = await deps.files.read(samlCacheFile(context));
    if (!bytes) return undefined;
    const decodeSamlCache = await samlCacheReader();
    const cached = decodeSamlCache(new TextDecoder().decode(bytes), wanted, deps.clock.now());
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

export async function cacheAssertion(context: Context, assertion: Assertion, owner: CacheOwner): Promise<void> {
  const { deps, reporter } = context;
  const file = samlCacheFile(context);
  try {
    await updateFile(deps, file, () => utf8(encodeSamlCache(assertion, owner)));
    // The Python tool left it readable by everybody, and an existing file keeps its mode.
    await deps.files.chmod(file, 0o600);
    reporter.info(`Writing SAML cache to ${file}`);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    reporter.warn("the SAML assertion could not be cached");
  }
}
