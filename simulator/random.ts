/** Values that look like the real ones and differ each time, the same in every run with the same seed. */
export interface Random {
  hex(length: number): string;
  /** Letters and digits, upper case. */
  id(length: number): string;
  /** The alphabet of base64, `+` and `/` included, so that a reader that forgets to quote or encode them fails. */
  base64(length: number): string;
  uuid(): string;
}

/** 0 <= x < 1, the same sequence for the same seed (Mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function seededRandom(seed: number): Random {
  const next = mulberry32(seed);
  const pick = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join("");
  const hex = (length: number) => pick("0123456789abcdef", length);
  return {
    hex,
    id: (length) => pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length),
    base64: (length) => pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", length),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  };
}
