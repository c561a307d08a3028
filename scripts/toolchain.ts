/** The toolchain a release is built with. */

/** The one Deno that releases are built with; README, .ci/run and the workflows name the same (a test compares). */
export const DENO_VERSION = "2.9.6";

/** The targets of a release, and the words of their archive names. */
export const TARGETS = {
  "x86_64-unknown-linux-gnu": "linux-x64",
  "aarch64-unknown-linux-gnu": "linux-arm64",
  "x86_64-apple-darwin": "macos-x64",
  "aarch64-apple-darwin": "macos-arm64",
  "x86_64-pc-windows-msvc": "windows-x64",
  "aarch64-pc-windows-msvc": "windows-arm64",
} as const;

export type Target = keyof typeof TARGETS;

export function isTarget(text: string): text is Target {
  return Object.hasOwn(TARGETS, text);
}

export function isWindows(target: string): boolean {
  return target.includes("windows");
}
