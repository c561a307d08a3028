/** A reader that looks at the file all the time, as any AWS program may, and counts what it must never see. */

import { decodeIni, parseIni } from "../../src/aws/files/ini.ts";
import { isRejected, readAsPython } from "../../src/aws/files/ini_readers.ts";
import { numberOf } from "./numbers.ts";

export interface Looks {
  looks: number;
  /** The file was absent, empty, rejected, or held a section of two writes or a part of one. */
  broken: number;
  /** A profile's number went down: an older file came back. */
  backwards: number;
  /** A profile, ours or the bystander's, that had been there was gone. */
  vanished: number;
  readonly examples: string[];
}

/** The comment and profile that are in every file under torture and belong to nobody; both must survive. */
export const BYSTANDER =
  "# a comment that stays\n[bystander]\naws_access_key_id=AKIABYSTANDER ; kept\nregion : us-east-1\n\n";

/** One check. `seen` remembers the highest number of each writer's profile. */
export function look(bytes: Uint8Array | undefined, seen: Map<string, number>, counts: Looks): void {
  counts.looks++;
  const bad = (kind: "broken" | "backwards" | "vanished", what: string) => {
    counts[kind]++;
    if (counts.examples.length < 5) counts.examples.push(what);
  };
  if (bytes === undefined || bytes.length === 0) return bad("broken", bytes === undefined ? "no file" : "empty file");
  const text = decodeIni(bytes);
  if (!text.includes(BYSTANDER)) bad("vanished", "the bystander's lines");
  const read = readAsPython(parseIni(text));
  if (isRejected(read)) return bad("broken", `line ${read.line}: ${read.reason}`);
  const now = new Map<string, number>();
  for (const [section, values] of read) {
    if (!/^w\d+$/.test(section)) continue;
    const id = section.slice(1);
    const n = numberOf(id, values);
    if (n === undefined) {
      bad("broken", `[${section}] is torn`);
      continue;
    }
    now.set(id, n);
    if (n < (seen.get(id) ?? -1)) bad("backwards", `[${section}] ${seen.get(id)} -> ${n}`);
  }
  for (const id of seen.keys()) if (!read.has(`w${id}`)) bad("vanished", `[w${id}]`);
  for (const [id, n] of now) seen.set(id, Math.max(n, seen.get(id) ?? -1));
}

/** Looks until `stop` is aborted. */
export async function watch(file: string, stop: AbortSignal, pauseMs: number): Promise<Looks> {
  const counts: Looks = { looks: 0, broken: 0, backwards: 0, vanished: 0, examples: [] };
  const seen = new Map<string, number>();
  while (!stop.aborted) {
    look(await Deno.readFile(file).catch(() => undefined), seen, counts);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return counts;
}
