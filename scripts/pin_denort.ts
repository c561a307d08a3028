/**
 * Writes scripts/denort.json: the checksums of the six runtimes of the pinned Deno, which a release is checked against.
 * Run it where dl.deno.land can be reached, when the pinned version changes, and look at what it wrote before committing.
 */
import { ROOT } from "./start_task.ts";
import { DENO_VERSION, denortUrl, isTarget, sha256, TARGETS } from "./toolchain.ts";

async function fetched(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const reply = await fetch(url, { redirect: "error" });
  if (!reply.ok) throw new Error(`cannot fetch ${url}: ${reply.status}`);
  return new Uint8Array(await reply.arrayBuffer());
}

if (import.meta.main) {
  const sums: Record<string, string> = {};
  for (const target of Object.keys(TARGETS).filter(isTarget)) {
    const sum = await sha256(await fetched(denortUrl(target)));
    const published = new TextDecoder().decode(await fetched(`${denortUrl(target)}.sha256sum`));
    // On Windows Deno publishes what Get-FileHash prints: the same digits in upper case.
    if (!published.toLowerCase().includes(sum)) {
      throw new Error(`${denortUrl(target)} does not have its published checksum`);
    }
    sums[target] = sum;
  }
  const text = `${JSON.stringify({ version: DENO_VERSION, sha256: sums }, null, 2)}\n`;
  await Deno.writeTextFile(new URL("scripts/denort.json", ROOT), text);
  console.log(text);
}
