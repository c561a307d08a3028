/** The bytes of a text. (The type of `TextEncoder.encode` differs between the versions of Deno this runs on.) */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}
