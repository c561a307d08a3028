/** The toolchain a release is built with. */
import { PROGRAM } from "../src/version.ts";

/** The one Deno that releases are built with; README, .ci/run and the workflows name the same (a test compares). */
export const DENO_VERSION = "2.9.6";

/** The checksums of that Deno, where releases and images are built (npm: @deno/linux-x64-glibc, @deno/linux-arm64-glibc). */
export const DENO_SHA256 = {
  "x86_64-unknown-linux-gnu": "bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0",
  "aarch64-unknown-linux-gnu": "d08d392418df53f4e6e88a08909c0e1bccbf9adcead7232df72b6ad6075ec416",
} as const;

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

/** The name of a target's program. */
export function programName(target: Target): string {
  return `${PROGRAM}${isWindows(target) ? ".exe" : ""}`;
}

/** The esbuild that this Deno bundles with on Linux x64, as it lies in Deno's cache (npm: @esbuild/linux-x64@0.25.5). */
export const ESBUILD = {
  version: "0.25.5",
  sha256: "3331e0b23c99d93d9a39e436a4838de40ca1c95ac3bcbd9874ba169d8545b634",
} as const;

/** Where Deno publishes the runtime that a program is put into. */
export function denortUrl(target: Target): string {
  return `https://dl.deno.land/release/v${DENO_VERSION}/denort-${target}.zip`;
}

/** Lower case hex. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
