/**
 * Whether there is a newer release: the only request to a host that no login needs, sent only if the command
 * line requests it. One request without a body, cookie or name; the reply is a redirect to the page of the newest
 * release (github.com, "Linking to releases"), which is not followed. Pre-releases are never the newest there.
 */

import { printable, UserError } from "../../errors.ts";
import { type Deps, HttpError, type HttpReply } from "../../io/deps.ts";
import { networkHints } from "../../io/network_hints.ts";
import { HOMEPAGE, REPOSITORY } from "../../repository.ts";
import { VERSION } from "../../version.ts";
import { type Finding, finding } from "./finding.ts";

const LATEST = `${HOMEPAGE}/releases/latest`;

/** The newest release, according to the reply. */
type Newest =
  | { readonly kind: "release"; readonly tag: string }
  | { readonly kind: "none" }
  | { readonly kind: "unclear"; readonly why: string; readonly fix: string };

/**
 * Requests and compares it. A failure is only a remark: logins do not depend on it.
 *
 * @param version of this program.
 */
export async function releaseFinding(
  { http, signal }: Pick<Deps, "http" | "signal">,
  { timeoutMs, version = VERSION }: { readonly timeoutMs: number; readonly version?: string },
): Promise<Finding> {
  try {
    const reply = await http.send({ method: "GET", url: LATEST, headers: {}, timeoutMs, signal });
    return compared(newest(reply), version);
  } catch (error) {
    if (error instanceof HttpError) return unclear(error.message, networkHints(error).join("; "));
    if (error instanceof UserError) return unclear(error.message, error.hints.join("; "));
    throw error;
  }
}

function newest({ status, headers }: HttpReply): Newest {
  const look = `open ${HOMEPAGE}/releases in a browser`;
  if (status === 404) {
    const why = `${LATEST} does not exist (HTTP 404)`;
    return { kind: "unclear", why, fix: `${look}; the project may have moved, or may not be public` };
  }
  if (status === 429 || status >= 500) {
    return { kind: "unclear", why: `github.com is not available now (HTTP ${status})`, fix: "try again later" };
  }
  const location = headers["location"];
  if (status < 300 || status > 399 || location === undefined || !URL.canParse(location, LATEST)) {
    const why = `the reply for ${LATEST} is not from github.com (HTTP ${status})`;
    return { kind: "unclear", why, fix: `check for a proxy in between, or ${look}` };
  }
  const { origin, pathname } = new URL(location, LATEST);
  const releases = `/${REPOSITORY}/releases`.toLowerCase();
  const path = pathname.toLowerCase();
  if (origin === "https://github.com" && path === releases) return { kind: "none" };
  if (origin === "https://github.com" && path.startsWith(`${releases}/tag/`)) {
    return { kind: "release", tag: pathname.slice(`${releases}/tag/`.length) };
  }
  return { kind: "unclear", why: `github.com points to "${printable(location, 200)}" instead of a release`, fix: look };
}

function compared(found: Newest, version: string): Finding {
  if (found.kind === "unclear") return unclear(found.why, found.fix);
  if (found.kind === "none") return ofRelease("ok", "no release has been published yet");
  const theirs = found.tag.replace(/^v/, "");
  const order = compareReleases(version, theirs);
  if (order === undefined) {
    const odd = numbersOf(theirs) === undefined ? found.tag : version;
    return unclear(`"${printable(odd, 60)}" is not a version`, `open ${HOMEPAGE}/releases in a browser`);
  }
  if (order === 0) return ofRelease("ok", `this is ${version}, the newest release`);
  if (order > 0) return ofRelease("ok", `this is ${version}; the newest release is ${theirs}, which is older`);
  const page = `${HOMEPAGE}/releases/tag/${found.tag}`;
  return ofRelease("warn", `there is a newer release: ${theirs}; this is ${version}`, `see ${page}`);
}

/** The three numbers of a version such as `3.0.0-alpha.1`; undefined for other text. */
function numbersOf(version: string): readonly number[] | undefined {
  const found = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-[0-9A-Za-z.-]{1,60})?$/.exec(version);
  return found?.slice(1, 4).map(Number);
}

/**
 * Below zero when the release `theirs` is newer, undefined when one of the two is not a version. A pre-release comes before
 * the release of the same numbers; `theirs` is never one.
 */
export function compareReleases(ours: string, theirs: string): number | undefined {
  const [a, b] = [numbersOf(ours), numbersOf(theirs)];
  if (a === undefined || b === undefined) return undefined;
  const different = a.findIndex((number, index) => number !== b[index]);
  if (different >= 0) return (a[different] ?? 0) - (b[different] ?? 0);
  return Number(theirs.includes("-")) - Number(ours.includes("-"));
}

const ofRelease = (level: Finding["level"], text: string, fix?: string) => finding("release", level, text, fix);

function unclear(why: string, fix: string): Finding {
  return ofRelease("warn", `cannot tell whether there is a newer release: ${why}`, fix);
}
