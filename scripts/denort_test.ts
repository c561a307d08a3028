import assert from "node:assert/strict";
import pins from "./denort.json" with { type: "json" };
import { fetchDenort, hasPin, type Pin, pinOf } from "./denort.ts";
import { zipped } from "./archives.ts";
import { DENO_VERSION, sha256 } from "./toolchain.ts";

const TARGET = "x86_64-unknown-linux-gnu";
const PROGRAM = new TextEncoder().encode(`a runtime, ${"again ".repeat(5000)}`);

const zip = zipped([{ name: "README", bytes: new Uint8Array() }, { name: "denort", bytes: PROGRAM }]);

/** Runs `fn` with the address of a server that has the archive, a folder, and the number of downloads so far. */
async function withServer(
  body: Uint8Array<ArrayBuffer>,
  fn: (url: string, folder: string, asked: () => number) => Promise<void>,
): Promise<void> {
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked++;
    return new Response(body);
  });
  const folder = Deno.makeTempDirSync();
  try {
    await fn(`http://127.0.0.1:${server.addr.port}/denort.zip`, `${folder}/runtime`, () => asked);
  } finally {
    await server.shutdown();
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("fetchDenort(): unpacks the pinned runtime as a program, and downloads it once", async () => {
  await withServer(zip, async (url, folder, asked) => {
    const pin: Pin = { target: TARGET, url, sha256: await sha256(zip) };
    const path = await fetchDenort(pin, folder);
    assert.deepEqual(Deno.readFileSync(path), PROGRAM);
    if (Deno.build.os !== "windows") assert.equal((Deno.statSync(path).mode ?? 0) & 0o111, 0o111);
    await fetchDenort(pin, folder);
    assert.equal(asked(), 1);
    // A kept archive that was changed is not used, nor is what was unpacked from it.
    Deno.writeFileSync(`${folder}/denort.zip`, zip.slice(1));
    Deno.writeTextFileSync(path, "evil");
    assert.deepEqual(Deno.readFileSync(await fetchDenort(pin, folder)), PROGRAM);
    assert.equal(asked(), 2);
  });
});

Deno.test("fetchDenort(): a download with another checksum is refused and nothing is written", async () => {
  await withServer(new Uint8Array([1, 2, 3]), async (url, folder) => {
    await assert.rejects(fetchDenort({ target: TARGET, url, sha256: "a".repeat(64) }, folder), /not the pinned aaaa/);
    assert.throws(() => Deno.statSync(folder), Deno.errors.NotFound);
  });
});

Deno.test("pinOf(): is an error where scripts/denort.json has no checksum, and the pinned one where it has", () => {
  const sum = (pins.sha256 as Readonly<Record<string, string>>)[TARGET];
  if (sum === undefined) {
    assert.throws(() => pinOf(TARGET), /no checksum of Deno/);
    assert.equal(hasPin(TARGET), false);
  } else {
    assert.equal(pinOf(TARGET).sha256, sum);
    assert.equal(hasPin(TARGET), Deno.version.deno === DENO_VERSION);
  }
});
