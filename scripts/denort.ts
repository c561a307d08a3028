/** The runtime of a target, by its pinned checksum: what a release, and a build where there is a pin, is put into. */
import { inflateRawSync } from "node:zlib";
import pins from "./denort.json" with { type: "json" };
import { DENO_SHA256, DENO_VERSION, denortUrl, isWindows, sha256, type Target } from "./toolchain.ts";

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

/**
 * One file out of a zip archive, so that a build needs no unzip, which images and Windows do not have (APPNOTE.TXT 4.3 of
 * PKWARE: the directory at the end is what counts). Throws an Error where there is no such file, or it has another length.
 */
export function unzipped(zip: Uint8Array<ArrayBuffer>, name: string): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - 22;
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) {
    throw new Error("cannot find the directory of the zip archive");
  }
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const nameLength = view.getUint16(at + 28, true);
    if (new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameLength)) === name) {
      const [packed, length, local] = [20, 24, 42].map((offset) => view.getUint32(at + offset, true)) as [
        number,
        number,
        number,
      ];
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const data = zip.subarray(start, start + packed);
      const content = view.getUint16(at + 10, true) === 0 ? data : new Uint8Array(inflateRawSync(data));
      if (content.length !== length) throw new Error(`"${name}" in the zip archive has another length than it says`);
      return content;
    }
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  throw new Error(`the zip archive has no "${name}"`);
}
