/** Versions as Semantic Versioning 2.0.0 writes and orders them (sections 9 to 11). */

/** A version that can be compared. Build metadata has no say in the order and is left out. */
export interface Version {
  /** Without a "v" before it, such as `3.0.0-alpha.1`. */
  readonly text: string;
  readonly numbers: readonly [major: number, minor: number, patch: number];
  /** The identifiers behind the hyphen; none for a release proper. */
  readonly preRelease: readonly string[];
}

const NUMBER = "(0|[1-9]\\d{0,8})";
const IDENTIFIER = "(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)";
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z.-]+)?$`,
);

/** The version that a text is, or undefined when it is none. */
export function parseVersion(text: string): Version | undefined {
  const found = text.length > 100 ? null : VERSION.exec(text);
  if (found === null) return undefined;
  const [, major, minor, patch, tail] = found;
  return {
    text: text.replace(/\+.*/, ""),
    numbers: [Number(major), Number(minor), Number(patch)],
    preRelease: tail === undefined ? [] : tail.split("."),
  };
}

/** Below zero when `a` comes before `b`, zero when neither comes before the other, above zero when `b` comes first. */
export function compareVersions(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] - b.numbers[index];
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) return b.preRelease.length - a.preRelease.length;
  for (let index = 0; index < Math.max(a.preRelease.length, b.preRelease.length); index++) {
    const order = compareIdentifiers(a.preRelease[index], b.preRelease[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Fewer identifiers come first, then numbers before words; numbers by value, words letter by letter. */
function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const [aIsNumber, bIsNumber] = [a, b].map((each) => /^\d+$/.test(each));
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  // Numbers have no leading zeros, so the longer one is the larger.
  if (aIsNumber && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}
