/** The runtime of a target, by its pinned checksum: what a release, and a build where there is a pin, is put into. */
import pins from "./denort.json" with { type: "json" };
import { DENO_SHA256, DENO_VERSION, denortUrl, isWindows, sha256, type Target } from "./toolchain.ts";
import { unzipped } from "./archives.ts";

/** npm vouches for the version of the Deno that builds; this checks its bytes. Throws an Error unless they are the pinned ones. */
export async function checkDeno(): Promise<void> {
  const pinned = (DENO_SHA256 as Readonly<Record<string, string>>)[Deno.build.target];
  if (pinned === undefined) throw new Error(`no checksum of Deno is pinned for ${Deno.build.target}`);
  const sum = await sha256(await Deno.readFile(Deno.execPath()));
  if (sum !== pinned) throw new Error(`this Deno has the checksum ${sum}, not the pinned ${pinned}`);
}

/** Where a runtime is downloaded from, and the checksum (lower case hex) of the archive. */
export interface Pin {
  readonly target: Target;
  readonly url: string;
  readonly sha256: string;
}

/** Whether scripts/denort.json has a checksum for this target, and this is the Deno that it is for. */
export function hasPin(target: Target): boolean {
  return pins.version === Deno.version.deno && sumOf(target) !== undefined;
}

/** Throws an Error where scripts/denort.json has no checksum of the pinned Deno for this target. */
export function pinOf(target: Target): Pin {
  const sum = sumOf(target);
  if (pins.version !== DENO_VERSION || sum === undefined) {
    throw new Error(
      `scripts/denort.json has no checksum of Deno ${DENO_VERSION} for ${target}\n` +
        "hint: deno run -A scripts/pin_denort.ts, on a network that reaches dl.deno.land",
    );
  }
  return { target, url: denortUrl(target), sha256: sum };
}

function sumOf(target: Target): string | undefined {
  return (pins.sha256 as Readonly<Record<string, string>>)[target];
}

/**
 * Downloads and unpacks a runtime into `folder`, or takes the archive that lies there. Throws an Error, and writes nothing,
 * unless it is the pinned one. Returns the path of the runtime.
 */
export async function fetchDenort(pin: Pin, folder: string): Promise<string> {
  const kept = await Deno.readFile(`${folder}/denort.zip`).catch(() => undefined);
  const bytes = kept !== undefined && await sha256(kept) === pin.sha256 ? kept : await download(pin);
  const name = `denort${isWindows(pin.target) ? ".exe" : ""}`;
  const program = unzipped(bytes, name);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/denort.zip`, bytes);
  await Deno.writeFile(`${folder}/${name}`, program, { mode: 0o755 });
  return `${folder}/${name}`;
}

async function download(pin: Pin): Promise<Uint8Array<ArrayBuffer>> {
  const reply = await fetch(pin.url, { redirect: "error" });
  if (!reply.ok) throw new Error(`cannot fetch ${pin.url}: ${reply.status}`);
  const bytes = new Uint8Array(await reply.arrayBuffer());
  const sum = await sha256(bytes);
  if (sum !== pin.sha256) throw new Error(`${pin.url} has the checksum ${sum}, not the pinned ${pin.sha256}`);
  return bytes;
}
