/**
 * Archives: zip (APPNOTE.TXT 4.3 of PKWARE) and tar (POSIX ustar). The same files make the same bytes, and no other program
 * is needed. Names are ASCII.
 */
import { Buffer } from "node:buffer";
import { crc32, deflateRawSync, gzipSync, inflateRawSync } from "node:zlib";

/** A file of an archive. */
export interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Unix permission bits; 0644 by default. */
  readonly mode?: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** 1980-01-01 00:00, the oldest time that a zip archive can name: day 1, month 1, year 0. */
const DATE = 1 << 5 | 1;
/** The same since 1970. */
const SECONDS = 315532800;

/** A gzipped tar archive of these files in this order. Throws an Error for a name of more than 100 characters. */
export function tarGz(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const parts = entries.flatMap(({ name, bytes, mode = 0o644 }) => {
    if (name.length > 100) throw new Error(`the name "${name}" is too long for a tar archive`);
    const header = Buffer.alloc(512);
    const octal = (value: number, at: number, length: number) =>
      header.write(value.toString(8).padStart(length - 1, "0"), at);
    header.write(name);
    octal(mode, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(bytes.length, 124, 12);
    octal(SECONDS, 136, 12);
    // The checksum counts itself as spaces; then comes the kind, a file.
    header.write("        0", 148);
    header.write("ustar\u000000", 257);
    octal(header.reduce((sum, byte) => sum + byte, 0), 148, 7);
    header[154] = 0;
    return [header, bytes, Buffer.alloc(-bytes.length & 511)];
  });
  return new Uint8Array(gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]), { level: 9 }));
}

/** A zip archive of these files in this order. */
export function zipped(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes, mode = 0o644 } of entries) {
    const packed = deflateRawSync(bytes, { level: 9 });
    // From the version that is needed to the length of the extra field, which both headers have.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.alloc(4);
    local.writeUInt32LE(LOCAL);
    const central = Buffer.alloc(6);
    central.writeUInt32LE(CENTRAL);
    // Made on Unix: the upper half of the attributes is a mode.
    central.writeUInt16LE(3 << 8 | 20, 4);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((0o100000 | mode) * 0x10000, 6);
    rest.writeUInt32LE(at, 10);
    parts.push(local, common, Buffer.from(name), packed);
    directory.push(central, common, rest, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}

/**
 * One file out of an archive; the directory at the end is what counts. Throws an Error if there is no such file, or if it
 * has another length.
 */
export function unzipped(zip: Uint8Array<ArrayBuffer>, name: string): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - 22;
  if (end < 0 || view.getUint32(end, true) !== END) {
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
      if (content.length !== length) {
        throw new Error(`"${name}" in the zip archive does not have the length in its header`);
      }
      return content;
    }
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  throw new Error(`the zip archive has no "${name}"`);
}
